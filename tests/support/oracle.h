// What a rule set says about an event, worked out the slow way: the specification read aloud.
//
// No automata, no memo, no guards, no order of evaluation: every rule whose log source means the event is walked as
// the tree it is, and every pattern is compared with every value of its field. The match engine must agree with
// this in every case; engine_test.cc holds it against random rules and events and against real ones.
//
// Shared with the engine are only the leaves that have tests of their own: case folding, the text and the number of
// a value, regular expressions, addresses.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"
#include "match/regex.h"
#include "sigma/rule.h"
#include "sigma/sources.h"

namespace spoor::test {

struct OracleValue {
  std::string text, folded;
  std::optional<double> number;
};

// An event as people see it. Owns everything. A field without a value has none in `values`; one whose type says that it
// is null, as binary XML has them, is not in it.
struct OracleEvent {
  struct Field {
    std::string name;
    std::vector<OracleValue> values;  // of an array, its elements
  };
  std::vector<Field> fields;
  SourceTag source;
  std::string channel, provider;
  std::optional<uint32_t> event_id;
};

// A value of that text, and that number where its type has one; else the text says.
OracleValue MakeValue(std::string text, std::optional<double> number);
OracleEvent Flatten(const Event& event);
// For messages: "Channel=…\n  Image=…\n".
std::string Show(const OracleEvent& event);

// True if the text is all of the pattern, by trying every way to share it out. REQUIRES: short texts.
bool SlowGlob(const std::vector<sigma::GlobPart>& glob, size_t part, std::string_view text, bool cased);

class Oracle {
 public:
  // REQUIRES: both outlive the oracle, and every expression can be compiled.
  Oracle(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources);
  // Indexes of the rules that hold, ascending.
  std::vector<uint32_t> Holding(const OracleEvent& event);
  // Does one pattern hold for one value? (Not those about absence or other fields.)
  bool Holds(const sigma::Pattern& pattern, const OracleValue& value);

 private:
  bool Node(const sigma::Expression& e, uint32_t node, const sigma::Target& target, const OracleEvent& event);
  bool Item(const sigma::Item& item, const sigma::Target& target, const OracleEvent& event);

  const std::vector<sigma::Rule>& rules_;
  std::vector<std::vector<sigma::Target>> targets_;  // by rule
  std::map<std::pair<std::pair<std::string, std::string>, int64_t>,
           std::vector<std::pair<uint32_t, const sigma::Target*>>>
      meant_;
  absl::flat_hash_map<const sigma::Pattern*, std::pair<std::string, std::unique_ptr<CompiledRegex>>> ready_;
};

}  // namespace spoor::test
