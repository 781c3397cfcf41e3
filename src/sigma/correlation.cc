#include "sigma/correlation.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/message.h"
#include "base/text.h"
#include "sigma/condition.h"
#include "sigma/limits.h"
#include "sigma/suggest.h"

namespace spoor::sigma {
namespace {

using Type = Correlation::Type;

struct TypeEntry {
  std::string_view name;
  Type type;
};
constexpr TypeEntry kTypes[] = {
    {"event_count", Type::kEventCount},
    {"value_count", Type::kValueCount},
    {"temporal", Type::kTemporal},
    {"temporal_ordered", Type::kTemporalOrdered},
    {"value_sum", Type::kValueSum},
    {"value_avg", Type::kValueAvg},
    {"value_percentile", Type::kValuePercentile},
    {"value_median", Type::kValueMedian},
    {"spoor_absence", Type::kAbsence},
};

struct BoundEntry {
  std::string_view name;
  Operator op;
  bool negated;
};
constexpr BoundEntry kBounds[] = {
    {"gt", Operator::kGreater, false},    {"gte", Operator::kGreaterEqual, false}, {"lt", Operator::kLess, false},
    {"lte", Operator::kLessEqual, false}, {"eq", Operator::kEquals, false},        {"neq", Operator::kEquals, true},
};

bool IsScalar(const YamlNode& node) { return node.kind == YamlNode::Kind::kScalar; }
bool IsList(const YamlNode& node) { return node.kind == YamlNode::Kind::kSequence; }
bool IsMap(const YamlNode& node) { return node.kind == YamlNode::Kind::kMap; }

bool IsTemporal(Type type) { return type == Type::kTemporal || type == Type::kTemporalOrdered; }
bool IsOfValues(Type type) { return !IsTemporal(type) && type != Type::kEventCount && type != Type::kAbsence; }

// "15s", "10m", "1h", "30d", and as pySigma has them w, M (30 days), y (365 days). 0: none of these.
int64_t ParseTimespan(std::string_view text) {
  constexpr int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;
  if (text.size() < 2 || text.size() > 10) return 0;
  int64_t unit = 0;
  switch (text.back()) {
    case 's':
      unit = kSecond;
      break;
    case 'm':
      unit = 60 * kSecond;
      break;
    case 'h':
      unit = 3600 * kSecond;
      break;
    case 'd':
      unit = kDay;
      break;
    case 'w':
      unit = 7 * kDay;
      break;
    case 'M':
      unit = 30 * kDay;
      break;
    case 'y':
      unit = 365 * kDay;
      break;
    default:
      return 0;
  }
  int64_t count = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return 0;
    count = 10 * count + (c - '0');
  }
  constexpr int64_t kLongest = int64_t{100} * 365 * kDay;  // a hundred years
  return count > kLongest / unit ? 0 : count * unit;
}

class Builder {
 public:
  Builder(const YamlTree& tree, Correlation* correlation, RuleProblems* problems)
      : tree_(tree), c_(*correlation), problems_(*problems) {}

  bool Build(const YamlNode& node) {
    if (!IsMap(node)) return problems_.Fail(node, Cat("correlation must be a map, not ", DescribeKind(node)));
    static const std::vector<std::string_view> kKeys = {"type",      "rules",   "group-by", "timespan",
                                                        "condition", "aliases", "generate"};
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      const YamlNode& key = tree_.Key(node, i);
      if (std::find(kKeys.begin(), kKeys.end(), key.text) == kKeys.end()) {
        return Fail(key, Cat("unknown key '", key.text, "'", DidYouMean(key.text, kKeys)));
      }
    }
    return Kind(node) && Rules(node) && Timespan(node) && GroupBy(node) && Condition(node) && Aliases(node) &&
           Generate(node);
  }

 private:
  bool Fail(const YamlNode& at, std::string_view message) { return problems_.Fail(at, Cat("correlation: ", message)); }

  bool Kind(const YamlNode& node) {
    const YamlNode* type = tree_.Find(node, "type");
    if (type == nullptr) return Fail(node, "has no type");
    std::vector<std::string_view> names;
    for (const TypeEntry& entry : kTypes) {
      names.push_back(entry.name);
      if (IsScalar(*type) && type->text == entry.name) {
        c_.type = entry.type;
        return true;
      }
    }
    return Fail(*type, Cat("unknown type '", type->text, "'", DidYouMean(type->text, names)));
  }

