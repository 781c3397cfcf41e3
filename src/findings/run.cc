// Sorting findings and merging sorted runs.
//
// In memory the texts lie in blocks in the order of arrival and never move. Sorted are 16-byte places (the
// leading part of the key and a number); all else is looked at only where that part is the same. A merge
// keeps the runs in a binary heap by their first record: log2(runs) comparisons a finding. A basket of
// findings costs 64 bytes each besides the text.
#include "findings/run.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace spoor {
namespace {

constexpr size_t kWriteBuffer = 256 << 10;

class FileRun final : public Run {
 public:
  explicit FileRun(const Extent& extent) : file_(extent.file), at_(extent.offset), end_(at_ + extent.size) {}

  absl::StatusOr<bool> Next() override {
    begin_ += consumed_;
    consumed_ = 0;
    if (begin_ == filled_ && at_ == end_) return false;
    if (absl::Status status = Have(sizeof header_); !status.ok()) return status;
    std::memcpy(&header_, buffer_.data() + begin_, sizeof header_);
    const size_t whole = sizeof header_ + header_.size;
    if (absl::Status status = Have(whole); !status.ok()) return status;
    consumed_ = whole;
    return true;
  }
  const RecordHeader& header() const override { return header_; }
  std::string_view text() const override { return {buffer_.data() + begin_ + sizeof header_, header_.size}; }

 private:
  // Makes the next `size` bytes lie in the buffer at begin_.
  absl::Status Have(size_t size) {
    const size_t left = filled_ - begin_;
    if (left >= size) return absl::OkStatus();
    const size_t capacity = std::max(size, kReadBuffer);
    if (buffer_.size() == capacity) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, left);
    } else {  // grows for a long record, and shrinks again after it
      std::vector<char> other(capacity);
      if (left > 0) std::memcpy(other.data(), buffer_.data() + begin_, left);
      buffer_.swap(other);
    }
    begin_ = 0;
    filled_ = left;
    const size_t more = static_cast<size_t>(std::min<uint64_t>(capacity - left, end_ - at_));
    if (left + more < size) return absl::DataLossError("a run in a temporary file ends within a record");
    if (absl::Status status = file_->Read(at_, more, buffer_.data() + left); !status.ok()) return status;
    at_ += more;
    filled_ += more;
    return absl::OkStatus();
  }

  const SpillFile* file_;
  uint64_t at_, end_;  // what of the file is not in the buffer yet
  std::vector<char> buffer_;
  size_t begin_ = 0, filled_ = 0, consumed_ = 0;
  RecordHeader header_{};
};

}  // namespace

// Outside the unnamed namespace, as Basket names it a friend.
class BasketRun final : public Run {
 public:
  explicit BasketRun(const Basket* basket) : basket_(basket) {}
  absl::StatusOr<bool> Next() override {
    if (next_ == basket_->order_.size()) return false;
    entry_ = &basket_->entries_[basket_->order_[next_++].index];
    return true;
  }
  const RecordHeader& header() const override { return entry_->header; }
  std::string_view text() const override { return basket_->Text(*entry_); }

 private:
  const Basket* basket_;
  const Basket::Entry* entry_ = nullptr;
  size_t next_ = 0;
};

RecordHeader MakeHeader(const Finding& finding, bool severe_first) {
  constexpr int64_t kHalf = int64_t{1} << 60;  // 36,000 years; beyond that `time` decides
  const int64_t time = std::clamp(finding.time, -kHalf, kHalf - 1);
  RecordHeader header{};
  header.primary = static_cast<uint64_t>(time + kHalf);
  if (severe_first) header.primary |= (uint64_t{4} - static_cast<uint64_t>(finding.rule->level)) << 61;
  header.time = finding.time;
  header.offset = finding.offset;
  header.file = finding.file;
  header.rule = finding.rule_number;
  header.gap = RecordHeader::kNoGap;
  return header;
}

bool Before(const FileOrder* files, const RecordHeader& a, std::string_view a_text, const RecordHeader& b,
            std::string_view b_text) {
  if (a.primary != b.primary) return a.primary < b.primary;
  if (files != nullptr && a.time == b.time && a.file != b.file) {
    if (files->Before(a.file, b.file)) return true;
    if (files->Before(b.file, a.file)) return false;
  }
  return std::tie(a.time, a.file, a.offset, a.rule, a_text) < std::tie(b.time, b.file, b.offset, b.rule, b_text);
}

std::unique_ptr<Run> OpenRun(const Extent& extent) { return std::make_unique<FileRun>(extent); }

