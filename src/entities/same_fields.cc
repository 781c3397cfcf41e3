#include "entities/same_fields.h"

#include <string_view>

#include "sigma/data_file.h"

namespace spoor {

namespace data {
extern const std::string_view same;  // data/same.yml
}

const std::vector<SameFields>& UserFieldSets() {
  static const auto* const sets = [] {
    static constexpr std::string_view kRoleNames[SameFields::kRoles] = {"sid", "id", "upn", "name", "domain"};
    auto* read = new std::vector<SameFields>;
    YamlTree tree;
    sigma::ReadDataFile(data::same, &tree);
    sigma::CheckKeys(tree, *tree.root(), {"sets"});
    for (const YamlNode* node : sigma::Values(tree, *tree.Find(*tree.root(), "sets"))) {
      sigma::CheckKeys(tree, *node, {"sid", "id", "upn", "name", "domain"});
      SameFields& set = read->emplace_back();
      for (size_t role = 0; role < SameFields::kRoles; ++role) {
        set.fields[role] = sigma::TextOr(tree, *node, kRoleNames[role]);
      }
    }
    return read;
  }();
  return *sets;
}

}  // namespace spoor
