#include "formats/loose_time.h"

#include "base/text.h"
#include "base/time.h"
#include "formats/day_clock.h"

namespace spoor {
namespace {

constexpr size_t kMaxText = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads a text from its front: numbers, words, single characters.
struct Scanner {
  std::string_view text;
  void SkipSpaces() {
    while (!text.empty() && (text.front() == ' ' || text.front() == ',')) text.remove_prefix(1);
  }
  // A whole number of at most `digits` digits; -1: none is there. *size: how many there were.
  int Number(size_t digits, size_t* size = nullptr) {
    int n = 0;
    size_t at = 0;
    while (at < text.size() && at < digits && IsDigit(text[at])) n = n * 10 + (text[at++] - '0');
    if (size != nullptr) *size = at;
    text.remove_prefix(at);
    return at == 0 ? -1 : n;
  }
  std::string_view Word() {
    size_t at = 0;
    while (at < text.size() && IsLetter(text[at])) ++at;
    const std::string_view word = text.substr(0, at);
    text.remove_prefix(at);
    return word;
  }
  bool Take(char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  }
};

struct Date {
  int year = 0, month = 0, day = 0;
};

// "Mar 2 2026", "Mar 2" with the year behind the time; the month's name was read.
bool AfterMonth(Scanner* s, Date* d) {
  s->SkipSpaces();
  d->day = s->Number(2);
  s->SkipSpaces();
  Scanner ahead = *s;
  size_t size = 0;
  const int year = ahead.Number(4, &size);
  if (size == 4) {
    d->year = year;
    *s = ahead;
  }
  return d->day > 0;
}

bool ReadDate(Scanner* s, bool day_first, Date* d) {
  std::string_view word = s->Word();
  if (!word.empty() && MonthOf(word.substr(0, 3)) == 0) {  // the day of the week
    s->SkipSpaces();
    word = s->Word();
  }
  if (!word.empty()) {
    d->month = MonthOf(word.substr(0, 3));
    return d->month != 0 && AfterMonth(s, d);
  }
  size_t size = 0;
  const int first = s->Number(8, &size);
  if (size == 8) {
    *d = {first / 10000, first / 100 % 100, first % 100};
    return true;
  }
  if (s->text.empty() || (size != 4 && size > 2)) return false;
  const char apart = s->text.front();
  if (apart != '/' && apart != '.' && apart != '-' && apart != ' ') return false;
  s->text.remove_prefix(1);
  if (const std::string_view month = s->Word(); !month.empty()) {  // 2 Mar 2026, 02/Mar/2026, 2026-Mar-02
    d->month = MonthOf(month.substr(0, 3));
    s->Take(apart);
    s->SkipSpaces();
    const int last = s->Number(4);
    *d = size == 4 ? Date{first, d->month, last} : Date{last, d->month, first};
    return d->month != 0 && last >= 0;
  }
  const int second = s->Number(2);
  if (second < 0 || !s->Take(apart)) return false;
  const int third = s->Number(4);
  if (third < 0) return false;
  if (size == 4) {
    *d = {first, second, third};
  } else if (apart == '.' || day_first || first > 12) {
    *d = {third, second, first};
  } else {
    *d = {third, first, second};
  }
  if (d->year < 100) d->year += d->year < 70 ? 2000 : 1900;
  return true;
}

// "8:00", "08:00:01.123", "080001", then perhaps AM or PM.
bool ReadClock(Scanner* s, int64_t* micros) {
  size_t size = 0;
  int hour = s->Number(6, &size), minute = 0, second = 0;
  int64_t fraction = 0;
  if (size == 6 || size == 4) {
    const int all = size == 6 ? hour : hour * 100;
    hour = all / 10000;
    minute = all / 100 % 100;
    second = all % 100;
  } else {
    if (size == 0 || size > 2 || !s->Take(':') || (minute = s->Number(2)) < 0) return false;
    if (s->Take(':') && (second = s->Number(2)) < 0) return false;
  }
  if (s->text.size() > 1 && (s->text[0] == '.' || s->text[0] == ',') && IsDigit(s->text[1])) {
    s->text.remove_prefix(1);
    for (int64_t scale = 100000; !s->text.empty() && IsDigit(s->text.front()); scale /= 10) {
      fraction += (s->text.front() - '0') * scale;
      s->text.remove_prefix(1);
    }
  }
  s->SkipSpaces();
  Scanner ahead = *s;
  const std::string_view half = ahead.Word();
  const bool am = EqualsIgnoreAsciiCase(half, "am"), pm = EqualsIgnoreAsciiCase(half, "pm");
  if (am || pm) {
    if (hour < 1 || hour > 12) return false;
    hour = hour % 12 + (pm ? 12 : 0);
    *s = ahead;
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  *micros = ((hour * int64_t{60} + minute) * 60 + second) * 1000000 + fraction;
  return true;
}

}  // namespace

std::optional<int64_t> ParseLooseTime(std::string_view text, const LooseTimes& options) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.empty() || text.size() > kMaxText) return std::nullopt;
  // With a zone, or a number, it is as machines write it.
  if (options.utc_offset == 0 || text.find_first_not_of("0123456789.") == std::string_view::npos ||
      text.back() == 'Z') {
    if (const auto time = ParseAnyTime(text)) return time;
  }
  Scanner s{text};
  Date date;
  if (!ReadDate(&s, options.day_first, &date)) return std::nullopt;
  if (!s.text.empty() && (s.text.front() == 'T' || s.text.front() == ':' || s.text.front() == '-'))
    s.text.remove_prefix(1);
  s.SkipSpaces();
  int64_t clock = 0;
  if (!s.text.empty() && !ReadClock(&s, &clock)) return std::nullopt;
  s.SkipSpaces();
  if (date.year == 0) date.year = s.Number(4);
  const auto day = DayOf(date.year, date.month, date.day);
  if (!day) return std::nullopt;
  s.SkipSpaces();
  int32_t zone = options.utc_offset;
  if (s.text == "UTC" || s.text == "GMT" || s.text == "Z") {
    zone = 0;
  } else if (!s.text.empty()) {
    const auto said = ZoneOf(s.text);
    if (!said) return std::nullopt;
    zone = *said;
  }
  return *day + clock - zone * int64_t{1000000};
}

}  // namespace spoor
