#include "match/memo.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace spoor {
namespace {

Value ValueOf(const std::string& bytes, ValueType type = ValueType::kUtf16) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<uint32_t>(bytes.size()), type};
}

struct Known {
  std::vector<uint16_t> hits;
  std::vector<uint32_t> rules;
  Verdict verdict() const {
    return {hits.data(), rules.data(), static_cast<uint32_t>(hits.size()), static_cast<uint32_t>(rules.size()), 0};
  }
};

bool Same(const Verdict& v, const Known& k) {
  return std::vector<uint16_t>(v.hits, v.hits + v.hit_count) == k.hits &&
         std::vector<uint32_t>(v.rules, v.rules + v.rule_count) == k.rules;
}

const Verdict* Insert(ValueMemo* memo, const Hash128& key, const Known& known) {
  return memo->Insert(key, known.hits, [&] { return known.verdict(); });
}

// Never a wrong answer, whatever is asked in whatever order; and an answer where there is room.
TEST(Memo, RemembersOrForgetsButNeverMistakes) {
  std::mt19937 random(1);
  for (const size_t budget : {500u, 5'000u, 100'000u, 10'000'000u}) {
    MemoBudget memory(budget);
    ValueMemo memo(&memory);
    std::map<std::pair<std::string, ValueType>, Known> truth;
    for (int i = 0; i < 30'000; ++i) {
      const std::string key(random() % 3 ? random() % 40 : random() % 4, static_cast<char>('a' + random() % 20));
      const ValueType type = random() % 5 ? ValueType::kUtf16 : ValueType::kBinary;
      const auto [it, fresh] = truth.try_emplace({key, type});
      if (fresh) {
        for (uint32_t k = random() % 5; k > 0; --k) it->second.hits.push_back(static_cast<uint16_t>(random() % 8));
        for (const uint16_t hit : it->second.hits) it->second.rules.push_back(1000u * hit);  // follow from the hits
      }
      const std::string copy = key;  // lies elsewhere
      const Hash128 key128 = ValueMemo::KeyOf(ValueOf(copy, type));
      ASSERT_EQ(key128, ValueMemo::KeyOf(ValueOf(key, type)));
      if (const Verdict* found = memo.Find(key128)) {
        ASSERT_FALSE(fresh);
        ASSERT_TRUE(Same(*found, it->second));
      } else if (const Verdict* kept = Insert(&memo, key128, it->second)) {
        ASSERT_TRUE(Same(*kept, it->second));
      } else {
        memo.Clear();
        EXPECT_EQ(memory.used(), 0u);
      }
      ASSERT_LE(memory.used(), budget);
    }
    if (budget > 1'000'000) EXPECT_GT(memo.found(), memo.lookups() / 2);
  }
}

TEST(Memo, TakesNothingWhereThereIsNothing) {
  MemoBudget memory(10);
  ValueMemo memo(&memory);
  const Hash128 key = ValueMemo::KeyOf(ValueOf("a"));
  EXPECT_EQ(memo.Find(key), nullptr);
  EXPECT_EQ(Insert(&memo, key, Known()), nullptr);
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Memo, GivesItsMemoryBack) {
  MemoBudget memory(1'000'000);
  {
    ValueMemo memo(&memory);
    for (int i = 0; i < 5'000; ++i) {
      const std::string text = std::to_string(i);
      const Hash128 key = ValueMemo::KeyOf(ValueOf(text));
      memo.Find(key);
      Insert(&memo, key, Known{{1, 2}, {3}});
    }
    EXPECT_GT(memory.used(), 0u);
    EXPECT_FALSE(memo.lookups() > ValueMemo::kTrial && memo.worthwhile());
  }
  EXPECT_EQ(memory.used(), 0u);
}

// What many values mean alike is made and kept once.
TEST(Memo, KeepsAMeaningOnce) {
  MemoBudget memory(1'000'000);
  ValueMemo memo(&memory);
  int made = 0;
  const Known known{{1, 2}, {3}};
  const Verdict* first = nullptr;
  for (int i = 0; i < 1'000; ++i) {
    const std::string text = std::to_string(i);
    const Hash128 key = ValueMemo::KeyOf(ValueOf(text));
    const Verdict* kept = memo.Insert(key, known.hits, [&] {
      ++made;
      return known.verdict();
    });
    ASSERT_NE(kept, nullptr);
    ASSERT_EQ(memo.Find(key), kept);
    if (i == 0) first = kept;
    ASSERT_EQ(kept, first);
  }
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace spoor
