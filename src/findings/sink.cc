// Where everything fits in memory, findings are rendered once, sorted by small keys and copied to the output.
// Where not, each is written to a temporary file and read from it once; with more than kFanIn runs (about 64
// times the memory) runs are merged to longer ones first, each pass costing one more writing and reading of
// what it merges.
//
// A renderer that wants only its first N findings (the table) costs memory for about 2 N a collector: what
// comes after the N-th known is not even rendered.
#include "findings/sink.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "findings/run.h"

namespace spoor {
namespace {

// Runs merged at a time: bounds read buffers to 64 * 64 KiB.
constexpr size_t kFanIn = 64;
// Output is passed on in pieces of about this size.
constexpr size_t kOutputBuffer = 256 << 10;

// A tuple order without the text: equal keys are kept.
bool KeyAfter(const RecordHeader& a, const RecordHeader& b) { return Before(b, {}, a, {}); }

class Writer {
 public:
  Writer(const Renderer& renderer, const DigestOf& digest, Output* output)
      : renderer_(renderer), digest_(digest), output_(output) {}

  absl::Status Put(std::string_view text) {
    buffer_.append(text);
    return buffer_.size() < kOutputBuffer ? absl::OkStatus() : Flush();
  }
  absl::Status PutRecord(const RecordHeader& header, std::string_view text) {
    const std::string_view digest = header.gap == RecordHeader::kNoGap ? "" : digest_(header.file);
    if (digest.empty()) return Put(text);
    buffer_.append(text, 0, header.gap);
    buffer_.append(renderer_.DigestPrefix()).append(digest).append(renderer_.DigestSuffix());
    return Put(text.substr(header.gap));
  }
  absl::Status Flush() {
    absl::Status status = buffer_.empty() ? absl::OkStatus() : output_->Write(buffer_);
    buffer_.clear();
    return status;
  }

 private:
  const Renderer& renderer_;
  const DigestOf& digest_;
  Output* output_;
  std::string buffer_;
};

}  // namespace

struct Collector::Impl {
  Impl(const Renderer* r, size_t b) : renderer(r), budget(b), limit(r->limit()), basket(b) {}

  absl::Status Add(const Finding& finding);
  void KeepFirst();
  absl::Status Spill();

