// From matches of rules, in order of time, to matches of correlations: a sliding window for every group.
//
// The window of a group holds the matches of the last timespan, both ends included. With each event that comes into a
// group its condition is asked anew; when it becomes true the correlation fires, and not again before it was false
// with an event. A group whose matches have all left the window is forgotten.
//
// An event that matches several of a correlation's rules is one event. Correlations upon correlations are asked in the
// same step, behind those they are made of. `spoor_absence` is the exception: it fires for an event of the past, when
// the time after it is over.
//
// Memory is bounded by the matches within a timespan, and by kMaxWindow and kMaxEntries whatever they are: then the
// oldest matches of a group, or the groups idle for longest, are given up, which is counted.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "sigma/load.h"

namespace spoor {

// Where a match was.
struct MatchedEvent {
  int64_t time = 0;  // microseconds since 1970 UTC
  uint32_t file = 0;
  uint64_t offset = 0, record = 0;
  uint32_t rule = 0;  // index into the set's rules, or behind those into its correlations: the first of the event's
                      // that counts here
  bool operator==(const MatchedEvent&) const = default;
};

// The match of one rule that some correlation is made of.
struct RuleMatch {
  MatchedEvent event;
  std::string_view host, user, source;  // of the event, for the finding
  // Whose evidence it is: events of different tenants are never of one group. Stands as long as the correlator.
  std::string_view tenant;
  std::optional<uint32_t> event_id;
  // The values of the fields that the correlations ask this rule for (CorrelationPlan::FieldsOf), one list for each;
  // an empty list: the event has none.
  std::vector<std::vector<std::string_view>> fields;
};

struct CorrelationMatch {
  uint32_t correlation;                   // index into the set's correlations
  const RuleMatch* event;                 // with which it came true; of kAbsence: the one that was not followed
  absl::Span<const std::string> group;    // the values of its group-by, as the group's first event had them
  std::string measured;                   // what the condition is about: "12"
  absl::Span<const MatchedEvent> events;  // of the window, in order
};

class CorrelationSink {
 public:
  virtual ~CorrelationSink() = default;
  // All views in the match stand until the call ends.
  virtual void OnCorrelation(const CorrelationMatch& match) = 0;
};

// What correlations need to know of the matches of rules. Immutable; any number of threads.
class CorrelationPlan {
 public:
  // REQUIRES: the set is resolved and outlives the plan.
  explicit CorrelationPlan(const sigma::RuleSet& set);
  bool empty() const { return set_.correlations.empty(); }
  // True if some correlation is made of the rule.
  bool Wants(uint32_t rule) const { return rule < wanted_.size() && wanted_[rule]; }
  // The fields of a rule's events to hand over, by the names the rule uses.
  const std::vector<std::string>& FieldsOf(uint32_t rule) const { return fields_[rule]; }

  // All fields of all rules.
  const std::vector<std::string>& fields() const { return all_fields_; }

  const sigma::RuleSet& set() const { return set_; }
  // Where in RuleMatch::fields a field of the rule is.
  size_t PlaceOf(uint32_t rule, const std::string& field) const;

 private:
  const sigma::RuleSet& set_;
  std::vector<bool> wanted_;
  std::vector<std::vector<std::string>> fields_;
  std::vector<std::string> all_fields_;
};

struct CorrelationStats {
  uint64_t matches = 0;    // of rules, taken in
  uint64_t undated = 0;    // of these, without a time: left out
  uint64_t shortened = 0;  // matches given up because their group had kMaxWindow
  uint64_t evicted = 0;    // groups given up because there were kMaxEntries matches
};

class Correlator {
 public:
  struct Limits {
    size_t window = 100'000;   // matches of one group
    size_t entries = 500'000;  // matches of all groups
  };

  // REQUIRES: plan and sink outlive the correlator.
  Correlator(const CorrelationPlan* plan, CorrelationSink* sink) : Correlator(plan, sink, Limits()) {}
  Correlator(const CorrelationPlan* plan, CorrelationSink* sink, const Limits& limits);
  ~Correlator();

  // Takes the next match. REQUIRES: in order of time, file, offset, record, rule. Copies what it keeps.
  void Add(const RuleMatch& match);
  // Call at the end. `end`: the time of the last event of the evidence, up to which absence can be told.
  void Finish(int64_t end);
  const CorrelationStats& stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor
