// gzip by zlib, xz and lzip by liblzma.
//
// libarchive reads these too, but as evidence they need more: its gzip checks neither checksum nor length and passes
// over what stands behind the end, it drops what was unpacked of the last block where a file is cut off, and its xz
// takes as much memory as the file says.
#pragma once

#include <lzma.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/byte_source.h"
#include "evidence/container_kind.h"

namespace spoor {

// All members of a file, one behind the other. Not thread-safe.
class Decompressor {
 public:
  // Bytes a dictionary and its decoder may take. `xz -9` needs 65 MiB, lzip's default 8 MiB.
  static constexpr uint64_t kMaxMemory = 128 << 20;

  static bool Knows(ContainerKind kind) {
    return kind == ContainerKind::kGzip || kind == ContainerKind::kXz || kind == ContainerKind::kLzip;
  }

  // REQUIRES: Knows(kind). `source` outlives it.
  Decompressor(ContainerKind kind, const ByteSource* source);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Up to `size` bytes; fewer at the end, or where the next call gives an error.
  absl::StatusOr<size_t> Read(uint8_t* to, size_t size);
  // Bytes taken from the source and used.
  uint64_t position() const { return offset_ - left_; }
  // An error of Read came from there.
  const absl::Status& source_error() const { return source_error_; }

 private:
  absl::Status Fill();
  absl::Status StepGzip(uint8_t** to, size_t* room);
  absl::Status StepLzma(uint8_t** to, size_t* room);

  const ContainerKind kind_;
  const ByteSource* source_;
  std::vector<uint8_t> buffer_;
  uint64_t offset_ = 0;  // of the source
  const uint8_t* at_ = nullptr;
  size_t left_ = 0;
  bool source_ended_ = false;
  bool between_ = false;  // gzip: a member ended, and none has begun
  bool ended_ = false;
  absl::Status error_, source_error_;
  z_stream zlib_ = {};
  lzma_stream lzma_ = LZMA_STREAM_INIT;
};

}  // namespace spoor
