// Values of events as bytes.
#include <cstdlib>

#include "base/text.h"
#include "demo/binxml.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

template <typename T>
void AppendLittle(T value, std::string* out) {
  for (size_t i = 0; i < sizeof(T); ++i) out->push_back(static_cast<char>(value >> (8 * i) & 255));
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Utf16(std::string_view utf8) {
  std::string out;
  out.reserve(2 * utf8.size());
  for (size_t at = 0; at < utf8.size();) {
    if (static_cast<unsigned char>(utf8[at]) < 0x80) {
      out += utf8[at++];
      out += '\0';
      continue;
    }
    const char32_t c = DecodeUtf8(utf8, &at);
    if (c < 0x10000) {
      AppendLittle(static_cast<uint16_t>(c), &out);
    } else {
      AppendLittle(static_cast<uint16_t>(0xd800 + ((c - 0x10000) >> 10)), &out);
      AppendLittle(static_cast<uint16_t>(0xdc00 + ((c - 0x10000) & 0x3ff)), &out);
    }
  }
  return out;
}

std::string GuidBytes(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (const int d = HexDigit(c); d >= 0) digits += static_cast<char>(d);
  }
  if (digits.size() != 32) return std::string(16, '\0');
  const auto byte = [&](size_t i) { return static_cast<char>(digits[2 * i] << 4 | digits[2 * i + 1]); };
  std::string out;
  for (const size_t i : {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}) out += byte(i);
  return out;
}

std::string SidBytes(std::string_view text) {
  const std::vector<std::string> parts = Split(text, '-');
  if (parts.size() < 4 || parts[0] != "S") return "";
  std::string out;
  out += static_cast<char>(std::atoi(parts[1].c_str()));
  out += static_cast<char>(parts.size() - 3);
  const uint64_t authority = std::strtoull(parts[2].c_str(), nullptr, 10);
  for (int i = 5; i >= 0; --i) out += static_cast<char>(authority >> (8 * i) & 255);
  for (size_t i = 3; i < parts.size(); ++i) {
    AppendLittle(static_cast<uint32_t>(std::strtoull(parts[i].c_str(), nullptr, 10)), &out);
  }
  return out;
}

uint8_t EncodeField(const EventField& field, const std::string& text, std::string* out) {
  const uint64_t number = std::strtoull(text.c_str(), nullptr, 0);
  switch (field.type[0]) {
    case 'd':
      AppendLittle(static_cast<uint32_t>(number), out);
      return 0x08;
    case 'n':
      AppendLittle(static_cast<uint32_t>(number), out);
      return 0x07;
    case 'w':
      AppendLittle(static_cast<uint16_t>(number), out);
      return 0x06;
    case 'q':
      AppendLittle(number, out);
      return 0x0a;
    case 'x':
      AppendLittle(number, out);
      return 0x15;
    case 'h':
      AppendLittle(static_cast<uint32_t>(number), out);
      return 0x14;
    case 'p':
      AppendLittle(number, out);
      return 0x10;
    case 'b':
      AppendLittle(static_cast<uint32_t>(text == "true"), out);
      return 0x0d;
    case 'g':
      *out = GuidBytes(text);
      return 0x0f;
    case 't':
      AppendLittle(number, out);
      return 0x11;
    default:
      break;
  }
  if (field.type == "sid") {
    *out = SidBytes(text);
    return out->empty() ? 0x00 : 0x13;
  }
  *out = Utf16(text);
  return 0x01;
}

}  // namespace spoor::demo
