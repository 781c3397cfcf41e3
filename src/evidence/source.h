// Reading the bytes of one piece of evidence, and their digest.
//
// Files are read into memory piece by piece, never mapped: a mapped file that shrinks kills the program. A file is
// read as long as it was when it was opened.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace spoor {

// Thread-safe but for Next.
class EvidenceSource {
 public:
  // "-" is standard input.
  static absl::StatusOr<std::unique_ptr<EvidenceSource>> Open(const std::string& path);
  ~EvidenceSource();
  // Bytes; kUnknown for what can only be read in order (standard input, pipes).
  static constexpr uint64_t kUnknown = ~uint64_t{0};
  uint64_t size() const { return size_; }
  // When it was last written, in microseconds since 1970 UTC; 0: unknown.
  int64_t modified() const { return modified_; }
  // Reads up to `size` bytes at `offset`; fewer only at the end. REQUIRES: size() is known.
  absl::StatusOr<size_t> ReadAt(uint64_t offset, uint8_t* to, size_t size) const;
  // Reads the next `size` bytes; fewer only at the end.
  absl::StatusOr<size_t> Next(uint8_t* to, size_t size);

 private:
  EvidenceSource(int fd, uint64_t size, int64_t modified, bool owned)
      : fd_(fd), size_(size), modified_(modified), owned_(owned) {}
  int fd_;
  uint64_t size_;
  int64_t modified_;
  bool owned_;
};

// SHA-256 of bytes given in order. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void Update(const uint8_t* data, size_t size);
  std::string Hex();  // 64 lower-case digits; call once, at the end

 private:
  void* context_;
};

}  // namespace spoor
