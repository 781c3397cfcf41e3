// The value of --mapping.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "formats/mapping/mapping.h"

namespace spoor {

// The mappings of a file, and the built-in ones behind them. Errors name the file, and the line where there is one.
absl::StatusOr<Mappings> ReadMappings(const std::string& path);

}  // namespace spoor
