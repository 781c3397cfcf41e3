// How a campaign's processes came from each other.
#pragma once

#include <vector>

#include "campaign/groups.h"
#include "campaign/result.h"

namespace spoor {

// The processes that the hints are about, and those they came from, up to the program that started the first. Parents
// stand before what they started; trees in order of machine and time.
std::vector<ChainProcess> FindChain(const World& world, const Groups& groups, const std::vector<uint32_t>& hints);

}  // namespace spoor
