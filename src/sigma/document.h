// One YAML document -> one rule.
#pragma once

#include <string>

#include "sigma/load.h"
#include "yaml/yaml_node.h"

namespace spoor::sigma {

// Adds the rule of a document to the set, or an error, or that it is no rule, or counts it as left out.
// REQUIRES: the tree has a root.
void AddDocument(const YamlTree& tree, const std::string& path, const LoadOptions& options, RuleSet* set);

}  // namespace spoor::sigma
