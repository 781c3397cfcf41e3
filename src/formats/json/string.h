// JSON strings (RFC 8259 section 7).
#pragma once

#include <string>
#include <string_view>

namespace spoor::json {

// Appends what is between the quotes of a string with its escapes resolved. Lenient, for evidence: half a surrogate
// pair becomes U+FFFD, an escape that is none stays as it is.
void AppendUnescaped(std::string_view between_quotes, std::string* out);

}  // namespace spoor::json
