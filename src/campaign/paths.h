// From which organisation into which a campaign went: on which machines, as whom, from which machine.
#pragma once

#include <vector>

#include "campaign/result.h"
#include "campaign/shown.h"

namespace spoor {

// By organisation it came from and went to; machines in order of time. What is known of the way from a join or a step.
std::vector<TenantPath> FindPaths(const World& world, const std::vector<SessionFacts>& sessions,
                                  const Campaign& campaign);

}  // namespace spoor
