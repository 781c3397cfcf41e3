#include "formats/day_clock.h"

#include <cstdio>

#include "base/text.h"
#include "base/time.h"

namespace spoor {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Two digits; -1: none.
int Two(std::string_view text, size_t at) {
  if (at + 2 > text.size() || !IsDigit(text[at]) || !IsDigit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

}  // namespace

int MonthOf(std::string_view name) {
  static constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                                 "jul", "aug", "sep", "oct", "nov", "dec"};
  for (int i = 0; i < 12; ++i) {
    if (EqualsIgnoreAsciiCase(name, kMonths[i])) return i + 1;
  }
  return 0;
}

std::optional<int64_t> DayOf(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
  return ParseTime(text);
}

std::optional<int64_t> ClockOf(std::string_view text) {
  const int hour = Two(text, 0), minute = Two(text, 3);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text[2] != ':') return std::nullopt;
  int64_t micros = (hour * int64_t{60} + minute) * 60000000;
  if (text.size() == 5) return micros;
  const int second = Two(text, 6);
  if (second < 0 || second > 60 || text[5] != ':') return std::nullopt;
  micros += second * int64_t{1000000};
  if (text.size() == 8) return micros;
  if ((text[8] != '.' && text[8] != ',') || text.size() == 9) return std::nullopt;
  int64_t scale = 100000;
  for (const char c : text.substr(9)) {
    if (!IsDigit(c)) return std::nullopt;
    micros += (c - '0') * scale;
    scale /= 10;
  }
  return micros;
}

std::optional<int32_t> ZoneOf(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int hours = Two(text, 1), minutes = Two(text, text.size() - 2);
  if (hours < 0 || minutes < 0 || text.size() > 6 || (text.size() == 6 && text[3] != ':')) return std::nullopt;
  const int32_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace spoor
