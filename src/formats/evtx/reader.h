// Windows event log chunks to events, straight from binary XML to shapes and values.
//
// A chunk (64 KiB) is self-contained: names and template definitions are addressed by offset within it, so chunks
// are read independently, in any order, on any thread. Reader keeps what it learned between chunks: definitions are
// found again by content, since their offsets and even their bytes (inline names) differ from chunk to chunk and
// since one GUID may stand for different definitions.
//
// What a record costs: its definition is looked up by offset (a table per chunk), its substitution array becomes
// an array of Values, the definitions of the nested fragments select the Shape. No text, no tree.
// Records this does not fit (no template, names with holes, deeper nesting) take a slower path with the same result.
//
// Damage: checksums are verified, records are still read when they do not fit; what cannot be read is reported with
// its offset, and reading goes on behind it. Memory is bounded (layout.h).
//
// Not thread-safe; one Reader per thread. Values point into the chunk given to ReadChunk.
#pragma once

#include <memory>

#include "event/event.h"
#include "formats/evtx/definition.h"
#include "formats/evtx/layout.h"

namespace spoor::evtx {

struct ReaderOptions {
  bool carve = false;  // also read records left in slack space
  bool verify_checksums = true;
};

// True if the file is an event log: its header or its first chunk has the magic.
bool IsEventLog(const uint8_t* head, size_t size);
// True for the format before Windows Vista ("LfLe" at offset 4).
bool IsLegacyEventLog(const uint8_t* head, size_t size);

class Reader {
 public:
  explicit Reader(const ReaderOptions& options);
  ~Reader();

  // Reads the chunk of `size` bytes (kChunkSize, less only at the end of a file) that lies at `file_offset`.
  void ReadChunk(const uint8_t* chunk, size_t size, uint64_t file_offset, Sink* sink);

  // Frees all shapes (after telling the sink). Never needed for correctness.
  void Forget(Sink* sink);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor::evtx
