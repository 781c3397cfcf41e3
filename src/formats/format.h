// The formats spoor reads, each recognised by its bytes, never by its name.
//
// Evidence is read in pieces. What lies where in a file is found out in order, by a Cutter, which is quick; what the
// pieces hold is read by many threads, by a PieceReader each, which takes the time. So a piece holds whole records
// (chunks of EVTX, lines, elements of a JSON list), and everything that is needed to read it comes with it.
#pragma once

#include <memory>
#include <string>

#include "event/event.h"

namespace spoor {

class Mappings;

inline constexpr size_t kPieceHead = 4096;
inline constexpr size_t kPieceSize = 512 << 10;
inline constexpr size_t kMaxRecord = 1 << 20;  // bytes; a longer line or record is damage: it is passed over
inline constexpr size_t kPiecePadding = 64;    // bytes behind a piece that may be read, whatever they hold

struct FormatOptions {
  bool carve = false;
  bool verify_checksums = true;
  SourceTag given;                     // what events are that do not say it themselves
  const Mappings* mappings = nullptr;  // nullptr: the built-in ones
  // Of times that are written without a zone: seconds east of UTC.
  int32_t utc_offset = 0;
};

// What the file that a piece is from says about it.
struct FileFacts {
  std::string path;      // as shown to people
  int64_t modified = 0;  // microseconds since 1970 UTC when it was last written; 0: unknown
  std::string host;      // whose it is by the layout of the collection it is in; empty: unknown
};

// A piece as a reader gets it. Behind its `size` bytes, kPiecePadding more may be read.
struct PieceBytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
  uint64_t offset = 0;          // of the piece in its file
  uint64_t records_before = 0;  // lines, or whatever the format counts, in the file before this piece
  // What was said earlier in the file about what the piece holds, in the format's own terms (the lines that name the
  // columns); nullptr: nothing. Pieces of which the same was said share it.
  std::shared_ptr<const std::string> header;
  const FileFacts* file = nullptr;  // nullptr: nothing is known
};

// Turns pieces into events. Not thread-safe: one per thread and format; keeps what it learned between files.
class PieceReader {
 public:
  virtual ~PieceReader() = default;
  // Events' values point into the piece.
  virtual void Read(const PieceBytes& piece, Sink* sink) = 0;
};

// What a cutter says of a piece, beside its size.
struct Cut {
  size_t size = 0;  // bytes from the beginning of what it was given; 0: no record is complete in these
  uint64_t records_before = 0;
  std::shared_ptr<const std::string> header;
  // The piece is (a part of) a record that is too long: nothing is read from it.
  bool discard = false;
  // … and where it ends with this piece, what is to be reported: damage of so many bytes from this offset.
  uint64_t damage_offset = 0, damage_bytes = 0;
  const char* damage = nullptr;
};

// Says where one file may be cut, from its beginning to its end. Not thread-safe; called in order.
class Cutter {
 public:
  virtual ~Cutter() = default;
  // `data`: what follows the piece cut before. `last`: it is all that is left of the file; then, and with more than
  // kMaxRecord bytes (twice as many of a file in UTF-16), the cut must not be empty.
  virtual Cut Next(const uint8_t* data, size_t size, bool last) = 0;
};

// Cuts behind the last line end. `damage`: the kind of damage that a line longer than kMaxRecord is.
std::unique_ptr<Cutter> CutLines();

struct Format {
  const char* name;
  // True if the first bytes of a file (at least kPieceHead + 8 of them, if it has so many) are of this format.
  bool (*recognise)(const uint8_t* head, size_t size);
  std::unique_ptr<PieceReader> (*make_reader)(const FormatOptions& options);
  // nullptr: pieces of kPieceHead + kPieceSize bytes first, then of kPieceSize.
  std::unique_ptr<Cutter> (*make_cutter)() = nullptr;
};

// Reads a text that lies in memory as one piece at the beginning of a file (of a copy, for the padding).
void ReadText(PieceReader* reader, std::string_view text, Sink* sink);

// Cuts and reads a whole file that lies in memory, of a format. For tests and small things: one thread, one copy.
void ReadWhole(const Format& format, const FormatOptions& options, const uint8_t* data, size_t size, Sink* sink);

}  // namespace spoor
