// The rule pack that is part of the program (rules/), used where no rules are given.
#pragma once

#include <cstddef>

#include "sigma/load.h"

namespace spoor {

namespace data {  // made by tools/pack_rules.cc
extern const size_t kRulesPlainSize, kRulesPackedSize;
extern const unsigned char kRulesPacked[];
}  // namespace data

// Paths of its rules are "builtin:" and the path below rules/.
sigma::RuleSet LoadBuiltInRules(const sigma::LoadOptions& options, const std::vector<std::string>& filters = {});

}  // namespace spoor
