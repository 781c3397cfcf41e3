// Selections become subtrees, the condition joins them.
//
//     map                 And of its fields
//     list of maps        Or of them
//     list of values      one keyword item (any value of the event)
//     value               the same with one keyword
//     field: [a, b]       one item with the patterns of both; with `all` an item each, And
//     field|neq: …        Not around that
//
// A selection is built once and shared by all that refer to it, so the nodes are a graph without cycles, of a
// depth that conditions and documents bound (limits.h). Selections that the condition leaves out are dropped
// at the end: the matcher should not look for what nobody asks.
#include "sigma/detection.h"

#include <algorithm>

#include "base/message.h"
#include "sigma/condition.h"
#include "sigma/limits.h"
#include "sigma/suggest.h"

namespace spoor::sigma {
namespace {

using Kind = Expression::Kind;

bool IsScalar(const YamlNode& node) { return node.kind == YamlNode::Kind::kScalar; }
bool IsList(const YamlNode& node) { return node.kind == YamlNode::Kind::kSequence; }
bool IsMap(const YamlNode& node) { return node.kind == YamlNode::Kind::kMap; }

class Builder {
 public:
  Builder(const YamlTree& tree, const Placeholders& placeholders, Expression* expression, RuleProblems* problems,
          const DetectionForm& form)
      : tree_(tree), placeholders_(placeholders), expression_(*expression), problems_(*problems), form_(form) {}

  bool Build(const YamlNode& detection) {
    if (!IsMap(detection)) {
      return problems_.Fail(detection, Cat(form_.name, " must be a map of selections, not ", DescribeKind(detection)));
    }
    const YamlNode* condition = nullptr;
    for (uint32_t i = 0; i < YamlTree::PairCount(detection); ++i) {
      const YamlNode& key = tree_.Key(detection, i);
      const YamlNode& value = tree_.Value(detection, i);
      if (std::find(form_.others.begin(), form_.others.end(), key.text) != form_.others.end()) continue;
      if (key.text == "condition") {
        condition = &value;
      } else if (key.text == "timeframe") {
        problems_.Warn(key, "'timeframe' has no meaning in a rule any more; write a correlation rule");
      } else if (!AddSelection(key, value)) {
        return false;
      }
    }
    if (condition == nullptr) {
      std::vector<std::string_view> names;
      for (uint32_t i = 0; i < YamlTree::PairCount(detection); ++i) names.push_back(tree_.Key(detection, i).text);
      return problems_.Fail(detection, Cat(form_.name, " has no condition", DidYouMeanBy("condition", names)));
    }
    if (selections_.empty()) return problems_.Fail(detection, Cat(form_.name, " has no selection"));
    if (!Conditions(*condition)) return false;
    DropUnused();
    return true;
  }

  bool BuildOne(const YamlNode& selection) {
    selection_ = "conditions";
    const Node node = BuildSelection(selection);
    if (!node) return false;
    expression_.root = *node;
    return true;
  }

 private:
  using Node = std::optional<uint32_t>;  // nothing: problems_ says why

  bool AddSelection(const YamlNode& key, const YamlNode& value) {
    if (selections_.size() >= kMaxSelections) {
      return problems_.Fail(key, Cat("more than ", kMaxSelections, " selections"));
    }
    if (key.text.empty() || key.text.size() > kMaxNameBytes) {
      return problems_.Fail(key, Cat("the name of a selection must have 1 to ", kMaxNameBytes, " bytes"));
    }
    selection_ = key.text;
    const Node node = BuildSelection(value);
    if (!node) return false;
    selections_.push_back({key.text, *node});
    expression_.labels.emplace_back(*node, std::string(key.text));
    return true;
  }

  Node Fail(const YamlNode& at, std::string_view message) {
    problems_.Fail(at, Cat("selection '", selection_, "': ", message));
    return std::nullopt;
  }

  uint32_t Add(Kind kind, std::vector<uint32_t> children, uint32_t item = 0) {
    expression_.nodes.push_back({kind, std::move(children), item});
    return static_cast<uint32_t>(expression_.nodes.size() - 1);
  }
  uint32_t Join(Kind kind, std::vector<uint32_t> children) {
    return children.size() == 1 ? children[0] : Add(kind, std::move(children));
  }
  // The node of a comparison; one without patterns can never hold.
  uint32_t AddItem(std::string_view field, std::vector<Pattern> any_of) {
    if (any_of.empty()) return Add(Kind::kFalse, {});
    expression_.items.push_back({std::string(field), std::move(any_of)});
    return Add(Kind::kItem, {}, static_cast<uint32_t>(expression_.items.size() - 1));
  }

