#include "match/evaluate.h"

#include <algorithm>
#include <memory>

#include "base/message.h"
#include "base/text.h"
#include "match/compare.h"
#include "match/regex.h"
#include "match/worker.h"

namespace spoor {
namespace {

using sigma::Expression;
using sigma::Item;
using sigma::Operator;
using sigma::Pattern;

struct FieldValue {
  std::string text, folded;
  std::optional<double> number;
};

class Evaluator {
 public:
  Evaluator(const Event& event, const sigma::Target& target) : event_(event), target_(target) {}

  NodeVerdict Node(const Expression& e, uint32_t at) {
    const Expression::Node& node = e.nodes[at];
    NodeVerdict verdict;
    switch (node.kind) {
      case Expression::Kind::kItem:
        return Comparison(e.items[node.item]);
      case Expression::Kind::kTrue:
      case Expression::Kind::kFalse:
        verdict.holds = node.kind == Expression::Kind::kTrue;
        verdict.what = verdict.holds ? "always" : "never (a comparison without values)";
        return verdict;
      default:
        break;
    }
    for (const uint32_t child : node.children) verdict.children.push_back(Labelled(e, child));
    const auto holds = [](const NodeVerdict& child) { return child.holds; };
    if (node.kind == Expression::Kind::kNot) {
      verdict.what = "not";
      verdict.holds = !verdict.children[0].holds;
    } else if (node.kind == Expression::Kind::kAnd) {
      verdict.what = "all of";
      verdict.holds = std::all_of(verdict.children.begin(), verdict.children.end(), holds);
    } else {
      verdict.what = "one of";
      verdict.holds = std::any_of(verdict.children.begin(), verdict.children.end(), holds);
    }
    return verdict;
  }

  // A node under the name of its selection, where it has one.
  NodeVerdict Labelled(const Expression& e, uint32_t at) {
    NodeVerdict verdict = Node(e, at);
    for (const auto& [node, name] : e.labels) {
      if (node != at) continue;
      NodeVerdict named{verdict.holds, name, "", {}};
      named.children.push_back(std::move(verdict));
      return named;
    }
    return verdict;
  }

 private:
  std::string_view NameInEvent(const std::string& field) const {
    for (const sigma::FieldName& renamed : target_.fields) {
      if (renamed.sigma == field) return renamed.evidence;
    }
    return field;
  }

  struct Presence {
    bool there = false;     // the field is
    bool no_value = false;  // one of the fields of the name is there without a value
  };

  // The values of a field; of "" those of all.
  std::vector<std::pair<std::string, FieldValue>> ValuesOf(const std::string& field, Presence* presence) const {
    std::vector<std::pair<std::string, FieldValue>> values;
    *presence = {};
    const auto add = [&](const std::string& name, std::string text, std::optional<double> number) {
      FieldValue value;
      value.folded = Folded(text);
      value.number = number ? number : ParseLongNumber(text);
      value.text = std::move(text);
      values.emplace_back(name, std::move(value));
    };
    for (const Field& f : event_.shape->fields) {
      if (!field.empty() && !SameFieldName(NameInEvent(field), f.name)) continue;
      if (!HasField(event_, f)) continue;
      presence->there = true;
      if (f.parts.size() != 1) {
        std::string text;
        AppendFieldText(event_, f, &text);
        add(f.name, std::move(text), std::nullopt);
        continue;
      }
      const size_t before = values.size();
      ForEachElement(event_.Part(f.parts[0]), [&](const Value& element) {
        std::string text;
        AppendText(element, &text);
        add(f.name, std::move(text), AsNumber(element));
      });
      presence->no_value |= values.size() == before;
    }
    return values;
  }

  static bool PatternHolds(const Pattern& p, const FieldValue& value) {
    std::unique_ptr<CompiledRegex> regex;
    if (p.op == Operator::kRegex) {
      auto made = CompiledRegex::Make(p);
      if (!made.ok()) return false;
      regex = *std::move(made);
    }
    return Holds(p, Folded(p.text), regex.get(), {value.text, value.folded, value.number});
  }

  static bool ReferenceHolds(Operator op, const std::string& a, const std::string& b) {
    switch (op) {
      case Operator::kFieldEquals:
        return a == b;
      case Operator::kFieldStartsWith:
        return a.starts_with(b);
      case Operator::kFieldEndsWith:
        return a.ends_with(b);
      default:
        return a.find(b) != std::string::npos;
    }
  }

