// What a campaign's programs did, and where they are else: found by what is certain of them, not by rules.
//
//   sessions   a logon from the machine on which such a program runs, right as it connected
//   tools      a program, a service or a task that only machines of the campaign have
//   contacts   a machine or name outside that only such programs reach, or that was first reached as the intruder came
//   accounts   what is found of an account on a machine on which the intruder used it
//
// What is found is part of the campaign and may lead on.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/grouper.h"
#include "campaign/spelling.h"
#include "campaign/stages.h"

namespace spoor {
namespace {

constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond;
constexpr int64_t kBefore = 2 * kSecond, kAfter = 20 * kSecond;  // of a connection: the logon that comes of it
constexpr int kRounds = 8;
constexpr size_t kMaxUp = 64;  // of a tree of processes
constexpr int64_t kStay =
    15 * kMinute;  // what an account does on a machine so long after it came, without a known session
constexpr int64_t kHour = 60 * kMinute;
constexpr double kLogon = 4, kTool = 4, kContact = 1, kDone = 0.5, kSent = 4, kRefused = 1, kNamed = 1;
constexpr uint64_t kMuch = 1'000'000;  // bytes sent outside

// It starts programs for whoever asks from another machine.
bool IsRemoteCaller(std::string_view image) {
  const std::string name = Folded(BaseName(image));
  return name == "wsmprovhost.exe" || name == "winrshost.exe" || name == "wmiprvse.exe";
}

// The program in the command line of a service.
std::string ProgramOf(std::string_view command) {
  std::string path = Folded(command);
  if (path.starts_with('"')) return path.substr(1, path.find('"', 1) - 1);
  const size_t end = path.find(".exe");
  return end == std::string::npos ? path : path.substr(0, end + 4);
}

// Whose machines have something: those of campaigns, and all.
struct Spread {
  std::set<ThingId> core, all;
  // At least half of the machines are of a campaign.
  bool is_theirs() const { return !core.empty() && core.size() * 2 >= all.size(); }
};

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
  ReachTools();
  ReachContacts();
  ReachNewContacts();
  ReachRefused();
  ReachFrom();
  ReachAccounts();
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
  shown_.push_back(std::move(shown));
  node.weight = Score(node.hints);
  Unite(cause, node_of_[thing], kind, why, strength, place);
  return true;
}

// A program of a campaign connected to another machine, and a session was opened there from its machine.
void Grouper::ReachSessions() {
  std::map<std::pair<ThingId, ThingId>, std::vector<std::pair<int64_t, ThingId>>> opened;  // by machine and from where
  std::map<ThingId, std::vector<ThingId>>
      unknown;  // sessions, and processes without one, of which nothing tells whence
  for (ThingId i = 0; i < sessions_.size(); ++i) {
    const SessionFacts& session = sessions_[i];
    if (session.owner == kNoThing || IsOfMachine(At(session.owner).name)) continue;
    if (session.opened != nullptr) {
      opened[{At(i).host, session.from}].emplace_back(session.opened->first, i);
    } else if (At(i).kind == ThingKind::kSession || session_of_[i] == kNoThing) {
      unknown[At(i).host].push_back(i);
    }
  }
  for (auto& [ends, list] : opened) std::sort(list.begin(), list.end());
  std::map<ThingId, std::set<std::string>> used;  // by process: accounts that it used by name
  std::map<ThingId, std::vector<std::pair<ThingId, RecordPlace>>> services;  // by machine
  installed_.clear();
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kUsed && At(link.from).kind == ThingKind::kService) {
      services[At(link.from).host].emplace_back(link.from, link.proof);
    }
    if (link.kind == LinkKind::kUsed && At(link.to).kind == ThingKind::kAccount && IsCore(NodeOf(link.from))) {
      used[link.from].insert(At(link.to).name);
    }
  }
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected || Starts(link.from)) continue;
    const uint32_t node = NodeOf(link.from);
    if (!IsCore(node) || !IsHot(node)) continue;
    const ThingId from = At(link.from).host, to = world_.HostOf(link.to);
    if (to == kNoThing || to == from) continue;
    const std::string program(BaseName(ImageOf(link.from)));
    const auto logon = [&](ThingId session, int64_t time, const RecordPlace& place) {
      if (At(session).kind == ThingKind::kSession) intruders_.insert(session);
      Shown shown;
      shown.title = "Logon from another machine as a program of the intruder's connected";
      shown.summary = At(sessions_[session].owner).name + ", as " + program + " on " + At(from).name + " connected";
      shown.techniques = {sessions_[session].type == 10 ? "T1021.001" : "T1021.002", "T1078"};
      shown.tactics = {"lateral-movement"};
      shown.about = session;
      shown.host = to;
      shown.from = from;
      shown.account = sessions_[session].owner;
      shown.time = time;
      shown.weight = kLogon;
      shown.place = place;
      Add(std::move(shown), node, LinkKind::kOpenedSession, "a logon from there as its program connected", 0.9);
    };
    const auto it = opened.find({to, from});
    for (const RecordPlace& moment : world_.Moments(link)) {
      bool found = false;
      if (it != opened.end()) {
        auto next =
            std::lower_bound(it->second.begin(), it->second.end(), std::pair(moment.time - kBefore, ThingId{0}));
        for (; next != it->second.end() && next->first <= moment.time + kAfter; ++next) {
          found = true;
          logon(next->second, next->first, sessions_[next->second].opened->proof);
        }
      }
      // The other machine tells of no logon; an account was used by name.
      if (found || At(link.to).kind != ThingKind::kHost) continue;
      Shown shown;
      shown.title = "A program of the intruder's logged on to another machine";
      shown.summary = program + " to " + At(to).name;
      shown.techniques = {"T1021", "T1078"};
      shown.tactics = {"lateral-movement"};
      shown.about = link.from;
      shown.host = to;
      shown.from = from;
      shown.time = moment.time;
      shown.weight = kLogon;
      shown.place = moment;
      Add(std::move(shown), node, LinkKind::kConnected, "", 0);
      for (const auto& [service, proof] : services[to]) {
        const int64_t first = At(service).first;
        if (first < moment.time - kBefore || first > moment.time + kAfter) continue;
        installed_.push_back({service, from});
        Shown set_up;
        set_up.title = "Service installed as a program of the intruder's connected";
        set_up.summary = At(service).name;
        set_up.techniques = {"T1569.002"};
        set_up.tactics = {"execution"};
        set_up.about = service;
        set_up.host = to;
        set_up.from = from;
        set_up.time = first;
        set_up.weight = kLogon;
        set_up.place = proof;
        Add(std::move(set_up), node, LinkKind::kConnected, "installed as its program connected", 0.8);
      }
      for (const ThingId other : unknown[to]) {
        const ThingId owner = sessions_[other].owner;
        const int64_t began =
            world_.FindProcess(other) == nullptr ? At(other).first : world_.FindProcess(other)->start.time;
        if (began < moment.time - kBefore || began > moment.time + kStay) continue;
        if (!used[link.from].contains(At(owner).name)) continue;
        if (At(other).kind == ThingKind::kSession) {
          intruders_.insert(other);
          Unite(node, node_of_[EnsureNode(other, to)], LinkKind::kOpenedSession,
                "a session of " + At(owner).name + " right after its program used that account there", 0.8, moment);
        } else {
          RunInSession(other, owner, from, node);
        }
      }
    }
  }
}

