#include "match/gram_index.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace spoor {
namespace {

// All texts of up to seven letters of an alphabet of two against all literals of up to five. Longer ones:
// literals_test.cc.
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
    index.Find(text, [&](uint32_t id, size_t) { ids.insert(id); });
    for (uint32_t i = 0; i < literals.size(); ++i) {
      ASSERT_EQ(ids.contains(i), text.find(literals[i]) != std::string::npos);
    }
  }
}

TEST(GramIndex, CanBeBuiltAnewOfNothing) {
  GramIndex index;
  index.Build({"abc", "a"});
  index.Build({});
  index.Find("abc", [](uint32_t, size_t) { FAIL(); });
}

}  // namespace
}  // namespace spoor