absl::Status MergeRuns(const FileOrder* files, std::vector<std::unique_ptr<Run>> runs, uint64_t limit,
                       const TakeRecord& take) {
  const auto after = [files](const std::unique_ptr<Run>& a, const std::unique_ptr<Run>& b) {
    return Before(files, b->header(), b->text(), a->header(), a->text());
  };
  std::vector<std::unique_ptr<Run>> heap;
  for (std::unique_ptr<Run>& run : runs) {
    absl::StatusOr<bool> more = run->Next();
    if (!more.ok()) return more.status();
    if (*more) heap.push_back(std::move(run));
  }
  std::make_heap(heap.begin(), heap.end(), after);
  for (uint64_t taken = 0; taken < limit && !heap.empty(); ++taken) {
    Run& first = *heap.front();
    if (absl::Status status = take(first.header(), first.text()); !status.ok()) return status;
    absl::StatusOr<bool> more = first.Next();
    if (!more.ok()) return more.status();
    if (!*more) {
      std::pop_heap(heap.begin(), heap.end(), after);
      heap.pop_back();
      continue;
    }
    // Sinks the run to its new place.
    for (size_t at = 0;;) {
      size_t child = 2 * at + 1;
      if (child >= heap.size()) break;
      if (child + 1 < heap.size() && after(heap[child], heap[child + 1])) ++child;
      if (!after(heap[at], heap[child])) break;
      std::swap(heap[at], heap[child]);
      at = child;
    }
  }
  return absl::OkStatus();
}

absl::Status RunWriter::Add(const RecordHeader& header, std::string_view text) {
  buffer_.append(reinterpret_cast<const char*>(&header), sizeof header);
  buffer_.append(text);
  if (buffer_.size() < kWriteBuffer) return absl::OkStatus();
  absl::Status status = file_->Append(buffer_);
  buffer_.clear();
  return status;
}

absl::StatusOr<Extent> RunWriter::Finish() {
  if (absl::Status status = file_->Append(buffer_); !status.ok()) return status;
  return Extent{file_, start_, file_->size() - start_};
}

Basket::Basket(const FileOrder* files, size_t budget)
    : files_(files), block_size_(std::clamp<size_t>(budget / 8, 4 << 10, 1 << 20)) {}

std::string* Basket::Room() {
  // A block is left when it is nearly full: a text that does not fit makes it grow, which copies it.
  if (used_blocks_ == 0 || blocks_[used_blocks_ - 1].size() > block_size_ - block_size_ / 16) {
    if (used_blocks_ == blocks_.size()) blocks_.emplace_back().reserve(block_size_);
    ++used_blocks_;
    blocks_capacity_ += block_size_;
  }
  return &blocks_[used_blocks_ - 1];
}

void Basket::Add(RecordHeader header, size_t text_size) {
  const std::string& block = blocks_[used_blocks_ - 1];
  if (block.capacity() > block_size_) {  // one long text
    blocks_capacity_ = 0;
    for (size_t i = 0; i < used_blocks_; ++i) blocks_capacity_ += blocks_[i].capacity();
  }
  header.size = static_cast<uint32_t>(text_size);
  entries_.push_back(
      {header, static_cast<uint32_t>(used_blocks_ - 1), static_cast<uint32_t>(block.size() - text_size)});
}

size_t Basket::memory() const {
  return blocks_capacity_ + entries_.capacity() * sizeof(Entry) + entries_.size() * sizeof(Place);
}

void Basket::Sort() {
  if (order_.size() == entries_.size()) return;
  order_.resize(entries_.size());
  for (uint32_t i = 0; i < entries_.size(); ++i) order_[i] = {entries_[i].header.primary, i};
  const auto before = [this](const Place& a, const Place& b) {
    if (a.primary != b.primary) return a.primary < b.primary;
    const Entry& x = entries_[a.index];
    const Entry& y = entries_[b.index];
    return Before(files_, x.header, Text(x), y.header, Text(y));
  };
  if (!std::is_sorted(order_.begin(), order_.end(), before)) std::sort(order_.begin(), order_.end(), before);
}

void Basket::KeepFirst(size_t count) {
  Sort();
  if (entries_.size() <= count) return;
  Basket kept(files_, block_size_ * 8);
  for (size_t i = 0; i < count; ++i) {
    const Entry& entry = entries_[order_[i].index];
    kept.Room()->append(Text(entry));
    kept.Add(entry.header, entry.header.size);
  }
  kept.Sort();
  *this = std::move(kept);
}

void Basket::Clear() {
  // Blocks of the usual size are kept: memory that was in use once costs no page faults again.
  std::erase_if(blocks_, [this](const std::string& block) { return block.capacity() > block_size_; });
  for (std::string& block : blocks_) block.clear();
  used_blocks_ = 0;
  blocks_capacity_ = 0;
  entries_.clear();
  order_.clear();
  // Short texts: what is kept for entries must leave room for texts.
  if (entries_.capacity() * sizeof(Entry) > 2 * block_size_) std::vector<Entry>().swap(entries_);
}

std::unique_ptr<Run> Basket::Read() const { return std::make_unique<BasketRun>(this); }

}  // namespace spoor
