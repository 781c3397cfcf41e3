// What a campaign's programs did, and where they are else: found by what is certain of them, not by rules. What is
// found is part of the campaign and may lead on.
//
//   group_reach_sessions.cc   logons from the machine on which such a program runs, right as it connected
//   group_reach_tools.cc      programs, services and tasks that only machines of the campaign have; machines and names
//                             outside that only such programs reach, or that were first reached as the intruder came
//   group_reach_agents.cc     what agents of management programs ran
//   group_reach_scripts.cc    scripts that ran on several of them and hardly anywhere else
//   group_reach_web.cc        what began on a web server right after it was sent data from an address of theirs
//   here                      in which order; what is found of an account or on a machine that the intruder held
#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/grouper.h"
#include "campaign/reach.h"
#include "campaign/stages.h"
#include "world/spelling.h"

namespace spoor {

using namespace reach;

namespace {

constexpr int kRounds = 8;
constexpr size_t kMaxUp = 64;  // of a tree of processes

}  // namespace

void Grouper::Reach(double enough) {
  for (int round = 0; round < kRounds && ReachOnce(enough); ++round) {
  }
}

bool Grouper::ReachOnce(double enough) {
  const size_t shown = shown_.size(), joins = joins_.size();
  FindCore(enough);
  if (std::find(core_.begin(), core_.end(), true) == core_.end()) return false;
  ReachSessions();
  ReachInSessions();
  ReachBack();
  ReachStarted();
  ReachAgents();
  ReachSameAgent();
  ReachTools();
  ReachScripts();
  ReachContacts();
  ReachNewContacts();
  ReachRefused();
  ReachFrom();
  ReachByWeb();
  ReachAccounts();
  ReachWayIn();
  ReachEmptied();
  ReachUp();
  return shown != shown_.size() || joins != joins_.size();
}

void Grouper::FindCore(double enough) {
  std::vector<std::vector<uint32_t>> hints(nodes_.size());
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    std::vector<uint32_t>& of = hints[GroupOf(n)];
    of.insert(of.end(), nodes_[n].hints.begin(), nodes_[n].hints.end());
  }
  core_.assign(nodes_.size(), false);
  for (uint32_t n = 0; n < nodes_.size(); ++n) core_[n] = !hints[n].empty() && Score(hints[n]) >= enough;
}

std::vector<uint32_t> Grouper::Core() const {
  std::vector<uint32_t> core;
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    if (IsCore(n)) core.push_back(n);
  }
  return core;
}

std::map<ThingId, Grouper::Since> Grouper::Held() const {
  std::map<ThingId, Since> held;
  for (const uint32_t n : Core()) {
    if (!IsHot(n) || nodes_[n].first == 0) continue;
    const auto [it, fresh] = held.try_emplace(nodes_[n].host, Since{nodes_[n].first, n});
    if (!fresh && nodes_[n].first < it->second.time) it->second = {nodes_[n].first, n};
  }
  return held;
}

ThingId Grouper::EnsureNode(ThingId about, ThingId host) {
  const ThingId thing = top_[about] != kNoThing ? top_[about] : about;
  if (node_of_[thing] != ~0u) return thing;
  node_of_[thing] = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({thing, At(thing).host == kNoThing ? host : At(thing).host});
  group_.push_back(node_of_[thing]);
  core_.push_back(false);
  return thing;
}

bool Grouper::Add(Shown shown, uint32_t cause, LinkKind kind, const char* why, double strength) {
  if (!reached_.emplace(shown.about, shown.host, shown.title + '\n' + shown.summary).second) return false;
  const ThingId thing = EnsureNode(shown.about, shown.host);
  GroupNode& node = nodes_[node_of_[thing]];
  node.hints.push_back(static_cast<uint32_t>(hints_.size()));
  for (int64_t* const end : {&node.first, &node.last}) {
    if (*end == 0) *end = shown.time;
  }
  node.first = std::min(node.first, shown.time);
  node.last = std::max(node.last, shown.time);
  if (At(shown.about).kind == ThingKind::kSession) AddSession(shown.about, &node);
  AddSession(session_of_[shown.about], &node);
  hints_.push_back({~0u,
                    static_cast<uint32_t>(shown_.size()),
                    shown.about,
                    shown.host,
                    shown.weight,
                    shown.time,
                    shown.time,
                    {},
                    shown.techniques,
                    shown.tactics});
  const RecordPlace place = shown.place;
  const bool led_there = shown.led_there;
  shown_.push_back(std::move(shown));
  node.weight = Score(node.hints);
  const auto [from, to] = led_there ? std::pair(node_of_[thing], cause) : std::pair(cause, node_of_[thing]);
  Unite(from, to, kind, why, strength, place);
  return true;
}

