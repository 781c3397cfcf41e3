// Times. Inside spoor a time is an int64_t: microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spoor {

// FILETIME: 100 ns ticks since 1601-01-01 UTC ([MS-DTYP] 2.3.3). Ticks below a microsecond are dropped.
int64_t FromFileTime(uint64_t ticks);
// SYSTEMTIME: eight little-endian 16-bit numbers (16 bytes), UTC ([MS-DTYP] 2.3.13); nothing if out of range.
std::optional<int64_t> FromSystemTime(const uint8_t* data);

// "2026-01-02T03:04:05.678901Z". Years outside 0001..9999 are clamped.
void AppendTime(int64_t micros, std::string* out);
std::string FormatTime(int64_t micros);
// "2026-01-02T03:04:05.6789012Z": all seven digits a FILETIME has.
void AppendFileTime(uint64_t ticks, std::string* out);

// RFC 3339 with offset or Z, fraction optional; also a date alone, or without offset (then UTC).
std::optional<int64_t> ParseTime(std::string_view text);
// The same, also with the offset as loggers write it (" +01:00", "+0100", " UTC"), or seconds, milli-, micro- or
// nanoseconds since 1970 as a number, whichever of them lies before 2128.
std::optional<int64_t> ParseAnyTime(std::string_view text);
// "7d", "12h", "30m", "45s", "2w" as microseconds.
std::optional<int64_t> ParseDuration(std::string_view text);

// Seconds on a clock that only goes forward, from some point in the past.
double MonotonicSeconds();

struct CivilTime {
  int year, month, day, hour, minute, second, micros;
};
CivilTime ToCivil(int64_t micros);
// The week of the year by ISO 8601: weeks begin on Monday, week 1 is the one with the year's first Thursday.
int IsoWeek(int64_t micros);

}  // namespace spoor
