// Which known actors a campaign resembles, and how sure that is.
#pragma once

#include <vector>

#include "campaign/campaign.h"

namespace spoor {

// The most probable actors and "none of these" (whose id is ""), the most probable first; at most `most` actors.
// Nothing where no step shows a technique that ATT&CK has. What the gaps hide does not speak against anybody.
std::vector<ActorGuess> GuessActors(const Campaign& campaign, size_t most);

}  // namespace spoor
