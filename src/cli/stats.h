// --stats: what a hunt read, found and took, as one JSON object.
#pragma once

#include <string>

#include "hunt/hunt.h"

namespace spoor {

struct Phases {
  double list = 0, rules = 0, total = 0;  // seconds
};

std::string StatsJson(const HuntResult& result, const sigma::RuleSet& rules, const Phases& phases);

}  // namespace spoor
