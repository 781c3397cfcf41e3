// Flags about evidence that all verbs share which read some.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "evidence/container.h"
#include "formats/format.h"
#include "formats/mapping/mapping.h"

namespace spoor {

struct EvidenceFlags {
  std::string log_source, mapping, timezone;
  std::vector<std::string> archive_passwords;

  void AddTo(CLI::App* app);
  // What they mean; "" or what is wrong, for the user. REQUIRES: the flags (or a copy made later) outlive `format`, as
  // they own its mappings.
  std::string Apply(FormatOptions* format, ContainerOptions* container) const;

 private:
  mutable std::shared_ptr<const Mappings> mappings_;  // read by Apply
};

}  // namespace spoor
