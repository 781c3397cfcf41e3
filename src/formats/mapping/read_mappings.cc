#include "formats/mapping/read_mappings.h"

#include "base/message.h"
#include "yaml/yaml_reader.h"

namespace spoor {
namespace {

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

}  // namespace

absl::Status ReadMappings(std::string_view yaml, const std::string& path, std::vector<Mapping>* out) {
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

}  // namespace spoor
