// Which known actors a campaign resembles, and how sure that is.
#pragma once

#include <vector>

#include "campaign/result.h"
#include "world/world.h"

namespace spoor {

// As its steps, machines and gaps are.
Observed ObservedOf(const World& world, const Campaign& campaign);

// The most probable actors and "none of these" (whose id is ""), the most probable first; at most `most` actors.
// Nothing where no step shows a technique that ATT&CK has. What the gaps hide on every machine of the campaign (routers
// at home apart) does not speak against anybody.
std::vector<ActorGuess> GuessActors(const Observed& observed, size_t most);

}  // namespace spoor
