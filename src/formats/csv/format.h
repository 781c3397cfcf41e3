// Tables in text: comma-separated values (RFC 4180) and the like, apart by ',' ';' '|' or tabs, below a line with the
// columns' names.
//
// A line "sep=;" before that (as Excel takes it) and a byte order mark are understood. Which log a table is from, what
// its time is and what its columns are called in rules is told by a mapping (mapping/mapping.h) or by the user
// (--mapping, --logsource). What comes out: docs/formats/csv.md.
#pragma once

#include "formats/format.h"

namespace spoor::csv {

// Tables whose columns a built-in mapping knows; to be asked before formats that would take a row for a line of theirs.
extern const Format kKnownFormat;
// Any table.
extern const Format kFormat;

}  // namespace spoor::csv
