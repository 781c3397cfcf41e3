// Where the bytes of a container come from: a file, a pipe, the entry of another container.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"

namespace spoor {

struct ByteSource {
  // Up to `size` bytes at `offset`; fewer only at the end, none after it.
  std::function<absl::StatusOr<size_t>(uint64_t offset, uint8_t* to, size_t size)> read;
  uint64_t size = kUnknown;  // kUnknown: offsets ascend without gaps
  static constexpr uint64_t kUnknown = ~uint64_t{0};
  // Bytes asked for at a time.
  static constexpr size_t kBlock = 256 << 10;
  bool seekable() const { return size != kUnknown; }
};

}  // namespace spoor
