// When a log had events, hour by hour, and the silences that are unusual for it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hunt/coarsened.h"

namespace spoor {

// Times are microseconds (base/time.h).
inline constexpr int64_t kHour = int64_t{3600} * 1'000'000;

// The events of an hour (at level n: of 2^n hours).
struct ActiveHour {
  int64_t first = 0, last = 0;  // times of the first and the last event
  uint64_t events = 0;

  int64_t CellAt(int level) const;
  void Join(const ActiveHour& other);
  bool operator==(const ActiveHour&) const = default;
};

// A silence is unusual when it is at least kSilenceFactor times as long as usual, and no shorter than kShortestSilence.
// Usual is what kUsualShare of the log's steps do not exceed, a step being the time from the last event of an hour that
// has any to the first event of the next such hour; less than an hour counts as an hour. So nights are usual for a
// workstation, and weekends too; on a server that never sleeps five hours are much. A log with fewer than
// kFewestActiveHours active hours says nothing about what is usual: with fewer, its longest step would be usual.
inline constexpr int64_t kShortestSilence = 4 * kHour;
inline constexpr int64_t kSilenceFactor = 5;
inline constexpr double kUsualShare = 0.95;
inline constexpr size_t kFewestActiveHours = 21;

struct Silence {
  int64_t from = 0, to = 0;  // the last event before it, the first after it
  uint64_t elsewhere = 0;    // events of the host's other logs meanwhile (whole hours)
};

struct Silences {
  std::optional<int64_t> unusual;  // from this length on; nothing: too few active hours to say
  std::vector<Silence> found;      // in order of time
};

// REQUIRES: hours in order of their cells (Coarsened::entries).
Silences FindSilences(const std::vector<ActiveHour>& hours, int level);

// Events in the hours that lie within a span of time, from..to.
uint64_t EventsWithin(const std::vector<ActiveHour>& hours, int64_t from, int64_t to);

}  // namespace spoor
