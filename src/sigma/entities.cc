#include "sigma/entities.h"

#include "sigma/data_file.h"

namespace spoor::sigma {

namespace data {
extern const std::string_view entities;  // data/entities.yml
}

const Entities& Entities::BuiltIn() {
  static const auto* const built_in = [] {
    auto* entities = new Entities;
    YamlTree tree;
    ReadDataFile(data::entities, &tree);
    const YamlNode& root = *tree.root();
    for (uint32_t i = 0; i < YamlTree::PairCount(root); ++i) {
      const YamlNode& kind = tree.Key(root, i);
      entities->kinds_.emplace_back(Text(kind), Texts(tree, root, kind.text));
    }
    return entities;
  }();
  return *built_in;
}

const std::vector<std::string>* Entities::FieldsOf(std::string_view kind) const {
  for (const auto& [name, fields] : kinds_) {
    if (name == kind) return &fields;
  }
  return nullptr;
}

std::string Entities::Kinds() const {
  std::string all;
  for (const auto& [name, fields] : kinds_) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace spoor::sigma
