// Reading data/windows.yml (its head explains the form) and answering from it.
//
// The file is part of the program, so a mistake in it is a mistake in the program (data_file.h), and a test loads it.
// Resolving is a linear search over some hundred names, done once per log source and rule set.
#include "sigma/sources.h"

#include "base/message.h"
#include "base/text.h"
#include "sigma/data_file.h"
#include "sigma/modifier.h"
#include "yaml/yaml_node.h"

namespace spoor::sigma {
namespace {

// "field: value" or "field: [values]", modifiers allowed, as a comparison.
Item Condition(const YamlTree& tree, const YamlNode& key, const YamlNode& value) {
  std::string_view field;
  const absl::StatusOr<Modifiers> modifiers = ParseFieldKey(key.text, &field);
  Check(modifiers.ok() && !modifiers->all && !modifiers->neq, key, "not a condition");
  Item item;
  item.field = std::string(field);
  ValuePatterns made;
  for (const YamlNode* one : Values(tree, value)) {
    Check(MakePatterns(*modifiers, *one, false, {}, &made).ok(), *one, "not a value");
  }
  item.any_of = std::move(made.any_of);
  return item;
}

// A kind of event without what its service says.
Target ParseTarget(const YamlTree& tree, const YamlNode& map) {
  CheckKeys(tree, map, {"service", "channels", "providers", "ids", "conditions", "fields"});
  Target target;
  target.channels = Texts(tree, map, "channels");
  target.providers = Texts(tree, map, "providers");
  target.event_ids = EventIds(tree, map, "ids");
  if (const YamlNode* conditions = tree.Find(map, "conditions")) {
    Check(conditions->kind == YamlNode::Kind::kMap, *conditions, "a map expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(*conditions); ++i) {
      target.conditions.push_back(Condition(tree, tree.Key(*conditions, i), tree.Value(*conditions, i)));
    }
  }
  if (const YamlNode* fields = tree.Find(map, "fields")) {
    Check(fields->kind == YamlNode::Kind::kMap, *fields, "a map expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(*fields); ++i) {
      target.fields.push_back({Text(tree.Key(*fields, i)), Text(tree.Value(*fields, i))});
    }
  }
  return target;
}

bool SameOrigin(const Target& target, const std::vector<std::string>& channels,
                const std::vector<std::string>& providers) {
  return target.channels == channels && target.providers == providers;
}

}  // namespace

SourceMap::SourceMap(std::string_view yaml) {
  YamlTree tree;
  ReadDataFile(yaml, &tree);
  const YamlNode& root = *tree.root();
  CheckKeys(tree, root, {"product", "services", "categories", "users", "known_fields"});
  for (std::string_view key : {"product", "services", "categories", "users"}) {
    Check(tree.Find(root, key) != nullptr, root, "a section is missing");
  }
  product_ = AsciiLower(Text(*tree.Find(root, "product")));

  const YamlNode& services = *tree.Find(root, "services");
  Check(services.kind == YamlNode::Kind::kMap, services, "a map expected");
  for (uint32_t i = 0; i < YamlTree::PairCount(services); ++i) {
    const YamlNode& one = tree.Value(services, i);
    CheckKeys(tree, one, {"channels", "providers"});
    services_.push_back({Text(tree.Key(services, i)), Texts(tree, one, "channels"), Texts(tree, one, "providers")});
    Check(!services_.back().channels.empty(), one, "a service without channels");
  }

  const YamlNode& categories = *tree.Find(root, "categories");
  Check(categories.kind == YamlNode::Kind::kMap, categories, "a map expected");
  for (uint32_t i = 0; i < YamlTree::PairCount(categories); ++i) {
    Category category{Text(tree.Key(categories, i)), product_, {}};
    for (const YamlNode* one : Values(tree, tree.Value(categories, i))) {
      category.targets.push_back(ParseTarget(tree, *one));
      Target& target = category.targets.back();
      if (const YamlNode* name = tree.Find(*one, "service")) {
        const Service* service = FindService(Text(*name));
        Check(service != nullptr, *name, "no such service");
        target.channels = service->channels;
        target.providers = service->providers;
      }
      Check(!target.channels.empty() || !target.providers.empty(), *one, "a kind of event from nowhere");
    }
    categories_.push_back(std::move(category));
  }

  for (const YamlNode* one : Values(tree, *tree.Find(root, "users"))) {
    CheckKeys(tree, *one, {"user", "domain"});
    const std::string user = TextOr(tree, *one, "user");
    Check(!user.empty(), *one, "user is missing");
    user_fields_.push_back({user, TextOr(tree, *one, "domain")});
  }

  const YamlNode* known = tree.Find(root, "known_fields");
  if (known == nullptr) return;
  Check(known->kind == YamlNode::Kind::kMap && known->count > 0, *known, "a map expected");
  for (uint32_t i = 0; i < YamlTree::PairCount(*known); ++i) {
    const YamlNode& key = tree.Key(*known, i);
    Check((i == 0) == (key.text == "any"), key, "'any' comes first");
    known_fields_.push_back({Text(key), Texts(tree, *known, key.text), {}});
  }
  for (KnownFields& fields : known_fields_) {
    for (const auto* names : {&fields.names, &known_fields_[0].names}) {
      fields.all.insert(fields.all.end(), names->begin(), names->end());
    }
  }
}

const SourceMap& SourceMap::BuiltIn() {
  static const auto* map = new SourceMap(data::windows);
  return *map;
}

const SourceMap::Service* SourceMap::FindService(std::string_view name) const {
  for (const Service& service : services_) {
    if (EqualsIgnoreAsciiCase(service.name, name)) return &service;
  }
  return nullptr;
}

std::vector<Target> SourceMap::Resolve(const LogSource& source) const {
  if (source.product == LogSource::kAny) return {Target()};
  if (!source.product.empty() && source.product != product_) return {};
  const Service* service = FindService(source.service);
  if (!source.service.empty() && service == nullptr) return {};
  if (source.category.empty()) {
    Target target;  // without a service: every event of the product
    if (service != nullptr) {
      target.channels = service->channels;
      target.providers = service->providers;
    } else if (source.product.empty()) {
      return {};
    }
    return {target};
  }
  std::vector<Target> targets;
  for (const Category& category : categories_) {
    if (category.name != source.category) continue;
    for (const Target& target : category.targets) {
      if (service == nullptr || SameOrigin(target, service->channels, service->providers)) targets.push_back(target);
    }
  }
  return targets;
}

std::vector<std::string_view> SourceMap::CategoryNames() const {
  std::vector<std::string_view> names;
  for (const Category& category : categories_) names.push_back(category.name);
  return names;
}

std::vector<std::string_view> SourceMap::ServiceNames() const {
  std::vector<std::string_view> names;
  for (const Service& service : services_) names.push_back(service.name);
  return names;
}

const std::vector<std::string_view>* SourceMap::FieldsOf(const LogSource& source) const {
  if (source.product != product_ || source.category.empty()) return nullptr;
  for (size_t i = 1; i < known_fields_.size(); ++i) {
    if (known_fields_[i].category == source.category) return &known_fields_[i].all;
  }
  return nullptr;
}

std::string SourceMap::SourceName(std::string_view channel) const {
  for (const Service& service : services_) {
    for (const std::string& name : service.channels) {
      if (EqualsIgnoreAsciiCase(name, channel)) return Cat(product_, "/", service.name);
    }
  }
  return Cat(product_, "/", AsciiLower(channel));
}

}  // namespace spoor::sigma
