// The detection section of a rule -> one expression.
#pragma once

#include <optional>
#include <vector>

#include "sigma/modifier.h"
#include "sigma/rule.h"
#include "yaml/yaml_node.h"

namespace spoor::sigma {

// What parsing found to say about a rule: what keeps it out of the set, and what it can do without.
struct RuleProblems {
  std::optional<YamlProblem> error;  // the first one
  std::vector<YamlProblem> warnings;

  // Notes an error at a node; false, so that one can write `return problems.Fail(…)`.
  bool Fail(const YamlNode& at, std::string message);
  void Warn(const YamlNode& at, std::string message);
};

// What messages call the map that a condition stands in, and which of its keys are no selections.
struct DetectionForm {
  std::string_view name = "detection";
  std::vector<std::string_view> others = {};
};

// Builds the expression of `detection` (the value of that key, any kind of node). False: problems->error is set and
// *expression is of no use.
bool BuildDetection(const YamlTree& tree, const YamlNode& detection, const Placeholders& placeholders,
                    Expression* expression, RuleProblems* problems, const DetectionForm& form = {});

// Builds the expression of one selection (a map of fields, a list of such).
bool BuildSelection(const YamlTree& tree, const YamlNode& selection, const Placeholders& placeholders,
                    Expression* expression, RuleProblems* problems);

}  // namespace spoor::sigma
