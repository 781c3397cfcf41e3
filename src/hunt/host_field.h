// Which field of a shape names the machine that its events tell of.
#pragma once

#include "event/event.h"

namespace spoor {

// The field of that name, -1: there is none.
int FindField(const Shape& shape, std::string_view name);

// What the format says, else a field with a usual name; -1: none. In logs of traffic (a sensor's, a proxy's, a web
// server's) `host` is the machine that was asked for, and does not count.
int FindHost(const Shape& shape);

}  // namespace spoor
