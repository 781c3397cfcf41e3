// The registry's view of Windows event logs.
#pragma once

#include "formats/format.h"

namespace spoor::evtx {

extern const Format kFormat;

}  // namespace spoor::evtx
