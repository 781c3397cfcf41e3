#include <gtest/gtest.h>

#include <string>

#include "base/message.h"
#include "intel/attack.h"
#include "intel/profile.h"

namespace spoor {
namespace {

const Attack& Known() { return Attack::BuiltIn(); }

TEST(Attack, HasWhatItsTableHolds) {
  EXPECT_EQ(Known().techniques().size(), 691u);
  EXPECT_EQ(Known().groups().size(), 172u);
  EXPECT_EQ(Known().software().size(), 784u);
  EXPECT_EQ(Known().campaigns().size(), 52u);
}

TEST(Attack, TacticsStandInTheOrderOfAnIntrusion) {
  ASSERT_EQ(Known().tactics().size(), 14u);
  EXPECT_EQ(Known().tactics().front().name, "Reconnaissance");
  EXPECT_EQ(Known().tactics().back().name, "Impact");
  for (const char* name : {"TA0011", "command-and-control", "Command and Control", "COMMAND_AND_CONTROL"}) {
    ASSERT_NE(Known().FindTactic(name), nullptr) << name;
    EXPECT_EQ(Known().FindTactic(name)->id, "TA0011");
  }
  EXPECT_EQ(Known().FindTactic("nothing"), nullptr);
}

TEST(Attack, TechniquesKnowTheirParentsAndTactics) {
  const Technique* t = Known().FindTechnique("t1598.003");
  ASSERT_NE(t, nullptr);
  EXPECT_TRUE(t->is_sub());
  EXPECT_EQ(Known().techniques()[t->parent].id, "T1598");
  EXPECT_EQ(Known().FullName(*t), "Phishing for Information: Spearphishing Link");
  EXPECT_EQ(t->tactics, 1u << Known().NumberOf(*Known().FindTactic("reconnaissance")));
  EXPECT_EQ(Known().FindTechnique("T1193"), nullptr);
}

TEST(Attack, KnowsWhatReplacedWhatIsGone) {
  ASSERT_NE(Known().FindGone("T1193"), nullptr);
  EXPECT_TRUE(Known().FindGone("T1193")->revoked);
  EXPECT_EQ(Known().FindGone("T1193")->replaced_by, "T1566.001");
  EXPECT_EQ(Known().FindGone("T1043")->replaced_by, "");
  EXPECT_EQ(Known().FindGone("T1665"), nullptr);
}

TEST(Attack, FindsSoftwareByAnyOfItsNames) {
  for (const char* name : {"S0153", "s0153", "RedLeaves", "red leaves", "BUGJUICE"}) {
    ASSERT_NE(Known().FindSoftware(name), nullptr) << name;
    EXPECT_EQ(Known().FindSoftware(name)->id, "S0153");
  }
  EXPECT_EQ(Known().FindSoftware("G0128"), nullptr);
}

constexpr const char* kSmall =
    "tactic\tTA1\tone\tOne\ntechnique\tT1000\tA\tone\ntechnique\tT1000.001\tB\tone\n"
    "gone\tT1193\tdeprecated\tT1000\tOld\ngroup\tG1\tName\tAlias|Other\tT1000 T1000.001\t\n";

TEST(Attack, ATableOfItsOwnDateKnowsBetter) {
  auto attack = Attack::Parse(kSmall);
  ASSERT_TRUE(attack.ok()) << attack.status();
  EXPECT_EQ((*attack)->FindGone("T1193")->replaced_by, "T1000");
  EXPECT_EQ((*attack)->groups()[0].aliases.size(), 2u);
}

TEST(Attack, DamagedTablesAreRefusedWithTheirLine) {
  for (const char* more : {"group\tG2\tName\t\tT9\t\n", "technique\tT2000.001\tC\tone\n", "technique\tT3\tC\ttwo\n",
                           "what\tis\tthis\n", "tactic\tTA1\ttwice\tTwice\n", "group\tG3\n"}) {
    EXPECT_FALSE(Attack::Parse(std::string(kSmall) + more).ok()) << more;
  }
  EXPECT_FALSE(Attack::Parse("").ok());
}

// Every prefix, and every byte replaced: no more may happen than an error.
TEST(Attack, AnyDamageGivesATableOrAnError) {
  const std::string whole = kSmall;
  for (size_t i = 0; i < whole.size(); ++i) {
    static_cast<void>(Attack::Parse(whole.substr(0, i)).ok());
    for (const char c : {'\t', '\n', '|', ' ', '\0', '\xff'}) {
      std::string damaged = whole;
      damaged[i] = c;
      static_cast<void>(Attack::Parse(damaged).ok());
    }
  }
}

TEST(Profile, TheBuiltInOnesAreRead) {
  const std::vector<Profile> profiles = BuiltInProfiles(Known());
  ASSERT_EQ(profiles.size(), 1u);
  EXPECT_EQ(profiles[0].id, "G0128");
  EXPECT_EQ(profiles[0].persons.size(), 7u);
  EXPECT_EQ(profiles[0].companies.size(), 2u);
  for (const ProfileName& p : profiles[0].persons) EXPECT_GE(p.names.size(), 2u) << p.names[0];
}

std::string WhatIsWrong(const std::string& yaml) {
  auto profile = ParseProfile(yaml, "p.yml", Known());
  return profile.ok() ? "" : std::string(Message(profile.status()));
}

TEST(Profile, MistakesAreToldWithTheirLine) {
  EXPECT_EQ(WhatIsWrong("id: X1\nname: X\n"), "");
  EXPECT_EQ(WhatIsWrong("id: X1\n"), "line 1: 'name' is missing");
  EXPECT_EQ(WhatIsWrong("id: X1\nname: X\nalias: [Y]\n"), "line 3: unknown key 'alias'");
  EXPECT_EQ(WhatIsWrong("id: X1\nname: X\ntechniques:\n  - {id: T9999}\n"), "line 4: ATT&CK has no technique 'T9999'");
  EXPECT_EQ(WhatIsWrong("id: X1\nname: X\ntechniques:\n  - {id: T1665, certainty: 7}\n"),
            "line 4: 'certainty' is a number from 0.0001 to 1");
  EXPECT_NE(WhatIsWrong("- a\n"), "");
  EXPECT_NE(WhatIsWrong(""), "");
  EXPECT_NE(WhatIsWrong("id: X1\nname: X\n---\nid: X2\nname: Y\n"), "");
}

TEST(Profile, TechniquesThatAreGoneBecomeWhatReplacedThem) {
  auto profile = ParseProfile("id: X1\nname: X\ntechniques: [{id: T1193}]\n", "p.yml", Known());
  ASSERT_TRUE(profile.ok());
  EXPECT_EQ(Known().techniques()[profile->techniques[0].technique].id, "T1566.001");
}

}  // namespace
}  // namespace spoor