  // A text, or a list of texts.
  bool Texts(const YamlNode& node, std::string_view what, std::vector<const YamlNode*>* texts) {
    const uint32_t count = IsList(node) ? node.count : 1;
    for (uint32_t i = 0; i < count; ++i) {
      const YamlNode& one = IsList(node) ? tree_.Child(node, i) : node;
      if (!IsScalar(one) || one.text.empty()) return Fail(one, Cat(what, " must be text, not ", DescribeKind(one)));
      texts->push_back(&one);
    }
    if (texts->empty()) return Fail(node, Cat(what, ": the list is empty"));
    return true;
  }

  bool Rules(const YamlNode& node) {
    const YamlNode* rules = tree_.Find(node, "rules");
    if (rules == nullptr) return Fail(node, "names no rules");
    std::vector<const YamlNode*> texts;
    if (!Texts(*rules, "rules", &texts)) return false;
    if (texts.size() > kMaxCorrelated) return Fail(*rules, Cat("more than ", kMaxCorrelated, " rules"));
    for (const YamlNode* text : texts) {
      for (const Correlation::Reference& before : c_.references) {
        if (before.to == text->text) return Fail(*text, Cat("the rule '", text->text, "' is named twice"));
      }
      c_.references.push_back({std::string(text->text), false, 0, text->line, text->column});
    }
    if (c_.type == Type::kTemporalOrdered && texts.size() < 2) {
      return Fail(*rules, "temporal_ordered needs two rules at least");
    }
    if (c_.type == Type::kAbsence && texts.size() < 2) return Fail(*rules, "spoor_absence needs two rules at least");
    return true;
  }

  bool Timespan(const YamlNode& node) {
    const YamlNode* timespan = tree_.Find(node, "timespan");
    if (timespan == nullptr) return Fail(node, "has no timespan");
    if (IsScalar(*timespan)) c_.timespan = ParseTimespan(timespan->text);
    if (c_.timespan > 0) return true;
    return Fail(*timespan, Cat("timespan '", timespan->text,
                               "' is no span of time; write a number and s, m, h or d: 15s, 10m, 1h, 30d"));
  }

  Correlation::GroupField FieldFor(std::string_view name) const {
    return {std::string(name), std::vector<std::string>(c_.references.size(), std::string(name))};
  }

  bool GroupBy(const YamlNode& node) {
    const YamlNode* group = tree_.Find(node, "group-by");
    if (group == nullptr) return true;
    std::vector<const YamlNode*> texts;
    if (!Texts(*group, "group-by", &texts)) return false;
    if (texts.size() > kMaxGroupFields) return Fail(*group, Cat("group-by: more than ", kMaxGroupFields, " fields"));
    for (const YamlNode* text : texts) c_.group_by.push_back(FieldFor(text->text));
    return true;
  }