void Grouper::RunInSession(ThingId process, ThingId account, ThingId from, uint32_t cause) {
  const Process& told = *world_.FindProcess(process);
  if (Starts(process)) return;
  Shown shown;
  shown.title = "Programs run in the intruder's session";
  shown.summary = !told.command.empty() ? told.command
                  : !told.image.empty() ? told.image
                                        : "a process of which only the number is known";
  shown.tactics = {"execution"};
  shown.about = process;
  shown.host = At(process).host;
  shown.from = from;
  shown.account = account;
  shown.time = told.start.time;
  shown.weight = kDone;
  shown.place = told.start;
  shown.together = true;
  Add(std::move(shown), cause, LinkKind::kHas, "in a session that a program of the intruder's opened", 0.9);
}

// What else was done in these sessions.
void Grouper::ReachInSessions() {
  if (intruders_.empty()) return;
  for (uint32_t n = 0; n < nodes_.size(); ++n) {
    const std::set<ThingId> sessions = nodes_[n].sessions;
    for (const ThingId session : sessions) {
      if (!intruders_.contains(session) || NodeOf(session) == n || NodeOf(session) == ~0u) continue;
      Unite(NodeOf(session), n, LinkKind::kHas, "in a session that a program of the intruder's opened", 0.9,
            PlaceOf(hints_[nodes_[n].hints.front()]));
    }
  }
  for (const Link& link : world_.links()) {
    if (!intruders_.contains(link.from)) continue;
    Shown shown;
    shown.about = link.from;
    shown.host = At(link.from).host;
    shown.from = sessions_[link.from].from;
    shown.account = sessions_[link.from].owner;
    shown.time = link.first;
    shown.weight = kDone;
    shown.place = link.proof;
    shown.together = true;
    const Thing& to = At(link.to);
    if (link.kind == LinkKind::kHas && world_.FindProcess(link.to) != nullptr) {
      RunInSession(link.to, shown.account, shown.from, NodeOf(link.from));
      continue;
    }
    if (link.kind == LinkKind::kUsed && to.kind == ThingKind::kGroup) {
      shown.title = "Members of a group asked for in the intruder's session";
      shown.summary = to.name;
      shown.techniques = {"T1069"};
      shown.tactics = {"discovery"};
    } else if (link.kind == LinkKind::kChanged && to.kind == ThingKind::kAccount) {
      shown.title = "An account changed in the intruder's session";
      shown.summary = to.name;
      shown.techniques = {"T1098"};
      shown.tactics = {"persistence"};
      shown.weight = kLogon;
    } else {
      continue;
    }
    Add(std::move(shown), NodeOf(link.from), LinkKind::kHas, "in a session that a program of the intruder's opened",
        0.9);
  }
}

