#include "hunt/activity.h"

#include <algorithm>
#include <cmath>

namespace spoor {

int64_t ActiveHour::CellAt(int level) const {
  const int64_t span = kHour << std::min(level, 26);
  return first / span - (first % span < 0 ? 1 : 0);
}

void ActiveHour::Join(const ActiveHour& other) {
  first = std::min(first, other.first);
  last = std::max(last, other.last);
  events += other.events;
}

Silences FindSilences(const std::vector<ActiveHour>& hours, int level) {
  Silences result;
  if (hours.size() < kFewestActiveHours) return result;
  const int64_t shortest = kHour << std::min(level, 26);
  constexpr int64_t kLongest = int64_t{1000} * 366 * 24 * kHour;  // so that a dated-at-random event overflows nothing
  std::vector<int64_t> steps;
  for (size_t i = 1; i < hours.size(); ++i) {
    steps.push_back(std::clamp(hours[i].first - hours[i - 1].last, shortest, kLongest));
  }
  std::vector<int64_t> sorted = steps;
  const auto rank = static_cast<size_t>(std::ceil(kUsualShare * static_cast<double>(sorted.size()))) - 1;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(rank), sorted.end());
  result.unusual = std::max(kShortestSilence, kSilenceFactor * sorted[rank]);
  for (size_t i = 1; i < hours.size(); ++i) {
    if (steps[i - 1] >= *result.unusual) result.found.push_back({hours[i - 1].last, hours[i].first, 0});
  }
  return result;
}

uint64_t EventsWithin(const std::vector<ActiveHour>& hours, int64_t from, int64_t to) {
  uint64_t events = 0;
  auto it = std::lower_bound(hours.begin(), hours.end(), from,
                             [](const ActiveHour& hour, int64_t time) { return hour.first < time; });
  for (; it != hours.end() && it->last <= to; ++it) events += it->events;
  return events;
}

}  // namespace spoor
