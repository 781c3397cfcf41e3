#include "campaign/gaps.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "campaign/names.h"
#include "campaign/stages.h"

namespace spoor {
namespace {

// What logs of a machine tell, read off what they told.
enum Sight : uint8_t { kPrograms, kLogons, kConnections, kFiles, kSights };
struct SightFacts {
  const char* missing;
  std::vector<std::string> hides;  // tactics
};
const std::array<SightFacts, kSights>& Sights() {
  static const auto* const sights = new std::array<SightFacts, kSights>{{
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

std::vector<Gap> FindGaps(const World& world, const Campaign& campaign) {
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

  std::map<ThingId, std::array<bool, kSights>> seen;
  for (const HostHit& hit : campaign.hosts) seen[hit.host] = {};
  const auto note = [&](ThingId host, Sight sight) {
    if (host == kNoThing) return;
    if (const auto it = seen.find(host); it != seen.end()) it->second[sight] = true;
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
  for (const auto& [host, sights] : seen) {
    for (size_t s = 0; s < kSights; ++s) {
      if (sights[s]) continue;
      gaps.push_back({world.things()[host].name, Sights()[s].missing, Sights()[s].hides});
    }
  }
  return gaps;
}

}  // namespace spoor
