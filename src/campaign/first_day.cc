#include "campaign/first_day.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "campaign/gaps.h"
#include "campaign/groups.h"
#include "campaign/result.h"
#include "campaign/stages.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr int64_t kMinute = 60'000'000, kDay = 1440 * kMinute;
constexpr int64_t kClocks = 5 * kMinute;  // that two machines' clocks may be apart: what Kerberos bears
constexpr double kSure = 3;               // weight of a hint that takes a machine
constexpr double kArrives = 1;            // of one by which somebody came

// Somebody came from another machine.
struct Arrival {
  ThingId from, to;
  int64_t time;
  std::string account, title;
  RecordPlace place;
};

// What is known of a machine of the campaign.
struct Taken {
  int64_t time = 0;  // from when on; 0: not for sure
  const Arrival* by = nullptr;
  const Hint* first_sure = nullptr;
  const Hint* first = nullptr;  // of whatever weight
  std::vector<const Hint*> hints;
  int64_t logs_begin = 0;
};

class FirstDayFinder {
 public:
  FirstDayFinder(const World& world, const Clues& clues, const Groups& groups, const Sights& sights,
                 const std::vector<uint32_t>& hints, Campaign* campaign)
      : world_(world), clues_(clues), groups_(groups), sights_(sights), campaign_(*campaign) {
    for (const HostHit& hit : campaign_.hosts) hosts_[hit.host];
    for (const uint32_t h : hints) Take(groups_.hints[h]);
    FindArrivals(hints);
    FindLogs();
  }

  void Run() {
    FollowArrivals();
    std::map<std::string, std::vector<ThingId>> tenants;
    for (const auto& [host, taken] : hosts_) tenants[world_.tenant(At(host))].push_back(host);
    for (auto& [tenant, hosts] : tenants) AddTenant(tenant, &hosts);
    std::stable_sort(campaign_.first_days.begin(), campaign_.first_days.end(),
                     [](const FirstDay& a, const FirstDay& b) { return a.time < b.time; });
    FindDwell();
    AddGaps();
  }

 private:
  const Thing& At(ThingId thing) const { return world_.things()[thing]; }

  void Take(const Hint& hint) {
    const auto it = hosts_.find(hint.host);
    if (it == hosts_.end() || hint.first == 0) return;
    // What comes before anybody is in: attempts, and routers at home that are taken for relays.
    for (const std::string& tactic : hint.tactics) {
      if (tactic == "reconnaissance" || tactic == "resource-development") return;
    }
    Taken& taken = it->second;
    taken.hints.push_back(&hint);
    const auto earlier = [&](const Hint* known) { return known == nullptr || hint.first < known->first; };
    if (earlier(taken.first)) taken.first = &hint;
    if (hint.weight >= kSure && earlier(taken.first_sure)) taken.first_sure = &hint;
  }

  ThingId HostOf(ThingId thing) const {
    const Thing& t = At(thing);
    if (t.kind != ThingKind::kHost && t.kind != ThingKind::kAddress) return t.host;
    return world_.HostOf(thing) == kNoThing ? thing : world_.HostOf(thing);
  }

  void FindArrivals(const std::vector<uint32_t>& hints) {
    for (const uint32_t h : hints) {
      const Hint& hint = groups_.hints[h];
      if (hint.shown == ~0u || hint.weight < kArrives) continue;
      const Shown& shown = groups_.shown[hint.shown];
      if (shown.from == kNoThing || shown.host == kNoThing || shown.time == 0) continue;
      const std::string account = shown.account == kNoThing ? "" : At(shown.account).name;
      arrivals_.push_back({shown.from, shown.host, shown.time, account, shown.title, shown.place});
    }
    for (const Join& join : campaign_.joins) {
      if (join.kind != LinkKindName(LinkKind::kOpenedSession) || join.proof.time == 0) continue;
      const ThingId from = HostOf(join.from), to = HostOf(join.to);
      if (At(join.from).kind == ThingKind::kAccount) AddTunnel(hints, join, to);
      const bool process = world_.FindProcess(join.to) != nullptr;
      const ThingId owner = process ? groups_.AccountOf(join.to) : groups_.sessions[join.to].owner;
      if (from == kNoThing || to == kNoThing || from == to) continue;
      const std::string account = owner == kNoThing || IsOfMachine(At(owner).name) ? "" : At(owner).name;
      arrivals_.push_back({from, to, join.proof.time, account, "Logon from another machine", join.proof});
    }
    std::erase_if(arrivals_, [&](const Arrival& a) { return !hosts_.contains(a.to) || a.from == a.to; });
    std::stable_sort(arrivals_.begin(), arrivals_.end(),
                     [](const Arrival& a, const Arrival& b) { return a.time < b.time; });
  }

