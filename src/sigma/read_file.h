// Reading a small file whole.
#pragma once

#include <string>

namespace spoor::sigma {

// Appends a regular file of at most kMaxRuleFileBytes (limits.h) to *text; the reason where that fails, else "".
std::string ReadFile(const std::string& path, std::string* text);

}  // namespace spoor::sigma
