#include "sigma/pipeline.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/message.h"
#include "base/text.h"
#include "sigma/detection.h"
#include "sigma/read_file.h"
#include "sigma/resolve.h"
#include "sigma/suggest.h"
#include "yaml/yaml_reader.h"

namespace spoor::sigma {
namespace {

using Type = Pipeline::Type;
using RuleCondition = Pipeline::RuleCondition;
using FieldCondition = Pipeline::FieldCondition;
using Transformation = Pipeline::Transformation;

struct TypeEntry {
  std::string_view name;
  Type type;
};
constexpr TypeEntry kTypes[] = {
    {"field_name_mapping", Type::kFieldNameMapping},   {"field_name_prefix_mapping", Type::kFieldNamePrefixMapping},
    {"field_name_prefix", Type::kFieldNamePrefix},     {"field_name_suffix", Type::kFieldNameSuffix},
    {"drop_detection_item", Type::kDropDetectionItem}, {"add_condition", Type::kAddCondition},
    {"change_logsource", Type::kChangeLogSource},      {"set_value", Type::kSetValue},
    {"replace_string", Type::kReplaceString},          {"rule_failure", Type::kRuleFailure},
};

bool IsScalar(const YamlNode& node) { return node.kind == YamlNode::Kind::kScalar; }
bool IsMap(const YamlNode& node) { return node.kind == YamlNode::Kind::kMap; }
bool IsList(const YamlNode& node) { return node.kind == YamlNode::Kind::kSequence; }

class Parser {
 public:
  Parser(const YamlTree& tree, Pipeline* pipeline) : tree_(tree), p_(*pipeline) {}

  // Nothing wrong: true.
  bool Parse(const YamlNode& root) {
    if (!IsMap(root)) return Fail(root, Cat("a pipeline must be a map, not ", DescribeKind(root)));
    if (!Keys(root, {"name", "priority", "vars", "transformations", "postprocessing", "finalizers", "allowed_backends",
                     "taxonomy"})) {
      return false;
    }
    for (const std::string_view key : {"postprocessing", "finalizers", "vars"}) {
      if (const YamlNode* node = tree_.Find(root, key)) {
        if (key == "vars")
          return Fail(*node, "'vars' is not understood: give placeholders their values with --placeholders");
        return Fail(*node, Cat("'", key, "' is about queries of other programs, which spoor does not write"));
      }
    }
    p_.name = Text(root, "name");
    p_.taxonomy = Text(root, "taxonomy");
    if (const YamlNode* priority = tree_.Find(root, "priority")) {
      const Scalar scalar = IsScalar(*priority) ? ResolveScalar(*priority) : Scalar();
      if (scalar.type != ScalarType::kInteger || scalar.number < -1e6 || scalar.number > 1e6) {
        return Fail(*priority, "priority must be a whole number");
      }
      p_.priority = static_cast<int>(scalar.number);
    }
    const YamlNode* list = tree_.Find(root, "transformations");
    if (list == nullptr) return Fail(root, "the pipeline has no transformations");
    if (!IsList(*list)) return Fail(*list, Cat("transformations must be a list, not ", DescribeKind(*list)));
    for (uint32_t i = 0; i < list->count; ++i) {
      if (!One(tree_.Child(*list, i))) return false;
    }
    return true;
  }

  YamlProblem problem;

 private:
  bool Fail(const YamlNode& at, std::string message) {
    problem = {at.line, at.column, std::move(message)};
    return false;
  }

  bool Keys(const YamlNode& map, const std::vector<std::string_view>& known) {
    for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
      const YamlNode& key = tree_.Key(map, i);
      if (std::find(known.begin(), known.end(), key.text) == known.end()) {
        return Fail(key, Cat("unknown key '", key.text, "'", DidYouMean(key.text, known)));
      }
    }
    return true;
  }

  std::string Text(const YamlNode& map, std::string_view key) const {
    const YamlNode* node = tree_.Find(map, key);
    return node != nullptr && IsScalar(*node) ? std::string(node->text) : "";
  }

