// The formats spoor reads, each recognised by its bytes, never by its name.
//
// Evidence is read in pieces: the first begins at the start of the file and is kPieceHead + kPieceSize bytes long,
// every other kPieceSize, so that pieces can be read by different threads. A format reads a piece by itself.
#pragma once

#include <memory>
#include <string>

#include "event/event.h"

namespace spoor {

inline constexpr size_t kPieceHead = 4096;
inline constexpr size_t kPieceSize = 512 << 10;
inline constexpr size_t kMaxLine = 1 << 20;  // bytes; a longer line is damage: what is over is passed over

struct FormatOptions {
  bool carve = false;
  bool verify_checksums = true;
  SourceTag given;  // what events are that do not say it themselves
};

// A piece as a reader gets it.
struct PieceBytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
  uint64_t offset = 0;  // of the piece in its file
  // Formats of lines (Format::lines) only. Bytes behind `size`, those of the next piece: a line belongs to the piece
  // it begins in (at offset 0, or behind a line end within it), so a piece reads on to the end of its last line. They
  // hold a line end, or are all there is, or are kMaxLine at least.
  size_t ahead = 0;
  uint64_t lines_before = 0;  // line ends in the file before this piece
};

// Turns pieces into events. Not thread-safe: one per thread and format; keeps what it learned between files.
class PieceReader {
 public:
  virtual ~PieceReader() = default;
  // Events' values point into the piece.
  virtual void Read(const PieceBytes& piece, Sink* sink) = 0;
};

struct Format {
  const char* name;
  // True if the first bytes of a file (at least kPieceHead + 8 of them, if it has so many) are of this format.
  bool (*recognise)(const uint8_t* head, size_t size);
  std::unique_ptr<PieceReader> (*make_reader)(const FormatOptions& options);
  bool lines = false;  // made of lines, which may cross from one piece to the next
};

// The format of a file that begins so; nullptr: none of spoor's.
const Format* Recognise(const uint8_t* head, size_t size);
// What to tell the user about a file that is none of spoor's: what it looks like, and what to do.
std::string WhyUnread(const uint8_t* head, size_t size);

}  // namespace spoor
