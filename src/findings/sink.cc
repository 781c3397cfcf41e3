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

#include "findings/sorted.h"

namespace spoor {
namespace {

// Output is passed on in pieces of about this size.
constexpr size_t kOutputBuffer = 256 << 10;

// A tuple order without the text: equal keys are kept.
bool KeyAfter(const FileOrder* files, const RecordHeader& a, const RecordHeader& b) {
  return Before(files, b, {}, a, {});
}

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
  Impl(const Renderer* r, const FileOrder* f, size_t budget)
      : renderer(r), files(f), limit(r->limit()), basket(f, budget) {}

  absl::Status Add(const Finding& finding);
  void KeepFirst();

  const Renderer* renderer;
  const FileOrder* files;
  const size_t limit;
  absl::Status status;
  Summary summary;
  SpillingBasket basket;
  bool bounded = false;  // `bound` is set: what comes after it is not wanted
  RecordHeader bound{};
};

absl::Status Collector::Impl::Add(const Finding& finding) {
  summary.Count(finding);
  RecordHeader header = MakeHeader(finding, renderer->severe_first());
  if (limit == 0 || (bounded && KeyAfter(files, header, bound))) return absl::OkStatus();

  std::string* out = basket.basket().Room();
  const size_t before = out->size();
  const size_t gap = renderer->Render(finding, out);
  if (out->size() - before > std::numeric_limits<uint32_t>::max() / 2) {
    return absl::ResourceExhaustedError("a finding of more than 2 GiB");
  }
  if (gap != Renderer::kNoGap) header.gap = static_cast<uint32_t>(gap);
  basket.basket().Add(header, out->size() - before);

  if (basket.basket().size() / 2 > limit) KeepFirst();
  if (basket.over_budget() && basket.basket().size() > limit) KeepFirst();
  return basket.Bound();
}

void Collector::Impl::KeepFirst() {
  basket.basket().KeepFirst(limit);
  bound = basket.basket().last();
  bounded = true;
}

Collector::Collector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Collector::~Collector() = default;

absl::Status Collector::Add(const Finding& finding) {
  if (impl_->status.ok()) impl_->status = impl_->Add(finding);
  return impl_->status;
}

void Collector::Seal() { impl_->basket.Seal(); }

struct FindingSink::Impl {
  const Renderer* renderer;
  const FileOrder* files;
  std::vector<std::unique_ptr<Collector>> collectors;
};

FindingSink::FindingSink(const Renderer* renderer, size_t collectors, size_t memory, const FileOrder* files)
    : impl_(std::make_unique<Impl>()) {
  impl_->renderer = renderer;
  impl_->files = files;
  for (size_t i = 0; i < collectors; ++i) {
    auto impl = std::make_unique<Collector::Impl>(renderer, files, memory / collectors);
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

absl::Status FindingSink::Finish(const HuntFacts& facts, const DigestOf& digest, Output* output) {
  std::vector<SpillingBasket*> baskets;
  for (const auto& collector : impl_->collectors) {
    if (!collector->impl_->status.ok()) return collector->impl_->status;
    baskets.push_back(&collector->impl_->basket);
  }
  const Renderer& renderer = *impl_->renderer;
  const Summary sum = summary();
  Writer writer(renderer, digest, output);
  if (absl::Status status = writer.Put(renderer.Head(sum, facts)); !status.ok()) return status;
  std::vector<std::string> drafts;
  absl::Status status =
      MergeBaskets(impl_->files, baskets, renderer.limit(), [&](const RecordHeader& header, std::string_view text) {
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