  NodeVerdict Comparison(const Item& item) {
    Presence presence;
    const auto values = ValuesOf(item.field, &presence);
    const bool present = presence.there;
    const std::string field = item.field.empty() ? "any value" : item.field;
    NodeVerdict verdict;
    verdict.what = field + " ";
    for (size_t i = 0; i < item.any_of.size(); ++i) {
      constexpr size_t kMostShown = 4;
      if (i == kMostShown && item.any_of.size() > kMostShown + 1) {
        verdict.what += " or " + std::to_string(item.any_of.size() - i) + " more";
        break;
      }
      verdict.what += (i == 0 ? "" : " or ") + sigma::Describe(item.any_of[i]);
    }
    for (const Pattern& p : item.any_of) {
      if (p.op == Operator::kNull || p.op == Operator::kNotExists || p.op == Operator::kExists) {
        const bool without = presence.no_value;
        verdict.holds = p.op == Operator::kExists ? present : p.op == Operator::kNull ? !present || without : !present;
        if (verdict.holds) {
          verdict.what = field + " " + sigma::Describe(p);
          verdict.value = !present ? field + " is missing" : without ? field + " has no value" : field + " is there";
          return verdict;
        }
        continue;
      }
      if (p.op >= Operator::kFieldEquals) {
        Presence other_presence;
        for (const auto& [name, mine] : values) {
          for (const auto& [other_name, other] : ValuesOf(p.text, &other_presence)) {
            if (!ReferenceHolds(p.op, mine.folded, other.folded)) continue;
            verdict.holds = true;
            verdict.what = field + " " + sigma::Describe(p);
            verdict.value = Cat(name, " = ", mine.text, ", ", other_name, " = ", other.text);
            return verdict;
          }
        }
        continue;
      }
      for (const auto& [name, value] : values) {
        if (!PatternHolds(p, value)) continue;
        verdict.holds = true;
        verdict.what = field + " " + sigma::Describe(p);
        verdict.value = name + " = " + value.text;
        return verdict;
      }
    }
    if (item.field.empty()) {
      verdict.value = "in none of the event's values";
    } else if (!present) {
      verdict.value = field + " is missing";
    } else if (values.empty()) {
      verdict.value = field + " has no value";
    } else {
      verdict.value = values[0].first + " = " + values[0].second.text;
      for (size_t i = 1; i < values.size(); ++i) verdict.value += ", " + values[i].second.text;
    }
    return verdict;
  }

  const Event& event_;
  const sigma::Target& target_;
};

std::string KeyText(const Event& event, int field) {
  std::string text;
  if (field >= 0) AppendFieldText(event, event.shape->fields[static_cast<size_t>(field)], &text);
  return text;
}

bool IsMeant(const sigma::Target& target, const Event& event, const std::string& channel, const std::string& provider,
             std::optional<double> event_id) {
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(), [&](const auto& n) { return EqualsIgnoreAsciiCase(n, name); });
  };
  const bool anywhere = target.channels.empty() && target.providers.empty();
  if (!anywhere && !among(target.channels, channel) && !among(target.providers, provider)) return false;
  if (!target.event_ids.empty() &&
      (!event_id || std::find(target.event_ids.begin(), target.event_ids.end(), *event_id) == target.event_ids.end())) {
    return false;
  }
  Expression conditions;
  conditions.items = target.conditions;
  Evaluator evaluator(event, target);
  for (uint32_t i = 0; i < conditions.items.size(); ++i) {
    conditions.nodes.push_back({Expression::Kind::kItem, {}, i});
    if (!evaluator.Node(conditions, i).holds) return false;
  }
  return true;
}

}  // namespace

RuleVerdict Evaluate(const sigma::Rule& rule, const sigma::SourceMap& sources, const Event& event) {
  RuleVerdict verdict;
  sigma::Target target;
  const SourceTag& tag = event.shape->source;
  if (tag.is_windows_log()) {
    const std::string channel = KeyText(event, event.shape->key.channel);
    const std::string id = KeyText(event, event.shape->key.event_id);
    verdict.source = channel.empty() ? "of no source known" : channel + " " + id;
    for (const sigma::Target& t : sources.Resolve(rule.source)) {
      if (!IsMeant(t, event, channel, KeyText(event, event.shape->key.provider), ParseNumber(id))) continue;
      verdict.meant = true;
      target = t;
      break;
    }
  } else {
    verdict.meant = SourceTag::Fits(rule.source.product, tag.product) &&
                    SourceTag::Fits(rule.source.service, tag.service) &&
                    SourceTag::Fits(rule.source.category, tag.category);
    verdict.source = tag.Name();
  }
  verdict.condition = Evaluator(event, target).Labelled(rule.detection, rule.detection.root);
  verdict.holds = verdict.meant && verdict.condition.holds;
  return verdict;
}

}  // namespace spoor
