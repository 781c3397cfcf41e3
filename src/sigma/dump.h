// An expression as text, for tests and for `spoor rules explain`.
#pragma once

#include <string>

#include "sigma/rule.h"

namespace spoor::sigma {

// One node a line, children indented by two spaces; what an item's patterns have in common is not repeated:
//
//     and
//       Image
//         ends with: \cmd.exe
//         ends with: \powershell.exe
//       not
//         CommandLine contains: /c
//
// A keyword's field is shown as "(any value)". Control characters are made visible. Nodes below `kDeepest`
// levels are shown as "…".
std::string Dump(const Expression& expression);

}  // namespace spoor::sigma
