#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/grouper.h"
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

}  // namespace

RecordPlace Grouper::PlaceOf(const Hint& hint) const {
  if (hint.shown != ~0u) return shown_[hint.shown].place;
  const Clue& clue = clues_.clues[hint.clues.front()];
  return {clue.time, clue.file, clue.record, clue.offset};
}

bool Grouper::HasFinding(const GroupNode& node) const {
  return std::any_of(node.hints.begin(), node.hints.end(), [&](uint32_t h) { return hints_[h].rule != ~0u; });
}

void Grouper::Unite(uint32_t a, uint32_t b, LinkKind kind, std::string why, double strength, const RecordPlace& proof) {
  const uint32_t of_a = GroupOf(a), of_b = GroupOf(b);
  if (of_a == of_b) return;
  group_[std::max(of_a, of_b)] = std::min(of_a, of_b);
  if (!core_.empty()) core_[std::min(of_a, of_b)] = core_[of_a] || core_[of_b];
  join_nodes_.push_back(a);
  joins_.push_back({nodes_[a].thing, nodes_[b].thing, LinkKindName(kind), std::move(why), strength, proof});
}

// Code put into another process.
void Grouper::JoinProcesses() {
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kInjected && link.kind != LinkKind::kOpened) continue;
    const uint32_t a = NodeOf(link.from), b = NodeOf(link.to);
    if (a == ~0u || b == ~0u || (!IsHot(a) && !IsHot(b))) continue;
    Unite(a, b, link.kind, "one process reached into the other", 0.9, link.proof);
  }
}

// Of what an agent runs day by day, what weighs.
void Grouper::JoinStarted() {
  std::map<ThingId, uint32_t> by;  // starter: the first node
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    const ThingId top = nodes_[n].thing;
    if (!IsHot(n) || top_[top] == kNoThing) continue;
    const ThingId parent = top_[top] == top ? parent_[top] : kNoThing;
    const ThingId starter = agents_.contains(top) ? top : parent;
    if (starter == kNoThing || !agents_.contains(starter)) continue;
    const auto [it, fresh] = by.try_emplace(starter, n);
    if (fresh) continue;
    Unite(it->second, n, LinkKind::kStarted, std::string(BaseName(ImageOf(starter))) + " started both", 0.6,
          PlaceOf(hints_[nodes_[n].hints.front()]));
  }
}

// A file that one tree wrote and the other ran.
void Grouper::JoinFiles() {
  std::map<std::pair<ThingId, std::string>, const Link*> written;  // by host and path
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kWrote && IsHot(NodeOf(link.from))) {
      written.try_emplace({At(link.to).host, At(link.to).name}, &link);
    }
  }
  if (written.empty()) return;
  for (const Process& process : world_.processes()) {
    const uint32_t node = NodeOf(process.thing);
    if (node == ~0u) continue;
    const auto it = written.find({At(process.thing).host, Folded(process.image)});
    if (it == written.end()) continue;
    const uint32_t writer = NodeOf(it->second->from);
    if (writer != node)
      Unite(writer, node, LinkKind::kRan, "a file that one wrote ran as the other", 0.9, it->second->proof);
  }
}

// Sessions in which a program that many machines have installed was set up as a service: who runs networks does that.
std::set<ThingId> Grouper::Rollouts() const {
  constexpr size_t kMany = 6;               // machines
  std::map<ThingId, std::string> programs;  // by service
  std::map<std::string, std::set<ThingId>> machines;
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kUsed || At(link.from).kind != ThingKind::kService) continue;
    const std::string program = ProgramOf(At(link.to).name);
    if (program.find(":\\program files") == std::string::npos) continue;
    programs[link.from] = program;
    machines[program].insert(At(link.from).host);
  }
  std::set<ThingId> sessions;
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kCreated) continue;
    const auto it = programs.find(link.to);
    if (it != programs.end() && machines[it->second].size() >= kMany) sessions.insert(link.from);
  }
  return sessions;
}

// A logon, or a connection, from one machine to another right before something happened there.
void Grouper::JoinMachines() {
  const std::set<ThingId> rollouts = Rollouts();
  // Hot nodes of each machine in order of their beginning, and the nodes of each session.
  std::map<ThingId, std::vector<uint32_t>> hot;
  std::map<ThingId, std::vector<uint32_t>> of_session;
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    if (IsHot(n)) hot[nodes_[n].host].push_back(n);
    for (const ThingId session : nodes_[n].sessions) of_session[session].push_back(n);
  }
  for (auto& [host, nodes] : hot) {
    std::stable_sort(nodes.begin(), nodes.end(),
                     [&](uint32_t a, uint32_t b) { return nodes_[a].first < nodes_[b].first; });
  }
  // The heaviest of a machine, begun before a time and at most a day ago.
  const auto hot_before = [&](ThingId host, int64_t time) {
    uint32_t source = ~0u;
    for (const uint32_t n : hot[host]) {
      if (nodes_[n].first > time + kMinute) break;
      if (time - nodes_[n].last > 24 * kHour) continue;
      if (source == ~0u || nodes_[n].weight > nodes_[source].weight) source = n;
    }
    return source;
  };
  // Calls fn for those of a machine that begin within a span of time.
  const auto hot_within = [&](ThingId host, int64_t from, int64_t to, auto&& fn) {
    const std::vector<uint32_t>& nodes = hot[host];
    auto it = std::lower_bound(nodes.begin(), nodes.end(), from,
                               [&](uint32_t n, int64_t time) { return nodes_[n].first < time; });
    for (; it != nodes.end() && nodes_[*it].first < to; ++it) fn(*it);
  };
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kOpenedSession) {
      const ThingId from = world_.HostOf(link.from), to = At(link.to).host, owner = sessions_[link.to].owner;
      if (from == kNoThing || to == kNoThing || from == to || owner == kNoThing || IsOfMachine(At(owner).name)) {
        continue;
      }
      const uint32_t source = hot_before(from, link.first());
      if (source == ~0u) continue;
      if (const auto it = of_session.find(link.to); it != of_session.end()) {
        for (const uint32_t n : it->second) {
          if (nodes_[n].weight < (HasFinding(nodes_[n]) ? 1 : 2)) continue;
          if (!IsHot(n) && rollouts.contains(link.to)) continue;
          Unite(source, n, link.kind, "a logon from there, as " + At(owner).name, 0.9, link.proof);
        }
      }
      hot_within(to, link.first() - kSecond, link.last + kMinute, [&](uint32_t n) {
        Unite(source, n, link.kind, "a logon from there right before, as " + At(owner).name, 0.7, link.proof);
      });
    } else if (link.kind == LinkKind::kConnected && IsHot(NodeOf(link.from))) {
      const ThingId to = world_.HostOf(link.to);
      if (to == kNoThing || to == At(link.from).host) continue;
      hot_within(to, link.first() - kMinute, link.last + kMinute, [&](uint32_t n) {
        Unite(NodeOf(link.from), n, link.kind, "a connection from there at that time", 0.6, link.proof);
      });
    }
  }
}

