#include "world/facts.h"

#include <gtest/gtest.h>

namespace spoor {
namespace {

TEST(Facts, TheDataFileIsSound) {
  const EventFacts* const start = Facts::BuiltIn().OfWindows("Microsoft-Windows-Sysmon/Operational", 1);
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(start->roles[start->about].role, "process");
  ASSERT_FALSE(start->links.empty());
  EXPECT_EQ(start->links[0].kind, LinkKind::kStarted);
  EXPECT_EQ(start->roles[start->links[0].from].role, "parent");
}

TEST(Facts, ChannelsAreComparedWithoutCase) {
  EXPECT_NE(Facts::BuiltIn().OfWindows("SECURITY", 4624), nullptr);
  EXPECT_EQ(Facts::BuiltIn().OfWindows("Security", 1), nullptr);
}

TEST(Facts, AnEntryWithoutIdsIsOfAllEventsOfItsLog) {
  EXPECT_NE(Facts::BuiltIn().OfWindows("Microsoft-Windows-PowerShell/Operational", 4104), nullptr);
}

TEST(Facts, TheFirstEntryThatFitsASourceCounts) {
  const EventFacts* const conn = Facts::BuiltIn().OfSource({"zeek", "conn", ""});
  ASSERT_NE(conn, nullptr);
  EXPECT_TRUE(conn->flow.has_value());
  const EventFacts* const other = Facts::BuiltIn().OfSource({"zeek", "smb_files", ""});
  ASSERT_NE(other, nullptr);
  EXPECT_TRUE(other->only_found);
}

TEST(Facts, TheFirstCaseThatHoldsSaysWhatWasDone) {
  const EventFacts* const audit = Facts::BuiltIn().OfSource({"m365", "audit|exchange", ""});
  ASSERT_NE(audit, nullptr);
  ASSERT_FALSE(audit->acts.empty());
  EXPECT_EQ(audit->acts.front().kind, ActKind::kReadMail);
  EXPECT_EQ(audit->roles[static_cast<size_t>(audit->acts.front().on)].role, "mailbox");
  EXPECT_TRUE(audit->acts.back().when.empty());  // anything else
  const EventFacts* const sign_ins = Facts::BuiltIn().OfSource({"azure", "signinlogs", ""});
  ASSERT_NE(sign_ins, nullptr);
  EXPECT_EQ(sign_ins->vouched.size(), 2u);
  EXPECT_EQ(sign_ins->vouched[0].fields.size(), 2u);
}

TEST(Facts, TicketsForMachinesSayNamesAlone) {
  const EventFacts* const ticket = Facts::BuiltIn().OfWindows("Security", 4769);
  ASSERT_NE(ticket, nullptr);
  EXPECT_TRUE(ticket->roles.empty());
  ASSERT_EQ(ticket->named.size(), 1u);
  EXPECT_EQ(ticket->named[0].account, std::vector<std::string>{"TargetUserName"});
}

TEST(Facts, ALogonOpensASessionAndAProcessOpensAProcess) {
  const EventFacts* const logon = Facts::BuiltIn().OfWindows("Security", 4624);
  EXPECT_EQ(logon->links[1].kind, LinkKind::kOpenedSession);
  const EventFacts* const access = Facts::BuiltIn().OfWindows("Microsoft-Windows-Sysmon/Operational", 10);
  EXPECT_EQ(access->links[0].kind, LinkKind::kOpened);
}

}  // namespace
}  // namespace spoor