  bool Texts(const YamlNode& node, std::vector<std::string>* texts) {
    const uint32_t count = IsList(node) ? node.count : 1;
    for (uint32_t i = 0; i < count; ++i) {
      const YamlNode& one = IsList(node) ? tree_.Child(node, i) : node;
      if (!IsScalar(one)) return Fail(one, Cat("text expected, not ", DescribeKind(one)));
      texts->emplace_back(one.text);
    }
    return true;
  }

  // What a transformation needs beside type and conditions.
  const YamlNode* Need(const YamlNode& map, std::string_view key) {
    const YamlNode* node = tree_.Find(map, key);
    if (node == nullptr) Fail(map, Cat(Text(map, "type"), " needs '", key, "'"));
    return node;
  }

  bool One(const YamlNode& map) {
    if (!IsMap(map)) return Fail(map, Cat("a transformation must be a map, not ", DescribeKind(map)));
    Transformation t;
    const YamlNode* type = tree_.Find(map, "type");
    if (type == nullptr) return Fail(map, "the transformation has no type");
    std::vector<std::string_view> names;
    bool known = false;
    for (const TypeEntry& entry : kTypes) {
      names.push_back(entry.name);
      if (!IsScalar(*type) || type->text != entry.name) continue;
      t.type = entry.type;
      known = true;
    }
    if (!known) {
      return Fail(*type, Cat("the transformation '", type->text, "' is not understood", DidYouMean(type->text, names)));
    }
    std::vector<std::string_view> keys = {"id",
                                          "type",
                                          "rule_conditions",
                                          "rule_cond_op",
                                          "rule_cond_not",
                                          "field_name_conditions",
                                          "field_name_cond_op",
                                          "field_name_cond_not"};
    const auto also = [&](std::initializer_list<std::string_view> more) { keys.insert(keys.end(), more); };
    switch (t.type) {
      case Type::kFieldNameMapping:
      case Type::kFieldNamePrefixMapping:
        also({"mapping"});
        if (!Mapping(map, &t)) return false;
        break;
      case Type::kFieldNamePrefix:
      case Type::kFieldNameSuffix: {
        const std::string_view key = t.type == Type::kFieldNamePrefix ? "prefix" : "suffix";
        also({key});
        if (Need(map, key) == nullptr) return false;
        t.text = Text(map, key);
        break;
      }
      case Type::kDropDetectionItem:
        break;
      case Type::kAddCondition:
        also({"conditions", "negated"});
        if (!Conditions(map, &t)) return false;
        break;
      case Type::kChangeLogSource:
        also({"category", "product", "service"});
        t.source = {AsciiLower(Text(map, "category")), AsciiLower(Text(map, "product")),
                    AsciiLower(Text(map, "service"))};
        if (t.source == LogSource{}) return Fail(map, "change_logsource needs category, product or service");
        break;
      case Type::kSetValue: {
        also({"value", "force_type"});
        const YamlNode* value = Need(map, "value");
        if (value == nullptr) return false;
        if (!IsScalar(*value)) return Fail(*value, Cat("a value expected, not ", DescribeKind(*value)));
        const Scalar scalar = ResolveScalar(*value);
        t.text = value->text;
        t.set_null = scalar.type == ScalarType::kNull;
        t.set_number = (scalar.type == ScalarType::kInteger || scalar.type == ScalarType::kFloat) &&
                       Text(map, "force_type") != "str";
        break;
      }
      case Type::kReplaceString: {
        also({"regex", "replacement"});
        const YamlNode* regex = Need(map, "regex");
        if (regex == nullptr || Need(map, "replacement") == nullptr) return false;
        t.regex = Text(map, "regex");
        t.replacement = Text(map, "replacement");
        const RE2 compiled(t.regex, RE2::Quiet);
        if (!compiled.ok()) return Fail(*regex, Cat("invalid regular expression: ", compiled.error()));
        std::string wrong;
        if (!compiled.CheckRewriteString(t.replacement, &wrong)) {
          return Fail(*tree_.Find(map, "replacement"), Cat("invalid replacement: ", wrong));
        }
        break;
      }
      case Type::kRuleFailure:
        also({"message"});
        t.text = Text(map, "message");
        break;
    }
    if (!Keys(map, keys) || !RuleConditions(map, &t) || !FieldConditions(map, &t)) return false;
    if (!Operator(map, "rule_cond_op", &t.rule_any) || !Flag(map, "rule_cond_not", &t.rule_not) ||
        !Operator(map, "field_name_cond_op", &t.field_any) || !Flag(map, "field_name_cond_not", &t.field_not)) {
      return false;
    }
    p_.transformations.push_back(std::move(t));
    return true;
  }

