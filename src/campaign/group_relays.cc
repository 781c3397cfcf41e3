#include <algorithm>
#include <map>

#include "campaign/grouper.h"
#include "campaign/shown_routers.h"
#include "campaign/shown_web.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr size_t kFewOwn = 5;            // accounts that are at home at an address: more, and it joins nothing
constexpr int64_t kClocks = 10'000'000;  // microseconds that machines' clocks differ
constexpr size_t kFewHosts = 5;          // machines that reach an address without being part of anything

}  // namespace

// What accounts, routers and web servers show, and which findings it takes in.
void Grouper::ShowPlaces() {
  RoutersShown routers = ShownByRouters(world_);
  WebShown web = ShownByWeb(world_, {});
  std::set<std::string> theirs;
  for (const auto& [address, how] : routers.marked) theirs.insert(address);
  MarkedAddresses marked = std::move(routers.marked);
  for (const auto& [address, how] : web.marked) Mark(address, how, &marked);
  accounts_ = ShownByAccounts(world_, marked);
  for (const auto& [account, address] : accounts_.theirs) theirs.insert(At(address).name);
  if (!theirs.empty()) web = ShownByWeb(world_, theirs);
  for (std::vector<Shown>* const list : {&routers.shown, &web.shown, &accounts_.shown})
    std::move(list->begin(), list->end(), std::back_inserter(shown_));
  accounts_.shown.clear();
  for (uint32_t s = 0; s < shown_.size(); ++s) {
    for (const RecordPlace& place : shown_[s].places)
      shown_at_.try_emplace({place.file, place.offset, place.record}, s);
  }
}

// What is found about an account as it comes from an address of somebody else stands with the account.
void Grouper::FindPresences() {
  std::map<ThingId, std::pair<ThingId, ThingId>> ends;  // of sessions of no machine: account and address
  for (const Link& link : world_.links()) {
    if (At(link.to).kind != ThingKind::kSession || At(link.to).host != kNoThing) continue;
    if (link.kind == LinkKind::kOwns) ends.try_emplace(link.to, kNoThing, kNoThing).first->second.first = link.from;
    if (link.kind == LinkKind::kOpenedSession)
      ends.try_emplace(link.to, kNoThing, kNoThing).first->second.second = link.from;
  }
  for (const auto& [session, of] : ends) {
    if (accounts_.theirs.contains(of)) top_[session] = of.first;
    if (accounts_.usual.contains(of)) usual_.insert(session);
  }
}

// Somebody who came in through a tunnel goes on from the address that was given to them.
void Grouper::JoinTunnels() {
  constexpr int64_t kStands = int64_t{12} * 3'600'000'000;
  std::map<ThingId, std::vector<std::pair<RecordPlace, uint32_t>>>
      given;  // by address inside: when, and the account's node
  for (const Act& act : world_.acts.all()) {
    if (act.kind != ActKind::kGotAddress || act.on == kNoThing || !accounts_.theirs.contains({act.who, act.from}))
      continue;
    const uint32_t node = NodeOf(act.who);
    if (node == ~0u || !IsHot(node)) continue;
    for (const RecordPlace& place : act.places) given[act.on].emplace_back(place, node);
  }
  if (given.empty()) return;
  std::map<ThingId, std::vector<uint32_t>> of_session;
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    for (const ThingId session : nodes_[n].sessions) of_session[session].push_back(n);
  }
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kOpenedSession) continue;
    const auto it = given.find(link.from);
    const auto nodes = of_session.find(link.to);
    if (it == given.end() || nodes == of_session.end()) continue;
    for (const auto& [place, account] : it->second) {
      if (link.first() < place.time - kClocks || link.first() > place.time + kStands) continue;
      for (const uint32_t n : nodes->second) {
        if (!IsHot(n)) continue;
        Unite(account, n, LinkKind::kOpenedSession, "a logon from the address that the tunnel had just given out", 0.9,
              link.proof);
      }
    }
  }
}

