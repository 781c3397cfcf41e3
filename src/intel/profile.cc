#include "intel/profile.h"

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <utility>

#include "base/message.h"
#include "yaml/yaml_reader.h"

namespace spoor {

namespace data {
extern const std::string_view g0128;  // intel/actors/g0128.yml
}

namespace {

class Reader {
 public:
  Reader(const YamlTree& tree, const Attack& attack) : tree_(tree), attack_(attack) {}

  absl::Status Read(const YamlNode& root, Profile* out) {
    Keys(root, {"id", "name", "aliases", "persons", "companies", "software", "techniques", "traits", "sources"});
    if (root.kind != YamlNode::Kind::kMap) return status_;
    out->id = Text(root, "id", true);
    out->name = Text(root, "name", true);
    out->aliases = Texts(root, "aliases");
    out->sources = Texts(root, "sources");
    for (const YamlNode* n : Maps(root, "persons", {"names", "certainty", "note"})) out->persons.push_back(Name(*n));
    for (const YamlNode* n : Maps(root, "companies", {"names", "certainty", "note"})) {
      out->companies.push_back(Name(*n));
    }
    for (const YamlNode* n : Maps(root, "software", {"names", "attack", "certainty", "shared", "note"})) {
      out->software.push_back(SoftwareOf(*n));
    }
    for (const YamlNode* n : Maps(root, "techniques", {"id", "certainty", "note"})) {
      out->techniques.push_back({TechniqueOf(*n), Share(*n, "certainty", 1), Text(*n, "note")});
    }
    for (const YamlNode* n : Maps(root, "traits", {"kind", "value", "certainty", "elsewhere", "note"})) {
      out->traits.push_back({Text(*n, "kind", true), Text(*n, "value", true), Share(*n, "certainty", 1),
                             Share(*n, "elsewhere", 0.1), Text(*n, "note")});
    }
    return status_;
  }

 private:
  // The first thing that is wrong is told; what is read after it does not matter any more.
  void Wrong(const YamlNode& at, const std::string& what) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(Cat("line ", at.line, ": ", what));
  }

  void Keys(const YamlNode& map, std::initializer_list<std::string_view> known) {
    if (map.kind != YamlNode::Kind::kMap) return Wrong(map, Cat("expected keys, found ", DescribeKind(map)));
    for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
      const YamlNode& key = tree_.Key(map, i);
      bool is_known = false;
      for (const std::string_view k : known) is_known = is_known || k == key.text;
      if (!is_known) Wrong(key, Cat("unknown key '", key.text, "'"));
    }
  }

