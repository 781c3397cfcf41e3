#include "sigma/wildcard.h"

#include <gtest/gtest.h>

namespace spoor::sigma {
namespace {

std::string Became(std::string_view value) { return Describe(ToPattern(ParseWildcards(value))); }

TEST(Wildcards, Escaping) {
  EXPECT_EQ(Became(R"(\cmd.exe)"), R"(is: \cmd.exe)");
  EXPECT_EQ(Became(R"(C:\Windows\)"), R"(is: C:\Windows\)");
  EXPECT_EQ(Became(R"(a\\b)"), R"(is: a\b)");
  EXPECT_EQ(Became(R"(\\\\server\share)"), R"(is: \\server\share)");
  EXPECT_EQ(Became(R"(\\\server)"), R"(is: \\server)");
  EXPECT_EQ(Became(R"(a\*b)"), "is: a*b");
  EXPECT_EQ(Became(R"(a\?b)"), "is: a?b");
  EXPECT_EQ(Became(R"(a\\*)"), R"(starts with: a\)");
  EXPECT_EQ(Became(R"(a\\\*)"), R"(is: a\*)");
  EXPECT_EQ(Became(R"(a\\\\*)"), R"(starts with: a\\)");
  EXPECT_EQ(Became(R"(a\nb)"), R"(is: a\nb)");
}

TEST(Wildcards, CheapestOperator) {
  EXPECT_EQ(Became(""), "is: ");
  EXPECT_EQ(Became("*"), "any value");
  EXPECT_EQ(Became("**"), "any value");
  EXPECT_EQ(Became("a*"), "starts with: a");
  EXPECT_EQ(Became("**a"), "ends with: a");
  EXPECT_EQ(Became("*a*"), "contains: a");
  EXPECT_EQ(Became("a*b"), "like: a*b");
  EXPECT_EQ(Became("?*"), "like: ?*");
  EXPECT_EQ(Became("a?"), "like: a?");
  EXPECT_EQ(Became("*a**b*"), "like: *a*b*");
}

TEST(Wildcards, PlainTextIsSeenAsSuch) {
  EXPECT_TRUE(IsPlain(R"(C:\Windows\)"));
  EXPECT_TRUE(IsPlain(""));
  EXPECT_FALSE(IsPlain("a*"));
  EXPECT_FALSE(IsPlain(R"(\\)"));
  EXPECT_FALSE(IsPlain(R"(\?)"));
}

// All texts of up to six characters over four letters: escaping a parsed value gives the same value again,
// and plain texts parse to themselves.
TEST(Wildcards, EscapeIsTheInverseOfParse) {
  constexpr std::string_view kLetters = R"(a\*?)";
  for (int length = 0; length <= 6; ++length) {
    for (int n = 0; n < 1 << (2 * length); ++n) {
      std::string text;
      for (int i = 0; i < length; ++i) text += kLetters[n >> (2 * i) & 3];
      const GlobParts parts = ParseWildcards(text);
      EXPECT_EQ(ParseWildcards(Escape(parts)), parts) << text;
      if (IsPlain(text) && !text.empty()) {
        EXPECT_EQ(parts, (GlobParts{{GlobPart::kLiteral, text}}));
      }
    }
  }
}

}  // namespace
}  // namespace spoor::sigma
