// What values seen before turned out to be.
//
// Process paths, users and command lines repeat: more than nine look-ups of ten need no conversion and no scan. A memo
// belongs to one field matcher and one thread. A value is known by a 128-bit hash of its bytes, keyed with secrets
// drawn when the program starts: evidence cannot be written so that one value passes for another, and the value itself
// need not be kept or compared. A look-up touches one place in memory, and none else where nothing holds for the
// value; Prefetch lets the look-ups of all fields of an event wait for memory at once. Three-way set associative: a new
// value takes the place of the oldest in its set.
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
  static constexpr uint32_t kMaxValue = 1024;    // bytes; longer values hardly ever repeat
  static constexpr uint32_t kFirstSets = 16;     // three values each
  static constexpr uint32_t kMaxSets = 2048;     // 6,144 values: more gained nothing on real logs
  static constexpr uint32_t kTrial = 8192;       // look-ups after which a memo that helps too little is switched off
  static constexpr uint64_t kWorthwhile = 5;     // it does where fewer than one look-up in so many is answered

  explicit ValueMemo(MemoBudget* budget) : budget_(budget) {}
  ValueMemo(const ValueMemo&) = delete;
  ~ValueMemo() { Clear(); }

  static Hash128 KeyOf(const Value& value) {
    return HashBytes128(value.data, value.size, static_cast<uint8_t>(value.type));
  }
  void Prefetch(const Hash128& key) const {
    if (!sets_.empty()) __builtin_prefetch(&sets_[key.low & mask_]);
  }

  // The verdict on a value seen before, or nullptr. It stands until something is inserted.
  const Verdict* Find(const Hash128& key) {
    ++lookups_;
    if (sets_.empty()) return nullptr;
    for (const Way& way : sets_[key.low & mask_].ways) {
      if (way.key == key) {
        ++found_;
        return &way.verdict;
      }
    }
    return nullptr;
  }

  // Remembers a verdict; copies all it is given. Returns the stored one, or nullptr if there was no memory: the
  // owner then empties all memos of the budget.
  const Verdict* Insert(const Hash128& key, const Verdict& verdict);

  // Forgets everything. Verdicts returned before are gone.
  void Clear();

  bool worthwhile() const { return lookups_ < kTrial || found_ * kWorthwhile >= lookups_; }
  uint64_t lookups() const { return lookups_; }
  uint64_t found() const { return found_; }

 private:
  struct Way {
    Hash128 key;           // all zeros: free
    Verdict verdict;       // its arrays are one allocation, rules first
  };
  struct alignas(128) Set {  // two cache lines, which processors fetch together
    Way ways[3];
    uint32_t next = 0;     // the way to be replaced
  };
  static_assert(sizeof(Set) == 128);

  static size_t BytesOf(const Verdict& v) { return 4 * size_t{v.rule_count} + 2 * size_t{v.hit_count}; }
  bool Grow();
  void Drop(Way* way);

  MemoBudget* budget_;
  std::vector<Set> sets_;
  uint64_t mask_ = 0;
  uint32_t stored_ = 0;
  uint64_t lookups_ = 0, found_ = 0;
};

}  // namespace spoor
