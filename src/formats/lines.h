// The lines of a piece, for formats that are made of lines.
#pragma once

#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "formats/format.h"

namespace spoor {

// Calls fn(line, offset in the file, line number from 1) for each line of the piece, without its line end (LF or CR
// LF); a byte order mark at the beginning of the file is no part of the first line.
template <typename Fn>
void ForEachLine(const PieceBytes& piece, Fn&& fn) {
  const uint8_t* const end = piece.data + piece.size;
  const uint8_t* at = piece.data;
  uint64_t number = piece.records_before;
  if (piece.offset == 0 && piece.size >= 3 && std::memcmp(at, "\xef\xbb\xbf", 3) == 0) at += 3;
  while (at < end) {
    const auto* stop = static_cast<const uint8_t*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
    const uint8_t* const next = stop == nullptr ? end : stop + 1;
    if (stop == nullptr) stop = end;
    const auto size = static_cast<size_t>(stop - at);
    const uint64_t offset = piece.offset + static_cast<uint64_t>(at - piece.data);
    fn(AsText(at, size > 0 && at[size - 1] == '\r' ? size - 1 : size), offset, ++number);
    at = next;
  }
}

}  // namespace spoor
