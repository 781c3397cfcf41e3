// Numbers as text.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace spoor {

// The number a text says, if it says nothing else ("4688", "-1.5", "4688.0"; no hexadecimal). A text of more than 40
// bytes says none.
std::optional<double> ParseNumber(std::string_view text);

// The same, but whole numbers in plain decimal digits may be of any length. One too large for a double is infinite.
std::optional<double> ParseLongNumber(std::string_view text);

// How two whole numbers compare that are written in plain decimal digits, with a sign or without: exactly, at any
// length. Nothing where one of the texts is none.
std::optional<std::strong_ordering> CompareWhole(std::string_view a, std::string_view b);

}  // namespace spoor
