#include "formats/json/string.h"

#include "base/text.h"

namespace spoor::json {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The code unit of "\uXXXX" at `at`; -1: there is none.
int32_t UnitAt(std::string_view text, size_t at) {
  if (text.size() < 6 || at > text.size() - 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int32_t unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

bool IsHigh(int32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLow(int32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

void AppendUnescaped(std::string_view text, std::string* out) {
  static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  for (size_t at = 0; at < text.size();) {
    const size_t next = std::min(text.find('\\', at), text.size());
    out->append(text, at, next - at);
    at = next;
    if (at == text.size()) return;
    if (const int32_t unit = UnitAt(text, at); unit >= 0) {
      at += 6;
      if (IsHigh(unit)) {
        const int32_t low = UnitAt(text, at);
        if (IsLow(low)) {
          at += 6;
          AppendUtf8(0x10000 + (static_cast<char32_t>(unit - 0xd800) << 10 | static_cast<char32_t>(low - 0xdc00)), out);
          continue;
        }
      }
      AppendUtf8(IsHigh(unit) || IsLow(unit) ? 0xfffd : static_cast<char32_t>(unit), out);
      continue;
    }
    const size_t letter = at + 1 < text.size() ? kLetters.find(text[at + 1]) : std::string_view::npos;
    if (letter == std::string_view::npos) {
      *out += text[at++];
    } else {
      *out += kMeanings[letter];
      at += 2;
    }
  }
}

}  // namespace spoor::json
