// Which fields of one event name one and the same user: data (data/same.yml), compiled into the program.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace spoor {

struct SameFields {
  enum Role : uint8_t { kSid, kId, kUpn, kName, kDomain, kRoles };
  std::array<std::string, kRoles> fields;  // by role; empty: the set has none
};

// In the order of the file. Thread-safe.
const std::vector<SameFields>& UserFieldSets();

}  // namespace spoor
