#include "campaign/shown_accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kEnough = 3;         // points from which on a presence is somebody else's
constexpr size_t kOwnDays = 3;        // days that make a presence an account's own, if
constexpr double kOwnShare = 0.1;     //   they are such a share of the account's days
constexpr size_t kSureDays = 6;       // the same, where somebody else is about
constexpr double kHomeShare = 0.2;    // who is there as often lives there, whatever others do from there
constexpr int32_t kOwnBefore = 7;     // days that somebody is at home before others come from there
constexpr size_t kHabitDays = 5;      // an account without any presence of so many days
constexpr double kHabitShare = 0.3;   //   and such a share has no habits that could be told
constexpr size_t kOrganisations = 3;  // accounts whose own presence makes an address the organisation's
constexpr size_t kSprayed = 5;        // accounts that passwords were tried on
constexpr size_t kMany = 25;          // accounts from an address that many people use: nothing
constexpr double kBulk = 20;          // objects a day
constexpr size_t kMaxPlaces = 400;    // records of a step
constexpr size_t kMaxNamed = 3;       // addresses named in a summary
constexpr int64_t kDay = 86'400'000'000;

struct Presence {
  ThingId who = kNoThing, from = kNoThing;
  std::set<int32_t> days;
  std::set<uint32_t> ways;
  uint64_t vouched = 0;
  std::vector<const Act*> acts;
  double share = 0;  // of the account's days
  bool own = false;
  double points = 0;
  std::vector<std::string> why;

  bool Does(std::initializer_list<ActKind> kinds) const {
    return std::any_of(acts.begin(), acts.end(),
                       [&](const Act* act) { return std::find(kinds.begin(), kinds.end(), act->kind) != kinds.end(); });
  }
};

// What is known of an address in all organisations.
struct Place {
  std::vector<Presence*> presences;
  std::map<uint32_t, std::vector<const Act*>> failed;  // by tenant
  size_t own = 0;                                      // accounts
};

struct Account {
  std::vector<Presence*> presences;
  std::set<uint32_t> ways;  // of its own ones
  double fetched = 0;       // by its own ones: the most objects of a store a day
};

double PerDay(const Act& act) {
  return static_cast<double>(act.count) / static_cast<double>(std::max<size_t>(1, act.days.size()));
}

class AccountReader {
 public:
  AccountReader(const World& world, const MarkedAddresses& marked) : world_(world), marked_(marked) {}

  AccountsShown Run() {
    Gather();
    FindOwn();
    Doubt();
    for (auto& [account, of] : of_account_) Sum(&of);
    for (auto& [key, presence] : presences_) Judge(&presence);
    for (const auto& [account, of] : of_account_) Tell(account, of.presences);
    TellTried();
    std::stable_sort(result_.shown.begin(), result_.shown.end(),
                     [](const Shown& a, const Shown& b) { return a.about < b.about; });
    return std::move(result_);
  }

 private:
  const Thing& At(ThingId thing) const { return world_.things()[thing]; }

  void Gather() {
    for (const Act& act : world_.acts.all()) {
      if (act.kind == ActKind::kGotAddress && act.who != kNoThing && act.at != kNoThing) gates_.insert(act.at);
      if (act.from == kNoThing || At(act.from).kind != ThingKind::kAddress || IsPrivate(At(act.from).name)) continue;
      if (act.kind == ActKind::kFailed) {
        places_[At(act.from).name].failed[At(act.from).tenant].push_back(&act);
        continue;
      }
      if (act.who == kNoThing || act.kind >= ActKind::kAdminLogin) continue;
      Presence& presence = presences_[{act.who, act.from}];
      presence.who = act.who;
      presence.from = act.from;
      presence.days.insert(act.days.begin(), act.days.end());
      presence.ways.insert(act.ways.begin(), act.ways.end());
      presence.vouched += act.vouched;
      presence.acts.push_back(&act);
    }
    for (auto& [key, presence] : presences_) {
      of_account_[presence.who].presences.push_back(&presence);
      places_[At(presence.from).name].presences.push_back(&presence);
    }
  }