  std::string TextOf(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kScalar && !node.text.empty()) return std::string(node.text);
    Wrong(node, Cat("expected a text, found ", DescribeKind(node)));
    return "";
  }

  std::string Text(const YamlNode& map, std::string_view key, bool needed = false) {
    if (const YamlNode* node = tree_.Find(map, key)) return TextOf(*node);
    if (needed) Wrong(map, Cat("'", key, "' is missing"));
    return "";
  }

  std::vector<const YamlNode*> List(const YamlNode& map, std::string_view key) {
    std::vector<const YamlNode*> out;
    const YamlNode* node = tree_.Find(map, key);
    if (node == nullptr) return out;
    if (node->kind != YamlNode::Kind::kSequence) {
      Wrong(*node, Cat("'", key, "' is a list, found ", DescribeKind(*node)));
    } else if (node->count > kMaxProfileEntries) {
      Wrong(*node, Cat("more than ", kMaxProfileEntries, " entries"));
    } else {
      for (uint32_t i = 0; i < node->count; ++i) out.push_back(&tree_.Child(*node, i));
    }
    return out;
  }

  std::vector<std::string> Texts(const YamlNode& map, std::string_view key) {
    std::vector<std::string> out;
    for (const YamlNode* node : List(map, key)) out.push_back(TextOf(*node));
    return out;
  }

  // The entries of a list that are maps with these keys.
  std::vector<const YamlNode*> Maps(const YamlNode& map, std::string_view key,
                                    std::initializer_list<std::string_view> known) {
    std::vector<const YamlNode*> out;
    for (const YamlNode* node : List(map, key)) {
      Keys(*node, known);
      if (node->kind == YamlNode::Kind::kMap) out.push_back(node);
    }
    return out;
  }

  // A number above 0 and up to 1.
  double Share(const YamlNode& map, std::string_view key, double otherwise) {
    const YamlNode* node = tree_.Find(map, key);
    if (node == nullptr) return otherwise;
    if (node->kind == YamlNode::Kind::kScalar) {
      const Scalar value = ResolveScalar(*node);
      const bool number = value.type == ScalarType::kInteger || value.type == ScalarType::kFloat;
      if (number && value.number >= 0.0001 && value.number <= 1) return value.number;
    }
    Wrong(*node, Cat("'", key, "' is a number from 0.0001 to 1"));
    return otherwise;
  }

  ProfileName Name(const YamlNode& map) {
    ProfileName name{Texts(map, "names"), Share(map, "certainty", 1), Text(map, "note")};
    if (name.names.empty()) Wrong(map, "'names' is missing");
    return name;
  }

  ProfileSoftware SoftwareOf(const YamlNode& map) {
    ProfileSoftware s{Texts(map, "names"), Text(map, "attack"), Share(map, "certainty", 1), false, Text(map, "note")};
    if (s.names.empty()) Wrong(map, "'names' is missing");
    if (!s.attack.empty() && attack_.FindSoftware(s.attack) == nullptr) {
      Wrong(map, Cat("ATT&CK has no software '", s.attack, "'"));
    }
    if (const YamlNode* shared = tree_.Find(map, "shared")) {
      const Scalar value = shared->kind == YamlNode::Kind::kScalar ? ResolveScalar(*shared) : Scalar{};
      if (value.type != ScalarType::kBool) Wrong(*shared, "'shared' is true or false");
      s.shared = value.truth;
    }
    return s;
  }

  uint32_t TechniqueOf(const YamlNode& map) {
    const std::string id = Text(map, "id", true);
    const Technique* technique = attack_.FindTechnique(id);
    const Gone* gone = attack_.FindGone(id);
    if (technique == nullptr && gone != nullptr) technique = attack_.FindTechnique(gone->replaced_by);
    if (technique != nullptr) return attack_.NumberOf(*technique);
    if (status_.ok()) Wrong(map, Cat("ATT&CK has no technique '", id, "'"));
    return 0;
  }

  const YamlTree& tree_;
  const Attack& attack_;
  absl::Status status_;
};

}  // namespace

bool SameTrait(const ProfileTrait& trait, std::string_view kind, std::string_view value) {
  return PlainName(trait.kind) == PlainName(kind) && PlainName(trait.value) == PlainName(value);
}

absl::StatusOr<Profile> ParseProfile(std::string_view yaml, const std::string& file, const Attack& attack) {
  if (yaml.size() > kMaxProfileBytes) return absl::InvalidArgumentError("the file is too large for a profile");
  YamlReader reader(yaml);
  YamlTree tree;
  if (!reader.Next(&tree) || (tree.root() == nullptr && !tree.problem())) {
    return absl::InvalidArgumentError("the file is empty");
  }
  if (tree.problem())
    return absl::InvalidArgumentError(Cat("line ", tree.problem()->line, ": ", tree.problem()->message));
  Profile profile;
  profile.file = file;
  if (absl::Status status = Reader(tree, attack).Read(*tree.root(), &profile); !status.ok()) return status;
  YamlTree more;
  if (reader.Next(&more)) return absl::InvalidArgumentError("more than one document; a file is one actor");
  return profile;
}

std::vector<Profile> BuiltInProfiles(const Attack& attack) {
  std::vector<Profile> out;
  for (const std::string_view yaml : {data::g0128}) {
    auto profile = ParseProfile(yaml, "built-in", attack);
    if (!profile.ok()) {
      std::fprintf(stderr, "built-in profile: %s\n", std::string(Message(profile.status())).c_str());
      std::abort();
    }
    out.push_back(*std::move(profile));
  }
  return out;
}

}  // namespace spoor
