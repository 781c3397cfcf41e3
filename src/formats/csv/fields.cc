#include "formats/csv/fields.h"

#include <cstring>

namespace spoor::csv {
namespace {

size_t Find(std::string_view text, size_t at, char c) {
  if (at >= text.size()) return std::string_view::npos;
  const void* const found = std::memchr(text.data() + at, c, text.size() - at);
  return found == nullptr ? std::string_view::npos : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

size_t FindClosing(std::string_view text, size_t at, char separator, bool* doubled) {
  *doubled = false;
  for (;;) {
    const size_t quote = Find(text, at, '"');
    if (quote == std::string_view::npos) return quote;
    at = quote + 1;
    if (at >= text.size() || text[at] == separator || text[at] == '\r' || text[at] == '\n') return quote;
    if (text[at] == '"') {
      *doubled = true;
      ++at;
    }
  }
}

size_t TakeField(std::string_view text, size_t at, char separator, std::string_view* field, char** out) {
  if (at < text.size() && text[at] == '"') {
    bool doubled = false;
    const size_t end = FindClosing(text, at + 1, separator, &doubled);
    // Behind a line end there is no more field: such a quote closes what another one opened.
    if (end != std::string_view::npos && (end + 1 == text.size() || text[end + 1] == separator)) {
      *field = text.substr(at + 1, end - at - 1);
      if (doubled) {
        char* const first = *out;
        for (size_t i = at + 1; i < end; ++i) {
          *(*out)++ = text[i];
          if (text[i] == '"' && i + 1 < end && text[i + 1] == '"') ++i;
        }
        *field = {first, static_cast<size_t>(*out - first)};
      }
      return end + 2;
    }
  }
  size_t end = Find(text, at, separator);
  if (end == std::string_view::npos) end = text.size();
  *field = text.substr(at, end - at);
  return end + 1;
}

}  // namespace spoor::csv
