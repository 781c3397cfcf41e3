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

// For recognising formats: calls fn(line) for each of the lines a file begins with, without line ends, until it returns
// false. A line without its end, which we or whoever copied the file may have cut, is no witness and is left out,
// unless it is the first. `head` and `size` are as Format::recognise has them.
template <typename Fn>
void ForEachHeadLine(const uint8_t* head, size_t size, Fn&& fn) {
  std::string_view text = AsText(head, size < kPieceHead ? size : kPieceHead);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (size_t at = 0; at < text.size();) {
    size_t stop = text.find('\n', at);
    if (stop == std::string_view::npos) {
      if (at > 0) return;
      stop = text.size();
    }
    std::string_view line = text.substr(at, stop - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!fn(line)) return;
    at = stop + 1;
  }
}

}  // namespace spoor
