#include "match/literals.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>

#include "support/damage.h"
#include "support/read_events.h"

namespace spoor {
namespace {

std::set<uint32_t> Scan(const LiteralDatabase& database, std::string_view text) {
  LiteralScratch scratch;
  EXPECT_TRUE(database.Prepare(&scratch).ok());
  std::set<uint32_t> ids;
  database.Scan(text, &scratch, [&](uint32_t id) { ids.insert(id); });
  return ids;
}

std::set<uint32_t> SlowScan(const std::vector<std::string>& literals, std::string_view text) {
  std::set<uint32_t> ids;
  for (uint32_t i = 0; i < literals.size(); ++i) {
    if (text.find(literals[i]) != std::string_view::npos) ids.insert(i);
  }
  return ids;
}

std::unique_ptr<LiteralDatabase> Make(const std::vector<std::string>& literals) {
  return *LiteralDatabase::Make({literals.begin(), literals.end()});
}

class LiteralsTest : public testing::Test {
 protected:
  void SetUp() override { SetCacheFolder(""); }
  void TearDown() override { SetCacheFolder(""); }
};

TEST_F(LiteralsTest, FindsWhatFindFinds) {
  std::mt19937 random(1);
  const auto word = [&](size_t least, size_t most) {
    std::string s(least + random() % (most - least + 1), 'a');
    for (char& c : s) c = random() % 9 ? static_cast<char>('a' + random() % 3) : static_cast<char>(1 + random() % 255);
    return s;
  };
  for (const size_t count : {1, 2, 7, 60, 300, 999, 1000, 3000}) {
    std::set<std::string> distinct;
    while (distinct.size() < count) distinct.insert(word(1, count < 100 ? 4 : 12));
    const std::vector<std::string> literals(distinct.begin(), distinct.end());
    const auto database = Make(literals);
    for (int i = 0; i < 60; ++i) {
      std::string text = word(0, i % 2 ? 30 : 700);
      if (i % 3 == 0) text += literals[random() % count];
      if (i % 5 == 0) text = literals[random() % count] + text;
      ASSERT_EQ(Scan(*database, text), SlowScan(literals, text)) << count;
    }
  }
}

TEST_F(LiteralsTest, LettersHaveNoSpecialMeaning) {
  const std::vector<std::string> literals{".*", "a+b", "[x]", "\\d", "(", std::string("z\0y", 3), "é"};
  const auto database = Make(literals);
  for (const std::string& text :
       std::vector<std::string>{"x.*y", "aab a+b", "[x", "[x]", "7 \\d", "((", std::string("az\0yb", 5), "é", ""}) {
    EXPECT_EQ(Scan(*database, text), SlowScan(literals, text)) << text;
  }
}

// UTF-16BE text as bytes begins so (`|utf16be|contains`).
TEST_F(LiteralsTest, ALiteralMayBeginWithANul) {
  const std::vector<std::string> literals{std::string("\0z", 2), "a"};
  const auto database = LiteralDatabase::Make({literals.begin(), literals.end()});
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(Scan(**database, std::string("a\0z", 3)), (std::set<uint32_t>{0, 1}));
}

// A cache of finished databases that cannot be trusted to be what it was.
TEST_F(LiteralsTest, ADamagedCacheIsIgnored) {
  test::TemporaryFolder folder;
  SetCacheFolder(folder / "a/b");
  std::vector<std::string> literals;
  for (int i = 0; i < 400; ++i) literals.push_back("literal number " + std::to_string(i));
  const std::string text = "this is literal number 77 and no other";
  const std::set<uint32_t> expected = SlowScan(literals, text);
  EXPECT_EQ(Scan(*Make(literals), text), expected);
  const std::vector<std::string> files = test::FilesBelow(folder.path(), "");
  ASSERT_EQ(files.size(), 1u);
  const std::string good = test::ReadAll(files[0]);
  EXPECT_EQ(Scan(*Make(literals), text), expected);  // from the cache

  std::mt19937 random(2);
  for (int i = 0; i < 60; ++i) {
    std::string bad = good;
    if (i % 3 == 0) {
      bad.resize(random() % good.size());
    } else {
      bad[i % 3 == 1 ? random() % 64 : random() % good.size()] ^= static_cast<char>(1 + random() % 255);
    }
    test::WriteAll(files[0], bad);
    ASSERT_EQ(Scan(*Make(literals), text), expected) << i;
  }
  // Another's database under our name.
  std::vector<std::string> others;
  for (int i = 0; i < 400; ++i) others.push_back("something else " + std::to_string(i));
  SetCacheFolder(folder / "other");
  Make(others);
  const std::vector<std::string> foreign = test::FilesBelow(folder / "other", "");
  ASSERT_EQ(foreign.size(), 1u);
  EXPECT_NE(std::filesystem::path(foreign[0]).filename(), std::filesystem::path(files[0]).filename());
  // A folder that cannot be made, and a folder where the file should be, cost nothing but time.
  test::WriteAll(folder / "file", "");
  SetCacheFolder(folder / "file/below");
  EXPECT_EQ(Scan(*Make(literals), text), expected);
  std::filesystem::remove(files[0]);
  std::filesystem::create_directory(files[0]);
  SetCacheFolder(folder / "a/b");
  EXPECT_EQ(Scan(*Make(literals), text), expected);
}

TEST_F(LiteralsTest, NothingIsWrittenWhereThereIsNoCacheFolder) {
  SetCacheFolder("");
  EXPECT_EQ(CacheFolder(), "");
}

}  // namespace
}  // namespace spoor