  bool Mapping(const YamlNode& map, Transformation* t) {
    const YamlNode* mapping = Need(map, "mapping");
    if (mapping == nullptr) return false;
    if (!IsMap(*mapping)) return Fail(*mapping, Cat("mapping must be a map, not ", DescribeKind(*mapping)));
    for (uint32_t i = 0; i < YamlTree::PairCount(*mapping); ++i) {
      std::vector<std::string>& to = t->mapping[std::string(tree_.Key(*mapping, i).text)];
      if (!Texts(tree_.Value(*mapping, i), &to)) return false;
      if (to.empty()) return Fail(tree_.Value(*mapping, i), "an empty list of names");
    }
    return true;
  }

  // conditions: {field: value or list, …}, as a selection has them.
  bool Conditions(const YamlNode& map, Transformation* t) {
    const YamlNode* conditions = Need(map, "conditions");
    if (conditions == nullptr) return false;
    RuleProblems problems;
    if (!BuildSelection(tree_, *conditions, {}, &t->conditions, &problems)) {
      problem = *problems.error;
      return false;
    }
    bool negated = false;
    if (!Flag(map, "negated", &negated)) return false;
    if (negated) {
      t->conditions.nodes.push_back({Expression::Kind::kNot, {t->conditions.root}, 0});
      t->conditions.root = static_cast<uint32_t>(t->conditions.nodes.size() - 1);
    }
    return true;
  }

  bool Operator(const YamlNode& map, std::string_view key, bool* any) {
    const YamlNode* node = tree_.Find(map, key);
    if (node == nullptr) return true;
    if (!IsScalar(*node) || (node->text != "and" && node->text != "or"))
      return Fail(*node, Cat(key, " is 'and' or 'or'"));
    *any = node->text == "or";
    return true;
  }

  bool Flag(const YamlNode& map, std::string_view key, bool* flag) {
    const YamlNode* node = tree_.Find(map, key);
    if (node == nullptr) return true;
    const Scalar scalar = IsScalar(*node) ? ResolveScalar(*node) : Scalar();
    if (scalar.type != ScalarType::kBool) return Fail(*node, Cat(key, " must be true or false"));
    *flag = scalar.truth;
    return true;
  }

  // Calls fn(condition, its type's node) for each of a list of conditions.
  template <typename Fn>
  bool Each(const YamlNode& map, std::string_view key, Fn&& fn) {
    const YamlNode* list = tree_.Find(map, key);
    if (list == nullptr) return true;
    if (!IsList(*list)) return Fail(*list, Cat(key, " must be a list, not ", DescribeKind(*list)));
    for (uint32_t i = 0; i < list->count; ++i) {
      const YamlNode& one = tree_.Child(*list, i);
      const YamlNode* type = IsMap(one) ? tree_.Find(one, "type") : nullptr;
      if (type == nullptr || !IsScalar(*type)) return Fail(one, "the condition has no type");
      if (!fn(one, *type)) return false;
    }
    return true;
  }

