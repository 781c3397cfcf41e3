#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/group_phases.h"
#include "campaign/stages.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr size_t kMaxNeighbours = 200;  // nodes of a machine that each is compared with
constexpr size_t kFewHosts = 5;         // an address that no more machines reached is rare

ThingId Shared(const std::set<ThingId>& a, const std::set<ThingId>& b) {
  for (const ThingId thing : a) {
    if (b.contains(thing)) return thing;
  }
  return kNoThing;
}

// Joins nodes of which at least one weighs, by what each has to do with the other.
class Joiner {
 public:
  explicit Joiner(Groups* groups) : g_(*groups) {}
  void JoinProcesses();
  void JoinStarted();
  void JoinFiles();
  void JoinMachines();
  void JoinNearby();
  void JoinRare();

 private:
  std::set<ThingId> Rollouts() const;

  Groups& g_;
};

// Code put into another process.
void Joiner::JoinProcesses() {
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kInjected && link.kind != LinkKind::kOpened) continue;
    const uint32_t a = g_.NodeOf(link.from), b = g_.NodeOf(link.to);
    if (a == ~0u || b == ~0u || (!g_.IsHot(a) && !g_.IsHot(b))) continue;
    g_.Unite(a, b, link.kind, "one process reached into the other", 0.9, link.proof);
  }
}

// Of what an agent runs day by day, what weighs.
void Joiner::JoinStarted() {
  std::map<ThingId, uint32_t> by;  // starter: the first node
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    const ThingId top = g_.nodes[n].thing;
    if (!g_.IsHot(n) || g_.top[top] == kNoThing) continue;
    const ThingId parent = g_.top[top] == top ? g_.parent[top] : kNoThing;
    const ThingId starter = g_.agents.contains(top) ? top : parent;
    if (starter == kNoThing || !g_.agents.contains(starter)) continue;
    const auto [it, fresh] = by.try_emplace(starter, n);
    if (fresh) continue;
    g_.Unite(it->second, n, LinkKind::kStarted, std::string(BaseName(g_.ImageOf(starter))) + " started both", 0.6,
             g_.PlaceOf(g_.hints[g_.nodes[n].hints.front()]));
  }
}

// A file that one tree wrote and the other ran.
void Joiner::JoinFiles() {
  std::map<std::pair<ThingId, std::string>, const Link*> written;  // by host and path
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kWrote && g_.IsHot(g_.NodeOf(link.from))) {
      written.try_emplace({g_.At(link.to).host, g_.At(link.to).name}, &link);
    }
  }
  if (written.empty()) return;
  for (const Process& process : g_.world.processes()) {
    const uint32_t node = g_.NodeOf(process.thing);
    if (node == ~0u) continue;
    const auto it = written.find({g_.At(process.thing).host, Folded(process.image)});
    if (it == written.end()) continue;
    const uint32_t writer = g_.NodeOf(it->second->from);
    if (writer != node)
      g_.Unite(writer, node, LinkKind::kRan, "a file that one wrote ran as the other", 0.9, it->second->proof);
  }
}

// Sessions in which a program that many machines have installed was set up as a service: who runs networks does that.
std::set<ThingId> Joiner::Rollouts() const {
  constexpr size_t kMany = 6;               // machines
  std::map<ThingId, std::string> programs;  // by service
  std::map<std::string, std::set<ThingId>> machines;
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kUsed || g_.At(link.from).kind != ThingKind::kService) continue;
    const std::string program = ProgramOf(g_.At(link.to).name);
    if (program.find(":\\program files") == std::string::npos) continue;
    programs[link.from] = program;
    machines[program].insert(g_.At(link.from).host);
  }
  std::set<ThingId> sessions;
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kCreated) continue;
    const auto it = programs.find(link.to);
    if (it != programs.end() && machines[it->second].size() >= kMany) sessions.insert(link.from);
  }
  return sessions;
}