// Logons refused: from a machine of the campaign, as an account that its programs used.
void Grouper::ReachRefused() {
  const auto bare = [](std::string_view name) {  // without its domain
    const size_t slash = name.find('\\');
    return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1));
  };
  std::set<std::string> names;
  for (const ThingId session : intruders_) names.insert(bare(At(sessions_[session].owner).name));
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kUsed && At(link.to).kind == ThingKind::kAccount && IsCore(NodeOf(link.from))) {
      names.insert(bare(At(link.to).name));
    }
  }
  const std::map<ThingId, Since> held = Held();
  std::map<ThingId, std::string> tried;  // by where from: an account
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kTried && names.contains(bare(At(link.to).name)))
      tried.emplace(link.from, At(link.to).name);
  }
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kTried || At(link.to).kind != ThingKind::kHost || !tried.contains(link.from)) continue;
    const ThingId from = world_.HostOf(link.from);
    const auto it = held.find(from);
    if (it == held.end() || from == link.to || link.first() < it->second.time) continue;
    Shown shown;
    shown.title = "Logon refused, from a machine of the intruder's";
    shown.summary = "as " + tried[link.from] + ", from " + At(from).name;
    shown.techniques = {"T1021"};
    shown.tactics = {"lateral-movement"};
    shown.about = link.from;
    shown.host = link.to;
    shown.from = from;
    shown.time = link.first();
    shown.weight = kRefused;
    shown.in_vain = true;
    shown.place = link.proof;
    Add(std::move(shown), it->second.node, LinkKind::kTried, "from that machine, as an account its programs used", 0.6);
  }
}

// From which programs the processes of a campaign come, up to where its trees begin.
void Grouper::ReachUp() {
  std::set<ThingId> about;
  std::vector<ThingId> from;
  for (const uint32_t n : Core()) {
    for (const uint32_t h : nodes_[n].hints) {
      about.insert(hints_[h].about);
      if (IsHot(n)) from.push_back(hints_[h].about);
    }
  }
  for (const ThingId process : from) {
    if (world_.FindProcess(process) == nullptr) continue;
    size_t depth = 0;
    for (ThingId at = process; top_[at] != kNoThing && top_[at] != at && depth < kMaxUp; ++depth) {
      at = parent_[at];
      if (about.contains(at)) continue;
      const Process& told = *world_.FindProcess(at);
      Shown shown;
      shown.title = "Programs that the others come from";
      shown.summary = told.command.empty() ? told.image : told.command;
      shown.tactics = {"execution"};
      shown.about = at;
      shown.host = At(at).host;
      shown.time = told.start.time;
      shown.weight = 0;
      shown.place = told.start;
      shown.together = true;
      Add(std::move(shown), NodeOf(process), LinkKind::kStarted, "", 0);
    }
  }
}

// What weighs, in a session from a machine that the intruder holds.
void Grouper::ReachFrom() {
  const std::map<ThingId, Since> held = Held();
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    if (!IsHot(n) || IsCore(n)) continue;
    // Remote desktop alone is what a machine to administer from is there for.
    const bool more = std::any_of(nodes_[n].hints.begin(), nodes_[n].hints.end(), [&](uint32_t h) {
      return hints_[h].techniques.empty() || hints_[h].techniques.front() != "T1021.001";
    });
    if (!more) continue;
    const std::set<ThingId> sessions = nodes_[n].sessions;
    for (const ThingId session : sessions) {
      if (sessions_[session].opened == nullptr) continue;
      const auto it = held.find(sessions_[session].from);
      if (it == held.end() || sessions_[session].opened->first() < it->second.time) continue;
      intruders_.insert(session);
      Unite(it->second.node, node_of_[EnsureNode(session, At(session).host)], LinkKind::kOpenedSession,
            "a logon from there, which the intruder held", 0.6, sessions_[session].opened->proof);
      Unite(it->second.node, n, LinkKind::kOpenedSession, "a logon from there, which the intruder held", 0.6,
            sessions_[session].opened->proof);
    }
  }
}

