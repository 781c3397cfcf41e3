// All formats there are, and which of them a file is of. Thread-safe.
#pragma once

#include <string>

#include "formats/format.h"

namespace spoor {

// The format of a file that begins so; nullptr: none of spoor's.
const Format* Recognise(const uint8_t* head, size_t size);
// What to tell the user about a file that is none of spoor's: what it looks like, and what to do.
std::string WhyUnread(const uint8_t* head, size_t size);

}  // namespace spoor
