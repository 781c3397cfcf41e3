// The file that gives placeholders their values:
//
//     users: [alice, "adm_*"]
//     domain_controllers:
//       - DC1
//       - DC2
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "sigma/modifier.h"

namespace spoor::sigma {

// Parses the text of such a file; `path` is used for messages only. Names may be written with their percent signs.
absl::StatusOr<Placeholders> ParsePlaceholders(std::string_view yaml, const std::string& path);
absl::StatusOr<Placeholders> ReadPlaceholders(const std::string& path);

}  // namespace spoor::sigma
