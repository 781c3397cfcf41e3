// Evidence in pieces, handed to as many workers as there are.
//
// Each path that the user's evidence came to is a slot: a file, or a container (evidence/container.h) with all the
// files in it. A slot is read front to back, by one worker at a time: what a piece is depends on what was before it.
// That is quick; the pieces are then matched by all workers at once. A worker asks for a piece, gives it to the digest,
// reads it, and lets it go. Slots come in order; a worker stays with its slot as long as it lasts, and where no further
// one is left, helps with another's. A file's digest needs its pieces in order: a piece that comes early waits, and
// whoever digested the piece before it goes on with it, so that with one big file one worker ends up digesting while
// the others match.
//
// What is in memory is bounded: no piece is handed out while kPiecesPerWorker for every worker are held.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/container.h"
#include "evidence/file_table.h"
#include "evidence/source.h"
#include "formats/encoding.h"
#include "formats/format.h"

namespace spoor {

struct FeedOptions {
  unsigned jobs = 1;
  bool digest = true;
  ContainerOptions container;
};

// Where a piece's bytes lie: memory that begins at a multiple of 64. What malloc gives for large blocks begins 16 bytes
// behind a page, and to copy pages there takes AMD's Zen 3 five times as long (`rep movsb`, which the kernel copies
// with).
struct FreeBuffer {
  void operator()(uint8_t* p) const { ::operator delete[](p, std::align_val_t(64)); }
};
using PieceBuffer = std::unique_ptr<uint8_t[], FreeBuffer>;

struct Piece {
  uint32_t file = 0;    // in the table
  uint32_t slot = 0;    // the listed file it is, or is in
  uint64_t number = 0;  // in its slot, from 0
  uint64_t offset = 0;  // in its file
  Cut cut;
  const Format* format = nullptr;
  TextEncoding encoding = TextEncoding::kAsItIs;
  std::shared_ptr<const FileFacts> facts;
  PieceBuffer data;
  size_t capacity = 0;  // of `data`
  // Guarded by the feed: a piece counts as memory until it is both.
  bool digested = false, done = false;
  bool pooled = false;  // data goes back to the feed's buffers
};

// A worker's readers, one for each format. Not thread-safe.
class PieceReaders {
 public:
  explicit PieceReaders(const FormatOptions& options) : options_(options) {}
  // Reads the piece, and gives its damage to the sink.
  void Read(const Piece& piece, Sink* sink);

 private:
  const FormatOptions options_;
  std::map<std::pair<const Format*, TextEncoding>, std::unique_ptr<PieceReader>> readers_;
};

class Feed {
 public:
  static constexpr size_t kPiecesPerWorker = 6;
  // Files of one container that are named as unread; then one line says that there are more.
  static constexpr size_t kMaxUnread = 10'000;

  // Called when a file's digest is complete ("" where there is none), from any worker's thread.
  using DigestKnown = std::function<void(uint32_t file, std::string_view digest)>;
  // Called when it is known how many pieces a slot has: all of them have been handed out.
  using SlotEnds = std::function<void(uint32_t slot, uint64_t pieces)>;

  // REQUIRES: the table outlives the feed, which adds to it.
  Feed(FileTable* files, const FeedOptions& options, DigestKnown on_digest, SlotEnds on_end);
  ~Feed();

  // The next piece for a worker (numbered from 0), or nullptr when there is none left. Blocks while memory is full.
  std::shared_ptr<Piece> Take(unsigned worker);
  // Digests the piece, and those that waited for it, if it is its turn.
  void Digest(const std::shared_ptr<Piece>& piece);
  // The worker is done reading the piece. Its memory is freed when it is digested, too.
  void Done(const std::shared_ptr<Piece>& piece);
  // No further piece is handed out.
  void Stop();

  // For progress; may be read at any time. Of containers, the bytes of the container.
  uint64_t bytes_total() const { return bytes_total_; }  // of the slots whose size is known
  uint64_t bytes_passed() const { return bytes_passed_.load(std::memory_order_relaxed); }

  // After all workers are done.
  const std::vector<Unread>& unread() const { return unread_; }
  std::string_view DigestOf(uint32_t file) const;  // valid as long as the feed
  uint64_t files_read() const { return files_read_; }
  uint64_t bytes_read() const { return bytes_read_; }  // of the files, as they are once unpacked
  double read_seconds() const { return read_nanos_ * 1e-9; }
  double digest_seconds() const { return digest_nanos_ * 1e-9; }

 private:
  struct Slot;
  struct Digesting;

  bool Claim(unsigned worker, uint32_t* slot);
  bool ClaimFrom(uint32_t slot);
  bool OpenNext(uint32_t* slot);
  bool Fill(Slot* slot, Piece* piece);
  bool FindFile(Slot* slot);
  bool BeginFile(Slot* slot, Piece* piece, size_t have, std::string reason);
  absl::StatusOr<size_t> ReadMore(Slot* slot, uint8_t* to, size_t size);
  void NoteUnread(Slot* slot, std::string reason);
  void NoteProblems(Slot* slot);
  void EndFile(Slot* slot);
  void GiveBuffer(Piece* piece, size_t size);
  void Grow(Piece* piece, size_t have, size_t size);
  void FinishDigest(std::unique_lock<std::mutex>* lock, uint32_t file);
  void Release(Piece* piece);
  void Digested(Piece* piece);

  FileTable& files_;
  FeedOptions options_;
  DigestKnown on_digest_;
  SlotEnds on_end_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Slot>> slots_;                            // null before it is opened and after it is read
  std::vector<uint32_t> active_;                                        // slots with pieces left to hand out
  std::vector<int64_t> current_;                                        // by worker: its slot, -1: none
  std::unordered_map<uint32_t, std::unique_ptr<Digesting>> digesting_;  // by file
  std::unordered_map<uint32_t, std::array<char, 64>> digests_;          // by file
  // Buffers of pieces that are done: memory that was used before needs no page faults.
  std::vector<PieceBuffer> buffers_;
  uint32_t next_slot_ = 0;
  size_t in_memory_ = 0;
  bool stopped_ = false;
  std::vector<Unread> unread_;
  uint64_t files_read_ = 0, bytes_read_ = 0;
  uint64_t bytes_total_ = 0;
  std::atomic<uint64_t> bytes_passed_{0};
  std::atomic<uint64_t> read_nanos_{0}, digest_nanos_{0};
};

}  // namespace spoor
