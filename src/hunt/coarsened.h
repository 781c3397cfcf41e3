// A set in bounded memory that comes out the same in whatever order it was filled.
//
// What is kept has levels. At level 0 an entry is what was added; at each level above, entries that fall into the same
// cell become one, and cells of a level lie within those of the next. How many cells a set needs at a level can only
// grow with the set. So the lowest level at which all of it fits does not depend on how it came to be filled, and
// neither do the entries, as long as Join does not care for order.
//
// An entry type T has
//     auto CellAt(int level) const;   // the cell, comparable; the same for what Join makes of entries of one cell
//     void Join(const T& other);      // associative and commutative
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace spoor {

// Not thread-safe.
template <typename T>
class Coarsened {
 public:
  void Add(const T& entry) {
    if (entries_.size() == entries_.capacity()) {
      if (entries_.size() > compact_ + compact_ / 4 + kSlack) Compact();
      if (entries_.size() == entries_.capacity()) entries_.reserve(entries_.size() + entries_.size() / 4 + 4);
    }
    entries_.push_back(entry);
  }

  // Goes up as many levels as it takes to hold no more than `cap` entries. REQUIRES: cap > 0.
  void Limit(size_t cap) {
    Compact();
    while (entries_.size() > cap) {
      ++level_;
      Compact();
    }
    if (entries_.capacity() > entries_.size() + entries_.size() / 2 + kSlack) entries_.shrink_to_fit();
  }

  // In order of their cells. Call Limit before.
  const std::vector<T>& entries() const { return entries_; }
  size_t size() const { return entries_.size(); }  // entries held just now, some perhaps of one cell
  int level() const { return level_; }

 private:
  static constexpr size_t kSlack = 64;

  void Compact() {
    std::sort(entries_.begin(), entries_.end(),
              [&](const T& a, const T& b) { return a.CellAt(level_) < b.CellAt(level_); });
    size_t kept = 0;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (kept > 0 && entries_[kept - 1].CellAt(level_) == entries_[i].CellAt(level_)) {
        entries_[kept - 1].Join(entries_[i]);
      } else {
        entries_[kept++] = entries_[i];
      }
    }
    entries_.resize(kept);
    compact_ = kept;
  }

  std::vector<T> entries_;
  size_t compact_ = 0;
  int level_ = 0;
};

}  // namespace spoor
