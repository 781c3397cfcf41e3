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
#include "campaign/group_reach.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/group_phases.h"
#include "campaign/stages.h"
#include "world/spelling.h"

namespace spoor {

using namespace reach;

namespace {

constexpr int kRounds = 8;
constexpr size_t kMaxUp = 64;  // of a tree of processes

}  // namespace

void ReachOut(double enough, Groups* groups) {
  Reach reach(groups);
  for (int round = 0; round < kRounds && reach.Once(enough); ++round) {
  }
}

bool Reach::Once(double enough) {
  const size_t shown = g_.shown.size(), joins = g_.joins.size();
  g_.FindCore(enough);
  if (std::find(g_.core.begin(), g_.core.end(), true) == g_.core.end()) return false;
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
  return shown != g_.shown.size() || joins != g_.joins.size();
}

bool Reach::Add(Shown shown, uint32_t cause, LinkKind kind, const char* why, double strength) {
  if (!reached_.emplace(shown.about, shown.host, shown.title + '\n' + shown.summary).second) return false;
  const ThingId thing = g_.EnsureNode(shown.about, shown.host);
  GroupNode& node = g_.nodes[g_.node_of[thing]];
  node.hints.push_back(static_cast<uint32_t>(g_.hints.size()));
  for (int64_t* const end : {&node.first, &node.last}) {
    if (*end == 0) *end = shown.time;
  }
  node.first = std::min(node.first, shown.time);
  node.last = std::max(node.last, shown.time);
  if (g_.At(shown.about).kind == ThingKind::kSession) g_.AddSession(shown.about, &node);
  g_.AddSession(g_.session_of[shown.about], &node);
  g_.hints.push_back({~0u,
                      static_cast<uint32_t>(g_.shown.size()),
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
  g_.shown.push_back(std::move(shown));
  node.weight = g_.Score(node.hints);
  const auto [from, to] = led_there ? std::pair(g_.node_of[thing], cause) : std::pair(cause, g_.node_of[thing]);
  g_.Unite(from, to, kind, why, strength, place);
  return true;
}

// Logons refused: from a machine of the campaign, as an account that its programs used.
void Reach::ReachRefused() {
  const auto bare = [](std::string_view name) {  // without its domain
    const size_t slash = name.find('\\');
    return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1));
  };
  std::set<std::string> names;
  for (const ThingId session : intruders_) names.insert(bare(g_.At(g_.sessions[session].owner).name));
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kUsed && g_.At(link.to).kind == ThingKind::kAccount && g_.IsCore(g_.NodeOf(link.from))) {
      names.insert(bare(g_.At(link.to).name));
    }
  }
  const std::map<ThingId, Groups::Since> held = g_.Held();
  std::map<ThingId, std::string> tried;  // by where from: an account
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kTried && names.contains(bare(g_.At(link.to).name)))
      tried.emplace(link.from, g_.At(link.to).name);
  }
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kTried || g_.At(link.to).kind != ThingKind::kHost || !tried.contains(link.from))
      continue;
    const ThingId from = g_.world.HostOf(link.from);
    const auto it = held.find(from);
    if (it == held.end() || from == link.to || link.first() < it->second.time) continue;
    Shown shown;
    shown.title = "Logon refused, from a machine of the intruder's";
    shown.summary = "as " + tried[link.from] + ", from " + g_.At(from).name;
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
void Reach::ReachUp() {
  std::set<ThingId> about;
  std::vector<ThingId> from;
  for (const uint32_t n : g_.Core()) {
    for (const uint32_t h : g_.nodes[n].hints) {
      about.insert(g_.hints[h].about);
      if (g_.IsHot(n)) from.push_back(g_.hints[h].about);
    }
  }
  for (const ThingId process : from) {
    if (g_.world.FindProcess(process) == nullptr) continue;
    size_t depth = 0;
    for (ThingId at = process; g_.top[at] != kNoThing && g_.top[at] != at && depth < kMaxUp; ++depth) {
      at = g_.parent[at];
      if (about.contains(at)) continue;
      const Process& told = *g_.world.FindProcess(at);
      Shown shown;
      shown.title = "Programs that the others come from";
      shown.summary = told.command.empty() ? told.image : told.command;
      shown.tactics = {"execution"};
      shown.about = at;
      shown.host = g_.At(at).host;
      shown.time = told.start.time;
      shown.weight = 0;
      shown.place = told.start;
      shown.together = true;
      Add(std::move(shown), g_.NodeOf(process), LinkKind::kStarted, "", 0);
    }
  }
}

// What weighs, in a session from a machine that the intruder holds.
void Reach::ReachFrom() {
  const std::map<ThingId, Groups::Since> held = g_.Held();
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    if (!g_.IsHot(n) || g_.IsCore(n)) continue;
    // Remote desktop alone is what a machine to administer from is there for.
    const bool more = std::any_of(g_.nodes[n].hints.begin(), g_.nodes[n].hints.end(), [&](uint32_t h) {
      return g_.hints[h].techniques.empty() || g_.hints[h].techniques.front() != "T1021.001";
    });
    if (!more) continue;
    const std::set<ThingId> sessions = g_.nodes[n].sessions;
    for (const ThingId session : sessions) {
      if (g_.sessions[session].opened == nullptr) continue;
      const auto it = held.find(g_.sessions[session].from);
      if (it == held.end() || g_.sessions[session].opened->first() < it->second.time) continue;
      intruders_.insert(session);
      g_.Unite(it->second.node, g_.node_of[g_.EnsureNode(session, g_.At(session).host)], LinkKind::kOpenedSession,
               "a logon from there, which the intruder held", 0.6, g_.sessions[session].opened->proof);
      g_.Unite(it->second.node, n, LinkKind::kOpenedSession, "a logon from there, which the intruder held", 0.6,
               g_.sessions[session].opened->proof);
    }
  }
}

