#include "sigma/rule.h"

#include "base/message.h"
#include "base/text.h"
#include "sigma/wildcard.h"

namespace spoor::sigma {
namespace {

constexpr const char* kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr const char* kStatuses[] = {"", "stable", "test", "experimental", "deprecated", "unsupported"};

std::string RegexFlags(const Pattern& pattern) {
  std::string flags;
  if (pattern.regex_i) flags += 'i';
  if (pattern.regex_m) flags += 'm';
  if (pattern.regex_s) flags += 's';
  return flags.empty() ? flags : Cat("|", flags);
}

std::string Number(const Pattern& pattern) {
  return pattern.text.empty() ? Cat(pattern.number.value_or(0)) : pattern.text;
}

}  // namespace

const char* LevelName(Level level) { return kLevels[static_cast<int>(level)]; }

std::optional<Level> ParseLevel(const std::string& name) {
  for (int i = 0; i < 5; ++i) {
    if (EqualsIgnoreAsciiCase(name, kLevels[i])) return static_cast<Level>(i);
  }
  return std::nullopt;
}

const char* StatusName(Status status) { return kStatuses[static_cast<int>(status)]; }

const char* TimePartName(TimePart part) {
  static constexpr const char* kNames[] = {"", "minute", "hour", "day", "week", "month", "year"};
  return kNames[static_cast<size_t>(part)];
}

std::string Describe(const Pattern& pattern) {
  if (pattern.part != TimePart::kNone) {
    Pattern plain = pattern;
    plain.part = TimePart::kNone;
    return Cat(TimePartName(pattern.part), " ", Describe(plain));
  }
  const char* how = pattern.cased ? " exactly: " : ": ";
  switch (pattern.op) {
    case Operator::kEquals:
      return Cat("is", how, pattern.text);
    case Operator::kStartsWith:
      return Cat("starts with", how, pattern.text);
    case Operator::kEndsWith:
      return Cat("ends with", how, pattern.text);
    case Operator::kContains:
      return Cat("contains", how, pattern.text);
    case Operator::kGlob:
      return Cat("like", how, Escape(pattern.glob));
    case Operator::kRegex:
      return Cat("re", RegexFlags(pattern), ": ", pattern.text);
    case Operator::kCidr:
      return pattern.text;
    case Operator::kLess:
      return Cat("< ", Number(pattern));
    case Operator::kLessEqual:
      return Cat("<= ", Number(pattern));
    case Operator::kGreater:
      return Cat("> ", Number(pattern));
    case Operator::kGreaterEqual:
      return Cat(">= ", Number(pattern));
    case Operator::kAnyValue:
      return "any value";
    case Operator::kNull:
      return "null";
    case Operator::kExists:
      return "exists";
    case Operator::kNotExists:
      return "does not exist";
    case Operator::kIndicator:
      return "an indicator";
    case Operator::kFieldEquals:
      return Cat("is field: ", pattern.text);
    case Operator::kFieldStartsWith:
      return Cat("starts with field: ", pattern.text);
    case Operator::kFieldEndsWith:
      return Cat("ends with field: ", pattern.text);
    case Operator::kFieldContains:
      return Cat("contains field: ", pattern.text);
  }
  return "";
}

void AndTo(const Expression& more, Expression* expression) {
  const auto nodes = static_cast<uint32_t>(expression->nodes.size()),
             items = static_cast<uint32_t>(expression->items.size());
  for (Expression::Node node : more.nodes) {
    for (uint32_t& child : node.children) child += nodes;
    node.item += node.kind == Expression::Kind::kItem ? items : 0;
    expression->nodes.push_back(std::move(node));
  }
  expression->items.insert(expression->items.end(), more.items.begin(), more.items.end());
  for (const auto& [node, name] : more.labels) expression->labels.emplace_back(node + nodes, name);
  expression->nodes.push_back({Expression::Kind::kAnd, {expression->root, more.root + nodes}, 0});
  expression->root = static_cast<uint32_t>(expression->nodes.size() - 1);
}

}  // namespace spoor::sigma
