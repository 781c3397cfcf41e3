// Pieces wait in two places. One that is finished before its turn waits in `early_`, by number. When its turn
// comes it moves to the end of `ready_`, where it waits for its digest; there, neighbours of the same file
// grow together, so that a file of many pieces that is not hashed yet costs a few large entries and not one
// per piece. Either may be spilled: then its bytes lie in a temporary file and only place and size are kept.
//
// Bound: `memory` bytes of text and gaps, plus kJoined and the piece at hand, plus some 100 bytes for every
// piece that waits for its turn (whoever hands out pieces bounds how many are under way) and for every
// kJoined / 2 that wait for a digest.
#include "findings/stream.h"

#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "findings/spill.h"

namespace spoor {
namespace {

// Neighbours in ready_ grow together up to about this size.
constexpr size_t kJoined = 1 << 20;

size_t MemoryOf(const RenderedPiece& piece) { return piece.bytes.size() + piece.gaps.size() * sizeof(size_t); }

struct Waiting {
  RenderedPiece piece;  // after spilling: only `file`
  bool has_gaps = false;
  std::optional<uint64_t> spilled_at;  // in the temporary file: gaps, then bytes
  size_t spilled_gaps = 0, spilled_bytes = 0;
};

}  // namespace

void RenderedPiece::Add(const Renderer& renderer, const Finding& finding) {
  const size_t start = bytes.size();
  const size_t gap = renderer.Render(finding, &bytes);
  if (gap != Renderer::kNoGap) gaps.push_back(start + gap);
}

struct OrderedStream::Impl {
  Impl(const Renderer* r, Output* o, size_t m, bool d) : renderer(*r), output(o), memory(m), digests(d) {}

  using Place = std::pair<uint32_t, uint64_t>;  // slot, number in it

  absl::Status Accept(Place place, RenderedPiece piece);
  absl::Status GoOn();
  void MakeReady(Waiting waiting);
  absl::Status WriteReady(bool closing);
  absl::Status Write(const RenderedPiece& piece, std::string_view digest);
  absl::Status BoundMemory();
  absl::Status Spill(Waiting* waiting);
  absl::Status Unspill(Waiting* waiting);
  absl::Status Close(const Summary& summary, const HuntFacts& facts);

  const Renderer& renderer;
  Output* const output;
  const size_t memory;
  const bool digests;

