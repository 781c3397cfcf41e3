#include "campaign/actors.h"

#include <algorithm>
#include <map>
#include <set>

#include "attribution/compare.h"
#include "campaign/stages.h"
#include "intel/attack.h"
#include "intel/profile.h"

namespace spoor {
namespace {

constexpr double kSureWeight = 5;  // of a step whose technique is beyond doubt
constexpr size_t kNamed = 5;       // observations named for and against

// All that is known beforehand, read once.
struct Beforehand {
  Beforehand()
      : profiles(BuiltInProfiles(Attack::BuiltIn())), knowledge(Attack::BuiltIn(), profiles), model(knowledge) {}
  std::vector<Profile> profiles;
  Knowledge knowledge;
  Model model;
};

// All but those that no log of the campaign's machines can show. What comes before an intrusion shows in no log of a
// machine.
std::vector<std::string> VisibleTactics(const World& world, const Campaign& campaign, const Attack& attack) {
  std::set<ThingId> machines;
  for (const HostHit& hit : campaign.hosts) {
    if (world.things()[hit.host].kind != ThingKind::kDevice) machines.insert(hit.host);
  }
  std::map<std::string, std::set<ThingId>> hidden;  // by tactic: machines of which no log shows it
  for (const Gap& gap : campaign.gaps) {
    if (gap.until != 0 || !machines.contains(gap.host)) continue;
    for (const std::string& tactic : gap.hides) hidden[tactic].insert(gap.host);
  }
  std::vector<std::string> visible;
  for (const Tactic& tactic : attack.tactics()) {
    const std::string name(tactic.short_name);
    const bool before = name == "reconnaissance" || name == "resource-development";
    const bool everywhere = !machines.empty() && hidden[name].size() == machines.size();
    if (!before && !everywhere) visible.push_back(name);
  }
  return visible;
}

Evidence EvidenceOf(const Observed& observed, const Attack& attack) {
  Evidence evidence;
  for (const ObservedTechnique& t : observed.techniques) {
    evidence.techniques.push_back({attack.NumberOf(*attack.FindTechnique(t.id)), t.certainty, t.how});
  }
  uint32_t seen = 0;
  for (size_t i = 0; i < attack.tactics().size(); ++i) {
    const auto& names = observed.tactics;
    if (std::find(names.begin(), names.end(), attack.tactics()[i].short_name) != names.end()) seen |= 1u << i;
  }
  for (const Technique& technique : attack.techniques()) evidence.visible.push_back((technique.tactics & seen) != 0);
  return evidence;
}

}  // namespace

Observed ObservedOf(const World& world, const Campaign& campaign) {
  const Attack& attack = Attack::BuiltIn();
  std::map<uint32_t, ObservedTechnique> best;  // in ATT&CK's order
  for (const Step& step : campaign.steps) {
    for (const std::string& id : step.techniques) {
      const Technique* const technique = attack.FindTechnique(id);
      if (technique == nullptr) continue;
      const double certainty = std::min(1.0, step.weight / kSureWeight);
      ObservedTechnique& mine = best[attack.NumberOf(*technique)];
      if (mine.id.empty() || certainty > mine.certainty) mine = {std::string(technique->id), certainty, step.title};
    }
  }
  Observed observed;
  for (auto& [number, technique] : best) {
    if (technique.certainty > 0) observed.techniques.push_back(std::move(technique));
  }
  if (!observed.techniques.empty()) observed.tactics = VisibleTactics(world, campaign, attack);
  return observed;
}

std::vector<ActorGuess> GuessActors(const Observed& observed, size_t most) {
  static const Beforehand* const known = new Beforehand;
  if (observed.techniques.empty()) return {};
  const Evidence evidence = EvidenceOf(observed, Attack::BuiltIn());
  const Comparison comparison = Compare(known->model, evidence);
  std::vector<ActorGuess> guesses;
  const auto name = [&](size_t column) {
    const Column& c = comparison.columns[column];
    return c.id + " " + c.name + (c.how.empty() ? "" : " (" + c.how + ")");
  };
  size_t actors = 0;
  for (const Row& row : comparison.rows) {
    const bool none = row.hypothesis.actor == nullptr;
    if (!none && actors++ >= most) continue;
    ActorGuess guess;
    guess.probability = row.hypothesis.probability;
    guess.name = none ? "none of these" : std::string(row.hypothesis.actor->name);
    guess.id = none ? "" : std::string(row.hypothesis.actor->id);
    for (size_t i = 0; i < row.speaks_for.size() && i < kNamed; ++i)
      guess.speaks_for.push_back(name(row.speaks_for[i]));
    for (size_t i = 0; i < row.speaks_against.size() && i < kNamed; ++i) {
      guess.speaks_against.push_back(name(row.speaks_against[i]));
    }
    guesses.push_back(std::move(guess));
  }
  return guesses;
}

}  // namespace spoor
