// The piece of XML that event descriptions use, as a tree for the binary XML writer.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "support/binxml.h"

namespace spoor::test {

// Deepest nesting accepted.
inline constexpr int kMaxXmlDepth = 200;

// Elements, attributes, text, CDATA, processing instructions, character references (&#65; &#x41;) and entity
// references (&amp;), each becoming its own token; comments and white space between elements are dropped.
// In text and attribute values `%{VALUE}` is a substitution and `%?{VALUE}` an optional one, with VALUE as in
// event_text.h; "%%{" is a literal "%{". Returns the elements at the top, of which there may be several.
absl::StatusOr<std::vector<XmlNode>> ParseXml(std::string_view xml, bool terminated_strings = false);

}  // namespace spoor::test