  std::mutex mutex;  // guards all below, and the output
  absl::Status status;
  Place next{0, 0};                    // the piece whose turn it is
  std::map<Place, Waiting> early;      // finished before their turn
  std::map<uint32_t, uint64_t> ended;  // slots whose number of pieces is known
  std::deque<Waiting> ready;           // in order, waiting for the digest of the first
  absl::flat_hash_map<uint32_t, std::string> digest_of;
  size_t in_memory = 0;  // bytes of early and ready that are not spilled
  std::unique_ptr<SpillFile> file;
  std::string buffer;
};

absl::Status OrderedStream::Impl::Accept(Place place, RenderedPiece piece) {
  Waiting waiting;
  waiting.has_gaps = digests && !piece.gaps.empty();
  waiting.piece = std::move(piece);
  in_memory += MemoryOf(waiting.piece);
  if (place != next) {
    if (place < next || !early.emplace(place, std::move(waiting)).second) {
      return absl::InvalidArgumentError("a piece was finished twice");
    }
    return BoundMemory();
  }
  MakeReady(std::move(waiting));
  ++next.second;
  return GoOn();
}

// Takes in what waited for its turn, if that has come.
absl::Status OrderedStream::Impl::GoOn() {
  for (;;) {
    if (const auto end = ended.find(next.first); end != ended.end() && end->second == next.second) {
      next = {next.first + 1, 0};
      ended.erase(end);
    } else if (const auto first = early.begin(); first != early.end() && first->first == next) {
      MakeReady(std::move(first->second));
      early.erase(first);
      ++next.second;
    } else {
      break;
    }
  }
  if (absl::Status s = WriteReady(/*closing=*/false); !s.ok()) return s;
  return BoundMemory();
}

void OrderedStream::Impl::MakeReady(Waiting waiting) {
  if (waiting.piece.bytes.empty() && !waiting.spilled_at) return;
  if (!ready.empty() && !waiting.spilled_at && !ready.back().spilled_at) {
    RenderedPiece& last = ready.back().piece;
    if (last.file == waiting.piece.file && last.bytes.size() + waiting.piece.bytes.size() <= kJoined) {
      for (const size_t gap : waiting.piece.gaps) last.gaps.push_back(last.bytes.size() + gap);
      last.bytes.append(waiting.piece.bytes);
      ready.back().has_gaps |= waiting.has_gaps;
      return;
    }
  }
  ready.push_back(std::move(waiting));
}

absl::Status OrderedStream::Impl::WriteReady(bool closing) {
  while (!ready.empty()) {
    Waiting& first = ready.front();
    std::string_view digest;
    if (first.has_gaps) {
      const auto known = digest_of.find(first.piece.file);
      if (known != digest_of.end()) {
        digest = known->second;
      } else if (!closing) {
        break;
      }
    }
    if (absl::Status s = Unspill(&first); !s.ok()) return s;
    if (absl::Status s = Write(first.piece, digest); !s.ok()) return s;
    in_memory -= MemoryOf(first.piece);
    ready.pop_front();
  }
  return absl::OkStatus();
}

absl::Status OrderedStream::Impl::Write(const RenderedPiece& piece, std::string_view digest) {
  if (digest.empty() || piece.gaps.empty()) return output->Write(piece.bytes);
  buffer.clear();
  size_t written = 0;
  for (const size_t gap : piece.gaps) {
    buffer.append(piece.bytes, written, gap - written);
    buffer.append(renderer.DigestPrefix()).append(digest).append(renderer.DigestSuffix());
    written = gap;
  }
  buffer.append(piece.bytes, written);
  return output->Write(buffer);
}

// Spills what will be needed last, first: the latest of early, then the end of ready.
absl::Status OrderedStream::Impl::BoundMemory() {
  if (in_memory <= memory) return absl::OkStatus();
  for (auto it = early.rbegin(); it != early.rend() && in_memory > memory; ++it) {
    if (absl::Status s = Spill(&it->second); !s.ok()) return s;
  }
  for (auto it = ready.rbegin(); it != ready.rend() && in_memory > memory; ++it) {
    if (it == ready.rbegin() && it->piece.bytes.size() < kJoined / 2) continue;  // still growing
    if (absl::Status s = Spill(&*it); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status OrderedStream::Impl::Spill(Waiting* waiting) {
  RenderedPiece& piece = waiting->piece;
  if (waiting->spilled_at || piece.bytes.empty()) return absl::OkStatus();
  if (file == nullptr) {
    absl::StatusOr<std::unique_ptr<SpillFile>> created = SpillFile::Create();
    if (!created.ok()) return created.status();
    file = *std::move(created);
  }
  const uint64_t place = file->size();
  const std::string_view gaps(reinterpret_cast<const char*>(piece.gaps.data()), piece.gaps.size() * sizeof(size_t));
  if (absl::Status s = file->Append(gaps); !s.ok()) return s;
  if (absl::Status s = file->Append(piece.bytes); !s.ok()) return s;
  in_memory -= MemoryOf(piece);
  waiting->spilled_at = place;
  waiting->spilled_gaps = piece.gaps.size();
  waiting->spilled_bytes = piece.bytes.size();
  std::string().swap(piece.bytes);
  std::vector<size_t>().swap(piece.gaps);
  return absl::OkStatus();
}

absl::Status OrderedStream::Impl::Unspill(Waiting* waiting) {
  if (!waiting->spilled_at) return absl::OkStatus();
  RenderedPiece& piece = waiting->piece;
  piece.gaps.resize(waiting->spilled_gaps);
  piece.bytes.resize(waiting->spilled_bytes);
  const size_t gap_bytes = waiting->spilled_gaps * sizeof(size_t);
  const uint64_t place = *waiting->spilled_at;
  absl::Status s = file->Read(place, gap_bytes, reinterpret_cast<char*>(piece.gaps.data()));
  if (s.ok()) s = file->Read(place + gap_bytes, piece.bytes.size(), piece.bytes.data());
  if (!s.ok()) return s;
  file->Forget(place, gap_bytes + piece.bytes.size());
  waiting->spilled_at.reset();
  in_memory += MemoryOf(piece);
  return absl::OkStatus();
}

absl::Status OrderedStream::Impl::Close(const Summary& summary, const HuntFacts& facts) {
  if (absl::Status s = WriteReady(/*closing=*/true); !s.ok()) return s;
  for (auto& [place, waiting] : early) {
    MakeReady(std::move(waiting));
    if (absl::Status s = WriteReady(/*closing=*/true); !s.ok()) return s;
  }
  early.clear();
  return output->Write(renderer.Tail(summary, facts));
}

OrderedStream::OrderedStream(const Renderer* renderer, Output* output, size_t memory, bool digests)
    : impl_(std::make_unique<Impl>(renderer, output, memory, digests)) {
  if (renderer->needs_summary()) {
    impl_->status = absl::InvalidArgumentError("this format needs all findings before it can write the first");
  } else {
    impl_->status = output->Write(renderer->Head(Summary(), HuntFacts()));
  }
}
OrderedStream::~OrderedStream() = default;

absl::Status OrderedStream::Finish(uint32_t slot, uint64_t number, RenderedPiece rendered) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->status.ok()) impl_->status = impl_->Accept({slot, number}, std::move(rendered));
  return impl_->status;
}

absl::Status OrderedStream::EndSlot(uint32_t slot, uint64_t pieces) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (!impl_->status.ok()) return impl_->status;
  impl_->ended.emplace(slot, pieces);
  return impl_->status = impl_->GoOn();
}

absl::Status OrderedStream::DigestKnown(uint32_t file, std::string_view digest) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (!impl_->status.ok()) return impl_->status;
  impl_->digest_of.insert_or_assign(file, std::string(digest));
  return impl_->status = impl_->WriteReady(/*closing=*/false);
}

absl::Status OrderedStream::Close(const Summary& summary, const HuntFacts& facts) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->status.ok()) impl_->status = impl_->Close(summary, facts);
  return impl_->status;
}

}  // namespace spoor