// A logon, or a connection, from one machine to another right before something happened there.
void Joiner::JoinMachines() {
  const std::set<ThingId> rollouts = Rollouts();
  // Hot nodes of each machine in order of their beginning, and the nodes of each session.
  std::map<ThingId, std::vector<uint32_t>> hot;
  std::map<ThingId, std::vector<uint32_t>> of_session;
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    if (g_.IsHot(n)) hot[g_.nodes[n].host].push_back(n);
    for (const ThingId session : g_.nodes[n].sessions) of_session[session].push_back(n);
  }
  for (auto& [host, nodes] : hot) {
    std::stable_sort(nodes.begin(), nodes.end(),
                     [&](uint32_t a, uint32_t b) { return g_.nodes[a].first < g_.nodes[b].first; });
  }
  // The heaviest of a machine, begun before a time and at most a day ago.
  const auto hot_before = [&](ThingId host, int64_t time) {
    uint32_t source = ~0u;
    for (const uint32_t n : hot[host]) {
      if (g_.nodes[n].first > time + kMinute) break;
      if (time - g_.nodes[n].last > 24 * kHour) continue;
      if (source == ~0u || g_.nodes[n].weight > g_.nodes[source].weight) source = n;
    }
    return source;
  };
  // Calls fn for those of a machine that begin within a span of time.
  const auto hot_within = [&](ThingId host, int64_t from, int64_t to, auto&& fn) {
    const std::vector<uint32_t>& nodes = hot[host];
    auto it = std::lower_bound(nodes.begin(), nodes.end(), from,
                               [&](uint32_t n, int64_t time) { return g_.nodes[n].first < time; });
    for (; it != nodes.end() && g_.nodes[*it].first < to; ++it) fn(*it);
  };
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kOpenedSession) {
      const ThingId from = g_.world.HostOf(link.from), to = g_.At(link.to).host, owner = g_.sessions[link.to].owner;
      if (from == kNoThing || to == kNoThing || from == to || owner == kNoThing || IsOfMachine(g_.At(owner).name)) {
        continue;
      }
      const uint32_t source = hot_before(from, link.first());
      if (source == ~0u) continue;
      if (const auto it = of_session.find(link.to); it != of_session.end()) {
        for (const uint32_t n : it->second) {
          if (g_.nodes[n].weight < (g_.HasFinding(g_.nodes[n]) ? 1 : 2)) continue;
          if (!g_.IsHot(n) && rollouts.contains(link.to)) continue;
          g_.Unite(source, n, link.kind, "a logon from there, as " + g_.At(owner).name, 0.9, link.proof);
        }
      }
      hot_within(to, link.first() - kSecond, link.last + kMinute, [&](uint32_t n) {
        g_.Unite(source, n, link.kind, "a logon from there right before, as " + g_.At(owner).name, 0.7, link.proof);
      });
    } else if (link.kind == LinkKind::kConnected && g_.IsHot(g_.NodeOf(link.from))) {
      const ThingId to = g_.world.HostOf(link.to);
      if (to == kNoThing || to == g_.At(link.from).host) continue;
      hot_within(to, link.first() - kMinute, link.last + kMinute, [&](uint32_t n) {
        g_.Unite(g_.NodeOf(link.from), n, link.kind, "a connection from there at that time", 0.6, link.proof);
      });
    }
  }
}

