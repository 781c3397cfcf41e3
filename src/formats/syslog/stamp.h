// Times as lines of text begin with them, and the year that many of them do not tell.
//
// Nothing here allocates. All functions are thread-safe but YearRule::For, of which each reader has its own.
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/format.h"

namespace spoor::syslog {

// A date and time as written. Year 0: none was. `zone`: true where an offset from UTC was written, which is
// `offset` seconds east.
struct Stamp {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  bool zone = false;
  int32_t offset = 0;
};

// Each reads a stamp at the beginning of `text` and returns how many bytes it has; 0: there is none.
//
// "Oct 11 22:14:15", "Oct  1 …", "Oct 1 …", with ".123" or ",123" behind the seconds, with the year behind the day
// ("Oct 11 2024 22:14:15") or behind the time ("Oct 11 22:14:15 2024"), in front of a name of UTC ("UTC", "GMT", "Z").
// RFC 3164 section 4.1.2; Cisco and OpenWrt write the year.
size_t ReadMonthStamp(std::string_view text, Stamp* stamp);
// The same, but the first in a text, wherever it stands at the beginning of a word ("*Oct 11 …", "123: Oct 11 …").
// True if there is one.
bool FindMonthStamp(std::string_view text, Stamp* stamp);
// "2024-10-11T22:14:15.123456+02:00", "+0200", "Z" or no zone; a space for the T; a comma for the point. RFC 3339,
// RFC 5424 section 6.2.3; systemd's "short-iso" writes the offset without a colon.
size_t ReadIsoStamp(std::string_view text, Stamp* stamp);
// "11-Oct-2024 22:14:15.123", as BIND writes it.
size_t ReadBindStamp(std::string_view text, Stamp* stamp);
// "1728894131.123456": seconds since 1970 with a fraction. Microseconds in *time.
size_t ReadUnixStamp(std::string_view text, int64_t* time);

// Which year a line is from that does not say it: the newest in which the line is not more than a day after the
// reference. The reference is the date in the file's name, else when the file was last written, else now. A day that
// the year does not have (29 February) is of the newest year before that has it.
class YearRule {
 public:
  // `file` may be null. `now`: microseconds since 1970 UTC.
  YearRule(const FileFacts* file, int64_t now);
  // For tests: a reference in microseconds since 1970 UTC.
  explicit YearRule(int64_t reference);

  // Microseconds since 1970 UTC; 0: no such time. `utc_offset`: seconds east of UTC of stamps without a zone.
  int64_t TimeOf(const Stamp& stamp, int32_t utc_offset) const;

 private:
  int64_t limit_;  // no line without a year is later
  int limit_year_;
};

// The last date in a file's name, in microseconds since 1970 UTC: "messages-20240303", "auth.log.2024-03-03.gz".
// 0: there is none.
int64_t DateInName(std::string_view path);

}  // namespace spoor::syslog
