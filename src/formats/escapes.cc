#include "formats/escapes.h"

namespace spoor {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

char* Unescape(std::string_view text, const Escapes& escapes, char* out) {
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      const size_t letter = escapes.letters.find(text[at + 1]);
      if (letter != std::string_view::npos) {
        c = escapes.meant[letter];
        ++at;
      } else if (text[at + 1] == 'x' && at + 3 < text.size() && HexDigit(text[at + 2]) >= 0 &&
                 HexDigit(text[at + 3]) >= 0) {
        c = static_cast<char>(HexDigit(text[at + 2]) * 16 + HexDigit(text[at + 3]));
        at += 3;
      }
    }
    *out++ = c;
  }
  return out;
}

std::string Unescaped(std::string_view text, const Escapes& escapes) {
  std::string out(text.size(), '\0');
  out.resize(static_cast<size_t>(Unescape(text, escapes, out.data()) - out.data()));
  return out;
}

}  // namespace spoor
