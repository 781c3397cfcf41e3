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

struct FormatOptions {
  bool carve = false;
  bool verify_checksums = true;
};

// Turns pieces into events. Not thread-safe: one per thread and format; keeps what it learned between files.
class PieceReader {
 public:
  virtual ~PieceReader() = default;
  // `offset` is that of the piece in its file. Events' values point into `data`.
  virtual void Read(const uint8_t* data, size_t size, uint64_t offset, Sink* sink) = 0;
};

struct Format {
  const char* name;
  // True if the first bytes of a file (at least kPieceHead + 8 of them, if it has so many) are of this format.
  bool (*recognise)(const uint8_t* head, size_t size);
  std::unique_ptr<PieceReader> (*make_reader)(const FormatOptions& options);
};

// The format of a file that begins so; nullptr: none of spoor's.
const Format* Recognise(const uint8_t* head, size_t size);
// What to tell the user about a file that is none of spoor's: what it looks like, and what to do.
std::string WhyUnread(const uint8_t* head, size_t size);

}  // namespace spoor
