#include "cli/mapping_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/message.h"

namespace spoor {

absl::StatusOr<Mappings> ReadMappings(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return absl::NotFoundError(Cat(path, ": ", std::strerror(errno)));
  std::string yaml;
  char buffer[16384];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) yaml.append(buffer, n);
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) return absl::UnavailableError(Cat(path, ": cannot be read"));
  return Mappings::Parse(yaml, path);
}

}  // namespace spoor