  void FindOwn() {
    for (const auto& [account, of] : of_account_) {
      const std::vector<Presence*>& list = of.presences;
      std::set<int32_t> days;
      size_t most = 0;
      for (const Presence* p : list) {
        days.insert(p->days.begin(), p->days.end());
        most = std::max(most, p->days.size());
      }
      const auto share = [&](size_t of) { return static_cast<double>(of) / static_cast<double>(days.size()); };
      const bool habits = most >= kHabitDays && share(most) >= kHabitShare;
      for (Presence* p : list) {
        p->share = share(p->days.size());
        p->own = p->vouched > 0 || (habits && p->days.size() >= kOwnDays && p->share >= kOwnShare);
      }
    }
    for (auto& [name, place] : places_) {
      std::map<uint32_t, size_t> of_tenant;
      for (const Presence* p : place.presences) of_tenant[At(p->who).tenant] += p->own && p->days.size() >= kOwnDays;
      for (Presence* p : place.presences) {
        p->own |= of_tenant[At(p->who).tenant] >= kOrganisations || place.presences.size() > kMany;
        place.own += p->own;
      }
    }
  }

  // Accounts and organisations that an address is new to.
  struct Newness {
    std::set<uint32_t> tenants;
    std::set<ThingId> accounts;
    int64_t first = 0;
  };
  Newness NewTo(const Place& place) const {
    Newness to;
    for (const Presence* p : place.presences) {
      if (p->own) continue;
      to.tenants.insert(At(p->who).tenant);
      to.accounts.insert(p->who);
      for (const Act* act : p->acts) {
        if (act->first != 0 && (to.first == 0 || act->first < to.first)) to.first = act->first;
      }
    }
    return to;
  }

  // Of an address that much speaks against, only those are at home who were long before, or are there often.
  void Doubt() {
    for (auto& [name, place] : places_) {
      Newness to = NewTo(place);
      const bool tried = Tried(place) >= kSprayed && place.own < kOrganisations;
      if (!tried && to.tenants.size() < 3 && to.accounts.size() < 4 && !marked_.contains(name)) continue;
      if (tried) {
        for (const auto& [tenant, acts] : place.failed) {
          for (const Act* act : acts) {
            if (act->first != 0 && (to.first == 0 || act->first < to.first)) to.first = act->first;
          }
        }
      }
      const auto it = marked_.find(name);
      if (it != marked_.end() && it->second.home) continue;  // whoever is often there lives there
      if (it != marked_.end() && (to.first == 0 || it->second.since < to.first)) to.first = it->second.since;
      if (to.first == 0) continue;
      for (Presence* p : place.presences) {
        if (!p->own || p->vouched > 0 || (p->share >= kHomeShare && p->days.size() >= kSureDays)) continue;
        if (p->days.empty() || *p->days.begin() + kOwnBefore <= static_cast<int32_t>(to.first / kDay)) continue;
        p->own = false;
        --place.own;
      }
    }
    for (const auto& [name, place] : places_) result_.own[name] = place.own;
    for (const auto& [key, p] : presences_) {
      if (p.own && p.days.size() >= kOwnDays) result_.usual.insert(key);
    }
  }

  // Accounts that passwords were tried on from an address, in the organisation where they are most.
  static size_t Tried(const Place& place) {
    size_t most = 0;
    for (const auto& [tenant, acts] : place.failed) {
      std::set<uint32_t> accounts;
      for (const Act* act : acts) accounts.insert(act->ways.begin(), act->ways.end());
      most = std::max(most, accounts.size());
    }
    return most;
  }

  void Judge(Presence* p) const {
    if (p->own) return;
    const Place& place = places_.at(At(p->from).name);
    const auto say = [&](double points, std::string why) {
      p->points += points;
      p->why.push_back(std::move(why));
    };
    p->points = 1;
    const auto& [tenants, accounts, first] = NewTo(place);
    if (const size_t tried = Tried(place); tried >= kSprayed && place.own < kOrganisations) {
      say(tried >= 2 * kSprayed ? 3 : 2, fmt::format("passwords were tried from there on {} accounts", tried));
    }
    if (tenants.size() >= 3 || accounts.size() >= 4) {
      say(3, fmt::format("it is new to {} accounts of {} organisations", accounts.size(), tenants.size()));
    } else if (tenants.size() == 2) {
      say(1.5, "it is new to accounts of two organisations");
    }
    if (marked_.contains(At(p->from).name)) say(3, "somebody entered a router or used a web shell from there");
    if (p->Does({ActKind::kGaveRight, ActKind::kConsented, ActKind::kForwarded})) {
      say(2, "rights were given or mail was sent on from there");
    }
    if (IsBulk(*p)) say(2, "far more was fetched than is usual");
    if (IsOtherProgram(*p)) say(1, "by a program the account does not have elsewhere");
  }