// The program that connected, from another machine, right before somebody of a campaign came from there.
void Grouper::ReachBack() {
  constexpr int64_t kSoon = 10 * kSecond;
  struct Came {
    int64_t time;
    uint32_t node;
  };
  std::map<std::pair<ThingId, ThingId>, std::vector<Came>> came;  // by where from and where to
  const auto note = [&](ThingId from, ThingId to, int64_t time, uint32_t node) {
    if (from != kNoThing && to != kNoThing && from != to && time != 0) came[{from, to}].push_back({time, node});
  };
  for (const uint32_t n : Core()) {
    if (!IsHot(n)) continue;
    for (const ThingId session : nodes_[n].sessions) {
      if (sessions_[session].opened == nullptr) continue;
      note(sessions_[session].from, nodes_[n].host, sessions_[session].opened->first, n);
    }
    for (const uint32_t h : nodes_[n].hints) {
      if (hints_[h].shown == ~0u) continue;
      note(shown_[hints_[h].shown].from, hints_[h].host, hints_[h].first, n);
    }
  }
  // What was started through another machine's call, of which no logon tells: it came from where the only program
  // connected just then.
  std::map<ThingId, std::vector<Came>> called;  // by machine
  for (const uint32_t n : Core()) {
    const ThingId top = nodes_[n].thing;
    if (!IsHot(n) || top_[top] != top || parent_[top] == kNoThing || !IsRemoteCaller(ImageOf(parent_[top]))) continue;
    called[nodes_[n].host].push_back({world_.FindProcess(top)->start.time, n});
  }
  std::map<std::pair<ThingId, int64_t>, std::set<std::pair<ThingId, std::string>>> callers;  // by machine and time
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected || Starts(link.from) || At(link.from).host == world_.HostOf(link.to))
      continue;
    const auto it = called.find(world_.HostOf(link.to));
    if (it == called.end()) continue;
    for (const RecordPlace& moment : world_.Moments(link)) {
      for (const Came& c : it->second) {
        if (moment.time >= c.time - kSoon && moment.time <= c.time) {
          callers[{it->first, c.time}].emplace(At(link.from).host, Folded(BaseName(ImageOf(link.from))));
          note(At(link.from).host, it->first, c.time, c.node);
        }
      }
    }
  }
  for (const auto& [at, programs] : callers) {
    if (programs.size() == 1) continue;
    for (const auto& [host, program] : programs) {
      auto& list = came[{host, at.first}];
      std::erase_if(list, [&](const Came& c) { return c.time == at.second; });
    }
  }
  if (came.empty()) return;
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected || Starts(link.from) || IsCore(NodeOf(link.from))) continue;
    const auto it = came.find({At(link.from).host, world_.HostOf(link.to)});
    if (it == came.end()) continue;
    for (const RecordPlace& moment : world_.Moments(link)) {
      const auto cause = std::find_if(it->second.begin(), it->second.end(), [&](const Came& c) {
        return moment.time >= c.time - kSoon && moment.time <= c.time + kBefore;
      });
      if (cause == it->second.end()) continue;
      Shown shown;
      shown.title = "The program that connected right before the intruder came from there";
      shown.summary = std::string(BaseName(ImageOf(link.from))) + " to " + At(it->first.second).name;
      shown.techniques = {"T1021"};
      shown.tactics = {"lateral-movement"};
      shown.about = link.from;
      shown.host = At(link.from).host;
      shown.time = moment.time;
      shown.weight = kLogon;
      shown.place = moment;
      Add(std::move(shown), cause->node, LinkKind::kConnected, "connected right before somebody came from there", 0.7);
      break;
    }
  }
}

