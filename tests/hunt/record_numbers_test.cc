// Holes and breaks in the numbers of records, whatever the order in which they come.
#include "hunt/record_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace spoor {
namespace {

constexpr int64_t kSecond = 1'000'000, kDay = int64_t{86400} * kSecond;

struct Record {
  uint64_t number;
  int64_t time;
};

// Numbers first to last, a second apart.
void AddRecords(uint64_t first, uint64_t last, int64_t time, std::vector<Record>* out) {
  for (uint64_t n = first; n <= last; ++n) out->push_back({n, time + static_cast<int64_t>(n - first) * kSecond});
}

// The records cut into runs, as pieces are: `piece` records at most in one.
std::vector<RecordRun> RunsOf(const std::vector<Record>& records, size_t piece) {
  std::vector<RecordRun> runs;
  size_t in_piece = 0;
  for (const Record& r : records) {
    if (!runs.empty() && in_piece < piece && runs.back().TakeNext(r.number, r.time)) {
      ++in_piece;
    } else {
      runs.push_back({r.number, r.number, r.time, r.time});
      in_piece = 1;
    }
  }
  return runs;
}

RecordNumbers Judge(const std::vector<RecordRun>& runs, size_t cap = 1 << 20) {
  Coarsened<RecordRun> set;
  for (const RecordRun& run : runs) set.Add(run);
  set.Limit(cap);
  return JudgeRecordNumbers(set.entries());
}

std::string Described(const RecordNumbers& n) {
  std::string out = "missing " + std::to_string(n.missing);
  for (const RecordJump& j : n.jumps) {
    out += " jump " + std::to_string(j.after) + "@" + std::to_string(j.after_time / kSecond) + "-" +
           std::to_string(j.before) + "@" + std::to_string(j.before_time / kSecond);
  }
  for (const RecordBreak& b : n.anew) out += " anew " + std::to_string(b.last) + ">" + std::to_string(b.first);
  for (const RecordBreak& b : n.clock_back) out += " clock " + std::to_string(b.last) + ">" + std::to_string(b.first);
  return out;
}

// The same verdict for every order of runs, every size of pieces, every order of single records.
void ExpectAlways(const std::vector<Record>& records, const std::string& verdict) {
  std::mt19937 random(7);
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{10}, size_t{100000}}) {
    std::vector<RecordRun> runs = RunsOf(records, piece);
    for (int round = 0; round < 10; ++round) {
      ASSERT_EQ(Described(Judge(runs)), verdict) << "piece " << piece << " round " << round;
      std::shuffle(runs.begin(), runs.end(), random);
    }
  }
  std::vector<Record> shuffled = records;
  for (int round = 0; round < 10; ++round) {
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    ASSERT_EQ(Described(Judge(RunsOf(shuffled, 4))), verdict) << "shuffled, round " << round;
  }
}

TEST(RecordNumbers, NothingIsMissing) {
  std::vector<Record> records;
  AddRecords(4711, 5200, kDay, &records);
  ExpectAlways(records, "missing 0");
}

TEST(RecordNumbers, HolesWithTheirEdgesLargestFirst) {
  std::vector<Record> records;
  AddRecords(100, 199, 1000 * kSecond, &records);
  AddRecords(205, 210, 2000 * kSecond, &records);
  AddRecords(311, 320, 3000 * kSecond, &records);
  ExpectAlways(records, "missing 105 jump 210@2005-311@3000 jump 199@1099-205@2000");
}

TEST(RecordNumbers, TheSameFileTwiceAddsNothing) {
  std::vector<Record> records;
  AddRecords(1, 50, kDay, &records);
  AddRecords(60, 90, 2 * kDay, &records);
  AddRecords(1, 50, kDay, &records);
  AddRecords(60, 90, 2 * kDay, &records);
  ExpectAlways(records, "missing 9 jump 50@86449-60@172800");
}

TEST(RecordNumbers, AnOverlappingCopyFillsTheHole) {
  std::vector<Record> records;
  AddRecords(1, 50, kDay, &records);
  AddRecords(80, 120, kDay + 79 * kSecond, &records);
  AddRecords(40, 90, kDay + 39 * kSecond, &records);
  ExpectAlways(records, "missing 0");
}

TEST(RecordNumbers, TimesAFewSecondsOutOfOrderAreNoBreak) {
  std::vector<Record> records;
  AddRecords(1, 100, kDay, &records);
  for (size_t i = 0; i < records.size(); i += 7) records[i].time -= 90 * kSecond;
  ExpectAlways(records, "missing 0");
}

TEST(RecordNumbers, BeginAnewBelowTheOldOnes) {
  std::vector<Record> records;
  AddRecords(5000, 5100, kDay, &records);
  AddRecords(1, 60, 40 * kDay, &records);
  ExpectAlways(records, "missing 0 anew 5100>1");
}

TEST(RecordNumbers, BeginAnewAndOvertakeTheOldOnes) {
  std::vector<Record> records;
  AddRecords(50, 100, kDay, &records);
  AddRecords(1, 200, 40 * kDay, &records);
  ExpectAlways(records, "missing 0 anew 100>1");
}

TEST(RecordNumbers, BeginAnewTwiceAtTheSameNumber) {
  std::vector<Record> records;
  AddRecords(1, 40, kDay, &records);
  AddRecords(1, 30, 10 * kDay, &records);
  AddRecords(1, 20, 20 * kDay, &records);
  ExpectAlways(records, "missing 0 anew 40>1 anew 30>1");
}

