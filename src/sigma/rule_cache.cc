// Writing and reading rule sets.
//
// One description of each struct (Code…) serves both directions: a Writer appends what it is shown, a Reader
// fills it in. Integers are little-endian, texts and lists have their size as 32 bits before them; there is
// no other structure and no version within, since the format number is part of the key.
//
// The reader trusts nothing: a list may not announce more elements than the bytes left could hold, so that
// memory is bounded by the size of the entry times a small factor, and children of an expression stand before
// their parents.
#include "sigma/rule_cache.h"

#include <bit>
#include <type_traits>

#include "base/bytes.h"
#include "base/cache.h"
#include "base/message.h"

namespace spoor::sigma {
namespace {

constexpr char kCacheKind[] = "rules7";

class Writer {
 public:
  template <typename T>
  using Of = const T;
  static constexpr bool kReads = false;

  void Reserve(size_t bytes) { out_.reserve(bytes); }
  void U8(uint8_t v) { out_ += static_cast<char>(v); }
  void U32(uint32_t v) { out_.append(reinterpret_cast<const char*>(&v), sizeof v); }
  void U64(uint64_t v) { out_.append(reinterpret_cast<const char*>(&v), sizeof v); }
  void Flag(bool v) { U8(v ? 1 : 0); }
  void Number(int64_t v) { U64(static_cast<uint64_t>(v)); }
  void Number(double v) { U64(std::bit_cast<uint64_t>(v)); }
  void Text(const std::string& text) {
    U32(static_cast<uint32_t>(text.size()));
    out_ += text;
  }
  template <typename E>
  void Enum(E value, E) {
    U8(static_cast<uint8_t>(value));
  }
  // `least`: bytes that an element takes at least.
  template <typename T, typename F>
  void List(const std::vector<T>& list, size_t least, F code) {
    (void)least;
    U32(static_cast<uint32_t>(list.size()));
    for (const T& one : list) code(*this, one);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  template <typename T>
  using Of = T;
  static constexpr bool kReads = true;

  explicit Reader(std::string_view bytes) : cursor_(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) {}

  bool good() const { return good_ && cursor_.ok(); }
  bool at_end() const { return cursor_.left() == 0; }
  void Refuse() { good_ = false; }

  void U8(uint8_t& v) { v = cursor_.U8(); }
  void U32(uint32_t& v) { v = cursor_.U32(); }
  void U64(uint64_t& v) { v = cursor_.U64(); }
  void Flag(bool& v) {
    const uint8_t b = cursor_.U8();
    if (b > 1) Refuse();
    v = b != 0;
  }
  void Number(int64_t& v) { v = static_cast<int64_t>(cursor_.U64()); }
  void Number(double& v) { v = std::bit_cast<double>(cursor_.U64()); }
  void Text(std::string& text) {
    const uint32_t size = cursor_.U32();
    if (const uint8_t* bytes = cursor_.Bytes(size)) text.assign(AsText(bytes, size));
  }
  template <typename E>
  void Enum(E& value, E last) {
    const uint8_t number = cursor_.U8();
    if (number > static_cast<uint8_t>(last)) return Refuse();
    value = static_cast<E>(number);
  }
  template <typename T, typename F>
  void List(std::vector<T>& list, size_t least, F code) {
    const uint32_t size = cursor_.U32();
    if (size > cursor_.left() / least) return Refuse();
    list.resize(size);
    for (size_t i = 0; i < size && good(); ++i) code(*this, list[i]);
  }

 private:
  Cursor cursor_;
  bool good_ = true;
};

template <typename A>
void CodeTexts(A& a, typename A::template Of<std::vector<std::string>>& texts) {
  a.List(texts, 4, [](A& a, auto& text) { a.Text(text); });
}

// What of a pattern is there and which of its flags are set, as one byte.
enum PatternBits : uint8_t { kCased = 1, kFlagI = 2, kFlagM = 4, kFlagS = 8, kNumber = 16, kGlob = 32, kAllBits = 63 };

template <typename A>
void CodePattern(A& a, typename A::template Of<Pattern>& p) {
  uint8_t bits =
      static_cast<uint8_t>((p.cased ? kCased : 0) | (p.regex_i ? kFlagI : 0) | (p.regex_m ? kFlagM : 0) |
                           (p.regex_s ? kFlagS : 0) | (p.number ? kNumber : 0) | (p.glob.empty() ? 0 : kGlob));
  a.Enum(p.op, Operator::kFieldContains);
  a.U8(bits);
  a.Enum(p.part, TimePart::kYear);
  a.Text(p.text);
  uint64_t number = p.number ? std::bit_cast<uint64_t>(*p.number) : 0;
  if (bits & kNumber) a.U64(number);
  if (bits & kGlob) {
    a.List(p.glob, 5, [](A& a, auto& part) {
      a.Enum(part.kind, GlobPart::kAnyMany);
      a.Text(part.text);
    });
  }
  if constexpr (A::kReads) {
    p.cased = bits & kCased;
    p.regex_i = bits & kFlagI;
    p.regex_m = bits & kFlagM;
    p.regex_s = bits & kFlagS;
    if (bits & kNumber) p.number = std::bit_cast<double>(number);
    if (bits > kAllBits || (p.op == Operator::kGlob) == p.glob.empty()) a.Refuse();
  }
}

template <typename A>
void CodeItem(A& a, typename A::template Of<Item>& item) {
  a.Text(item.field);
  a.List(item.any_of, 7, [](A& a, auto& pattern) { CodePattern(a, pattern); });
  if constexpr (A::kReads) {
    if (item.any_of.empty()) a.Refuse();
  }
}

// An item's node has a number where the others have children.
template <typename A>
void CodeNode(A& a, typename A::template Of<Expression::Node>& node) {
  a.Enum(node.kind, Expression::Kind::kFalse);
  if (node.kind == Expression::Kind::kItem) return a.U32(node.item);
  a.List(node.children, 4, [](A& a, auto& child) { a.U32(child); });
}

bool IsSound(const Expression& e) {
  if (e.root >= e.nodes.size()) return false;
  for (size_t i = 0; i < e.nodes.size(); ++i) {
    const Expression::Node& node = e.nodes[i];
    if (node.kind == Expression::Kind::kItem && node.item >= e.items.size()) return false;
    if (node.kind == Expression::Kind::kNot && node.children.size() != 1) return false;
    for (const uint32_t child : node.children) {
      if (child >= i) return false;
    }
  }
  return true;
}

// A correlation has no detection of its own.
template <typename A>
void CodeRule(A& a, typename A::template Of<Rule>& rule, [[maybe_unused]] bool has_detection) {
  for (auto* text : {&rule.id, &rule.name, &rule.title, &rule.description, &rule.author, &rule.date,
                     &rule.source.category, &rule.source.product, &rule.source.service, &rule.taxonomy, &rule.path}) {
    a.Text(*text);
  }
  a.Enum(rule.level, Level::kCritical);
  a.Enum(rule.status, Status::kUnsupported);
  CodeTexts(a, rule.tags);
  CodeTexts(a, rule.references);
  CodeTexts(a, rule.false_positives);
  a.U32(rule.line);
  a.Flag(rule.silent);
  a.List(rule.detection.items, 8, [](A& a, auto& item) { CodeItem(a, item); });
  a.List(rule.detection.nodes, 5, [](A& a, auto& node) { CodeNode(a, node); });
  a.U32(rule.detection.root);
  a.List(rule.detection.labels, 8, [](A& a, auto& label) {
    a.U32(label.first);
    a.Text(label.second);
  });
  if constexpr (A::kReads) {
    if (!has_detection ? !rule.detection.nodes.empty() : !IsSound(rule.detection)) a.Refuse();
  }
}

template <typename A>
void CodeGroupField(A& a, typename A::template Of<Correlation::GroupField>& field) {
  a.Text(field.name);
  CodeTexts(a, field.fields);
}

// Whether what a correlation refers to is there is for CodeSet to say, which knows the whole set.
template <typename A>
void CodeCorrelation(A& a, typename A::template Of<Correlation>& c) {
  CodeRule(a, c.rule, false);
  a.Enum(c.type, Correlation::Type::kAbsence);
  a.List(c.references, 17, [](A& a, auto& reference) {
    a.Text(reference.to);
    a.Flag(reference.to_correlation);
    a.U32(reference.index);
    a.U32(reference.line);
    a.U32(reference.column);
  });
  a.List(c.group_by, 8, [](A& a, auto& field) { CodeGroupField(a, field); });
  a.List(c.values, 8, [](A& a, auto& field) { CodeGroupField(a, field); });
  a.Number(c.timespan);
  a.Flag(c.generate);
  a.List(c.bounds, 10, [](A& a, auto& bound) {
    a.Enum(bound.op, Operator::kFieldContains);
    a.Flag(bound.negated);
    a.Number(bound.value);
  });
  a.Number(c.percentile);
  a.List(c.condition.nodes, 5, [](A& a, auto& node) { CodeNode(a, node); });
  a.U32(c.condition.root);
}

// A correlation as BuildCorrelation and ResolveReferences leave it.
bool IsSound(const Correlation& c, size_t rules, size_t correlations_before) {
  for (const Correlation::Reference& reference : c.references) {
    if (reference.index >= (reference.to_correlation ? correlations_before : rules)) return false;
  }
  for (const auto* list : {&c.group_by, &c.values}) {
    for (const Correlation::GroupField& field : *list) {
      if (field.fields.size() != c.references.size()) return false;
    }
  }
  const Expression& e = c.condition;
  for (size_t i = 0; i < e.nodes.size(); ++i) {
    if (e.nodes[i].kind == Expression::Kind::kItem && e.nodes[i].item >= c.references.size()) return false;
    for (const uint32_t child : e.nodes[i].children) {
      if (child >= i) return false;
    }
  }
  return !c.references.empty() && c.timespan > 0 && (e.nodes.empty() || e.root < e.nodes.size());
}

// Only what says which rules a filter is for; the filter is on them already.
template <typename A>
void CodeFilter(A& a, typename A::template Of<Filter>& filter) {
  CodeRule(a, filter.rule, true);
  a.Flag(filter.any);
  a.List(filter.references, 12, [](A& a, auto& reference) {
    a.Text(reference.to);
    a.U32(reference.line);
    a.U32(reference.column);
  });
}

template <typename A>
void CodeErrors(A& a, typename A::template Of<std::vector<RuleError>>& errors) {
  a.List(errors, 20, [](A& a, auto& error) {
    a.Text(error.path);
    a.U32(error.line);
    a.U32(error.column);
    a.Text(error.rule);
    a.Text(error.message);
  });
}

template <typename A>
void CodeSet(A& a, typename A::template Of<RuleSet>& set) {
  a.List(set.rules, 79, [](A& a, auto& rule) { CodeRule(a, rule, true); });
  a.List(set.correlations, 100, [](A& a, auto& c) { CodeCorrelation(a, c); });
  a.List(set.filters, 76, [](A& a, auto& filter) { CodeFilter(a, filter); });
  if constexpr (A::kReads) {
    for (size_t i = 0; i < set.correlations.size(); ++i) {
      if (!IsSound(set.correlations[i], set.rules.size(), i)) a.Refuse();
    }
  }
  CodeErrors(a, set.errors);
  CodeErrors(a, set.warnings);
  CodeErrors(a, set.not_rules);
  a.U64(set.files);
  a.U64(set.left_out);
}

}  // namespace

std::string EncodeRules(const RuleSet& set) {
  constexpr size_t kUsualRule = 1500;  // bytes
  Writer writer;
  writer.Reserve(set.rules.size() * kUsualRule);
  CodeSet(writer, set);
  return writer.Take();
}

std::optional<RuleSet> DecodeRules(std::string_view bytes) {
  Reader reader(bytes);
  RuleSet set;
  CodeSet(reader, set);
  if (!reader.good() || !reader.at_end()) return std::nullopt;
  return set;
}

std::string RuleCacheKey(const LoadOptions& options) {
  const std::string identity = BuildIdentity();
  if (identity.empty() || CacheFolder().empty()) return "";
  std::string key =
      Cat(identity.size(), ":", identity, options.all_statuses ? "all " : "some ", options.placeholders.size(), " ");
  for (const std::string& taxonomy : options.taxonomies) key += Cat("taxonomy ", taxonomy.size(), ":", taxonomy);
  for (const auto& [name, values] : options.placeholders) {
    key += Cat(name.size(), ":", name, values.size(), " ");
    for (const std::string& value : values) key += Cat(value.size(), ":", value);
  }
  return key;
}

std::optional<RuleSet> ReadRuleCache(std::string_view key) {
  const std::optional<CacheEntry> entry = ReadCache(kCacheKind, key);
  return entry ? DecodeRules(entry->body()) : std::nullopt;
}

void WriteRuleCache(std::string_view key, const RuleSet& set) { WriteCache(kCacheKind, key, EncodeRules(set)); }

}  // namespace spoor::sigma