// What a task or service that was made in a session of the intruder's ran.
void Grouper::ReachStarted() {
  struct Made {
    int64_t time;
    ThingId session;  // kNoThing: not known
    ThingId from;
    std::string program;  // of a service; of a task ""
    uint32_t node;
  };
  std::map<ThingId, std::string> programs;  // by service: the name of its file
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kUsed && At(link.from).kind == ThingKind::kService) {
      programs[link.from] = std::string(BaseName(ProgramOf(At(link.to).name)));
    }
  }
  std::map<ThingId, std::vector<Made>> made;  // by machine
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kCreated || !IsCore(NodeOf(link.from))) continue;
    if (sessions_[link.from].from == kNoThing) continue;
    const auto program = programs.find(link.to);
    if (At(link.to).kind == ThingKind::kService && program == programs.end()) continue;
    made[At(link.from).host].push_back({link.first, link.from, sessions_[link.from].from,
                                        program == programs.end() ? "" : program->second, NodeOf(link.from)});
  }
  for (const Installed& service : installed_) {
    made[At(service.service).host].push_back(
        {At(service.service).first, kNoThing, service.from, programs[service.service], NodeOf(service.service)});
  }
  if (made.empty()) return;
  std::map<std::pair<ThingId, std::string>, uint32_t> runs;  // of a command line on a machine
  for (const Process& process : world_.processes()) {
    if (made.contains(At(process.thing).host)) ++runs[{At(process.thing).host, Folded(process.command)}];
  }
  const auto by_scheduler = [&](ThingId parent) {
    return Folded(world_.FindProcess(parent)->command).find("schedule") != std::string::npos ||
           Folded(BaseName(ImageOf(parent))) == "taskeng.exe";
  };
  for (const Process& process : world_.processes()) {
    const ThingId host = At(process.thing).host, parent = parent_[process.thing];
    const auto it = made.find(host);
    if (it == made.end() || !process.started || parent == kNoThing) continue;
    for (const Made& one : it->second) {
      if (process.start.time < one.time - kSecond || process.start.time > one.time + 2 * kMinute) continue;
      const bool task = one.program.empty();
      if (task ? !by_scheduler(parent) || runs[{host, Folded(process.command)}] > 1
               : Folded(BaseName(process.image)) != one.program) {
        continue;
      }
      Shown shown;
      shown.title = task ? "Run by the scheduler right after the intruder's task was made"
                         : "Run as a service right after the intruder installed it";
      shown.summary = process.command.empty() ? process.image : process.command;
      shown.techniques = {task ? "T1053.005" : "T1569.002"};
      shown.tactics = {"execution"};
      shown.about = process.thing;
      shown.host = host;
      shown.from = one.from;
      if (one.session != kNoThing) shown.account = sessions_[one.session].owner;
      shown.time = process.start.time;
      shown.weight = kTool;
      shown.place = process.start;
      Add(std::move(shown), one.node, LinkKind::kCreated, "run right after it was made there", 0.8);
      break;
    }
  }
}

