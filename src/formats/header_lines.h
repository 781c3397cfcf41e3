// Lines beginning with '#' that say what the lines after them hold (Zeek, W3C extended log format): those that count at
// a place of the file, newest of each kind. The cutter keeps them from piece to piece, the reader within a piece.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "formats/format.h"

namespace spoor {

// Which lines count, by the word behind '#' (compared without case).
struct HeaderKinds {
  absl::Span<const std::string_view> kept;
  std::string_view first;  // one that begins a new header: what was said before it counts no more; empty: none
  bool zeros = false;      // NULs at the beginning of a line are no part of it
};

// Not thread-safe. REQUIRES: `kinds` outlives it.
class HeaderLines {
 public:
  explicit HeaderLines(const HeaderKinds& kinds, std::string_view text = {}) : kinds_(kinds), text_(text) {}

  // Takes a line (without its line end) that begins with '#'. False: it says nothing that counts, or the same again.
  bool Add(std::string_view line);
  // The lines that count, each with '\n' behind it.
  const std::string& text() const { return text_; }

 private:
  const HeaderKinds& kinds_;
  std::string text_;
};

// The rest of a header line behind '#', its word and the character after that; nothing if it has another word.
bool HeaderSays(std::string_view line, std::string_view word, std::string_view* rest);

// Cuts behind line ends; Cut::header is what HeaderLines has at the piece's beginning (nullptr: nothing).
// REQUIRES: `kinds` lives as long as the program.
std::unique_ptr<Cutter> CutLinesWithHeader(const HeaderKinds& kinds);

}  // namespace spoor