  bool Condition(const YamlNode& node) {
    const YamlNode* condition = tree_.Find(node, "condition");
    if (c_.type == Type::kAbsence) {
      return condition == nullptr || Fail(*condition, "spoor_absence takes no condition");
    }
    if (IsTemporal(c_.type)) return condition == nullptr || OverRules(*condition);
    if (condition == nullptr) return Fail(node, Cat(CorrelationTypeName(c_.type), " needs a condition, like gte: 10"));
    if (!IsMap(*condition)) {
      return Fail(*condition, Cat("condition must be a map, like {gte: 10}, not ", DescribeKind(*condition)));
    }
    std::vector<std::string_view> known = {"field", "percentile"};
    for (const BoundEntry& entry : kBounds) known.push_back(entry.name);
    bool percentile = false;
    for (uint32_t i = 0; i < YamlTree::PairCount(*condition); ++i) {
      const YamlNode& key = tree_.Key(*condition, i);
      const YamlNode& value = tree_.Value(*condition, i);
      if (key.text == "field") {
        std::vector<const YamlNode*> texts;
        if (!Texts(value, "condition: field", &texts)) return false;
        if (!IsOfValues(c_.type)) return Fail(key, Cat(CorrelationTypeName(c_.type), " counts events, not a field"));
        if (texts.size() > 1 && c_.type != Type::kValueCount) {
          return Fail(value, Cat(CorrelationTypeName(c_.type), " takes one field"));
        }
        if (texts.size() > kMaxGroupFields) return Fail(value, Cat("more than ", kMaxGroupFields, " fields"));
        for (const YamlNode* text : texts) c_.values.push_back(FieldFor(text->text));
        continue;
      }
      double number = 0;
      const bool is_bound = std::find(known.begin() + 2, known.end(), key.text) != known.end();
      if (!is_bound && key.text != "percentile") {
        return Fail(key, Cat("condition: unknown key '", key.text, "'", DidYouMean(key.text, known)));
      }
      if (!Number(value, &number)) {
        return Fail(value, Cat("condition: ", key.text, " takes a number, not '", value.text, "'"));
      }
      if (key.text == "percentile") {
        if (c_.type != Type::kValuePercentile) return Fail(key, "condition: percentile belongs to value_percentile");
        if (number < 0 || number > 100) return Fail(value, "condition: percentile is a number from 0 to 100");
        c_.percentile = number;
        percentile = true;
        continue;
      }
      for (const BoundEntry& entry : kBounds) {
        if (key.text == entry.name) c_.bounds.push_back({entry.op, entry.negated, number});
      }
    }
    if (c_.bounds.empty()) return Fail(*condition, "condition: none of gt, gte, lt, lte, eq, neq");
    if (IsOfValues(c_.type) && c_.values.empty()) {
      return Fail(*condition, Cat("condition: ", CorrelationTypeName(c_.type), " needs a field"));
    }
    if (c_.type == Type::kValuePercentile && !percentile) {
      return Fail(*condition, "condition: value_percentile needs percentile, a number from 0 to 100");
    }
    return true;
  }

  static bool Number(const YamlNode& node, double* number) {
    if (!IsScalar(node)) return false;
    YamlNode plain = node;
    plain.as_text = false;
    const Scalar scalar = ResolveScalar(plain);
    *number = scalar.number;
    return (scalar.type == ScalarType::kInteger || scalar.type == ScalarType::kFloat) && std::isfinite(*number);
  }

  // "rule_a and (rule_b or rule_c)".
  bool OverRules(const YamlNode& node) {
    if (!IsScalar(node)) {
      return Fail(node, Cat("condition of ", CorrelationTypeName(c_.type), " must be text over its rules, not ",
                            DescribeKind(node)));
    }
    std::vector<Selection> selections;
    for (uint32_t i = 0; i < c_.references.size(); ++i) {
      selections.push_back({c_.references[i].to, i});
      c_.condition.nodes.push_back({Expression::Kind::kItem, {}, i});
    }
    const ConditionProblem problem = ParseCondition(node.text, selections, &c_.condition, &c_.condition.root);
    if (!problem.message.empty()) {
      YamlNode at = node;
      if (node.one_line && node.style != YamlNode::Style::kBlock) {
        at.column += static_cast<uint32_t>(problem.offset) + (node.style == YamlNode::Style::kQuoted ? 1 : 0);
      }
      return Fail(at, Cat("condition: ", problem.message));
    }
    if (c_.type == Type::kTemporalOrdered) {
      return Fail(node, "temporal_ordered takes no condition: all its rules, in their order");
    }
    for (const Expression::Node& one : c_.condition.nodes) {
      if (one.kind != Expression::Kind::kNot) continue;
      return Fail(node,
                  "condition: what is absent cannot be asked of 'temporal'; spoor's own type 'spoor_absence' finds "
                  "the first rule with none of the others within the timespan after it");
    }
    return true;
  }

