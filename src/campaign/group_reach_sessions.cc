// Sessions that a campaign's programs opened on other machines, and what was done in them (see group_reach.cc).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/grouper.h"
#include "campaign/reach.h"
#include "campaign/spelling.h"
#include "campaign/stages.h"

namespace spoor {

using namespace reach;

namespace {

constexpr int64_t kStay = 15 * kMinute;  // what an account does so long after it came counts, without a known session

// It starts programs for whoever asks from another machine.
bool IsRemoteCaller(std::string_view image) {
  const std::string name = Folded(BaseName(image));
  return name == "wsmprovhost.exe" || name == "winrshost.exe" || name == "wmiprvse.exe";
}

}  // namespace

// A program of a campaign connected to another machine, and a session was opened there from its machine.
void Grouper::ReachSessions() {
  std::map<std::pair<ThingId, ThingId>, std::vector<std::pair<int64_t, ThingId>>> opened;  // by machine and from where
  // Sessions, and processes without one, of which nothing tells whence, by machine.
  std::map<ThingId, std::vector<std::pair<int64_t, ThingId>>> unknown;
  for (ThingId i = 0; i < sessions_.size(); ++i) {
    const SessionFacts& session = sessions_[i];
    if (session.owner == kNoThing || IsOfMachine(At(session.owner).name)) continue;
    if (session.opened != nullptr) {
      opened[{At(i).host, session.from}].emplace_back(session.opened->first(), i);
    } else if (At(i).kind == ThingKind::kSession || session_of_[i] == kNoThing) {
      const Process* const process = world_.FindProcess(i);
      unknown[At(i).host].emplace_back(process == nullptr ? At(i).first : process->start.time, i);
    }
  }
  for (auto& [ends, list] : opened) std::sort(list.begin(), list.end());
  for (auto& [host, list] : unknown) std::sort(list.begin(), list.end());
  std::map<ThingId, std::set<std::string>> used;  // by process: accounts that it used by name
  std::map<ThingId, std::vector<std::pair<int64_t, const Link*>>> services;  // by machine
  installed_.clear();
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kUsed && At(link.from).kind == ThingKind::kService) {
      services[At(link.from).host].emplace_back(At(link.from).first, &link);
    }
    if (link.kind == LinkKind::kUsed && At(link.to).kind == ThingKind::kAccount && IsCore(NodeOf(link.from))) {
      used[link.from].insert(At(link.to).name);
    }
  }
  for (auto& [host, list] : services) std::sort(list.begin(), list.end());
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
      const auto& installed = services[to];
      for (auto next = std::lower_bound(installed.begin(), installed.end(), moment.time - kBefore,
                                        [](const auto&one, int64_t time) { return one.first < time; });
           next != installed.end() && next->first <= moment.time + kAfter; ++next) {
        const ThingId service = next->second->from;
        const int64_t first = next->first;
        const RecordPlace& proof = next->second->proof;
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
      const auto& others = unknown[to];
      for (auto next = std::lower_bound(others.begin(), others.end(), moment.time - kBefore,
                                        [](const auto&one, int64_t time) { return one.first < time; });
           next != others.end() && next->first <= moment.time + kStay; ++next) {
        const ThingId other = next->second, owner = sessions_[other].owner;
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
    shown.time = link.first();
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
      note(sessions_[session].from, nodes_[n].host, sessions_[session].opened->first(), n);
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
      std::erase_if(list, [time = at.second](const Came& c) { return c.time == time; });
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
      shown.led_there = true;
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
    made[At(link.from).host].push_back({link.first(), link.from, sessions_[link.from].from,
                                        program == programs.end() ? "" : program->second, NodeOf(link.from)});
  }
  for (const Installed& service : installed_) {
    made[At(service.service).host].push_back(
        {At(service.service).first, kNoThing, service.from, programs[service.service], NodeOf(service.service)});
  }
  if (made.empty()) return;
  for (auto& [host, list] : made) {
    std::stable_sort(list.begin(), list.end(), [](const Made& a, const Made& b) { return a.time < b.time; });
  }
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
    const auto since = std::lower_bound(it->second.begin(), it->second.end(), process.start.time - 2 * kMinute,
                                        [](const Made& one, int64_t time) { return one.time < time; });
    for (auto next = since; next != it->second.end() && next->time <= process.start.time + kSecond; ++next) {
      const Made& one = *next;
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

}  // namespace spoor
