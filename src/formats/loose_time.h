// Times as programs write them for people: with slashes or dots, with names of months, with AM and PM, date and time
// apart by a space.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace spoor {

struct LooseTimes {
  int32_t utc_offset = 0;  // of times without a zone: seconds east of UTC
  bool day_first = false;  // 2/3/2026 is 2 March
};

// Microseconds since 1970 UTC; nothing: no time. Takes whatever ParseAnyTime takes, and
//
//     2026-03-02 08:00:01.5   2026/03/02 08:00:01   20260302 080001   3/2/2026 8:00:01 AM   02.03.2026 08:00
//     02/Mar/2026:08:00:01 +0100   2 Mar 2026 08:00:01   Mar 2, 2026 8:00 PM   Mon Mar  2 08:00:01 2026
//
// with "Z", "UTC", "GMT" or an offset behind. A first number over 12 is the day.
std::optional<int64_t> ParseLooseTime(std::string_view text, const LooseTimes& options = {});

}  // namespace spoor
