// What agents of management programs ran (see group_reach.cc). No log tells how such a program's server gives its
// orders; what is told is who was on the server right before.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/grouper.h"
#include "campaign/reach.h"
#include "world/spelling.h"

namespace spoor {

using namespace reach;

// The agent of a management program is what started the tree, or where too little is known of what it does, its
// beginning.
bool Grouper::IsRunByAgent(uint32_t node) const {
  const ThingId top = nodes_[node].thing;
  const Process* const process = world_.FindProcess(top);
  if (process == nullptr) return false;
  if (agents_.contains(parent_[top])) return true;
  return !process->started && Folded(process->image).find(":\\program files") != std::string::npos;
}

// Two campaigns had their commands run in one organisation by the same agents, within days.
void Grouper::ReachSameAgent() {
  constexpr int64_t kDays = int64_t{7} * 24 * kHour;
  std::map<std::pair<uint32_t, std::string>, std::vector<std::pair<int64_t, uint32_t>>> ran;  // by tenant and agent
  for (const uint32_t n : Core()) {
    if (!IsHot(n) || nodes_[n].first == 0 || !IsRunByAgent(n)) continue;
    const ThingId top = nodes_[n].thing, agent = agents_.contains(parent_[top]) ? parent_[top] : top;
    ran[{At(top).tenant, Folded(BaseName(ImageOf(agent)))}].emplace_back(nodes_[n].first, n);
  }
  for (auto& [of, list] : ran) {
    std::sort(list.begin(), list.end());
    for (size_t i = 1; i < list.size(); ++i) {
      const auto& [before, one] = list[i - 1];
      const auto& [time, other] = list[i];
      if (time - before > kDays || GroupOf(one) == GroupOf(other)) continue;
      Unite(one, other, LinkKind::kRan, "both were run by " + of.second + " in one organisation, within days", 0.5,
            PlaceOf(hints_[nodes_[other].hints.front()]));
    }
  }
}

// Logons from machines of campaigns, or of a server onto itself, in order of time.
std::vector<Grouper::HeldLogon> Grouper::LogonsFromHeld() const {
  const std::map<ThingId, Since> held = Held();
  std::vector<HeldLogon> logons;
  for (ThingId i = 0; i < sessions_.size(); ++i) {
    // Who sits on the server itself logs on from there; its services and tasks do, too.
    const bool by_service = sessions_[i].type == 4 || sessions_[i].type == 5;
    const Link* const opened = sessions_[i].opened != nullptr ? sessions_[i].opened
                               : by_service                   ? nullptr
                                                              : sessions_[i].within;
    if (opened == nullptr || At(i).host == kNoThing) continue;  // of no machine: in a cloud
    if (sessions_[i].owner == kNoThing || IsOfMachine(At(sessions_[i].owner).name)) continue;
    const auto it = held.find(sessions_[i].opened != nullptr ? sessions_[i].from : At(i).host);
    if (it != held.end() && opened->first() >= it->second.time) logons.push_back({opened, i, it->second.node});
  }
  std::sort(logons.begin(), logons.end(), [](const HeldLogon& a, const HeldLogon& b) {
    return std::pair(a.opened->first(), a.session) < std::pair(b.opened->first(), b.session);
  });
  return logons;
}

// The process that the agent started first of those that something is found about; kNoThing: there is none.
// REQUIRES: IsRunByAgent(node).
ThingId Grouper::RunByAgent(uint32_t node) const {
  const ThingId top = nodes_[node].thing;
  if (agents_.contains(parent_[top])) return top;
  ThingId ran = top;
  for (const uint32_t h : nodes_[node].hints) {
    const ThingId about = hints_[h].about;
    if (about == top || world_.FindProcess(about) == nullptr) continue;
    if (ran == top || world_.FindProcess(about)->start.time < world_.FindProcess(ran)->start.time) ran = about;
  }
  while (ran != top && parent_[ran] != top && parent_[ran] != kNoThing) ran = parent_[ran];
  return ran == top ? kNoThing : ran;
}

// The last logon on a server that may have given the order at that time; nullptr: there is none.
const Grouper::HeldLogon* Grouper::OrderedBy(const std::vector<HeldLogon>& logons, int64_t time,
                                             uint32_t tenant) const {
  constexpr int64_t kSoon = 90 * kSecond;
  auto logon = std::upper_bound(logons.begin(), logons.end(), time,
                                [](int64_t at, const HeldLogon& l) { return at < l.opened->first(); });
  while (logon != logons.begin() && time - (--logon)->opened->first() <= kSoon) {
    const ThingId server = At(logon->session).host, from = sessions_[logon->session].from;
    if (At(server).tenant == tenant) continue;
    // A server is where the intruder is, or beside: a machine of a third organisation's gives no orders here.
    const ThingId machine = from == kNoThing || world_.HostOf(from) == kNoThing ? from : world_.HostOf(from);
    if (machine == kNoThing || At(machine).tenant == At(server).tenant) return &*logon;
  }
  return nullptr;
}

// What an agent of some management program ran at another organisation, right after a logon from a machine of a
// campaign.
void Grouper::ReachAgents() {
  constexpr double kLeast = 0.05;
  const std::vector<HeldLogon> logons = LogonsFromHeld();
  const size_t nodes = nodes_.size();
  for (uint32_t n = 0; n < nodes; ++n) {
    if (!IsRunByAgent(n) || nodes_[n].weight < kLeast || !HasFinding(nodes_[n])) continue;
    const ThingId top = nodes_[n].thing, ran = RunByAgent(n);
    if (ran == kNoThing) continue;
    const HeldLogon* const logon = OrderedBy(logons, world_.FindProcess(ran)->start.time, At(top).tenant);
    if (logon == nullptr) continue;
    TellLogonBeforeAgent(*logon);
    const ThingId server = At(logon->session).host;
    const std::string agent(BaseName(ImageOf(ran == top ? parent_[top] : top)));
    Unite(NodeOf(logon->session), n, LinkKind::kConnected,
          agent + " ran it right after the logon on " + At(server).name, 0.6, logon->opened->proof);
    TellRunByAgent(ran, server, NodeOf(logon->session));
  }
}

void Grouper::TellLogonBeforeAgent(const HeldLogon& logon) {
  const SessionFacts& session = sessions_[logon.session];
  const ThingId server = At(logon.session).host;
  intruders_.insert(logon.session);
  Shown came;
  came.title = "Logon from a machine of the intruder's, right before an agent ran commands at another organisation";
  came.summary = At(session.owner).name + " from " + At(session.from == kNoThing ? server : session.from).name;
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

void Grouper::TellRunByAgent(ThingId process, ThingId server, uint32_t cause) {
  const Process& command = *world_.FindProcess(process);
  Shown ran;
  ran.title = "Commands run by an agent right after the intruder's logon to another organisation's machine";
  ran.summary = command.command.empty() ? command.image : command.command;
  ran.techniques = {"T1072"};
  ran.tactics = {"lateral-movement"};
  ran.about = process;
  ran.host = At(process).host;
  ran.from = server;
  ran.time = command.start.time;
  ran.weight = kTool;
  ran.place = command.start;
  Add(std::move(ran), cause, LinkKind::kConnected, "", 0);
}

}  // namespace spoor
