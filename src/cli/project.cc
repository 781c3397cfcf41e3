#include "cli/project.h"

#include <filesystem>

#include "base/message.h"
#include "sigma/placeholders.h"
#include "sigma/read_file.h"
#include "sigma/rule.h"
#include "sigma/suggest.h"
#include "yaml/yaml_reader.h"

namespace spoor {
namespace {

class Reader {
 public:
  Reader(const YamlTree& tree, Project* project) : tree_(tree), p_(*project) {
    folder_ = std::filesystem::path(project->path).parent_path();
  }

  absl::Status Read(const YamlNode& root) {
    if (root.kind != YamlNode::Kind::kMap) return Fail(root, Cat("must be a map, not ", DescribeKind(root)));
    for (uint32_t i = 0; i < YamlTree::PairCount(root); ++i) {
      if (absl::Status s = Key(tree_.Key(root, i), tree_.Value(root, i)); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Fail(const YamlNode& at, std::string_view message) const {
    return absl::InvalidArgumentError(Cat(p_.path, ":", at.line, ":", at.column, ": ", message));
  }

  std::string Path(std::string_view text) const {
    const std::filesystem::path path(text);
    return path.is_absolute() || folder_.empty() ? path.string() : (folder_ / path).string();
  }

  absl::Status Texts(const YamlNode& key, const YamlNode& node, bool paths, std::vector<std::string>* texts) const {
    const bool list = node.kind == YamlNode::Kind::kSequence;
    for (uint32_t i = 0; i < (list ? node.count : 1); ++i) {
      const YamlNode& one = list ? tree_.Child(node, i) : node;
      if (one.kind != YamlNode::Kind::kScalar || one.text.empty()) {
        return Fail(one, Cat(key.text, " must be text, not ", DescribeKind(one)));
      }
      texts->push_back(paths ? Path(one.text) : std::string(one.text));
    }
    return absl::OkStatus();
  }

  absl::Status Text(const YamlNode& key, const YamlNode& node, std::string* text) const {
    if (node.kind != YamlNode::Kind::kScalar) {
      return Fail(node, Cat(key.text, " must be text, not ", DescribeKind(node)));
    }
    *text = node.text;
    return absl::OkStatus();
  }

  absl::Status Key(const YamlNode& key, const YamlNode& value) {
    if (key.text == "rules") return Texts(key, value, true, &p_.rules);
    if (key.text == "filters") return Texts(key, value, true, &p_.filters);
    if (key.text == "pipelines") return Texts(key, value, true, &p_.pipelines);
    if (key.text == "include") return Texts(key, value, false, &p_.include);
    if (key.text == "exclude") return Texts(key, value, false, &p_.exclude);
    if (key.text == "logsource") return Text(key, value, &p_.log_source);
    if (key.text == "min-level") {
      if (absl::Status s = Text(key, value, &p_.min_level); !s.ok()) return s;
      if (sigma::ParseLevel(p_.min_level)) return absl::OkStatus();
      return Fail(value, Cat("unknown level '", value.text, "'",
                             sigma::DidYouMean(value.text, {"informational", "low", "medium", "high", "critical"})));
    }
    if (key.text == "tenants") {
      if (value.kind != YamlNode::Kind::kMap) {
        return Fail(value, Cat("tenants must be a map of names to paths, not ", DescribeKind(value)));
      }
      for (uint32_t i = 0; i < YamlTree::PairCount(value); ++i) {
        std::vector<std::string> paths;
        if (absl::Status s = Texts(key, tree_.Value(value, i), true, &paths); !s.ok()) return s;
        for (std::string& path : paths) p_.tenants.emplace_back(tree_.Key(value, i).text, std::move(path));
      }
      return absl::OkStatus();
    }
    if (key.text == "placeholders") {
      if (value.kind == YamlNode::Kind::kScalar) {
        auto read = sigma::ReadPlaceholders(Path(value.text));
        if (!read.ok()) return read.status();
        p_.placeholders = *std::move(read);
        return absl::OkStatus();
      }
      if (value.kind != YamlNode::Kind::kMap) {
        return Fail(value, Cat("placeholders must be a map or the path of a file, not ", DescribeKind(value)));
      }
      for (uint32_t i = 0; i < YamlTree::PairCount(value); ++i) {
        const YamlNode& name = tree_.Key(value, i);
        if (absl::Status s = Texts(name, tree_.Value(value, i), false, &p_.placeholders[std::string(name.text)]);
            !s.ok()) {
          return s;
        }
      }
      return absl::OkStatus();
    }
    return Fail(key, Cat("unknown key '", key.text, "'",
                         sigma::DidYouMean(key.text, {"rules", "filters", "pipelines", "placeholders", "tenants",
                                                      "min-level", "include", "exclude", "logsource"})));
  }

  const YamlTree& tree_;
  Project& p_;
  std::filesystem::path folder_;
};

}  // namespace

absl::StatusOr<Project> ReadProject(const std::string& path) {
  Project project;
  project.path = path;
  std::string text;
  if (const std::string reason = sigma::ReadFile(path, &text); !reason.empty()) {
    return absl::InvalidArgumentError(Cat(path, ": ", reason));
  }
  YamlReader reader(text);
  YamlTree tree;
  if (!reader.Next(&tree)) return project;
  if (const auto& problem = tree.problem()) {
    return absl::InvalidArgumentError(Cat(path, ":", problem->line, ":", problem->column, ": ", problem->message));
  }
  if (tree.root() == nullptr) return project;
  if (absl::Status s = Reader(tree, &project).Read(*tree.root()); !s.ok()) return s;
  return project;
}

}  // namespace spoor
