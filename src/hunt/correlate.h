// The way of correlations through a hunt: workers note the matches that correlations are made of, in any order; when
// all evidence is read, the matches go through the correlator in order of time, and what fires becomes findings.
//
// Matches are kept like findings are, in baskets that spill: what is in memory does not depend on how many there are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/file_table.h"
#include "findings/finding.h"
#include "findings/sorted.h"
#include "match/correlator.h"

namespace spoor {

class CorrelationNotes {
 public:
  // `memory` in bytes is what all workers together hold before they spill. REQUIRES: plan and files outlive
  // the notes.
  CorrelationNotes(const CorrelationPlan* plan, unsigned workers, size_t memory, const FileOrder* files);

  const CorrelationPlan& plan() const { return plan_; }
  // Keeps a match. One thread per worker at a time. Copies all it is given.
  absl::Status Note(unsigned worker, const RuleMatch& match);
  // No further match comes from this worker.
  void Seal(unsigned worker) { baskets_[worker]->Seal(); }

  // Puts all matches through the correlator. `end`: the time of the last event of the evidence. Each finding stands
  // until the call of `take` ends.
  absl::Status Correlate(const FileTable& files, int64_t end, const std::function<absl::Status(const Finding&)>& take,
                         CorrelationStats* stats);

 private:
  const CorrelationPlan& plan_;
  const FileOrder* files_;
  std::vector<std::unique_ptr<SpillingBasket>> baskets_;
};

}  // namespace spoor
