#include "hunt/feed.h"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstring>

namespace spoor {
namespace {

uint64_t Nanos() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

uint64_t PiecesOf(uint64_t size) {
  if (size <= kPieceHead + kPieceSize) return 1;
  return 1 + (size - kPieceHead - kPieceSize + kPieceSize - 1) / kPieceSize;
}

// Bytes of the next piece that are read with a piece at first: most lines end within them.
constexpr size_t kFirstAhead = 64 << 10;
constexpr size_t kBufferSize = kPieceHead + kPieceSize + kFirstAhead;

PieceBuffer NewBuffer(size_t size) { return PieceBuffer(new (std::align_val_t(64)) uint8_t[size]); }

size_t PieceSizeAt(uint64_t offset) { return offset == 0 ? kPieceHead + kPieceSize : kPieceSize; }

}  // namespace

Feed::Feed(const std::vector<EvidenceFile>& files, const FeedOptions& options, DigestKnown on_digest,
           PieceSkipped on_skipped)
    : files_(files),
      options_(options),
      on_digest_(std::move(on_digest)),
      on_skipped_(std::move(on_skipped)),
      open_(files.size()),
      digests_(options.digest ? files.size() : 0),
      has_digest_(files.size()),
      current_(options.jobs, -1) {
  for (const EvidenceFile& file : files) {
    struct stat info;
    if (file.path != "-" && stat(file.path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      bytes_total_ += static_cast<uint64_t>(info.st_size);
    }
  }
}

Feed::~Feed() = default;

std::string_view Feed::DigestOf(uint32_t file) const {
  if (file >= has_digest_.size() || !has_digest_[file]) return {};
  return {digests_[file].data(), 64};
}

void Feed::Stop() {
  std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

// Claims the next piece of a file, if it has one to hand out now. REQUIRES: mutex_ held.
bool Feed::ClaimFrom(uint32_t number, uint64_t* offset, uint64_t* piece) {
  File* file = open_[number].get();
  if (file == nullptr || file->stage != Stage::kReading || file->being_read) return false;
  *offset = file->next;
  const size_t want = PieceSizeAt(file->next);
  if (file->streaming) {
    file->being_read = true;
    *piece = next_number_++;
  } else {
    *piece = file->first_number + (file->next == 0 ? 0 : 1 + (file->next - kPieceHead - kPieceSize) / kPieceSize);
  }
  file->next += want;
  ++file->held;
  if (!file->streaming && file->next >= file->source->size()) {
    file->stage = Stage::kExhausted;
    active_.erase(std::remove(active_.begin(), active_.end(), number), active_.end());
  }
  return true;
}

// Opens the next file that can be opened. REQUIRES: mutex_ held.
bool Feed::OpenNext(uint32_t* number) {
  while (next_file_ < files_.size()) {
    *number = next_file_++;
    auto source = EvidenceSource::Open(files_[*number].path);
    if (!source.ok()) {
      unread_.push_back({files_[*number].path, std::string(source.status().message())});
      continue;
    }
    auto file = std::make_unique<File>();
    file->source = *std::move(source);
    file->streaming = file->source->size() == EvidenceSource::kUnknown;
    if (!file->streaming) {
      file->first_number = next_number_;
      file->pieces = PiecesOf(file->source->size());
      next_number_ += file->pieces;
    }
    if (options_.digest) file->sha = std::make_unique<Sha256>();
    file->stage = Stage::kReading;
    open_[*number] = std::move(file);
    active_.push_back(*number);
    return true;
  }
  return false;
}

// Finds a worker its next piece. REQUIRES: mutex_ held. False: nothing to hand out at the moment.
bool Feed::Claim(unsigned worker, uint32_t* number, uint64_t* offset, uint64_t* piece) {
  if (current_[worker] >= 0) {
    *number = static_cast<uint32_t>(current_[worker]);
    if (ClaimFrom(*number, offset, piece)) return true;
  }
  if (OpenNext(number)) {
    current_[worker] = *number;
    ClaimFrom(*number, offset, piece);
    // Nobody else may have a piece before the first one told what the file is.
    File& file = *open_[*number];
    if (file.stage == Stage::kReading) file.stage = Stage::kFirstPiece;
    return true;
  }
  for (const uint32_t other : active_) {
    if (ClaimFrom(other, offset, piece)) {
      *number = other;
      current_[worker] = other;
      return true;
    }
  }
  return false;
}

std::shared_ptr<Piece> Feed::Take(unsigned worker) {
  for (;;) {
    auto piece = std::make_shared<Piece>();
    {
      std::unique_lock<std::mutex> lock(mutex_);
      for (;;) {
        if (stopped_) return nullptr;
        if (in_memory_ < kPiecesPerWorker * options_.jobs &&
            Claim(worker, &piece->file, &piece->offset, &piece->number)) {
          break;
        }
        if (active_.empty() && next_file_ >= files_.size()) return nullptr;
        changed_.wait(lock);
      }
      ++in_memory_;
      piece->format = open_[piece->file]->format;
    }
    if (Fill(piece.get())) return piece;
  }
}

// Reads the piece's bytes; the first piece of a file also says what the file is. False: there is nothing to match in
// it, and it has been let go.
bool Feed::Fill(Piece* piece) {
  const uint64_t start = Nanos();
  File& file = *open_[piece->file];  // stays while we hold a piece of it
  const size_t want = PieceSizeAt(piece->offset);
  const bool first = piece->offset == 0;
  // A line may go on in the next piece. Whether a file has lines is not known before its first piece was read.
  const size_t ahead = first || piece->format->lines ? kFirstAhead : 0;
  uint64_t capacity = want + ahead;
  if (!file.streaming) {
    capacity = std::min<uint64_t>(capacity, file.source->size() - std::min(file.source->size(), piece->offset));
  }
  // A small file gets what it needs, all else a buffer for any piece.
  piece->data = capacity * 4 < kBufferSize ? NewBuffer(capacity + 1) : TakeBuffer();
  piece->pooled = capacity * 4 >= kBufferSize;
  size_t have = 0;
  if (file.streaming) {
    have = std::min<uint64_t>(file.carry.size(), capacity);
    std::copy_n(file.carry.begin(), have, piece->data.get());
    file.carry.erase(file.carry.begin(), file.carry.begin() + static_cast<ptrdiff_t>(have));
  }
  auto got = file.streaming ? file.source->Next(piece->data.get() + have, capacity - have)
                            : file.source->ReadAt(piece->offset, piece->data.get(), capacity);
  if (got.ok()) have += *got;
  const Format* format = first && got.ok() ? Recognise(piece->data.get(), std::min(have, want)) : piece->format;
  if (got.ok() && have == want + ahead && format != nullptr && format->lines &&
      std::memchr(piece->data.get() + want, '\n', ahead) == nullptr) {
    got = ReadOn(piece, file, want + kMaxLine, &have);
  }
  read_nanos_ += Nanos() - start;
  piece->size = got.ok() ? std::min(have, want) : 0;
  piece->ahead = got.ok() ? have - piece->size : 0;
  if (file.streaming && piece->ahead > 0) {
    file.carry.insert(file.carry.begin(), piece->data.get() + want, piece->data.get() + have);
  }
  bytes_read_.fetch_add(piece->size, std::memory_order_relaxed);
  std::string reason;
  if (!got.ok()) {
    reason = "read error at byte " + std::to_string(piece->offset) + ": " + std::string(got.status().message());
  } else if (first && format == nullptr) {
    reason = WhyUnread(piece->data.get(), piece->size);
  }
  piece->last = file.streaming ? piece->size < want : piece->offset + want >= file.source->size();
  // A file that became shorter ends where it ends: the rest of its pieces are empty.
  const bool skip = !reason.empty() || (piece->size == 0 && !first);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    file.being_read = false;
    if (first && format != nullptr) {
      file.format = piece->format = format;
      ++files_read_;
    }
    if (file.stage == Stage::kFirstPiece) file.stage = Stage::kReading;
    if (file.streaming && piece->last) file.stage = Stage::kExhausted;
    if (!reason.empty()) {
      unread_.push_back({files_[piece->file].path, reason});
      file.stage = Stage::kExhausted;
      file.digest_done = true;  // there will be none
    }
    if (file.stage == Stage::kExhausted) {
      active_.erase(std::remove(active_.begin(), active_.end(), piece->file), active_.end());
    }
    changed_.notify_all();
  }
  if (!skip) {
    if (piece->format->lines) CountLines(piece, file);
    return true;
  }
  if (!reason.empty() && !file.streaming && first) {
    for (uint64_t i = 0; i < file.pieces; ++i) on_skipped_(piece->file, file.first_number + i);
    if (on_digest_) on_digest_(piece->file, "");
  } else {
    on_skipped_(piece->file, piece->number);
  }
  auto held = std::make_shared<Piece>();
  held->file = piece->file;
  held->offset = piece->offset;
  held->last = piece->last;
  held->number = piece->number;
  if (piece->format != nullptr && piece->format->lines) CountLines(held.get(), file);
  Digest(held);
  Done(held);
  return false;
}

// Reads a piece whose last line goes on beyond what was read so far, up to `capacity` bytes in all; *have of them are
// there.
absl::StatusOr<size_t> Feed::ReadOn(Piece* piece, File& file, size_t capacity, size_t* have) {
  PieceBuffer larger = NewBuffer(capacity);
  std::memcpy(larger.get(), piece->data.get(), *have);
  if (piece->pooled) {
    std::lock_guard<std::mutex> lock(mutex_);
    buffers_.push_back(std::move(piece->data));
  }
  piece->data = std::move(larger);
  piece->pooled = false;
  size_t from_carry = 0;
  if (file.streaming) {
    from_carry = std::min(file.carry.size(), capacity - *have);
    std::copy_n(file.carry.begin(), from_carry, piece->data.get() + *have);
    file.carry.erase(file.carry.begin(), file.carry.begin() + static_cast<ptrdiff_t>(from_carry));
    *have += from_carry;
  }
  auto got = file.streaming ? file.source->Next(piece->data.get() + *have, capacity - *have)
                            : file.source->ReadAt(piece->offset + *have, piece->data.get() + *have, capacity - *have);
  if (got.ok()) *have += *got;
  return got;
}

// Counts the piece's line ends and finds out how many there are before it. Waits for pieces before it that are just
// being read; those were handed out earlier, so somebody is at it.
void Feed::CountLines(Piece* piece, File& file) {
  const auto count = static_cast<uint64_t>(std::count(piece->data.get(), piece->data.get() + piece->size, '\n'));
  std::unique_lock<std::mutex> lock(mutex_);
  file.lines.emplace(piece->offset, count);
  for (auto it = file.lines.begin(); it != file.lines.end() && it->first == file.lines_until;) {
    file.line_numbers[it->first] = file.lines_counted;
    file.lines_counted += it->second;
    file.lines_until += PieceSizeAt(it->first);
    it = file.lines.erase(it);
  }
  changed_.notify_all();
  changed_.wait(lock, [&] { return file.lines_until > piece->offset; });
  const auto mine = file.line_numbers.find(piece->offset);
  piece->lines_before = mine->second;
  file.line_numbers.erase(mine);
}

PieceBuffer Feed::TakeBuffer() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!buffers_.empty()) {
      PieceBuffer buffer = std::move(buffers_.back());
      buffers_.pop_back();
      return buffer;
    }
  }
  return NewBuffer(kBufferSize);
}

