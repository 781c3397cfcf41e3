// A span of time from the first to the last of something, in microseconds.
#pragma once

#include <algorithm>
#include <cstdint>

namespace spoor {

// 0: nothing has a time; of `time`: it has none.
inline void Widen(int64_t time, int64_t* first, int64_t* last) {
  if (time == 0) return;
  if (*first == 0 || time < *first) *first = time;
  *last = std::max(*last, time);
}

}  // namespace spoor
