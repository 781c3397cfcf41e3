#include "world/spelling.h"

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

TEST(LogName, IsTheSameForAllPartsOfALog) {
  for (const char* name : {"router.log", "Router.log.1", "/a/b/router.log-20250826", "router.log-20250826.gz", "router",
                           "router-2025-08-26.txt", "router.log.2.gz", "router.old", "router_20250826-1730.log"}) {
    EXPECT_EQ(LogName(name), "router") << name;
  }
}

TEST(LogName, OtherNumbersAreOfTheName) {
  EXPECT_EQ(LogName("192.168.178.1.log"), "192.168.178.1");
  EXPECT_EQ(LogName("router-2.log"), "router-2");
  EXPECT_EQ(LogName("fritzbox-7590.log"), "fritzbox-7590");
  EXPECT_EQ(LogName(".log"), ".log");
  EXPECT_EQ(LogName(""), "");
}

TEST(Address, PrivateOnesAreNobodysAlone) {
  for (const char* address : {"10.0.0.1", "172.16.0.1", "172.31.9.9", "192.168.1.1", "169.254.1.1", "100.64.0.1",
                              "100.127.9.9", "fe80::1", "224.0.0.1"}) {
    EXPECT_TRUE(IsPrivate(address)) << address;
  }
  for (const char* address : {"172.15.0.1", "172.32.0.1", "172.1", "172.160.0.1", "100.63.0.1", "100.128.0.1",
                              "198.51.100.7", "2001:db8::1"}) {
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

TEST(MadeAccount, IsNamedByTheCommand) {
  const auto made = [](std::string_view command) {
    const MadeAccount of = AccountMadeBy(command);
    return of.name + (of.of_domain ? " of the domain" : "");
  };
  EXPECT_EQ(made("net  user svc_health * /add"), "svc_health");
  EXPECT_EQ(made("net user /ADD svc_health p4ss"), "svc_health");
  EXPECT_EQ(made("\"C:\\Windows\\System32\\net1.exe\" user \"web admin\" Secret1 /add /domain"),
            "web admin of the domain");
  EXPECT_EQ(made("cmd.exe /c net user helper x /add"), "helper");
  EXPECT_EQ(made("powershell New-LocalUser -Password $p -Name 'helper'"), "helper");
  EXPECT_EQ(made("net user o'brien x /add"), "o'brien");
  EXPECT_EQ(made("New-ADUser helper -Enabled $true"), "helper of the domain");
  for (const char* other : {"net user jane /domain", "net user jane /delete", "net localgroup administrators jane /add",
                            "net user", "netsh user x /add", "New-LocalUser", ""}) {
    EXPECT_EQ(made(other), "") << other;
  }
}

}  // namespace
}  // namespace spoor