  // As an account that had signed in from outside and was given an address inside.
  void AddTunnel(const std::vector<uint32_t>& hints, const Join& join, ThingId to) {
    for (const uint32_t h : hints) {
      const Hint& hint = groups_.hints[h];
      if (hint.about != join.from || hint.shown == ~0u || groups_.shown[hint.shown].addresses.empty()) continue;
      arrivals_.push_back({groups_.shown[hint.shown].addresses.front().first, to, join.proof.time, At(join.from).name,
                           "Logon through a tunnel into the network", join.proof});
      return;
    }
  }

  // When the own logs of each machine begin.
  void FindLogs() {
    for (const Thing& thing : world_.things()) {
      const auto it = thing.host == kNoThing ? hosts_.end() : hosts_.find(thing.host);
      if (it == hosts_.end() || thing.first == 0) continue;
      int64_t& begin = it->second.logs_begin;
      if (begin == 0 || thing.first < begin) begin = thing.first;
    }
  }

  // A machine that somebody came onto from one that was taken is taken from then on.
  void FollowArrivals() {
    for (auto& [host, taken] : hosts_) taken.time = taken.first_sure == nullptr ? 0 : taken.first_sure->first;
    for (const Arrival& arrival : arrivals_) {
      const auto from = hosts_.find(arrival.from);
      const bool outside = At(arrival.from).kind == ThingKind::kAddress && !IsPrivate(At(arrival.from).name);
      const bool from_taken =
          from != hosts_.end() && from->second.time != 0 && from->second.time <= arrival.time + kClocks;
      if (!outside && !from_taken) continue;
      Taken& to = hosts_[arrival.to];
      if (to.by == nullptr) to.by = &arrival;
      if (to.time == 0 || arrival.time < to.time) to.time = arrival.time;
    }
    for (auto& [host, taken] : hosts_) {
      // Somebody who came long after the machine was taken did not take it.
      if (taken.by != nullptr && taken.by->time > taken.time + kClocks) taken.by = nullptr;
    }
  }

  bool FromWithin(const Taken& taken, const std::string& tenant) const {
    return taken.by != nullptr && hosts_.contains(taken.by->from) && world_.tenant(At(taken.by->from)) == tenant;
  }
  int64_t TimeOf(ThingId host) const {
    const Taken& taken = hosts_.at(host);
    if (taken.time != 0) return taken.time;
    return taken.first == nullptr ? 0 : taken.first->first;
  }

  void AddTenant(const std::string& tenant, std::vector<ThingId>* hosts) {
    std::erase_if(*hosts, [&](ThingId host) { return TimeOf(host) == 0; });
    if (hosts->empty()) return;
    std::stable_sort(hosts->begin(), hosts->end(), [&](ThingId a, ThingId b) {
      const bool sure_a = hosts_.at(a).time != 0, sure_b = hosts_.at(b).time != 0;
      return sure_a != sure_b ? sure_a : TimeOf(a) < TimeOf(b);
    });
    const auto entry =
        std::find_if(hosts->begin(), hosts->end(), [&](ThingId host) { return !FromWithin(hosts_.at(host), tenant); });
    const ThingId host = entry == hosts->end() ? hosts->front() : *entry;
    FirstDay day;
    day.tenant = tenant;
    day.host = host;
    day.time = TimeOf(host);
    TellHow(hosts_.at(host), &day);
    for (const ThingId other : *hosts) AddAlternative(tenant, other, &day);
    AddEarlier(*hosts, &day);
    campaign_.first_days.push_back(std::move(day));
  }

  RecordPlace PlaceOf(const Hint& hint) const {
    if (hint.shown != ~0u) return groups_.shown[hint.shown].place;
    const Clue& clue = clues_.clues[hint.clues.front()];
    return {clue.time, clue.file, clue.record, clue.offset};
  }
  std::string TitleOf(const Hint& hint) const {
    return hint.rule == ~0u ? groups_.shown[hint.shown].title : clues_.rules[hint.rule].title;
  }
  // Whose process or session it is; "": nobody's, or not known.
  std::string AccountOf(const Hint& hint) const {
    ThingId account = kNoThing;
    if (world_.FindProcess(hint.about) != nullptr) account = groups_.AccountOf(hint.about);
    if (At(hint.about).kind == ThingKind::kSession) account = groups_.sessions[hint.about].owner;
    if (account != kNoThing) return IsOfMachine(At(account).name) ? "" : At(account).name;
    if (hint.clues.empty()) return {};
    const std::string name = AccountName(clues_.clues[hint.clues.front()].user, "", At(hint.host).name);
    return IsOfMachine(name) ? "" : name;
  }

