#include "campaign/spelling.h"

#include <gtest/gtest.h>

namespace spoor {
namespace {

TEST(MachineName, IsTheShortNameOrTheAddress) {
  EXPECT_EQ(MachineName("WS1.acme.example"), "ws1");
  EXPECT_EQ(MachineName("\\\\WS1"), "ws1");
  EXPECT_EQ(MachineName("10.1.0.5"), "10.1.0.5");
  EXPECT_EQ(MachineName("::ffff:10.1.0.5"), "10.1.0.5");
  EXPECT_EQ(MachineName("2001:DB8::1"), "2001:db8::1");
  EXPECT_EQ(MachineName("198.51.100.2:49817"), "198.51.100.2");
  EXPECT_EQ(MachineName("[2001:DB8::1]:443"), "2001:db8::1");
  EXPECT_EQ(MachineName("[2001:db8::1"), "2001:db8::1");
}

TEST(MachineDomain, IsWhatStandsBehindTheName) {
  EXPECT_EQ(MachineDomain("WS1.Corp.acme.example"), "corp.acme.example");
  EXPECT_EQ(MachineDomain("cifs/WS1.acme.example."), "acme.example");
  EXPECT_EQ(MachineDomain("WS1"), "");
  EXPECT_EQ(MachineDomain("10.0.0.1"), "");
  EXPECT_EQ(MachineDomain("."), "");
}

TEST(MachineName, TheMachineItselfIsNoMachine) {
  for (const char* self : {"127.0.0.1", "::1", "localhost", "-", "", "0.0.0.0"})
    EXPECT_EQ(MachineName(self), "") << self;
}

TEST(AccountName, DomainsAreShortAndCaseMeansNothing) {
  EXPECT_EQ(AccountName("Jane", "ACME", ""), "acme\\jane");
  EXPECT_EQ(AccountName("jane", "acme.example", ""), "acme\\jane");
  EXPECT_EQ(AccountName("ACME\\Jane", "", ""), "acme\\jane");
  EXPECT_EQ(AccountName(".\\jane", "", "ws1"), "ws1\\jane");
  EXPECT_EQ(AccountName("Jane@acme.example", "ACME", ""), "jane@acme.example");
  EXPECT_EQ(AccountName("-", "-", ""), "");
}

TEST(AccountName, MachinesAndServicesAreNobody) {
  for (const char* name : {"acme\\ws1$", "nt authority\\system", "window manager\\dwm-1", "system", "s-1-5-18"}) {
    EXPECT_TRUE(IsOfMachine(name)) << name;
  }
  EXPECT_FALSE(IsOfMachine("acme\\jane"));
}

TEST(ScriptShape, IsTheScriptWithoutNamesOfFilesAndMachines) {
  const std::string shape = "get-childitem * -recurse | export-csv *";
  EXPECT_EQ(ScriptShape("Get-ChildItem \\\\SRV1\\ -Recurse |\r\n\tExport-Csv C:\\Temp\\a.csv"), shape);
  EXPECT_EQ(ScriptShape("  get-childitem https://x.example/a -recurse | export-csv D:\\b.csv\n"), shape);
  EXPECT_EQ(ScriptShape("Get-Date"), "");
  EXPECT_EQ(ScriptShape(""), "");
}

TEST(ScriptShape, OfALongScriptAllCounts) {
  const std::string a = ScriptShape(std::string(1000, 'x') + " a"), b = ScriptShape(std::string(1000, 'x') + " b");
  EXPECT_LT(a.size(), 260u);
  EXPECT_NE(a, b);
  EXPECT_EQ(a, ScriptShape(std::string(1000, 'X') + "   A"));
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "\xc3\xa4";
  EXPECT_EQ(ScriptShape("x" + umlauts).find("\xc3 "), std::string::npos);
}

TEST(Address, PrivateOnesAreNobodysAlone) {
  for (const char* address :
       {"10.0.0.1", "172.16.0.1", "172.31.9.9", "192.168.1.1", "169.254.1.1", "fe80::1", "224.0.0.1"}) {
    EXPECT_TRUE(IsPrivate(address)) << address;
  }
  for (const char* address : {"172.15.0.1", "172.32.0.1", "198.51.100.7", "2001:db8::1"}) {
    EXPECT_FALSE(IsPrivate(address)) << address;
  }
}

TEST(Address, IsToldFromAName) {
  EXPECT_TRUE(IsAddress("10.0.0.1"));
  EXPECT_TRUE(IsAddress("fe80::1%4"));
  EXPECT_FALSE(IsAddress("ws1.acme.example"));
  EXPECT_FALSE(IsAddress("10.0.0"));
  EXPECT_FALSE(IsAddress(""));
}

}  // namespace
}  // namespace spoor
