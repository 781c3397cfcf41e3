// Finding the brackets of JSON text without parsing it.
//
// The text is taken 64 bytes at a time as bit masks (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019,
// section 3.1): which quotes are escaped follows from runs of backslashes, what lies within strings from the parity of
// quotes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spoor::json {

// Calls fn(place, byte) for each of {}[] that is outside strings, in order, until it returns false. Begins outside
// strings. Any bytes are taken. Returns true if the text ends outside strings (or fn ended it).
template <typename Fn>
bool ForEachBracket(const uint8_t* data, size_t size, Fn&& fn);

}  // namespace spoor::json

#include "formats/json/scan-inl.h"