  const Renderer* renderer;
  const size_t budget;
  const size_t limit;
  absl::Status status;
  Summary summary;
  Basket basket;
  bool bounded = false;  // `bound` is set: what comes after it is not wanted
  RecordHeader bound{};
  std::unique_ptr<SpillFile> file;
  std::vector<Extent> runs;
};

absl::Status Collector::Impl::Add(const Finding& finding) {
  summary.Count(finding);
  RecordHeader header = MakeHeader(finding, renderer->severe_first());
  if (limit == 0 || (bounded && KeyAfter(header, bound))) return absl::OkStatus();

  std::string* out = basket.Room();
  const size_t before = out->size();
  const size_t gap = renderer->Render(finding, out);
  if (out->size() - before > std::numeric_limits<uint32_t>::max() / 2) {
    return absl::ResourceExhaustedError("a finding of more than 2 GiB");
  }
  if (gap != Renderer::kNoGap) header.gap = static_cast<uint32_t>(gap);
  basket.Add(header, out->size() - before);

  if (basket.size() / 2 > limit) KeepFirst();
  if (basket.memory() <= budget) return absl::OkStatus();
  if (basket.size() > limit) KeepFirst();
  return basket.memory() <= budget ? absl::OkStatus() : Spill();
}

void Collector::Impl::KeepFirst() {
  basket.KeepFirst(limit);
  bound = basket.last();
  bounded = true;
}

absl::Status Collector::Impl::Spill() {
  if (file == nullptr) {
    absl::StatusOr<std::unique_ptr<SpillFile>> created = SpillFile::Create();
    if (!created.ok()) return created.status();
    file = *std::move(created);
  }
  basket.Sort();
  RunWriter writer(file.get());
  const std::unique_ptr<Run> run = basket.Read();
  for (;;) {
    absl::StatusOr<bool> more = run->Next();
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (absl::Status s = writer.Add(run->header(), run->text()); !s.ok()) return s;
  }
  absl::StatusOr<Extent> written = writer.Finish();
  if (!written.ok()) return written.status();
  runs.push_back(*written);
  basket.Clear();
  return absl::OkStatus();
}

Collector::Collector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Collector::~Collector() = default;

absl::Status Collector::Add(const Finding& finding) {
  if (impl_->status.ok()) impl_->status = impl_->Add(finding);
  return impl_->status;
}

void Collector::Seal() { impl_->basket.Sort(); }

struct FindingSink::Impl {
  const Renderer* renderer;
  std::vector<std::unique_ptr<Collector>> collectors;
};

FindingSink::FindingSink(const Renderer* renderer, size_t collectors, size_t memory) : impl_(std::make_unique<Impl>()) {
  impl_->renderer = renderer;
  for (size_t i = 0; i < collectors; ++i) {
    auto impl = std::make_unique<Collector::Impl>(renderer, memory / collectors);
    impl_->collectors.emplace_back(new Collector(std::move(impl)));
  }
}
FindingSink::~FindingSink() = default;

Collector* FindingSink::collector(size_t i) { return impl_->collectors[i].get(); }

Summary FindingSink::summary() const {
  Summary sum;
  for (const auto& collector : impl_->collectors) sum.Add(collector->impl_->summary);
  return sum;
}

namespace {

// Merges runs to longer ones until there are at most kFanIn. The longer ones lie in *merged, made when
// needed.
absl::Status ReduceRuns(std::vector<Extent>* runs, std::unique_ptr<SpillFile>* merged) {
  size_t done = 0;  // runs before this place have been merged into later ones
  while (runs->size() - done > kFanIn) {
    if (*merged == nullptr) {
      absl::StatusOr<std::unique_ptr<SpillFile>> created = SpillFile::Create();
      if (!created.ok()) return created.status();
      *merged = *std::move(created);
    }
    const size_t count = std::min(kFanIn, runs->size() - done - kFanIn + 1);
    std::vector<std::unique_ptr<Run>> readers;
    for (size_t i = 0; i < count; ++i) readers.push_back(OpenRun((*runs)[done + i]));
    RunWriter writer(merged->get());
    absl::Status status =
        MergeRuns(std::move(readers), std::numeric_limits<uint64_t>::max(),
                  [&](const RecordHeader& header, std::string_view text) { return writer.Add(header, text); });
    if (!status.ok()) return status;
    absl::StatusOr<Extent> written = writer.Finish();
    if (!written.ok()) return written.status();
    for (size_t i = 0; i < count; ++i) {
      const Extent& read = (*runs)[done + i];
      read.file->Forget(read.offset, read.size);
    }
    done += count;
    runs->push_back(*written);
  }
  runs->erase(runs->begin(), runs->begin() + static_cast<ptrdiff_t>(done));
  return absl::OkStatus();
}

}  // namespace

absl::Status FindingSink::Finish(const HuntFacts& facts, const DigestOf& digest, Output* output) {
  std::vector<Extent> spilled;
  for (const auto& collector : impl_->collectors) {
    const Collector::Impl& impl = *collector->impl_;
    if (!impl.status.ok()) return impl.status;
    spilled.insert(spilled.end(), impl.runs.begin(), impl.runs.end());
  }
  std::unique_ptr<SpillFile> merged;
  if (absl::Status status = ReduceRuns(&spilled, &merged); !status.ok()) return status;

  std::vector<std::unique_ptr<Run>> runs;
  runs.reserve(spilled.size() + impl_->collectors.size());
  for (const Extent& extent : spilled) runs.push_back(OpenRun(extent));
  for (const auto& collector : impl_->collectors) {
    collector->Seal();
    runs.push_back(collector->impl_->basket.Read());
  }

  const Renderer& renderer = *impl_->renderer;
  const Summary sum = summary();
  Writer writer(renderer, digest, output);
  if (absl::Status status = writer.Put(renderer.Head(sum, facts)); !status.ok()) return status;
  std::vector<std::string> drafts;
  absl::Status status =
      MergeRuns(std::move(runs), renderer.limit(), [&](const RecordHeader& header, std::string_view text) {
        if (!renderer.composes()) return writer.PutRecord(header, text);
        drafts.emplace_back(text);
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  if (renderer.composes()) {
    if (absl::Status s = writer.Put(renderer.Compose(drafts, sum)); !s.ok()) return s;
  }
  if (absl::Status s = writer.Put(renderer.Tail(sum, facts)); !s.ok()) return s;
  return writer.Flush();
}

}  // namespace spoor
