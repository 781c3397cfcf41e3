#include "sigma/placeholders.h"

#include "base/message.h"
#include "sigma/limits.h"
#include "sigma/read_file.h"
#include "yaml/yaml_reader.h"

namespace spoor::sigma {

absl::StatusOr<Placeholders> ParsePlaceholders(std::string_view yaml, const std::string& path) {
  const auto fail = [&](uint32_t line, uint32_t column, std::string_view message) {
    return absl::InvalidArgumentError(Cat(path, ":", line, ":", column, ": ", message));
  };
  Placeholders all;
  YamlReader reader(yaml);
  YamlTree tree;
  while (reader.Next(&tree)) {
    if (const auto& problem = tree.problem()) return fail(problem->line, problem->column, problem->message);
    if (tree.root() == nullptr) continue;
    const YamlNode& root = *tree.root();
    if (root.kind != YamlNode::Kind::kMap) {
      return fail(root.line, root.column, Cat("must be a map of names to values, not ", DescribeKind(root)));
    }
    for (uint32_t i = 0; i < YamlTree::PairCount(root); ++i) {
      const YamlNode& key = tree.Key(root, i);
      const YamlNode& value = tree.Value(root, i);
      std::string_view name = key.text;
      if (name.size() > 2 && name.front() == '%' && name.back() == '%') name = name.substr(1, name.size() - 2);
      std::vector<std::string>& values = all[std::string(name)];
      const bool list = value.kind == YamlNode::Kind::kSequence;
      for (uint32_t v = 0; v < (list ? value.count : 1); ++v) {
        const YamlNode& one = list ? tree.Child(value, v) : value;
        if (one.kind != YamlNode::Kind::kScalar) {
          return fail(one.line, one.column, Cat(name, ": a value must be text, not ", DescribeKind(one)));
        }
        values.emplace_back(one.text);
      }
    }
  }
  return all;
}

absl::StatusOr<Placeholders> ReadPlaceholders(const std::string& path) {
  std::string text;
  if (const std::string reason = ReadFile(path, &text); !reason.empty()) {
    return absl::InvalidArgumentError(Cat(path, ": ", reason));
  }
  return ParsePlaceholders(text, path);
}

}  // namespace spoor::sigma
