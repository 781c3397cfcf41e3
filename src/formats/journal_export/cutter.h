// Where the entries of the journal's export format are: a value may hold empty lines, so only who reads all fields
// before it knows where an entry ends.
#pragma once

#include <cstdint>
#include <memory>

#include "formats/format.h"

namespace spoor::journal_export {

// A piece's header says where in it the entries are: an Entry for each.
struct Entry {
  uint32_t begin, end;  // bytes from the piece's beginning
};
std::unique_ptr<Cutter> MakeCutter();

}  // namespace spoor::journal_export
