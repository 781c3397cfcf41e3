// What values seen before turned out to be.
//
// Process paths, users and command lines repeat: more than nine look-ups of ten need no conversion and no scan. A memo
// belongs to one field matcher and one thread. A value is known by a hash of its bytes, keyed with secrets drawn when
// the program starts: evidence cannot be written so that one value passes for another, and the value itself need not be
// kept or compared. 96 bits of the hash stand for it.
//
// Thousands of values mean the same few things, so what they mean is kept once: a value costs 16 bytes, and a look-up
// touches one cache line, besides a verdict that is nearly always in the cache already. Prefetch lets the look-ups of
// all fields of an event wait for memory at once. Four-way set associative; a new value takes the place of an old one.
//
// Memory: all memos of a thread share a MemoBudget; when it is spent, all of them are emptied.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "base/hash.h"
#include "event/value.h"

namespace spoor {

// What is known of a value: the items that hold (sorted) and the rules to look at because of them.
struct Verdict {
  const uint16_t* hits;
  const uint32_t* rules;
  uint32_t hit_count;
  uint32_t rule_count : 31;
  uint32_t has_keywords : 1;  // the last of the hits are keywords (Program::Slot::first_keyword)
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
  static constexpr uint32_t kMaxValue = 1024;  // bytes; longer values hardly ever repeat
  static constexpr uint32_t kFirstSets = 8;    // four values each
  static constexpr uint32_t kMaxSets = 2048;   // 8,192 values: more gained nothing on real logs
  static constexpr uint32_t kTrial = 8192;     // look-ups after which a memo that helps too little is switched off
  static constexpr uint64_t kWorthwhile = 5;   // it does where fewer than one look-up in so many is answered

  explicit ValueMemo(MemoBudget* budget) : budget_(budget) {}
  ValueMemo(const ValueMemo&) = delete;
  ~ValueMemo() { Clear(); }

  // `quoted`: no keywords are looked for in it, so that what it means is another thing.
  static Hash128 KeyOf(const Value& value, bool quoted = false) {
    Hash128 key = HashBytes128(value.data, value.size, static_cast<uint8_t>(value.type));
    key.high ^= quoted ? ~uint64_t{0} : 0;
    return key;
  }
  void Prefetch(const Hash128& key) const {
    if (!sets_.empty()) __builtin_prefetch(&sets_[TagOf(key) & mask_]);
  }

  // The verdict on a value seen before, or nullptr. It stands until something is inserted.
  const Verdict* Find(const Hash128& key) {
    ++lookups_;
    if (sets_.empty()) return nullptr;
    const uint32_t tag = TagOf(key);
    for (const Way& way : sets_[tag & mask_].ways) {
      if (way.high == key.high && way.tag == tag && way.verdict != kFree) {
        ++found_;
        return &verdicts_[way.verdict];
      }
    }
    return nullptr;
  }

  // Remembers what a value means: the items that hold, and whatever `make` says of them, which is asked for where no
  // value with these items is known yet. Copies all it is given. Returns the stored verdict, or nullptr if there was
  // no memory: the owner then empties all memos of the budget.
  const Verdict* Insert(const Hash128& key, const std::vector<uint16_t>& hits, absl::FunctionRef<Verdict()> make);

  // Forgets everything. Verdicts returned before are gone.
  void Clear();

  bool worthwhile() const { return lookups_ < kTrial || found_ * kWorthwhile >= lookups_; }
  uint64_t lookups() const { return lookups_; }
  uint64_t found() const { return found_; }

 private:
  static constexpr uint32_t kFree = 0;  // verdicts_[0] is nobody's
  struct Way {
    uint64_t high = 0;         // of the key
    uint32_t tag = 0;          // … and of its lower half; says the set, too
    uint32_t verdict = kFree;  // in verdicts_
  };
  struct alignas(64) Set {
    Way ways[4];
  };
  static_assert(sizeof(Set) == 64);

  static uint32_t TagOf(const Hash128& key) { return static_cast<uint32_t>(key.low); }
  void Put(const Way& way);
  bool Grow();
  // The number of the verdict with these items; kFree: no memory.
  uint32_t Intern(const std::vector<uint16_t>& hits, absl::FunctionRef<Verdict()> make);

  MemoBudget* budget_;
  std::vector<Set> sets_;
  uint32_t mask_ = 0;
  std::vector<Verdict> verdicts_;
  std::vector<std::unique_ptr<uint32_t[]>> arrays_;                       // of the verdicts: rules, then hits
  absl::flat_hash_map<std::pair<uint64_t, uint64_t>, uint32_t> by_hits_;  // keyed by a hash of the hits
  size_t taken_ = 0;                                                      // bytes of the budget
  uint32_t stored_ = 0, next_ = 0;                                        // values; the way to be replaced next
  uint64_t lookups_ = 0, found_ = 0;
};

}  // namespace spoor
