#include "sigma/load.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/message.h"
#include "helpers.h"

namespace spoor::sigma {
namespace {

namespace fs = std::filesystem;

std::string RuleText(const std::string& title, const std::string& more = "") {
  return "title: " + title + "\n" + more +
         "logsource: {Product: x, product: Windows, category: Process_Creation}\n"
         "detection: {s: {A: 1}, condition: s}\n";
}

TEST(Load, MetaData) {
  const RuleSet set = Parse(R"(# a comment
title: Whoami
id: 11111111-2222-3333-4444-555555555555
status: Test
description: |
  Two
  lines
author: [Jane, Joe]
date: 2026-01-02
level: HIGH
tags: [attack.discovery, attack.t1033]
references:
  - https://example.org
falsepositives: Admins
custom: {any: thing}
logsource: {product: Windows, category: process_creation, definition: x}
detection:
  s: {Image|endswith: '\whoami.exe'}
  condition: s
)");
  ASSERT_EQ(set.rules.size(), 1u) << Show(set.errors.at(0));
  const Rule& rule = set.rules[0];
  EXPECT_EQ(rule.title, "Whoami");
  EXPECT_EQ(rule.id, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(rule.status, Status::kTest);
  EXPECT_EQ(rule.description, "Two\nlines\n");
  EXPECT_EQ(rule.author, "Jane, Joe");
  EXPECT_EQ(rule.date, "2026-01-02");
  EXPECT_EQ(rule.level, Level::kHigh);
  EXPECT_EQ(rule.tags, (std::vector<std::string>{"attack.discovery", "attack.t1033"}));
  EXPECT_EQ(rule.references, (std::vector<std::string>{"https://example.org"}));
  EXPECT_EQ(rule.false_positives, (std::vector<std::string>{"Admins"}));
  EXPECT_EQ(rule.source, (LogSource{"process_creation", "windows", ""}));
  EXPECT_EQ(rule.path, "test.yml");
  EXPECT_EQ(rule.line, 2u);
}

TEST(Load, NamesOfLevelsAndStatuses) {
  for (const char* name : {"informational", "low", "medium", "high", "critical"}) {
    EXPECT_STREQ(LevelName(ParseLevel(name).value()), name);
  }
  EXPECT_EQ(ParseLevel("none"), std::nullopt);
  EXPECT_STREQ(StatusName(Status::kNone), "");
  EXPECT_STREQ(StatusName(Status::kDeprecated), "deprecated");
}

TEST(Load, OneBrokenDocumentDoesNotSpoilTheOthers) {
  const RuleSet set = Parse(RuleText("A") + "---\n" + "title: B\nlogsource: {}\n" + "---\n---\n" + RuleText("C") +
                            "---\ntitle: 'D\n---\n" + RuleText("E"));
  ASSERT_EQ(set.rules.size(), 3u);
  EXPECT_EQ(set.rules[0].title, "A");
  EXPECT_EQ(set.rules[1].title, "C");
  EXPECT_EQ(set.rules[1].line, 9u);
  EXPECT_EQ(set.rules[2].title, "E");
  ASSERT_EQ(set.errors.size(), 2u);
  EXPECT_EQ(set.errors[0].rule, "B");
  EXPECT_EQ(set.errors[0].line, 6u);
}

TEST(Load, DeprecatedRulesAreLeftOutUnlessAskedFor) {
  const std::string text = RuleText("A", "status: deprecated\n") + "---\n" + RuleText("B", "status: unsupported\n") +
                           "---\n" + RuleText("C", "status: stable\n");
  const RuleSet some = Parse(text);
  EXPECT_EQ(some.rules.size(), 1u);
  EXPECT_EQ(some.left_out, 2u);
  LoadOptions all;
  all.all_statuses = true;
  EXPECT_EQ(Parse(text, all).rules.size(), 3u);
}

TEST(Load, EmptyFilesAreNoErrors) {
  for (const char* text : {"", "\n", "# only a comment\n", "---\n", "---\n...\n", "~\n"}) {
    const RuleSet set = Parse(text);
    EXPECT_TRUE(set.rules.empty() && set.errors.empty()) << text;
  }
}

TEST(Load, OtherYamlIsNoBrokenRule) {
  const RuleSet set = Parse("title: THOR\nlogsources: {a: {b: c}}\n--- [a, b]\n--- hello\n---\n" + RuleText("A"));
  EXPECT_EQ(set.rules.size(), 1u);
  EXPECT_TRUE(set.errors.empty() && set.warnings.empty());
  std::string all;
  for (const RuleError& other : set.not_rules) all += Cat(other.path, " (", other.rule, ") ", Show(other), "\n");
  EXPECT_EQ(all,
            "test.yml (THOR) 1:1: not a Sigma rule: it has no detection\n"
            "test.yml () 3:5: not a Sigma rule: it is a list\n"
            "test.yml () 4:5: not a Sigma rule: it is text\n");
}

TEST(Load, HalfARuleIsABrokenRule) {
  for (const char* text : {"detection: {}\n", "logsource: {}\n", "correlation: {}\n", "filter: {}\n", "action: x\n",
                           "title: T\ndetections: {}\nlogsource: {product: windows}\n"}) {
    const RuleSet set = Parse(text);
    EXPECT_EQ(set.errors.size(), 1u) << text;
    EXPECT_TRUE(set.not_rules.empty()) << text;
  }
}

TEST(Load, ErrorsOfOneFileAreBounded) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "---\ndetection: a\n";
  const RuleSet set = Parse(text);
  EXPECT_EQ(set.errors.size(), 1001u);
  EXPECT_EQ(set.errors.back().message, "too many errors or warnings in this file; the rest of it was not read");
  text.clear();
  for (int i = 0; i < 5000; ++i) text += "--- a\n";
  EXPECT_EQ(Parse(text).not_rules.size(), 1000u);
}

class LoadFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "spoor-rules-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  static std::string Titles(const RuleSet& set) {
    std::string titles;
    for (const Rule& rule : set.rules) titles += rule.title + " ";
    return titles;
  }

