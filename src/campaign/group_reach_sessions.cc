// Sessions that a campaign's programs opened on other machines, and what was done in them (see group_reach.cc).
#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
#include "campaign/group_reach.h"
#include "campaign/stages.h"
#include "world/spelling.h"

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

// What followed, on the machine that it went to, on a connection of a campaign's program.
class Reach::Arrivals {
 public:
  explicit Arrivals(Reach* reach);
  // REQUIRES: of a program of a campaign, to another machine.
  void Follow(const Link& connection);

 private:
  struct From {
    ThingId process, host;
    uint32_t node;
    std::string program;
  };
  using ByTime = std::vector<std::pair<int64_t, ThingId>>;

  bool FindLogons(const From& from, ThingId to, const RecordPlace& moment);
  void TellLogon(const From& from, ThingId session);
  ThingId UsedByName(const Link& connection, const RecordPlace& moment) const;
  void TellByName(const From& from, const Link& connection, const RecordPlace& moment);
  void FindServices(const From& from, ThingId to, const RecordPlace& moment);
  void FindOthers(const From& from, ThingId to, const RecordPlace& moment);
  // Those of a time up to so long after it.
  template <typename Each>
  static void Within(const ByTime& list, int64_t time, int64_t after, const Each& each) {
    for (auto next = std::lower_bound(list.begin(), list.end(), std::pair(time - kBefore, ThingId{0}));
         next != list.end() && next->first <= time + after; ++next) {
      each(next->second);
    }
  }

  Reach& r_;
  Groups& g_;
  std::map<std::pair<ThingId, ThingId>, ByTime> opened_;  // sessions by machine and from where
  std::map<ThingId, ByTime> unknown_;  // by machine: sessions, and processes without one, of which nothing tells whence
  std::map<ThingId, ByTime> services_;     // by machine
  std::map<ThingId, RecordPlace> set_up_;  // services
  // By process: what accounts it used by name, and by which records.
  struct Used {
    std::set<std::string> names;
    std::map<std::tuple<uint32_t, uint64_t, uint64_t>, ThingId> by_record;
  };
  static std::tuple<uint32_t, uint64_t, uint64_t> RecordOf(const RecordPlace& place) {
    return {place.file, place.record, place.offset};
  }
  std::map<ThingId, Used> used_by_name_;
};

Reach::Arrivals::Arrivals(Reach* reach) : r_(*reach), g_(reach->g_) {
  for (ThingId i = 0; i < g_.sessions.size(); ++i) {
    const SessionFacts& session = g_.sessions[i];
    if (session.owner == kNoThing || IsOfMachine(g_.At(session.owner).name)) continue;
    if (session.opened != nullptr) {
      opened_[{g_.At(i).host, session.from}].emplace_back(session.opened->first(), i);
    } else if (g_.At(i).kind == ThingKind::kSession || g_.session_of[i] == kNoThing) {
      const Process* const process = g_.world.FindProcess(i);
      unknown_[g_.At(i).host].emplace_back(process == nullptr ? g_.At(i).first : process->start.time, i);
    }
  }
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kUsed) continue;
    if (g_.At(link.from).kind == ThingKind::kService && set_up_.emplace(link.from, link.proof).second) {
      services_[g_.At(link.from).host].emplace_back(g_.At(link.from).first, link.from);
    }
    if (g_.At(link.to).kind == ThingKind::kAccount && g_.IsCore(g_.NodeOf(link.from))) {
      Used& used = used_by_name_[link.from];
      used.names.insert(g_.At(link.to).name);
      for (const RecordPlace& place : g_.world.Moments(link)) used.by_record.try_emplace(RecordOf(place), link.to);
    }
  }
  for (auto& [ends, list] : opened_) std::sort(list.begin(), list.end());
  for (auto* const lists : {&unknown_, &services_}) {
    for (auto& [host, list] : *lists) std::sort(list.begin(), list.end());
  }
}

void Reach::Arrivals::Follow(const Link& connection) {
  const ThingId process = connection.from, to = g_.world.HostOf(connection.to);
  const From from{process, g_.At(process).host, g_.NodeOf(process), std::string(BaseName(g_.ImageOf(process)))};
  for (const RecordPlace& moment : g_.world.Moments(connection)) {
    if (FindLogons(from, to, moment)) continue;
    // The other machine tells of no logon; where an account was used by name, the connection is one.
    if (g_.At(connection.to).kind != ThingKind::kHost) continue;
    TellByName(from, connection, moment);
    FindServices(from, to, moment);
    FindOthers(from, to, moment);
  }
}

