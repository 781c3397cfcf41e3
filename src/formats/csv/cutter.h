// Where the rows of a table are. A row may go over several lines, as its fields may hold line ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"

namespace spoor::csv {

// What a cutter says of a piece, packed into Cut::header.
struct Row {
  uint32_t begin, end;  // bytes from the piece's beginning, without the line end
  uint32_t line;        // lines of the piece before it
};
struct Header {
  char separator = ',';
  std::string_view names;  // the line with the columns' names
  std::string_view rows;   // Row after Row
};
Header Unpack(std::string_view packed);

// How a table begins: its separator, and where the line with the names is.
struct Beginning {
  char separator = ',';
  size_t names = 0, names_end = 0;  // bytes from the text's beginning
};
// False: the text ends within the names, or they are none.
bool FindBeginning(std::string_view text, bool last, Beginning* out);

std::unique_ptr<Cutter> MakeCutter();

}  // namespace spoor::csv
