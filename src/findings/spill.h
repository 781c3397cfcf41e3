// Temporary files without a name, for what does not fit in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spoor {

// Lies in $TMPDIR, else /tmp, and is gone when the SpillFile is destroyed or the process dies. Appending is
// for one thread at a time; reading what was appended may go on beside it.
class SpillFile {
 public:
  static absl::StatusOr<std::unique_ptr<SpillFile>> Create();
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  // Writes at the end. kResourceExhausted when the disk is full.
  absl::Status Append(std::string_view bytes);
  uint64_t size() const { return size_; }
  // Reads exactly `size` bytes.
  absl::Status Read(uint64_t offset, size_t size, char* to) const;
  // Gives the space of a part nobody will read again back to the disk, where the file system can do that.
  void Forget(uint64_t offset, uint64_t size);

 private:
  explicit SpillFile(int fd) : fd_(fd) {}
  int fd_;
  uint64_t size_ = 0;
};

}  // namespace spoor