  // aliases: {name: {rule: field, …}, …}
  bool Aliases(const YamlNode& node) {
    const YamlNode* aliases = tree_.Find(node, "aliases");
    if (aliases == nullptr) return true;
    if (!IsMap(*aliases)) return Fail(*aliases, Cat("aliases must be a map, not ", DescribeKind(*aliases)));
    for (uint32_t i = 0; i < YamlTree::PairCount(*aliases); ++i) {
      const YamlNode& name = tree_.Key(*aliases, i);
      const YamlNode& fields = tree_.Value(*aliases, i);
      if (!IsMap(fields)) {
        return Fail(fields,
                    Cat("aliases: ", name.text, " must be a map of rules to fields, not ", DescribeKind(fields)));
      }
      bool used = false;
      for (auto* list : {&c_.group_by, &c_.values}) {
        for (Correlation::GroupField& field : *list) {
          if (field.name != name.text) continue;
          used = true;
          if (!Alias(fields, name, &field)) return false;
        }
      }
      if (!used) problems_.Warn(name, Cat("correlation: the alias '", name.text, "' is used nowhere"));
    }
    return true;
  }

  bool Alias(const YamlNode& fields, const YamlNode& name, Correlation::GroupField* field) {
    for (uint32_t i = 0; i < YamlTree::PairCount(fields); ++i) {
      const YamlNode& rule = tree_.Key(fields, i);
      const YamlNode& to = tree_.Value(fields, i);
      if (!IsScalar(to) || to.text.empty()) {
        return Fail(to,
                    Cat("aliases: ", name.text, ": ", rule.text, " takes the name of a field, not ", DescribeKind(to)));
      }
      size_t at = 0;
      while (at < c_.references.size() && c_.references[at].to != rule.text) ++at;
      if (at == c_.references.size()) {
        std::vector<std::string_view> names;
        for (const auto& reference : c_.references) names.push_back(reference.to);
        return Fail(rule, Cat("aliases: ", name.text, ": '", rule.text, "' is none of the rules",
                              DidYouMean(rule.text, names)));
      }
      field->fields[at] = to.text;
    }
    return true;
  }

  bool Generate(const YamlNode& node) {
    const YamlNode* generate = tree_.Find(node, "generate");
    if (generate == nullptr) return true;
    const Scalar scalar = IsScalar(*generate) ? ResolveScalar(*generate) : Scalar();
    if (scalar.type != ScalarType::kBool) return Fail(*generate, "generate must be true or false");
    c_.generate = scalar.truth;
    return true;
  }

  const YamlTree& tree_;
  Correlation& c_;
  RuleProblems& problems_;
};

}  // namespace

const char* CorrelationTypeName(Type type) {
  for (const TypeEntry& entry : kTypes) {
    if (entry.type == type) return entry.name.data();
  }
  return "";
}

bool BuildCorrelation(const YamlTree& tree, const YamlNode& node, Correlation* correlation, RuleProblems* problems) {
  return Builder(tree, correlation, problems).Build(node);
}

std::string DescribeCondition(const Correlation& c) {
  const auto names = [](const std::vector<Correlation::GroupField>& fields) {
    std::string out;
    for (const auto& field : fields) out += Cat(out.empty() ? "" : ", ", field.name);
    return out;
  };
  std::string what;
  switch (c.type) {
    case Type::kEventCount:
      what = "number of events";
      break;
    case Type::kValueCount:
      what = Cat("different values of ", names(c.values));
      break;
    case Type::kValueSum:
      what = Cat("sum of ", names(c.values));
      break;
    case Type::kValueAvg:
      what = Cat("average of ", names(c.values));
      break;
    case Type::kValuePercentile:
      what = Cat("percentile ", c.percentile, " of ", names(c.values));
      break;
    case Type::kValueMedian:
      what = Cat("median of ", names(c.values));
      break;
    case Type::kTemporal:
      return "rules met within the timespan";
    case Type::kTemporalOrdered:
      return "rules met in order within the timespan";
    case Type::kAbsence:
      return "not followed within the timespan";
  }
  std::string out;
  for (const Correlation::Bound& bound : c.bounds) {
    for (const BoundEntry& entry : kBounds) {
      if (entry.op != bound.op || entry.negated != bound.negated) continue;
      static const std::map<std::string_view, std::string_view> kSigns = {{"gt", ">"},   {"gte", ">="}, {"lt", "<"},
                                                                          {"lte", "<="}, {"eq", "="},   {"neq", "!="}};
      out += Cat(out.empty() ? what : " and", " ", kSigns.at(entry.name), " ", bound.value);
    }
  }
  return out;
}

}  // namespace spoor::sigma
