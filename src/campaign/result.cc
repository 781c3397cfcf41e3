#include "campaign/result.h"

namespace spoor {

const char* HostStateName(HostState state) {
  constexpr const char* kNames[] = {"targeted", "reached", "compromised"};
  return kNames[static_cast<size_t>(state)];
}

}  // namespace spoor
