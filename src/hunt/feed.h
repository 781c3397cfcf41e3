// Evidence in pieces, handed to as many workers as there are.
//
// A worker asks for a piece, gives it to the digest, reads it, and lets it go. Files come in order; a worker stays
// with its file as long as it lasts, and where no further file is left, helps with another's. A file's digest needs
// its pieces in order: a piece that comes early waits, and whoever digested the piece before it goes on with it, so
// that with one big file one worker ends up digesting while the others match.
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
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/files.h"
#include "evidence/source.h"
#include "formats/format.h"

namespace spoor {

struct FeedOptions {
  unsigned jobs = 1;
  bool digest = true;
};

// Where a piece's bytes lie: memory that begins at a multiple of 64. What malloc gives for large blocks begins 16 bytes
// behind a page, and to copy pages there takes AMD's Zen 3 five times as long (`rep movsb`, which the kernel copies
// with).
struct FreeBuffer {
  void operator()(uint8_t* p) const { ::operator delete[](p, std::align_val_t(64)); }
};
using PieceBuffer = std::unique_ptr<uint8_t[], FreeBuffer>;

struct Piece {
  uint32_t file = 0;
  uint64_t number = 0;  // in order of evidence, over all files, from 0
  uint64_t offset = 0;  // in its file
  size_t size = 0;
  size_t ahead = 0;           // bytes behind `size` in data: the beginning of the next piece (formats of lines)
  uint64_t lines_before = 0;  // line ends in the file before this piece (likewise)
  const Format* format = nullptr;
  PieceBuffer data;
  bool last = false;  // nothing of the file follows
  // Guarded by the feed: a piece counts as memory until it is both.
  bool digested = false, done = false;
  bool pooled = false;  // data goes back to the feed's buffers
};

class Feed {
 public:
  static constexpr size_t kPiecesPerWorker = 6;

  // Called when a file's digest is complete ("" where digests are off), from any worker's thread.
  using DigestKnown = std::function<void(uint32_t file, std::string_view digest)>;
  // Called for every piece number that will have no findings because its file cannot be read.
  using PieceSkipped = std::function<void(uint32_t file, uint64_t number)>;

  Feed(const std::vector<EvidenceFile>& files, const FeedOptions& options, DigestKnown on_digest,
       PieceSkipped on_skipped);
  ~Feed();

  // The next piece for a worker (numbered from 0), or nullptr when there is none left. Blocks while memory is full.
  std::shared_ptr<Piece> Take(unsigned worker);
  // Digests the piece, and those that waited for it, if it is its turn.
  void Digest(const std::shared_ptr<Piece>& piece);
  // The worker is done reading the piece. Its memory is freed when it is digested, too.
  void Done(const std::shared_ptr<Piece>& piece);
  // No further piece is handed out.
  void Stop();

  // For progress; may be read at any time.
  uint64_t bytes_total() const { return bytes_total_; }  // of the files whose size is known
  uint64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }

  // After all workers are done.
  const std::vector<Unread>& unread() const { return unread_; }
  std::string_view DigestOf(uint32_t file) const;
  uint64_t files_read() const { return files_read_; }
  uint64_t pieces() const { return next_number_; }  // numbers handed out, from 0
  double read_seconds() const { return read_nanos_ * 1e-9; }
  double digest_seconds() const { return digest_nanos_ * 1e-9; }

 private:
  enum class Stage : uint8_t { kWaiting, kFirstPiece, kReading, kExhausted };
  struct File {
    Stage stage = Stage::kWaiting;
    const Format* format = nullptr;
    std::unique_ptr<EvidenceSource> source;
    uint64_t next = 0;  // offset of the next piece to hand out
    uint64_t first_number = 0, pieces = 0;
    bool streaming = false;      // size unknown: pieces are read one after the other
    bool being_read = false;     // … and one is
    std::vector<uint8_t> carry;  // … with what was read ahead of the next
    // Formats of lines: line ends in the pieces read so far, by piece; a piece knows its first line's number when all
    // before it were counted.
    std::map<uint64_t, uint64_t> lines;           // by offset, those not yet added up
    std::map<uint64_t, uint64_t> line_numbers;    // by offset: line ends before it, until its reader took note
    uint64_t lines_until = 0, lines_counted = 0;  // the pieces before this offset have so many
    // Digest.
    std::unique_ptr<Sha256> sha;
    uint64_t digested = 0;  // bytes
    bool digesting = false, digest_done = false;
    std::map<uint64_t, std::shared_ptr<Piece>> early;
    int held = 0;  // pieces handed out
  };

  bool Claim(unsigned worker, uint32_t* file, uint64_t* offset, uint64_t* number);
  bool ClaimFrom(uint32_t file, uint64_t* offset, uint64_t* number);
  bool OpenNext(uint32_t* file);
  bool Fill(Piece* piece);
  absl::StatusOr<size_t> ReadOn(Piece* piece, File& file, size_t capacity, size_t* have);
  void Digested(Piece* piece);
  void CountLines(Piece* piece, File& file);
  PieceBuffer TakeBuffer();
  void Release(Piece* piece);

  const std::vector<EvidenceFile>& files_;
  FeedOptions options_;
  DigestKnown on_digest_;
  PieceSkipped on_skipped_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<File>> open_;  // by file number; null before it is opened and after it is done
  std::vector<std::array<char, 64>> digests_;
  std::vector<bool> has_digest_;
  std::vector<uint32_t> active_;  // files with pieces left to hand out
  std::vector<int64_t> current_;  // by worker: its file, -1: none
  // Buffers of pieces that are done: memory that was used before needs no page faults.
  std::vector<PieceBuffer> buffers_;
  uint32_t next_file_ = 0;
  uint64_t next_number_ = 0;
  size_t in_memory_ = 0;
  bool stopped_ = false;
  std::vector<Unread> unread_;
  uint64_t files_read_ = 0;
  uint64_t bytes_total_ = 0;
  std::atomic<uint64_t> bytes_read_{0};
  std::atomic<uint64_t> read_nanos_{0}, digest_nanos_{0};
};

}  // namespace spoor
