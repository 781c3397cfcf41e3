// The data behind `spoor rules coverage`: it loads, and no log source of windows.yml is without advice.
#include "sigma/switch_on.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace spoor::sigma {
namespace {

bool Gives(const Advice& advice, const Target& target) {
  const bool same_log = advice.channels == target.channels && advice.providers == target.providers;
  if (!same_log || !advice.field.empty()) return false;
  if (advice.event_ids.empty() || target.event_ids.empty()) return true;
  return std::any_of(target.event_ids.begin(), target.event_ids.end(), [&](uint32_t id) {
    return std::find(advice.event_ids.begin(), advice.event_ids.end(), id) != advice.event_ids.end();
  });
}

bool HasAdvice(const LogSource& source) {
  const std::vector<Target> targets = SourceMap::BuiltIn().Resolve(source);
  EXPECT_FALSE(targets.empty());
  const std::vector<Advice>& advice = SwitchOn::BuiltIn().advice();
  return std::all_of(targets.begin(), targets.end(), [&](const Target& target) {
    return std::any_of(advice.begin(), advice.end(), [&](const Advice& a) { return Gives(a, target); });
  });
}

TEST(SwitchOn, EveryServiceOfWindowsHasAdvice) {
  for (const std::string_view name : SourceMap::BuiltIn().ServiceNames()) {
    LogSource source;
    source.product = "windows";
    source.service = std::string(name);
    EXPECT_TRUE(HasAdvice(source)) << name;
  }
}

TEST(SwitchOn, EveryCategoryOfWindowsHasAdvice) {
  for (const std::string_view name : SourceMap::BuiltIn().CategoryNames()) {
    LogSource source;
    source.product = "windows";
    source.category = std::string(name);
    EXPECT_TRUE(HasAdvice(source)) << name;
  }
}

TEST(SwitchOn, NoSettingStandsTwiceAndNoEventBelongsToTwo) {
  std::set<std::string> names;
  std::set<std::pair<std::string, uint32_t>> events;
  for (const Advice& advice : SwitchOn::BuiltIn().advice()) {
    EXPECT_TRUE(names.insert(advice.what).second) << advice.what;
    if (!advice.field.empty()) continue;
    for (const uint32_t id : advice.event_ids) {
      EXPECT_TRUE(events.emplace(advice.service, id).second) << advice.service << ' ' << id;
    }
  }
  EXPECT_GT(events.size(), 200u);
}

// By its name, as auditpol has it.
const Advice* Subcategory(std::string_view name) {
  const std::string command = "/subcategory:\"" + std::string(name) + '"';
  for (const Advice& advice : SwitchOn::BuiltIn().advice()) {
    for (const std::string& line : advice.to_do) {
      if (line.find(command) != std::string::npos && advice.what.starts_with("Audit: ")) return &advice;
    }
  }
  return nullptr;
}

bool Gives(const Advice& advice, uint32_t id) {
  return std::find(advice.event_ids.begin(), advice.event_ids.end(), id) != advice.event_ids.end();
}

TEST(SwitchOn, ChangesOfTheAuditPolicyAreWrittenUnasked) {
  const Advice* policy = Subcategory("Audit Policy Change");
  ASSERT_NE(policy, nullptr);
  EXPECT_TRUE(Gives(*policy, 4907));
  for (const uint32_t id : {4715u, 4719u, 4817u, 4906u, 4908u, 4912u}) {
    EXPECT_FALSE(Gives(*policy, id)) << id;
    EXPECT_TRUE(std::any_of(SwitchOn::BuiltIn().advice().begin(), SwitchOn::BuiltIn().advice().end(),
                            [&](const Advice& a) { return a.service == "security" && a.always && Gives(a, id); }))
        << id;
  }
}

TEST(SwitchOn, EverySubcategoryWithEventsOfItsOwnHasAdvice) {
  for (const char* name : {"Security State Change",
                           "Security System Extension",
                           "System Integrity",
                           "IPsec Driver",
                           "Other System Events",
                           "Logon",
                           "Logoff",
                           "IPsec Main Mode",
                           "IPsec Quick Mode",
                           "IPsec Extended Mode",
                           "Special Logon",
                           "Other Logon/Logoff Events",
                           "Network Policy Server",
                           "User / Device Claims",
                           "Group Membership",
                           "File System",
                           "SAM",
                           "Certification Services",
                           "Application Generated",
                           "Handle Manipulation",
                           "File Share",
                           "Filtering Platform Packet Drop",
                           "Filtering Platform Connection",
                           "Other Object Access Events",
                           "Detailed File Share",
                           "Central Policy Staging",
                           "Sensitive Privilege Use",
                           "Process Creation",
                           "Process Termination",
                           "DPAPI Activity",
                           "RPC Events",
                           "Plug and Play Events",
                           "Token Right Adjusted Events",
                           "Audit Policy Change",
                           "Authentication Policy Change",
                           "Authorization Policy Change",
                           "MPSSVC Rule-Level Policy Change",
                           "Filtering Platform Policy Change",
                           "Other Policy Change Events",
                           "User Account Management",
                           "Computer Account Management",
                           "Security Group Management",
                           "Distribution Group Management",
                           "Application Group Management",
                           "Other Account Management Events",
                           "Directory Service Access",
                           "Directory Service Changes",
                           "Directory Service Replication",
                           "Detailed Directory Service Replication",
                           "Credential Validation",
                           "Kerberos Service Ticket Operations",
                           "Kerberos Authentication Service"}) {
    EXPECT_NE(Subcategory(name), nullptr) << name;
  }
}

TEST(SwitchOn, TheCampaignHasThirteenStages) {
  const SwitchOn& known = SwitchOn::BuiltIn();
  ASSERT_EQ(known.stages().size(), 13u);
  EXPECT_EQ(known.stages()[0].name, "Tracking mail");
  EXPECT_TRUE(IsOfStage(known.stages()[2], {"attack.initial-access"}));
  EXPECT_TRUE(IsOfStage(known.stages()[2], {"attack.Initial_Access"}));
  EXPECT_FALSE(IsOfStage(known.stages()[2], {"initial-access", "attack.t1190"}));
  EXPECT_TRUE(IsOfStage(known.stages()[4], {"attack.t1098.003"}));
  EXPECT_TRUE(IsOfStage(known.stages()[4], {"attack.t1098"}));
  EXPECT_FALSE(IsOfStage(known.stages()[4], {"attack.t10981"}));
  EXPECT_FALSE(IsOfStage(known.stages()[5], {"attack.t1505"}));
}

TEST(SwitchOn, TechniquesOfTags) {
  EXPECT_EQ(TechniqueOf("attack.t1059"), "T1059");
  EXPECT_EQ(TechniqueOf("attack.T1059.001"), "T1059.001");
  for (const char* other : {"attack.execution", "attack.s0029", "attack.t105", "attack.t1059.01", "attack.t1059x001",
                            "cve.2021-44228", "t1059", ""}) {
    EXPECT_EQ(TechniqueOf(other), "") << other;
  }
}

TEST(SwitchOn, NumbersOfMessagesInWords) {
  EXPECT_EQ(SwitchOn::BuiltIn().InWords("%%8448"), "success removed");
  EXPECT_EQ(SwitchOn::BuiltIn().InWords("{0CCE922B-69AE-11D9-BED3-505054503030}"), "Process Creation");
  EXPECT_EQ(SwitchOn::BuiltIn().InWords("something else"), "something else");
}

}  // namespace
}  // namespace spoor::sigma
