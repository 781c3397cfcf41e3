#include "sigma/dump.h"

#include <utility>
#include <vector>

#include "base/message.h"
#include "base/text.h"

namespace spoor::sigma {
namespace {

constexpr int kDeepest = 200;

void AppendLine(int depth, std::string_view text, std::string* out) {
  out->append(2 * static_cast<size_t>(depth), ' ');
  AppendVisible(text, out);
  *out += '\n';
}

void AppendItem(const Item& item, int depth, std::string* out) {
  const std::string_view field = item.field.empty() ? std::string_view("(any value)") : item.field;
  if (item.any_of.size() == 1) return AppendLine(depth, Cat(field, " ", Describe(item.any_of[0])), out);
  AppendLine(depth, field, out);
  for (const Pattern& pattern : item.any_of) AppendLine(depth + 1, Describe(pattern), out);
}

const char* KindName(Expression::Kind kind) {
  switch (kind) {
    case Expression::Kind::kAnd:
      return "and";
    case Expression::Kind::kOr:
      return "or";
    case Expression::Kind::kNot:
      return "not";
    case Expression::Kind::kTrue:
      return "true";
    case Expression::Kind::kFalse:
      return "false";
    case Expression::Kind::kItem:
      break;
  }
  return "";
}

}  // namespace

std::string Dump(const Expression& expression) {
  std::string out;
  if (expression.nodes.empty()) return out;
  std::vector<std::pair<uint32_t, int>> open = {{expression.root, 0}};  // node and depth, the next one last
  while (!open.empty()) {
    const auto [at, depth] = open.back();
    open.pop_back();
    const Expression::Node& node = expression.nodes[at];
    if (depth > kDeepest) {
      AppendLine(depth, "…", &out);
    } else if (node.kind == Expression::Kind::kItem) {
      AppendItem(expression.items[node.item], depth, &out);
    } else {
      AppendLine(depth, KindName(node.kind), &out);
      for (size_t i = node.children.size(); i-- > 0;) open.emplace_back(node.children[i], depth + 1);
    }
  }
  return out;
}

}  // namespace spoor::sigma