  bool RuleConditions(const YamlNode& map, Transformation* t) {
    return Each(map, "rule_conditions", [&](const YamlNode& one, const YamlNode& type) {
      RuleCondition c;
      if (type.text == "logsource") {
        c.source = {AsciiLower(Text(one, "category")), AsciiLower(Text(one, "product")),
                    AsciiLower(Text(one, "service"))};
      } else if (type.text == "tag") {
        c.type = RuleCondition::Type::kTag;
        c.text = Text(one, "tag");
      } else if (type.text == "contains_field") {
        c.type = RuleCondition::Type::kContainsField;
        c.text = Text(one, "field");
      } else if (type.text == "is_sigma_rule") {
        c.type = RuleCondition::Type::kRule;
      } else if (type.text == "is_sigma_correlation_rule") {
        c.type = RuleCondition::Type::kCorrelation;
      } else {
        return Fail(type, Cat("the rule condition '", type.text, "' is not understood",
                              DidYouMean(type.text, {"logsource", "tag", "contains_field", "is_sigma_rule",
                                                     "is_sigma_correlation_rule"})));
      }
      t->rule_conditions.push_back(std::move(c));
      return true;
    });
  }

  bool FieldConditions(const YamlNode& map, Transformation* t) {
    return Each(map, "field_name_conditions", [&](const YamlNode& one, const YamlNode& type) {
      FieldCondition c;
      if (type.text != "include_fields" && type.text != "exclude_fields") {
        return Fail(type, Cat("the field condition '", type.text, "' is not understood",
                              DidYouMean(type.text, {"include_fields", "exclude_fields"})));
      }
      c.include = type.text == "include_fields";
      c.expressions = Text(one, "mode") == "re" || Text(one, "match_type") == "re";
      const YamlNode* fields = tree_.Find(one, "fields");
      if (fields == nullptr) return Fail(one, Cat(type.text, " needs 'fields'"));
      if (!Texts(*fields, &c.fields)) return false;
      for (const std::string& field : c.fields) {
        if (c.expressions && !RE2(field, RE2::Quiet).ok()) {
          return Fail(*fields, Cat("invalid regular expression '", field, "'"));
        }
      }
      t->field_conditions.push_back(std::move(c));
      return true;
    });
  }

  const YamlTree& tree_;
  Pipeline& p_;
};

bool RuleFits(const Transformation& t, const Rule& rule, bool correlation) {
  if (t.rule_conditions.empty()) return !t.rule_not;
  const auto holds = [&](const RuleCondition& c) {
    const auto fits = [](const std::string& want, const std::string& have) { return want.empty() || want == have; };
    switch (c.type) {
      case RuleCondition::Type::kLogSource:
        return fits(c.source.category, rule.source.category) && fits(c.source.product, rule.source.product) &&
               fits(c.source.service, rule.source.service);
      case RuleCondition::Type::kTag:
        return std::find(rule.tags.begin(), rule.tags.end(), c.text) != rule.tags.end();
      case RuleCondition::Type::kContainsField:
        return std::any_of(rule.detection.items.begin(), rule.detection.items.end(),
                           [&](const Item& item) { return item.field == c.text; });
      case RuleCondition::Type::kRule:
        return !correlation;
      case RuleCondition::Type::kCorrelation:
        return correlation;
    }
    return false;
  };
  const auto& all = t.rule_conditions;
  const bool fits =
      t.rule_any ? std::any_of(all.begin(), all.end(), holds) : std::all_of(all.begin(), all.end(), holds);
  return fits != t.rule_not;
}

bool FieldFits(const Transformation& t, const std::string& field) {
  if (t.field_conditions.empty()) return !t.field_not;
  const auto holds = [&](const FieldCondition& c) {
    const bool among = std::any_of(c.fields.begin(), c.fields.end(), [&](const std::string& f) {
      return c.expressions ? RE2::FullMatch(field, f) : f == field;
    });
    return among == c.include;
  };
  const auto& all = t.field_conditions;
  const bool fits =
      t.field_any ? std::any_of(all.begin(), all.end(), holds) : std::all_of(all.begin(), all.end(), holds);
  return fits != t.field_not;
}

// What a field is called after the transformation.
std::vector<std::string> Renamed(const Transformation& t, const std::string& field) {
  if (field.empty() || !FieldFits(t, field)) return {field};
  switch (t.type) {
    case Type::kFieldNameMapping: {
      const auto it = t.mapping.find(field);
      return it == t.mapping.end() ? std::vector<std::string>{field} : it->second;
    }
    case Type::kFieldNamePrefixMapping:
      for (const auto& [prefix, to] : t.mapping) {
        if (!field.starts_with(prefix)) continue;
        std::vector<std::string> names;
        for (const std::string& one : to) names.push_back(one + field.substr(prefix.size()));
        return names;
      }
      return {field};
    case Type::kFieldNamePrefix:
      return {t.text + field};
    case Type::kFieldNameSuffix:
      return {field + t.text};
    default:
      return {field};
  }
}

// Makes a changed copy of an expression, children before their parents.
class Rewriter {
 public:
  explicit Rewriter(const Transformation& t) : t_(t) {}

