#include "hunt/feed.h"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "evidence/collection.h"
#include "formats/registry.h"

namespace spoor {
namespace {

uint64_t Nanos() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

constexpr size_t kBufferSize = kPieceHead + kPieceSize;

PieceBuffer NewBuffer(size_t size) { return PieceBuffer(new (std::align_val_t(64)) uint8_t[size + kPiecePadding]); }

}  // namespace

void PieceReaders::Read(const Piece& piece, Sink* sink) {
  const Cut& cut = piece.cut;
  if (!cut.discard) {
    std::unique_ptr<PieceReader>& reader = readers_[{piece.format, piece.encoding}];
    if (reader == nullptr) {
      reader = piece.format->make_reader(options_);
      if (piece.encoding != TextEncoding::kAsItIs) reader = DecodingReader(piece.encoding, std::move(reader));
    }
    reader->Read({piece.data.get(), cut.size, piece.offset, cut.records_before, cut.header, piece.facts.get()}, sink);
  }
  if (cut.damage != nullptr) sink->OnDamage({cut.damage_offset, cut.damage_bytes, cut.damage});
}

// What is being read. Only the worker that has claimed the slot touches it, but for `claimed` and `stage`, which the
// feed's mutex guards.
struct Feed::Slot {
  static constexpr uint32_t kNoFile = ~uint32_t{0};
  uint32_t number = 0;
  bool claimed = false;
  bool opened = false;  // looked at for the first time
  std::unique_ptr<EvidenceSource> source;
  uint64_t source_at = 0;  // read so far
  std::unique_ptr<Container> container;
  std::vector<uint8_t> head;  // of a pipe that is a container: what was read to see that
  size_t problems_noted = 0;
  uint64_t consumed = 0;  // by the container, as told to bytes_passed_
  uint64_t pieces = 0;    // handed out
  // The file that is being read.
  bool in_file = false;
  uint32_t file = kNoFile;  // of a container's, known once it is seen to be a log
  std::string path;         // of a file in a container
  size_t unread = 0;        // of the files in a container
  uint64_t size_hint = 0;
  int64_t modified = 0;
  const Format* format = nullptr;  // null: the file was not looked at
  TextEncoding encoding = TextEncoding::kAsItIs;
  std::shared_ptr<const FileFacts> facts;
  std::unique_ptr<Cutter> cutter;
  uint64_t offset = 0;         // of the next piece
  std::vector<uint8_t> carry;  // read, but not handed out
  bool at_end = false;         // there is nothing behind `carry`
};

// A file whose digest is not known yet.
struct Feed::Digesting {
  Sha256 sha;
  uint64_t digested = 0;          // bytes
  std::optional<uint64_t> total;  // bytes, when all have been handed out
  bool failed = false;            // not all of the file could be read: it has no digest
  bool busy = false;              // somebody is at it
  std::map<uint64_t, std::shared_ptr<Piece>> early;
};

Feed::Feed(FileTable* files, const FeedOptions& options, DigestKnown on_digest, SlotEnds on_end)
    : files_(*files),
      options_(options),
      on_digest_(std::move(on_digest)),
      on_end_(std::move(on_end)),
      slots_(files->listed()),
      current_(options.jobs, -1) {
  for (uint32_t i = 0; i < files_.listed(); ++i) {
    struct stat info;
    const std::string& path = files_[i].path;
    if (path != "-" && stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      bytes_total_ += static_cast<uint64_t>(info.st_size);
    }
  }
}

Feed::~Feed() = default;

std::string_view Feed::DigestOf(uint32_t file) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto known = digests_.find(file);
  return known == digests_.end() ? std::string_view() : std::string_view(known->second.data(), 64);
}

void Feed::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

// REQUIRES: mutex_ held.
bool Feed::ClaimFrom(uint32_t number) {
  Slot* const slot = slots_[number].get();
  if (slot == nullptr || slot->claimed) return false;
  return slot->claimed = true;
}

// Opens the next slot that can be opened, claimed. REQUIRES: mutex_ held.
bool Feed::OpenNext(uint32_t* number) {
  while (next_slot_ < files_.listed()) {
    *number = next_slot_++;
    auto source = EvidenceSource::Open(files_[*number].path);
    if (!source.ok()) {
      unread_.push_back({files_[*number].path, std::string(source.status().message())});
      if (on_end_) on_end_(*number, 0);
      continue;
    }
    auto slot = std::make_unique<Slot>();
    slot->number = *number;
    slot->source = *std::move(source);
    slot->claimed = true;
    slots_[*number] = std::move(slot);
    active_.push_back(*number);
    return true;
  }
  return false;
}

