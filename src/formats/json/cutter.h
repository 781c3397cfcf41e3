// Where the records of a JSON file are: lines, elements of a list, objects one behind the other.
//
// A list may be the whole file ([{…}, …]) or stand in an object around it ({"Records": [{…}, …]}, as cloud services
// export); several such may follow each other. Objects may go over many lines.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "formats/format.h"

namespace spoor::json {

// Of files whose records are lines, pieces are lines and have no header. Of all others the header says where in the
// piece the objects are, and what is none: a Span for each.
struct Span {
  enum What : uint32_t {
    kRecord,
    kBroken,   // a record whose brackets do not fit, or that never ends: up to where the next one begins
    kBetween,  // something between records that is no object
  };
  uint32_t begin, end;  // bytes from the piece's beginning
  What what;
};
std::unique_ptr<Cutter> MakeCutter();

// The first bytes of a file may be JSON with objects in it.
bool IsJson(const uint8_t* head, size_t size);

}  // namespace spoor::json
