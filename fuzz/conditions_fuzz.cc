// Conditions over a few selections: a tree or a message with its place, and the tree's children stand before
// parents.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "sigma/condition.h"

using namespace spoor::sigma;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Expression expression;
  std::vector<Selection> selections;
  for (const char* name : {"a", "b", "sel_x", "sel_y", "_h", "them"}) {
    selections.push_back({name, static_cast<uint32_t>(expression.nodes.size())});
    expression.nodes.push_back({Expression::Kind::kTrue, {}});
  }
  uint32_t root = 0;
  const ConditionProblem problem = ParseCondition(text, selections, &expression, &root);
  if (problem.message.empty() && root >= expression.nodes.size()) std::abort();
  if (problem.offset > size) std::abort();
  for (uint32_t i = 0; i < expression.nodes.size(); ++i) {
    for (uint32_t child : expression.nodes[i].children) {
      if (child >= i) std::abort();
    }
  }
  return 0;
}