// A log was emptied by nobody who can be named, and nothing else is known of it: where one campaign alone is at that
// time.
void Reach::ReachEmptied() {
  constexpr int64_t kAfter = 24 * kHour;
  struct Span {
    int64_t first = 0, last = 0;
    std::map<uint32_t, uint32_t> nodes;  // by tenant, of a machine that it holds
    bool emptied = true;                 // nothing but that a log was, by nobody who can be named
  };
  std::map<uint32_t, Span> spans;  // by campaign
  for (const uint32_t n : g_.Core()) {
    Span& of = spans[g_.GroupOf(n)];
    of.emptied = of.emptied && g_.nodes[n].accounts.empty() &&
                 std::all_of(g_.nodes[n].hints.begin(), g_.nodes[n].hints.end(), [&](uint32_t h) {
                   return !g_.hints[h].techniques.empty() && g_.hints[h].techniques.front() == "T1070.001";
                 });
    if (g_.nodes[n].first == 0) continue;
    of.first = of.first == 0 ? g_.nodes[n].first : std::min(of.first, g_.nodes[n].first);
    of.last = std::max(of.last, g_.nodes[n].last);
    if (g_.nodes[n].host != kNoThing && g_.IsHot(n)) of.nodes.try_emplace(g_.At(g_.nodes[n].host).tenant, n);
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
    g_.Unite(others.front(), node, LinkKind::kHas,
             "a log emptied by nobody who can be named, in an organisation where the intruder was", 0.4,
             g_.PlaceOf(g_.hints[g_.nodes[node].hints.front()]));
  }
}

// What weighs, by an account on a machine on which the intruder used it; and what nobody else can be named for.
void Reach::ReachAccounts() {
  std::map<ThingId, std::map<uint32_t, std::pair<int64_t, uint32_t>>>
      held;  // by machine and campaign: since when, node
  for (const uint32_t n : g_.Core()) {
    if (!g_.IsHot(n) && g_.nodes[n].weight < kLogon) continue;
    for (const uint32_t h : g_.nodes[n].hints) {
      const Hint& hint = g_.hints[h];
      if (hint.host == kNoThing || hint.first == 0 || hint.weight < g_.hot) continue;
      const auto [it, fresh] = held[hint.host].try_emplace(g_.GroupOf(n), hint.first, n);
      if (!fresh && hint.first < it->second.first) it->second = {hint.first, n};
    }
  }
  std::map<uint32_t, bool> nameless;  // groups on one machine, by nobody who can be named
  std::map<uint32_t, ThingId> where;
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    const auto [it, fresh] = nameless.try_emplace(g_.GroupOf(n), true);
    const ThingId host = where.try_emplace(g_.GroupOf(n), g_.nodes[n].host).first->second;
    it->second = it->second && g_.nodes[n].accounts.empty() && host == g_.nodes[n].host;
  }
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    const auto it = held.find(g_.nodes[n].host);
    if (!g_.IsHot(n) || it == held.end() || !g_.nodes[n].accounts.empty()) continue;
    if (g_.IsCore(n) && !nameless[g_.GroupOf(n)]) continue;
    std::map<uint32_t, std::pair<int64_t, uint32_t>> others = it->second;
    others.erase(g_.GroupOf(n));
    if (others.size() != 1) continue;
    const auto& [since, node] = others.begin()->second;
    if (g_.nodes[n].first < since - kHour || !g_.HasFinding(g_.nodes[n])) continue;
    g_.Unite(node, n, LinkKind::kHas, "on a machine that the intruder held, by nobody who can be named", 0.4,
             g_.PlaceOf(g_.hints[g_.nodes[n].hints.front()]));
  }
  std::map<std::pair<ThingId, ThingId>, ThingId> used;  // machine and account: the session
  for (const ThingId session : intruders_) used.try_emplace({g_.At(session).host, g_.sessions[session].owner}, session);
  for (uint32_t n = 0; n < g_.nodes.size() && !used.empty(); ++n) {
    if (!g_.IsHot(n) || g_.IsCore(n)) continue;
    for (const ThingId account : g_.nodes[n].accounts) {
      const auto it = used.find({g_.nodes[n].host, account});
      if (it == used.end() || g_.NodeOf(it->second) == ~0u) continue;
      g_.Unite(g_.NodeOf(it->second), n, LinkKind::kOwns,
               "by " + g_.At(account).name + ", whom the intruder used on this machine", 0.6,
               g_.PlaceOf(g_.hints[g_.nodes[n].hints.front()]));
      break;
    }
  }
}

}  // namespace spoor
