// What the terminal can show.
#pragma once

namespace spoor {

// Columns of the terminal that a descriptor is; `otherwise`: it is none, or says nothing useful.
int ColumnsOf(int descriptor, int otherwise);
// Standard output is a terminal, and nobody asked for no colours (NO_COLOR).
bool Colored();

}  // namespace spoor
