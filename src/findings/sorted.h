// Records put in order in bounded memory: baskets of several threads that spill, and the merge of all of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "findings/run.h"

namespace spoor {

// One thread's records; past its budget of bytes it sorts what it has and spills it as a run to a temporary file. Not
// thread-safe.
class SpillingBasket {
 public:
  SpillingBasket(const FileOrder* files, size_t budget) : budget_(budget), basket_(files, budget) {}

  Basket& basket() { return basket_; }
  // Spills if the basket holds more than its budget. To be called after each Basket::Add, or few.
  absl::Status Bound() { return basket_.memory() <= budget_ ? absl::OkStatus() : Spill(); }
  bool over_budget() const { return basket_.memory() > budget_; }
  // Sorts what is in memory: so that all threads do it at once, not the one that merges.
  void Seal() { basket_.Sort(); }
  const std::vector<Extent>& runs() const { return runs_; }

 private:
  absl::Status Spill();

  const size_t budget_;
  Basket basket_;
  std::unique_ptr<SpillFile> file_;
  std::vector<Extent> runs_;
};

// Gives the first `limit` records of all baskets to `take`, in order. Memory: 4 MiB of read buffers where something was
// spilled.
absl::Status MergeBaskets(const FileOrder* files, absl::Span<SpillingBasket* const> baskets, uint64_t limit,
                          const TakeRecord& take);

}  // namespace spoor
