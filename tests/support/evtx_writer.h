// Writing EVTX files as Windows does, and as Windows leaves them when it is interrupted.
//
//   EvtxWriter writer;
//   writer.Add(record);                  // fills 64 KiB chunks one after the other
//   std::string file = writer.Finish();  // header block, chunks, checksums
//
// Independent of the reader (see binxml.h). Byte layout: docs/formats/evtx.md. Everything is kept in memory.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "support/binxml.h"

namespace spoor::test {

inline constexpr size_t kFileHeaderBytes = 4096;

struct Record {
  uint64_t number = 1;  // of the record header
  uint64_t time = 0;    // FILETIME
  XmlNode event;
  Form form = Form::kNested;
};

struct FileOptions {
  bool dirty = false;                       // flag 1: not closed properly
  bool full = false;                        // flag 2
  bool header_unwritten = false;            // counts and numbers of the file header are still those of an empty log
  std::optional<uint16_t> chunk_count;      // what the header says instead of the truth
  std::optional<size_t> records_per_chunk;  // a new chunk after so many records; default: when full
  size_t empty_chunks = 0;                  // preallocated chunks of zeros at the end (not counted by the header)
};

class EvtxWriter {
 public:
  explicit EvtxWriter(FileOptions options = {}) : options_(options) {}

  // kInvalidArgument where the event cannot be stored (too long for a chunk, a value too long for its field).
  absl::Status Add(const Record& record);
  // The next record begins a new chunk. Without records in the current one, nothing happens.
  void EndChunk();
  // What is added from here to the end of the chunk is left over from older days: it lies behind the chunk's
  // free-space offset, after `gap` zero bytes, and the header knows nothing of it.
  void BeginSlack(size_t gap = 0);
  // The file. Call once, last.
  std::string Finish();

  FileOptions& options() { return options_; }
  size_t records() const { return records_; }

 private:
  struct Place {
    uint64_t number;
    size_t offset;  // in the chunk
  };
  // The state of a chunk where its slack begins.
  struct Live {
    size_t records;
    size_t end;
    std::array<uint32_t, 64> names;
    std::array<uint32_t, 32> templates;
  };
  bool TryAdd(const Record& record, absl::Status* status);

  FileOptions options_;
  std::string chunks_;  // finished ones
  ChunkBuilder chunk_;
  std::vector<Place> places_;
  std::optional<Live> live_;  // set: slack has begun
  size_t records_ = 0;
  uint64_t last_number_ = 0;
};

// CRC-32 as in zlib (polynomial 0xedb88320), of two pieces one after the other.
uint32_t Crc32(std::string_view bytes, uint32_t seed = 0);

}  // namespace spoor::test
