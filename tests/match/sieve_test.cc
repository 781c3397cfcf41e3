#include "match/sieve.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/text.h"
#include "support/binxml.h"

namespace spoor {
namespace {

LiteralSieve SieveOf(const std::vector<std::string>& literals) {
  LiteralSieve sieve;
  EXPECT_TRUE(sieve.Build({literals.begin(), literals.end()}));
  return sieve;
}

bool MayHold(const LiteralSieve& sieve, std::string_view utf8) {
  const std::string text = test::Utf16Bytes(utf8);
  const bool may = sieve.MayHold(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  EXPECT_EQ(sieve.MayHoldUtf8(reinterpret_cast<const uint8_t*>(utf8.data()), utf8.size()), may) << utf8;
  return may;
}

TEST(LiteralSieve, LetsThroughWhateverHoldsALiteral) {
  std::mt19937 random(1);
  const auto word = [&](size_t least, size_t most) {
    std::string s(least + random() % (most - least + 1), 'a');
    for (char& c : s) c = "aAbB[{k\\"[random() % 8];
    return s;
  };
  for (const size_t shortest : {4, 5, 6, 7, 9, 20}) {
    std::vector<std::string> literals;
    for (int i = 0; i < 20; ++i) literals.push_back(Folded(word(shortest, shortest + 5)));
    const LiteralSieve sieve = SieveOf(literals);
    for (const std::string& literal : literals) {
      for (size_t before = 0; before < 9; ++before) {
        for (size_t after = 0; after < 9; ++after) {
          std::string cased = literal;
          for (char& c : cased) c = static_cast<char>(random() % 2 && c >= 'a' && c <= 'z' ? c - 0x20 : c);
          EXPECT_TRUE(MayHold(sieve, word(before, before) + cased + word(after, after))) << cased;
        }
      }
    }
  }
}

TEST(LiteralSieve, HoldsBackWhatHasNone) {
  const LiteralSieve sieve = SieveOf({"sekurlsa::", "privilege::debug"});
  for (const char* text : {"", "-", "abc", "C:\\Windows\\System32\\svchost.exe -k netsvcs -p -s Schedule",
                           "2026-11-25 16:42:44.123", "Microsoft-Windows-Sysmon/Operational"}) {
    EXPECT_FALSE(MayHold(sieve, text)) << text;
  }
}

TEST(LiteralSieve, CharactersBeyondAsciiMayFoldToAnything) {
  const LiteralSieve sieve = SieveOf({"sekurlsa::", "größe"});
  EXPECT_TRUE(MayHold(sieve, "ſekurlsa::"));       // long s folds to s
  EXPECT_TRUE(MayHold(sieve, "se\u212aurlsa::"));  // the kelvin sign to k
  EXPECT_TRUE(MayHold(sieve, "GRÖSSE oder Größe"));
  EXPECT_TRUE(MayHold(sieve, "ö"));  // shorter than a window, too
}

TEST(LiteralSieve, SaysWhatItCannotSiftFor) {
  LiteralSieve sieve;
  EXPECT_FALSE(sieve.Build({"long enough", "abc"}));
  EXPECT_TRUE(sieve.empty());
  EXPECT_FALSE(sieve.Build({"long enough", ""}));
  EXPECT_FALSE(sieve.Build({}));
  EXPECT_TRUE(sieve.Build({"abcd"}));
  EXPECT_FALSE(sieve.empty());
}

}  // namespace
}  // namespace spoor
