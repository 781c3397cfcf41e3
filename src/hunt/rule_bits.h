// A set of rules, by their index in a rule set. Joining two sets costs a step for every 64 rules, which lets thousands
// of hosts be judged one by one.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spoor {

// Sets that are put together must be of the same rule set.
class RuleBits {
 public:
  explicit RuleBits(size_t rules = 0) : words_((rules + 63) / 64) {}

  void Add(size_t rule) { words_[rule / 64] |= uint64_t{1} << rule % 64; }
  bool Has(size_t rule) const { return words_[rule / 64] >> rule % 64 & 1; }
  RuleBits& operator|=(const RuleBits& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  RuleBits& operator&=(const RuleBits& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  RuleBits& operator-=(const RuleBits& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  bool Empty() const {
    for (const uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  // Rules that are in both.
  size_t Common(const RuleBits& other) const {
    size_t n = 0;
    for (size_t i = 0; i < words_.size(); ++i) n += static_cast<size_t>(std::popcount(words_[i] & other.words_[i]));
    return n;
  }

 private:
  std::vector<uint64_t> words_;
};

}  // namespace spoor
