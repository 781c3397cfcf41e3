#include "formats/syslog/programs.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "base/bytes.h"
#include "yaml/yaml_reader.h"

namespace spoor::syslog {

namespace data {
extern const std::string_view programs;
}  // namespace data

namespace {

// The file is part of the program, so a mistake in it is a mistake in the program.
void Check(bool good, const YamlNode& at, std::string_view what) {
  if (good) return;
  std::fprintf(stderr, "programs.yml, line %u: %.*s\n", at.line, static_cast<int>(what.size()), what.data());
  std::abort();
}

class Loader {
 public:
  explicit Loader(const YamlTree& tree) : tree_(tree) {}

  void CheckKeys(const YamlNode& map, std::initializer_list<std::string_view> known) const {
    Check(map.kind == YamlNode::Kind::kMap, map, "a map expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
      bool found = false;
      for (const std::string_view name : known) found |= tree_.Key(map, i).text == name;
      Check(found, tree_.Key(map, i), "unknown key");
    }
  }

  std::string Text(const YamlNode& node) const {
    Check(node.kind == YamlNode::Kind::kScalar, node, "text expected");
    return std::string(node.text);
  }

  std::string TextOr(const YamlNode& map, std::string_view key, std::string_view otherwise = "") const {
    const YamlNode* node = tree_.Find(map, key);
    return node == nullptr ? std::string(otherwise) : Text(*node);
  }

  // Calls fn for each value of a list, or the one that is none.
  template <typename Fn>
  void Each(const YamlNode& map, std::string_view key, Fn&& fn) const {
    const YamlNode* node = tree_.Find(map, key);
    if (node == nullptr) return;
    if (node->kind != YamlNode::Kind::kSequence) return fn(*node);
    for (uint32_t i = 0; i < node->count; ++i) fn(tree_.Child(*node, i));
  }

  std::vector<std::string> Texts(const YamlNode& map, std::string_view key) const {
    std::vector<std::string> texts;
    Each(map, key, [&](const YamlNode& node) { texts.push_back(Text(node)); });
    return texts;
  }

  template <typename Fn>
  void EachPair(const YamlNode& map, std::string_view key, Fn&& fn) const {
    const YamlNode* node = tree_.Find(map, key);
    if (node == nullptr) return;
    Check(node->kind == YamlNode::Kind::kMap, *node, "a map expected");
    for (uint32_t i = 0; i < YamlTree::PairCount(*node); ++i) fn(tree_.Key(*node, i), tree_.Value(*node, i));
  }

  SourceTag Source(const YamlNode& map, const SourceTag& otherwise) const {
    CheckKeys(map, {"product", "service", "category"});
    SourceTag tag = otherwise;
    tag.product = TextOr(map, "product", tag.product);
    tag.service = TextOr(map, "service", tag.service);
    tag.category = TextOr(map, "category", tag.category);
    return tag;
  }

  Pattern PatternOf(const YamlNode& node) const {
    auto pattern = Pattern::Compile(Text(node));
    Check(pattern.ok(), node, pattern.ok() ? "" : std::string(pattern.status().message()));
    Check(pattern->fields().size() <= kMaxCaptures, node, "too many fields");
    return *std::move(pattern);
  }

  MessageRule Message(const YamlNode& node) const {
    MessageRule rule;
    if (node.kind == YamlNode::Kind::kScalar) {
      rule.pattern = PatternOf(node);
      return rule;
    }
    CheckKeys(node, {"is", "set", "category", "then"});
    const YamlNode* is = tree_.Find(node, "is");
    Check(is != nullptr, node, "no pattern (is)");
    rule.pattern = PatternOf(*is);
    EachPair(node, "set",
             [&](const YamlNode& key, const YamlNode& value) { rule.set.emplace_back(Text(key), Text(value)); });
    rule.category = TextOr(node, "category");
    if (const YamlNode* then = tree_.Find(node, "then")) {
      Check(then->text == "payload", *then, "only 'payload' can follow");
      rule.then_payload = true;
    }
    return rule;
  }

  Payload PayloadOf(const YamlNode& map) const {
    static constexpr std::pair<std::string_view, Payload> kNames[] = {
        {"text", Payload::kText},   {"key-values", Payload::kKeyValues},
        {"csv", Payload::kCsv},     {"cef", Payload::kCef},
        {"leef", Payload::kLeef},   {"sysmon", Payload::kSysmon},
        {"cisco", Payload::kCisco}, {"audit", Payload::kAudit}};
    const YamlNode* node = tree_.Find(map, "payload");
    if (node == nullptr) return Payload::kText;
    for (const auto& [name, payload] : kNames) {
      if (node->text == name) return payload;
    }
    Check(false, *node, "unknown payload");
    return Payload::kText;
  }

 private:
  const YamlTree& tree_;
};

}  // namespace

int ProgramRules::Match(std::string_view message, std::string_view* values, size_t* end) const {
  if (message.empty()) return -1;
  uint64_t first = 0;
  if (message.size() >= 8) {
    first = Load64(message.data());
  } else {
    std::memcpy(&first, message.data(), message.size());
  }
  for (const Candidate& c : by_first_byte_[static_cast<unsigned char>(message[0])]) {
    if ((first & c.mask) == c.first && messages[c.rule].pattern.Match(message, values, end)) return c.rule;
  }
  return -1;
}

int ProgramRules::KindOf(std::string_view value) const {
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i].first == value) return static_cast<int>(i);
  }
  return -1;
}

