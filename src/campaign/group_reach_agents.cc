// What agents of management programs ran (see group_reach.cc). No log tells how such a program's server gives its
// orders; what is told is who was on the server right before.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/group_reach.h"
#include "world/spelling.h"

namespace spoor {

using namespace reach;

// The agent of a management program is what started the tree, or where too little is known of what it does, its
// beginning.
bool Reach::IsRunByAgent(uint32_t node) const {
  const ThingId top = g_.nodes[node].thing;
  const Process* const process = g_.world.FindProcess(top);
  if (process == nullptr) return false;
  if (g_.agents.contains(g_.parent[top])) return true;
  return !process->started && Folded(process->image).find(":\\program files") != std::string::npos;
}

// Two campaigns had their commands run in one organisation by the same agents, within days.
void Reach::ReachSameAgent() {
  constexpr int64_t kDays = int64_t{7} * 24 * kHour;
  std::map<std::pair<uint32_t, std::string>, std::vector<std::pair<int64_t, uint32_t>>> ran;  // by tenant and agent
  for (const uint32_t n : g_.Core()) {
    if (!g_.IsHot(n) || g_.nodes[n].first == 0 || !IsRunByAgent(n)) continue;
    const ThingId top = g_.nodes[n].thing, agent = g_.agents.contains(g_.parent[top]) ? g_.parent[top] : top;
    ran[{g_.At(top).tenant, Folded(BaseName(g_.ImageOf(agent)))}].emplace_back(g_.nodes[n].first, n);
  }
  for (auto& [of, list] : ran) {
    std::sort(list.begin(), list.end());
    for (size_t i = 1; i < list.size(); ++i) {
      const auto& [before, one] = list[i - 1];
      const auto& [time, other] = list[i];
      if (time - before > kDays || g_.GroupOf(one) == g_.GroupOf(other)) continue;
      g_.Unite(one, other, LinkKind::kRan, "both were run by " + of.second + " in one organisation, within days", 0.5,
               g_.PlaceOf(g_.hints[g_.nodes[other].hints.front()]));
    }
  }
}

// Logons from machines of campaigns, or of a server onto itself, in order of time.
std::vector<Reach::HeldLogon> Reach::LogonsFromHeld() const {
  const std::map<ThingId, Groups::Since> held = g_.Held();
  std::vector<HeldLogon> logons;
  for (ThingId i = 0; i < g_.sessions.size(); ++i) {
    // Who sits on the server itself logs on from there; its services and tasks do, too.
    const bool by_service = g_.sessions[i].type == 4 || g_.sessions[i].type == 5;
    const Link* const opened = g_.sessions[i].opened != nullptr ? g_.sessions[i].opened
                               : by_service                     ? nullptr
                                                                : g_.sessions[i].within;
    if (opened == nullptr || g_.At(i).host == kNoThing) continue;  // of no machine: in a cloud
    if (g_.sessions[i].owner == kNoThing || IsOfMachine(g_.At(g_.sessions[i].owner).name)) continue;
    const auto it = held.find(g_.sessions[i].opened != nullptr ? g_.sessions[i].from : g_.At(i).host);
    if (it != held.end() && opened->first() >= it->second.time) logons.push_back({opened, i, it->second.node});
  }
  std::sort(logons.begin(), logons.end(), [](const HeldLogon& a, const HeldLogon& b) {
    return std::pair(a.opened->first(), a.session) < std::pair(b.opened->first(), b.session);
  });
  return logons;
}

// The process that the agent started first of those that something is found about; kNoThing: there is none.
// REQUIRES: IsRunByAgent(node).
ThingId Reach::RunByAgent(uint32_t node) const {
  const ThingId top = g_.nodes[node].thing;
  if (g_.agents.contains(g_.parent[top])) return top;
  ThingId ran = top;
  for (const uint32_t h : g_.nodes[node].hints) {
    const ThingId about = g_.hints[h].about;
    if (about == top || g_.world.FindProcess(about) == nullptr) continue;
    if (ran == top || g_.world.FindProcess(about)->start.time < g_.world.FindProcess(ran)->start.time) ran = about;
  }
  while (ran != top && g_.parent[ran] != top && g_.parent[ran] != kNoThing) ran = g_.parent[ran];
  return ran == top ? kNoThing : ran;
}

// The last logon on a server that may have given the order at that time; nullptr: there is none.
const Reach::HeldLogon* Reach::OrderedBy(const std::vector<HeldLogon>& logons, int64_t time, uint32_t tenant) const {
  constexpr int64_t kSoon = 90 * kSecond;
  auto logon = std::upper_bound(logons.begin(), logons.end(), time,
                                [](int64_t at, const HeldLogon& l) { return at < l.opened->first(); });
  while (logon != logons.begin() && time - (--logon)->opened->first() <= kSoon) {
    const ThingId server = g_.At(logon->session).host, from = g_.sessions[logon->session].from;
    if (g_.At(server).tenant == tenant) continue;
    // A server is where the intruder is, or beside: a machine of a third organisation's gives no orders here.
    const ThingId machine = from == kNoThing || g_.world.HostOf(from) == kNoThing ? from : g_.world.HostOf(from);
    if (machine == kNoThing || g_.At(machine).tenant == g_.At(server).tenant) return &*logon;
  }
  return nullptr;
}

// What an agent of some management program ran at another organisation, right after a logon from a machine of a
// campaign.
void Reach::ReachAgents() {
  constexpr double kLeast = 0.05;
  const std::vector<HeldLogon> logons = LogonsFromHeld();
  const size_t nodes = g_.nodes.size();
  for (uint32_t n = 0; n < nodes; ++n) {
    if (!IsRunByAgent(n) || g_.nodes[n].weight < kLeast || !g_.HasFinding(g_.nodes[n])) continue;
    const ThingId top = g_.nodes[n].thing, ran = RunByAgent(n);
    if (ran == kNoThing) continue;
    const HeldLogon* const logon = OrderedBy(logons, g_.world.FindProcess(ran)->start.time, g_.At(top).tenant);
    if (logon == nullptr) continue;
    TellLogonBeforeAgent(*logon);
    const ThingId server = g_.At(logon->session).host;
    const std::string agent(BaseName(g_.ImageOf(ran == top ? g_.parent[top] : top)));
    g_.Unite(g_.NodeOf(logon->session), n, LinkKind::kConnected,
             agent + " ran it right after the logon on " + g_.At(server).name, 0.6, logon->opened->proof);
    TellRunByAgent(ran, server, g_.NodeOf(logon->session));
  }
}

void Reach::TellLogonBeforeAgent(const HeldLogon& logon) {
  const SessionFacts& session = g_.sessions[logon.session];
  const ThingId server = g_.At(logon.session).host;
  intruders_.insert(logon.session);
  Shown came;
  came.title = "Logon from a machine of the intruder's, right before an agent ran commands at another organisation";
  came.summary = g_.At(session.owner).name + " from " + g_.At(session.from == kNoThing ? server : session.from).name;
  came.techniques = {"T1021", "T1078"};
  came.tactics = {"lateral-movement"};
  came.about = logon.session;
  came.host = server;
  came.from = session.from;
  came.account = session.owner;
  came.time = logon.opened->first();
  came.weight = kLogon;
  came.place = logon.opened->proof;
  Add(std::move(came), logon.cause, LinkKind::kOpenedSession, "a logon from there", 0.6);
}

void Reach::TellRunByAgent(ThingId process, ThingId server, uint32_t cause) {
  const Process& command = *g_.world.FindProcess(process);
  Shown ran;
  ran.title = "Commands run by an agent right after the intruder's logon to another organisation's machine";
  ran.summary = command.command.empty() ? command.image : command.command;
  ran.techniques = {"T1072"};
  ran.tactics = {"lateral-movement"};
  ran.about = process;
  ran.host = g_.At(process).host;
  ran.from = server;
  ran.time = command.start.time;
  ran.weight = kTool;
  ran.place = command.start;
  Add(std::move(ran), cause, LinkKind::kConnected, "", 0);
}

}  // namespace spoor
