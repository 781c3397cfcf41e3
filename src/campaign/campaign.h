// From the graph and the findings to campaigns.
#pragma once

#include "campaign/result.h"
#include "world/clues.h"
#include "world/world.h"

namespace spoor {

struct JoinOptions {
  // Score from which on it is a campaign. 0: 10; where no group has that, the one that has most, if it has what
  // EnoughFor says and a finding of a rule is in it.
  double enough = 0;
  bool only_best = false;  // at most one
};

// 10 of much evidence, less of short: the shorter, the less comes together by chance, and the less of an attack is in
// it.
double EnoughFor(const World& world);

// REQUIRES: the world is settled, and the clues know the things they are about.
Campaigns FindCampaigns(const World& world, const Clues& clues, const JoinOptions& options);

}  // namespace spoor
