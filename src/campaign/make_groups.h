// From findings, and what the graph shows, to groups of them that belong together.
#pragma once

#include "campaign/groups.h"

namespace spoor {

// Groups whose score is at least `enough` are campaigns: what these reached is looked for. REQUIRES: both outlive it.
Groups MakeGroups(const World& world, const Clues& clues, double enough);

}  // namespace spoor
