// Backslash escapes of text logs.
#pragma once

#include <string>
#include <string_view>

namespace spoor {

// Which character behind a backslash means which other; \xNN means a byte wherever this is used.
struct Escapes {
  std::string_view letters, meant;
};

// Writes a text with its escapes resolved; returns the end. What is no escape stays. REQUIRES: room for the text.
char* Unescape(std::string_view text, const Escapes& escapes, char* out);
std::string Unescaped(std::string_view text, const Escapes& escapes);

}  // namespace spoor
