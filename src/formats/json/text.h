// Where JSON lies in a text (RFC 8259), found without parsing it.
//
// Views are into the text given. Any bytes are taken; nothing here says that the JSON is valid. Thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace spoor::json {

// A text without JSON's white space (section 2) at either end.
inline std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Bytes of the object or list that a text begins with: up to the bracket that closes it, those within strings not
// counted. 0: it does not end. REQUIRES: the text begins with "{" or "[".
size_t EndOfObject(std::string_view text);

}  // namespace spoor::json
