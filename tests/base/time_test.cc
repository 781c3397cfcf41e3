#include "base/time.h"

#include <gtest/gtest.h>

#include <random>

namespace spoor {
namespace {

constexpr int64_t kSecond = 1000000;
constexpr int64_t kDay = 86400 * kSecond;

TEST(Time, FormatsWithMicroseconds) {
  EXPECT_EQ(FormatTime(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatTime(1), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(FormatTime(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(FormatTime(1767323045678901), "2026-01-02T03:04:05.678901Z");
}

TEST(Time, YearsOutOfRangeAreClamped) {
  EXPECT_EQ(FormatTime(INT64_MIN), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(FormatTime(INT64_MAX), "9999-12-31T23:59:59.999999Z");
}

// Every day of 10,000 years, against a calendar that counts day by day.
TEST(Time, EveryDayRoundTrips) {
  int64_t days = -719162;  // 0001-01-01
  for (int year = 1; year <= 9999; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= lengths[month - 1]; ++day, ++days) {
        const CivilTime t = ToCivil(days * kDay + kDay - 1);
        ASSERT_EQ(t.year, year);
        ASSERT_EQ(t.month, month);
        ASSERT_EQ(t.day, day);
        ASSERT_EQ(t.hour, 23);
        ASSERT_EQ(t.micros, 999999);
        if (day == 1 || day > 27) {
          ASSERT_EQ(ParseTime(FormatTime(days * kDay + 1)), days * kDay + 1);
        }
      }
    }
  }
}

TEST(Time, RandomTimesRoundTrip) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100000; ++i) {
    const int64_t time = static_cast<int64_t>(random() % (9000u * 365 * 86400 * 1000000)) - 1900 * 365 * kDay;
    ASSERT_EQ(ParseTime(FormatTime(time)), time);
  }
}

TEST(FileTime, KeepsAllSevenDigits) {
  std::string out;
  AppendFileTime(134117966456789012, &out);
  EXPECT_EQ(out, "2026-01-02T03:04:05.6789012Z");
  EXPECT_EQ(FromFileTime(134117966456789012), 1767323045678901);
  EXPECT_EQ(FormatTime(FromFileTime(0)), "1601-01-01T00:00:00.000000Z");
  out.clear();
  AppendFileTime(0, &out);
  EXPECT_EQ(out, "1601-01-01T00:00:00.0000000Z");
  out.clear();
  AppendFileTime(UINT64_MAX, &out);
  EXPECT_EQ(out, "9999-12-31T23:59:59.9999999Z");
}

std::optional<int64_t> System(std::initializer_list<uint16_t> fields) {
  return FromSystemTime(reinterpret_cast<const uint8_t*>(fields.begin()));
}

TEST(SystemTime, EachFieldIsChecked) {
  // year, month, day of week (ignored), day, hour, minute, second, milliseconds
  EXPECT_EQ(System({2026, 1, 5, 2, 3, 4, 5, 678}), ParseTime("2026-01-02T03:04:05.678Z"));
  EXPECT_EQ(System({2024, 2, 0, 29, 0, 0, 0, 0}), ParseTime("2024-02-29"));
  EXPECT_EQ(System({2023, 2, 0, 29, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({1600, 1, 0, 1, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({30827, 1, 0, 1, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 0, 0, 1, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 13, 0, 1, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 1, 0, 0, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 1, 0, 32, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 1, 0, 1, 24, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 1, 0, 1, 0, 60, 0, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 1, 0, 1, 0, 0, 60, 0}), std::nullopt);
  EXPECT_EQ(System({2026, 1, 0, 1, 0, 0, 0, 1000}), std::nullopt);
}

TEST(ParseTime, AcceptsRfc3339) {
  const int64_t time = 1767323045 * kSecond;  // 2026-01-02T03:04:05Z
  EXPECT_EQ(ParseTime("2026-01-02T03:04:05Z"), time);
  EXPECT_EQ(ParseTime("2026-01-02t03:04:05z"), time);
  EXPECT_EQ(ParseTime("2026-01-02 03:04:05"), time);
  EXPECT_EQ(ParseTime("2026-01-02T05:34:05+02:30"), time);
  EXPECT_EQ(ParseTime("2026-01-01T19:04:05-08:00"), time);
  EXPECT_EQ(ParseTime("2026-01-02T03:04:05.5Z"), time + 500000);
  EXPECT_EQ(ParseTime("2026-01-02T03:04:05.123456789Z"), time + 123456);
  EXPECT_EQ(ParseTime("2026-01-02"), 1767312000 * kSecond);
  EXPECT_EQ(ParseTime("2016-12-31T23:59:60Z"), ParseTime("2017-01-01T00:00:00Z"));  // leap second
}

TEST(ParseAnyTime, TakesOffsetsAsLoggersWriteThem) {
  const int64_t time = 1767323045 * kSecond;  // 2026-01-02T03:04:05Z
  for (const char* text : {"2026-01-02T05:04:05+0200", "2026-01-02 05:04:05 +0200", "2026-01-02 05:04:05 +02:00",
                           "2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05 Z", "2026-01-02T03:04:05.000-0000"}) {
    EXPECT_EQ(ParseAnyTime(text), time) << text;
  }
  for (const char* text : {"2026-01-02T05:04:05 02:00", "2026-01-02 03:04:05 UT", "2026-01-02 03:04:05 UTC+1"}) {
    EXPECT_EQ(ParseAnyTime(text), std::nullopt) << text;
  }
}

TEST(ParseTime, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "2026",
                           "2026-01",
                           "2026-1-2",
                           "2026-13-01",
                           "2026-00-01",
                           "2026-02-29",
                           "2026-01-32",
                           "0000-01-01",
                           "2026-01-02T",
                           "2026-01-02T03:04",
                           "2026-01-02T24:00:00Z",
                           "2026-01-02T03:60:00Z",
                           "2026-01-02T03:04:61Z",
                           "2026-01-02T03:04:05.Z",
                           "2026-01-02T03:04:05+0200",
                           "2026-01-02T03:04:05+24:00",
                           "2026-01-02T03:04:05Zx",
                           "2026-01-02X03:04:05Z",
                           "-026-01-02",
                           "2026-01-02T-1:04:05Z",
                           "7d"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(ParseDuration, KnowsFiveUnits) {
  EXPECT_EQ(ParseDuration("45s"), 45 * kSecond);
  EXPECT_EQ(ParseDuration("30m"), 1800 * kSecond);
  EXPECT_EQ(ParseDuration("12h"), kDay / 2);
  EXPECT_EQ(ParseDuration("7d"), 7 * kDay);
  EXPECT_EQ(ParseDuration("2w"), 14 * kDay);
  for (const char* text : {"", "d", "7", "7x", "-7d", "7 d", "1.5h", "99999999999999999999d", "7dd"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace spoor
