#include "world/acts.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.h"
#include "world/span.h"

namespace spoor {
namespace {

constexpr ThingId kNothing = ~0u;
constexpr int64_t kDay = 86'400'000'000;

constexpr std::pair<const char*, ActKind> kNames[] = {
    {"signed in", ActKind::kSignedIn},
    {"failed", ActKind::kFailed},
    {"worked", ActKind::kWorked},
    {"read mail", ActKind::kReadMail},
    {"gave right", ActKind::kGaveRight},
    {"consented", ActKind::kConsented},
    {"forwarded", ActKind::kForwarded},
    {"listed", ActKind::kListed},
    {"fetched", ActKind::kFetched},
    {"got address", ActKind::kGotAddress},
    {"admin login", ActKind::kAdminLogin},
    {"admin failed", ActKind::kAdminFailed},
    {"reconfigured", ActKind::kReconfigured},
    {"posted", ActKind::kPosted},
    {"asked", ActKind::kAsked},
};

// Puts one more into a list in order of which the first `most` are kept.
template <typename T, typename Less>
void Insert(std::vector<T>* list, const T& one, size_t most, Less&& less) {
  const auto at = std::lower_bound(list->begin(), list->end(), one, less);
  if (at != list->end() && !less(one, *at)) return;
  if (at == list->end() && list->size() >= most) return;
  list->insert(at, one);
  if (list->size() > most) list->pop_back();
}

}  // namespace

int ActKindOf(std::string_view name) {
  for (const auto& [known, kind] : kNames) {
    if (name == known) return static_cast<int>(kind);
  }
  return -1;
}

uint32_t Fingerprint(std::string_view text, bool digits) {
  uint32_t hash = 2166136261;  // FNV-1a: the same in every run
  bool any = false;
  for (const char c : Folded(text)) {
    if (c >= '0' && c <= '9' && !digits) continue;
    any = true;
    hash = (hash ^ static_cast<uint8_t>(c)) * 16777619;
  }
  return any ? hash | 1 : 0;
}

bool Acts::Before(const RecordPlace& a, const RecordPlace& b) const {
  if (a.time != b.time) return a.time < b.time;
  if (a.file != b.file) return files_->Before(a.file, b.file);
  return std::tie(a.offset, a.record) < std::tie(b.offset, b.record);
}

Act* Acts::Find(const Act& like) {
  const auto [it, fresh] = by_key_.try_emplace(Key(like.kind, like.who, like.from, like.on, like.at), 0);
  if (fresh) {
    if (acts_.size() >= kMaxActs) {
      by_key_.erase(it);
      ++left_out_;
      return nullptr;
    }
    it->second = static_cast<uint32_t>(acts_.size());
    acts_.push_back({like.kind, like.who, like.from, like.on, like.at});
  }
  return &acts_[it->second];
}

void Acts::Add(const Act& one, const RecordPlace& place, uint32_t way, bool vouched) {
  Act* const mine = Find(one);
  if (mine == nullptr) return;
  ++mine->count;
  mine->vouched += vouched;
  Widen(place.time, &mine->first, &mine->last);
  if (place.time != 0) Insert(&mine->days, static_cast<int32_t>(place.time / kDay), kMaxDays, std::less<>());
  Insert(&mine->places, place, kMaxPlaces, [&](const RecordPlace& a, const RecordPlace& b) { return Before(a, b); });
  if (way != 0) Insert(&mine->ways, way, kMaxWays, std::less<>());
}

void Acts::Merge(Act* into, const Act& from) const {
  into->count += from.count;
  into->vouched += from.vouched;
  Widen(from.first, &into->first, &into->last);
  Widen(from.last, &into->first, &into->last);
  for (const int32_t day : from.days) Insert(&into->days, day, kMaxDays, std::less<>());
  for (const RecordPlace& place : from.places) {
    Insert(&into->places, place, kMaxPlaces, [&](const RecordPlace& a, const RecordPlace& b) { return Before(a, b); });
  }
  for (const uint32_t way : from.ways) Insert(&into->ways, way, kMaxWays, std::less<>());
}

void Acts::Take(const Acts& other, const std::vector<ThingId>& to) {
  for (const Act& act : other.acts_) {
    Act like{act.kind, act.who, act.from, act.on, act.at};
    bool there = true;
    for (ThingId* const thing : {&like.who, &like.from, &like.on, &like.at}) {
      if (*thing == kNothing) continue;
      *thing = to[*thing];
      there &= *thing != kNothing;
    }
    Act* const mine = there ? Find(like) : nullptr;
    if (mine != nullptr) Merge(mine, act);
  }
  left_out_ += other.left_out_;
}

void Acts::Settle(const std::vector<ThingId>& to) {
  Acts settled(*files_);
  settled.Take(*this, to);
  std::sort(settled.acts_.begin(), settled.acts_.end(), [](const Act& a, const Act& b) {
    return std::tie(a.kind, a.who, a.from, a.on, a.at) < std::tie(b.kind, b.who, b.from, b.on, b.at);
  });
  settled.by_key_.clear();
  *this = std::move(settled);
}

}  // namespace spoor
