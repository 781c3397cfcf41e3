#include "sigma/condition.h"

#include <gtest/gtest.h>

#include "base/message.h"
#include "helpers.h"
#include "sigma/limits.h"

namespace spoor::sigma {
namespace {

// The condition over the selections a, b, c, sel_x, sel_y, _hidden as a term: and(a,not(b)).
class Terms {
 public:
  std::string Of(std::string_view condition) {
    Expression expression;
    std::vector<Selection> selections;
    for (size_t i = 0; i < std::size(kNames); ++i) {
      expression.items.push_back({kNames[i], {}});
      expression.nodes.push_back({Expression::Kind::kItem, {}, static_cast<uint32_t>(i)});
      selections.push_back({kNames[i], static_cast<uint32_t>(i)});
    }
    uint32_t root = 0;
    const ConditionProblem problem = ParseCondition(condition, selections, &expression, &root);
    if (!problem.message.empty()) return std::to_string(problem.offset) + ": " + problem.message;
    return Term(expression, root);
  }

 private:
  static constexpr const char* kNames[] = {"a", "b", "c", "sel_x", "sel_y", "_hidden"};

  static std::string Term(const Expression& expression, uint32_t at) {
    const Expression::Node& node = expression.nodes[at];
    if (node.kind == Expression::Kind::kItem) return expression.items[node.item].field;
    std::string out = node.kind == Expression::Kind::kAnd  ? "and("
                      : node.kind == Expression::Kind::kOr ? "or("
                                                           : "not(";
    for (size_t i = 0; i < node.children.size(); ++i) out += Cat(i ? "," : "", Term(expression, node.children[i]));
    return out + ")";
  }
};

std::string Term(std::string_view condition) { return Terms().Of(condition); }

TEST(Condition, Precedence) {
  EXPECT_EQ(Term("a"), "a");
  EXPECT_EQ(Term("a and b or c"), "or(and(a,b),c)");
  EXPECT_EQ(Term("a or b and c"), "or(a,and(b,c))");
  EXPECT_EQ(Term("not a and b"), "and(not(a),b)");
  EXPECT_EQ(Term("not (a and b)"), "not(and(a,b))");
  EXPECT_EQ(Term("(a or b) and c"), "and(or(a,b),c)");
  EXPECT_EQ(Term("a and b and c"), "and(a,b,c)");
  EXPECT_EQ(Term("a or not b or c"), "or(a,not(b),c)");
  EXPECT_EQ(Term("((a))"), "a");
  EXPECT_EQ(Term("a and(b or c)"), "and(a,or(b,c))");
}

TEST(Condition, NotNot) {
  EXPECT_EQ(Term("not not a"), "a");
  EXPECT_EQ(Term("not not not a"), "not(a)");
  EXPECT_EQ(Term("not (not a)"), "not(not(a))");
}

TEST(Condition, OperatorsInAnyCase) {
  EXPECT_EQ(Term("a AND NOT b Or c"), "or(and(a,not(b)),c)");
  EXPECT_EQ(Term("ALL OF sel_*"), "and(sel_x,sel_y)");
  EXPECT_EQ(Term("Any of Them"), "or(a,b,c,sel_x,sel_y)");
}

TEST(Condition, Of) {
  EXPECT_EQ(Term("1 of sel_*"), "or(sel_x,sel_y)");
  EXPECT_EQ(Term("any of sel_*"), "or(sel_x,sel_y)");
  EXPECT_EQ(Term("all of sel_*"), "and(sel_x,sel_y)");
  EXPECT_EQ(Term("1 of *_x"), "sel_x");
  EXPECT_EQ(Term("1 of s*l*_y"), "sel_y");
  EXPECT_EQ(Term("1 of a"), "a");
  EXPECT_EQ(Term("all of them"), "and(a,b,c,sel_x,sel_y)");
  EXPECT_EQ(Term("1 of _*"), "_hidden");
  EXPECT_EQ(Term("1 of *"), "or(a,b,c,sel_x,sel_y,_hidden)");
  EXPECT_EQ(Term("a and not 1 of sel_*"), "and(a,not(or(sel_x,sel_y)))");
}

TEST(Condition, WhiteSpace) { EXPECT_EQ(Term("\ta\n  and\r\n b\n"), "and(a,b)"); }

TEST(Condition, Errors) {
  EXPECT_EQ(Term(""), "0: the condition is empty");
  EXPECT_EQ(Term("  "), "2: the condition is empty");
  EXPECT_EQ(Term("a and"), "5: the condition ends where a selection is expected");
  EXPECT_EQ(Term("a not b"), "2: 'and' or 'or' is missing before 'not'");
  EXPECT_EQ(Term("a b"), "2: 'and' or 'or' is missing before 'b'");
  EXPECT_EQ(Term("and a"), "0: a selection is expected, not 'and'");
  EXPECT_EQ(Term("a and or b"), "6: a selection is expected, not 'or'");
  EXPECT_EQ(Term("(a or b"), "0: '(' without ')' behind it");
  EXPECT_EQ(Term("a)"), "1: ')' without '(' before it");
  EXPECT_EQ(Term("a (b)"), "2: 'and' or 'or' is missing before '('");
  EXPECT_EQ(Term("()"), "1: a selection is expected, not ')'");
  EXPECT_EQ(Term("sel_z"), "0: there is no selection 'sel_z'; did you mean 'sel_x'?");
  EXPECT_EQ(Term("a and nothing_like_it"), "6: there is no selection 'nothing_like_it'");
  EXPECT_EQ(Term("A"), "0: there is no selection 'A'; did you mean 'a'?");
  EXPECT_EQ(Term("1 of zzz*"), "5: no selection is called 'zzz*'");
  EXPECT_EQ(Term("2 of sel_*"), "0: '2 of' does not exist in Sigma: '1 of', 'any of' and 'all of' do");
  EXPECT_EQ(Term("1 of"), "2: 'of' must be followed by 'them' or a name");
  EXPECT_EQ(Term("1 of (a)"), "2: 'of' must be followed by 'them' or a name");
  EXPECT_EQ(Term("sel_*"), "0: a pattern needs a quantity: '1 of sel_*' or 'all of sel_*'");
  EXPECT_EQ(Term("them"), "0: 'them' needs a quantity: '1 of them' or 'all of them'");
  EXPECT_EQ(Term("a | count() > 5"),
            "2: aggregation expressions (| count() …) were removed from Sigma; write a correlation rule");
  EXPECT_EQ(Term("é and x"), "0: there is no selection 'é'");
  EXPECT_EQ(Term("a and é é"), "6: there is no selection 'é'");
}

TEST(Condition, DepthAndSizeAreBounded) {
  const auto nested = [](int depth) { return std::string(depth, '(') + "a" + std::string(depth, ')'); };
  EXPECT_EQ(Term(nested(kMaxConditionDepth)), "a");
  EXPECT_EQ(Term(nested(kMaxConditionDepth + 1)), "64: more than 64 parentheses within one another");
  std::string nots;
  for (int i = 0; i < 10001; ++i) nots += "not ";
  EXPECT_EQ(Term(nots + "a"), "not(a)");
  std::string many = "1 of *";
  while (many.size() + 11 < kMaxConditionBytes) many += " or 1 of *";
  EXPECT_EQ(Term(many).substr(0, 3), "or(");
  EXPECT_EQ(Term(std::string(kMaxConditionBytes + 1, ' ')), "0: the condition is longer than 65536 bytes");
}

TEST(Condition, AListIsAnOr) {
  EXPECT_EQ(Detect("x: {A: 1}\ny: {B: 2}\ncondition: [x, not y]"), "or\n  A is: 1\n  not\n    B is: 2\n");
  EXPECT_EQ(Detect("x: {A: 1}\ncondition: [x]"), "A is: 1\n");
}

TEST(Condition, ErrorsHaveALineAndColumn) {
  EXPECT_EQ(Detect("x: {A: 1}\ncondition: x and y"),
            "error 5:20: condition: there is no selection 'y'; did you mean "
            "'x'?\n");
  EXPECT_EQ(Detect("x: {A: 1}\ncondition: 'x and nope'"), "error 5:21: condition: there is no selection 'nope'\n");
  EXPECT_EQ(Detect("x: {A: 1}\ncondition: |\n  x and\n  nope"),
            "error 5:14: condition: there is no selection 'nope' (at character 7)\n");
}

TEST(Detection, Shapes) {
  EXPECT_EQ(Detect("x:\n  A: 1\n  B: 2\ncondition: x"), "and\n  A is: 1\n  B is: 2\n");
  EXPECT_EQ(Detect("x:\n  - A: 1\n    B: 2\n  - C: 3\ncondition: x"),
            "or\n  and\n    A is: 1\n    B is: 2\n  C is: 3\n");
  EXPECT_EQ(Detect("x:\n  - A: 1\n  - word\n  - other\ncondition: x"),
            "or\n  A is: 1\n  (any value)\n    contains: word\n    contains: other\n");
  EXPECT_EQ(Detect("x: {'A.b c': 1}\ncondition: x"), "A.b c is: 1\n");
}

TEST(Detection, WhatTheConditionLeavesOutIsDropped) {
  const RuleSet set = Parse(
      "title: T\nlogsource: {product: windows}\ndetection:\n  a: {A: 1}\n  b: {B: [2, 3], C: 4}\n"
      "  c: {D: 5}\n  condition: c or a\n");
  ASSERT_EQ(set.rules.size(), 1u);
  EXPECT_EQ(set.rules[0].detection.items.size(), 2u);
  EXPECT_EQ(set.rules[0].detection.nodes.size(), 3u);
  EXPECT_EQ(Dump(set.rules[0].detection), "or\n  D is: 5\n  A is: 1\n");
}

TEST(Detection, SelectionsAreShared) {
  const RuleSet set =
      Parse("title: T\nlogsource: {product: windows}\ndetection:\n  a: {A: 1}\n  condition: a or not a\n");
  ASSERT_EQ(set.rules.size(), 1u);
  EXPECT_EQ(set.rules[0].detection.items.size(), 1u);
  EXPECT_EQ(Dump(set.rules[0].detection), "or\n  A is: 1\n  not\n    A is: 1\n");
}

}  // namespace
}  // namespace spoor::sigma
