// What values seen before turned out to be.
//
// Process paths, users and command lines repeat: nineteen look-ups of twenty need no conversion and no scan. A memo
// belongs to one field matcher and one thread. The key is the value as it lies in the evidence, compared byte for
// byte (the hash is keyed, but hostile data must not be able to pass for another value). Four-way set associative:
// a new value takes the place of the oldest in its set.
//
// Memory: all memos of a thread share a MemoBudget; when it is spent, all of them are emptied.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "event/value.h"

namespace spoor {

// What is known of a value: the items that hold (sorted) and the rules to look at because of them.
struct Verdict {
  const uint16_t* hits;
  const uint32_t* rules;
  uint32_t hit_count, rule_count;
};

class MemoBudget {
 public:
  explicit MemoBudget(size_t bytes) : limit_(bytes) {}
  bool Take(size_t bytes) {
    if (used_ + bytes > limit_) return false;
    used_ += bytes;
    return true;
  }
  void Give(size_t bytes) { used_ -= bytes; }
  size_t used() const { return used_; }

 private:
  size_t limit_, used_ = 0;
};

class ValueMemo {
 public:
  static constexpr uint32_t kMaxValue = 1024;    // bytes; longer values hardly ever repeat
  static constexpr uint32_t kFirstSets = 16;     // four values each
  static constexpr uint32_t kMaxSets = 1024;     // 4,096 values: more gained nothing on real logs
  static constexpr uint32_t kTrial = 8192;       // look-ups after which a memo that helps too little is switched off
  static constexpr double kWorthwhile = 0.20;    // share of hits below which it does

  explicit ValueMemo(MemoBudget* budget) : budget_(budget) {}
  ValueMemo(const ValueMemo&) = delete;
  ~ValueMemo() { Clear(); }

  // The verdict on a value seen before, or nullptr. *hash is to be handed to Insert.
  const Verdict* Find(const Value& value, uint64_t* hash) {
    ++lookups_;
    const uint64_t h = HashBytes(value.data, value.size, seed_ ^ static_cast<uint64_t>(value.type));
    *hash = h;
    if (sets_.empty()) return nullptr;
    Set& set = sets_[h & mask_];
    const auto tag = static_cast<uint32_t>(h >> 32) | 1;
    for (int way = 0; way < 4; ++way) {
      if (set.tags[way] != tag) continue;
      const Entry* e = set.entries[way];
      if (e->size == value.size && e->type == value.type && SameBytes(e->key(), value.data, value.size)) {
        ++found_;
        return &e->verdict;
      }
    }
    return nullptr;
  }

  // Remembers a verdict; copies all it is given. Returns the stored one, or nullptr if there was no memory: the
  // owner then empties all memos of the budget.
  const Verdict* Insert(const Value& value, uint64_t hash, const Verdict& verdict);

  // Forgets everything. Verdicts returned before are gone.
  void Clear();

  bool worthwhile() const { return lookups_ < kTrial || found_ >= static_cast<double>(lookups_) * kWorthwhile; }
  uint64_t lookups() const { return lookups_; }
  uint64_t found() const { return found_; }

 private:
  struct Entry {
    Verdict verdict;
    uint32_t size, bytes;   // of the key; of the whole allocation
    ValueType type;
    uint64_t hash;
    // Behind it: rules, hits, key.
    const uint8_t* key() const {
      return reinterpret_cast<const uint8_t*>(this + 1) + 4 * verdict.rule_count + 2 * verdict.hit_count;
    }
  };
  struct Set {
    uint32_t tags[4] = {0, 0, 0, 0};
    Entry* entries[4] = {nullptr, nullptr, nullptr, nullptr};
    uint32_t next = 0;   // the way to be replaced
  };
  bool Grow();
  void Drop(Entry* entry);

  MemoBudget* budget_;
  uint64_t seed_ = ProcessSeed();
  std::vector<Set> sets_;
  uint64_t mask_ = 0;
  uint32_t stored_ = 0;
  uint64_t lookups_ = 0, found_ = 0;
};

}  // namespace spoor