// REQUIRES: mutex_ held.
void Feed::Release(Piece* piece) {
  if (!piece->digested || !piece->done) return;
  --in_memory_;
  if (piece->pooled) buffers_.push_back(std::move(piece->data));
}

// REQUIRES: mutex_ held.
void Feed::Digested(Piece* piece) {
  piece->digested = true;
  Release(piece);
}

void Feed::Digest(const std::shared_ptr<Piece>& piece) {
  std::unique_lock<std::mutex> lock(mutex_);
  File& file = *open_[piece->file];
  if (file.digest_done || !options_.digest) {
    Digested(piece.get());
    return;
  }
  if (file.digesting || piece->offset != file.digested) {
    file.early.emplace(piece->offset, piece);
    return;
  }
  file.digesting = true;
  std::shared_ptr<Piece> now = piece;
  uint64_t end = 0;
  while (now != nullptr) {
    lock.unlock();
    const uint64_t start = Nanos();
    file.sha->Update(now->data.get(), now->size);
    digest_nanos_ += Nanos() - start;
    lock.lock();
    end = now->offset + PieceSizeAt(now->offset);
    file.digested = end;
    Digested(now.get());
    if (now->last) {
      const std::string hex = file.sha->Hex();
      std::copy(hex.begin(), hex.end(), digests_[now->file].begin());
      has_digest_[now->file] = true;
      file.digest_done = true;
      const uint32_t number = now->file;
      now = nullptr;
      lock.unlock();
      if (on_digest_) on_digest_(number, DigestOf(number));
      lock.lock();
      break;
    }
    const auto next = file.early.find(end);
    now = next == file.early.end() ? nullptr : std::move(next->second);
    if (next != file.early.end()) file.early.erase(next);
  }
  file.digesting = false;
  changed_.notify_all();
}

void Feed::Done(const std::shared_ptr<Piece>& piece) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<File>& slot = open_[piece->file];
  piece->done = true;
  Release(piece.get());
  --slot->held;
  if (slot->held == 0 && slot->stage == Stage::kExhausted && !slot->digesting && slot->early.empty()) slot.reset();
  changed_.notify_all();
}

}  // namespace spoor