// What an agent of some management program ran at another organisation, right after a logon from a machine of a
// campaign: nothing else tells of the way that such a program's server gives orders.
void Grouper::ReachAgents() {
  constexpr double kLeast = 0.3;
  constexpr int64_t kSoon = 90 * kSecond;
  std::map<ThingId, std::pair<int64_t, uint32_t>> held;  // by machine: since when, and a node
  for (const uint32_t n : Core()) {
    if (!IsHot(n) || nodes_[n].first == 0) continue;
    const auto [it, fresh] = held.try_emplace(nodes_[n].host, nodes_[n].first, n);
    if (!fresh && nodes_[n].first < it->second.first) it->second = {nodes_[n].first, n};
  }
  struct Logon {
    int64_t time;
    ThingId session;
    uint32_t cause;
  };
  std::vector<Logon> logons;
  for (ThingId i = 0; i < sessions_.size(); ++i) {
    if (sessions_[i].opened == nullptr) continue;
    const auto it = held.find(sessions_[i].from);
    if (it == held.end() || sessions_[i].owner == kNoThing || IsOfMachine(At(sessions_[i].owner).name)) continue;
    if (sessions_[i].opened->first >= it->second.first)
      logons.push_back({sessions_[i].opened->first, i, it->second.second});
  }
  std::sort(logons.begin(), logons.end(),
            [](const Logon& a, const Logon& b) { return std::tie(a.time, a.session) < std::tie(b.time, b.session); });
  const size_t nodes = nodes_.size();
  for (uint32_t n = 0; n < nodes; ++n) {
    const ThingId top = nodes_[n].thing;
    const Process* const process = world_.FindProcess(top);
    if (process == nullptr) continue;
    // The agent is the tree's beginning where too little is known of what it does.
    const bool by_starter = starters_.contains(parent_[top]);
    if (!by_starter && (process->started || Folded(process->image).find(":\\program files") == std::string::npos))
      continue;
    if (nodes_[n].weight < kLeast || !HasFinding(nodes_[n])) continue;
    ThingId ran_by_it = top;
    if (!by_starter) {
      for (const uint32_t h : nodes_[n].hints) {
        const ThingId about = hints_[h].about;
        if (about == top || world_.FindProcess(about) == nullptr) continue;
        if (ran_by_it == top || world_.FindProcess(about)->start.time < world_.FindProcess(ran_by_it)->start.time)
          ran_by_it = about;
      }
      while (ran_by_it != top && parent_[ran_by_it] != top && parent_[ran_by_it] != kNoThing)
        ran_by_it = parent_[ran_by_it];
      if (ran_by_it == top) continue;
    }
    const Process& command = *world_.FindProcess(ran_by_it);
    const int64_t began = command.start.time;
    auto logon = std::upper_bound(logons.begin(), logons.end(), began,
                                  [](int64_t time, const Logon& l) { return time < l.time; });
    if (logon == logons.begin() || began - (--logon)->time > kSoon) continue;
    const ThingId server = At(logon->session).host;
    if (At(server).tenant == At(top).tenant) continue;
    const std::string agent(BaseName(ImageOf(by_starter ? parent_[top] : top)));
    intruders_.insert(logon->session);
    Shown came;
    came.title = "Logon from a machine of the intruder's, right before an agent ran commands at another organisation";
    came.summary = At(sessions_[logon->session].owner).name + " from " + At(sessions_[logon->session].from).name;
    came.techniques = {"T1021", "T1078"};
    came.tactics = {"lateral-movement"};
    came.about = logon->session;
    came.host = server;
    came.from = sessions_[logon->session].from;
    came.account = sessions_[logon->session].owner;
    came.time = logon->time;
    came.weight = kLogon;
    came.place = sessions_[logon->session].opened->proof;
    const RecordPlace proof = came.place;
    Add(std::move(came), logon->cause, LinkKind::kOpenedSession, "a logon from there", 0.6);
    Unite(NodeOf(logon->session), n, LinkKind::kConnected,
          agent + " ran it right after the logon on " + At(server).name, 0.6, proof);
    Shown ran;
    ran.title = "Commands run by an agent right after the intruder's logon to another organisation's machine";
    ran.summary = command.command.empty() ? command.image : command.command;
    ran.techniques = {"T1072"};
    ran.tactics = {"lateral-movement"};
    ran.about = ran_by_it;
    ran.host = At(top).host;
    ran.from = server;
    ran.time = began;
    ran.weight = kTool;
    ran.place = command.start;
    Add(std::move(ran), NodeOf(logon->session), LinkKind::kConnected, "", 0);
  }
}

// The same program, service or task, which no others have.
void Grouper::ReachTools() {
  using Name = std::pair<ThingKind, std::string>;
  std::map<Name, Spread> spread;
  std::map<Name, std::map<uint32_t, RecordPlace>> cause;  // nodes of campaigns
  struct Use {
    Name name;
    ThingId about;
    int64_t time;
    RecordPlace place;
    std::string text;
  };
  std::vector<Use> uses;
  const auto use = [&](ThingKind kind, std::string name, ThingId about, int64_t time, const RecordPlace& place,
                       std::string_view text, uint32_t node) {
    Name key(kind, std::move(name));
    Spread& of = spread[key];
    of.all.insert(At(about).host);
    if (IsCore(node)) {
      of.core.insert(At(about).host);
      cause[key].try_emplace(node, place);
    } else {
      uses.push_back({std::move(key), about, time, place, std::string(text)});
    }
  };
  for (const Process& process : world_.processes()) {
    if (process.image.empty() || IsInstalled(process.image)) continue;
    use(ThingKind::kFile, Folded(process.image), process.thing, process.start.time, process.start, process.image,
        NodeOf(process.thing));
  }
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kUsed && At(link.from).kind == ThingKind::kService) {
      const std::string program = ProgramOf(At(link.to).name);
      if (!IsInstalled(program)) {
        use(ThingKind::kFile, program, link.from, link.first, link.proof, At(link.from).name + ": " + At(link.to).name,
            NodeOf(link.from));
      }
    } else if (link.kind == LinkKind::kCreated) {
      use(At(link.to).kind, At(link.to).name, link.from, link.first, link.proof, At(link.to).name, NodeOf(link.from));
    }
  }
  theirs_.clear();
  for (const auto& [name, of] : spread) {
    if (name.first == ThingKind::kFile && of.is_theirs()) theirs_.insert(name.second);
  }
  for (const auto& [name, nodes] : cause) {
    if (!spread[name].is_theirs()) continue;
    for (const auto& [node, place] : nodes) {
      Unite(nodes.begin()->first, node, LinkKind::kRan, "both have " + name.second + ", which no others have", 0.8,
            place);
    }
  }
  // Who wrote it, and whose command line names it.
  std::map<std::string, uint32_t> of_program;
  for (const std::string& program : theirs_)
    of_program[program] = cause[Name(ThingKind::kFile, program)].begin()->first;
  const auto belongs = [&](ThingId process, const std::string& program, const RecordPlace& place, const char* how) {
    const uint32_t node = NodeOf(process);
    if (node != ~0u && nodes_[node].weight >= kNamed) {
      Unite(of_program[program], node, LinkKind::kRan, how + program + ", which only the intruder's machines have", 0.8,
            place);
    }
  };
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kWrote && of_program.contains(At(link.to).name)) {
      belongs(link.from, At(link.to).name, link.proof, "it wrote ");
    }
  }
  for (const Process& process : world_.processes()) {
    if (NodeOf(process.thing) == ~0u || process.command.empty()) continue;
    const std::string command = Folded(process.command);
    for (const auto& [program, node] : of_program) {
      if (command.find(program) != std::string::npos) belongs(process.thing, program, process.start, "it names ");
    }
  }
  for (const Use& of : uses) {
    if (!spread[of.name].is_theirs()) continue;
    const uint32_t node = cause[of.name].begin()->first;
    const bool file = of.name.first == ThingKind::kFile && world_.FindProcess(of.about) != nullptr;
    Shown shown;
    shown.title = file ? "A program that only the intruder's machines have"
                       : "A service or task that only the intruder's machines have";
    shown.summary = of.text;
    shown.techniques = {file ? "T1105" : of.name.first == ThingKind::kTask ? "T1053.005" : "T1543.003"};
    shown.tactics = {file ? "command-and-control" : "persistence"};
    shown.about = of.about;
    shown.host = At(of.about).host;
    shown.time = of.time;
    shown.weight = kTool;
    shown.place = of.place;
    shown.together = true;
    Add(std::move(shown), node, file ? LinkKind::kRan : LinkKind::kCreated, "the same program, which no others have",
        0.8);
  }
}