  // False: nothing is left of it.
  bool Rewrite(Expression* e) {
    old_ = e;
    place_.assign(e->nodes.size(), kUndone);
    const uint32_t root = Copy(e->root);
    if (root == kDropped) return false;
    out_.root = root;
    for (const auto& [node, name] : e->labels) {
      if (place_[node] < kDropped) out_.labels.emplace_back(place_[node], name);
    }
    *e = std::move(out_);
    return true;
  }

 private:
  static constexpr uint32_t kUndone = ~0u, kDropped = ~0u - 1;

  uint32_t Add(Expression::Node node) {
    out_.nodes.push_back(std::move(node));
    return static_cast<uint32_t>(out_.nodes.size() - 1);
  }

  uint32_t Copy(uint32_t at) {
    if (place_[at] != kUndone) return place_[at];
    Expression::Node node = old_->nodes[at];
    if (node.kind == Expression::Kind::kItem) return place_[at] = CopyItem(old_->items[node.item]);
    if (!node.children.empty()) {
      std::vector<uint32_t> children;
      for (const uint32_t child : node.children) {
        if (const uint32_t copied = Copy(child); copied != kDropped) children.push_back(copied);
      }
      if (children.empty()) return place_[at] = kDropped;
      node.children = std::move(children);
    }
    return place_[at] = Add(std::move(node));
  }

  uint32_t AddItem(Item item) {
    out_.items.push_back(std::move(item));
    return Add({Expression::Kind::kItem, {}, static_cast<uint32_t>(out_.items.size() - 1)});
  }

  uint32_t CopyItem(Item item) {
    const bool applies = !item.field.empty() && FieldFits(t_, item.field);
    if (t_.type == Type::kDropDetectionItem) return applies ? kDropped : AddItem(std::move(item));
    if (t_.type == Type::kSetValue && applies) {
      Pattern pattern;
      pattern.op = t_.set_null ? Operator::kNull : Operator::kEquals;
      if (!t_.set_null) pattern.text = t_.text;
      if (t_.set_number) pattern.number = std::strtod(t_.text.c_str(), nullptr);
      item.any_of = {std::move(pattern)};
      return AddItem(std::move(item));
    }
    if (t_.type == Type::kReplaceString && (applies || (item.field.empty() && t_.field_conditions.empty()))) {
      const RE2 regex(t_.regex, RE2::Quiet);
      for (Pattern& p : item.any_of) ReplaceIn(regex, &p);
      return AddItem(std::move(item));
    }
    for (Pattern& p : item.any_of) {
      if (p.op >= Operator::kFieldEquals) p.text = Renamed(t_, p.text)[0];  // the field it is compared with
    }
    const std::vector<std::string> names = Renamed(t_, item.field);
    std::vector<uint32_t> nodes;
    for (const std::string& name : names) {
      Item renamed = item;
      renamed.field = name;
      nodes.push_back(AddItem(std::move(renamed)));
    }
    return nodes.size() == 1 ? nodes[0] : Add({Expression::Kind::kOr, std::move(nodes), 0});
  }

  void ReplaceIn(const RE2& regex, Pattern* p) const {
    const auto replace = [&](std::string* text) { return RE2::GlobalReplace(text, regex, t_.replacement) > 0; };
    switch (p->op) {
      case Operator::kEquals:
      case Operator::kStartsWith:
      case Operator::kEndsWith:
      case Operator::kContains:
        if (replace(&p->text)) p->number.reset();
        return;
      case Operator::kGlob:
        for (GlobPart& part : p->glob) {
          if (part.kind == GlobPart::kLiteral) replace(&part.text);
        }
        return;
      default:
        return;
    }
  }