TEST(RecordNumbers, NumbersThatGoOnWhileTimeGoesBackAreAClockChange) {
  std::vector<Record> records;
  AddRecords(1, 50, 40 * kDay, &records);
  AddRecords(51, 80, 2 * kDay, &records);
  AddRecords(81, 99, 41 * kDay, &records);
  ExpectAlways(records, "missing 0 clock 50>51");
}

TEST(RecordNumbers, ThousandsOfHolesAreCountedAndTheLargestKept) {
  std::vector<RecordRun> runs;
  uint64_t number = 1;
  for (uint64_t i = 0; i < 5000; ++i) {
    runs.push_back({number, number, static_cast<int64_t>(number) * kSecond, static_cast<int64_t>(number) * kSecond});
    number += 2 + i;
  }
  const RecordNumbers n = Judge(runs);
  EXPECT_EQ(n.jumps_counted, 4999u);
  ASSERT_EQ(n.jumps.size(), kMaxJumps);
  EXPECT_EQ(n.jumps[0].missing(), 4999u);
  EXPECT_EQ(n.jumps.back().missing(), 4000u);
}

TEST(RecordNumbers, MoreSequencesThanAreToldApartAreCounted) {
  std::vector<RecordRun> runs;
  for (int64_t i = 0; i < 100; ++i) runs.push_back({7, 7, i * kDay, i * kDay});
  const RecordNumbers n = Judge(runs);
  EXPECT_EQ(n.anew.size(), kMaxSequences - 1);
  EXPECT_EQ(n.left_out, 100 - kMaxSequences);
}

TEST(RecordNumbers, TheLargestNumbersDoNotOverflow) {
  const auto most = static_cast<uint64_t>(INT64_MAX);
  const RecordNumbers n = Judge({{0, 0, INT64_MIN / 4, INT64_MIN / 4}, {most, most, INT64_MAX / 4, INT64_MAX / 4}});
  EXPECT_EQ(n.missing, most - 1);
}

TEST(Coarsened, WhatFitsIsExactAndWhatDoesNotIsTheSameInEveryOrder) {
  std::mt19937 random(3);
  std::vector<RecordRun> runs;
  for (uint64_t i = 0; i < 4000; ++i) {
    const uint64_t first = random() % 1'000'000;
    const int64_t time = static_cast<int64_t>(first) * kSecond + static_cast<int64_t>(random() % 3) * 30 * kDay;
    runs.push_back({first, first + random() % 5, time, time + 5 * kSecond});
  }
  for (const size_t cap : {size_t{1 << 20}, size_t{1000}, size_t{100}, size_t{32}}) {
    std::vector<RecordRun> expected;
    int level = -1;
    for (int round = 0; round < 20; ++round) {
      Coarsened<RecordRun> set;
      for (size_t i = 0; i < runs.size(); ++i) {
        set.Add(runs[i]);
        // Limits in between, and larger ones first, change nothing.
        if (round % 2 == 1 && random() % 500 == 0) set.Limit(cap * (1 + random() % 4));
      }
      set.Limit(cap);
      if (level < 0) {
        expected = set.entries();
        level = set.level();
        EXPECT_LE(expected.size(), cap);
        EXPECT_EQ(level == 0, cap > 4000) << cap;
      }
      ASSERT_EQ(set.entries(), expected) << "cap " << cap << " round " << round;
      ASSERT_EQ(set.level(), level);
      std::shuffle(runs.begin(), runs.end(), random);
    }
  }
}

TEST(Coarsened, LargeHolesAreStillSeen) {
  std::vector<RecordRun> runs;
  for (uint64_t i = 0; i < 20000; ++i) {  // every other record, and one large hole
    const uint64_t number = 2 * i + (i < 10000 ? 0 : 5'000'000);
    runs.push_back({number, number, static_cast<int64_t>(number) * kSecond, static_cast<int64_t>(number) * kSecond});
  }
  const RecordNumbers n = Judge(runs, 2000);
  ASSERT_FALSE(n.jumps.empty());
  EXPECT_EQ(n.jumps[0].after, 19998u);
  EXPECT_EQ(n.jumps[0].before, 5'020'000u);
}

TEST(RecordNumbers, OfTooManyTimesThatGoBackThoseThatGoFurthestAreKept) {
  std::vector<RecordRun> runs;
  int64_t time = 2'000'000'000 * kSecond;
  for (uint64_t i = 1; i <= 3000; ++i) {
    runs.push_back({i, i, time, time});
    time -= kDay + static_cast<int64_t>(i) * kSecond;
  }
  const RecordNumbers n = Judge(runs);
  EXPECT_EQ(n.clock_back_counted, 2999u);
  ASSERT_EQ(n.clock_back.size(), kMaxJumps);
  EXPECT_TRUE(
      std::all_of(n.clock_back.begin(), n.clock_back.end(), [](const RecordBreak& b) { return b.last >= 2000; }));
  // In order of time: the last goes back from where the clock was latest.
  EXPECT_EQ(n.clock_back.front().last, 2999u);
  EXPECT_EQ(n.clock_back.back().last, 2000u);
  EXPECT_EQ(n.missing, 0u);
}

}  // namespace
}  // namespace spoor
