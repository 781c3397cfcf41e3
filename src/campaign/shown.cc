#include "campaign/shown.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kWeight = 5;  // of something made from another machine, once
constexpr int64_t kDay = 86'400'000'000;

// How a process came to be started over the network, by the program that started it.
struct Way {
  const char* parent;
  const char* technique;
  const char* what;
};
constexpr Way kWays[] = {{"wmiprvse.exe", "T1047", "Process started from another machine through WMI"},
                         {"wsmprovhost.exe", "T1021.006", "Process started from another machine through WinRM"},
                         {"winrshost.exe", "T1021.006", "Process started from another machine through WinRM"},
                         {"mmc.exe", "T1021.003", "Process started from another machine through DCOM"},
                         {"svchost.exe", "T1021.003", "Process started from another machine through DCOM"},
                         {"services.exe", "T1021.002", "Service started from another machine"}};

const Way* WayOf(std::string_view parent) {
  const std::string name = Folded(BaseName(parent));
  for (const Way& way : kWays) {
    if (name == way.parent) return &way;
  }
  return nullptr;
}

// When an account comes from a machine: how many of its sessions begin in which hour of the day.
class Habits {
 public:
  Habits(const World& world, const std::vector<SessionFacts>& sessions) {
    for (ThingId i = 0; i < sessions.size(); ++i) {
      const SessionFacts& session = sessions[i];
      if (session.opened == nullptr) continue;
      ++of_[{session.from, session.owner}][HourOf(session.opened->first())];
      ++of_[{session.from, kNoThing}][HourOf(session.opened->first())];
      ++targets_[{session.from, session.owner, world.things()[i].host}];
      if (session.type == 10) accounts_[session.from].insert(session.owner);
    }
  }
  // 0.3 for what is done at hours that are usual for who does it, or where too little is known of the account, for all
  // who come from that machine; 1 at others, and where nobody can say.
  double Factor(const SessionFacts& session, int64_t time) const {
    constexpr double kUsual = 0.3, kEnough = 20, kShare = 0.02;
    if (time == 0) return 1;
    for (const ThingId owner : {session.owner, kNoThing}) {
      const auto it = of_.find({session.from, owner});
      if (it == of_.end()) continue;
      double all = 0;
      for (const uint64_t count : it->second) all += static_cast<double>(count);
      if (all < kEnough) continue;
      return static_cast<double>(it->second[HourOf(time)]) >= kShare * all ? kUsual : 1;
    }
    return 1;
  }
  // Accounts that come from a machine by remote desktop: with many it is there for that.
  size_t Accounts(const SessionFacts& session) const {
    const auto it = accounts_.find(session.from);
    return it == accounts_.end() ? 0 : it->second.size();
  }
  // Sessions of an account from one machine to another.
  uint64_t Sessions(const SessionFacts& session, ThingId host) const {
    const auto it = targets_.find({session.from, session.owner, host});
    return it == targets_.end() ? 0 : it->second;
  }

