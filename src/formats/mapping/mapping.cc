#include "formats/mapping/mapping.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/message.h"
#include "base/text.h"
#include "yaml/yaml_reader.h"

namespace spoor {

namespace mapping_data {
extern const std::string_view windows, cloud, network;
}

namespace {

constexpr size_t kMaxVariants = 256;  // of a shape, by the value that says which log it is

// Names of fields that hold an event's time where no mapping says it, the one that says when it happened before those
// that say when it was received or written.
constexpr std::string_view kUsualTimes[] = {
    "Event.System.TimeCreated.#attributes.SystemTime",
    "System.TimeCreated.SystemTime",
    "TimeCreated",      "UtcTime",       "@timestamp",   "EventTime",
    "eventTime",        "event_time",    "CreationTime", "createdDateTime",
    "activityDateTime", "published",     "time",         "timestamp",
    "Timestamp",        "TimeGenerated", "_time",        "ts",
    "datetime",         "date",          "created_at",
};

bool Names(std::string_view pattern, std::string_view field) {
  if (pattern.ends_with('*')) return field.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == field;
}

int Find(absl::Span<const std::string> fields, std::string_view name) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (Names(name, fields[i])) return static_cast<int>(i);
  }
  return -1;
}

bool Fits(const Mapping& m, absl::Span<const std::string> fields) {
  const auto there = [&](const std::string& name) { return Find(fields, name) >= 0; };
  return std::all_of(m.keys.begin(), m.keys.end(), there) && std::none_of(m.without.begin(), m.without.end(), there);
}

// Reads one file of mappings. The first mistake ends it.
class Parser {
 public:
  Parser(const YamlTree& tree, std::vector<Mapping>* out) : tree_(tree), out_(*out) {}

  bool Read() {
    const YamlNode& root = *tree_.root();
    if (root.kind != YamlNode::Kind::kSequence) return Wrong(root, "a list of mappings expected ('- name: …')");
    for (uint32_t i = 0; i < root.count; ++i) {
      if (!One(tree_.Child(root, i))) return false;
    }
    return true;
  }
  uint32_t line() const { return line_; }
  const std::string& problem() const { return problem_; }

 private:
  bool Wrong(const YamlNode& at, std::string what) {
    line_ = at.line;
    problem_ = std::move(what);
    return false;
  }

