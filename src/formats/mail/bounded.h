// What of a message the library may see. It makes an object of each header, parameter, address and part, and calls
// itself for each address group in a group: a message of 1 MiB could take 300 MB, or all of the stack.
#pragma once

#include <string>
#include <string_view>

namespace spoor::mail {

// So many separators (',', ';', ':', in the headers Content-… '=') of one header are seen; what stands behind them in
// it is left out.
inline constexpr size_t kMaxSeparators = 4096;
// So many lines and separators of headers, of which a line that may begin a part counts for four; the message ends
// there. The library takes up to half a kilobyte for each.
inline constexpr size_t kMaxStructure = 20'000;

struct Bounded {
  std::string_view text;  // of the message, or of `room`
  bool left_out = false;  // this is not all
  bool cut = false;       // its end is missing
  // Something is left out behind the message's own headers. It may be of a part's content: "--" can begin a line of
  // that, too.
  bool parts_changed = false;
};

// A message within these bounds. `room` is used where something is left out of its middle.
Bounded WithinBounds(std::string_view message, std::string* room);

}  // namespace spoor::mail