// Finds a worker a slot that nobody is reading. REQUIRES: mutex_ held. False: there is none at the moment.
bool Feed::Claim(unsigned worker, uint32_t* number) {
  if (current_[worker] >= 0) {
    *number = static_cast<uint32_t>(current_[worker]);
    if (ClaimFrom(*number)) return true;
  }
  if (OpenNext(number)) {
    current_[worker] = *number;
    return true;
  }
  for (const uint32_t other : active_) {
    if (ClaimFrom(other)) {
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
    Slot* slot = nullptr;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      for (;;) {
        if (stopped_) return nullptr;
        uint32_t number = 0;
        if (in_memory_ < kPiecesPerWorker * options_.jobs && Claim(worker, &number)) {
          slot = slots_[number].get();
          break;
        }
        if (active_.empty() && next_slot_ >= files_.listed()) return nullptr;
        changed_.wait(lock);
      }
      ++in_memory_;
    }
    const uint64_t start = Nanos();
    const bool got = Fill(slot, piece.get());
    read_nanos_ += Nanos() - start;
    std::unique_lock<std::mutex> lock(mutex_);
    if (got) {
      slot->claimed = false;
      bytes_read_ += piece->cut.size;
    } else {
      --in_memory_;
      if (piece->pooled) buffers_.push_back(std::move(piece->data));
      active_.erase(std::remove(active_.begin(), active_.end(), slot->number), active_.end());
      const uint32_t number = slot->number;
      const uint64_t pieces = slot->pieces;
      slots_[number].reset();
      lock.unlock();
      if (on_end_) on_end_(number, pieces);
      lock.lock();
    }
    changed_.notify_all();
    if (got) return piece;
  }
}

// Reads on in the slot's file, or what its source gives before anything is known of it.
absl::StatusOr<size_t> Feed::ReadMore(Slot* slot, uint8_t* to, size_t size) {
  if (slot->container != nullptr) {
    auto got = slot->container->Read(to, size);
    const uint64_t now = slot->container->consumed();
    bytes_passed_.fetch_add(now - slot->consumed, std::memory_order_relaxed);
    slot->consumed = now;
    return got;
  }
  EvidenceSource& source = *slot->source;
  const bool pipe = source.size() == EvidenceSource::kUnknown;
  if (!pipe) size = std::min<uint64_t>(size, source.size() - std::min(source.size(), slot->source_at));
  auto got = pipe ? source.Next(to, size) : source.ReadAt(slot->source_at, to, size);
  if (!got.ok()) return got;
  slot->source_at += *got;
  bytes_passed_.fetch_add(*got, std::memory_order_relaxed);
  return got;
}

// Of the slot's present file.
void Feed::NoteUnread(Slot* slot, std::string reason) {
  const bool inside = slot->container != nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const std::string& outer = files_[slot->number].path;
    if (!inside) {
      unread_.push_back({outer, std::move(reason)});
    } else if (slot->unread++ < kMaxUnread) {
      unread_.push_back({slot->path, std::move(reason)});
    } else if (slot->unread == kMaxUnread + 1) {
      unread_.push_back({outer, "more than " + std::to_string(kMaxUnread) +
                                    " files in it could not be read; the others are not listed"});
    }
    if (slot->file == Slot::kNoFile) return;
    if (const auto it = digesting_.find(slot->file); it != digesting_.end()) {
      it->second->failed = true;  // told when all that was read has been digested
      return;
    }
  }
  if (on_digest_) on_digest_(slot->file, "");
}

void Feed::NoteProblems(Slot* slot) {
  const std::vector<ContainerProblem>& problems = slot->container->problems();
  const std::lock_guard<std::mutex> lock(mutex_);
  for (; slot->problems_noted < problems.size(); ++slot->problems_noted) {
    const ContainerProblem& p = problems[slot->problems_noted];
    const std::string& outer = files_[slot->number].path;
    unread_.push_back({p.path.empty() ? outer : outer + "!/" + p.path, p.reason});
  }
}

// Goes to the slot's next file. False: there is none.
bool Feed::FindFile(Slot* slot) {
  slot->format = nullptr;
  slot->cutter.reset();
  slot->offset = 0;
  slot->carry.clear();
  slot->at_end = false;
  slot->size_hint = 0;
  if (slot->container == nullptr) {
    if (std::exchange(slot->opened, true)) return false;
    slot->file = slot->number;
    if (slot->source->size() != EvidenceSource::kUnknown) slot->size_hint = slot->source->size();
    slot->modified = slot->source->modified();
  } else {
    const ContainerEntry* const entry = slot->container->Next();
    NoteProblems(slot);
    if (entry == nullptr) return false;
    // Most of what is in an archive may be no log: only what is read takes a place in the table.
    slot->file = Slot::kNoFile;
    slot->path = files_[slot->number].path + "!/" + entry->path;
    slot->size_hint = entry->size;
    slot->modified = entry->modified;
  }
  return slot->in_file = true;
}

