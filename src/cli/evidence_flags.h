// Flags about evidence that all verbs share which read some.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "evidence/container.h"
#include "formats/format.h"

namespace spoor {

struct EvidenceFlags {
  std::string log_source, timezone;
  std::vector<std::string> archive_passwords;

  void AddTo(CLI::App* app);
  // What they mean; "" or what is wrong, for the user.
  std::string Apply(FormatOptions* format, ContainerOptions* container) const;
};

}  // namespace spoor
