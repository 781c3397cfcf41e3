#include "match/memo.h"

#include <cstring>

namespace spoor {

void ValueMemo::Drop(Way* way) {
  if (const size_t bytes = BytesOf(way->verdict); bytes > 0) {
    budget_->Give(bytes);
    std::free(const_cast<uint32_t*>(way->verdict.rules));
  }
  *way = {};
}

void ValueMemo::Clear() {
  for (Set& set : sets_) {
    for (Way& way : set.ways) Drop(&way);
  }
  budget_->Give(sets_.size() * sizeof(Set));
  sets_ = {};
  mask_ = 0;
  stored_ = 0;
}

bool ValueMemo::Grow() {
  const size_t before = sets_.size();
  const size_t want = before == 0 ? kFirstSets : before * 2;
  if (want > kMaxSets) return true;
  if (!budget_->Take((want - before) * sizeof(Set))) return false;
  std::vector<Set> old = std::move(sets_);
  sets_.assign(want, Set());
  mask_ = want - 1;
  for (Set& set : old) {
    for (Way& way : set.ways) {
      if (way.key == Hash128()) continue;
      Set& to = sets_[way.key.low & mask_];  // has at most the three of the set it comes from
      to.ways[to.next] = way;
      to.next = (to.next + 1) % 3;
    }
  }
  return true;
}

const Verdict* ValueMemo::Insert(const Hash128& key, const Verdict& verdict) {
  if (stored_ >= 2 * sets_.size() && sets_.size() < kMaxSets && !Grow()) return nullptr;
  const size_t bytes = BytesOf(verdict);
  if (!budget_->Take(bytes)) return nullptr;
  Verdict kept = verdict;
  kept.hits = nullptr;
  kept.rules = nullptr;
  if (bytes > 0) {
    auto* rules = static_cast<uint32_t*>(std::malloc(bytes));
    if (rules == nullptr) {
      budget_->Give(bytes);
      return nullptr;
    }
    auto* hits = reinterpret_cast<uint16_t*>(rules + verdict.rule_count);
    if (verdict.rule_count != 0) std::memcpy(rules, verdict.rules, 4 * size_t{verdict.rule_count});
    if (verdict.hit_count != 0) std::memcpy(hits, verdict.hits, 2 * size_t{verdict.hit_count});
    kept.rules = rules;
    kept.hits = hits;
  }
  Set& set = sets_[key.low & mask_];
  Way& way = set.ways[set.next];
  set.next = (set.next + 1) % 3;
  if (way.key == Hash128()) {
    ++stored_;
  } else {
    Drop(&way);
  }
  way.key = key;
  way.verdict = kept;
  return &way.verdict;
}

}  // namespace spoor