// The node of a program of the intruder's on the same machine that reaches that machine outside; ~0u: there is none.
uint32_t Grouper::UserOf(ThingId source, ThingId contact, const std::set<std::pair<ThingId, ThingId>>& told) const {
  const ThingId host = world_.HostOf(source);
  if (host == kNoThing || !used_.contains({At(contact).kind, At(contact).name})) return ~0u;
  for (const auto& [about, reached] : told) {
    if (HostAt(about) == host && At(reached).name == At(contact).name && IsCore(NodeOf(about))) return NodeOf(about);
  }
  return ~0u;
}

// The same machine or name outside, which no others reach; and whatever else a program reaches that only they have.
void Grouper::ReachContacts() {
  using Name = std::pair<ThingKind, std::string>;
  std::map<Name, Spread> spread;
  std::map<Name, std::map<uint32_t, RecordPlace>> cause;  // nodes of campaigns
  const auto host_of = [&](ThingId machine) {
    return machine == kNoThing || world_.HostOf(machine) == kNoThing ? machine : world_.HostOf(machine);
  };
  const auto is_outside = [&](ThingId machine) {
    const Thing& to = At(machine);
    if (to.kind == ThingKind::kDomain) return to.name.find('.') != std::string::npos;
    return to.kind == ThingKind::kAddress && !IsPrivate(to.name) && world_.HostOf(machine) == kNoThing;
  };
  const auto known = [&](ThingId machine, uint32_t node, ThingId host, const RecordPlace& place) {
    const Name name(At(machine).kind, At(machine).name);
    spread[name].core.insert(host);
    cause[name].try_emplace(node, place);
  };
  used_.clear();
  for (const uint32_t n : Core()) {
    for (const uint32_t h : nodes_[n].hints) {
      if (hints_[h].shown == ~0u) continue;
      const Shown& shown = shown_[hints_[h].shown];
      const ThingId contact = shown.contact != kNoThing ? shown.contact : shown.other;
      if (contact != kNoThing && is_outside(contact) && !IsPublic(At(contact).name))
        known(contact, n, host_of(shown.host), shown.place);
    }
  }
  const auto find = [&](ThingId machine) {
    return is_outside(machine) ? spread.find(Name(At(machine).kind, At(machine).name)) : spread.end();
  };
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    if (const auto it = find(link.to); it != spread.end()) it->second.all.insert(host_of(HostAt(link.from)));
  }
  for (const Flow& flow : world_.flows()) {
    if (const auto it = find(flow.destination); it != spread.end()) it->second.all.insert(host_of(flow.source));
  }
  for (const auto& [name, nodes] : cause) {
    if (!spread[name].is_theirs()) continue;
    for (const auto& [node, place] : nodes) {
      Unite(nodes.begin()->first, node, LinkKind::kReached,
            "both reached " + name.second + ", which hardly any other did", 0.8, place);
    }
  }
  const auto reached = [&](ThingId about, ThingId contact, const RecordPlace& place, std::string summary) {
    const auto it = find(contact);
    if (it == spread.end() || !it->second.is_theirs()) return;
    Shown shown;
    shown.title = "It reached a machine outside that hardly any but the intruder's programs reach";
    shown.summary = std::move(summary);
    shown.techniques = {"T1071"};
    shown.tactics = {"command-and-control"};
    shown.about = about;
    shown.host = host_of(HostAt(about));
    shown.time = place.time;
    shown.weight = kContact;
    shown.place = place;
    shown.contact = contact;
    shown.together = true;
    Add(std::move(shown), cause[it->first].begin()->first, LinkKind::kReached,
        "both reached a machine outside that hardly any others do", 0.8);
  };
  std::set<std::pair<ThingId, ThingId>> told;
  for (const Shown& shown : shown_) {
    if (shown.contact != kNoThing) told.emplace(shown.about, shown.contact);
  }
  // What others reach, too, counts where a program that only the intruder has reaches it.
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    const uint32_t node = NodeOf(link.from);
    if (!IsCore(node) || !is_outside(link.to) || !theirs_.contains(Folded(ImageOf(link.from)))) continue;
    if (told.contains({link.from, link.to})) continue;
    Shown shown;
    shown.title = "A program that only the intruder's machines have reached a machine outside";
    shown.summary = std::string(BaseName(ImageOf(link.from))) + " to " + At(link.to).name;
    shown.techniques = {"T1102"};
    shown.tactics = {"command-and-control"};
    shown.about = link.from;
    shown.contact = link.to;
    used_.emplace(At(link.to).kind, At(link.to).name);
    shown.host = HostAt(link.from);
    shown.time = link.first;
    shown.weight = kContact;
    shown.place = link.proof;
    shown.together = true;
    told.emplace(link.from, link.to);
    Add(std::move(shown), node, LinkKind::kConnected, "", 0);
  }
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    if (IsCore(NodeOf(link.from)) || !is_outside(link.to)) continue;
    reached(link.from, link.to, link.proof, std::string(BaseName(ImageOf(link.from))) + " to " + At(link.to).name);
  }
  for (const Flow& flow : world_.flows()) {
    if (!is_outside(flow.destination)) continue;
    reached(flow.source, flow.destination, flow.first_place, At(flow.source).name + " to " + At(flow.destination).name);
    const auto it = find(flow.destination);
    if (flow.sent < kMuch || flow.sent < 4 * flow.received) continue;
    const bool rare = it != spread.end() && it->second.is_theirs();
    // Others reach it, too: of machines on which the intruder's programs do.
    const uint32_t user = rare ? ~0u : UserOf(flow.source, flow.destination, told);
    if (!rare && user == ~0u) continue;
    Shown shown;
    shown.title = "Much sent to a machine outside that the intruder's programs reach";
    shown.summary =
        At(flow.source).name + " to " + At(flow.destination).name + ", " + std::to_string(flow.sent) + " bytes";
    shown.techniques = {rare ? "T1041" : "T1567.002"};
    shown.tactics = {"exfiltration"};
    shown.about = flow.source;
    shown.host = host_of(flow.source);
    shown.time = flow.most_sent_place.time;
    shown.weight = kSent;
    shown.place = flow.most_sent_place;
    shown.other = flow.destination;
    Add(std::move(shown), rare ? cause[it->first].begin()->first : user, LinkKind::kReached,
        "both reached a machine outside that hardly any others do", 0.8);
  }
}