bool Reach::Arrivals::FindLogons(const From& from, ThingId to, const RecordPlace& moment) {
  const auto it = opened_.find({to, from.host});
  if (it == opened_.end()) return false;
  bool found = false;
  Within(it->second, moment.time, kAfter, [&](ThingId session) {
    found = true;
    TellLogon(from, session);
  });
  return found;
}

void Reach::Arrivals::TellLogon(const From& from, ThingId session) {
  const SessionFacts& facts = g_.sessions[session];
  if (g_.At(session).kind == ThingKind::kSession) r_.intruders_.insert(session);
  Shown shown;
  shown.title = "Logon from another machine as a program of the intruder's connected";
  shown.summary = g_.At(facts.owner).name + ", as " + from.program + " on " + g_.At(from.host).name + " connected";
  shown.techniques = {facts.type == 10 ? "T1021.001" : "T1021.002", "T1078"};
  shown.tactics = {"lateral-movement"};
  shown.about = session;
  shown.host = g_.At(session).host;
  shown.from = from.host;
  shown.account = facts.owner;
  shown.time = facts.opened->first();
  shown.weight = kLogon;
  shown.place = facts.opened->proof;
  r_.Add(std::move(shown), from.node, LinkKind::kOpenedSession, "a logon from there as its program connected", 0.9);
}

// The account that the program named in a record of this connection, at that moment; kNoThing: none is told.
ThingId Reach::Arrivals::UsedByName(const Link& connection, const RecordPlace& moment) const {
  const auto used = used_by_name_.find(connection.from);
  if (used == used_by_name_.end()) return kNoThing;
  for (const RecordPlace& at : g_.world.Moments(connection)) {
    if (std::abs(at.time - moment.time) > kBefore) continue;
    const auto found = used->second.by_record.find(RecordOf(at));
    if (found != used->second.by_record.end()) return found->second;
  }
  return kNoThing;
}

void Reach::Arrivals::TellByName(const From& from, const Link& connection, const RecordPlace& moment) {
  const ThingId to = g_.world.HostOf(connection.to), account = UsedByName(connection, moment);
  Shown shown;
  shown.title = "A program of the intruder's logged on to another machine";
  shown.summary = from.program + " to " + g_.At(to).name;
  if (account != kNoThing && !IsOfMachine(g_.At(account).name)) {
    shown.summary += ", as " + g_.At(account).name;
    shown.account = account;
  }
  shown.techniques = {"T1021", "T1078"};
  shown.tactics = {"lateral-movement"};
  shown.about = from.process;
  shown.host = to;
  shown.from = from.host;
  shown.time = moment.time;
  shown.weight = kLogon;
  shown.place = moment;
  r_.Add(std::move(shown), from.node, LinkKind::kConnected, "", 0);
}

void Reach::Arrivals::FindServices(const From& from, ThingId to, const RecordPlace& moment) {
  Within(services_[to], moment.time, kAfter, [&](ThingId service) {
    r_.installed_.push_back({service, from.host});
    Shown shown;
    shown.title = "Service installed as a program of the intruder's connected";
    shown.summary = g_.At(service).name;
    shown.techniques = {"T1569.002"};
    shown.tactics = {"execution"};
    shown.about = service;
    shown.host = to;
    shown.from = from.host;
    shown.time = g_.At(service).first;
    shown.weight = kLogon;
    shown.place = set_up_[service];
    r_.Add(std::move(shown), from.node, LinkKind::kConnected, "installed as its program connected", 0.8);
  });
}

// What the account did there that the program used by name.
void Reach::Arrivals::FindOthers(const From& from, ThingId to, const RecordPlace& moment) {
  const auto used = used_by_name_.find(from.process);
  if (used == used_by_name_.end()) return;
  Within(unknown_[to], moment.time, kStay, [&](ThingId other) {
    const ThingId owner = g_.sessions[other].owner;
    if (!used->second.names.contains(g_.At(owner).name)) return;
    if (g_.At(other).kind == ThingKind::kSession) {
      r_.intruders_.insert(other);
      g_.Unite(from.node, g_.node_of[g_.EnsureNode(other, to)], LinkKind::kOpenedSession,
               "a session of " + g_.At(owner).name + " right after its program used that account there", 0.8, moment);
    } else {
      r_.RunInSession(other, owner, from.host, from.node);
    }
  });
}

