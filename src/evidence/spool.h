// Bytes put aside so that they can be read out of order: in memory while that is cheap, else in a temporary file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spoor {

// The temporary file has no name, lies in $TMPDIR, else /tmp, and is gone when the Spool is destroyed or the process
// dies. Not thread-safe.
class Spool {
 public:
  // Keeps up to `memory` bytes in memory.
  explicit Spool(uint64_t memory) : memory_(memory) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Adds at the end. The error says what the user can do (a full disk, a folder that cannot be written).
  absl::Status Append(const uint8_t* data, size_t size);
  // Up to `size` bytes at `offset`; fewer only at the end.
  absl::StatusOr<size_t> ReadAt(uint64_t offset, uint8_t* to, size_t size) const;
  uint64_t size() const { return size_; }
  // Bytes of memory it holds.
  uint64_t in_memory() const { return bytes_.capacity(); }

 private:
  absl::Status ToFile(const uint8_t* data, size_t size);

  uint64_t memory_;
  uint64_t size_ = 0;
  std::string bytes_;  // empty once there is a file
  int fd_ = -1;
};

}  // namespace spoor
