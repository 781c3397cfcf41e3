// How many things of which ranks all collectors of a trace were given, so that each may drop what is above the bounds
// of all together: memory does not grow with the number of workers.
//
// Thread-safe. Ranks are hashes: they fall evenly into the buckets.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace spoor {

class RankCounts {
 public:
  // Before the thing is kept.
  void Count(uint64_t rank) { counts_[rank >> kShift].fetch_add(1, std::memory_order_relaxed); }

  // More than `most` things of ranks below this were given: those of this rank or more are none of the `most` smallest.
  // UINT64_MAX: so many were not given.
  uint64_t Bound(size_t most) const {
    uint64_t sum = 0;
    for (uint64_t bucket = 0; bucket + 1 < kBuckets; ++bucket) {
      sum += counts_[bucket].load(std::memory_order_relaxed);
      if (sum > most) return (bucket + 1) << kShift;
    }
    return UINT64_MAX;
  }

 private:
  static constexpr uint64_t kBuckets = 4096, kShift = 52;
  std::array<std::atomic<uint32_t>, kBuckets> counts_{};
};

}  // namespace spoor
