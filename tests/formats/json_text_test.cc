#include <gtest/gtest.h>

#include "formats/json/text.h"

namespace spoor::json {
namespace {

TEST(JsonText, IsTrimmedOfWhiteSpace) {
  EXPECT_EQ(Trimmed(" \t{\"a\": 1} \r\n"), "{\"a\": 1}");
  EXPECT_EQ(Trimmed("a b"), "a b");
  EXPECT_EQ(Trimmed(" \r\n"), "");
  EXPECT_EQ(Trimmed(""), "");
}

TEST(JsonText, ObjectsEndWithTheBraceThatClosesThem) {
  EXPECT_EQ(EndOfObject("{}"), 2u);
  EXPECT_EQ(EndOfObject(R"({"a": {"b": 1}} {"c": 2})"), 15u);
  EXPECT_EQ(EndOfObject(R"({"a": "}"} the reason)"), 10u);
  EXPECT_EQ(EndOfObject(R"({"a": "\"}"}})"), 12u);
  EXPECT_EQ(EndOfObject(R"({"a": "\\"}})"), 11u);
  EXPECT_EQ(EndOfObject(R"([{"a": ["]"]}, []], [)"), 18u);
}

TEST(JsonText, ObjectsThatDoNotEnd) {
  EXPECT_EQ(EndOfObject("{"), 0u);
  EXPECT_EQ(EndOfObject(R"({"a": {"b": 1})"), 0u);
  EXPECT_EQ(EndOfObject(R"({"a": "}\)"), 0u);
}

}  // namespace
}  // namespace spoor::json