  void Sum(Account* account) const {
    for (const Presence* p : account->presences) {
      if (!p->own) continue;
      account->ways.insert(p->ways.begin(), p->ways.end());
      account->fetched = std::max(account->fetched, Fetched(*p));
    }
  }

  static double Fetched(const Presence& presence) {
    double most = 0;
    for (const Act* act : presence.acts) {
      if (act->kind == ActKind::kFetched) most = std::max(most, PerDay(*act));
    }
    return most;
  }

  bool IsBulk(const Presence& presence) const {
    const double here = Fetched(presence);
    return here >= kBulk && here >= 3 * of_account_.at(presence.who).fetched;
  }

  bool IsOtherProgram(const Presence& presence) const {
    const std::set<uint32_t>& usual = of_account_.at(presence.who).ways;
    if (usual.empty() || presence.ways.empty()) return false;
    return std::none_of(presence.ways.begin(), presence.ways.end(), [&](uint32_t way) { return usual.contains(way); });
  }

  // What somebody else does in an account.
  void Tell(ThingId account, const std::vector<Presence*>& list) {
    std::set<uint32_t> ways;
    std::vector<const Presence*> theirs;
    std::optional<int32_t> first;  // day
    for (const Presence* p : list) {
      if (p->points < kEnough) continue;
      ways.insert(p->ways.begin(), p->ways.end());
      if (!p->days.empty() && (!first || *p->days.begin() < *first)) first = *p->days.begin();
    }
    if (!first) return;
    // Once somebody is in the account it takes longer until a new address is held for the owner's.
    for (Presence* p : list) {
      if (!p->own || p->vouched > 0 || p->days.empty() || *p->days.begin() < *first) continue;
      if (p->days.size() < kSureDays && places_.at(At(p->from).name).own < kOrganisations) p->own = false;
    }
    const auto same = [&](const Presence& p) {
      return std::any_of(p.ways.begin(), p.ways.end(), [&](uint32_t way) { return ways.contains(way); });
    };
    for (const Presence* p : list) {
      if (p->own || (p->points < kEnough && !same(*p))) continue;
      theirs.push_back(p);
      result_.theirs.insert({p->who, p->from});
      used_.insert(At(p->from).name);
    }
    struct Kind {
      std::vector<ActKind> acts;
      const char* title;
      std::vector<std::string> techniques;
      const char* tactic;
      double weight;
      bool by_object;
    };
    static const auto* const kinds = new std::vector<Kind>{
        {{ActKind::kSignedIn},
         "Signed in from an address foreign to the account",
         {"T1078.004"},
         "initial-access",
         4,
         false},
        {{ActKind::kGaveRight},
         "Right to a mailbox given from an address foreign to the account",
         {"T1098.002"},
         "persistence",
         3,
         true},
        {{ActKind::kConsented},
         "Application let in from an address foreign to the account",
         {"T1528", "T1098.003"},
         "persistence",
         3,
         true},
        {{ActKind::kForwarded},
         "Mail sent on by a rule made from an address foreign to the account",
         {"T1114.003"},
         "collection",
         4,
         true},
        {{ActKind::kReadMail}, "Mail read from addresses foreign to the account", {"T1114.002"}, "collection", 4, true},
        {{ActKind::kListed, ActKind::kFetched},
         "Objects listed and fetched from an address foreign to the account",
         {"T1530"},
         "collection",
         4,
         false}};
    for (const Kind& kind : *kinds) {
      std::map<ThingId, std::vector<const Act*>> steps;  // by what it was done to, of sign-ins by machine
      for (const Presence* p : theirs) {
        for (const Act* act : p->acts) {
          if (std::find(kind.acts.begin(), kind.acts.end(), act->kind) == kind.acts.end()) continue;
          steps[kind.by_object ? act->on : act->kind == ActKind::kSignedIn ? act->at : kNoThing].push_back(act);
        }
      }
      for (const auto& [what, acts] : steps) {
        Shown shown = Made(acts);
        shown.title = kind.title;
        shown.techniques = kind.techniques;
        shown.tactics = {kind.tactic};
        shown.about = shown.account = account;
        double points = 0;
        std::string why;
        for (const Presence* p : theirs) {
          if (p->points <= points) continue;
          points = p->points;
          why.clear();
          for (const std::string& one : p->why) why += (why.empty() ? "" : "; ") + one;
        }
        shown.weight = kind.acts.front() == ActKind::kSignedIn ? std::min(kind.weight, points) : kind.weight;
        shown.summary = Summary(shown, acts);
        if (kind.acts.front() == ActKind::kSignedIn && what != kNoThing) {
          shown.techniques = {"T1078", "T1133"};
          if (gates_.contains(what)) {
            shown.summary += ", through " + At(what).name;
          } else {
            shown.host = world_.HostOf(what) == kNoThing ? what : world_.HostOf(what);
          }
        }
        if (kind.by_object && what != kNoThing && At(what).name != At(account).name)
          shown.summary += ", on " + At(what).name;
        if (!why.empty()) shown.summary += ": " + why;
        result_.shown.push_back(std::move(shown));
      }
    }
  }

