#include "match/memo.h"

#include <cstring>

namespace spoor {

void ValueMemo::Drop(Entry* entry) {
  budget_->Give(entry->bytes);
  std::free(entry);
}

void ValueMemo::Clear() {
  for (Set& set : sets_) {
    for (Entry* e : set.entries) {
      if (e != nullptr) Drop(e);
    }
  }
  budget_->Give(sets_.size() * sizeof(Set));
  sets_ = {};
  mask_ = 0;
  stored_ = 0;
}

bool ValueMemo::Grow() {
  const size_t before = sets_.size();
  const size_t want = before == 0 ? kFirstSets : before * 4;
  if (want > kMaxSets) return true;
  if (!budget_->Take((want - before) * sizeof(Set))) return false;
  std::vector<Set> old = std::move(sets_);
  sets_.assign(want, Set());
  mask_ = want - 1;
  for (Set& set : old) {
    for (Entry* e : set.entries) {
      if (e == nullptr) continue;
      Set& to = sets_[e->hash & mask_];
      to.tags[to.next] = static_cast<uint32_t>(e->hash >> 32) | 1;  // a set has at most four of its parent's
      to.entries[to.next] = e;
      to.next = (to.next + 1) % 4;
    }
  }
  return true;
}

const Verdict* ValueMemo::Insert(const Value& value, uint64_t hash, const Verdict& verdict) {
  if (stored_ >= 3 * sets_.size() && sets_.size() < kMaxSets && !Grow()) return nullptr;
  const size_t bytes = sizeof(Entry) + 4 * size_t{verdict.rule_count} + 2 * size_t{verdict.hit_count} + value.size;
  if (!budget_->Take(bytes)) return nullptr;
  auto* e = static_cast<Entry*>(std::malloc(bytes));
  if (e == nullptr) {
    budget_->Give(bytes);
    return nullptr;
  }
  e->size = value.size;
  e->bytes = static_cast<uint32_t>(bytes);
  e->type = value.type;
  e->hash = hash;
  auto* rules = reinterpret_cast<uint32_t*>(e + 1);
  auto* hits = reinterpret_cast<uint16_t*>(rules + verdict.rule_count);
  auto* key = reinterpret_cast<uint8_t*>(hits + verdict.hit_count);
  if (verdict.rule_count != 0) std::memcpy(rules, verdict.rules, 4 * size_t{verdict.rule_count});
  if (verdict.hit_count != 0) std::memcpy(hits, verdict.hits, 2 * size_t{verdict.hit_count});
  if (value.size != 0) std::memcpy(key, value.data, value.size);
  e->verdict = {hits, rules, verdict.hit_count, verdict.rule_count};
  Set& set = sets_[hash & mask_];
  const uint32_t way = set.next;
  set.next = (way + 1) % 4;
  if (set.entries[way] != nullptr) {
    Drop(set.entries[way]);
  } else {
    ++stored_;
  }
  set.tags[way] = static_cast<uint32_t>(hash >> 32) | 1;
  set.entries[way] = e;
  return &e->verdict;
}

}  // namespace spoor
