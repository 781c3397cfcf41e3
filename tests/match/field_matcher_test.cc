// A matcher of many items against the comparison of each pattern by itself.
#include "match/field_matcher.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/text.h"
#include "support/oracle.h"
#include "support/random_events.h"

namespace spoor {
namespace {

test::OracleValue Form(const Value& value) {
  std::string text;
  AppendText(value, &text);
  return test::MakeValue(std::move(text), AsNumber(value));
}

TEST(FieldMatcher, AgreesWithComparingEachPattern) {
  uint64_t held = 0;
  for (uint32_t seed = 0; seed < 150; ++seed) {
    test::RandomEvents random(seed);
    std::deque<sigma::Item> items;
    for (uint32_t i = 0, n = 1 + random.Below(seed % 10 == 0 ? 600 : 40); i < n; ++i)
      items.push_back(random.RandomItem());
    std::vector<const sigma::Item*> pointers;
    for (const sigma::Item& item : items) pointers.push_back(&item);
    const auto matcher = FieldMatcher::Make(pointers);
    ASSERT_TRUE(matcher.ok()) << matcher.status();
    ScanScratch scratch;
    ASSERT_TRUE((*matcher)->Prepare(&scratch).ok());
    const std::vector<sigma::Rule> none;
    test::Oracle oracle(none, sigma::SourceMap::BuiltIn());
    for (int i = 0; i < 300; ++i) {
      std::string bytes;
      const Value value = random.RandomValue(&bytes);
      if (value.type == ValueType::kNull) continue;
      std::vector<uint16_t> expected;
      for (uint16_t k = 0; k < items.size(); ++k) {
        bool any = false;
        const auto asks = [&](auto&& holds) {
          any = any || std::any_of(items[k].any_of.begin(), items[k].any_of.end(), holds);
        };
        asks([](const auto& p) { return p.op == sigma::Operator::kExists; });
        if (value.is_array() && value.size == 0) asks([](const auto& p) { return p.op == sigma::Operator::kNull; });
        ForEachElement(
            value, [&](const Value& element) { asks([&](const auto& p) { return oracle.Holds(p, Form(element)); }); });
        if (any) expected.push_back(k);
      }
      std::vector<uint16_t> hits;
      (*matcher)->Scan(value, &scratch, &hits);
      ASSERT_EQ(hits, expected) << "seed " << seed << " value " << Form(value).text;
      held += hits.size();
      if (!(*matcher)->CouldMatch(value.type)) {
        ASSERT_TRUE(hits.empty()) << "said that no such value can match";
      }
      if (value.is_array()) continue;
      const test::OracleValue form = Form(value);
      for (const uint16_t k : hits) {
        const sigma::Pattern* which = (*matcher)->WhichPattern(k, items[k], form.text, AsNumber(value));
        ASSERT_NE(which, nullptr);
        ASSERT_TRUE(which->op == sigma::Operator::kExists || oracle.Holds(*which, form));
      }
      std::vector<uint16_t> of_text;
      (*matcher)->Begin(&scratch);
      (*matcher)->AddText(form.text, AsNumber(value), &scratch, &of_text);
      (*matcher)->End(&of_text);
      ASSERT_EQ(of_text, expected);
    }
    // What holds where there is no value.
    std::vector<uint16_t> absent;
    for (uint16_t k = 0; k < items.size(); ++k) {
      if (std::any_of(items[k].any_of.begin(), items[k].any_of.end(), [](const sigma::Pattern& p) {
            return p.op == sigma::Operator::kNull || p.op == sigma::Operator::kNotExists;
          })) {
        absent.push_back(k);
      }
    }
    ASSERT_EQ((*matcher)->absent(), absent);
  }
  EXPECT_GT(held, 10'000u);
}

}  // namespace
}  // namespace spoor
