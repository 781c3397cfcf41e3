#include "formats/mapping/mapping.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>

#include "base/message.h"
#include "base/text.h"
#include "yaml/yaml_reader.h"

namespace spoor {

namespace mapping_data {
extern const std::string_view windows, cloud, network, w3c, web, tables;
}

namespace {

constexpr size_t kMaxVariants = 256;  // of a shape, by the value that says which log it is

// Names of fields that hold an event's time where no mapping says it, the one that says when it happened before those
// that say when it was received or written.
constexpr std::string_view kUsualTimes[] = {
    "Event.System.TimeCreated.#attributes.SystemTime",
    "System.TimeCreated.SystemTime",
    "TimeCreated",
    "UtcTime",
    "@timestamp",
    "EventTime",
    "eventTime",
    "event_time",
    "CreationTime",
    "createdDateTime",
    "activityDateTime",
    "published",
    "time",
    "timestamp",
    "Timestamp",
    "TimeGenerated",
    "_time",
    "ts",
    "datetime",
    "date",
    "created_at",
};

bool Names(std::string_view pattern, std::string_view field) {
  if (const size_t bar = pattern.find('|'); bar != std::string_view::npos) {
    return Names(pattern.substr(0, bar), field) || Names(pattern.substr(bar + 1), field);
  }
  if (pattern.ends_with('*')) return field.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == field;
}

// The part of a name up to the next dot, taken off it.
std::string_view TakeKey(std::string_view* name) {
  const size_t dot = std::min(name->find('.'), name->size());
  const std::string_view key = name->substr(0, dot);
  name->remove_prefix(std::min(dot + 1, name->size()));
  return key;
}

char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

void ReplaceAll(std::string_view from, std::string_view to, std::string* text) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

// What a name becomes by a renaming with {places}, each of which stands for (a part of) one key; {Place} is the same
// with its first letter large. Empty: the name is not meant.
std::string Renamed(std::string_view from, std::string_view to, std::string_view name) {
  if (std::count(from.begin(), from.end(), '.') != std::count(name.begin(), name.end(), '.')) return "";
  std::vector<std::pair<std::string_view, std::string_view>> places;
  while (!from.empty()) {
    const std::string_view key = TakeKey(&from), have = TakeKey(&name);
    const size_t open = key.find('{'), close = key.find('}');
    if (open == std::string_view::npos || close == std::string_view::npos) {
      if (key != have) return "";
      continue;
    }
    const std::string_view before = key.substr(0, open), after = key.substr(close + 1);
    if (have.size() <= before.size() + after.size() || !have.starts_with(before) || !have.ends_with(after)) return "";
    places.emplace_back(key.substr(open, close + 1 - open),
                        have.substr(before.size(), have.size() - before.size() - after.size()));
  }
  std::string made(to);
  for (const auto& [place, text] : places) {
    std::string large(place), large_text(text);
    large[1] = AsciiUpper(large[1]);
    large_text[0] = AsciiUpper(large_text[0]);
    ReplaceAll(place, text, &made);
    ReplaceAll(large, large_text, &made);
  }
  return made;
}

// How much of a name a beginning takes off; 0: nothing. A key of it that is * stands for any.
size_t Stripped(std::string_view beginning, std::string_view name) {
  if (beginning.find('*') == std::string_view::npos) {
    return name.starts_with(beginning) && name.size() > beginning.size() ? beginning.size() : 0;
  }
  std::string_view left = name;
  while (!beginning.empty()) {
    const std::string_view want = TakeKey(&beginning), have = TakeKey(&left);
    if (left.empty() || (want != "*" && want != have)) return 0;
  }
  return name.size() - left.size();
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
      } else if (name == "day-first") {
        m.day_first = true;
        good = value.text == "true" || Wrong(value, "'day-first' is true, or is left out");
      } else if (name == "utc") {
        m.utc = true;
        good = value.text == "true" || Wrong(value, "'utc' is true, or is left out");
      } else if (name == "ragged") {
        m.ragged = true;
        good = value.text == "true" || Wrong(value, "'ragged' is true, or is left out");
      } else if (name == "source") {
        good = Source(value, &m.source);
      } else if (std::string* const field = FieldOf(&m, name)) {
        good = Text(value, field);
      } else if (name == "sources") {
        good = Sources(value, &m);
      } else if (name == "values") {
        good = Values(value, &m);
      } else if (name == "derive") {
        good = Derive(value, &m);
      } else if (name == "split") {
        good = Splits(value, &m);
      } else if (auto* list = ListOf(&m, name)) {
        good = Texts(value, list);
      } else if (auto* pairs = PairsOf(&m, name)) {
        good = Pairs(value, pairs);
      } else {
        return Wrong(key, Cat("unknown key '", name,
                              "'; there are name, keys, without, under, windows, source, by, sources, time, host, "
                              "user, record, rename, strip, also, make, join, split, values, derive, unfold, pairs, "
                              "request, uri, uri-stem, uri-query, uri-host, json, day-first, utc, ragged"));
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
    if (name == "by") return &m->by;
    if (name == "under") return &m->under;
    if (name == "unfold") return &m->unfold;
    if (name == "pairs") return &m->pairs;
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
    if (name == "make") return &m->make;
    if (name == "join") return &m->join;
    return nullptr;
  }