  Node BuildSelection(const YamlNode& value) {
    if (IsMap(value)) return Fields(value);
    if (IsScalar(value)) {
      if (value.text.empty()) return Fail(value, "is empty");
      return Keywords({&value});
    }
    if (value.count == 0) return Fail(value, "is an empty list");
    std::vector<uint32_t> children;
    std::vector<const YamlNode*> keywords;
    for (uint32_t i = 0; i < value.count; ++i) {
      const YamlNode& element = tree_.Child(value, i);
      if (IsList(element)) return Fail(element, "a list within a list");
      if (IsScalar(element)) {
        keywords.push_back(&element);
        continue;
      }
      const Node child = Fields(element);
      if (!child) return std::nullopt;
      children.push_back(*child);
    }
    if (!keywords.empty()) {
      const Node child = Keywords(keywords);
      if (!child) return std::nullopt;
      children.push_back(*child);
    }
    return Join(Kind::kOr, std::move(children));
  }

  Node Keywords(const std::vector<const YamlNode*>& values) {
    const Modifiers none;
    ValuePatterns made;
    made.any_of.reserve(values.size());
    for (const YamlNode* value : values) {
      if (!AddPatterns(none, *value, "", &made)) return std::nullopt;
    }
    return AddItem("", std::move(made.any_of));
  }

  Node Fields(const YamlNode& map) {
    if (map.count == 0) return Fail(map, "is an empty map");
    std::vector<uint32_t> children;
    for (uint32_t i = 0; i < YamlTree::PairCount(map); ++i) {
      if (!Field(tree_.Key(map, i), tree_.Value(map, i), &children)) return std::nullopt;
    }
    return Join(Kind::kAnd, std::move(children));
  }

  // Adds what "field|modifiers: value" says to the children of an And.
  bool Field(const YamlNode& key, const YamlNode& value, std::vector<uint32_t>* children) {
    std::string_view field;
    absl::StatusOr<Modifiers> modifiers = ParseFieldKey(key.text, &field);
    if (!modifiers.ok()) {
      return Fail(key, Cat(key.text, key.text.empty() ? "" : ": ", Message(modifiers.status()))).has_value();
    }
    if (IsMap(value)) return Fail(value, Cat(key.text, ": a field takes a value or a list, not a map")).has_value();
    const uint32_t count = IsList(value) ? value.count : 1;
    if (modifiers->all && !IsList(value)) {
      problems_.Warn(key, Cat("selection '", selection_, "': ", key.text, ": 'all' does nothing for one value"));
    }
    if (count == 0) return Fail(value, Cat(key.text, ": the list of values is empty")).has_value();

    std::vector<uint32_t> group;
    ValuePatterns made;
    made.any_of.reserve(modifiers->all ? 1 : count);
    for (uint32_t i = 0; i < count; ++i) {
      const YamlNode& one = IsList(value) ? tree_.Child(value, i) : value;
      if (!IsScalar(one)) {
        return Fail(one, Cat(key.text, ": a list of values must not hold ", DescribeKind(one))).has_value();
      }
      if (!AddPatterns(*modifiers, one, field, &made, key.text)) return false;
      if (modifiers->all) group.push_back(AddItem(field, std::exchange(made.any_of, {})));
    }
    if (!modifiers->all) group.push_back(AddItem(field, std::move(made.any_of)));
    if (modifiers->neq) {
      // What cannot be compared is not thereby unequal: without its placeholder's values a `neq` does not
      // hold.
      const bool lacking = std::any_of(group.begin(), group.end(),
                                       [&](uint32_t node) { return expression_.nodes[node].kind == Kind::kFalse; });
      group = {lacking ? Add(Kind::kFalse, {}) : Add(Kind::kNot, {Join(Kind::kAnd, std::move(group))})};
    }
    children->insert(children->end(), group.begin(), group.end());
    return true;
  }

  bool AddPatterns(const Modifiers& modifiers, const YamlNode& value, std::string_view field, ValuePatterns* made,
                   std::string_view key = "keyword") {
    const size_t before = made->any_of.size();
    if (absl::Status s = MakePatterns(modifiers, value, field.empty(), placeholders_, made); !s.ok()) {
      return Fail(value, Cat(key, ": ", Message(s))).has_value();
    }
    for (const std::string& warning : std::exchange(made->warnings, {})) {
      problems_.Warn(value, Cat("selection '", selection_, "': ", key, ": ", warning));
    }
    if (budget_.Take(made->any_of, before)) return true;
    return Fail(value, Cat(key, ": the rule comes to more than ", kMaxPatternsPerRule, " patterns or ",
                           kMaxPatternBytesPerRule >> 20, " MiB of them"))
        .has_value();
  }

