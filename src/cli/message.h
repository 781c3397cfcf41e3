// What the program says: to the person on standard error, to whoever asked on standard output.
#pragma once

#include <string>

namespace spoor {

// One line, "spoor: TEXT"; control characters are made visible.
void Complain(const std::string& text);

// Writes results to standard output; a reader that went away (| head) is no error.
void Print(const std::string& text);

}  // namespace spoor
