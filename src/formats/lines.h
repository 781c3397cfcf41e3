// The lines of a piece, for formats that are made of lines.
#pragma once

#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "formats/format.h"

namespace spoor {

// Calls fn(line, offset in the file, line number from 1) for each line that begins in the piece, without its line end
// (LF or CR LF). A line longer than kMaxLine is reported as damage and passed over.
template <typename Fn>
void ForEachLine(const PieceBytes& piece, Sink* sink, Fn&& fn) {
  const uint8_t* const end = piece.data + piece.size;
  const uint8_t* const limit = end + piece.ahead;
  const uint8_t* at = piece.data;
  uint64_t number = piece.lines_before + 1;
  if (piece.offset > 0) {
    // What comes before the first line end was begun in an earlier piece; that piece also reads the line that begins
    // exactly here, since it cannot know that one ends at its end.
    at = static_cast<const uint8_t*>(std::memchr(at, '\n', piece.size));
    if (at == nullptr) return;
    ++at;
    ++number;
  }
  while (at < limit && (at < end || (at == end && piece.ahead > 0))) {
    const auto* stop = static_cast<const uint8_t*>(std::memchr(at, '\n', static_cast<size_t>(limit - at)));
    const uint8_t* next = stop == nullptr ? limit : stop + 1;
    if (stop == nullptr) stop = limit;
    const auto size = static_cast<size_t>(stop - at);
    const uint64_t offset = piece.offset + static_cast<uint64_t>(at - piece.data);
    if (size > kMaxLine || (stop == limit && piece.ahead >= kMaxLine)) {
      sink->OnDamage({offset, size, "line_too_long"});
    } else {
      fn(AsText(at, size > 0 && at[size - 1] == '\r' ? size - 1 : size), offset, number);
    }
    ++number;
    at = next;
  }
}

}  // namespace spoor
