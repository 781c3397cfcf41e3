// Which of many literals occur anywhere in a text, found by a few bytes of each.
//
// Every literal is filed under one of its grams: four bytes in a row, or the whole literal where it is shorter. Of a
// long literal's grams the rarest is taken, so that a text gives reason to look at few literals and few share a gram.
// A scan asks a bit table about the bytes at each place of the text; what passes is looked up, and the literals filed
// there are compared whole.
//
// What it is for: thousands of literals, texts of some hundred bytes, which it scans faster than Vectorscan; and it is
// built in milliseconds instead of most of a second, which every first start had to wait for. For fewer literals
// Vectorscan is ahead (literals.h chooses; docs/performance.md has the figures).
//
// The work per byte of text is bounded by the literals filed under one gram. Immutable after Build; Find may be called
// from any number of threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace spoor {

// How common a byte is in what logs hold (paths, commands, addresses), roughly: 0 is rare, 3 the most common.
int ByteCommonness(uint8_t byte);

class GramIndex {
 public:
  // Literals are matched byte for byte; ids are their places in the list. REQUIRES: none is empty, all differ.
  void Build(const std::vector<std::string_view>& literals);

  // Calls fn(id, at) for every occurrence of every literal of two bytes or more, where it begins at `at`; for the first
  // of one of a single byte.
  template <typename Fn>
  void Find(std::string_view text, Fn&& fn) const;

 private:
  struct Entry {        // a literal, filed under its gram
    uint32_t at, size;  // in bytes_
    uint32_t gram_at;   // where in the literal its gram stands
    uint32_t id : 31;
    uint32_t last : 1;  // no further literal has this gram
  };
  struct Slot {
    uint32_t gram;
    uint32_t first;  // in entries_; kFree: nothing is filed here
  };
  static constexpr uint32_t kFree = ~0u;
  // The grams of one length, 2 to 4 bytes.
  struct Table {
    uint32_t length;
    uint32_t mask;                // of the bytes of a gram in a 32-bit load
    int shift;                    // from hash to bit of the filter
    std::vector<uint8_t> filter;  // a bit for each hash
    uint32_t slot_mask;
    int slot_shift;  // from hash to slot: its high bits, for its low ones depend on the first bytes of a gram alone
    std::vector<Slot> slots;  // open addressing, at most half full
  };

  static uint32_t HashOf(uint32_t gram) { return gram * 0x9e3779b1u; }

  template <typename Fn>
  void FindBytes(std::string_view text, Fn&& fn) const;
  template <typename Fn>
  void FindIn(const Table& table, std::string_view text, Fn&& fn) const;
  template <typename Fn>
  void Look(const Table& table, std::string_view text, size_t at, uint32_t gram, Fn&& fn) const;

  std::vector<Table> tables_;
  std::vector<Entry> entries_;
  std::string bytes_;
  // Literals of a single byte: which bytes, and whose they are.
  bool any_single_ = false;
  uint64_t singles_[4] = {};
  uint32_t single_id_[256] = {};
};

template <typename Fn>
void GramIndex::Look(const Table& table, std::string_view text, size_t at, uint32_t gram, Fn&& fn) const {
  uint32_t s = HashOf(gram) >> table.slot_shift;
  while (table.slots[s].first != kFree && table.slots[s].gram != gram) s = (s + 1) & table.slot_mask;
  if (table.slots[s].first == kFree) return;
  for (const Entry* e = &entries_[table.slots[s].first];; ++e) {
    if (at >= e->gram_at && text.size() - (at - e->gram_at) >= e->size &&
        std::memcmp(text.data() + (at - e->gram_at), bytes_.data() + e->at, e->size) == 0) {
      fn(static_cast<uint32_t>(e->id), at - e->gram_at);
    }
    if (e->last) return;
  }
}

template <typename Fn>
void GramIndex::FindIn(const Table& table, std::string_view text, Fn&& fn) const {
  constexpr size_t kBlock = 256;  // places whose candidates are noted before they are looked at
  uint32_t candidates[kBlock];
  const size_t size = text.size();
  if (size < table.length) return;
  const uint8_t* const filter = table.filter.data();
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  const size_t places = size - table.length + 1;
  const size_t whole = size >= 4 ? size - 3 : 0;  // places at which four bytes can be read
  for (size_t begin = 0; begin < whole; begin += kBlock) {
    const size_t end = begin + kBlock < whole ? begin + kBlock : whole;
    size_t count = 0;
    for (size_t i = begin; i < end; ++i) {
      const uint32_t bit = HashOf(Load32(bytes + i) & table.mask) >> table.shift;
      candidates[count] = static_cast<uint32_t>(i);
      count += filter[bit >> 3] >> (bit & 7) & 1;  // no branch: it could not be foreseen
    }
    for (size_t c = 0; c < count; ++c) {
      // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the first `count` were set
      Look(table, text, candidates[c], Load32(bytes + candidates[c]) & table.mask, fn);
    }
  }
  for (size_t i = whole; i < places; ++i) {
    uint32_t gram = 0;
    std::memcpy(&gram, bytes + i, table.length);
    Look(table, text, i, gram, fn);
  }
}

template <typename Fn>
void GramIndex::FindBytes(std::string_view text, Fn&& fn) const {
  uint64_t wanted[4] = {singles_[0], singles_[1], singles_[2], singles_[3]};
  for (size_t at = 0; at < text.size(); ++at) {
    const auto b = static_cast<uint8_t>(text[at]);
    if ((wanted[b >> 6] >> (b & 63) & 1) == 0) continue;
    wanted[b >> 6] &= ~(uint64_t{1} << (b & 63));  // once is enough
    fn(single_id_[b], at);
  }
}

template <typename Fn>
void GramIndex::Find(std::string_view text, Fn&& fn) const {
  if (any_single_) FindBytes(text, fn);
  for (const Table& table : tables_) FindIn(table, text, fn);
}

}  // namespace spoor
