// A file of mappings (docs/mapping.md says what it may hold).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "formats/mapping/mapping.h"

namespace spoor {

// Appends what the YAML holds to *out. The error says file, line and what is wrong; what stands before it was appended.
absl::Status ReadMappings(std::string_view yaml, const std::string& path, std::vector<Mapping>* out);

}  // namespace spoor
