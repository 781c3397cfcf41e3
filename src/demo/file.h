// Writing files of the scenario. Paths are made of folders and names we chose; folders are made as they are needed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace spoor::demo {

// The file is new, or is written over. Errors name the path and what the system says.
absl::Status WriteNew(const std::string& path, std::string_view bytes);
absl::Status AppendTo(const std::string& path, std::string_view bytes);
absl::Status WriteAt(const std::string& path, uint64_t offset, std::string_view bytes);

}  // namespace spoor::demo
