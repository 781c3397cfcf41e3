#include "campaign/gaps.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "base/time.h"
#include "campaign/stages.h"
#include "world/spelling.h"

namespace spoor {
namespace {

struct SightFacts {
  const char* missing;
  std::vector<std::string> hides;  // tactics
};
const std::array<SightFacts, Sights::kSights>& AllSights() {
  static const auto* const sights = new std::array<SightFacts, Sights::kSights>{{
      {"which programs were started",
       {"execution", "persistence", "privilege-escalation", "credential-access", "discovery"}},
      {"who logged on", {"initial-access", "lateral-movement"}},
      {"which machines were reached", {"command-and-control", "exfiltration"}},
      {"which files were written", {"persistence", "collection"}},
  }};
  return *sights;
}

void SortByName(const World& world, std::vector<ThingId>* hosts) {
  const auto name = [&](ThingId host) {
    const Thing& thing = world.things()[host];
    return std::tie(world.tenant(thing), thing.name);
  };
  std::sort(hosts->begin(), hosts->end(), [&](ThingId a, ThingId b) { return name(a) < name(b); });
}

// Logs that were overwritten or emptied, machines that were set up since or that nobody logged on to.
void FindLateLogs(const World& world, const Sights& sights, const Campaign& campaign, std::vector<Gap>* gaps) {
  constexpr int64_t kDay = 86'400'000'000;
  std::map<std::string, int64_t> came;  // by organisation
  for (const HostHit& hit : campaign.hosts) {
    if (hit.first == 0 || hit.state == HostState::kTargeted) continue;
    const auto [it, fresh] = came.try_emplace(world.tenant(world.things()[hit.host]), hit.first);
    it->second = std::min(it->second, hit.first);
  }
  std::vector<ThingId> late;
  for (const auto& [host, first] : sights.first_logons()) {
    const auto it = came.find(world.tenant(world.things()[host]));
    // Of a quiet day there may be none.
    if (it != came.end() && first > it->second + kDay && first < campaign.last) late.push_back(host);
  }
  SortByName(world, &late);
  for (const ThingId host : late)
    gaps->push_back({host, "who logged on", AllSights()[Sights::kLogons].hides, sights.first_logons().at(host)});
}

// Machines of their organisations where they were not seen, and could not have been.
void FindBlindMachines(const World& world, const Sights& sights, const Campaign& campaign, std::vector<Gap>* gaps) {
  constexpr size_t kMost = 1000;
  std::set<std::string> tenants;
  std::set<ThingId> known;
  for (const HostHit& hit : campaign.hosts) {
    known.insert(hit.host);
    if (hit.state != HostState::kTargeted && world.things()[hit.host].kind == ThingKind::kHost)
      tenants.insert(world.tenant(world.things()[hit.host]));
  }
  std::vector<ThingId> blind;
  for (const auto& [host, first] : sights.first_logons()) {
    if (known.contains(host) || sights.Shows(host, Sights::kPrograms)) continue;
    if (first <= campaign.last && tenants.contains(world.tenant(world.things()[host]))) blind.push_back(host);
  }
  SortByName(world, &blind);
  if (blind.size() > kMost) blind.resize(kMost);
  for (const ThingId host : blind) {
    gaps->push_back({host,
                     std::string(AllSights()[Sights::kPrograms].missing) + ", on machines where they were not seen",
                     AllSights()[Sights::kPrograms].hides, 0});
  }
}

std::set<std::string> StagesOf(const Campaign& campaign) {
  std::set<std::string> stages;
  for (const Step& step : campaign.steps) {
    if (step.stage >= 0) stages.insert(Stages()[static_cast<size_t>(step.stage)].name);
  }
  return stages;
}

}  // namespace

Sights::Sights(const World& world) : seen_(world.things().size()) {
  const auto note = [&](ThingId host, Sight sight) {
    if (host != kNoThing) seen_[host] |= static_cast<uint8_t>(1 << sight);
  };
  for (const Link& link : world.links()) {
    const Thing &from = world.things()[link.from], &to = world.things()[link.to];
    if (link.kind == LinkKind::kStarted) note(to.host, kPrograms);
    if (link.kind == LinkKind::kOwns || link.kind == LinkKind::kOpenedSession) note(to.host, kLogons);
    if (link.kind == LinkKind::kConnected) note(from.host, kConnections);
    if (link.kind == LinkKind::kWrote) note(from.host, kFiles);
  }
  for (const Logon& logon : world.logons()) {
    const ThingId host = world.things()[logon.session].host;
    if (host == kNoThing || logon.place.time == 0) continue;
    const auto [it, fresh] = first_logons_.try_emplace(host, logon.place.time);
    it->second = std::min(it->second, logon.place.time);
  }
  for (const Flow& flow : world.flows()) {
    for (const ThingId end : {flow.source, flow.destination}) {
      note(end, kConnections);
      note(world.HostOf(end), kConnections);
    }
  }
}

std::vector<Gap> FindGaps(const World& world, const Sights& sights, const Campaign& campaign) {
  std::vector<Gap> gaps;
  const std::set<std::string> stages = StagesOf(campaign);
  const auto shows = [&](std::initializer_list<const char*> any) {
    return std::any_of(any.begin(), any.end(), [&](const char* stage) { return stages.contains(stage); });
  };
  if (!shows({"entry", "tracking mail", "web shell"})) {
    gaps.push_back({kNoThing, "how they came in: no step of the evidence shows it", {"initial-access"}, 0});
  }
  if (!shows({"command and control"})) {
    gaps.push_back(
        {kNoThing, "how they gave commands: no contact outside is among the steps", {"command-and-control"}, 0});
  }

  for (const HostHit& hit : campaign.hosts) {
    if (world.things()[hit.host].kind == ThingKind::kDevice) continue;  // a router at home says little of itself
    for (size_t s = 0; s < Sights::kSights; ++s) {
      if (sights.Shows(hit.host, static_cast<Sights::Sight>(s))) continue;
      gaps.push_back({hit.host, AllSights()[s].missing, AllSights()[s].hides, 0});
    }
  }
  FindLateLogs(world, sights, campaign, &gaps);
  FindBlindMachines(world, sights, campaign, &gaps);
  return gaps;
}

std::string MissingText(const Gap& gap) {
  if (gap.until == 0) return gap.missing;
  return gap.missing + " before " + FormatTime(gap.until).substr(0, 10) + ", as its logs tell of none until then";
}

}  // namespace spoor
