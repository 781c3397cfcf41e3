// What the numbers of a log's records tell: records missing in between, logs that were created anew, a clock that
// went back.
//
// A log numbers its records one by one (EventRecordID) and goes on numbering when it is cleared; a log whose file was
// deleted begins again at 1. Records are kept as runs: numbers without a hole, with the times of the first and the
// last. A log of a million records in one file is a few hundred runs, one or two a piece; only logs of which a filter
// left every tenth record need a run for each.
//
// Runs are put back into the sequences they were written in: along a sequence numbers grow and time does not go back
// by more than kTimeSlack, unless the next number follows at once, at an earlier time: then the clock went back. A
// second sequence means that the numbers began anew - or another machine of this name.
#pragma once

#include <compare>
#include <cstdint>
#include <tuple>
#include <vector>

#include "hunt/coarsened.h"

namespace spoor {

// Microseconds that time may go back along a sequence: providers write from several threads, and each event is dated
// before it is numbered.
inline constexpr int64_t kTimeSlack = int64_t{10} * 60 * 1'000'000;
// Microseconds from one record of a run to the next.
inline constexpr int64_t kRunStep = int64_t{24} * 3600 * 1'000'000;

// Numbers first to last, all present, and the times of these two records (microseconds; see base/time.h).
struct RecordRun {
  uint64_t first = 0, last = 0;
  int64_t first_time = 0, last_time = 0;

  // Takes in a record that follows, in the same file: the next number, not long before the last one's time and no more
  // than kRunStep after it. False: it begins a run of its own.
  bool TakeNext(uint64_t number, int64_t time);

  // At level 0 a run is a cell of its own: the same file twice adds nothing. Above, runs that begin and end in the same
  // block of numbers and begin in the same span of time become one, which hides the holes between them.
  std::tuple<uint64_t, uint64_t, int64_t, int64_t> CellAt(int level) const;
  void Join(const RecordRun& other);
  bool operator==(const RecordRun&) const = default;
};
// Holes of up to so many records can be hidden in runs of this level; 0 at level 0.
uint64_t HiddenHole(int level);

// Sequences told apart; what belongs to no more of them is left out and counted.
inline constexpr size_t kMaxSequences = 16;
// Jumps kept of a log, those with most missing records, and times that go back, those that go back furthest; all are
// counted.
inline constexpr size_t kMaxJumps = 1000;

// Records missing between two that are there.
struct RecordJump {
  uint64_t after = 0, before = 0;           // the numbers around the hole
  int64_t after_time = 0, before_time = 0;  // of these two records
  uint64_t missing() const { return before - after - 1; }
};

// The numbers began anew, or time went back: the record `last` was the last one of what was written before.
struct RecordBreak {
  uint64_t last = 0, first = 0;
  int64_t last_time = 0, first_time = 0;
};

struct RecordNumbers {
  uint64_t missing = 0, jumps_counted = 0;
  std::vector<RecordJump> jumps;  // most missing records first
  std::vector<RecordBreak> anew;  // in order of time
  uint64_t clock_back_counted = 0;
  std::vector<RecordBreak> clock_back;  // numbers go on, time does not; in order of time
  size_t left_out = 0;                  // runs of further sequences than kMaxSequences
};

// REQUIRES: runs in order of their cells (Coarsened::entries).
RecordNumbers JudgeRecordNumbers(const std::vector<RecordRun>& runs);

}  // namespace spoor
