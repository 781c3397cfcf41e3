// Finds numbers (of things, of links …) by what they stand for, which is kept elsewhere: a hash table of numbers alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/release.h"

namespace spoor {

// Not thread-safe.
class IdIndex {
 public:
  static constexpr uint32_t kNone = ~0u;

  // The number with that hash for which is(number) is true; kNone: there is none.
  template <typename Is>
  uint32_t Find(size_t hash, const Is& is) const {
    if (slots_.empty()) return kNone;
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == kNone || is(slots_[at])) return slots_[at];
    }
  }

  // REQUIRES: Find does not find it. hash_of(number): of those that are in.
  template <typename HashOf>
  void Insert(size_t hash, uint32_t number, const HashOf& hash_of) {
    constexpr size_t kSmallest = 64;
    if ((size_ + 1) * 4 > slots_.size() * 3) {
      std::vector<uint32_t> old(slots_.empty() ? kSmallest : slots_.size() * 2, kNone);
      old.swap(slots_);
      for (const uint32_t known : old) {
        if (known != kNone) Put(hash_of(known), known);
      }
    }
    Put(hash, number);
    ++size_;
  }

  void Clear() {
    Release(&slots_);
    size_ = 0;
  }

 private:
  void Put(size_t hash, uint32_t number) {
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at] != kNone) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = number;
  }

  std::vector<uint32_t> slots_;  // a power of two of them
  size_t size_ = 0;
};

}  // namespace spoor
