// The condition of a rule: "selection and not 1 of filter_*".
//
//     condition := and-list ("or" and-list)*          lowest precedence
//     and-list  := operand ("and" operand)*
//     operand   := "not" operand | "(" condition ")" | quantity "of" pattern | name
//     quantity  := "1" | "any" | "all"
//     pattern   := "them" | a name, in which * stands for any characters
//
// Operators, quantities and "them" in any letter case; names exactly as the selections have them.
// Source: Sigma specification 2.1, "Condition".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule.h"

namespace spoor::sigma {

// A selection that stands ready in an expression: its name and its node.
struct Selection {
  std::string_view name;
  uint32_t node;
};

struct ConditionProblem {
  size_t offset = 0;    // of the offending word, in characters from the start of the condition
  std::string message;  // empty: none
};

// Adds the condition's nodes to *expression and sets *root to the topmost. Selections in the order of the
// rule, which is the order in which `of` lists them. Nodes of selections are shared, not copied.
ConditionProblem ParseCondition(std::string_view text, const std::vector<Selection>& selections, Expression* expression,
                                uint32_t* root);

}  // namespace spoor::sigma
