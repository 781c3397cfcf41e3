#include "campaign/stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spoor {
namespace {

std::string NameOf(const char* technique, const std::vector<std::string>& tactics) {
  const int stage = StageOf(technique, tactics);
  return stage < 0 ? "" : Stages()[static_cast<size_t>(stage)].name;
}

TEST(Stages, TheTechniqueSaysWhichBeforeTheTactic) {
  EXPECT_EQ(NameOf("T1505.003", {"persistence"}), "web shell");
  EXPECT_EQ(NameOf("T1003.001", {"execution"}), "credentials");
  EXPECT_EQ(NameOf("T1598.003", {}), "tracking mail");
}

TEST(Stages, WhatAStageIsToldWithIsAStage) {
  for (const Stage& stage : Stages()) {
    for (const int with : stage.told_with) EXPECT_LT(static_cast<size_t>(with), Stages().size()) << stage.name;
  }
}

TEST(Stages, TheLongerNameOfATechniqueCounts) {
  EXPECT_EQ(NameOf("T1550.001", {}), "mail and cloud accounts");
  EXPECT_EQ(NameOf("T1550.002", {}), "spread");
}

TEST(Stages, WithoutATechniqueTheTacticDoes) {
  EXPECT_EQ(NameOf("", {"discovery"}), "discovery");
  EXPECT_EQ(NameOf("T9999", {"impact"}), "damage");
  EXPECT_EQ(NameOf("", {}), "");
}

TEST(AttackTags, AreReadInEverySpelling) {
  const AttackTags tags =
      ReadAttackTags({"attack.t1003.001", "attack.credential_access", "attack.G0128", "cve.2024-1", "attack.s0002"});
  EXPECT_THAT(tags.techniques, testing::ElementsAre("T1003.001"));
  EXPECT_THAT(tags.tactics, testing::ElementsAre("credential-access"));
}

TEST(AttackTags, ARenumberedTechniqueIsThereUnderBothNumbers) {
  const AttackTags tags = ReadAttackTags({"attack.t1685.001", "attack.defense-impairment"});
  EXPECT_THAT(tags.techniques, testing::ElementsAre("T1685.001", "T1562.002"));
  EXPECT_THAT(tags.tactics, testing::ElementsAre("defense-impairment", "defense-evasion"));
}

TEST(Starters, AreKnownByTheNameOfTheirFile) {
  EXPECT_TRUE(IsStarter("C:\\Windows\\System32\\SVCHOST.EXE"));
  EXPECT_TRUE(IsStarter("explorer.exe"));
  EXPECT_FALSE(IsStarter("C:\\Users\\jane\\svchost.exe.exe"));
}

}  // namespace
}  // namespace spoor
