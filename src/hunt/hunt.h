// The main path: evidence -> events -> match -> findings, in order, on all cores.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/container.h"
#include "evidence/file_table.h"
#include "findings/output.h"
#include "findings/renderer.h"
#include "findings/summary.h"
#include "formats/format.h"
#include "match/correlator.h"
#include "match/engine.h"
#include "sigma/load.h"

namespace spoor {

struct Piece;

// Takes all that one worker reads, beside the rules: Begin, then the piece's events. Used by that worker alone.
class Observer : public Sink {
 public:
  // `tenant`: of the piece's file; valid as long as HuntResult::files.
  virtual void Begin(const Piece& piece, std::string_view tenant) = 0;
  void OnDamage(const Damage&) override {}
};

struct HuntOptions {
  // Change what is found.
  FormatOptions format;
  ContainerOptions container;
  std::optional<int64_t> since, until;         // microseconds; events before since or after until are passed over
  std::optional<int64_t> since_before_newest;  // the same, back from the newest event of all the evidence
  std::optional<int64_t> until_before_newest;
  sigma::Level min_level = sigma::Level::kInformational;  // for the explanation of an empty result; rules of lower
                                                          // level have been left out by the caller
  size_t rules_loaded = 0;                                // before SelectRules, likewise for what is told of the hunt
  // Change the output's order.
  bool sort = true;
  // Change speed or memory only.
  unsigned jobs = 1;
  bool digest = true;  // without, findings carry no sha256
  bool memo = true;
  bool profile = false;           // measure what rules cost
  size_t sort_memory = 48 << 20;  // bytes of findings held before they are spilled
  // A second output that takes all findings, in order of time whatever `sort` says; both or neither.
  const Renderer* also_renderer = nullptr;
  Output* also_output = nullptr;
  // One for each of the jobs, or none. They are given every event that is not passed over.
  std::vector<Observer*> observers;

  // `time`: of an event; 0 is of none, and never outside a span of time.
  bool Spans(int64_t time) const { return time == 0 || !((since && time < *since) || (until && time > *until)); }
};

struct DamageAt {
  uint32_t file;
  uint64_t offset, bytes;
  std::string_view what;
};

struct HuntProgress {
  uint64_t bytes_total = 0, bytes = 0, events = 0;
  std::optional<uint64_t> findings;  // of a pass that looks for them
};

struct HuntResult {
  std::shared_ptr<const FileTable> files;  // of the evidence, with those in archives
  HuntFacts facts;
  std::optional<int64_t> since, until;  // as HuntOptions, where those count back from the newest event, too
  Summary summary;
  std::vector<DamageAt> damage;  // in order of path and offset; at most kMaxDamage, facts.damage counts all
  uint64_t carved = 0;
  EngineStats engine;
  std::vector<RuleCost> rule_costs;  // by rule, with HuntOptions::profile
  CorrelationStats correlation;
  double read_seconds = 0, digest_seconds = 0, match_seconds = 0, correlate_seconds = 0,
         write_seconds = 0;          // summed over threads
  std::vector<std::string> digests;  // by file; "": it has none
  absl::Status status;               // what went wrong with the output, or with part of the rules
};
inline constexpr size_t kMaxDamage = 10'000;

// Hunts. `stop` may be set at any time (by a signal handler): what is under way is finished, the output is valid and
// facts.partial is set. `progress` is called a few times a second from a thread of its own. REQUIRES: all arguments
// outlive the call.
HuntResult Hunt(const EvidenceList& evidence, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                const HuntOptions& options, const Renderer& renderer, Output* output, const std::atomic<bool>& stop,
                const std::function<void(const HuntProgress&)>& progress);

// Leaves in the set only the rules asked for. A selector is a rule id, a title (with * and ?) or a tag. An empty
// `include` means all.
void SelectRules(sigma::RuleSet* rules, sigma::Level min_level, const std::vector<std::string>& include,
                 const std::vector<std::string>& exclude);

}  // namespace spoor
