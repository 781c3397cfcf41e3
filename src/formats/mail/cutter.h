// Where the messages of a file are.
#pragma once

#include <cstdint>
#include <memory>

#include "formats/format.h"

namespace spoor::mail {

// A piece's header says where in it the messages are: a Place for each.
struct Place {
  uint32_t begin, end;  // bytes from the piece's beginning
  uint32_t cut;         // 1: the message is longer than kMaxMessage, and this is its beginning
};

// Of a longer message (attachments) so many bytes are read; the rest is passed over and told as damage. Less than
// kMaxRecord by what has to be seen behind a message to know that it ends.
inline constexpr size_t kMaxMessage = kMaxRecord - 8192;

std::unique_ptr<Cutter> MakeCutter();

}  // namespace spoor::mail