// All of the file has been handed out.
void Feed::EndFile(Slot* slot) {
  slot->in_file = false;
  std::unique_lock<std::mutex> lock(mutex_);
  const auto it = digesting_.find(slot->file);
  if (it == digesting_.end()) return;
  it->second->total = slot->offset;
  if (!it->second->busy && it->second->digested == slot->offset) FinishDigest(&lock, slot->file);
}

// A small file gets a buffer of its size, all else one for any piece.
void Feed::GiveBuffer(Piece* piece, size_t size) {
  if (piece->data != nullptr && piece->capacity >= size) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (piece->pooled && piece->data != nullptr) buffers_.push_back(std::move(piece->data));
  piece->pooled = size * 4 >= kBufferSize && size <= kBufferSize;
  piece->capacity = piece->pooled ? kBufferSize : size;
  if (piece->pooled && !buffers_.empty()) {
    piece->data = std::move(buffers_.back());
    buffers_.pop_back();
  } else {
    piece->data = NewBuffer(piece->capacity);
  }
}

// Makes room for `size` bytes, of which `have` are there.
void Feed::Grow(Piece* piece, size_t have, size_t size) {
  if (size <= piece->capacity) return;
  PieceBuffer larger = NewBuffer(size);
  std::memcpy(larger.get(), piece->data.get(), have);
  if (piece->pooled) {
    const std::lock_guard<std::mutex> lock(mutex_);
    buffers_.push_back(std::move(piece->data));
  }
  piece->data = std::move(larger);
  piece->capacity = size;
  piece->pooled = false;
}

// Looks at the first bytes of a file. False: it is not to be read as a file (any more).
bool Feed::BeginFile(Slot* slot, Piece* piece, size_t have, std::string reason) {
  const uint8_t* const bytes = piece->data.get();
  if (reason.empty() && slot->container == nullptr && Container::Recognise(bytes, have)) {
    // What a pipe gave is read again from `head`.
    slot->head.assign(bytes, bytes + have);
    const bool pipe = slot->source->size() == EvidenceSource::kUnknown;
    slot->source_at = 0;
    bytes_passed_.fetch_sub(have, std::memory_order_relaxed);
    const std::string& path = files_[slot->number].path;
    slot->container = Container::Open(
        [this, slot, pipe](uint64_t offset, uint8_t* to, size_t size) -> absl::StatusOr<size_t> {
          if (!pipe) return slot->source->ReadAt(offset, to, size);
          const size_t again = offset < slot->head.size() ? std::min(size, slot->head.size() - offset) : 0;
          std::copy_n(slot->head.begin() + static_cast<ptrdiff_t>(std::min(offset, slot->head.size())), again, to);
          auto got = slot->source->Next(to + again, size - again);
          if (got.ok()) *got += again;
          return got;
        },
        pipe ? Container::kUnknown : slot->source->size(), path.substr(path.rfind('/') + 1), options_.container);
    slot->in_file = false;
    return false;
  }
  // Of text in UTF-16, as much is decoded as it takes to know its format.
  slot->encoding = DetectEncoding(bytes, have);
  std::string text;
  if (slot->encoding != TextEncoding::kAsItIs)
    AppendDecoded(slot->encoding, bytes, std::min(have, 4 * kPieceHead), &text);
  const uint8_t* const head = text.empty() ? bytes : reinterpret_cast<const uint8_t*>(text.data());
  const size_t head_size = text.empty() ? have : text.size();
  const Format* format = reason.empty() ? Recognise(head, head_size) : nullptr;
  if (format != nullptr && !text.empty() && format->make_cutter == nullptr) format = nullptr;  // no text
  if (format == nullptr) {
    NoteUnread(slot, reason.empty() ? WhyUnread(head, head_size) : std::move(reason));
    slot->in_file = false;
    return false;
  }
  slot->format = format;
  if (slot->file == Slot::kNoFile) slot->file = files_.Add({slot->path, files_[slot->number].tenant});
  if (format->make_cutter != nullptr) slot->cutter = format->make_cutter();
  if (!text.empty()) slot->cutter = DecodingCutter(slot->encoding, std::move(slot->cutter));
  auto facts = std::make_shared<FileFacts>();
  facts->path = files_[slot->file].path;
  facts->modified = slot->modified;
  facts->host = HostFromPath(facts->path);
  slot->facts = std::move(facts);
  const std::lock_guard<std::mutex> lock(mutex_);
  ++files_read_;
  if (options_.digest) digesting_.emplace(slot->file, std::make_unique<Digesting>());
  return true;
}

