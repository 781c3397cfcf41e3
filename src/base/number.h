// Numbers as text.
#pragma once

#include <optional>
#include <string_view>

namespace spoor {

// The number a text says, if it says nothing else ("4688", "-1.5", "4688.0"; no hexadecimal).
std::optional<double> ParseNumber(std::string_view text);

}  // namespace spoor
