// The example campaign as evidence: logs and mail of a provider and its customers, with the truth beside it.
//
//   DIR/evidence/TENANT/…   what each organisation has: only this is evidence
//   DIR/truth.json          what happened, step by step, with the records of each
//   DIR/roster.csv          who is who, and whose family
//   DIR/README.txt
//
// Only logs and mail are written. The same program and options give the same bytes, whenever and wherever (compilers
// may draw the chances of one call in another order).
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "demo/world.h"

namespace spoor::demo {

struct DemoProgress {
  int day, days;
  uint64_t bytes;
};

struct DemoResult {
  uint64_t files = 0, records = 0, bytes = 0;  // of evidence
  size_t steps = 0, servers = 0, networks = 0;
  bool stopped = false;  // `tell` said so; what lies there is not whole
};

// "", or what is wrong with them.
std::string CheckOptions(const DemoOptions& options);

// Writes all of it below `folder`, which exists or is made. `tell` is called after each day; false stops. REQUIRES:
// CheckOptions(options) is "".
absl::StatusOr<DemoResult> WriteDemo(const DemoOptions& options, const std::string& folder,
                                     const std::function<bool(const DemoProgress&)>& tell);

}  // namespace spoor::demo
