#include "sigma/filter.h"

#include "base/message.h"
#include "base/text.h"
#include "sigma/limits.h"

namespace spoor::sigma {

bool BuildFilter(const YamlTree& tree, const YamlNode& node, const Placeholders& placeholders, Filter* filter,
                 RuleProblems* problems) {
  if (node.kind != YamlNode::Kind::kMap) {
    return problems->Fail(node, Cat("filter must be a map, not ", DescribeKind(node)));
  }
  const YamlNode* rules = tree.Find(node, "rules");
  if (rules == nullptr) {
    return problems->Fail(node, "filter: names no rules; write ids or names of rules, or: any");
  }
  const bool list = rules->kind == YamlNode::Kind::kSequence;
  const uint32_t count = list ? rules->count : 1;
  for (uint32_t i = 0; i < count; ++i) {
    const YamlNode& one = list ? tree.Child(*rules, i) : *rules;
    if (one.kind != YamlNode::Kind::kScalar || one.text.empty()) {
      return problems->Fail(one, Cat("filter: rules must be text, not ", DescribeKind(one)));
    }
    if (EqualsIgnoreAsciiCase(one.text, "any")) {
      filter->any = true;
    } else {
      filter->references.push_back({std::string(one.text), one.line, one.column});
    }
  }
  if (count == 0) return problems->Fail(*rules, "filter: the list of rules is empty");
  return BuildDetection(tree, node, placeholders, &filter->rule.detection, problems, {"filter", {"rules"}});
}

}  // namespace spoor::sigma
