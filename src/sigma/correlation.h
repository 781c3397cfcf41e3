// Correlation rules: several matches of other rules, within a span of time and of one group, make one finding.
//
// Source: Sigma specification 2.1, "Sigma Correlation Rules"; what it leaves open is stated in docs/sigma.md. Plain
// data, immutable after loading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sigma/detection.h"
#include "sigma/rule.h"
#include "yaml/yaml_node.h"

namespace spoor::sigma {

struct Correlation {
  enum class Type : uint8_t {
    kEventCount,
    kValueCount,
    kTemporal,
    kTemporalOrdered,
    kValueSum,
    kValueAvg,
    kValuePercentile,
    kValueMedian,
    kAbsence,  // an extension, `spoor_absence`: the first rule, and none of the others within the timespan after it
  };
  // A rule or correlation it is made of.
  struct Reference {
    std::string to;               // id or name, as written
    bool to_correlation = false;  // index into the set's correlations; else into its rules
    uint32_t index = 0;
    uint32_t line = 0, column = 0;
  };
  // What matches must have in common. The field may have another name in each of the rules (aliases).
  struct GroupField {
    std::string name;
    std::vector<std::string> fields;  // by reference
  };
  // value_…: what a bound is about, likewise.
  struct Bound {
    Operator op = Operator::kGreaterEqual;  // kEquals, kLess …
    bool negated = false;                   // neq
    double value = 0;
    bool operator==(const Bound&) const = default;
  };

  Rule rule;  // title, id, level, tags and the like; its detection is empty
  Type type = Type::kEventCount;
  std::vector<Reference> references;
  std::vector<GroupField> group_by;
  int64_t timespan = 0;            // microseconds
  bool generate = false;           // the rules referred to make findings of their own, too
  std::vector<Bound> bounds;       // all must hold; none: temporal…
  std::vector<GroupField> values;  // value_…: the fields that are counted, added up …
  double percentile = 0;           // value_percentile: 0 to 100
  Expression condition;            // temporal…: over its rules (item i is reference i); no nodes: all of them
};

const char* CorrelationTypeName(Correlation::Type type);  // "event_count"

// Reads the value of `correlation` (any kind of node). The rule's part is left alone. False: problems->error is set.
bool BuildCorrelation(const YamlTree& tree, const YamlNode& node, Correlation* correlation, RuleProblems* problems);

// "the number of events >= 10": for people.
std::string DescribeCondition(const Correlation& correlation);

}  // namespace spoor::sigma