Programs::Programs(std::string_view text) {
  YamlReader reader(text);
  YamlTree tree;
  const bool read = reader.Next(&tree);
  if (tree.problem()) Check(false, YamlNode{.line = tree.problem()->line}, tree.problem()->message);
  Check(read && tree.root() != nullptr, YamlNode{}, "the file is empty");
  const Loader load(tree);
  const YamlNode& root = *tree.root();
  load.CheckKeys(root, {"programs"});
  const YamlNode* list = tree.Find(root, "programs");
  Check(list != nullptr && list->kind == YamlNode::Kind::kMap, root, "no programs");
  programs_.reserve(YamlTree::PairCount(*list));
  for (uint32_t i = 0; i < YamlTree::PairCount(*list); ++i) {
    const YamlNode& map = tree.Value(*list, i);
    load.CheckKeys(map, {"names", "prefixes", "begins", "source", "payload", "host", "user", "aliases", "messages",
                         "columns", "kind"});
    ProgramRules& p = programs_.emplace_back();
    p.number = i;
    p.name = load.Text(tree.Key(*list, i));
    if (const YamlNode* source = tree.Find(map, "source")) p.source = load.Source(*source, {});
    p.payload = load.PayloadOf(map);
    p.host = load.TextOr(map, "host", p.host);
    p.user = load.TextOr(map, "user", p.user);
    load.EachPair(map, "aliases", [&](const YamlNode& alias, const YamlNode& field) {
      p.aliases.emplace_back(load.Text(field), load.Text(alias));
    });
    load.Each(map, "messages", [&](const YamlNode& node) { p.messages.push_back(load.Message(node)); });
    load.Each(map, "columns", [&](const YamlNode& node) {
      ColumnGroup group;
      load.CheckKeys(node, {"when", "names"});
      load.EachPair(node, "when", [&](const YamlNode& key, const YamlNode& value) {
        group.when = load.Text(key);
        group.is = load.Text(value);
      });
      group.columns = load.Texts(node, "names");
      p.columns.push_back(std::move(group));
    });
    if (const YamlNode* kind = tree.Find(map, "kind")) {
      load.CheckKeys(*kind, {"field", "values"});
      p.kind_field = load.TextOr(*kind, "field");
      load.EachPair(*kind, "values", [&](const YamlNode& value, const YamlNode& source) {
        p.kinds.emplace_back(load.Text(value), load.Source(source, p.source));
      });
    }
    for (size_t m = 0; m < p.messages.size(); ++m) {
      const std::string_view first = p.messages[m].pattern.first_literal();
      ProgramRules::Candidate candidate;
      candidate.rule = static_cast<uint16_t>(m);
      const size_t size = std::min<size_t>(first.size(), 8);
      if (size > 0) {
        std::memcpy(&candidate.first, first.data(), size);
        std::memset(&candidate.mask, 0xff, size);
      }
      for (unsigned b = 0; b < 256; ++b) {
        if (first.empty() || static_cast<unsigned char>(first[0]) == b) p.by_first_byte_[b].push_back(candidate);
      }
    }
    for (std::string& name : load.Texts(map, "names")) {
      Check(by_name_.emplace(names_.emplace_back(std::move(name)), i).second, map, "a name that another program has");
    }
    for (std::string& prefix : load.Texts(map, "prefixes")) by_prefix_.emplace_back(std::move(prefix), i);
    p.tells_time = tree.Find(map, "begins") != nullptr || p.payload == Payload::kSysmon;
    load.Each(map, "begins", [&](const YamlNode& node) { by_message_.emplace_back(load.PatternOf(node), i); });
  }
  unknown_ = named("unknown");
  common_ = named("common");
  Check(unknown_ != nullptr && common_ != nullptr, root, "no program 'unknown' or 'common'");
}

const Programs& Programs::Get() {
  static const Programs* const programs = new Programs(data::programs);
  return *programs;
}

const ProgramRules* Programs::named(std::string_view name) const {
  for (const ProgramRules& p : programs_) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

const ProgramRules* Programs::Find(std::string_view program) const {
  const auto find = [&](std::string_view name) -> const ProgramRules* {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : &programs_[it->second];
  };
  if (const ProgramRules* p = find(program)) return p;
  if (program.starts_with('-')) program.remove_prefix(1);  // a login shell
  if (const size_t paren = program.find('('); paren != std::string_view::npos && paren > 0) {
    program = program.substr(0, paren);  // "sshd(pam_unix)", "(systemd)" stays
  }
  if (program.starts_with('/')) {
    program.remove_prefix(program.rfind('/') + 1);
  } else if (const size_t slash = program.find('/'); slash != std::string_view::npos) {
    program = program.substr(0, slash);  // "postfix/smtpd"
  }
  if (const ProgramRules* p = find(program)) return p;
  for (const auto& [prefix, number] : by_prefix_) {
    if (program.starts_with(prefix)) return &programs_[number];
  }
  return nullptr;
}

const ProgramRules* Programs::ByMessage(std::string_view message) const {
  std::string_view values[kMaxCaptures];
  size_t end = 0;
  for (const auto& [pattern, number] : by_message_) {
    if (pattern.Match(message, values, &end)) return &programs_[number];
  }
  return nullptr;
}

}  // namespace spoor::syslog
