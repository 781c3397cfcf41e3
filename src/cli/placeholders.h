// The value of --placeholders.
#pragma once

#include <string>

#include "sigma/modifier.h"

namespace spoor {

// Adds what the file at `path` says, in place of what *placeholders says of the same names; "": nothing to add. False:
// it cannot be read, which has been complained of.
bool AddPlaceholders(const std::string& path, sigma::Placeholders* placeholders);

}  // namespace spoor