  const Transformation& t_;
  const Expression* old_ = nullptr;
  Expression out_;
  std::vector<uint32_t> place_;
};

// What went wrong, or "".
std::string Apply(const Transformation& t, const Pipeline& pipeline, Rule* rule) {
  switch (t.type) {
    case Type::kChangeLogSource:
      if (!t.source.category.empty()) rule->source.category = t.source.category;
      if (!t.source.product.empty()) rule->source.product = t.source.product;
      if (!t.source.service.empty()) rule->source.service = t.source.service;
      return "";
    case Type::kAddCondition:
      AndTo(t.conditions, &rule->detection);
      return "";
    case Type::kRuleFailure:
      return Cat("the pipeline '", pipeline.name, "' refuses the rule", t.text.empty() ? "" : ": ", t.text);
    default:
      return Rewriter(t).Rewrite(&rule->detection)
                 ? ""
                 : Cat("the pipeline '", pipeline.name, "' drops all that the rule looks for");
  }
}

bool RenamesFields(Type type) { return type <= Type::kFieldNameSuffix; }

}  // namespace

absl::StatusOr<Pipeline> ParsePipeline(std::string_view yaml, const std::string& path) {
  YamlReader reader(yaml);
  YamlTree tree;
  Pipeline pipeline;
  pipeline.path = path;
  const auto fail = [&](const YamlProblem& problem) {
    return absl::InvalidArgumentError(Cat(path, ":", problem.line, ":", problem.column, ": ", problem.message));
  };
  if (!reader.Next(&tree)) return fail({1, 1, "the file is empty"});
  if (tree.problem()) return fail(*tree.problem());
  if (tree.root() == nullptr) return fail({1, 1, "the file is empty"});
  Parser parser(tree, &pipeline);
  if (!parser.Parse(*tree.root())) return fail(parser.problem);
  if (pipeline.name.empty()) pipeline.name = path;
  return pipeline;
}

absl::StatusOr<Pipeline> ReadPipeline(const std::string& path) {
  std::string text;
  if (const std::string reason = ReadFile(path, &text); !reason.empty()) {
    return absl::InvalidArgumentError(Cat(path, ": ", reason));
  }
  return ParsePipeline(text, path);
}

void ApplyPipelines(std::vector<Pipeline> pipelines, RuleSet* set) {
  std::stable_sort(pipelines.begin(), pipelines.end(),
                   [](const Pipeline& a, const Pipeline& b) { return a.priority < b.priority; });
  std::vector<char> bad(set->rules.size());
  for (const Pipeline& pipeline : pipelines) {
    for (const Transformation& t : pipeline.transformations) {
      const auto meant = [&](const Rule& rule, bool correlation) {
        return (pipeline.taxonomy.empty() || rule.taxonomy == pipeline.taxonomy) && RuleFits(t, rule, correlation);
      };
      // Which rules are meant is asked before any is changed, for correlations' sake.
      std::vector<char> fits(set->rules.size());
      for (size_t i = 0; i < fits.size(); ++i) fits[i] = !bad[i] && meant(set->rules[i], false);
      for (Correlation& c : set->correlations) {
        if (!RenamesFields(t.type)) continue;
        for (size_t r = 0; r < c.references.size(); ++r) {
          if (c.references[r].to_correlation || !fits[c.references[r].index]) continue;
          for (auto* list : {&c.group_by, &c.values}) {
            for (Correlation::GroupField& field : *list) field.fields[r] = Renamed(t, field.fields[r])[0];
          }
        }
      }
      for (size_t i = 0; i < fits.size(); ++i) {
        if (!fits[i]) continue;
        Rule& rule = set->rules[i];
        std::string problem = Apply(t, pipeline, &rule);
        if (problem.empty()) continue;
        bad[i] = 1;
        set->errors.push_back({rule.path, rule.line, 0, rule.title, std::move(problem)});
      }
    }
  }
  if (std::find(bad.begin(), bad.end(), 1) != bad.end()) LeaveOut(bad, set);
}

}  // namespace spoor::sigma
