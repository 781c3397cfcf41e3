// What was observed, as attribution takes it: techniques, software and traits, each with how certain it is; and what
// the evidence could have shown at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "intel/attack.h"

namespace spoor {

struct TechniqueSeen {
  uint32_t technique;    // position in Attack::techniques()
  double certainty = 1;  // 0 to 1: that it was this technique, and the intruder's
  std::string how;       // where it was seen, for the person who reads; may be empty
};

struct SoftwareSeen {
  std::string name;  // an identifier (S0153), a name or an alias; also one that only profiles know
  double certainty = 1;
  std::string how;
};

// Infrastructure, targets and the like: what a profile says under `traits` (intel/profile.h).
struct TraitSeen {
  std::string kind;  // "sector", "domain", …
  std::string value;
  double certainty = 1;
  std::string how;
};

// Each thing counts once: of several observations of one technique the most certain.
struct Evidence {
  std::vector<TechniqueSeen> techniques;
  std::vector<SoftwareSeen> software;
  std::vector<TraitSeen> traits;
  // Techniques the evidence could have shown, by position in Attack::techniques(); empty: all. What was observed could
  // be seen, whatever stands here.
  std::vector<bool> visible;

  // A list of techniques with nothing beside it: it may be no record of an intrusion (model.h, *listed*).
  bool IsBare() const { return software.empty() && traits.empty() && visible.empty(); }
};

}  // namespace spoor
