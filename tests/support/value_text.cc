// One table of type names; everything else follows from a type's number and size.
#include "support/value_text.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace spoor::test {
namespace {

enum class Kind { kNull, kString, kAnsi, kInteger, kFloat, kDouble, kBool, kBytes, kGuid, kTime, kSystemTime, kSid };

struct Type {
  std::string_view name;
  uint8_t number;
  Kind kind;
  size_t size;  // bytes of a kInteger or kBool
};

constexpr Type kTypes[] = {
    {"string", 0x01, Kind::kString, 0},  {"ansi", 0x02, Kind::kAnsi, 0},
    {"int8", 0x03, Kind::kInteger, 1},   {"uint8", 0x04, Kind::kInteger, 1},
    {"int16", 0x05, Kind::kInteger, 2},  {"uint16", 0x06, Kind::kInteger, 2},
    {"int32", 0x07, Kind::kInteger, 4},  {"uint32", 0x08, Kind::kInteger, 4},
    {"int64", 0x09, Kind::kInteger, 8},  {"uint64", 0x0a, Kind::kInteger, 8},
    {"float", 0x0b, Kind::kFloat, 4},    {"double", 0x0c, Kind::kDouble, 8},
    {"bool", 0x0d, Kind::kBool, 4},      {"bool8", 0x0d, Kind::kBool, 1},
    {"binary", 0x0e, Kind::kBytes, 0},   {"guid", 0x0f, Kind::kGuid, 16},
    {"size32", 0x10, Kind::kInteger, 4}, {"size64", 0x10, Kind::kInteger, 8},
    {"filetime", 0x11, Kind::kTime, 8},  {"systemtime", 0x12, Kind::kSystemTime, 16},
    {"sid", 0x13, Kind::kSid, 0},        {"hex32", 0x14, Kind::kInteger, 4},
    {"hex64", 0x15, Kind::kInteger, 8},  {"handle", 0x20, Kind::kInteger, 4},
    {"evtxml", 0x23, Kind::kString, 0},
};

std::string Little(uint64_t v, size_t size) { return std::string(reinterpret_cast<const char*>(&v), size); }

std::optional<std::string> ParseHex(std::string_view text) {
  std::string out;
  int high = -1;
  for (char c : text) {
    if (c == ' ') continue;
    if (!std::isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
    const int digit = std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  if (high >= 0) return std::nullopt;
  return out;
}

void AppendCode(char32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    *out += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
  } else if (c < 0x10000) {
    *out += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
             static_cast<char>(0x80 | (c & 63))};
  } else {
    *out += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
             static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
  }
}

// Text as it stands, or a quoted one with \n \r \t \0 \" \\ and \u{HEX}.
std::string Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    if (c == 'u' && i + 1 < text.size() && text[i + 1] == '{') {
      const size_t end = text.find('}', i);
      if (end == std::string_view::npos) break;
      AppendCode(static_cast<char32_t>(std::strtoul(std::string(text.substr(i + 2, end - i - 2)).c_str(), nullptr, 16)),
                 &out);
      i = end;
    } else {
      out.push_back(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c);
    }
  }
  return out;
}

