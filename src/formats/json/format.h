// JSON Lines: one JSON object a line (RFC 8259; jsonlines.org). What is read out of it: docs/formats/json.md.
#pragma once

#include "formats/format.h"

namespace spoor::json {

extern const Format kFormat;

}  // namespace spoor::json
