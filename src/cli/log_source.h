// The value of --logsource.
#pragma once

#include <string>

#include "event/event.h"

namespace spoor {

// "product=windows,category=process_creation"; what is wrong with it, or "".
std::string ParseLogSource(const std::string& text, SourceTag* source);

}  // namespace spoor
