// Dates and times of day that text logs write in their own ways, read quickly: the days of a log repeat. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spoor {

// "Jan" -> 1, … in any case; 0: no month.
int MonthOf(std::string_view name);

// Microseconds since 1970 at the beginning of a day (UTC); nothing: no such day.
std::optional<int64_t> DayOf(int year, int month, int day);

// "13:55:36", "13:55:36.123", "13:55:36,123" or "13:55" as microseconds; nothing: no time of day.
std::optional<int64_t> ClockOf(std::string_view text);

// "-0700", "+02:00", "Z" as seconds east of UTC; nothing: no zone.
std::optional<int32_t> ZoneOf(std::string_view text);

// Remembers the day that a text stood for.
class DayCache {
 public:
  // parse(text): microseconds at the day's beginning, or nothing.
  template <typename Parse>
  std::optional<int64_t> Of(std::string_view text, Parse&& parse) {
    if (text != text_) {
      day_ = parse(text);
      text_.assign(text);
    }
    return day_;
  }

 private:
  std::string text_;
  std::optional<int64_t> day_;
};

}  // namespace spoor