  bool One(const YamlNode& map) {
    if (map.kind != YamlNode::Kind::kMap) return Wrong(map, "a mapping is a map: 'name: …', 'keys: […]', …");
    Mapping m;
    for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
      const YamlNode &key = tree_.Key(map, i), &value = tree_.Value(map, i);
      const std::string_view name = key.text;
      bool good = false;
      if (name == "name") {
        good = Text(value, &m.name);
      } else if (name == "windows") {
        m.windows = true;
        good = value.text == "true" || Wrong(value, "'windows' is true, or is left out");
      } else if (name == "source") {
        good = Source(value, &m.source);
      } else if (name == "by") {
        good = Text(value, &m.by);
      } else if (name == "sources") {
        good = Sources(value, &m);
      } else if (auto* list = ListOf(&m, name)) {
        good = Texts(value, list);
      } else if (auto* pairs = PairsOf(&m, name)) {
        good = Pairs(value, pairs);
      } else {
        return Wrong(key, Cat("unknown key '", name,
                              "'; there are name, keys, without, windows, source, by, sources, time, host, user, "
                              "record, rename, strip, also"));
      }
      if (!good) return false;
    }
    if (m.keys.empty()) return Wrong(map, "'keys' is missing: names of fields by which such records are known");
    if (!m.sources.empty() && m.by.empty()) return Wrong(map, "'sources' needs 'by': the field that says which");
    out_.push_back(std::move(m));
    return true;
  }

  static std::vector<std::string>* ListOf(Mapping* m, std::string_view name) {
    if (name == "keys") return &m->keys;
    if (name == "without") return &m->without;
    if (name == "time") return &m->time;
    if (name == "host") return &m->host;
    if (name == "user") return &m->user;
    if (name == "record") return &m->record;
    if (name == "strip") return &m->strip;
    return nullptr;
  }
  static Mapping::Names* PairsOf(Mapping* m, std::string_view name) {
    if (name == "rename") return &m->rename;
    if (name == "also") return &m->also;
    return nullptr;
  }

  bool Text(const YamlNode& node, std::string* out) {
    if (node.kind != YamlNode::Kind::kScalar || node.text.empty()) return Wrong(node, "a text expected");
    out->assign(node.text);
    return true;
  }
  bool Texts(const YamlNode& node, std::vector<std::string>* out) {
    if (node.kind == YamlNode::Kind::kScalar) return Text(node, &out->emplace_back());
    if (node.kind != YamlNode::Kind::kSequence) return Wrong(node, "a text or a list of texts expected");
    for (uint32_t i = 0; i < node.count; ++i) {
      if (!Text(tree_.Child(node, i), &out->emplace_back())) return false;
    }
    return true;
  }
  bool Pairs(const YamlNode& node, Mapping::Names* out) {
    if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a map expected ('name: other name')");
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      auto& [first, second] = out->emplace_back();
      if (!Text(tree_.Key(node, i), &first) || !Text(tree_.Value(node, i), &second)) return false;
    }
    return true;
  }
  bool Source(const YamlNode& node, SourceTag* out) {
    if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a map of product, service, category expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      const YamlNode& key = tree_.Key(node, i);
      std::string* const part = key.text == "product"    ? &out->product
                                : key.text == "service"  ? &out->service
                                : key.text == "category" ? &out->category
                                                         : nullptr;
      if (part == nullptr) return Wrong(key, "a log source has product, service, category");
      if (!Text(tree_.Value(node, i), part)) return false;
    }
    return true;
  }
  bool Sources(const YamlNode& node, Mapping* m) {
    if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a map of values to log sources expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      auto& [text, source] = m->sources.emplace_back();
      if (!Text(tree_.Key(node, i), &text) || !Source(tree_.Value(node, i), &source)) return false;
    }
    return true;
  }

  const YamlTree& tree_;
  std::vector<Mapping>& out_;
  uint32_t line_ = 0;
  std::string problem_;
};

absl::Status ParseInto(std::string_view yaml, const std::string& path, std::vector<Mapping>* out) {
  YamlReader reader(yaml);
  YamlTree tree;
  while (reader.Next(&tree)) {
    const auto at = [&](uint32_t line, std::string_view what) {
      return absl::InvalidArgumentError(Cat(path, ":", line, ": ", what));
    };
    if (tree.problem()) return at(tree.problem()->line, tree.problem()->message);
    if (tree.root() == nullptr) continue;
    Parser parser(tree, out);
    if (!parser.Read()) return at(parser.line(), parser.problem());
  }
  return absl::OkStatus();
}

}  // namespace

const Mappings& Mappings::BuiltIn() {
  static const auto* const built_in = [] {
    auto* mappings = new Mappings;
    for (const auto& [yaml, name] :
         {std::pair(mapping_data::windows, "windows.yml"), std::pair(mapping_data::cloud, "cloud.yml"),
          std::pair(mapping_data::network, "network.yml")}) {
      if (const absl::Status s = ParseInto(yaml, name, &mappings->mappings_); !s.ok()) {
        std::fprintf(stderr, "spoor: a data file of the program is wrong: %s\n", std::string(s.message()).c_str());
        std::abort();
      }
    }
    return mappings;
  }();
  return *built_in;
}

absl::StatusOr<Mappings> Mappings::Parse(std::string_view yaml, const std::string& path) {
  Mappings mappings;
  if (absl::Status s = ParseInto(yaml, path, &mappings.mappings_); !s.ok()) return s;
  const std::vector<Mapping>& more = BuiltIn().mappings_;
  mappings.mappings_.insert(mappings.mappings_.end(), more.begin(), more.end());
  return mappings;
}

