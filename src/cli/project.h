// spoor.yaml: what is the same for every hunt of a project, so that it need not be said each time.
//
//     rules: [sigma/rules, our-rules]      # files and folders; paths are seen from the file's own folder
//     filters: filters                     # likewise; kept apart from the rules
//     pipelines: [names.yml]
//     placeholders: {users: [alice, bob]}  # or the path of a file
//     tenants: {acme: /case/acme}
//     min-level: medium
//     include: [attack.t1059]
//     exclude: [Noisy rule]
//     logsource: product=windows,category=process_creation
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "sigma/modifier.h"

namespace spoor {

struct Project {
  std::string path;
  std::vector<std::string> rules, filters, pipelines, include, exclude;
  std::vector<std::pair<std::string, std::string>> tenants;  // name, path
  sigma::Placeholders placeholders;
  std::string min_level, log_source;  // empty: not said
};

inline constexpr char kProjectFile[] = "spoor.yaml";

// Reads a project file; the error has path, line and column.
absl::StatusOr<Project> ReadProject(const std::string& path);

}  // namespace spoor
