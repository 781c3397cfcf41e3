// Stopping a verb that takes long: asked once, it ends early with what it has; asked twice, at once.
#pragma once

#include <atomic>

namespace spoor {

// From now on SIGINT or SIGTERM sets the flag returned, and the same signal once more ends the process. The flag is one
// for the whole process and lives as long as it; any thread may read it.
const std::atomic<bool>& StopWhenInterrupted();

}  // namespace spoor
