// Which silences are unusual.
#include "hunt/activity.h"

#include <gtest/gtest.h>

#include <random>

namespace spoor {
namespace {

constexpr int64_t kMinute = kHour / 60;

// An event every ten minutes from hour to hour.
void Busy(int64_t from, int64_t to, std::vector<int64_t>* times) {
  for (int64_t t = from * kHour; t < to * kHour; t += 10 * kMinute) times->push_back(t);
}

Silences Find(std::vector<int64_t> times, size_t cap = 1 << 20) {
  std::mt19937 random(11);
  std::shuffle(times.begin(), times.end(), random);
  Coarsened<ActiveHour> hours;
  for (const int64_t t : times) hours.Add({t, t, 1});
  hours.Limit(cap);
  return FindSilences(hours.entries(), hours.level());
}

TEST(Silences, ANightWithoutEventsOfAServer) {
  std::vector<int64_t> times;
  Busy(480'000, 480'060, &times);
  Busy(480'068, 480'120, &times);
  const Silences s = Find(times);
  EXPECT_EQ(s.unusual, 5 * kHour);
  ASSERT_EQ(s.found.size(), 1u);
  EXPECT_EQ(s.found[0].from, 480'060 * kHour - 10 * kMinute);
  EXPECT_EQ(s.found[0].to, 480'068 * kHour);
}

TEST(Silences, TwoSilentNightsDoNotHideEachOther) {
  std::vector<int64_t> times;
  Busy(480'000, 480'060, &times);
  Busy(480'068, 480'120, &times);
  Busy(480'129, 480'200, &times);
  EXPECT_EQ(Find(times).found.size(), 2u);
}

TEST(Silences, NightsAndWeekendsOfAWorkstationAreUsualAWeekIsNot) {
  std::vector<int64_t> times;
  for (int64_t day = 0; day < 60; ++day) {
    const bool weekend = day % 7 >= 5, away = day >= 28 && day < 35;
    if (!weekend && !away) Busy(480'000 + 24 * day + 8, 480'000 + 24 * day + 18, &times);
  }
  const Silences s = Find(times);
  ASSERT_EQ(s.found.size(), 1u);
  EXPECT_EQ(s.found[0].to - s.found[0].from, (9 * 24 + 14) * kHour + 10 * kMinute);
}

TEST(Silences, AFewActiveHoursSayNothing) {
  std::vector<int64_t> times;
  Busy(480'000, 480'010, &times);
  Busy(480'100, 480'109, &times);
  EXPECT_FALSE(Find(times).unusual.has_value());
  Busy(480'109, 480'111, &times);
  ASSERT_TRUE(Find(times).unusual.has_value());
  EXPECT_EQ(Find(times).found.size(), 1u);
}

TEST(Silences, InCoarseHoursLongSilencesAreStillSeen) {
  std::vector<int64_t> times;
  Busy(480'000, 480'600, &times);
  Busy(481'000, 481'600, &times);
  const Silences s = Find(times, 100);
  ASSERT_EQ(s.found.size(), 1u);
  EXPECT_EQ(s.found[0].from, 480'600 * kHour - 10 * kMinute);
  EXPECT_EQ(s.found[0].to, 481'000 * kHour);
}

TEST(Silences, TimesAtTheEndsOfTheWorldOverflowNothing) {
  std::vector<int64_t> times{-11'644'473'600'000'000, 1'833'029'933'770'955'161};
  Busy(480'000, 480'060, &times);
  EXPECT_EQ(Find(times).found.size(), 2u);
}

TEST(EventsWithin, CountsWholeHoursInTheSpan) {
  std::vector<int64_t> times;
  Busy(100, 110, &times);
  Coarsened<ActiveHour> hours;
  for (const int64_t t : times) hours.Add({t, t, 1});
  hours.Limit(1000);
  EXPECT_EQ(EventsWithin(hours.entries(), 102 * kHour, 104 * kHour), 12u);
  EXPECT_EQ(EventsWithin(hours.entries(), 102 * kHour + 1, 104 * kHour), 6u);
  EXPECT_EQ(EventsWithin(hours.entries(), 200 * kHour, 300 * kHour), 0u);
}

}  // namespace
}  // namespace spoor