 private:
  static size_t HourOf(int64_t time) { return static_cast<size_t>(time / 3'600'000'000 % 24); }
  std::map<std::pair<ThingId, ThingId>, std::array<uint64_t, 24>> of_;
  std::map<std::tuple<ThingId, ThingId, ThingId>, uint64_t> targets_;
  std::map<ThingId, std::set<ThingId>> accounts_;  // that come from a machine by remote desktop
};

}  // namespace

std::vector<SessionFacts> SessionsOf(const World& world) {
  std::vector<SessionFacts> sessions(world.things().size());
  for (const Logon& logon : world.logons()) sessions[logon.session].type = logon.type;
  for (const Link& link : world.links()) {
    if (link.kind == LinkKind::kOwns) {
      ThingId& owner = sessions[link.to].owner;
      if (owner == kNoThing || IsOfMachine(world.things()[owner].name)) owner = link.from;
    }
    if (link.kind != LinkKind::kOpenedSession) continue;
    const ThingId from = world.HostOf(link.from);
    SessionFacts& session = sessions[link.to];
    if (from == world.things()[link.to].host) {
      session.within = &link;
      continue;
    }
    if (session.from != kNoThing && from == kNoThing) continue;
    session.from = from == kNoThing ? link.from : from;
    session.opened = &link;
  }
  return sessions;
}

std::vector<Shown> ShownByGraph(const World& world, const std::vector<SessionFacts>& sessions) {
  std::vector<ThingId> parent(world.things().size(), kNoThing);
  for (const Link& link : world.links()) {
    if (link.kind == LinkKind::kStarted) parent[link.to] = link.from;
  }
  const Habits habits(world, sessions);
  std::vector<Shown> shown;
  std::vector<std::string> programs;  // by shown: what is compared with what the account does else
  const auto add = [&](ThingId session, ThingId about, int64_t time, const RecordPlace& place, std::string title,
                       std::vector<std::string> techniques, std::string summary, std::string program, double weight) {
    Shown one;
    one.title = std::move(title);
    one.summary = std::move(summary);
    one.techniques = std::move(techniques);
    one.tactics = {"lateral-movement"};
    one.about = about;
    one.host = world.things()[session].host;
    one.from = sessions[session].from;
    one.account = sessions[session].owner;
    one.time = time;
    one.weight = weight * habits.Factor(sessions[session], time);
    one.place = place;
    shown.push_back(std::move(one));
    programs.push_back(std::move(program));
  };
  const auto by_person = [&](const SessionFacts& session) {
    return session.from != kNoThing && session.owner != kNoThing && !IsOfMachine(world.things()[session.owner].name);
  };
  for (const Link& link : world.links()) {
    if (link.kind != LinkKind::kHas && link.kind != LinkKind::kCreated) continue;
    const SessionFacts& session = sessions[link.from];
    if (!by_person(session)) continue;
    const Thing& to = world.things()[link.to];
    if (link.kind == LinkKind::kCreated) {
      const bool service = to.kind == ThingKind::kService;
      add(link.from, link.from, link.first(), link.proof,
          service ? "Service created from another machine" : "Scheduled task created or changed from another machine",
          service ? std::vector<std::string>{"T1021.002", "T1543.003"} : std::vector<std::string>{"T1053.005"}, to.name,
          to.name, kWeight);
      continue;
    }
    if (session.type != 3) continue;  // a person who sits at the machine's screen, near or far, starts many things
    const Process* const process = world.FindProcess(link.to);
    if (process == nullptr || parent[link.to] == kNoThing) continue;
    const Way* const way = WayOf(world.FindProcess(parent[link.to])->image);
    if (way == nullptr) continue;
    add(link.from, link.to, link.first(), link.proof, way->what, {way->technique},
        std::string(process->command.empty() ? process->image : process->command), Folded(BaseName(process->image)),
        kWeight);
  }
  for (ThingId i = 0; i < sessions.size(); ++i) {
    if (sessions[i].type != 10 || sessions[i].opened == nullptr || !by_person(sessions[i])) continue;
    const Link& opened = *sessions[i].opened;
    const double often = static_cast<double>(habits.Sessions(sessions[i], world.things()[i].host));
    add(i, i, opened.first(), opened.proof, "Remote desktop from another machine", {"T1021.001"}, "", "",
        kWeight / (1 + std::log2(std::max(1.0, often))) /
            (1 + std::log2(std::max<double>(1, static_cast<double>(habits.Accounts(sessions[i]))))));
  }
  // How often the same account did the same from the same machine: on how many machines and days.
  std::map<std::tuple<ThingId, ThingId, std::string, std::string>, std::set<std::pair<ThingId, int64_t>>> often;
  for (size_t i = 0; i < shown.size(); ++i) {
    often[{shown[i].from, shown[i].account, shown[i].title, programs[i]}].insert({shown[i].host, shown[i].time / kDay});
  }
  for (size_t i = 0; i < shown.size(); ++i) {
    if (shown[i].techniques.front() == "T1021.001") continue;
    const size_t days = often[{shown[i].from, shown[i].account, shown[i].title, programs[i]}].size();
    shown[i].weight /= 1 + std::log2(static_cast<double>(days));
  }
  return shown;
}

}  // namespace spoor
