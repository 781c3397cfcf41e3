// Events against rules.
//
// An Engine holds what all threads share: the rules and the programs compiled from them, one per kind of event
// (channel, provider, event id), made when the first event of the kind is seen. A Worker holds what one thread needs:
// the value memos, the guard tables and, per shape, the way from a program's slots to the shape's values.
//
// What an event costs: its kind is recognised by comparing channel and event id with those last seen for its shape;
// each field some rule asks for is looked up in the memo; the rules that those values give reason to look at run
// their jump lists over the answers. Fields no rule asks for are not touched.
//
// The guards adapt: a worker counts how often items hold in the first events of a kind and chooses guards anew from
// what it saw. That changes which rules are looked at, never which rules hold.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "event/event.h"
#include "match/memo.h"
#include "match/program.h"
#include "sigma/rule.h"
#include "sigma/sources.h"

namespace spoor {

struct EngineOptions {
  bool memo = true;               // off: every value is scanned (to measure with)
  bool adapt_guards = true;       // off: the first guess stays (to test with)
  size_t memo_memory = 64 << 20;  // bytes, all workers together
  unsigned jobs = 1;              // workers there will be
  bool profile = false;           // measure what rules cost (Worker::Profile); slower
};

// What a rule cost by itself, besides what it shares with others (values looked up and searched once for all rules).
struct RuleCost {
  uint64_t tried = 0;  // events that gave reason to look at it
  uint64_t held = 0;
  uint64_t checks = 0;  // expressions and wildcards of it that were run on a value
  double seconds = 0;   // for both; what several rules have in common is shared out among them
  RuleCost& operator+=(const RuleCost& other) {
    tried += other.tried;
    held += other.held;
    checks += other.checks;
    seconds += other.seconds;
    return *this;
  }
};

struct EngineStats {
  uint64_t lookups = 0, found = 0;  // in the memos
  uint64_t scans = 0;               // of values
  uint64_t rules_tried = 0, rules_held = 0;
  size_t programs = 0;
};

// Why a rule holds: one line per item of its condition that is true and counts.
struct Reason {
  std::string_view field;  // by its name in the rule; for keywords, the event's field
  std::string value;       // as text
  const sigma::Pattern* pattern;
};

class Worker;

class Engine {
 public:
  // REQUIRES: rules and sources outlive the engine.
  Engine(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources, const EngineOptions& options);
  ~Engine();

  const std::vector<sigma::Rule>& rules() const { return rules_; }
  // Rules whose log source means some kind of event seen so far. Call when the workers are done.
  std::vector<bool> ApplicableRules() const;

 private:
  friend class Worker;
  absl::StatusOr<std::shared_ptr<const Program>> ProgramFor(const SourceKey& key);
  const std::vector<sigma::Rule>& rules_;
  EngineOptions options_;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Takes what holds. Called on the worker's thread, within Worker::OnEvent, once for each rule that holds, in order of
// rules. `rule` is an index into Engine::rules(); `target` is the kind of event its log source meant.
class MatchSink {
 public:
  virtual ~MatchSink() = default;
  virtual void OnMatch(const Event& event, uint32_t rule, const sigma::Target& target, Worker* worker) = 0;
};

// How many events of a kind were seen.
struct SourceCount {
  std::string channel;
  uint32_t event_id = 0;
  uint64_t events = 0;
};

// Not thread-safe: one per thread.
class Worker {
 public:
  Worker(Engine* engine, MatchSink* sink);
  ~Worker();

  void OnEvent(const Event& event);
  // Shapes of some reader are about to be freed (Sink::ShapesDropped).
  void ShapesDropped();

  // The reasons for the match being reported; only valid within OnMatch.
  void Explain(std::vector<Reason>* reasons);

  EngineStats stats() const;
  // By rule; empty without EngineOptions::profile. To be asked once, at the end.
  std::vector<RuleCost> Profile() const;
  // By channel and event id; past kMaxSourceCounts kinds the rest is counted under the channel "".
  static constexpr size_t kMaxSourceCounts = 10000;
  std::vector<SourceCount> SourceCounts();
  // The first failure to build a program, if any: its kind of event went unmatched.
  const absl::Status& status() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor
