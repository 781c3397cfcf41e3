// Times and the proleptic Gregorian calendar.
//
// Days are turned into dates in years that begin on 1 March, so that the leap day is the last day of a year
// and the months have a regular pattern of lengths (153 days in five months); 400 such years have exactly
// 146,097 days.
#include "base/time.h"

#include <time.h>

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/number.h"

namespace spoor {
namespace {

constexpr int64_t kMicrosPerSecond = 1000000;
constexpr int64_t kSecondsPerDay = 86400;
constexpr int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;
constexpr int64_t kFileTimeEpoch = 11644473600 * kMicrosPerSecond;  // 1601-01-01 to 1970-01-01

// Days from 1970-01-01.
constexpr int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

constexpr int64_t kFirst = DaysFromCivil(1, 1, 1) * kMicrosPerDay;
constexpr int64_t kLast = DaysFromCivil(10000, 1, 1) * kMicrosPerDay - 1;

constexpr int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// `width` decimal digits of value at p.
inline char* PutDigits(unsigned value, int width, char* p) {
  for (int i = width - 1; i >= 0; --i) {
    p[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return p + width;
}

// "YYYY-MM-DDTHH:MM:SS." (20 bytes).
char* PutSeconds(const CivilTime& t, char* p) {
  p = PutDigits(static_cast<unsigned>(t.year), 4, p);
  *p++ = '-';
  p = PutDigits(static_cast<unsigned>(t.month), 2, p);
  *p++ = '-';
  p = PutDigits(static_cast<unsigned>(t.day), 2, p);
  *p++ = 'T';
  p = PutDigits(static_cast<unsigned>(t.hour), 2, p);
  *p++ = ':';
  p = PutDigits(static_cast<unsigned>(t.minute), 2, p);
  *p++ = ':';
  p = PutDigits(static_cast<unsigned>(t.second), 2, p);
  *p++ = '.';
  return p;
}

std::optional<int64_t> FromCivil(int64_t year, int month, int day, int hour, int minute, int second) {
  if (year < 1 || year > 9999 || month < 1 || month > 12) return std::nullopt;
  if (day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;  // 60: a leap second, the next one's first
  return (DaysFromCivil(year, month, day) * kSecondsPerDay + hour * int64_t{3600} + minute * int64_t{60} + second) *
         kMicrosPerSecond;
}

// Reads what a time is made of from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool done() const { return text_.empty(); }
  bool Take(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_[0]) == any_of.npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Exactly `width` digits; -1 if they are not there.
  int Number(size_t width) {
    if (text_.size() < width) return -1;
    int value = 0;
    for (size_t i = 0; i < width; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return -1;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(width);
    return value;
  }
  // One or more digits after the point, as microseconds; further digits are dropped. -1 if there is none.
  int Fraction() {
    int value = 0, digits = 0;
    while (!text_.empty() && text_[0] >= '0' && text_[0] <= '9') {
      if (digits++ < 6) value = value * 10 + (text_[0] - '0');
      text_.remove_prefix(1);
    }
    if (digits == 0) return -1;
    for (; digits < 6; ++digits) value *= 10;
    return value;
  }

 private:
  std::string_view text_;
};

}  // namespace

int64_t FromFileTime(uint64_t ticks) { return static_cast<int64_t>(ticks / 10) - kFileTimeEpoch; }

std::optional<int64_t> FromSystemTime(const uint8_t* data) {
  const int millis = Load16(data + 14);
  if (Load16(data) < 1601 || millis > 999 || Load16(data + 12) > 59) return std::nullopt;
  const std::optional<int64_t> time = FromCivil(Load16(data), Load16(data + 2), Load16(data + 6), Load16(data + 8),
                                                Load16(data + 10), Load16(data + 12));
  if (!time) return std::nullopt;
  return *time + millis * int64_t{1000};
}

CivilTime ToCivil(int64_t micros) {
  micros = std::clamp(micros, kFirst, kLast);
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  days += 719468;  // from 0000-03-01; not negative, as the year is at least 1
  const int64_t era = days / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;  // 0 is March
  CivilTime t;
  t.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  t.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  t.year = static_cast<int>(year_of_era + era * 400 + (t.month <= 2));
  const int64_t seconds = rest / kMicrosPerSecond;
  t.hour = static_cast<int>(seconds / 3600);
  t.minute = static_cast<int>(seconds / 60 % 60);
  t.second = static_cast<int>(seconds % 60);
  t.micros = static_cast<int>(rest % kMicrosPerSecond);
  return t;
}

void AppendTime(int64_t micros, std::string* out) {
  char text[27];
  const CivilTime t = ToCivil(micros);
  char* p = PutDigits(static_cast<unsigned>(t.micros), 6, PutSeconds(t, text));
  *p++ = 'Z';
  out->append(text, sizeof text);
}

std::string FormatTime(int64_t micros) {
  std::string out;
  AppendTime(micros, &out);
  return out;
}

void AppendFileTime(uint64_t ticks, std::string* out) {
  constexpr uint64_t kLastTick = static_cast<uint64_t>(kLast + kFileTimeEpoch) * 10 + 9;
  ticks = std::min(ticks, kLastTick);
  char text[28];
  const CivilTime t = ToCivil(FromFileTime(ticks));
  char* p = PutDigits(static_cast<unsigned>(ticks % 10000000), 7, PutSeconds(t, text));
  *p++ = 'Z';
  out->append(text, sizeof text);
}

namespace {

// `loose`: with the offset as loggers write it, too.
std::optional<int64_t> ParseTimeAs(std::string_view text, bool loose) {
  Scanner scan(text);
  const int year = scan.Number(4);
  if (!scan.Take("-")) return std::nullopt;
  const int month = scan.Number(2);
  if (!scan.Take("-")) return std::nullopt;
  const int day = scan.Number(2);
  if (scan.done()) return FromCivil(year, month, day, 0, 0, 0);
  if (!scan.Take("Tt ")) return std::nullopt;
  const int hour = scan.Number(2);
  if (!scan.Take(":")) return std::nullopt;
  const int minute = scan.Number(2);
  if (!scan.Take(":")) return std::nullopt;
  const int second = scan.Number(2);
  if (hour < 0 || minute < 0 || second < 0) return std::nullopt;
  const int micros = scan.Take(".") ? scan.Fraction() : 0;
  if (micros < 0) return std::nullopt;
  int64_t offset = 0;  // seconds east of Greenwich
  const bool apart = loose && scan.Take(" ");
  const bool utc = apart && scan.Take("U");
  if (utc && (!scan.Take("T") || !scan.Take("C"))) return std::nullopt;
  if (!utc && !scan.done() && !scan.Take("Zz")) {
    const bool east = scan.Take("+");
    if (!east && !scan.Take("-")) return std::nullopt;
    const int hours = scan.Number(2);
    if (!scan.Take(":") && !loose) return std::nullopt;
    const int minutes = scan.Number(2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    offset = (hours * int64_t{3600} + minutes * int64_t{60}) * (east ? 1 : -1);
  }
  if (!scan.done()) return std::nullopt;
  const std::optional<int64_t> time = FromCivil(year, month, day, hour, minute, second);
  if (!time) return std::nullopt;
  return *time + micros - offset * kMicrosPerSecond;
}

}  // namespace

std::optional<int64_t> ParseTime(std::string_view text) { return ParseTimeAs(text, false); }

std::optional<int64_t> ParseAnyTime(std::string_view text) {
  if (const auto time = ParseTimeAs(text, true)) return time;
  const auto number = ParseNumber(text);
  if (!number || !(*number > 0)) return std::nullopt;
  double scale = kMicrosPerSecond;
  for (const double limit : {5e9, 5e12, 5e15, 5e18}) {
    if (*number < limit) return static_cast<int64_t>(*number * scale);
    scale /= 1e3;
  }
  return std::nullopt;
}

int IsoWeek(int64_t micros) {
  const CivilTime t = ToCivil(micros);
  const int64_t day = DaysFromCivil(t.year, t.month, t.day);
  const int64_t weekday = ((day + 3) % 7 + 7) % 7;  // 0 is Monday; 1970 began on a Thursday
  const int64_t thursday = day - weekday + 3;       // of the same week: its year is the week's year
  const CivilTime year = ToCivil(thursday * kMicrosPerDay);
  return static_cast<int>((thursday - DaysFromCivil(year.year, 1, 1)) / 7) + 1;
}

std::optional<int64_t> ParseDuration(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  int64_t unit;
  switch (text.back()) {
    case 's':
      unit = kMicrosPerSecond;
      break;
    case 'm':
      unit = 60 * kMicrosPerSecond;
      break;
    case 'h':
      unit = 3600 * kMicrosPerSecond;
      break;
    case 'd':
      unit = kMicrosPerDay;
      break;
    case 'w':
      unit = 7 * kMicrosPerDay;
      break;
    default:
      return std::nullopt;
  }
  int64_t value = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<int64_t>::max() / unit / 10) return std::nullopt;  // 29,000 years
  }
  return value * unit;
}

double MonotonicSeconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace spoor