Mapped Mappings::Map(absl::Span<const std::string> fields) const {
  Mapped mapped;
  mapped.names.assign(fields.begin(), fields.end());
  const auto it = std::find_if(mappings_.begin(), mappings_.end(), [&](const Mapping& m) { return Fits(m, fields); });
  const auto all = [&](const auto& names, std::vector<uint32_t>* out) {
    for (const auto& name : names) {
      if (const int i = Find(fields, name); i >= 0) out->push_back(static_cast<uint32_t>(i));
    }
  };
  if (it == mappings_.end()) {
    all(kUsualTimes, &mapped.times);
    return mapped;
  }
  const Mapping& m = *it;
  mapped.mapping = &m;
  for (std::string& name : mapped.names) {
    const auto renamed =
        std::find_if(m.rename.begin(), m.rename.end(), [&](const auto& pair) { return pair.first == name; });
    if (renamed != m.rename.end()) {
      name = renamed->second;
      continue;
    }
    for (const std::string& beginning : m.strip) {
      if (name.starts_with(beginning) && name.size() > beginning.size()) {
        name.erase(0, beginning.size());
        break;
      }
    }
  }
  all(m.time, &mapped.times);
  if (mapped.times.empty()) all(kUsualTimes, &mapped.times);
  const auto first = [&](const std::vector<std::string>& names) {
    std::vector<uint32_t> found;
    all(names, &found);
    return found.empty() ? -1 : static_cast<int>(found[0]);
  };
  if (!m.by.empty()) mapped.by = Find(fields, m.by);
  mapped.host = first(m.host);
  mapped.user = first(m.user);
  mapped.record = first(m.record);
  for (const auto& [name, of] : m.also) {
    if (const int i = Find(fields, of); i >= 0) mapped.aliases.emplace_back(name, static_cast<uint32_t>(i));
  }
  return mapped;
}

SourceTag SourceBy(const Mapping& mapping, std::string_view text) {
  const SourceTag* found = nullptr;
  for (const auto& [value, source] : mapping.sources) {
    if (EqualsIgnoreAsciiCase(value, text) || (found == nullptr && value == "*")) found = &source;
  }
  SourceTag tag = mapping.source;
  if (found == nullptr) return tag;
  if (!found->product.empty()) tag.product = found->product;
  if (!found->service.empty()) tag.service = found->service;
  if (!found->category.empty()) tag.category = found->category;
  return tag;
}

MappedShape::MappedShape(Mapped mapped, const SourceTag& given, uint64_t number) : mapped_(std::move(mapped)) {
  base_.number = number;
  base_.value_count = static_cast<uint32_t>(mapped_.names.size());
  for (uint32_t i = 0; i < mapped_.names.size(); ++i) {
    memory_ += sizeof(Field) + sizeof(FieldPart) + mapped_.names[i].size();
    base_.fields.push_back({mapped_.names[i], {{FieldPart::kValue, i}}});
  }
  for (const auto& [name, field] : mapped_.aliases) {
    memory_ += sizeof(Field) + sizeof(FieldPart) + name.size();
    base_.fields.push_back({name, {{FieldPart::kValue, field}}, true});
  }
  base_.host = mapped_.host;
  base_.user = mapped_.user;
  const int channel = Find(mapped_.names, "Channel"), event_id = Find(mapped_.names, "EventID");
  const Mapping* const m = mapped_.mapping;
  // An event of a Windows log says so by its channel and event id; then these say what it is.
  if ((m == nullptr || m->windows) && channel >= 0 && event_id >= 0) {
    base_.key = {channel, Find(mapped_.names, "Provider_Name"), event_id, Find(mapped_.names, "Computer")};
  } else if (m != nullptr && !m->windows) {
    base_.source = m->source;
  } else {
    base_.source = given;
  }
  memory_ += sizeof(*this);
}

const Shape& MappedShape::For(const Value* values) {
  if (mapped_.by < 0) return base_;
  const Value& value = values[mapped_.by];
  if (value.type != ValueType::kUtf8) return base_;
  const std::string_view text(reinterpret_cast<const char*>(value.data), value.size);
  for (size_t i = 0; i < variants_.size(); ++i) {
    if (variants_[i].text != text) continue;
    if (i > 0) std::swap(variants_[i], variants_[i - 1]);
    return *variants_[i > 0 ? i - 1 : 0].shape;
  }
  if (variants_.size() >= kMaxVariants) return base_;
  auto shape = std::make_unique<Shape>(base_);
  shape->plan = nullptr;
  shape->source = SourceBy(*mapped_.mapping, text);
  memory_ += memory_ / (variants_.size() + 1) + text.size();
  variants_.push_back({std::string(text), std::move(shape)});
  return *variants_.back().shape;
}

}  // namespace spoor