// Reads the slot's next piece. False: it has none left.
bool Feed::Fill(Slot* slot, Piece* piece) {
  for (;;) {
    if (!slot->in_file && !FindFile(slot)) return false;
    const bool first = slot->format == nullptr;
    const size_t want = std::max(first ? kPieceHead + kPieceSize : kPieceSize, slot->carry.size());
    // Of a file whose size is known and small, one byte more, to see its end.
    const size_t expected = first && slot->size_hint > 0 && slot->size_hint < want ? slot->size_hint + 1 : want;
    GiveBuffer(piece, expected);
    size_t have = slot->carry.size();
    std::copy(slot->carry.begin(), slot->carry.end(), piece->data.get());
    slot->carry.clear();
    std::string reason;
    const auto read_to = [&](size_t size) {
      if (slot->at_end || have >= size) return;
      const auto got = ReadMore(slot, piece->data.get() + have, size - have);
      if (!got.ok()) {
        reason =
            "read error at byte " + std::to_string(slot->offset + have) + ": " + std::string(got.status().message());
        slot->at_end = true;
        return;
      }
      slot->at_end = *got < size - have;
      have += *got;
    };
    read_to(expected);
    if (!slot->at_end && have < want) {
      Grow(piece, have, want);
      read_to(want);
    }
    if (slot->container != nullptr) NoteProblems(slot);
    if (first) {
      // An entry that breaks off has been named among the container's problems; what was read of it is read.
      if (slot->container != nullptr && have > 0) reason.clear();
      if (!BeginFile(slot, piece, have, std::move(reason))) {
        continue;
      }
      reason.clear();
    }
    if (have == 0) {
      if (!reason.empty() && slot->container == nullptr) NoteUnread(slot, std::move(reason));
      EndFile(slot);
      continue;
    }
    Cut cut;
    cut.size = have;
    if (slot->cutter != nullptr) {
      while ((cut = slot->cutter->Next(piece->data.get(), have, slot->at_end)).size == 0) {
        Grow(piece, have, have + kPieceSize);
        read_to(have + kPieceSize);
      }
    }
    if (!reason.empty() && slot->container == nullptr) NoteUnread(slot, std::move(reason));
    slot->carry.assign(piece->data.get() + cut.size, piece->data.get() + have);
    piece->file = slot->file;
    piece->slot = slot->number;
    piece->number = slot->pieces++;
    piece->offset = slot->offset;
    piece->format = slot->format;
    piece->encoding = slot->encoding;
    piece->facts = slot->facts;
    piece->cut = std::move(cut);
    slot->offset += piece->cut.size;
    if (slot->at_end && slot->carry.empty()) EndFile(slot);
    return true;
  }
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

// REQUIRES: mutex_ held by *lock, nobody is at the file's digest, and all of it was digested.
void Feed::FinishDigest(std::unique_lock<std::mutex>* lock, uint32_t file) {
  const auto it = digesting_.find(file);
  std::string_view digest;
  if (!it->second->failed) {
    const std::string hex = it->second->sha.Hex();
    std::array<char, 64>& kept = digests_[file];
    std::copy(hex.begin(), hex.end(), kept.begin());
    digest = {kept.data(), kept.size()};
  }
  digesting_.erase(it);
  if (!on_digest_) return;
  lock->unlock();
  on_digest_(file, digest);
  lock->lock();
}

void Feed::Digest(const std::shared_ptr<Piece>& piece) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto it = digesting_.find(piece->file);
  if (it == digesting_.end()) {
    Digested(piece.get());
    return;
  }
  Digesting& file = *it->second;
  if (file.busy || piece->offset != file.digested) {
    file.early.emplace(piece->offset, piece);
    return;
  }
  file.busy = true;
  std::shared_ptr<Piece> now = piece;
  while (now != nullptr) {
    lock.unlock();
    const uint64_t start = Nanos();
    file.sha.Update(now->data.get(), now->cut.size);
    digest_nanos_ += Nanos() - start;
    lock.lock();
    file.digested = now->offset + now->cut.size;
    Digested(now.get());
    const auto next = file.early.find(file.digested);
    now = next == file.early.end() ? nullptr : std::move(next->second);
    if (next != file.early.end()) file.early.erase(next);
  }
  file.busy = false;
  if (file.total == file.digested) FinishDigest(&lock, piece->file);
  changed_.notify_all();
}

void Feed::Done(const std::shared_ptr<Piece>& piece) {
  const std::lock_guard<std::mutex> lock(mutex_);
  piece->done = true;
  Release(piece.get());
  changed_.notify_all();
}

}  // namespace spoor