// The same session or account, or merely the same machine at the same time.
void Joiner::JoinNearby() {
  std::vector<uint32_t> order;
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) order.push_back(n);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::tie(g_.nodes[a].host, g_.nodes[a].first, g_.nodes[a].thing) <
           std::tie(g_.nodes[b].host, g_.nodes[b].first, g_.nodes[b].thing);
  });
  for (size_t i = 0; i < order.size(); ++i) {
    const GroupNode& a = g_.nodes[order[i]];
    if (a.weight < 1) continue;
    for (size_t j = i + 1; j < order.size() && j < i + kMaxNeighbours; ++j) {
      const GroupNode& b = g_.nodes[order[j]];
      const int64_t apart = b.first - a.last;
      if (b.host != a.host || a.host == kNoThing || apart > 12 * kHour) break;
      if (b.weight < 1) continue;
      const bool hot = g_.IsHot(order[i]) && g_.IsHot(order[j]);
      const RecordPlace proof = g_.PlaceOf(g_.hints[b.hints.front()]);
      const ThingId session = Shared(a.sessions, b.sessions), account = Shared(a.accounts, b.accounts);
      if (session != kNoThing && (hot || apart < kHour)) {
        g_.Unite(order[i], order[j], LinkKind::kHas, "in one logon session", 0.8, proof);
      } else if (account != kNoThing && hot) {
        g_.Unite(order[i], order[j], LinkKind::kOwns, "by " + g_.At(account).name + " on one machine within hours", 0.6,
                 proof);
      } else if (apart < kHour / 2 && hot) {
        g_.Unite(order[i], order[j], LinkKind::kHas, "on one machine within half an hour; nothing tells them apart",
                 0.4, proof);
      }
    }
  }
}

// The same address outside, or domain, which few machines reached.
void Joiner::JoinRare() {
  using Name = std::pair<ThingKind, std::string>;
  std::map<Name, std::map<uint32_t, const Link*>> users;   // hot nodes
  std::map<Name, std::map<uint32_t, const Shown*>> flows;  // likewise, of connections
  std::map<Name, std::set<ThingId>> hosts;
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    const Thing& to = g_.At(link.to);
    if (to.kind == ThingKind::kHost) continue;
    if (to.kind == ThingKind::kDomain && (to.name.find('.') == std::string::npos || IsPublic(to.name))) continue;
    if (to.kind == ThingKind::kAddress && (IsPrivate(to.name) || g_.world.HostOf(link.to) != kNoThing)) continue;
    const Name name(to.kind, to.name);
    hosts[name].insert(g_.At(link.from).host);
    if (const uint32_t node = g_.NodeOf(link.from); g_.IsHot(node)) users[name].try_emplace(node, &link);
  }
  for (const Flow& flow : g_.world.flows()) {
    const Thing& to = g_.At(flow.destination);
    hosts[Name(to.kind, to.name)].insert(flow.source);
  }
  for (const Shown& shown : g_.shown) {
    if (shown.other == kNoThing || g_.world.HostOf(shown.other) != kNoThing) continue;
    const Thing& to = g_.At(shown.other);
    if (const uint32_t node = g_.NodeOf(shown.about); g_.IsHot(node))
      flows[Name(to.kind, to.name)].try_emplace(node, &shown);
  }
  for (const auto& [name, nodes] : flows) {
    if (nodes.size() < 2 || hosts[name].size() > kFewHosts + nodes.size()) continue;
    for (const auto& [node, shown] : nodes) {
      g_.Unite(nodes.begin()->first, node, LinkKind::kReached,
               "both reached " + name.second + ", which hardly any other did", 0.8, shown->place);
    }
  }
  // From one machine into another.
  for (const Shown& shown : g_.shown) {
    const uint32_t from = g_.NodeOf(shown.about), to = shown.other == kNoThing ? ~0u : g_.NodeOf(shown.other);
    if (from == ~0u || to == ~0u || from == to || !g_.IsHot(from) || !g_.IsHot(to)) continue;
    if (g_.nodes[to].last < shown.time) continue;  // nothing happened there after
    g_.Unite(from, to, LinkKind::kConnected, "one reached into the other, where more happened after", 0.7, shown.place);
  }
  for (const auto& [name, nodes] : users) {
    if (nodes.size() < 2 || hosts[name].size() > kFewHosts + nodes.size()) continue;
    for (const auto& [node, link] : nodes) {
      g_.Unite(nodes.begin()->first, node, LinkKind::kReached,
               "both reached " + name.second + ", which hardly any other did", 0.8, link->proof);
    }
  }
}

}  // namespace

void JoinNodes(Groups* groups) {
  Joiner joiner(groups);
  joiner.JoinProcesses();
  joiner.JoinStarted();
  joiner.JoinFiles();
  joiner.JoinMachines();
  joiner.JoinNearby();
  joiner.JoinRare();
}

}  // namespace spoor