  fs::path root_;
};

TEST_F(LoadFiles, InOrderOfPath) {
  Write("b.yml", RuleText("4") + "---\n" + RuleText("5"));
  Write("a/z.yaml", RuleText("3"));
  Write("a/b/c.YML", RuleText("2"));
  Write("B.yml", RuleText("1"));
  Write("c.txt", RuleText("no"));
  EXPECT_EQ(Titles(LoadRules({root_.string()}, {})), "1 2 3 4 5 ");
  EXPECT_EQ(LoadRules({root_.string()}, {}).files, 4u);
  EXPECT_EQ(Titles(LoadRules({(root_ / "c.txt").string(), (root_ / "a").string()}, {})), "no 2 3 ");
}

TEST_F(LoadFiles, WhatCannotBeReadIsAnError) {
  Write("a.yml", RuleText("A"));
  fs::create_directory(root_ / "folder.yml");
  fs::create_symlink(root_ / "nowhere", root_ / "b.yml");
  fs::create_directory_symlink(root_, root_ / "circle");
  const RuleSet set = LoadRules({(root_ / "missing.yml").string(), root_.string(), "/dev/null"}, {});
  EXPECT_EQ(set.rules.size(), 1u);
  ASSERT_EQ(set.errors.size(), 3u);
  EXPECT_EQ(set.errors[0].message, "no such file");
  EXPECT_EQ(set.errors[0].line, 0u);
  EXPECT_EQ(set.errors[1].message, "cannot open: No such file or directory");
  EXPECT_EQ(set.errors[2].message, "not a file");
}

TEST_F(LoadFiles, SharedIdsAreWarnedOf) {
  Write("a.yml", RuleText("A", "id: x\n"));
  Write("b.yml", RuleText("B", "id: x\n"));
  const RuleSet set = LoadRules({root_.string()}, {});
  EXPECT_EQ(set.rules.size(), 2u);
  ASSERT_EQ(set.warnings.size(), 1u);
  EXPECT_EQ(set.warnings[0].rule, "B");
}

TEST_F(LoadFiles, SameResultForAnyNumberOfJobs) {
  for (int i = 0; i < 300; ++i) {
    Write(Cat("r", i, ".yml"), i % 7 == 0 ? Cat("title: broken ", i, "\nlogsource: {}\n") : RuleText(Cat(i)));
  }
  LoadOptions options;
  const RuleSet one = LoadRules({root_.string()}, options);
  EXPECT_EQ(one.rules.size(), 257u);
  EXPECT_EQ(one.errors.size(), 43u);
  for (unsigned jobs : {0u, 2u, 3u, 16u, 1000u}) {
    options.jobs = jobs;
    const RuleSet many = LoadRules({root_.string()}, options);
    EXPECT_EQ(Titles(many), Titles(one));
    ASSERT_EQ(many.errors.size(), one.errors.size());
    for (size_t i = 0; i < one.errors.size(); ++i) EXPECT_EQ(many.errors[i].path, one.errors[i].path);
  }
}

}  // namespace
}  // namespace spoor::sigma
