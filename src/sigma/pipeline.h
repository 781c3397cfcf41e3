// Processing pipelines: how rules are changed before they are used, as data. Mostly: what fields are called in the
// evidence at hand.
//
// The form is that of pySigma's pipelines (YAML), of which the transformations people use are understood; what is not
// is an error that names it. A pipeline with a `taxonomy` is for the rules of that taxonomy alone; others are for all.
//
//     name: Elastic names
//     taxonomy: ecs                        # optional, spoor's own key
//     transformations:
//       - type: field_name_mapping
//         mapping: {CommandLine: process.command_line, Hashes: [process.hash.md5, process.hash.sha256]}
//         rule_conditions:
//           - {type: logsource, product: windows, category: process_creation}
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sigma/load.h"

namespace spoor::sigma {

struct Pipeline {
  enum class Type : uint8_t {
    kFieldNameMapping,
    kFieldNamePrefixMapping,
    kFieldNamePrefix,
    kFieldNameSuffix,
    kDropDetectionItem,
    kAddCondition,
    kChangeLogSource,
    kSetValue,
    kReplaceString,
    kRuleFailure,
  };
  struct RuleCondition {
    enum class Type : uint8_t { kLogSource, kTag, kContainsField, kRule, kCorrelation } type = Type::kLogSource;
    LogSource source;  // kLogSource: parts that are given must be the rule's
    std::string text;  // kTag, kContainsField
  };
  struct FieldCondition {
    bool include = true;       // else: exclude
    bool expressions = false;  // `fields` are regular expressions, which must match the whole name
    std::vector<std::string> fields;
  };
  struct Transformation {
    Type type = Type::kFieldNameMapping;
    std::map<std::string, std::vector<std::string>> mapping;  // kFieldName…Mapping
    std::string text;                                         // prefix, suffix, kSetValue, kRuleFailure: message
    bool set_number = false, set_null = false;                // kSetValue: `text` is a number; there is no value
    LogSource source;                // kChangeLogSource: parts that are not empty replace the rule's
    Expression conditions;           // kAddCondition
    std::string regex, replacement;  // kReplaceString
    std::vector<RuleCondition> rule_conditions;
    std::vector<FieldCondition> field_conditions;
    bool rule_any = false, rule_not = false;    // of the rule's conditions one is enough; the opposite is wanted
    bool field_any = false, field_not = false;  // likewise
  };

  std::string name, path, taxonomy;
  int priority = 0;
  std::vector<Transformation> transformations;
};

// Parses the text of a pipeline; the error has path, line and column.
absl::StatusOr<Pipeline> ParsePipeline(std::string_view yaml, const std::string& path);
absl::StatusOr<Pipeline> ReadPipeline(const std::string& path);

// Changes the rules of the set, and the fields of the correlations made of them, by pipelines in order of their
// priority. A rule that cannot be changed as a pipeline wants is an error and leaves the set, with the correlations
// made of it.
void ApplyPipelines(std::vector<Pipeline> pipelines, RuleSet* set);

}  // namespace spoor::sigma
