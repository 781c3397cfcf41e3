#include "campaign/stages.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "sigma/data_file.h"
#include "world/spelling.h"

namespace spoor {

namespace data {
extern const std::string_view public_names;  // data/public_names.yml
extern const std::string_view renamed;       // data/renamed.yml
extern const std::string_view stages;        // data/stages.yml
extern const std::string_view starters;      // data/starters.yml
}  // namespace data

const std::vector<Stage>& Stages() {
  static const auto* const stages = [] {
    auto* all = new std::vector<Stage>;
    std::vector<std::vector<std::string>> with;  // by stage
    YamlTree tree;
    sigma::ReadDataFile(data::stages, &tree);
    for (const YamlNode* entry : sigma::Values(tree, *tree.Find(*tree.root(), "stages"))) {
      sigma::CheckKeys(tree, *entry, {"stage", "techniques", "tactics", "told_with", "told_of_process"});
      all->push_back({sigma::TextOr(tree, *entry, "stage"), sigma::Texts(tree, *entry, "techniques"),
                      sigma::Texts(tree, *entry, "tactics")});
      all->back().told_of_process = sigma::TextOr(tree, *entry, "told_of_process") == "true";
      with.push_back(sigma::Texts(tree, *entry, "told_with"));
    }
    for (size_t i = 0; i < with.size(); ++i) {
      for (const std::string& name : with[i]) {
        const auto other = std::find_if(all->begin(), all->end(), [&](const Stage& s) { return s.name == name; });
        (*all)[i].told_with.push_back(static_cast<int>(other - all->begin()));
      }
    }
    return all;
  }();
  return *stages;
}

int StageOf(std::string_view technique, const std::vector<std::string>& tactics) {
  const std::vector<Stage>& stages = Stages();
  const auto means = [&](const std::string& known) {
    return technique == known ||
           (technique.size() > known.size() && technique.starts_with(known) && technique[known.size()] == '.');
  };
  // The longest name that means it: T1550.001 before T1550.
  int best = -1;
  size_t size = 0;
  for (size_t i = 0; i < stages.size(); ++i) {
    for (const std::string& known : stages[i].techniques) {
      if (known.size() > size && means(known)) {
        best = static_cast<int>(i);
        size = known.size();
      }
    }
  }
  if (best >= 0) return best;
  for (size_t i = 0; i < stages.size(); ++i) {
    for (const std::string& tactic : stages[i].tactics) {
      if (std::find(tactics.begin(), tactics.end(), tactic) != tactics.end()) return static_cast<int>(i);
    }
  }
  return -1;
}

namespace {

// Other names of techniques or tactics; the first of a pair is the newer one.
using Renamed = std::vector<std::pair<std::string, std::string>>;
Renamed ReadRenamed(std::string_view key) {
  Renamed all;
  YamlTree tree;
  sigma::ReadDataFile(data::renamed, &tree);
  const YamlNode& map = *tree.Find(*tree.root(), key);
  for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
    all.emplace_back(sigma::Text(tree.Key(map, i)), sigma::Text(tree.Value(map, i)));
  }
  return all;
}

void AddRenamed(const Renamed& renamed, std::vector<std::string>* names) {
  for (size_t i = 0, size = names->size(); i < size; ++i) {
    for (const auto& [now, before] : renamed) {
      if ((*names)[i] == now && std::find(names->begin(), names->end(), before) == names->end())
        names->push_back(before);
    }
  }
}

const absl::flat_hash_set<std::string>* ReadNames(std::string_view file, const char* key) {
  auto* names = new absl::flat_hash_set<std::string>;
  YamlTree tree;
  sigma::ReadDataFile(file, &tree);
  for (std::string& name : sigma::Texts(tree, *tree.root(), key)) names->insert(std::move(name));
  return names;
}

}  // namespace

AttackTags ReadAttackTags(const std::vector<std::string>& tags) {
  static const auto* const techniques = new Renamed(ReadRenamed("renamed"));
  static const auto* const tactics = new Renamed(ReadRenamed("tactics"));
  AttackTags read;
  for (const std::string& tag : tags) {
    std::string name = Folded(tag);
    if (!name.starts_with("attack.")) continue;
    name.erase(0, 7);
    if (name.size() >= 5 && name[0] == 't' && name.find_first_not_of("0123456789.", 1) == std::string::npos) {
      name[0] = 'T';
      read.techniques.push_back(std::move(name));
    } else if (!(name.size() >= 5 && (name[0] == 'g' || name[0] == 's') &&
                 name.find_first_not_of("0123456789", 1) == std::string::npos)) {
      std::replace(name.begin(), name.end(), '_', '-');
      read.tactics.push_back(std::move(name));
    }
  }
  AddRenamed(*techniques, &read.techniques);
  AddRenamed(*tactics, &read.tactics);
  return read;
}

bool IsStarter(std::string_view image) {
  static const auto* const starters = ReadNames(data::starters, "starters");
  return starters->contains(Folded(BaseName(image)));
}

bool IsPublic(std::string_view name) {
  static const auto* const names = ReadNames(data::public_names, "public");
  for (std::string_view rest = name;;) {
    if (names->contains(std::string(rest))) return true;
    const size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return false;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace spoor
