#include "cli/placeholders.h"

#include <utility>

#include "cli/message.h"
#include "sigma/placeholders.h"

namespace spoor {

bool AddPlaceholders(const std::string& path, sigma::Placeholders* placeholders) {
  if (path.empty()) return true;
  auto read = sigma::ReadPlaceholders(path);
  if (!read.ok()) {
    Complain("--placeholders: " + std::string(read.status().message()));
    return false;
  }
  for (auto& [name, values] : *read) (*placeholders)[name] = std::move(values);
  return true;
}

}  // namespace spoor