// The same session or account, or merely the same machine at the same time.
void Grouper::JoinNearby() {
  std::vector<uint32_t> order;
  for (uint32_t n = 0; n < nodes_.size(); ++n) order.push_back(n);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::tie(nodes_[a].host, nodes_[a].first, nodes_[a].thing) <
           std::tie(nodes_[b].host, nodes_[b].first, nodes_[b].thing);
  });
  for (size_t i = 0; i < order.size(); ++i) {
    const GroupNode& a = nodes_[order[i]];
    if (a.weight < 1) continue;
    for (size_t j = i + 1; j < order.size() && j < i + kMaxNeighbours; ++j) {
      const GroupNode& b = nodes_[order[j]];
      const int64_t apart = b.first - a.last;
      if (b.host != a.host || a.host == kNoThing || apart > 12 * kHour) break;
      if (b.weight < 1) continue;
      const bool hot = IsHot(order[i]) && IsHot(order[j]);
      const RecordPlace proof = PlaceOf(hints_[b.hints.front()]);
      const ThingId session = Shared(a.sessions, b.sessions), account = Shared(a.accounts, b.accounts);
      if (session != kNoThing && (hot || apart < kHour)) {
        Unite(order[i], order[j], LinkKind::kHas, "in one logon session", 0.8, proof);
      } else if (account != kNoThing && hot) {
        Unite(order[i], order[j], LinkKind::kOwns, "by " + At(account).name + " on one machine within hours", 0.6,
              proof);
      } else if (apart < kHour / 2 && hot) {
        Unite(order[i], order[j], LinkKind::kHas, "on one machine within half an hour; nothing tells them apart", 0.4,
              proof);
      }
    }
  }
}

// The same address outside, or domain, which few machines reached.
void Grouper::JoinRare() {
  using Name = std::pair<ThingKind, std::string>;
  std::map<Name, std::map<uint32_t, const Link*>> users;   // hot nodes
  std::map<Name, std::map<uint32_t, const Shown*>> flows;  // likewise, of connections
  std::map<Name, std::set<ThingId>> hosts;
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    const Thing& to = At(link.to);
    if (to.kind == ThingKind::kHost) continue;
    if (to.kind == ThingKind::kDomain && (to.name.find('.') == std::string::npos || IsPublic(to.name))) continue;
    if (to.kind == ThingKind::kAddress && (IsPrivate(to.name) || world_.HostOf(link.to) != kNoThing)) continue;
    const Name name(to.kind, to.name);
    hosts[name].insert(At(link.from).host);
    if (const uint32_t node = NodeOf(link.from); IsHot(node)) users[name].try_emplace(node, &link);
  }
  for (const Flow& flow : world_.flows()) {
    const Thing& to = At(flow.destination);
    hosts[Name(to.kind, to.name)].insert(flow.source);
  }
  for (const Shown& shown : shown_) {
    if (shown.other == kNoThing || world_.HostOf(shown.other) != kNoThing) continue;
    const Thing& to = At(shown.other);
    if (const uint32_t node = NodeOf(shown.about); IsHot(node)) flows[Name(to.kind, to.name)].try_emplace(node, &shown);
  }
  for (const auto& [name, nodes] : flows) {
    if (nodes.size() < 2 || hosts[name].size() > kFewHosts + nodes.size()) continue;
    for (const auto& [node, shown] : nodes) {
      Unite(nodes.begin()->first, node, LinkKind::kReached,
            "both reached " + name.second + ", which hardly any other did", 0.8, shown->place);
    }
  }
  // From one machine into another.
  for (const Shown& shown : shown_) {
    const uint32_t from = NodeOf(shown.about), to = shown.other == kNoThing ? ~0u : NodeOf(shown.other);
    if (from == ~0u || to == ~0u || from == to || !IsHot(from) || !IsHot(to)) continue;
    if (nodes_[to].last < shown.time) continue;  // nothing happened there after
    Unite(from, to, LinkKind::kConnected, "one reached into the other, where more happened after", 0.7, shown.place);
  }
  for (const auto& [name, nodes] : users) {
    if (nodes.size() < 2 || hosts[name].size() > kFewHosts + nodes.size()) continue;
    for (const auto& [node, link] : nodes) {
      Unite(nodes.begin()->first, node, LinkKind::kReached,
            "both reached " + name.second + ", which hardly any other did", 0.8, link->proof);
    }
  }
}

}  // namespace spoor
