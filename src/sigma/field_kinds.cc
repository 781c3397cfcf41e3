#include "sigma/field_kinds.h"

#include "sigma/data_file.h"

namespace spoor::sigma {

namespace data {
extern const std::string_view field_kinds;  // data/field_kinds.yml
}

const FieldKinds& FieldKinds::BuiltIn() {
  static const auto* const built_in = [] {
    auto* kinds = new FieldKinds;
    YamlTree tree;
    ReadDataFile(data::field_kinds, &tree);
    const YamlNode& root = *tree.root();
    for (uint32_t i = 0; i < YamlTree::PairCount(root); ++i) {
      const YamlNode& kind = tree.Key(root, i);
      kinds->kinds_.emplace_back(Text(kind), Texts(tree, root, kind.text));
    }
    return kinds;
  }();
  return *built_in;
}

const std::vector<std::string>* FieldKinds::FieldsOf(std::string_view kind) const {
  for (const auto& [name, fields] : kinds_) {
    if (name == kind) return &fields;
  }
  return nullptr;
}

std::string FieldKinds::Kinds() const {
  std::string all;
  for (const auto& [name, fields] : kinds_) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace spoor::sigma
