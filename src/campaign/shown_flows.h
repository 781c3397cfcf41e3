// What the connections of a network show by themselves.
#pragma once

#include <vector>

#include "campaign/shown.h"

namespace spoor {

// Contact outside that stands long or returns often, much that was sent there, and machines that reach into others as
// administrators do: each weighs less, the more machines of the network do the same.
std::vector<Shown> ShownByFlows(const World& world);

}  // namespace spoor
