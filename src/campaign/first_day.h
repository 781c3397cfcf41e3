// Where a campaign began in each organisation: the machine and account that were first, how somebody came in there, and
// which machines else it may have been.
//
// What counts is of weight: a machine is taken from its first hint of weight 3 on, or from when somebody came from a
// machine that was taken by then. So what looked odd once, weeks before, does not move the first day; it is named
// beside it. A machine that was reached from another of its organisation is not where it began.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "world/world.h"

namespace spoor {

struct Campaign;
class Clues;
struct Groups;
class Sights;

// A machine, or an earlier time, that the logs do not rule out.
struct OtherBeginning {
  ThingId host = kNoThing;
  int64_t time = 0;  // of its first step; 0: it has none with a time
  std::string why;   // "its logs begin later"
  std::vector<RecordPlace> records;
};

struct FirstDay {
  std::string tenant;
  ThingId host = kNoThing;
  std::string account;  // "": no record tells
  int64_t time = 0;
  std::string how;          // "": no record shows how they came in
  ThingId from = kNoThing;  // the machine that they came from, of another organisation or outside
  std::vector<RecordPlace> records;
  std::vector<OtherBeginning> alternatives;  // at most kMaxAlternatives
  static constexpr size_t kMaxAlternatives = 5;
};

// From the first day to the last step.
struct Dwell {
  int64_t first = 0, last = 0;                // 0: no step has a time
  int64_t silent_from = 0, silent_until = 0;  // the longest time between two steps
};

// Sets first_days (by time), dwell and, for machines that no record shows anybody come onto, adds gaps. REQUIRES: the
// campaign's hosts, steps and joins are there; `hints` are its own.
void FindFirstDays(const World& world, const Clues& clues, const Groups& groups, const Sights& sights,
                   const std::vector<uint32_t>& hints, Campaign* campaign);

}  // namespace spoor
