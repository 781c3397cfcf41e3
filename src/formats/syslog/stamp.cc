#include "formats/syslog/stamp.h"

#include <algorithm>

#include "base/time.h"

namespace spoor::syslog {
namespace {

constexpr int64_t kSecond = 1000000;
constexpr int64_t kDay = 86400 * kSecond;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Two digits at `at`; -1: there are none.
int TwoDigits(std::string_view text, size_t at) {
  if (at + 2 > text.size() || !IsDigit(text[at]) || !IsDigit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

int FourDigits(std::string_view text, size_t at) {
  const int high = TwoDigits(text, at), low = TwoDigits(text, at + 2);
  return high < 0 || low < 0 ? -1 : high * 100 + low;
}

int MonthOf(std::string_view text) {
  if (text.size() < 3) return 0;
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int m = 0; m < 12; ++m) {
    const char* name = kMonths.data() + 3 * m;
    if (text[0] == name[0] && text[1] == name[1] && text[2] == name[2]) return m + 1;
  }
  return 0;
}

// Days from 1970-01-01 (see base/time.cc).
int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = year / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

int DaysInMonth(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// "22:14:15" with a fraction. Returns where it ends; 0: it is none.
size_t ReadClock(std::string_view text, size_t at, Stamp* s) {
  if (at + 8 > text.size() || text[at + 2] != ':' || text[at + 5] != ':') return 0;
  s->hour = TwoDigits(text, at);
  s->minute = TwoDigits(text, at + 3);
  s->second = TwoDigits(text, at + 6);
  if (s->hour < 0 || s->hour > 23 || s->minute < 0 || s->minute > 59 || s->second < 0 || s->second > 60) return 0;
  at += 8;
  s->micros = 0;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && IsDigit(text[at + 1])) {
    int scale = 100000;
    for (++at; at < text.size() && IsDigit(text[at]); ++at, scale /= 10) s->micros += (text[at] - '0') * scale;
  }
  return at;
}

// "Z", "+02:00", "+0200", "+02". Returns where it ends; `at` where there is none.
size_t ReadZone(std::string_view text, size_t at, Stamp* s) {
  if (at < text.size() && text[at] == 'Z') {
    s->zone = true;
    return at + 1;
  }
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return at;
  const int hours = TwoDigits(text, at + 1);
  if (hours < 0 || hours > 23) return at;
  size_t stop = at + 3;
  const size_t colon = stop < text.size() && text[stop] == ':' ? 1 : 0;
  int minutes = TwoDigits(text, stop + colon);
  if (minutes < 0 || minutes > 59) {
    minutes = 0;
  } else {
    stop += colon + 2;
  }
  s->zone = true;
  s->offset = (hours * 3600 + minutes * 60) * (text[at] == '-' ? -1 : 1);
  return stop;
}

bool IsEnd(std::string_view text, size_t at) { return at >= text.size() || !IsDigit(text[at]); }

bool IsYear(int year) { return year >= 1970 && year <= 2199; }

}  // namespace

size_t ReadMonthStamp(std::string_view text, Stamp* s) {
  if (text.size() < 14) return 0;
  *s = Stamp();
  s->month = MonthOf(text);
  if (s->month == 0 || text[3] != ' ') return 0;
  size_t at = 4;
  if (text[at] == ' ') ++at;
  if (!IsDigit(text[at])) return 0;
  s->day = text[at++] - '0';
  if (IsDigit(text[at])) s->day = s->day * 10 + (text[at++] - '0');
  if (s->day < 1 || s->day > 31 || text[at] != ' ') return 0;
  ++at;
  if (at < text.size() && text[at] == ' ') ++at;
  if (const int year = FourDigits(text, at); IsYear(year) && at + 4 < text.size() && text[at + 4] == ' ') {
    s->year = year;
    at += 5;
  }
  at = ReadClock(text, at, s);
  if (at == 0) return 0;
  if (at < text.size() && text[at] == ' ') {
    if (text.substr(at + 1, 4) == "UTC " || text.substr(at + 1, 4) == "GMT " || text.substr(at + 1, 4) == "UTC:") {
      s->zone = true;
      at += 4;
    }
    if (const int year = FourDigits(text, at + 1);
        s->year == 0 && IsYear(year) && IsEnd(text, at + 5) &&
        (at + 5 >= text.size() || text[at + 5] == ' ' || text[at + 5] == ':' || text[at + 5] == ']')) {
      s->year = year;
      at += 5;
    }
  }
  return at;
}

bool FindMonthStamp(std::string_view text, Stamp* s) {
  for (size_t at = 0; at + 14 <= text.size(); ++at) {
    const bool begins = at == 0 || text[at - 1] == ' ' || text[at - 1] == '*' || text[at - 1] == '.';
    if (begins && ReadMonthStamp(text.substr(at), s) != 0) return true;
  }
  return false;
}

size_t ReadIsoStamp(std::string_view text, Stamp* s) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ')) return 0;
  *s = Stamp();
  s->year = FourDigits(text, 0);
  s->month = TwoDigits(text, 5);
  s->day = TwoDigits(text, 8);
  if (s->year < 1 || s->month < 1 || s->month > 12 || s->day < 1 || s->day > DaysInMonth(s->year, s->month)) return 0;
  const size_t at = ReadClock(text, 11, s);
  return at == 0 ? 0 : ReadZone(text, at, s);
}

size_t ReadBindStamp(std::string_view text, Stamp* s) {
  if (text.size() < 20 || text[2] != '-' || text[6] != '-' || text[11] != ' ') return 0;
  *s = Stamp();
  s->day = TwoDigits(text, 0);
  s->month = MonthOf(text.substr(3));
  s->year = FourDigits(text, 7);
  if (!IsYear(s->year) || s->month == 0 || s->day < 1 || s->day > DaysInMonth(s->year, s->month)) return 0;
  return ReadClock(text, 12, s);
}

size_t ReadUnixStamp(std::string_view text, int64_t* time) {
  if (text.size() < 12 || text[10] != '.') return 0;
  int64_t seconds = 0;
  for (size_t i = 0; i < 10; ++i) {
    if (!IsDigit(text[i])) return 0;
    seconds = seconds * 10 + (text[i] - '0');
  }
  int64_t micros = 0;
  int64_t scale = 100000;
  size_t at = 11;
  for (; at < text.size() && IsDigit(text[at]); ++at, scale /= 10) micros += (text[at] - '0') * scale;
  if (at == 11) return 0;
  *time = seconds * kSecond + micros;
  return at;
}

int64_t DateInName(std::string_view path) {
  if (const size_t slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
  for (size_t at = path.size(); at-- > 0;) {
    if (!IsDigit(path[at]) || (at > 0 && IsDigit(path[at - 1]))) continue;  // where digits begin
    const int year = FourDigits(path, at);
    if (!IsYear(year)) continue;
    size_t next = at + 4;
    const bool parted = next < path.size() && (path[next] == '-' || path[next] == '_' || path[next] == '.');
    next += parted;
    const int month = TwoDigits(path, next);
    next += 2;
    if (month < 1 || month > 12) continue;
    if (parted && (next >= path.size() || path[next] != path[at + 4])) continue;
    next += parted;
    const int day = TwoDigits(path, next);
    if (day < 1 || day > DaysInMonth(year, month)) continue;
    // "20240303" and, with the time behind it, "2024030310" or "20240303101112".
    size_t stop = next + 2;
    while (stop < path.size() && IsDigit(path[stop])) ++stop;
    const size_t more = stop - next - 2;
    if (more != 0 && more != 2 && more != 4 && more != 6) continue;
    return DaysFromCivil(year, month, day) * kDay;
  }
  return 0;
}

YearRule::YearRule(const FileFacts* file, int64_t now)
    : YearRule([&] {
        if (file != nullptr) {
          // The whole day counts.
          if (const int64_t named = DateInName(file->path); named != 0) return named + kDay;
          if (file->modified != 0) return file->modified;
        }
        return now;
      }()) {}

YearRule::YearRule(int64_t reference) : limit_(reference + kDay), limit_year_(ToCivil(limit_).year) {}

int64_t YearRule::TimeOf(const Stamp& s, int32_t utc_offset) const {
  const int64_t clock = s.hour * int64_t{3600} + s.minute * int64_t{60} + s.second - (s.zone ? s.offset : utc_offset);
  const auto time = [&](int year) {
    return (DaysFromCivil(year, s.month, s.day) * 86400 + clock) * kSecond + s.micros;
  };
  if (s.month < 1 || s.day < 1) return 0;
  if (s.year != 0) return s.day > DaysInMonth(s.year, s.month) ? 0 : time(s.year);
  // Leap years are at most eight years apart. A zone may put the line into the year after the limit's.
  for (int year = limit_year_ + 1; year >= limit_year_ - 9 && year > 0; --year) {
    if (s.day > DaysInMonth(year, s.month)) continue;
    if (const int64_t t = time(year); t <= limit_) return t;
  }
  return 0;
}

}  // namespace spoor::syslog
