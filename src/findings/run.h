// Sorted runs of rendered findings, in memory (Basket) and in temporary files, and their merge.
//
// A run is a sequence of records in order; a record is a RecordHeader and the text. In a file the two stand
// one after the other, as they are in memory: the file is read by nobody but the process that wrote it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "findings/finding.h"
#include "findings/spill.h"

namespace spoor {

struct RecordHeader {
  static constexpr uint32_t kNoGap = std::numeric_limits<uint32_t>::max();
  uint64_t primary;  // severity (if that comes first) and time in one number: decides nearly always
  int64_t time;
  uint64_t offset;
  uint32_t file;
  uint32_t rule;
  uint32_t size;  // of the text, bytes
  uint32_t gap;   // where in the text the digest goes, or kNoGap
};
static_assert(sizeof(RecordHeader) == 40, "without padding, so that it may be written as it is");

// The order of evidence files whose numbers do not say it; by number where there is none. Thread-safe.
class FileOrder {
 public:
  virtual ~FileOrder() = default;
  virtual bool Before(uint32_t a, uint32_t b) const = 0;
};

RecordHeader MakeHeader(const Finding& finding, bool severe_first);

// The order of findings: primary, time, file, offset, rule; where all are the same, the text, so that the
// order never depends on who collected what.
bool Before(const FileOrder* files, const RecordHeader& a, std::string_view a_text, const RecordHeader& b,
            std::string_view b_text);

// A run, read from the front. Not thread-safe.
class Run {
 public:
  virtual ~Run() = default;
  // Moves to the next record (at first: to the first). False at the end.
  virtual absl::StatusOr<bool> Next() = 0;
  // The record moved to. Valid until the next Next.
  virtual const RecordHeader& header() const = 0;
  virtual std::string_view text() const = 0;
};

// A part of a temporary file that holds a run.
struct Extent {
  SpillFile* file;
  uint64_t offset, size;
};
// Reads through a buffer of kReadBuffer bytes, or of one record if that is longer. REQUIRES: the file
// outlives it.
inline constexpr size_t kReadBuffer = 64 << 10;
std::unique_ptr<Run> OpenRun(const Extent& extent);

// Takes records in order; an error ends the merge.
using TakeRecord = std::function<absl::Status(const RecordHeader&, std::string_view text)>;
// Merges runs, up to `limit` records. Memory: the runs' buffers.
absl::Status MergeRuns(const FileOrder* files, std::vector<std::unique_ptr<Run>> runs, uint64_t limit,
                       const TakeRecord& take);

// Writes records to the end of a temporary file.
class RunWriter {
 public:
  explicit RunWriter(SpillFile* file) : file_(file), start_(file->size()) {}
  absl::Status Add(const RecordHeader& header, std::string_view text);
  // What was written. Call once, at the end.
  absl::StatusOr<Extent> Finish();

 private:
  SpillFile* file_;
  uint64_t start_;
  std::string buffer_;
};

// Rendered findings of one thread in memory. Not thread-safe.
class Basket {
 public:
  // Sizes its memory blocks so that a few fit in `budget` bytes. REQUIRES: the order of files outlives it.
  Basket(const FileOrder* files, size_t budget);

  // Where to append the next text. Follow with Add, with what was appended since.
  std::string* Room();
  void Add(RecordHeader header, size_t text_size);

  size_t size() const { return entries_.size(); }
  // Bytes held, including what sorting will need.
  size_t memory() const;
  // Puts the records in order.
  void Sort();
  // Sorts and keeps only the first `count` records.
  void KeepFirst(size_t count);
  // The last record in order. REQUIRES: sorted since the last Add, not empty.
  const RecordHeader& last() const { return entries_[order_.back().index].header; }
  void Clear();
  // REQUIRES: sorted; the basket outlives the run and does not change.
  std::unique_ptr<Run> Read() const;

 private:
  friend class BasketRun;
  struct Entry {
    RecordHeader header;
    uint32_t block, position;
  };
  struct Place {
    uint64_t primary;
    uint32_t index;
  };
  std::string_view Text(const Entry& entry) const {
    return {blocks_[entry.block].data() + entry.position, entry.header.size};
  }

  const FileOrder* files_;
  size_t block_size_;
  std::vector<std::string> blocks_;
  size_t used_blocks_ = 0;      // the others are kept for later
  size_t blocks_capacity_ = 0;  // of the used ones
  std::vector<Entry> entries_;
  std::vector<Place> order_;
};

}  // namespace spoor