  // Records, times and addresses of some acts.
  Shown Made(const std::vector<const Act*>& acts) const {
    Shown shown;
    shown.host = kNoThing;
    std::map<ThingId, RecordPlace> addresses;
    for (const Act* act : acts) {
      shown.places.insert(shown.places.end(), act->places.begin(), act->places.end());
      if (act->first != 0 && (shown.time == 0 || act->first < shown.time)) shown.time = act->first;
      shown.last = std::max(shown.last, act->last);
      if (act->from == kNoThing) continue;
      const auto [it, fresh] = addresses.try_emplace(act->from, act->places.front());
      if (!fresh && act->places.front().time < it->second.time) it->second = act->places.front();
    }
    std::stable_sort(shown.places.begin(), shown.places.end(),
                     [](const RecordPlace& a, const RecordPlace& b) { return a.time < b.time; });
    if (shown.places.size() > kMaxPlaces) shown.places.resize(kMaxPlaces);
    shown.place = shown.places.front();
    shown.addresses.assign(addresses.begin(), addresses.end());
    return shown;
  }

  std::string Summary(const Shown& shown, const std::vector<const Act*>& acts) const {
    uint64_t records = 0;
    for (const Act* act : acts) records += act->count;
    std::string text = "from ";
    for (size_t i = 0; i < shown.addresses.size() && i < kMaxNamed; ++i)
      text += (i == 0 ? "" : ", ") + At(shown.addresses[i].first).name;
    if (shown.addresses.size() > kMaxNamed) text += fmt::format(" and {} more", shown.addresses.size() - kMaxNamed);
    return text + fmt::format(", {} record{}", records, records == 1 ? "" : "s");
  }

  // Passwords tried from addresses that somebody used: elsewhere it is the noise of the world.
  void TellTried() {
    for (const auto& [name, place] : places_) {
      if (!used_.contains(name) && !marked_.contains(name)) continue;
      if (place.own >= kOrganisations) continue;
      for (const auto& [tenant, acts] : place.failed) {
        std::set<uint32_t> accounts;
        for (const Act* act : acts) accounts.insert(act->ways.begin(), act->ways.end());
        if (accounts.size() < kSprayed) continue;
        Shown shown = Made(acts);
        shown.title = "Passwords tried on many accounts from one address";
        shown.techniques = {"T1110.003"};
        shown.tactics = {"credential-access"};
        shown.about = acts.front()->from;
        shown.weight = 3;
        shown.summary = Summary(shown, acts) + fmt::format(", {} accounts", accounts.size());
        result_.shown.push_back(std::move(shown));
      }
    }
  }

  const World& world_;
  const MarkedAddresses& marked_;
  std::map<std::pair<ThingId, ThingId>, Presence> presences_;
  std::map<ThingId, Account> of_account_;
  std::map<std::string, Place> places_;
  std::set<std::string> used_;
  std::set<ThingId> gates_;  // machines that give addresses inside
  AccountsShown result_;
};

}  // namespace

AccountsShown ShownByAccounts(const World& world, const MarkedAddresses& marked) {
  return AccountReader(world, marked).Run();
}

}  // namespace spoor