  static std::string* FieldOf(Mapping* m, std::string_view name) {
    if (name == "request") return &m->request;
    if (name == "uri") return &m->uri;
    if (name == "uri-stem") return &m->uri_stem;
    if (name == "uri-query") return &m->uri_query;
    if (name == "uri-host") return &m->uri_host;
    if (name == "json") return &m->json;
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
  // A map, or several in a list; where a value is a list, the name has each of them.
  bool Pairs(const YamlNode& node, Mapping::Names* out) {
    if (node.kind == YamlNode::Kind::kSequence) {
      for (uint32_t i = 0; i < node.count; ++i) {
        if (!Pairs(tree_.Child(node, i), out)) return false;
      }
      return true;
    }
    if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a map expected ('name: other name')");
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      std::string first;
      std::vector<std::string> seconds;
      if (!Text(tree_.Key(node, i), &first) || !Texts(tree_.Value(node, i), &seconds)) return false;
      for (std::string& second : seconds) out->emplace_back(first, std::move(second));
    }
    return true;
  }
  bool Values(const YamlNode& node, Mapping* m) {
    if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a map of fields to maps of texts expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      auto& [field, texts] = m->values.emplace_back();
      if (!Text(tree_.Key(node, i), &field) || !Pairs(tree_.Value(node, i), &texts)) return false;
    }
    return true;
  }
  bool Derive(const YamlNode& node, Mapping* m) {
    if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a map expected ('name: {field: {text: text}}')");
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      const YamlNode& from = tree_.Value(node, i);
      if (from.kind != YamlNode::Kind::kMap) return Wrong(from, "a map expected ('field: {text: text}')");
      for (uint32_t k = 0; k < YamlTree::PairCount(from); ++k) {
        Mapping::Derived& derived = m->derive.emplace_back();
        if (!Text(tree_.Key(node, i), &derived.name) || !Text(tree_.Key(from, k), &derived.from) ||
            !Pairs(tree_.Value(from, k), &derived.texts)) {
          return false;
        }
      }
    }
    return true;
  }
  bool Splits(const YamlNode& node, Mapping* m) {
    if (node.kind != YamlNode::Kind::kMap) return Wrong(node, "a map expected ('field: [address, port]')");
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      std::vector<std::string> names;
      Mapping::Split& split = m->split.emplace_back();
      if (!Text(tree_.Key(node, i), &split.from) || !Texts(tree_.Value(node, i), &names)) return false;
      if (names.size() != 2) return Wrong(tree_.Value(node, i), "two names expected, of the address and of the port");
      split.address = names[0];
      split.port = names[1];
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
          std::pair(mapping_data::network, "network.yml"), std::pair(mapping_data::w3c, "w3c.yml"),
          std::pair(mapping_data::web, "web.yml"), std::pair(mapping_data::tables, "tables.yml")}) {
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

namespace {

// The fields as they are named without what the record lies in. What stands beside it under a name that there is in it,
// too, gets another one.
std::vector<std::string> Without(absl::Span<const std::string> fields, std::string_view under) {
  std::vector<std::string> names(fields.begin(), fields.end());
  std::set<std::string> inner;
  for (const std::string& name : fields) {
    if (name.size() > under.size() && name.starts_with(under)) inner.insert(name.substr(under.size()));
  }
  for (std::string& name : names) {
    if (name.size() > under.size() && name.starts_with(under)) {
      name.erase(0, under.size());
    } else if (inner.contains(name)) {
      name += " (outside)";
    }
  }
  return names;
}

std::string NewName(const Mapping& m, const std::string& name) {
  for (const auto& [from, to] : m.rename) {
    if (from == name) return to;
  }
  for (const auto& [from, to] : m.rename) {
    if (from.find('{') == std::string::npos) continue;
    if (std::string made = Renamed(from, to, name); !made.empty()) return made;
  }
  for (const std::string& beginning : m.strip) {
    if (const size_t size = Stripped(beginning, name); size > 0) return name.substr(size);
  }
  return name;
}

// The parts of a text with {names} in it; false: some of these are not there.
bool PartsOf(std::string_view text, absl::Span<const std::string> fields, std::vector<Mapped::Part>* parts) {
  while (!text.empty()) {
    const size_t open = std::min(text.find('{'), text.size());
    if (open > 0) parts->push_back({-1, std::string(text.substr(0, open))});
    text.remove_prefix(open);
    const size_t close = text.find('}');
    if (close == std::string_view::npos) return text.empty();
    const int field = Find(fields, text.substr(1, close - 1));
    if (field < 0) return false;
    parts->push_back({field, ""});
    text.remove_prefix(close + 1);
  }
  return true;
}

}  // namespace

Mapped Mappings::Map(absl::Span<const std::string> fields, size_t deciding,
                     absl::Span<const std::string> objects) const {
  Mapped mapped;
  std::vector<std::string> names(fields.begin(), fields.end()), inner_objects(objects.begin(), objects.end());
  deciding = std::min(deciding, fields.size());
  const auto fits = [&](const Mapping& m) {
    if (Fits(m, fields.first(deciding))) return true;
    for (const std::string& under : m.under) {
      std::vector<std::string> inner = Without(fields, under);
      if (!Fits(m, absl::MakeConstSpan(inner).first(deciding))) continue;
      names = std::move(inner);
      inner_objects = Without(objects, under);
      return true;
    }
    return false;
  };
  const auto it = std::find_if(mappings_.begin(), mappings_.end(), fits);
  const auto all = [&](const auto& wanted, std::vector<uint32_t>* out) {
    for (const auto& name : wanted) {
      if (const int i = Find(names, name); i >= 0) out->push_back(static_cast<uint32_t>(i));
    }
  };
  mapped.names = names;
  if (it == mappings_.end()) {
    all(kUsualTimes, &mapped.times);
    return mapped;
  }
  const Mapping& m = *it;
  mapped.mapping = &m;
  for (std::string& name : mapped.names) name = NewName(m, name);
  for (const std::string& name : m.time) {
    const size_t plus = name.find(" + ");
    if (plus == std::string::npos) {
      all(std::vector<std::string>{name}, &mapped.times);
      continue;
    }
    const int date = Find(names, name.substr(0, plus)), clock = Find(names, name.substr(plus + 3));
    if (date < 0 || clock < 0 || !mapped.times.empty()) continue;
    mapped.times = {static_cast<uint32_t>(date)};
    mapped.clock = clock;
    break;
  }
  if (mapped.times.empty()) all(kUsualTimes, &mapped.times);
  std::vector<uint32_t> unfold;
  all(m.unfold, &unfold);
  for (const uint32_t i : unfold) {
    const bool done =
        std::any_of(fields.begin() + static_cast<ptrdiff_t>(deciding), fields.end(), [&](const auto& name) {
          return name.starts_with(fields[i]) && (name.size() == fields[i].size() || name[fields[i].size()] == '.');
        });
    mapped.unfold.push_back({i, fields[i], done && i < deciding});
  }
  all(m.by, &mapped.by);
  if (mapped.by.size() < m.by.size()) mapped.by.clear();
  for (const auto& [name, text] : m.make) {
    const bool known = std::any_of(mapped.made.begin(), mapped.made.end(),
                                   [&wanted = name](const auto& f) { return f.first == wanted; });
    std::vector<Mapped::Part> parts;
    if (known || Find(mapped.names, name) >= 0 || !PartsOf(text, names, &parts)) continue;
    mapped.made.emplace_back(name, std::move(parts));
  }
  const auto first = [&](const std::vector<std::string>& wanted) -> std::string {
    for (const std::string& name : wanted) {
      for (const auto& made : mapped.made) {
        if (made.first == name) return name;
      }
      if (const int i = Find(names, name); i >= 0) return mapped.names[static_cast<size_t>(i)];
    }
    return "";
  };
  const auto one = [&](const std::string& name) { return name.empty() ? -1 : Find(names, name); };
  mapped.json = one(m.json);
  all(m.pairs, &mapped.pairs);
  mapped.web = {one(m.request), one(m.uri), one(m.uri_stem), one(m.uri_query), one(m.uri_host)};
  mapped.host = first(m.host);
  mapped.user = first(m.user);
  std::vector<uint32_t> records;
  all(m.record, &records);
  if (!records.empty()) mapped.record = static_cast<int>(records[0]);
  for (const auto& [name, of] : m.also) {
    if (const int i = Find(names, of); i >= 0) {
      if (mapped.names[static_cast<size_t>(i)] != name) mapped.aliases.emplace_back(name, static_cast<uint32_t>(i));
    } else if (const int o = Find(inner_objects, of); o >= 0) {
      mapped.objects.emplace_back(name, static_cast<uint32_t>(o));
    }
  }
  for (const auto& [field, texts] : m.values) {
    if (const int i = Find(names, field); i >= 0) mapped.values.emplace_back(static_cast<uint32_t>(i), &texts);
  }
  for (const auto& [name, of] : m.join) {
    if (const int i = Find(names, of); i >= 0) mapped.joined.emplace_back(name, static_cast<uint32_t>(i));
  }
  for (const Mapping::Split& one : m.split) {
    if (const int i = Find(names, one.from); i >= 0) mapped.split.emplace_back(static_cast<uint32_t>(i), &one);
  }
  for (const Mapping::Derived& d : m.derive) {
    if (const int i = Find(names, d.from); i >= 0) {
      mapped.derived.push_back({d.name, static_cast<uint32_t>(i), &d.texts});
    }
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
  const auto set = [&](const std::string& part, std::string* out) {
    if (!part.empty()) *out = part == "*" ? AsciiLower(text) : part;
  };
  set(found->product, &tag.product);
  set(found->service, &tag.service);
  set(found->category, &tag.category);
  return tag;
}

MappedShape::MappedShape(Mapped mapped, const SourceTag& given, uint64_t number) : mapped_(std::move(mapped)) {
  base_.number = number;
  const auto count = static_cast<uint32_t>(mapped_.names.size());
  const auto objects = static_cast<uint32_t>(mapped_.objects.size());
  const auto derived = static_cast<uint32_t>(mapped_.derived.size());
  const auto joined = static_cast<uint32_t>(mapped_.joined.size());
  base_.value_count = count + objects + derived + joined + 2 * static_cast<uint32_t>(mapped_.split.size());
  const auto add = [&](const std::string& name, std::vector<FieldPart> parts, bool alias) {
    memory_ += sizeof(Field) + parts.size() * sizeof(FieldPart) + name.size();
    base_.fields.push_back({name, std::move(parts), alias});
  };
  for (uint32_t i = 0; i < count; ++i) add(mapped_.names[i], {{FieldPart::kValue, i}}, i >= mapped_.hidden_from);
  // What was unfolded is shown as what was found in it.
  for (const Mapped::Unfold& u : mapped_.unfold) base_.fields[u.field].alias = u.done;
  std::vector<std::pair<size_t, size_t>> texts;  // constants, in constant_bytes
  for (const auto& [name, parts] : mapped_.made) {
    std::vector<FieldPart> made;
    for (const Mapped::Part& part : parts) {
      if (part.field >= 0) {
        made.push_back({FieldPart::kValue, static_cast<uint32_t>(part.field)});
        continue;
      }
      made.push_back({FieldPart::kConstant, static_cast<uint32_t>(texts.size())});
      texts.emplace_back(base_.constant_bytes.size(), part.text.size());
      base_.constant_bytes += part.text;
    }
    add(name, std::move(made), false);
  }
  for (const auto& [at, size] : texts) {
    base_.constants.push_back({reinterpret_cast<const uint8_t*>(base_.constant_bytes.data()) + at,
                               static_cast<uint32_t>(size), ValueType::kUtf8});
  }
  for (const auto& [name, field] : mapped_.aliases) add(name, {{FieldPart::kValue, field}}, true);
  for (uint32_t i = 0; i < objects; ++i) add(mapped_.objects[i].first, {{FieldPart::kValue, count + i}}, true);
  for (uint32_t i = 0; i < derived; ++i) {
    add(mapped_.derived[i].name, {{FieldPart::kValue, count + objects + i}}, true);
  }
  for (uint32_t i = 0; i < mapped_.joined.size(); ++i) {
    add(mapped_.joined[i].first, {{FieldPart::kValue, count + objects + derived + i}}, false);
  }
  for (uint32_t i = 0; i < mapped_.split.size(); ++i) {
    const uint32_t at = count + objects + derived + joined + 2 * i;
    add(mapped_.split[i].second->address, {{FieldPart::kValue, at}}, true);
    add(mapped_.split[i].second->port, {{FieldPart::kValue, at + 1}}, true);
  }
  own_values_ = base_.value_count;
  if (mapped_.web.any()) web_ = std::make_unique<WebParts>(mapped_.web, &base_);
  const auto find = [&](std::string_view name) {
    for (size_t i = 0; i < base_.fields.size(); ++i) {
      if (base_.fields[i].name == name) return static_cast<int>(i);
    }
    return -1;
  };
  if (!mapped_.host.empty()) base_.host = find(mapped_.host);
  if (!mapped_.user.empty()) base_.user = find(mapped_.user);
  const int channel = find("Channel"), event_id = find("EventID");
  const Mapping* const m = mapped_.mapping;
  // An event of a Windows log says so by its channel and event id; then these say what it is.
  if ((m == nullptr || m->windows) && channel >= 0 && event_id >= 0) {
    base_.key = {channel, find("Provider_Name"), event_id, find("Computer")};
  } else if (m != nullptr && !m->windows && !m->source.is_windows_log()) {
    base_.source = m->source;
  } else {
    base_.source = given;
  }
  replaced_.resize(mapped_.values.size() + mapped_.derived.size() + mapped_.joined.size());
  memory_ += sizeof(*this) + base_.constant_bytes.size();
}

namespace {

std::string_view TextOf(const Value& value) { return {reinterpret_cast<const char*>(value.data), value.size}; }
Value ValueOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8};
}

// What a text stands for; nothing: for itself. May be made in *made.
std::optional<std::string_view> MeaningOf(const Mapping::Names& texts, std::string_view text, std::string* made) {
  for (const auto& [from, to] : texts) {
    if (from == "*") return to;
    const bool beginning = from.ends_with('*') && to.ends_with('*');
    const size_t size = from.size() - beginning;
    if (beginning ? text.size() < size : text.size() != size) continue;
    if (!EqualsIgnoreAsciiCase(text.substr(0, size), std::string_view(from).substr(0, size))) continue;
    if (!beginning) return to;
    made->assign(to, 0, to.size() - 1).append(text.substr(size));
    return *made;
  }
  return std::nullopt;
}

// "192.0.2.1:443", "[2001:db8::1]:443", "name:443", or no port. An address with several colons and no brackets has
// none.
std::pair<std::string_view, std::string_view> SplitEndpoint(std::string_view text) {
  const size_t colon = text.rfind(':');
  const bool brackets = text.starts_with('[');
  if (brackets) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return {text, {}};
    return {text.substr(1, close - 1), colon == close + 1 ? text.substr(colon + 1) : std::string_view()};
  }
  if (colon == std::string_view::npos || text.find(':') != colon) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

const Shape& MappedShape::For(std::vector<Value>* all) {
  const size_t before = all->size();
  all->resize(own_values_);
  Value* values = all->data();
  for (size_t i = 0; i < mapped_.derived.size(); ++i) {
    const Mapped::Derived& derived = mapped_.derived[i];
    if (values[derived.from].type != ValueType::kUtf8) continue;
    std::string& made = replaced_[mapped_.values.size() + i];
    if (const auto meaning = MeaningOf(*derived.texts, TextOf(values[derived.from]), &made)) {
      values[before + i] = ValueOf(*meaning);
    }
  }
  for (size_t i = 0; i < mapped_.joined.size(); ++i) {
    std::string& made = replaced_[mapped_.values.size() + mapped_.derived.size() + i];
    made.clear();
    ForEachElement(values[mapped_.joined[i].second], [&](const Value& element) {
      if (!made.empty()) made += ' ';
      AppendText(element, &made);
    });
    values[before + mapped_.derived.size() + i] = ValueOf(made);
  }
  for (size_t i = 0; i < mapped_.split.size(); ++i) {
    const Value& value = values[mapped_.split[i].first];
    if (value.type != ValueType::kUtf8) continue;
    Value* const made = values + before + mapped_.derived.size() + mapped_.joined.size() + 2 * i;
    const auto [address, port] = SplitEndpoint(TextOf(value));
    made[0] = ValueOf(address);
    if (!port.empty()) made[1] = ValueOf(port);
  }
  for (size_t i = 0; i < mapped_.values.size(); ++i) {
    const auto& [field, texts] = mapped_.values[i];
    if (values[field].type != ValueType::kUtf8) continue;
    if (const auto meaning = MeaningOf(*texts, TextOf(values[field]), &replaced_[i])) {
      values[field] = ValueOf(*meaning);
    }
  }
  if (web_ != nullptr) {
    web_->Append(all);
    values = all->data();
  }
  if (mapped_.by.empty()) return base_;
  std::string_view text;
  for (size_t i = 0; i < mapped_.by.size(); ++i) {
    const uint32_t field = mapped_.by[i];
    if (values[field].type != ValueType::kUtf8) return base_;
    if (mapped_.by.size() == 1) {
      text = TextOf(values[field]);
      break;
    }
    if (i == 0) by_text_.clear();
    if (i > 0) by_text_ += ' ';
    by_text_ += TextOf(values[field]);
    text = by_text_;
  }
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
