// From lines of syslog to events.
#pragma once

#include <memory>

#include "formats/format.h"

namespace spoor::syslog {

std::unique_ptr<PieceReader> MakeReader(const FormatOptions& options);

}  // namespace spoor::syslog
