// What a campaign's evidence cannot show: logs that its machines do not have, and steps that must have been.
#pragma once

#include <string>
#include <vector>

#include "campaign/campaign.h"

namespace spoor {

// In order: what must have been and is not seen, then machines by name.
std::vector<Gap> FindGaps(const World& world, const Campaign& campaign);

}  // namespace spoor
