#include "match/regex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "base/text.h"

namespace spoor {
namespace {

sigma::Pattern Regex(std::string text, std::string_view flags = "") {
  sigma::Pattern p;
  p.op = sigma::Operator::kRegex;
  p.text = std::move(text);
  p.regex_i = flags.find('i') != flags.npos;
  p.regex_m = flags.find('m') != flags.npos;
  p.regex_s = flags.find('s') != flags.npos;
  return p;
}

bool Matches(const sigma::Pattern& p, std::string_view text) { return (*CompiledRegex::Make(p))->Matches(text); }

TEST(Regex, SearchesAnywhereAndMindsCase) {
  EXPECT_TRUE(Matches(Regex("b+"), "abbc"));
  EXPECT_FALSE(Matches(Regex("B+"), "abbc"));
  EXPECT_TRUE(Matches(Regex("B+", "i"), "abbc"));
  EXPECT_TRUE(Matches(Regex("^$"), ""));
  EXPECT_TRUE(Matches(Regex("É", "i"), "é"));
}

TEST(Regex, LineEndsNeedTheirFlags) {
  EXPECT_FALSE(Matches(Regex("^b"), "a\nb"));
  EXPECT_TRUE(Matches(Regex("^b", "m"), "a\nb"));
  EXPECT_FALSE(Matches(Regex("a.b"), "a\nb"));
  EXPECT_TRUE(Matches(Regex("a.b", "s"), "a\nb"));
  EXPECT_FALSE(Matches(Regex("a$"), "a\n"));
  EXPECT_TRUE(Matches(Regex("a$", "m"), "a\n"));
}

TEST(Regex, LookAroundWorks) {
  EXPECT_TRUE(Matches(Regex("a(?=b)"), "ab"));
  EXPECT_FALSE(Matches(Regex("a(?!b)"), "ab"));
  EXPECT_TRUE(Matches(Regex("(?<!x)cmd", "i"), "aCMD"));
  EXPECT_TRUE(Matches(Regex("(\\w)\\1"), "book"));
  EXPECT_FALSE(Matches(Regex("(?=q)\xc3\xa9"), "\xc3"));  // invalid UTF-8 is no error
}

// docs/sigma.md: $ is the end of the text, and before a last line end only with the flag m. PCRE2 needs to be told.
TEST(Regex, TheEndIsTheEndWithLookAroundToo) {
  EXPECT_FALSE(Matches(Regex("(?=a)a$"), "a\n"));
  EXPECT_TRUE(Matches(Regex("(?=a)a$", "m"), "a\n"));
}

TEST(Regex, WhatIsNoneIsRefused) {
  for (const char* text : {"(", "a**b(", "[z-a]", "(?P<n", "\\"}) {
    EXPECT_FALSE(CompiledRegex::Make(Regex(text)).ok()) << text;
  }
}

// A search that would take for ever is given up, and counted.
TEST(Regex, BacktrackingIsLimited) {
  const auto made = *CompiledRegex::Make(Regex("(?=a)(a+)+\\1$"));
  const uint64_t before = CompiledRegex::limit_hits();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(made->Matches(std::string(5'000, 'a') + "b"));
  EXPECT_GT(CompiledRegex::limit_hits(), before);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

// A text without one of an expression's triggers, or one that is said to be impossible, does not match.
TEST(Regex, TriggersAndNeededLiteralsAreNecessary) {
  std::mt19937 random(1);
  const char* const pieces[] = {"abc", "Bca",         "(abc|CAB)", "x?",   ".*",     "[ab]", "é",
                                "É",   "(?:ſab|kab)", "K",         "\\d+", "(abc)?", "a{3}"};
  const char* const words[] = {"abc",
                               "bca",
                               "BCA",
                               "cab",
                               "x",
                               "é",
                               "É",
                               "sab",
                               "SAB",
                               "ſab",
                               "\u212A"
                               "ab",
                               "kab",
                               "7",
                               "aaa",
                               "A"};
  int with_triggers = 0, matched = 0, impossible = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string source;
    for (size_t n = 1 + random() % 4; n > 0; --n) source += pieces[random() % std::size(pieces)];
    const auto made = CompiledRegex::Make(Regex(source, random() % 2 ? "i" : ""));
    ASSERT_TRUE(made.ok()) << source;
    const auto& triggers = (*made)->triggers();
    if (triggers.empty()) continue;
    ++with_triggers;
    for (int i = 0; i < 20; ++i) {
      std::string text;
      for (size_t n = random() % 6; n > 0; --n) text += words[random() % std::size(words)];
      const std::string folded = Folded(text);
      impossible += !(*made)->Possible(folded);
      if (!(*made)->Matches(text)) continue;
      ++matched;
      ASSERT_TRUE((*made)->Possible(folded)) << source << " on " << text;
      const bool has_one =
          std::any_of(triggers.begin(), triggers.end(), [&](const std::string& t) { return folded.find(t) != t.npos; });
      ASSERT_TRUE(has_one) << source << " on " << text;
    }
  }
  EXPECT_GT(with_triggers, 500);
  EXPECT_GT(matched, 500);
  EXPECT_GT(impossible, 500);
}

}  // namespace
}  // namespace spoor
