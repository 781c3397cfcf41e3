// All rules of SigmaHQ, where they are at hand.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "helpers.h"
#include "sigma/sources.h"

namespace spoor::sigma {
namespace {

class SigmaHq : public testing::Test {
 protected:
  static constexpr const char* kRoot = SPOOR_SHARED_DATA "/sigma/";

  void SetUp() override {
    if (!std::filesystem::exists(std::string(kRoot) + "rules")) GTEST_SKIP() << "no SigmaHQ rules at " << kRoot;
    const std::string root = kRoot;
    LoadOptions options;
    options.jobs = 2;
    set_ = LoadRules({root + "rules", root + "rules-emerging-threats", root + "rules-threat-hunting"}, options);
  }

  RuleSet set_;
};

TEST_F(SigmaHq, EveryRuleLoads) {
  for (const RuleError& error : set_.errors) ADD_FAILURE() << error.path << ":" << Show(error);
  EXPECT_EQ(set_.rules.size(), 3754u);
  EXPECT_EQ(set_.files, 3754u);
  for (const RuleError& warning : set_.warnings) {  // two rules ask the user for a list of hosts
    EXPECT_NE(warning.message.find("placeholder %known_cdcs% has no value"), std::string::npos) << warning.message;
  }
  EXPECT_EQ(set_.warnings.size(), 2u);
}

TEST_F(SigmaHq, EveryWindowsRuleHasEvents) {
  size_t windows = 0;
  for (const Rule& rule : set_.rules) {
    const bool has_events = !SourceMap::BuiltIn().Resolve(rule.source).empty();
    if (rule.source.product == "windows") {
      ++windows;
      EXPECT_TRUE(has_events) << rule.path << ": " << rule.source.category << "/" << rule.source.service;
    } else if (rule.source.category != "antivirus") {  // of no product; Defender writes such events
      EXPECT_FALSE(has_events) << rule.path;
    }
  }
  EXPECT_GT(windows, 2800u);
}

TEST_F(SigmaHq, ExpressionsAreWellFormed) {
  for (const Rule& rule : set_.rules) {
    const Expression& e = rule.detection;
    ASSERT_LT(e.root, e.nodes.size());
    for (uint32_t i = 0; i < e.nodes.size(); ++i) {
      for (uint32_t child : e.nodes[i].children) ASSERT_LT(child, i) << rule.path;  // children stand before parents
      if (e.nodes[i].kind == Expression::Kind::kItem) {
        ASSERT_LT(e.nodes[i].item, e.items.size());
      }
    }
    for (const Item& item : e.items) {
      EXPECT_FALSE(item.any_of.empty());
      for (const Pattern& pattern : item.any_of) EXPECT_EQ(pattern.op == Operator::kGlob, !pattern.glob.empty());
    }
  }
}

}  // namespace
}  // namespace spoor::sigma
