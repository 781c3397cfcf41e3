#include "sigma/data_file.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "yaml/yaml_reader.h"

namespace spoor::sigma {

void Fail(const YamlNode& at, const char* what) {
  std::fprintf(stderr, "data file, line %u: %s\n", at.line, what);
  std::abort();
}

void ReadDataFile(std::string_view yaml, YamlTree* tree) {
  YamlReader reader(yaml);
  const bool read = reader.Next(tree);
  if (tree->problem()) Check(false, YamlNode{.line = tree->problem()->line}, tree->problem()->message.c_str());
  Check(read && tree->root() != nullptr, YamlNode{}, "the file is empty");
  Check(tree->root()->kind == YamlNode::Kind::kMap, *tree->root(), "a map expected");
}

std::string Text(const YamlNode& node) {
  Check(node.kind == YamlNode::Kind::kScalar && !node.text.empty(), node, "text expected");
  return std::string(node.text);
}

std::vector<const YamlNode*> Values(const YamlTree& tree, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kSequence) return {&node};
  std::vector<const YamlNode*> values;
  for (uint32_t i = 0; i < node.count; ++i) values.push_back(&tree.Child(node, i));
  return values;
}

std::vector<std::string> Texts(const YamlTree& tree, const YamlNode& map, std::string_view key) {
  std::vector<std::string> texts;
  const YamlNode* node = tree.Find(map, key);
  if (node == nullptr) return texts;
  for (const YamlNode* one : Values(tree, *node)) texts.push_back(Text(*one));
  return texts;
}

std::string TextOr(const YamlTree& tree, const YamlNode& map, std::string_view key) {
  const YamlNode* node = tree.Find(map, key);
  return node == nullptr ? std::string() : Text(*node);
}

std::vector<uint32_t> EventIds(const YamlTree& tree, const YamlNode& map, std::string_view key) {
  std::vector<uint32_t> ids;
  const YamlNode* node = tree.Find(map, key);
  if (node == nullptr) return ids;
  for (const YamlNode* id : Values(tree, *node)) {
    uint32_t number = 0;
    auto [end, error] = std::from_chars(id->text.data(), id->text.data() + id->text.size(), number);
    Check(error == std::errc() && end == id->text.data() + id->text.size(), *id, "an event id expected");
    ids.push_back(number);
  }
  return ids;
}

void CheckKeys(const YamlTree& tree, const YamlNode& map, std::initializer_list<std::string_view> known) {
  Check(map.kind == YamlNode::Kind::kMap, map, "a map expected");
  for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
    bool found = false;
    for (std::string_view name : known) found |= tree.Key(map, i).text == name;
    Check(found, tree.Key(map, i), "unknown key");
  }
}

}  // namespace spoor::sigma