// A program of a campaign connected to another machine, and a session was opened there from its machine.
void Reach::ReachSessions() {
  installed_.clear();
  Arrivals arrivals(this);
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected || g_.Starts(link.from)) continue;
    const uint32_t node = g_.NodeOf(link.from);
    const ThingId to = g_.world.HostOf(link.to);
    if (g_.IsCore(node) && g_.IsHot(node) && to != kNoThing && to != g_.At(link.from).host) arrivals.Follow(link);
  }
}

void Reach::RunInSession(ThingId process, ThingId account, ThingId from, uint32_t cause) {
  const Process& told = *g_.world.FindProcess(process);
  if (g_.Starts(process)) return;
  Shown shown;
  shown.title = "Programs run in the intruder's session";
  shown.summary = !told.command.empty() ? told.command
                  : !told.image.empty() ? told.image
                                        : "a process of which only the number is known";
  shown.tactics = {"execution"};
  shown.about = process;
  shown.host = g_.At(process).host;
  shown.from = from;
  shown.account = account;
  shown.time = told.start.time;
  shown.weight = kDone;
  shown.place = told.start;
  shown.together = true;
  shown.theirs = true;
  Add(std::move(shown), cause, LinkKind::kHas, "in a session that a program of the intruder's opened", 0.9);
}

