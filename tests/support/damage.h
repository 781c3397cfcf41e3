// Damaging an EVTX file on purpose.
//
//   Damager damage(MakeEvtx(text).value());
//   damage.FlipByte(damage.RecordOffset(0, 2) + 40).FixChecksums(0);
//   Read(damage.bytes()) …
//
// Offsets are from the start of the file; chunks and records are counted from 0 by their place in the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spoor::test {

class Damager {
 public:
  explicit Damager(std::string file) : file_(std::move(file)) {}

  Damager& FlipByte(size_t offset, uint8_t mask = 0xff);
  Damager& SetByte(size_t offset, uint8_t v);
  Damager& Set16(size_t offset, uint16_t v);
  Damager& Set32(size_t offset, uint32_t v);
  Damager& Set64(size_t offset, uint64_t v);
  Damager& ZeroRange(size_t offset, size_t size);
  Damager& Copy(size_t from, size_t to, size_t size);
  Damager& Truncate(size_t size);  // no effect where the file is shorter
  Damager& Append(std::string_view bytes);
  Damager& SwapChunks(size_t a, size_t b);
  Damager& RemoveChunk(size_t chunk);
  // The record says it is 0xffffffff bytes long: in its header, and in the copy behind it if there is one.
  Damager& SetLengthMax(size_t chunk, size_t record);
  Damager& SetFreeSpaceOffset(size_t chunk, uint32_t v);
  // Both checksums of a chunk, so that what was changed before looks intended.
  Damager& FixChecksums(size_t chunk);
  Damager& FixFileHeaderChecksum();

  size_t chunk_count() const;
  static size_t ChunkOffset(size_t chunk) { return 4096 + chunk * 65536; }
  // Walks the lengths of the records as they are now. REQUIRES: they lead there.
  size_t RecordOffset(size_t chunk, size_t record) const;
  // Records up to the free-space offset.
  size_t RecordCount(size_t chunk) const;

  const std::string& bytes() const { return file_; }

 private:
  uint32_t Get32(size_t offset) const;
  std::string file_;
};

struct IntactChunk {
  size_t chunk;   // its place in the original file
  size_t offset;  // where its 65,536 bytes lie now, unchanged
};

struct DamagedFile {
  std::string bytes;
  std::string what;                 // one line: "seed 7: 12 bytes flipped in chunk 2 …"
  std::vector<IntactChunk> intact;  // in order of offset: what a reader must still give in full
};

// `count` variants of a well-formed file: truncation, flipped bytes, swapped chunks, zeroed ranges, lengths
// at their maximum, in turn, at random places. The same seed gives the same variants on every machine.
std::vector<DamagedFile> DamagedVariants(const std::string& file, size_t count, uint64_t seed);

}  // namespace spoor::test