  void TellHow(const Taken& taken, FirstDay* day) const {
    if (taken.by != nullptr) {
      const Arrival& by = *taken.by;
      const std::string& tenant = world_.tenant(At(by.from));
      day->from = by.from;
      day->account = by.account;
      day->how =
          by.title + ", from " + At(by.from).name + (tenant.empty() || tenant == day->tenant ? "" : " of " + tenant);
      day->records = {by.place};
      return;
    }
    const Hint* entry = nullptr;
    for (const Hint* hint : taken.hints) {
      const int stage = StageOf(hint->techniques.empty() ? "" : hint->techniques.front(), hint->tactics);
      const std::string name = stage < 0 ? "" : Stages()[static_cast<size_t>(stage)].name;
      if (name != "entry" && name != "web shell" && name != "tracking mail") continue;
      if (hint->first < day->time - kDay || hint->first > day->time + kDay) continue;
      if (entry == nullptr || hint->first < entry->first) entry = hint;
    }
    if (entry != nullptr) {
      day->how = TitleOf(*entry);
      day->time = std::min(day->time, entry->first);
    }
    const Hint* const proof = entry != nullptr ? entry : taken.first_sure != nullptr ? taken.first_sure : taken.first;
    day->records = {PlaceOf(*proof)};
    // The first of the day that names somebody.
    const Hint* named = nullptr;
    for (const Hint* hint : taken.hints) {
      if (hint->first < day->time || hint->first > day->time + kDay || AccountOf(*hint).empty()) continue;
      if (named == nullptr || hint->first < named->first) named = hint;
    }
    if (named != nullptr) day->account = AccountOf(*named);
  }

  void AddAlternative(const std::string& tenant, ThingId other, FirstDay* day) const {
    if (other == day->host || day->alternatives.size() >= FirstDay::kMaxAlternatives) return;
    const Taken& taken = hosts_.at(other);
    if (FromWithin(taken, tenant)) return;  // how they came onto it is known
    std::string why;
    if (taken.time != 0 && taken.time <= day->time + kClocks) {
      why = "as early, as far as clocks tell";
    } else if (taken.logs_begin > day->time) {
      why = "its logs begin later";
    } else if (!sights_.Shows(other, Sights::kPrograms) && !sights_.Shows(other, Sights::kLogons)) {
      why = "its logs tell neither who logged on nor which programs were started";
    } else {
      return;
    }
    OtherBeginning beginning{other, TimeOf(other), std::move(why), {}};
    if (taken.first != nullptr) beginning.records = {PlaceOf(*taken.first)};
    day->alternatives.push_back(std::move(beginning));
  }

  // The earliest that is too weak to be sure.
  void AddEarlier(const std::vector<ThingId>& hosts, FirstDay* day) const {
    ThingId earliest = kNoThing;
    for (const ThingId host : hosts) {
      const Hint* const first = hosts_.at(host).first;
      if (first == nullptr || first->first >= day->time - kClocks) continue;
      if (earliest == kNoThing || first->first < hosts_.at(earliest).first->first) earliest = host;
    }
    if (earliest == kNoThing) return;
    const Hint& first = *hosts_.at(earliest).first;
    if (day->alternatives.size() >= FirstDay::kMaxAlternatives) day->alternatives.pop_back();
    day->alternatives.push_back(
        {earliest, first.first, "an earlier sign, too weak to be sure: " + TitleOf(first), {PlaceOf(first)}});
  }

  void FindDwell() {
    std::set<int64_t> times;
    for (const Step& step : campaign_.steps) {
      times.insert(step.first);
      times.insert(step.last);
      for (const uint32_t c : step.clues) times.insert(clues_.clues[c].time);
      for (const RecordPlace& place : step.places) times.insert(place.time);
    }
    Dwell& dwell = campaign_.dwell;
    dwell.first = campaign_.first_days.empty() ? campaign_.first : campaign_.first_days.front().time;
    dwell.last = std::max(dwell.first, campaign_.last);
    int64_t before = dwell.first;
    for (const int64_t time : times) {
      if (time <= dwell.first) continue;
      if (time - before > dwell.silent_until - dwell.silent_from) {
        dwell.silent_from = before;
        dwell.silent_until = time;
      }
      before = time;
    }
  }

  // Somebody must have come onto each machine.
  void AddGaps() {
    for (const HostHit& hit : campaign_.hosts) {
      const Taken& taken = hosts_.at(hit.host);
      if (taken.time == 0 || taken.by != nullptr) continue;
      FirstDay how;
      how.time = taken.time;
      TellHow(taken, &how);
      if (!how.how.empty()) continue;
      const bool arrived = std::any_of(arrivals_.begin(), arrivals_.end(), [&](const Arrival& a) {
        return a.to == hit.host && a.time <= taken.time + kClocks;
      });
      if (!arrived) campaign_.gaps.push_back({hit.host, "how they came onto the machine", {}, 0});
    }
  }

  const World& world_;
  const Clues& clues_;
  const Groups& groups_;
  const Sights& sights_;
  Campaign& campaign_;
  std::map<ThingId, Taken> hosts_;
  std::vector<Arrival> arrivals_;
};

}  // namespace

void FindFirstDays(const World& world, const Clues& clues, const Groups& groups, const Sights& sights,
                   const std::vector<uint32_t>& hints, Campaign* campaign) {
  FirstDayFinder(world, clues, groups, sights, hints, campaign).Run();
}

}  // namespace spoor
