#include "match/memo.h"

#include <cstring>

namespace spoor {
namespace {

constexpr size_t kVerdictOverhead = 96;  // bytes a verdict takes in the tables, about

}  // namespace

void ValueMemo::Clear() {
  budget_->Give(taken_);
  taken_ = 0;
  std::vector<Set>().swap(sets_);
  std::vector<Verdict>().swap(verdicts_);
  std::vector<std::unique_ptr<uint32_t[]>>().swap(arrays_);
  by_hits_ = {};
  mask_ = 0;
  stored_ = 0;
}

void ValueMemo::Put(const Way& way) {
  Set& set = sets_[way.tag & mask_];
  for (Way& own : set.ways) {
    if (own.verdict != kFree) continue;
    own = way;
    ++stored_;
    return;
  }
  set.ways[next_++ % 4] = way;
}

bool ValueMemo::Grow() {
  const size_t want = sets_.empty() ? kFirstSets : sets_.size() * 2;
  const size_t bytes = (want - sets_.size()) * sizeof(Set);
  if (!budget_->Take(bytes)) return false;
  taken_ += bytes;
  const std::vector<Set> old = std::move(sets_);
  sets_.assign(want, Set());
  mask_ = static_cast<uint32_t>(want - 1);
  stored_ = 0;
  for (const Set& set : old) {
    for (const Way& way : set.ways) {
      if (way.verdict != kFree) Put(way);
    }
  }
  return true;
}

uint32_t ValueMemo::Intern(const std::vector<uint16_t>& hits, absl::FunctionRef<Verdict()> make) {
  const Hash128 hash = HashBytes128(reinterpret_cast<const uint8_t*>(hits.data()), 2 * hits.size(), 0);
  const auto known = by_hits_.find({hash.low, hash.high});
  if (known != by_hits_.end()) return known->second;
  Verdict verdict = make();
  const size_t bytes = 4 * size_t{verdict.rule_count} + 2 * size_t{verdict.hit_count};
  if (!budget_->Take(bytes + kVerdictOverhead)) return kFree;
  taken_ += bytes + kVerdictOverhead;
  arrays_.push_back(std::make_unique<uint32_t[]>((bytes + 3) / 4));
  uint32_t* const rules = arrays_.back().get();
  auto* const own_hits = reinterpret_cast<uint16_t*>(rules + verdict.rule_count);
  if (verdict.rule_count != 0) std::memcpy(rules, verdict.rules, 4 * size_t{verdict.rule_count});
  if (verdict.hit_count != 0) std::memcpy(own_hits, verdict.hits, 2 * size_t{verdict.hit_count});
  verdict.rules = rules;
  verdict.hits = own_hits;
  if (verdicts_.empty()) verdicts_.push_back({});
  verdicts_.push_back(verdict);
  const auto number = static_cast<uint32_t>(verdicts_.size() - 1);
  by_hits_.emplace(std::pair(hash.low, hash.high), number);
  return number;
}

const Verdict* ValueMemo::Insert(const Hash128& key, const std::vector<uint16_t>& hits,
                                 absl::FunctionRef<Verdict()> make) {
  if (stored_ >= 3 * sets_.size() && sets_.size() < kMaxSets && !Grow()) return nullptr;
  const uint32_t verdict = Intern(hits, make);
  if (verdict == kFree) return nullptr;
  Put({key.high, TagOf(key), verdict});
  return &verdicts_[verdict];
}

}  // namespace spoor