// Pages of web servers in which a rule found something that was asked of them, by those who asked.
std::map<ThingId, RecordPlace> Grouper::PagesOf(uint32_t node) const {
  std::map<ThingId, RecordPlace> pages;
  for (const uint32_t h : nodes_[node].hints) {
    if (hints_[h].shown != ~0u && At(hints_[h].about).kind == ThingKind::kUrl)
      pages.try_emplace(hints_[h].about, PlaceOf(hints_[h]));
    for (const uint32_t c : hints_[h].clues) {
      const Clue& clue = clues_.clues[c];
      for (const ThingId with : clue.with) {
        if (At(with).kind == ThingKind::kUrl)
          pages.try_emplace(with, RecordPlace{clue.time, clue.file, clue.record, clue.offset});
      }
    }
  }
  return pages;
}

// One web shell, whoever asks for it from wherever.
void Grouper::JoinPages() {
  std::map<ThingId, uint32_t> first;
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    const bool shell = std::any_of(nodes_[n].hints.begin(), nodes_[n].hints.end(), [&](uint32_t h) {
      return !hints_[h].techniques.empty() && hints_[h].techniques.front() == "T1505.003";
    });
    if (!shell || !IsHot(n)) continue;
    for (const auto& [page, proof] : PagesOf(n)) {
      const auto [it, fresh] = first.try_emplace(page, n);
      if (!fresh) {
        Unite(it->second, n, LinkKind::kReached, "both asked for the page " + At(page).name + " of a web server", 0.8,
              proof);
      }
    }
  }
}

// What people call the thing that a node is about.
std::string Grouper::Called(uint32_t node) const {
  const ThingId thing = nodes_[node].thing;
  if (At(thing).kind == ThingKind::kAddress) {
    const std::string& tenant = world_.tenant(At(thing));
    return tenant.empty() ? "what was tried from there" : "what was tried from there in " + tenant;
  }
  const std::string_view image = BaseName(ImageOf(thing));
  const std::string name = image.empty() ? At(thing).name : std::string(image);
  return At(thing).host == kNoThing ? name : name + " on " + At(At(thing).host).name;
}

// One address outside, which somebody used for several of: an account, a router, a web shell, commands to an implant.
void Grouper::JoinRelays() {
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
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    for (const uint32_t h : nodes_[n].hints) {
      if (!IsHot(n) || hints_[h].shown == ~0u) continue;
      const Shown& shown = shown_[hints_[h].shown];
      for (const auto& [address, proof] : shown.addresses) add(At(address).name, n, proof);
      if (shown.because != kNoThing && NodeOf(shown.because) != ~0u) {
        Unite(n, NodeOf(shown.because), LinkKind::kReached, "what was asked of the web server, and what it did then",
              0.9, shown.place);
      }
    }
  }
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    const Thing& from = At(nodes_[n].thing);
    if (from.kind == ThingKind::kAddress && IsHot(n) && !PagesOf(n).empty())
      add(from.name, n, PlaceOf(hints_[nodes_[n].hints.front()]));
  }
  JoinTunnels();
  JoinPages();
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected || At(link.to).kind != ThingKind::kAddress) continue;
    const auto it = users.find(At(link.to).name);
    if (it == users.end()) continue;
    const uint32_t node = NodeOf(link.from);
    if (node != ~0u && IsHot(node)) {
      add(it->first, node, link.proof);
    } else {
      cold[it->first].insert(At(link.from).host);
    }
  }
  for (const auto& [address, list] : users) {
    const auto own = accounts_.own.find(address);
    if (list.size() < 2 || cold[address].size() > kFewHosts) continue;
    if (own != accounts_.own.end() && own->second > kFewOwn) continue;
    for (const User& user : list) {
      const std::string one = Called(list.front().node), other = Called(user.node);
      Unite(list.front().node, user.node, LinkKind::kReached,
            address + ", which hardly any other uses, had to do with " + one +
                (one == other ? " on several days" : " and with " + other),
            0.8, user.proof);
    }
  }
}

}  // namespace spoor
