#include "formats/syslog/structured.h"

#include <algorithm>

namespace spoor::syslog {
namespace {

// A parameter, or the element's end, follows.
bool IsBetween(std::string_view text, size_t at) {
  if (at == text.size() || text[at] == ']') return true;
  if (text[at] != ' ') return false;
  at = text.find_first_not_of(' ', at);
  if (at == std::string_view::npos || text[at] == ']') return true;
  const size_t stop = text.find_first_of(" =]\"", at);
  return stop != std::string_view::npos && stop > at && text.substr(stop).starts_with("=\"");
}

// Where the value that begins at `at` ends: its closing quote. npos: there is none. *escapes: it has some.
size_t EndOfValue(std::string_view text, size_t at, bool* escapes) {
  *escapes = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      *escapes = true;
      ++at;
    } else if (text[at] == '"' && IsBetween(text, at + 1)) {
      return at;
    }
  }
  return std::string_view::npos;
}

// \" \\ \] are what they hide; any other backslash stands for itself.
std::string Unescaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size() &&
        (value[i + 1] == '"' || value[i + 1] == '\\' || value[i + 1] == ']')) {
      ++i;
    }
    out += value[i];
  }
  return out;
}

}  // namespace

void ReadStructured(std::string_view text, StructuredData* out) {
  std::string_view id;
  for (size_t at = 0; at < text.size() && out->params.size() < kMaxParams;) {
    if (text[at] == ' ' || text[at] == ']') {
      ++at;
      continue;
    }
    const size_t stop = std::min(text.find_first_of(" =]\"", at), text.size());
    if (text[at] == '[') {
      id = text.substr(at, stop - at);
      at = stop;
      continue;
    }
    if (stop == at || stop + 1 >= text.size() || text[stop] != '=' || text[stop + 1] != '"') {  // no parameter
      at = std::max(stop, at + 1);
      continue;
    }
    bool escapes = false;
    const size_t end = EndOfValue(text, stop + 2, &escapes);
    if (end == std::string_view::npos) return;
    std::string_view value = text.substr(stop + 2, end - stop - 2);
    if (escapes) value = out->scratch.emplace_back(Unescaped(value));
    out->params.push_back({id, text.substr(at, stop - at), value});
    at = end + 1;
  }
}

}  // namespace spoor::syslog
