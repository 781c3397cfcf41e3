#include "match/gram_index.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace spoor {
namespace {

std::set<uint32_t> Find(const std::vector<std::string>& literals, std::string_view text) {
  GramIndex index;
  index.Build({literals.begin(), literals.end()});
  std::set<uint32_t> ids;
  index.Find(text, [&](uint32_t id) { ids.insert(id); });
  return ids;
}

std::set<uint32_t> SlowFind(const std::vector<std::string>& literals, std::string_view text) {
  std::set<uint32_t> ids;
  for (uint32_t i = 0; i < literals.size(); ++i) {
    if (text.find(literals[i]) != std::string_view::npos) ids.insert(i);
  }
  return ids;
}

// All texts of up to seven letters of an alphabet of two against all literals of up to five.
TEST(GramIndex, FindsAllInAllShortTexts) {
  std::vector<std::string> words{""};
  for (size_t at = 0; words[at].size() < 7; ++at) {
    for (const char c : {'a', '\0'}) words.push_back(words[at] + c);
  }
  std::vector<std::string> literals;
  for (const std::string& w : words) {
    if (!w.empty() && w.size() <= 5) literals.push_back(w);
  }
  GramIndex index;
  index.Build({literals.begin(), literals.end()});
  for (const std::string& text : words) {
    std::set<uint32_t> ids;
    index.Find(text, [&](uint32_t id) { ids.insert(id); });
    ASSERT_EQ(ids, SlowFind(literals, text));
  }
}

// Literals of real lengths in texts longer than a block of places, also at the very ends.
TEST(GramIndex, FindsWhatFindFinds) {
  std::mt19937 random(1);
  const auto word = [&](size_t least, size_t most) {
    std::string s(least + random() % (most - least + 1), 'a');
    for (char& c : s) c = random() % 9 ? static_cast<char>('a' + random() % 4) : static_cast<char>(random());
    return s;
  };
  for (const size_t count : {1, 30, 1'500, 6'000}) {
    std::set<std::string> distinct;
    while (distinct.size() < count) distinct.insert(word(1 + random() % 3, 20));
    const std::vector<std::string> literals(distinct.begin(), distinct.end());
    for (int i = 0; i < 20; ++i) {
      std::string text = word(0, i % 2 ? 40 : 1'200);
      if (i % 3 == 0) text += literals[random() % count];
      if (i % 5 == 0) text = literals[random() % count] + text;
      ASSERT_EQ(Find(literals, text), SlowFind(literals, text)) << count;
    }
  }
}

TEST(GramIndex, CanBeBuiltAnewAndEmpty) {
  GramIndex index;
  index.Build({"abc", "a"});
  index.Build({});
  index.Find("abc", [](uint32_t) { FAIL(); });
  EXPECT_EQ(Find({"abcd"}, "abc"), std::set<uint32_t>());
}

}  // namespace
}  // namespace spoor
