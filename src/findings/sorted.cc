#include "findings/sorted.h"

#include <algorithm>
#include <utility>

namespace spoor {
namespace {

// Runs merged at a time: bounds read buffers to 64 * 64 KiB.
constexpr size_t kFanIn = 64;

// Merges runs to longer ones until there are at most kFanIn. The longer ones lie in *merged, made when
// needed.
absl::Status ReduceRuns(const FileOrder* files, std::vector<Extent>* runs, std::unique_ptr<SpillFile>* merged) {
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
        MergeRuns(files, std::move(readers), std::numeric_limits<uint64_t>::max(),
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

absl::Status SpillingBasket::Spill() {
  if (file_ == nullptr) {
    absl::StatusOr<std::unique_ptr<SpillFile>> created = SpillFile::Create();
    if (!created.ok()) return created.status();
    file_ = *std::move(created);
  }
  basket_.Sort();
  RunWriter writer(file_.get());
  const std::unique_ptr<Run> run = basket_.Read();
  for (;;) {
    absl::StatusOr<bool> more = run->Next();
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (absl::Status s = writer.Add(run->header(), run->text()); !s.ok()) return s;
  }
  absl::StatusOr<Extent> written = writer.Finish();
  if (!written.ok()) return written.status();
  runs_.push_back(*written);
  basket_.Clear();
  return absl::OkStatus();
}

absl::Status MergeBaskets(const FileOrder* files, absl::Span<SpillingBasket* const> baskets, uint64_t limit,
                          const TakeRecord& take) {
  std::vector<Extent> spilled;
  for (const SpillingBasket* basket : baskets) {
    spilled.insert(spilled.end(), basket->runs().begin(), basket->runs().end());
  }
  std::unique_ptr<SpillFile> merged;
  if (absl::Status status = ReduceRuns(files, &spilled, &merged); !status.ok()) return status;
  std::vector<std::unique_ptr<Run>> runs;
  runs.reserve(spilled.size() + baskets.size());
  for (const Extent& extent : spilled) runs.push_back(OpenRun(extent));
  for (SpillingBasket* basket : baskets) {
    basket->Seal();
    runs.push_back(basket->basket().Read());
  }
  return MergeRuns(files, std::move(runs), limit, take);
}

}  // namespace spoor
