#include "campaign/gaps.h"

#include <algorithm>
#include <array>
#include <set>

#include "campaign/spelling.h"
#include "campaign/stages.h"

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
    gaps.push_back({"", "how they came in: no step of the evidence shows it", {"initial-access"}});
  }
  if (!shows({"command and control"})) {
    gaps.push_back({"", "how they gave commands: no contact outside is among the steps", {"command-and-control"}});
  }

  for (const HostHit& hit : campaign.hosts) {
    if (world.things()[hit.host].kind == ThingKind::kDevice) continue;  // a router at home says little of itself
    for (size_t s = 0; s < Sights::kSights; ++s) {
      if (sights.Shows(hit.host, static_cast<Sights::Sight>(s))) continue;
      gaps.push_back({world.things()[hit.host].name, AllSights()[s].missing, AllSights()[s].hides});
    }
  }
  return gaps;
}

}  // namespace spoor
