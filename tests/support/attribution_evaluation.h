// Trying attribution where the truth is known: ATT&CK's campaigns that are attributed to a group, and lists drawn at
// random from what a group is known for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attribution/model.h"

namespace spoor {

// One campaign or one draw, tried.
struct Tried {
  std::string campaign;            // of campaigns
  std::vector<std::string> truth;  // identifiers of the groups
  size_t rank = 0;                 // of the first right actor among actors, from 1
  bool none_first = false;         // "none of these" was more probable than any actor
  double claimed = 0;              // probability of the first actor
  double right = 0;                // probability of the right actors together
  std::string first;               // name of the first actor
};

struct Score {
  size_t tried = 0, first = 0, among_five = 0, over_half = 0;
  size_t first_of_all = 0;       // first, and before "none of these"
  double claimed = 0;            // mean
  double calibration_error = 0;  // expected, over five classes of claimed probability
  double log_loss = 0;           // mean of -log of the probability of the right actors, at least 0.001
};
Score Judge(const std::vector<Tried>& tried);

// Campaigns attributed to at least one group, with five techniques or more.
std::vector<const AttackCampaign*> AttributedCampaigns(const Attack& attack);
Evidence EvidenceOf(const Attack& attack, const AttackCampaign& campaign);

enum class Leave { kCampaign, kCampaignAndSharedSoftware, kGroup };
// Each of those campaigns, with this left out of what is known; `bare`: of what it showed, its techniques alone.
std::vector<Tried> TryCampaigns(const Attack& attack, const Parameters& parameters, Leave leave, bool bare = false);

// Lists of k techniques: those of the group, of which a quarter (rounded) is replaced by foreign ones where `noisy`.
struct DrawKind {
  size_t k;
  bool noisy;
  bool foreign_by_use;  // foreign ones drawn as often as groups use them; else all alike
  int draws = 20;
  uint64_t seed = 0;  // other draws of the same kind: those that parameters were chosen on
};
struct Drawn {
  size_t group;  // position in Attack::groups()
  std::vector<uint32_t> techniques;
};
// Of all groups with techniques. The same on every machine.
std::vector<Drawn> Draw(const Attack& attack, const DrawKind& kind);
std::vector<Tried> TryDraws(const Attack& attack, const Parameters& parameters, const std::vector<Drawn>& draws);
// With the group each draw is from left out of what is known.
std::vector<Tried> TryDrawsWithoutGroup(const Attack& attack, const Parameters& parameters,
                                        const std::vector<Drawn>& draws);
// The share that a simple model puts first which is told how much is foreign; ties count in part.
double ToldNoise(const Attack& attack, const std::vector<Drawn>& draws, double noise);

}  // namespace spoor
