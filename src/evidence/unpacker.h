// One container, unpacked: its entries in turn, and the bytes of the present one. By libarchive, but for what
// decompressor.h does better.
//
// Only what spoor recognised is switched on in libarchive, never "all": some of its filters run other programs
// (lrzip, lzop, grzip), some of its formats take any text for an archive (mtree), and filters chain by themselves, so
// that layers of compression would expand where nobody counts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/byte_source.h"
#include "evidence/container_kind.h"
#include "evidence/decompressor.h"

struct archive;

namespace spoor {

// Not thread-safe.
class Unpacker {
 public:
  // What lists of contents may hold: bytes of a zip's as they stand in the file, of a 7z's unpacked; files of a 7z's,
  // whose list may hold no more than their number. libarchive keeps all of a list in memory: of a zip, about four times
  // its size (330,000 entries: 17 MiB of list, 72 MiB resident), of a 7z twice, and 87 bytes a file.
  struct ListRoom {
    uint64_t bytes = 24 << 20;
    uint64_t files = 1'000'000;
  };

  struct Entry {
    std::string name;   // as the archive has it; empty: none
    uint64_t size = 0;  // 0: unknown, or none
    bool regular = false;
    bool encrypted = false;
    int64_t modified = 0;  // microseconds since 1970 UTC; 0: unknown
  };
  enum class Step { kEntry, kDamaged, kEnd, kFailed };

  // `in_order`: read a zip front to back, by the headers of its entries, rather than by the list at its end. `room`:
  // what the containers around it have left.
  Unpacker(ContainerKind kind, ByteSource source, const std::vector<std::string>& passwords, bool in_order,
           const ListRoom& room);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  // Moves to the next entry, passing over what is left of the present one. kDamaged: that entry is lost, others may
  // follow. kFailed: nothing follows.
  Step Next(Entry* entry);
  // Reads some bytes of the entry, none only at its end.
  absl::StatusOr<size_t> Read(uint8_t* to, size_t size);

  // After kDamaged, kFailed or an error of Read: the library's words.
  const std::string& message() const { return message_; }
  // The error is the source's, who knows more about it.
  bool source_failed() const { return !source_error_.ok(); }
  const absl::Status& source_error() const { return source_error_; }
  // After an error of Read: Next will fail too.
  bool dead() const { return dead_; }
  // The list is longer than there is room for: which, in words. Empty: it is not.
  const std::string& list_problem() const { return list_problem_; }
  // What its list takes of the room.
  ListRoom list_taken() const { return taken_; }
  // The names of the entries are encrypted too.
  bool list_encrypted() const;
  // Offset in the container up to which it was read.
  uint64_t position() const;

 private:
  struct Callbacks;
  int Open(const std::vector<std::string>& passwords);
  bool MeasureList();
  void Fail(const char* fallback);

  const ContainerKind kind_;
  ByteSource source_;
  const bool in_order_;
  std::unique_ptr<Decompressor> decompressor_;  // instead of libarchive
  bool given_ = false;                          // its one entry
  archive* archive_ = nullptr;
  int opened_ = 0;  // what archive_read_open said
  bool listing_ = true;
  std::string list_problem_;
  const ListRoom room_;
  ListRoom taken_{0, 0};  // of a zip: bytes read while listing_
  uint64_t offset_ = 0;   // of the source
  size_t next_block_ = ByteSource::kBlock;
  std::vector<uint8_t> buffer_;
  absl::Status source_error_;
  std::string message_;
  // The present entry: a block of libarchive's, and where in the entry its unread part stands.
  const uint8_t* block_ = nullptr;
  size_t block_left_ = 0;
  uint64_t block_at_ = 0;
  uint64_t at_ = 0;  // bytes of the entry handed out
  bool ended_ = false;
  bool warned_ = false;  // to be said once the entry's bytes are handed out
  bool dead_ = false;
};

}  // namespace spoor
