// Search expressions mean what rules mean.
#include "sigma/search.h"

#include <gtest/gtest.h>

#include "sigma/dump.h"

namespace spoor::sigma {
namespace {

std::string Read(std::string_view expression) {
  auto rule = ParseSearch(expression);
  return rule.ok() ? Dump(rule->detection) : std::string(rule.status().message());
}

// Both ways of writing give the same comparison.
TEST(Search, OperatorsAreModifiers) {
  const std::pair<const char*, const char*> kSame[] = {
      {"A contains b", "A|contains b"},
      {"A contains b", "A|contains = b"},
      {"A startswith 'b c'", "A|startswith \"b c\""},
      {"A re '^b'", "A ~ '^b'"},
      {"A cidr 10.0.0.0/8", "A|cidr '10.0.0.0/8'"},
      {"A >= 5", "A gte 5"},
      {"A = (x, y)", "A in ('x', 'y')"},
      {"A = x AND B = y", "A = x and (B = y)"},
  };
  for (const auto& [a, b] : kSame) EXPECT_EQ(Read(a), Read(b)) << a << " / " << b;
}

TEST(Search, AndBindsMoreThanOr) {
  EXPECT_EQ(Read("A = 1 or B = 2 and C = 3"), Read("A = 1 or (B = 2 and C = 3)"));
  EXPECT_NE(Read("A = 1 or B = 2 and C = 3"), Read("(A = 1 or B = 2) and C = 3"));
}

TEST(Search, NothingIsLostInQuotes) {
  const auto rule = ParseSearch("A = 'C:\\x\\\"y\"'");
  ASSERT_TRUE(rule.ok());
  EXPECT_EQ(rule->detection.items[0].any_of[0].text, "C:\\x\\\"y\"");
  const auto escaped = ParseSearch("A = \"say \\\"hi\\\" \x01 \xc3\xa9\"");
  ASSERT_TRUE(escaped.ok());
  EXPECT_EQ(escaped->detection.items[0].any_of[0].text, "say \"hi\" \x01 \xc3\xa9");
}

TEST(Search, MistakesSayWhere) {
  EXPECT_EQ(Read("A = "), "at character 5: a value expected: a word, or a text in quotes");
  EXPECT_EQ(Read("A = 'x"), "at character 5: this quote is not closed");
  EXPECT_EQ(Read("(A = x"), "at character 7: ')' expected");
  EXPECT_EQ(Read(std::string(100, '(') + "x"), "at character 66: too many brackets within brackets");
}

}  // namespace
}  // namespace spoor::sigma