// A machine outside that hardly any other reaches, first reached right after the intruder came.
void Grouper::ReachNewContacts() {
  constexpr size_t kFew = 2;
  std::map<ThingId, std::vector<std::pair<int64_t, uint32_t>>> came;  // by machine: when, and the node
  for (const uint32_t n : Core()) {
    for (const uint32_t h : nodes_[n].hints) {
      if (hints_[h].weight >= hot_ && hints_[h].host != kNoThing) came[hints_[h].host].emplace_back(hints_[h].first, n);
    }
  }
  const auto began = [&](ThingId source, ThingId contact, int64_t first, const RecordPlace& place, bool known) {
    const auto it = came.find(world_.HostOf(source));
    if (it == came.end()) return;
    const Thing& to = At(contact);
    for (const auto& [time, node] : it->second) {
      if (first < time - kMinute || (!known && first > time + kHour)) continue;
      Shown shown;
      shown.title =
          known
              ? "A machine outside that the intruder's programs reach elsewhere, first reached after the intruder came"
              : "A machine outside that hardly any other reaches, first reached right after the intruder came";
      shown.summary = At(source).name + " to " + to.name;
      shown.techniques = {known ? "T1102" : "T1071"};
      shown.tactics = {"command-and-control"};
      shown.about = source;
      shown.host = it->first;
      shown.time = first;
      shown.weight = kContact;
      shown.place = place;
      shown.contact = contact;
      shown.together = true;
      Add(std::move(shown), node, LinkKind::kReached, "first reached after the intruder came", 0.5);
      return;
    }
  };
  std::map<ThingId, int64_t> earliest;
  for (const auto& [machine, list] : came) earliest[machine] = std::min_element(list.begin(), list.end())->first;
  // Known to the machine before anybody came: what it does anyway.
  const auto is_new = [&](ThingId source, int64_t first) {
    const auto it = earliest.find(world_.HostOf(source));
    return it != earliest.end() && first >= it->second - kMinute;
  };
  std::map<std::pair<ThingId, ThingId>, std::pair<int64_t, RecordPlace>> firsts;  // machine and what it reached
  const auto note = [&](ThingId source, ThingId contact, int64_t first, const RecordPlace& place) {
    if (!used_.contains({At(contact).kind, At(contact).name})) return;
    const auto [it, fresh] = firsts.try_emplace({source, contact}, first, place);
    if (!fresh && first < it->second.first) it->second = {first, place};
  };
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kAsked && world_.FindProcess(link.from) == nullptr) {
      note(link.from, link.to, link.first, link.proof);
    }
  }
  for (const Flow& flow : world_.flows()) note(flow.source, flow.destination, flow.first, flow.first_place);
  for (const auto& [ends, first] : firsts) {
    if (is_new(ends.first, first.first)) began(ends.first, ends.second, first.first, first.second, true);
  }
  std::map<std::string_view, std::set<ThingId>> users;
  for (const Flow& flow : world_.flows()) users[At(flow.destination).name].insert(flow.source);
  for (const Flow& flow : world_.flows()) {
    const Thing& to = At(flow.destination);
    if (to.kind != ThingKind::kAddress || IsPrivate(to.name) || world_.HostOf(flow.destination) != kNoThing) continue;
    if (users[to.name].size() > kFew) continue;
    began(flow.source, flow.destination, flow.first, flow.first_place, false);
  }
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
  std::map<ThingId, std::pair<int64_t, uint32_t>> came;  // by machine
  for (const uint32_t n : Core()) {
    if (!IsHot(n) || nodes_[n].first == 0) continue;
    const auto [it, fresh] = came.try_emplace(nodes_[n].host, nodes_[n].first, n);
    if (!fresh && nodes_[n].first < it->second.first) it->second = {nodes_[n].first, n};
  }
  std::map<ThingId, std::string> tried;  // by where from: an account
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kTried && names.contains(bare(At(link.to).name)))
      tried.emplace(link.from, At(link.to).name);
  }
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kTried || At(link.to).kind != ThingKind::kHost || !tried.contains(link.from)) continue;
    const ThingId from = world_.HostOf(link.from);
    const auto it = came.find(from);
    if (it == came.end() || from == link.to || link.first < it->second.first) continue;
    Shown shown;
    shown.title = "Logon refused, from a machine of the intruder's";
    shown.summary = "as " + tried[link.from] + ", from " + At(from).name;
    shown.techniques = {"T1021"};
    shown.tactics = {"lateral-movement"};
    shown.about = link.from;
    shown.host = link.to;
    shown.from = from;
    shown.time = link.first;
    shown.weight = kRefused;
    shown.in_vain = true;
    shown.place = link.proof;
    Add(std::move(shown), it->second.second, LinkKind::kTried, "from that machine, as an account its programs used",
        0.6);
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
  std::map<ThingId, std::pair<int64_t, uint32_t>> held;  // by machine: since when, and a node
  for (const uint32_t n : Core()) {
    if (!IsHot(n) || nodes_[n].first == 0) continue;
    const auto [it, fresh] = held.try_emplace(nodes_[n].host, nodes_[n].first, n);
    if (!fresh && nodes_[n].first < it->second.first) it->second = {nodes_[n].first, n};
  }
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
      if (it == held.end() || sessions_[session].opened->first < it->second.first) continue;
      intruders_.insert(session);
      Unite(it->second.second, node_of_[EnsureNode(session, At(session).host)], LinkKind::kOpenedSession,
            "a logon from there, which the intruder held", 0.6, sessions_[session].opened->proof);
      Unite(it->second.second, n, LinkKind::kOpenedSession, "a logon from there, which the intruder held", 0.6,
            sessions_[session].opened->proof);
    }
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
