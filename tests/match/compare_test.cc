#include "match/compare.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "support/oracle.h"

namespace spoor {
namespace {

using sigma::GlobPart;

std::vector<GlobPart> Parts(std::string_view source) {
  std::vector<GlobPart> parts;
  for (char c : source) {
    const auto kind = c == '*' ? GlobPart::kAnyMany : c == '?' ? GlobPart::kAnyOne : GlobPart::kLiteral;
    if (kind == GlobPart::kLiteral && !parts.empty() && parts.back().kind == GlobPart::kLiteral) {
      parts.back().text += c;
    } else {
      parts.push_back({kind, kind == GlobPart::kLiteral ? std::string(1, c) : ""});
    }
  }
  return parts;
}

std::vector<std::string> Words(std::string_view alphabet, size_t longest) {
  std::vector<std::string> words{""};
  for (size_t from = 0, length = 1; length <= longest; ++length) {
    const size_t to = words.size();
    for (; from < to; ++from) {
      for (char c : alphabet) words.push_back(words[from] + c);
    }
  }
  return words;
}

// Every pattern of up to five of a, b, ?, * against every text of up to five of a, b.
TEST(Glob, AgreesWithTryingEverything) {
  const std::vector<std::string> texts = Words("ab", 5);
  for (const std::string& pattern : Words("ab?*", 5)) {
    const std::vector<GlobPart> glob = Parts(pattern);
    for (const std::string& text : texts) {
      const bool slow = test::SlowGlob(glob, 0, text, true);
      ASSERT_EQ(GlobMatches(glob, text), slow) << pattern << " " << text;
      ASSERT_EQ(GlobMatches(QuickGlob(glob), text), slow) << pattern << " " << text;
    }
  }
}

TEST(Glob, CountsCodePointsAndFolds) {
  EXPECT_TRUE(GlobMatches(Parts("?"), "é"));
  EXPECT_TRUE(GlobMatches(Parts("a?c"), "a😀c"));
  EXPECT_FALSE(GlobMatches(Parts("??"), "😀"));
  EXPECT_TRUE(GlobMatches(FoldedGlob(Parts("*ÉX?")), Folded("aéXy")));
  EXPECT_FALSE(GlobMatches(Parts("*ÉX?"), "aéXy"));
  EXPECT_TRUE(GlobMatches(Parts("?"), "\xff"));
}

TEST(Glob, IsNotQuadraticInStars) {
  const std::string text(20'000, 'a');
  std::string pattern;
  for (int i = 0; i < 20; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatches(Parts(pattern + "*b"), text));
}

TEST(Number, IsWhatTheWholeTextSays) {
  EXPECT_EQ(ParseNumber("4688"), 4688);
  EXPECT_EQ(ParseNumber("4688.0"), 4688);
  EXPECT_EQ(ParseNumber("-1.5"), -1.5);
  EXPECT_EQ(ParseNumber("0010"), 10);
  EXPECT_EQ(ParseNumber("18446744073709551615"), 18446744073709551615.0);
  for (const char* text : {"", " 1", "1 ", "0x10", "1a", "-", "+", ".", "--1", "nan", "inf", "one", "1,5"}) {
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
  }
}

TEST(Number, SignsWithoutANumberAreNone) {
  for (const char* text : {"-inf", "-nan", "-infinity", "+-5", "++5"})
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
}

TEST(Number, WholeNumbersMayBeLong) {
  EXPECT_EQ(ParseLongNumber("4688"), 4688);
  EXPECT_EQ(ParseLongNumber("-1.5"), -1.5);
  EXPECT_EQ(ParseLongNumber("1" + std::string(100, '0')), 1e100);
  EXPECT_EQ(ParseLongNumber("-1" + std::string(100, '0')), -1e100);
  EXPECT_EQ(ParseLongNumber(std::string(100, '0')), 0);
  EXPECT_EQ(ParseLongNumber(std::string(400, '9')), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ParseLongNumber("-" + std::string(400, '9')), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(ParseLongNumber(std::string(100, '9') + "x"), std::nullopt);
  EXPECT_EQ(ParseLongNumber("--" + std::string(100, '9')), std::nullopt);
}

// All from -120 to 120, each written in several ways.
TEST(Number, WholeNumbersCompareAsTheyCount) {
  std::vector<std::pair<int, std::string>> all;
  for (int n = -120; n <= 120; ++n) {
    for (const char* zeros : {"", "0", "000"}) {
      if (n <= 0) all.emplace_back(n, "-" + (zeros + std::to_string(-n)));
      if (n >= 0) all.emplace_back(n, zeros + std::to_string(n));
      if (n >= 0) all.emplace_back(n, "+" + (zeros + std::to_string(n)));
    }
  }
  for (const auto& [a, a_text] : all) {
    for (const auto& [b, b_text] : all) ASSERT_EQ(CompareWhole(a_text, b_text), a <=> b) << a_text << " " << b_text;
  }
  for (const char* text : {"", "-", "+", "1.0", "1e3", " 1", "1 ", "0x1", "--1", "one"}) {
    EXPECT_EQ(CompareWhole(text, "1"), std::nullopt) << text;
    EXPECT_EQ(CompareWhole("1", text), std::nullopt) << text;
  }
}

using Bytes = std::array<uint8_t, 16>;

std::optional<Bytes> Address(std::string_view text) {
  Bytes a;
  return ParseAddress(text, a.data()) ? std::optional(a) : std::nullopt;
}

bool In(const std::string& network, std::string_view address) {
  const auto n = ParseNetwork(network);
  const auto a = Address(address);
  return n && a && Contains(*n, a->data());
}

TEST(Network, KnowsBothFamilies) {
  EXPECT_TRUE(In("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(In("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(In("10.1.2.3/32", "10.1.2.3"));
  EXPECT_FALSE(In("10.1.2.3/32", "10.1.2.2"));
  EXPECT_TRUE(In("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(In("0.0.0.0/0", "::1"));
  EXPECT_TRUE(In("10.0.0.0/8", "::ffff:10.1.1.1"));
  EXPECT_TRUE(In("::ffff:10.0.0.0/104", "10.1.1.1"));
  EXPECT_TRUE(In("fe80::/10", "FE80::1"));
  EXPECT_TRUE(In("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(In("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(In("::/0", "::1"));
}

TEST(Network, TextThatIsNoneIsNone) {
  for (const char* text : {"", "10.0.0", "10.0.0.256", "10.0.0.1 ", "1::2::3", "host", "10.0.0.1/8", "%", "::1%lo"}) {
    EXPECT_EQ(Address(text), std::nullopt) << text;
  }
  EXPECT_EQ(Address(std::string(100, '1')), std::nullopt);
  for (const char* text : {"", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/x", "/8", "10.0.0.0/"}) {
    EXPECT_FALSE(ParseNetwork(text).has_value()) << text;
  }
}

TEST(Network, AnAddressDoesNotEndAtANul) { EXPECT_EQ(Address(std::string_view("10.0.0.1\0x", 10)), std::nullopt); }

TEST(Network, AgreesWithComparingBits) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Network n;
    n.bits = static_cast<int>(random() % 129);
    Bytes a;
    for (int k = 0; k < 16; ++k) n.address[k] = a[k] = static_cast<uint8_t>(random() % 2 ? 0 : random());
    if (const int bit = static_cast<int>(random() % 128); random() % 2)
      a[bit / 8] ^= static_cast<uint8_t>(0x80 >> bit % 8);
    bool same = true;
    for (int bit = 0; bit < n.bits; ++bit) same &= ((n.address[bit / 8] ^ a[bit / 8]) << bit % 8 & 0x80) == 0;
    ASSERT_EQ(Contains(n, a.data()), same);
  }
}

}  // namespace
}  // namespace spoor
