// Is a regular expression one that the matcher can run?
#pragma once

#include "absl/status/status.h"
#include "sigma/rule.h"

namespace spoor::sigma {

// Ok where RE2 accepts the expression of a kRegex pattern, or else PCRE2 (look-around, back references). The
// message of an error is the engine's, with the place in characters from 1. Thread-safe. Costs 10 to 100 us for a usual
// expression.
absl::Status CheckRegex(const Pattern& pattern);

}  // namespace spoor::sigma
