// Fewer steps to read: what several rules, or the graph beside a rule, say of one act is one step.
#pragma once

#include <vector>

#include "campaign/result.h"

namespace spoor {

// Steps of one technique (of none: of one title) on one machine within hours become one, under the title of that which
// weighs most; it keeps the records of all. REQUIRES: they are in order of time; so they stay.
void MergeSteps(std::vector<Step>* steps);

}  // namespace spoor
