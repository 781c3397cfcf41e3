// What the readers of the program's own data files (data/*.yml) share.
//
// Such a file is part of the program, so a mistake in it is a mistake in the program: Check tells the line and aborts.
// Tests load every file.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/yaml_node.h"

namespace spoor::sigma {

// Aborts. `what` is what is wrong there.
[[noreturn]] void Fail(const YamlNode& at, const char* what);

// Aborts where `good` is false.
inline void Check(bool good, const YamlNode& at, const char* what) {
  if (!good) Fail(at, what);
}

// Reads the one document of a data file, whose root is a map. REQUIRES: yaml outlives the tree.
void ReadDataFile(std::string_view yaml, YamlTree* tree);

// A text that is not empty.
std::string Text(const YamlNode& node);
// The values of a list, or a single value.
std::vector<const YamlNode*> Values(const YamlTree& tree, const YamlNode& node);
// What stands under a key, as texts: none where the key is missing.
std::vector<std::string> Texts(const YamlTree& tree, const YamlNode& map, std::string_view key);
// The same for a single text: "" where the key is missing.
std::string TextOr(const YamlTree& tree, const YamlNode& map, std::string_view key);
// The same for event ids.
std::vector<uint32_t> EventIds(const YamlTree& tree, const YamlNode& map, std::string_view key);
// Checks that the node is a map without any other keys.
void CheckKeys(const YamlTree& tree, const YamlNode& map, std::initializer_list<std::string_view> known);

}  // namespace spoor::sigma