// A log was emptied by nobody who can be named, and nothing else is known of it: where one campaign alone is at that
// time.
void Grouper::ReachEmptied() {
  constexpr int64_t kAfter = 24 * kHour;
  struct Span {
    int64_t first = 0, last = 0;
    std::map<uint32_t, uint32_t> nodes;  // by tenant, of a machine that it holds
    bool emptied = true;                 // nothing but that a log was, by nobody who can be named
  };
  std::map<uint32_t, Span> spans;  // by campaign
  for (const uint32_t n : Core()) {
    Span& of = spans[GroupOf(n)];
    of.emptied = of.emptied && nodes_[n].accounts.empty() &&
                 std::all_of(nodes_[n].hints.begin(), nodes_[n].hints.end(), [&](uint32_t h) {
                   return !hints_[h].techniques.empty() && hints_[h].techniques.front() == "T1070.001";
                 });
    if (nodes_[n].first == 0) continue;
    of.first = of.first == 0 ? nodes_[n].first : std::min(of.first, nodes_[n].first);
    of.last = std::max(of.last, nodes_[n].last);
    if (nodes_[n].host != kNoThing && IsHot(n)) of.nodes.try_emplace(At(nodes_[n].host).tenant, n);
  }
  std::map<uint32_t, std::vector<std::pair<const Span*, uint32_t>>>
      there;  // by tenant: campaigns that do more, and a node
  for (const auto& [group, span] : spans) {
    for (const auto& [tenant, node] : span.nodes) {
      if (!span.emptied) there[tenant].emplace_back(&span, node);
    }
  }
  for (const auto& [group, emptied] : spans) {
    if (!emptied.emptied || emptied.nodes.size() != 1) continue;
    const auto& [tenant, node] = *emptied.nodes.begin();
    std::vector<uint32_t> others;
    for (const auto& [span, other] : there[tenant]) {
      if (emptied.first >= span->first && emptied.last <= span->last + kAfter) others.push_back(other);
      if (others.size() > 1) break;
    }
    if (others.size() != 1) continue;
    Unite(others.front(), node, LinkKind::kHas,
          "a log emptied by nobody who can be named, in an organisation where the intruder was", 0.4,
          PlaceOf(hints_[nodes_[node].hints.front()]));
  }
}

// What weighs, by an account on a machine on which the intruder used it; and what nobody else can be named for.
void Grouper::ReachAccounts() {
  std::map<ThingId, std::map<uint32_t, std::pair<int64_t, uint32_t>>>
      held;  // by machine and campaign: since when, node
  for (const uint32_t n : Core()) {
    if (!IsHot(n) && nodes_[n].weight < kLogon) continue;
    for (const uint32_t h : nodes_[n].hints) {
      const Hint& hint = hints_[h];
      if (hint.host == kNoThing || hint.first == 0 || hint.weight < hot_) continue;
      const auto [it, fresh] = held[hint.host].try_emplace(GroupOf(n), hint.first, n);
      if (!fresh && hint.first < it->second.first) it->second = {hint.first, n};
    }
  }
  std::map<uint32_t, bool> nameless;  // groups on one machine, by nobody who can be named
  std::map<uint32_t, ThingId> where;
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    const auto [it, fresh] = nameless.try_emplace(GroupOf(n), true);
    const ThingId host = where.try_emplace(GroupOf(n), nodes_[n].host).first->second;
    it->second = it->second && nodes_[n].accounts.empty() && host == nodes_[n].host;
  }
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    const auto it = held.find(nodes_[n].host);
    if (!IsHot(n) || it == held.end() || !nodes_[n].accounts.empty()) continue;
    if (IsCore(n) && !nameless[GroupOf(n)]) continue;
    std::map<uint32_t, std::pair<int64_t, uint32_t>> others = it->second;
    others.erase(GroupOf(n));
    if (others.size() != 1) continue;
    const auto& [since, node] = others.begin()->second;
    if (nodes_[n].first < since - kHour || !HasFinding(nodes_[n])) continue;
    Unite(node, n, LinkKind::kHas, "on a machine that the intruder held, by nobody who can be named", 0.4,
          PlaceOf(hints_[nodes_[n].hints.front()]));
  }
  std::map<std::pair<ThingId, ThingId>, ThingId> used;  // machine and account: the session
  for (const ThingId session : intruders_) used.try_emplace({At(session).host, sessions_[session].owner}, session);
  for (uint32_t n = 0; n < nodes_.size() && !used.empty(); ++n) {
    if (!IsHot(n) || IsCore(n)) continue;
    for (const ThingId account : nodes_[n].accounts) {
      const auto it = used.find({nodes_[n].host, account});
      if (it == used.end() || NodeOf(it->second) == ~0u) continue;
      Unite(NodeOf(it->second), n, LinkKind::kOwns,
            "by " + At(account).name + ", whom the intruder used on this machine", 0.6,
            PlaceOf(hints_[nodes_[n].hints.front()]));
      break;
    }
  }
}

}  // namespace spoor
