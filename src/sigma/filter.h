// Filters: conditions that are put on rules from outside, so that an update of the rules does not lose them.
//
// Source: Sigma specification 2.1, "Sigma Filters"; what it leaves open is stated in docs/sigma.md. Plain data.
#pragma once

#include <string>
#include <vector>

#include "sigma/detection.h"
#include "sigma/rule.h"
#include "yaml/yaml_node.h"

namespace spoor::sigma {

struct Filter {
  struct Reference {
    std::string to;  // id or name, as written
    uint32_t line = 0, column = 0;
  };
  Rule rule;         // title, id, log source, place; its detection is what is "and"ed to that of the rules
  bool any = false;  // all rules of the log source
  std::vector<Reference> references;
};

// Reads the value of `filter` (any kind of node). The rule's other parts are left alone. False: problems->error is set.
bool BuildFilter(const YamlTree& tree, const YamlNode& node, const Placeholders& placeholders, Filter* filter,
                 RuleProblems* problems);

}  // namespace spoor::sigma
