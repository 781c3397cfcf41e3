#include "sigma/switch_on.h"

#include <algorithm>

#include "base/text.h"
#include "sigma/data_file.h"

namespace spoor::sigma {
namespace {

bool IsTrue(const YamlTree& tree, const YamlNode& map, std::string_view key) {
  const YamlNode* node = tree.Find(map, key);
  if (node == nullptr) return false;
  const Scalar value = ResolveScalar(*node);
  Check(value.type == ScalarType::kBool, *node, "true or false expected");
  return value.truth;
}

Advice ParseAdvice(const YamlTree& tree, const YamlNode& map, const SourceMap& sources) {
  CheckKeys(tree, map, {"what", "service", "provider", "ids", "always", "field", "source", "exact", "do"});
  Advice advice;
  advice.what = TextOr(tree, map, "what");
  advice.to_do = Texts(tree, map, "do");
  Check(!advice.what.empty() && !advice.to_do.empty(), map, "what or do is missing");
  advice.service = TextOr(tree, map, "service");
  advice.event_ids = EventIds(tree, map, "ids");
  advice.always = IsTrue(tree, map, "always");
  advice.exact = IsTrue(tree, map, "exact");
  advice.field = TextOr(tree, map, "field");
  if (!advice.service.empty()) {
    LogSource of_service;
    of_service.product = sources.product();
    of_service.service = advice.service;
    const std::vector<Target> targets = sources.Resolve(of_service);
    Check(targets.size() == 1, map, "no such service");
    advice.channels = targets[0].channels;
    advice.providers = targets[0].providers;
  } else if (const YamlNode* source = tree.Find(map, "source")) {
    CheckKeys(tree, *source, {"product", "service", "category"});
    advice.source = {TextOr(tree, *source, "category"), TextOr(tree, *source, "product"),
                     TextOr(tree, *source, "service")};
  } else {
    advice.providers = Texts(tree, map, "provider");
    Check(!advice.providers.empty(), map, "a service, a provider or a source expected");
  }
  return advice;
}

LogEvent ParseLogEvent(const YamlTree& tree, const YamlNode& map) {
  CheckKeys(tree, map, {"channel", "provider", "ids", "kind", "what", "fields", "old", "new"});
  LogEvent event;
  event.channel = TextOr(tree, map, "channel");
  event.provider = TextOr(tree, map, "provider");
  event.event_ids = EventIds(tree, map, "ids");
  event.kind = TextOr(tree, map, "kind");
  event.what = TextOr(tree, map, "what");
  event.old_time = Texts(tree, map, "old");
  event.new_time = Texts(tree, map, "new");
  Check(!event.channel.empty() && !event.event_ids.empty() && !event.kind.empty() && !event.what.empty(), map,
        "channel, ids, kind or what is missing");
  Check(event.old_time.empty() == event.new_time.empty(), map, "old and new belong together");
  if (const YamlNode* fields = tree.Find(map, "fields")) {
    Check(fields->kind == YamlNode::Kind::kMap, *fields, "a map expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(*fields); ++i) {
      event.fields.emplace_back(Text(tree.Key(*fields, i)), Text(tree.Value(*fields, i)));
    }
  }
  return event;
}

Stage ParseStage(const YamlTree& tree, const YamlNode& map) {
  CheckKeys(tree, map, {"name", "tactics", "techniques"});
  Stage stage{TextOr(tree, map, "name"), Texts(tree, map, "tactics"), {}};
  for (const std::string& technique : Texts(tree, map, "techniques")) stage.techniques.push_back(AsciiLower(technique));
  Check(!stage.name.empty() && !(stage.tactics.empty() && stage.techniques.empty()), map,
        "a name and tactics or techniques expected");
  return stage;
}

}  // namespace

SwitchOn::SwitchOn(std::string_view yaml, const SourceMap& sources) {
  YamlTree tree;
  ReadDataFile(yaml, &tree);
  const YamlNode& root = *tree.root();
  CheckKeys(tree, root, {"switch_on", "events", "values", "expected", "stages"});
  for (std::string_view key : {"switch_on", "events", "values", "expected", "stages"}) {
    Check(tree.Find(root, key) != nullptr, root, "a section is missing");
  }
  for (const YamlNode* one : Values(tree, *tree.Find(root, "switch_on"))) {
    advice_.push_back(ParseAdvice(tree, *one, sources));
  }
  for (const YamlNode* one : Values(tree, *tree.Find(root, "events"))) log_events_.push_back(ParseLogEvent(tree, *one));
  for (const YamlNode* one : Values(tree, *tree.Find(root, "stages"))) stages_.push_back(ParseStage(tree, *one));
  expected_ = Texts(tree, root, "expected");
  const YamlNode& values = *tree.Find(root, "values");
  Check(values.kind == YamlNode::Kind::kMap, values, "a map expected");
  for (uint32_t i = 0; i < YamlTree::PairCount(values); ++i) {
    values_.emplace_back(Text(tree.Key(values, i)), Text(tree.Value(values, i)));
  }
  for (const Advice& advice : advice_) {
    for (const std::string& channel : advice.channels) channels_.try_emplace(AsciiLower(channel), channel);
  }
}

const SwitchOn& SwitchOn::BuiltIn() {
  static const auto* known = new SwitchOn(data::switch_on, SourceMap::BuiltIn());
  return *known;
}

std::string_view SwitchOn::ChannelName(std::string_view channel) const {
  const auto it = channels_.find(AsciiLower(channel));
  return it != channels_.end() ? std::string_view(it->second) : channel;
}

std::string_view SwitchOn::InWords(std::string_view value) const {
  for (const auto& [number, words] : values_) {
    if (number == value) return words;
  }
  return value;
}

std::string TechniqueOf(std::string_view tag) {
  // attack.tNNNN or attack.tNNNN.NNN
  constexpr std::string_view kPattern = "attack.t####.###";
  if (tag.size() != 12 && tag.size() != 16) return "";
  const std::string lower = AsciiLower(tag);
  for (size_t i = 0; i < lower.size(); ++i) {
    const bool digit = lower[i] >= '0' && lower[i] <= '9';
    if (kPattern[i] == '#' ? !digit : lower[i] != kPattern[i]) return "";
  }
  return "T" + lower.substr(8);
}

bool IsOfStage(const Stage& stage, const std::vector<std::string>& tags) {
  constexpr std::string_view kAttack = "attack.";
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
    std::string lower = AsciiLower(tag);
    std::replace(lower.begin(), lower.end(), '_', '-');  // how older rules write tactics
    if (!lower.starts_with(kAttack)) return false;
    const std::string_view name = std::string_view(lower).substr(kAttack.size());
    if (std::find(stage.tactics.begin(), stage.tactics.end(), name) != stage.tactics.end()) return true;
    return std::any_of(stage.techniques.begin(), stage.techniques.end(), [&](const std::string& technique) {
      return name == technique || (name.starts_with(technique) && name[technique.size()] == '.');
    });
  });
}

}  // namespace spoor::sigma
