#include "match/affix_trie.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace spoor {
namespace {

std::vector<uint32_t> Find(const AffixTrie& trie, std::string_view text) {
  std::vector<uint32_t> ids;
  trie.Find(text, [&](uint32_t id) { ids.push_back(id); });
  return ids;
}

TEST(AffixTrie, NothingIsFoundInNothing) {
  AffixTrie trie;
  EXPECT_TRUE(trie.empty());
  EXPECT_TRUE(Find(trie, "a").empty());
  trie.Build({}, AffixTrie::kSuffix);
  EXPECT_TRUE(trie.empty());
  trie.Build({"a"}, AffixTrie::kPrefix);
  EXPECT_TRUE(Find(trie, "").empty());
}

TEST(AffixTrie, ShortestFirst) {
  AffixTrie trie;
  trie.Build({"abc", "a", "ab", "b"}, AffixTrie::kPrefix);
  EXPECT_EQ(Find(trie, "abcd"), (std::vector<uint32_t>{1, 2, 0}));
  trie.Build({"\\cmd.exe", "exe", ".exe", "cmd.exe"}, AffixTrie::kSuffix);
  EXPECT_EQ(Find(trie, "c:\\cmd.exe"), (std::vector<uint32_t>{1, 2, 3, 0}));
  EXPECT_EQ(Find(trie, "exe"), (std::vector<uint32_t>{1}));
}

TEST(AffixTrie, AgreesWithComparingEachString) {
  std::mt19937 random(1);
  const auto word = [&](size_t most) {
    std::string s(random() % (most + 1), 'a');
    const char* letters = random() % 2 ? "ab" : "ab\xc3\xff\\z";
    for (char& c : s) c = letters[random() % std::char_traits<char>::length(letters)];
    return s;
  };
  for (int round = 0; round < 400; ++round) {
    std::set<std::string> strings;
    for (size_t i = 0, n = random() % 120; i < n; ++i) strings.insert(word(10));
    strings.erase("");
    std::vector<std::string> list(strings.begin(), strings.end());
    std::shuffle(list.begin(), list.end(), random);
    for (const auto direction : {AffixTrie::kPrefix, AffixTrie::kSuffix}) {
      AffixTrie trie;
      trie.Build({list.begin(), list.end()}, direction);
      for (int i = 0; i < 50; ++i) {
        const std::string text = word(14);
        std::vector<uint32_t> expected;
        for (uint32_t id = 0; id < list.size(); ++id) {
          if (direction == AffixTrie::kPrefix ? text.starts_with(list[id]) : text.ends_with(list[id])) {
            expected.push_back(id);
          }
        }
        std::sort(expected.begin(), expected.end(), [&](auto a, auto b) { return list[a].size() < list[b].size(); });
        ASSERT_EQ(Find(trie, text), expected) << text;
      }
    }
  }
}

}  // namespace
}  // namespace spoor
