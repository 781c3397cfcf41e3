#include "campaign/shown.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "campaign/names.h"

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
    if (from == world.things()[link.to].host) continue;  // the machine itself
    SessionFacts& session = sessions[link.to];
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
  std::vector<Shown> shown;
  const auto add = [&](const Link& link, std::string title, std::vector<std::string> techniques, std::string summary) {
    const SessionFacts& session = sessions[link.from];
    const Thing& to = world.things()[link.to];
    shown.push_back({std::move(title),
                     std::move(summary),
                     std::move(techniques),
                     {"lateral-movement"},
                     link.to,
                     world.things()[link.from].host,
                     session.from,
                     session.owner,
                     link.first,
                     kWeight,
                     link.proof});
    if (to.kind == ThingKind::kService || to.kind == ThingKind::kTask) shown.back().about = link.from;
  };
  for (const Link& link : world.links()) {
    if (link.kind != LinkKind::kHas && link.kind != LinkKind::kCreated) continue;
    const SessionFacts& session = sessions[link.from];
    if (session.from == kNoThing || session.owner == kNoThing || IsOfMachine(world.things()[session.owner].name))
      continue;
    const Thing& to = world.things()[link.to];
    if (link.kind == LinkKind::kCreated) {
      const bool service = to.kind == ThingKind::kService;
      add(link,
          service ? "Service created from another machine" : "Scheduled task created or changed from another machine",
          service ? std::vector<std::string>{"T1021.002", "T1543.003"} : std::vector<std::string>{"T1053.005"},
          to.name);
      continue;
    }
    if (session.type != 3) continue;  // a person who sits at the machine's screen, near or far, starts many things
    const Process* const process = world.FindProcess(link.to);
    if (process == nullptr || parent[link.to] == kNoThing) continue;
    const Process* const from = world.FindProcess(parent[link.to]);
    const Way* const way = WayOf(from->image);
    if (way == nullptr) continue;
    add(link, way->what, {way->technique}, process->command.empty() ? process->image : process->command);
  }
  // How often the same account did such a thing from the same machine: on how many machines and days.
  std::map<std::pair<ThingId, ThingId>, std::set<std::pair<ThingId, int64_t>>> often;
  for (const Shown& s : shown) often[{s.from, s.account}].insert({s.host, s.time / kDay});
  for (Shown& s : shown) s.weight /= 1 + std::log2(static_cast<double>(often[{s.from, s.account}].size()));
  return shown;
}

}  // namespace spoor
