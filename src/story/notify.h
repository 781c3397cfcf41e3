// Whom to tell: a trace's victims as a table, one a row, for who has to write to them.
#pragma once

#include <string>

#include "campaign/trace.h"
#include "story/redact.h"

namespace spoor {

// RFC 4180 with LF line ends and a line of names; no cell begins as a spreadsheet's formula does. `redact` may be
// nullptr. Victims in the order of the campaigns' lists.
std::string NotifyCsv(const TraceResult& result, const Redactor* redact);

}  // namespace spoor
