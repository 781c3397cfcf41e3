#include <algorithm>
#include <map>

#include "campaign/group_phases.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr size_t kFewOwn = 5;            // accounts that are at home at an address: more, and it joins nothing
constexpr int64_t kClocks = 10'000'000;  // microseconds that machines' clocks differ
constexpr size_t kFewHosts = 5;          // machines that reach an address without being part of anything

class Relays {
 public:
  explicit Relays(Groups* groups) : g_(*groups) {}
  void Join();

 private:
  void JoinTunnels();
  void JoinPages();
  std::map<ThingId, RecordPlace> PagesOf(uint32_t node) const;
  std::string Called(uint32_t node) const;

  Groups& g_;
};

// Somebody who came in through a tunnel goes on from the address that was given to them.
void Relays::JoinTunnels() {
  constexpr int64_t kStands = int64_t{12} * 3'600'000'000;
  std::map<ThingId, std::vector<std::pair<RecordPlace, uint32_t>>>
      given;  // by address inside: when, and the account's node
  for (const Act& act : g_.world.acts.all()) {
    if (act.kind != ActKind::kGotAddress || act.on == kNoThing || !g_.accounts.theirs.contains({act.who, act.from}))
      continue;
    const uint32_t node = g_.NodeOf(act.who);
    if (node == ~0u || !g_.IsHot(node)) continue;
    for (const RecordPlace& place : act.places) given[act.on].emplace_back(place, node);
  }
  if (given.empty()) return;
  std::map<ThingId, std::vector<uint32_t>> of_session;
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    for (const ThingId session : g_.nodes[n].sessions) of_session[session].push_back(n);
  }
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kOpenedSession) continue;
    const auto it = given.find(link.from);
    const auto nodes = of_session.find(link.to);
    if (it == given.end() || nodes == of_session.end()) continue;
    for (const auto& [place, account] : it->second) {
      if (link.first() < place.time - kClocks || link.first() > place.time + kStands) continue;
      for (const uint32_t n : nodes->second) {
        if (!g_.IsHot(n)) continue;
        g_.Unite(account, n, LinkKind::kOpenedSession, "a logon from the address that the tunnel had just given out",
                 0.9, link.proof);
      }
    }
  }
}

// Pages of web servers in which a rule found something that was asked of them, by those who asked.
std::map<ThingId, RecordPlace> Relays::PagesOf(uint32_t node) const {
  std::map<ThingId, RecordPlace> pages;
  for (const uint32_t h : g_.nodes[node].hints) {
    if (g_.hints[h].shown != ~0u && g_.At(g_.hints[h].about).kind == ThingKind::kUrl)
      pages.try_emplace(g_.hints[h].about, g_.PlaceOf(g_.hints[h]));
    for (const uint32_t c : g_.hints[h].clues) {
      const Clue& clue = g_.clues.clues[c];
      for (const ThingId with : clue.with) {
        if (g_.At(with).kind == ThingKind::kUrl)
          pages.try_emplace(with, RecordPlace{clue.time, clue.file, clue.record, clue.offset});
      }
    }
  }
  return pages;
}

// One web shell, whoever asks for it from wherever.
void Relays::JoinPages() {
  std::map<ThingId, uint32_t> first;
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    const bool shell = std::any_of(g_.nodes[n].hints.begin(), g_.nodes[n].hints.end(), [&](uint32_t h) {
      return !g_.hints[h].techniques.empty() && g_.hints[h].techniques.front() == "T1505.003";
    });
    if (!shell || !g_.IsHot(n)) continue;
    for (const auto& [page, proof] : PagesOf(n)) {
      const auto [it, fresh] = first.try_emplace(page, n);
      if (!fresh) {
        g_.Unite(it->second, n, LinkKind::kReached, "both asked for the page " + g_.At(page).name + " of a web server",
                 0.8, proof);
      }
    }
  }
}

// What people call the thing that a node is about.
std::string Relays::Called(uint32_t node) const {
  const ThingId thing = g_.nodes[node].thing;
  if (g_.At(thing).kind == ThingKind::kAddress) {
    const std::string& tenant = g_.world.tenant(g_.At(thing));
    return tenant.empty() ? "what was tried from there" : "what was tried from there in " + tenant;
  }
  const std::string_view image = BaseName(g_.ImageOf(thing));
  const std::string name = image.empty() ? g_.At(thing).name : std::string(image);
  return g_.At(thing).host == kNoThing ? name : name + " on " + g_.At(g_.At(thing).host).name;
}

// One address outside, which somebody used for several of: an account, a router, a web shell, commands to an implant.
void Relays::Join() {
  struct User {
    uint32_t node;
    RecordPlace proof;
  };
  std::map<std::string, std::vector<User>> users;
  std::map<std::string, std::set<ThingId>> cold;  // machines that reach it and are part of nothing
  const auto add = [&](const std::string& address, uint32_t node, const RecordPlace& proof) {
    if (IsPrivate(address)) return;
    std::vector<User>& list = users[address];
    if (std::none_of(list.begin(), list.end(), [&](const User& u) { return u.node == node; }))
      list.push_back({node, proof});
  };
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    for (const uint32_t h : g_.nodes[n].hints) {
      if (!g_.IsHot(n) || g_.hints[h].shown == ~0u) continue;
      const Shown& shown = g_.shown[g_.hints[h].shown];
      for (const auto& [address, proof] : shown.addresses) add(g_.At(address).name, n, proof);
      if (shown.because != kNoThing && g_.NodeOf(shown.because) != ~0u) {
        g_.Unite(n, g_.NodeOf(shown.because), LinkKind::kReached,
                 "what was asked of the web server, and what it did then", 0.9, shown.place);
      }
    }
  }
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    const Thing& from = g_.At(g_.nodes[n].thing);
    if (from.kind == ThingKind::kAddress && g_.IsHot(n) && !PagesOf(n).empty())
      add(from.name, n, g_.PlaceOf(g_.hints[g_.nodes[n].hints.front()]));
  }
  JoinTunnels();
  JoinPages();
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected || g_.At(link.to).kind != ThingKind::kAddress) continue;
    const auto it = users.find(g_.At(link.to).name);
    if (it == users.end()) continue;
    const uint32_t node = g_.NodeOf(link.from);
    if (node != ~0u && g_.IsHot(node)) {
      add(it->first, node, link.proof);
    } else {
      cold[it->first].insert(g_.At(link.from).host);
    }
  }
  for (const auto& [address, list] : users) {
    const auto own = g_.accounts.own.find(address);
    if (list.size() < 2 || cold[address].size() > kFewHosts) continue;
    if (own != g_.accounts.own.end() && own->second > kFewOwn) continue;
    for (const User& user : list) {
      const std::string one = Called(list.front().node), other = Called(user.node);
      g_.Unite(list.front().node, user.node, LinkKind::kReached,
               address + ", which hardly any other uses, had to do with " + one +
                   (one == other ? " on several days" : " and with " + other),
               0.8, user.proof);
    }
  }
}

}  // namespace

void JoinRelays(Groups* groups) { Relays(groups).Join(); }

}  // namespace spoor
