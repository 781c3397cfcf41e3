// What rules, correlations and filters say of each other, once all files are parsed.
#pragma once

#include "sigma/load.h"

namespace spoor::sigma {

// Puts the filters on their rules, finds what correlations are made of, orders correlations so that each stands behind
// those it is made of, and says which rules are silent (Rule::silent). A correlation that refers to nothing, or in a
// circle, becomes an error and leaves the set; a filter without a rule is a warning. To be called once, when all
// files are in the set.
void ResolveReferences(RuleSet* set);

// Takes rules out of a resolved set (bad[i]: rule i), and the correlations made of them, which become errors.
void LeaveOut(const std::vector<char>& bad, RuleSet* set);

}  // namespace spoor::sigma
