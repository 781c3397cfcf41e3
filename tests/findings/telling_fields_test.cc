// The few fields that tell what an event is about.
#include "findings/telling_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spoor {
namespace {

using testing::ElementsAre;

std::vector<std::string> Told(std::string_view source, uint32_t id, std::vector<FieldText> event) {
  Finding f;
  f.event = std::move(event);
  std::vector<FieldText> told;
  return TellStory(
      StoryOf(source, id), f, [](std::string_view, std::string_view value) { return std::string(value); }, &told);
}

TEST(Stories, AreToldByTheFieldsThatAreThere) {
  EXPECT_THAT(Told("windows/security", 4732,
                   {{"MemberName", "-"},
                    {"MemberSid", "S-1-5-21-7"},
                    {"TargetUserName", "Administrators"},
                    {"TargetDomainName", "Builtin"}}),
              ElementsAre("S-1-5-21-7 → Builtin\\Administrators"));
  EXPECT_THAT(Told("windows/sysmon", 1, {{"Image", "a.exe"}}), ElementsAre("a.exe"));
  EXPECT_THAT(Told("windows/sysmon", 1, {{"ParentImage", "b.exe"}, {"CommandLine", "a -x"}}),
              ElementsAre("a -x", "b.exe"));
  EXPECT_THAT(Told("windows/security", 1102, {{"SubjectUserName", "jane"}}), ElementsAre("jane"));
  EXPECT_THAT(Told("windows/system", 7045, {}), ElementsAre());
}

TEST(Stories, OneOfSeveralValues) {
  EXPECT_THAT(Told("windows/msexchange-management", 1, {{"Data", "Get-Mailbox"}, {"Data", "-All"}, {"Data", "SYSTEM"}}),
              ElementsAre("Get-Mailbox -All", "by SYSTEM"));
  EXPECT_THAT(Told("windows/msexchange-management", 1, {{"Data", "Get-Mailbox"}}), ElementsAre("Get-Mailbox"));
  EXPECT_THAT(Told("windows/system", 104, {{"Channel", "System"}, {"Channel", "Application"}}),
              ElementsAre("log Application"));
}

TEST(Stories, AreOfOneKindOfEvent) {
  EXPECT_FALSE(StoryOf("windows/sysmon", 22).empty());
  EXPECT_TRUE(StoryOf("windows/sysmon", 99).empty());
  EXPECT_TRUE(StoryOf("linux/auditd", 1).empty());
  EXPECT_TRUE(StoryOf("windows/zzz", 1).empty());
}

}  // namespace
}  // namespace spoor