std::vector<std::string_view> SplitElements(std::string_view text) {
  std::vector<std::string_view> out;
  text = Trim(text);
  if (text.empty()) return out;
  bool quoted = false;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    if (i == text.size() || (text[i] == ',' && !quoted)) {
      out.push_back(Trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  return out;
}

std::optional<std::string> SystemTimeBytes(std::string_view text) {
  const std::optional<uint64_t> ticks = ParseFileTime(text);
  if (!ticks) return std::nullopt;
  const uint64_t days = *ticks / 864000000000u, rest = *ticks % 864000000000u;
  // Civil date from days, counted from 1601-01-01 (a Monday, first day of a 400-year era).
  uint64_t era = days / 146097, doe = days % 146097;
  int year = static_cast<int>(1601 + era * 400);
  auto leap = [](int y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0); };
  while (doe >= (leap(year) ? 366u : 365u)) doe -= leap(year++) ? 366 : 365;
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int month = 0;
  for (;; ++month) {
    const uint64_t length = static_cast<uint64_t>(kDays[month] + (month == 1 && leap(year) ? 1 : 0));
    if (doe < length) break;
    doe -= length;
  }
  const uint64_t parts[8] = {static_cast<uint64_t>(year),
                             static_cast<uint64_t>(month + 1),
                             (days + 1) % 7,
                             doe + 1,
                             rest / 36000000000u,
                             rest / 600000000 % 60,
                             rest / 10000000 % 60,
                             rest / 10000 % 1000};
  std::string out;
  for (uint64_t part : parts) out += Little(part, 2);
  return out;
}

std::optional<double> ParseDouble(std::string_view text) {
  const std::string s(text);
  char* end = nullptr;
  const double v = std::strtod(s.c_str(), &end);
  return s.empty() || *end != '\0' ? std::nullopt : std::optional(v);
}

// One element's bytes; nothing where the text is not of the type.
std::optional<std::string> Encode(const Type& type, std::string_view text, bool terminated) {
  switch (type.kind) {
    case Kind::kNull:
      return std::string();
    case Kind::kString:
      return Utf16Bytes(Unquote(text)) + (terminated ? std::string(2, '\0') : std::string());
    case Kind::kAnsi: {
      std::string out;
      for (char16_t c : ToUtf16(Unquote(text))) out.push_back(static_cast<char>(c));  // Latin-1
      if (terminated) out.push_back('\0');
      return out;
    }
    case Kind::kInteger: {
      const auto v = ParseInteger(text);
      return v ? std::optional(Little(*v, type.size)) : std::nullopt;
    }
    case Kind::kFloat: {
      const auto number = ParseDouble(text);
      if (!number) return std::nullopt;
      const float v = static_cast<float>(*number);
      return std::string(reinterpret_cast<const char*>(&v), 4);
    }
    case Kind::kDouble: {
      const auto v = ParseDouble(text);
      return v ? std::optional(std::string(reinterpret_cast<const char*>(&*v), 8)) : std::nullopt;
    }
    case Kind::kBool: {
      if (text == "true" || text == "false") return Little(text == "true" ? 1 : 0, type.size);
      const auto v = ParseInteger(text);
      return v ? std::optional(Little(*v, type.size)) : std::nullopt;
    }
    case Kind::kBytes:
      return ParseHex(text);
    case Kind::kGuid:
      return ParseGuid(text);
    case Kind::kTime: {
      const auto v = ParseFileTime(text);
      return v ? std::optional(Little(*v, 8)) : std::nullopt;
    }
    case Kind::kSystemTime:
      return SystemTimeBytes(text);
    case Kind::kSid:
      return ParseSid(text);
  }
  return std::nullopt;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::optional<uint64_t> ParseInteger(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
  const std::string digits(hex ? text.substr(2) : text);
  if (digits.empty() || !std::isxdigit(static_cast<unsigned char>(digits[0]))) return std::nullopt;
  char* end = nullptr;
  const uint64_t v = std::strtoull(digits.c_str(), &end, hex ? 16 : 10);
  if (*end != '\0') return std::nullopt;
  return negative ? ~v + 1 : v;
}

std::optional<std::string> ParseGuid(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (c != '{' && c != '}' && c != '-') digits.push_back(c);
  }
  auto raw = ParseHex(digits);
  if (!raw || raw->size() != 16) return std::nullopt;
  std::string g = *raw;  // the first three groups are little-endian
  std::swap(g[0], g[3]), std::swap(g[1], g[2]), std::swap(g[4], g[5]), std::swap(g[6], g[7]);
  return g;
}

std::optional<std::string> ParseSid(std::string_view text) {
  if (text.substr(0, 2) != "S-") return std::nullopt;
  std::vector<uint64_t> parts;
  text.remove_prefix(2);
  while (!text.empty()) {
    const size_t dash = std::min(text.find('-'), text.size());
    const auto v = ParseInteger(text.substr(0, dash));
    if (!v) return std::nullopt;
    parts.push_back(*v);
    text.remove_prefix(std::min(dash + 1, text.size()));
  }
  if (parts.size() < 2 || parts.size() > 17) return std::nullopt;
  std::string out = Little(parts[0], 1) + Little(parts.size() - 2, 1);
  for (int shift = 40; shift >= 0; shift -= 8) out.push_back(static_cast<char>(parts[1] >> shift));
  for (size_t i = 2; i < parts.size(); ++i) out += Little(parts[i], 4);
  return out;
}

std::optional<uint64_t> ParseFileTime(std::string_view text) {
  const std::string s(text);
  unsigned year, month, day, hour, minute, second;
  int used = 0;
  if (std::sscanf(s.c_str(), "%4u-%2u-%2u%*1[Tt ]%2u:%2u:%2u%n", &year, &month, &day, &hour, &minute, &second, &used) !=
          6 ||
      used == 0 || year < 1601 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
      second > 60) {
    return std::nullopt;
  }
  uint64_t fraction = 0;
  size_t at = static_cast<size_t>(used);
  if (at < s.size() && s[at] == '.') {
    uint64_t unit = 1000000;
    for (++at; at < s.size() && std::isdigit(static_cast<unsigned char>(s[at])); ++at, unit /= 10) {
      fraction += unit * static_cast<uint64_t>(s[at] - '0');
    }
  }
  if (at < s.size() && (s[at] | 0x20) == 'z') ++at;
  if (at != s.size()) return std::nullopt;
  static constexpr unsigned kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const unsigned y = year - 1;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const uint64_t days = uint64_t{y} * 365 + y / 4 - y / 100 + y / 400 + kBefore[month - 1] +
                        (leap && month > 2 ? 1 : 0) + day - 1 - 584388;  // 584388: days before 1601
  return ((days * 24 + hour) * 60 + minute) * 600000000 + uint64_t{second} * 10000000 + fraction;
}

std::optional<uint64_t> ParseTicks(std::string_view text) {
  const std::string s(text);
  char* end = nullptr;
  const uint64_t count = std::strtoull(s.c_str(), &end, 10);
  if (end == s.c_str()) return std::nullopt;
  static constexpr std::pair<std::string_view, uint64_t> kUnits[] = {
      {"us", 10}, {"ms", 10000}, {"s", 10000000}, {"m", 600000000}, {"h", 36000000000}, {"d", 864000000000}};
  for (const auto& [unit, ticks] : kUnits) {
    if (unit == end) return count * ticks;
  }
  return std::nullopt;
}

absl::StatusOr<ParsedValue> ParseValue(std::string_view text, bool terminated) {
  text = Trim(text);
  const size_t space = std::min(text.find(' '), text.size());
  std::string_view word = text.substr(0, space);
  const std::string_view rest = Trim(text.substr(space));
  ParsedValue out;
  if (word == "null") {  // "null uint32": the substitution names uint32, the value is null
    for (const Type& type : kTypes) {
      if (type.name == rest) out.declared = type.number;
    }
    if (rest.empty() || out.declared != kTypeString || rest == "string") return out;
  }
  if (word == "const") {
    out.constant = true;
    out.as_text = Unquote(rest);
    return out;
  }
  if (word == "raw") {  // raw 0x1a 00ff…: any type number, any bytes
    const size_t gap = std::min(rest.find(' '), rest.size());
    const auto number = ParseInteger(rest.substr(0, gap));
    const auto bytes = ParseHex(rest.substr(gap));
    if (!number || !bytes) return absl::InvalidArgumentError("raw needs a type number and hexadecimal bytes");
    out.declared = out.value.type = static_cast<uint8_t>(*number);
    out.value.bytes = *bytes;
    return out;
  }
  const bool array = word.size() > 2 && word.substr(word.size() - 2) == "[]";
  if (array) word.remove_suffix(2);
  for (const Type& type : kTypes) {
    if (type.name != word) continue;
    out.declared = type.number;
    out.value.type = type.number;
    out.as_text = Unquote(rest);
    if (!array) {
      auto bytes = Encode(type, rest, terminated);
      if (!bytes) return absl::InvalidArgumentError("not a " + std::string(word) + ": " + std::string(rest));
      out.value.bytes = *std::move(bytes);
      return out;
    }
    out.declared = out.value.type = static_cast<uint8_t>(type.number | kTypeArray);
    for (std::string_view element : SplitElements(rest)) {
      auto bytes = Encode(type, element, true);
      if (!bytes) return absl::InvalidArgumentError("not a " + std::string(word) + ": " + std::string(element));
      out.value.bytes += *bytes;
    }
    return out;
  }
  out.value = {kTypeString, *Encode(kTypes[0], text, terminated)};
  out.as_text = Unquote(text);
  return out;
}

}  // namespace spoor::test