// What else was done in these sessions.
void Reach::ReachInSessions() {
  if (intruders_.empty()) return;
  for (uint32_t n = 0; n < g_.nodes.size(); ++n) {
    const std::set<ThingId> sessions = g_.nodes[n].sessions;
    for (const ThingId session : sessions) {
      if (!intruders_.contains(session) || g_.NodeOf(session) == n || g_.NodeOf(session) == ~0u) continue;
      g_.Unite(g_.NodeOf(session), n, LinkKind::kHas, "in a session that a program of the intruder's opened", 0.9,
               g_.PlaceOf(g_.hints[g_.nodes[n].hints.front()]));
    }
  }
  for (const Link& link : g_.world.links()) {
    if (!intruders_.contains(link.from)) continue;
    Shown shown;
    shown.about = link.from;
    shown.host = g_.At(link.from).host;
    shown.from = g_.sessions[link.from].from;
    shown.account = g_.sessions[link.from].owner;
    shown.time = link.first();
    shown.weight = kDone;
    shown.place = link.proof;
    shown.together = true;
    shown.theirs = true;
    const Thing& to = g_.At(link.to);
    if (link.kind == LinkKind::kHas && g_.world.FindProcess(link.to) != nullptr) {
      RunInSession(link.to, shown.account, shown.from, g_.NodeOf(link.from));
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
    Add(std::move(shown), g_.NodeOf(link.from), LinkKind::kHas, "in a session that a program of the intruder's opened",
        0.9);
  }
}

// The program that connected, from another machine, right before somebody of a campaign came from there.
void Reach::ReachBack() {
  constexpr int64_t kSoon = 10 * kSecond;
  struct Came {
    int64_t time;
    uint32_t node;
  };
  std::map<std::pair<ThingId, ThingId>, std::vector<Came>> came;  // by where from and where to
  const auto note = [&](ThingId from, ThingId to, int64_t time, uint32_t node) {
    if (from != kNoThing && to != kNoThing && from != to && time != 0) came[{from, to}].push_back({time, node});
  };
  for (const uint32_t n : g_.Core()) {
    if (!g_.IsHot(n)) continue;
    for (const ThingId session : g_.nodes[n].sessions) {
      if (g_.sessions[session].opened == nullptr) continue;
      note(g_.sessions[session].from, g_.nodes[n].host, g_.sessions[session].opened->first(), n);
    }
    for (const uint32_t h : g_.nodes[n].hints) {
      if (g_.hints[h].shown == ~0u) continue;
      note(g_.shown[g_.hints[h].shown].from, g_.hints[h].host, g_.hints[h].first, n);
    }
  }
  // What was started through another machine's call, of which no logon tells: it came from where the only program
  // connected just then.
  std::map<ThingId, std::vector<Came>> called;  // by machine
  for (const uint32_t n : g_.Core()) {
    const ThingId top = g_.nodes[n].thing;
    if (!g_.IsHot(n) || g_.top[top] != top || g_.parent[top] == kNoThing || !IsRemoteCaller(g_.ImageOf(g_.parent[top])))
      continue;
    called[g_.nodes[n].host].push_back({g_.world.FindProcess(top)->start.time, n});
  }
  std::map<std::pair<ThingId, int64_t>, std::set<std::pair<ThingId, std::string>>> callers;  // by machine and time
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected || g_.Starts(link.from) || g_.At(link.from).host == g_.world.HostOf(link.to))
      continue;
    const auto it = called.find(g_.world.HostOf(link.to));
    if (it == called.end()) continue;
    for (const RecordPlace& moment : g_.world.Moments(link)) {
      for (const Came& c : it->second) {
        if (moment.time >= c.time - kSoon && moment.time <= c.time) {
          callers[{it->first, c.time}].emplace(g_.At(link.from).host, Folded(BaseName(g_.ImageOf(link.from))));
          note(g_.At(link.from).host, it->first, c.time, c.node);
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
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected || g_.Starts(link.from) || g_.IsCore(g_.NodeOf(link.from))) continue;
    const auto it = came.find({g_.At(link.from).host, g_.world.HostOf(link.to)});
    if (it == came.end()) continue;
    for (const RecordPlace& moment : g_.world.Moments(link)) {
      const auto cause = std::find_if(it->second.begin(), it->second.end(), [&](const Came& c) {
        return moment.time >= c.time - kSoon && moment.time <= c.time + kBefore;
      });
      if (cause == it->second.end()) continue;
      Shown shown;
      shown.title = "The program that connected right before the intruder came from there";
      shown.summary = std::string(BaseName(g_.ImageOf(link.from))) + " to " + g_.At(it->first.second).name;
      shown.techniques = {"T1021"};
      shown.tactics = {"lateral-movement"};
      shown.about = link.from;
      shown.host = g_.At(link.from).host;
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
void Reach::ReachStarted() {
  struct Made {
    int64_t time;
    ThingId session;  // kNoThing: not known
    ThingId from;
    std::string program;  // of a service; of a task ""
    uint32_t node;
  };
  std::map<ThingId, std::string> programs;  // by service: the name of its file
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kUsed && g_.At(link.from).kind == ThingKind::kService) {
      programs[link.from] = std::string(BaseName(ProgramOf(g_.At(link.to).name)));
    }
  }
  std::map<ThingId, std::vector<Made>> made;  // by machine
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kCreated || !g_.IsCore(g_.NodeOf(link.from))) continue;
    if (g_.sessions[link.from].from == kNoThing) continue;
    const auto program = programs.find(link.to);
    if (g_.At(link.to).kind == ThingKind::kService && program == programs.end()) continue;
    made[g_.At(link.from).host].push_back({link.first(), link.from, g_.sessions[link.from].from,
                                           program == programs.end() ? "" : program->second, g_.NodeOf(link.from)});
  }
  for (const Installed& service : installed_) {
    made[g_.At(service.service).host].push_back(
        {g_.At(service.service).first, kNoThing, service.from, programs[service.service], g_.NodeOf(service.service)});
  }
  if (made.empty()) return;
  for (auto& [host, list] : made) {
    std::stable_sort(list.begin(), list.end(), [](const Made& a, const Made& b) { return a.time < b.time; });
  }
  std::map<std::pair<ThingId, std::string>, uint32_t> runs;  // of a command line on a machine
  for (const Process& process : g_.world.processes()) {
    if (made.contains(g_.At(process.thing).host)) ++runs[{g_.At(process.thing).host, Folded(process.command)}];
  }
  const auto by_scheduler = [&](ThingId parent) {
    return Folded(g_.world.FindProcess(parent)->command).find("schedule") != std::string::npos ||
           Folded(BaseName(g_.ImageOf(parent))) == "taskeng.exe";
  };
  for (const Process& process : g_.world.processes()) {
    const ThingId host = g_.At(process.thing).host, parent = g_.parent[process.thing];
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
      if (one.session != kNoThing) shown.account = g_.sessions[one.session].owner;
      shown.time = process.start.time;
      shown.weight = kTool;
      shown.place = process.start;
      Add(std::move(shown), one.node, LinkKind::kCreated, "run right after it was made there", 0.8);
      break;
    }
  }
}

}  // namespace spoor