  // One condition or a list of them, of which one must hold.
  bool Conditions(const YamlNode& node) {
    std::vector<uint32_t> roots;
    if (IsList(node)) {
      if (node.count == 0) return problems_.Fail(node, "condition: the list is empty");
      for (uint32_t i = 0; i < node.count; ++i) {
        if (!Condition(tree_.Child(node, i), &roots)) return false;
      }
    } else if (!Condition(node, &roots)) {
      return false;
    }
    expression_.root = Join(Kind::kOr, std::move(roots));
    return true;
  }

  bool Condition(const YamlNode& node, std::vector<uint32_t>* roots) {
    if (!IsScalar(node)) {
      return problems_.Fail(node, Cat("condition must be text, not ", DescribeKind(node)));
    }
    uint32_t root = 0;
    ConditionProblem problem = ParseCondition(node.text, selections_, &expression_, &root);
    if (problem.message.empty()) {
      roots->push_back(root);
      return true;
    }
    YamlNode at = node;
    if (node.one_line && node.style != YamlNode::Style::kBlock) {
      at.column += static_cast<uint32_t>(problem.offset) + (node.style == YamlNode::Style::kQuoted ? 1 : 0);
      return problems_.Fail(at, Cat("condition: ", problem.message));
    }
    return problems_.Fail(at, Cat("condition: ", problem.message, " (at character ", problem.offset + 1, ")"));
  }

  // Keeps the nodes and items that the root reaches, in their order.
  void DropUnused() {
    std::vector<Expression::Node>& nodes = expression_.nodes;
    std::vector<bool> used(nodes.size());
    std::vector<uint32_t> open = {expression_.root};
    used[expression_.root] = true;
    while (!open.empty()) {
      const uint32_t at = open.back();
      open.pop_back();
      for (uint32_t child : nodes[at].children) {
        if (!used[child]) open.push_back(child);
        used[child] = true;
      }
    }
    if (std::find(used.begin(), used.end(), false) == used.end()) return;
    std::erase_if(expression_.labels, [&](const auto& label) { return !used[label.first]; });
    Expression kept;
    std::vector<uint32_t> place(nodes.size());  // children stand before their parents
    for (uint32_t i = 0; i < nodes.size(); ++i) {
      if (!used[i]) continue;
      Expression::Node node = std::move(nodes[i]);
      for (uint32_t& child : node.children) child = place[child];
      if (node.kind == Kind::kItem) {
        kept.items.push_back(std::move(expression_.items[node.item]));
        node.item = static_cast<uint32_t>(kept.items.size() - 1);
      }
      place[i] = static_cast<uint32_t>(kept.nodes.size());
      kept.nodes.push_back(std::move(node));
    }
    kept.root = place[expression_.root];
    for (auto& [node, name] : expression_.labels) kept.labels.emplace_back(place[node], std::move(name));
    expression_ = std::move(kept);
  }

  const YamlTree& tree_;
  const Placeholders& placeholders_;
  Expression& expression_;
  RuleProblems& problems_;
  const DetectionForm& form_;
  std::vector<Selection> selections_;
  std::string_view selection_;  // the one being built
  PatternBudget budget_ = {kMaxPatternsPerRule, kMaxPatternBytesPerRule};
};

}  // namespace

bool RuleProblems::Fail(const YamlNode& at, std::string message) {
  if (!error) error = YamlProblem{at.line, at.column, std::move(message)};
  return false;
}

void RuleProblems::Warn(const YamlNode& at, std::string message) {
  constexpr size_t kMostWarnings = 20;
  if (warnings.size() < kMostWarnings) warnings.push_back({at.line, at.column, std::move(message)});
}

bool BuildDetection(const YamlTree& tree, const YamlNode& detection, const Placeholders& placeholders,
                    Expression* expression, RuleProblems* problems, const DetectionForm& form) {
  return Builder(tree, placeholders, expression, problems, form).Build(detection);
}

bool BuildSelection(const YamlTree& tree, const YamlNode& selection, const Placeholders& placeholders,
                    Expression* expression, RuleProblems* problems) {
  const DetectionForm form;
  return Builder(tree, placeholders, expression, problems, form).BuildOne(selection);
}

}  // namespace spoor::sigma
