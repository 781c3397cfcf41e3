#include "sigma/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spoor::sigma {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Target> Resolve(std::string category, std::string product, std::string service = "") {
  return SourceMap::BuiltIn().Resolve({std::move(category), std::move(product), std::move(service)});
}

std::string Evidence(const Target& target, const std::string& sigma) {
  for (const FieldName& field : target.fields) {
    if (field.sigma == sigma) return field.evidence;
  }
  return sigma;
}

TEST(Sources, ProcessCreationIsTwoKindsOfEvents) {
  const std::vector<Target> targets = Resolve("process_creation", "windows");
  ASSERT_EQ(targets.size(), 2u);
  EXPECT_THAT(targets[0].channels, ElementsAre("Microsoft-Windows-Sysmon/Operational"));
  EXPECT_THAT(targets[0].event_ids, ElementsAre(1));
  EXPECT_THAT(targets[0].fields, IsEmpty());
  EXPECT_THAT(targets[1].channels, ElementsAre("Security"));
  EXPECT_THAT(targets[1].event_ids, ElementsAre(4688));
  EXPECT_EQ(Evidence(targets[1], "Image"), "NewProcessName");
  EXPECT_EQ(Evidence(targets[1], "ParentProcessId"), "ProcessId");
  EXPECT_EQ(Evidence(targets[1], "CommandLine"), "CommandLine");
}

TEST(Sources, ServicesAreChannels) {
  const std::vector<Target> targets = Resolve("", "windows", "powershell");
  ASSERT_EQ(targets.size(), 1u);
  EXPECT_THAT(targets[0].channels,
              ElementsAre("Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"));
  EXPECT_THAT(targets[0].event_ids, IsEmpty());
}

TEST(Sources, ConditionsTellRegistryEventsApart) {
  const std::vector<Target> targets = Resolve("registry_delete", "windows");
  ASSERT_EQ(targets.size(), 1u);
  ASSERT_EQ(targets[0].conditions.size(), 1u);
  EXPECT_EQ(targets[0].conditions[0].field, "EventType");
  ASSERT_EQ(targets[0].conditions[0].any_of.size(), 2u);
  EXPECT_EQ(Describe(targets[0].conditions[0].any_of[1]), "is: DeleteValue");
  EXPECT_THAT(Resolve("registry_event", "windows").at(0).event_ids, ElementsAre(12, 13, 14));
  EXPECT_THAT(Resolve("registry_set", "windows").at(0).event_ids, ElementsAre(13));
}

TEST(Sources, WindowsAloneIsEveryEvent) {
  const std::vector<Target> targets = Resolve("", "windows");
  ASSERT_EQ(targets.size(), 1u);
  EXPECT_THAT(targets[0].channels, IsEmpty());
  EXPECT_THAT(targets[0].providers, IsEmpty());
}

TEST(Sources, AServiceNarrowsACategory) {
  ASSERT_EQ(Resolve("process_creation", "windows", "security").size(), 1u);
  EXPECT_THAT(Resolve("process_creation", "windows", "security")[0].event_ids, ElementsAre(4688));
  EXPECT_THAT(Resolve("process_creation", "windows", "powershell"), IsEmpty());
}

TEST(Sources, WithoutProduct) {
  EXPECT_EQ(Resolve("antivirus", "").size(), 1u);
  EXPECT_EQ(Evidence(Resolve("antivirus", "")[0], "Signature"), "Threat Name");
  EXPECT_EQ(Resolve("process_creation", "").size(), 2u);
  EXPECT_EQ(Resolve("", "", "sysmon").size(), 1u);
}

TEST(Sources, WhatSpoorDoesNotReadIsNothing) {
  EXPECT_THAT(Resolve("process_creation", "linux"), IsEmpty());
  EXPECT_THAT(Resolve("webserver", ""), IsEmpty());
  EXPECT_THAT(Resolve("", "", "apache"), IsEmpty());
  EXPECT_THAT(Resolve("", "aws", "cloudtrail"), IsEmpty());
  EXPECT_THAT(Resolve("nonsense", "windows"), IsEmpty());
  EXPECT_THAT(Resolve("", "windows", "nonsense"), IsEmpty());
  EXPECT_THAT(Resolve("", ""), IsEmpty());
}

TEST(Sources, KernelFileEventsAreKnownByProvider) {
  const std::vector<Target> targets = Resolve("file_rename", "windows");
  ASSERT_EQ(targets.size(), 1u);
  EXPECT_THAT(targets[0].channels, IsEmpty());
  EXPECT_THAT(targets[0].providers, ElementsAre("Microsoft-Windows-Kernel-File"));
}

TEST(Sources, NamesOfChannels) {
  const SourceMap& map = SourceMap::BuiltIn();
  EXPECT_EQ(map.SourceName("Security"), "windows/security");
  EXPECT_EQ(map.SourceName("microsoft-windows-sysmon/OPERATIONAL"), "windows/sysmon");
  EXPECT_EQ(map.SourceName("Microsoft-Windows-Kernel-PnP/Configuration"),
            "windows/microsoft-windows-kernel-pnp/configuration");
}

TEST(Sources, UsersHaveTheirDomain) {
  const std::vector<UserField>& users = SourceMap::BuiltIn().user_fields();
  ASSERT_GE(users.size(), 3u);
  EXPECT_EQ(users[0].user, "User");
  EXPECT_EQ(users[0].domain, "");
  bool subject = false;
  for (const UserField& field : users)
    subject |= field.user == "SubjectUserName" && field.domain == "SubjectDomainName";
  EXPECT_TRUE(subject);
}

TEST(SourcesDeath, MistakesInTheDataStopTheProgram) {
  EXPECT_DEATH(SourceMap("product: windows\n"), "line 1: a section is missing");
  EXPECT_DEATH(SourceMap("product: x\nservices: {a: {channel: b}}\ncategories: {}\nusers: []\n"),
               "line 2: unknown key");
  EXPECT_DEATH(SourceMap("product: x\nservices: {}\ncategories: {c: {service: a}}\nusers: []\n"),
               "line 3: no such service");
}

}  // namespace
}  // namespace spoor::sigma
