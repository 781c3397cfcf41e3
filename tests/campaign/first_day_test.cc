// Where a campaign began: the first machine and account, what else it may have been, and how long it went on.
#include "campaign/first_day.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>

#include "base/text.h"
#include "cli/builtin_rules.h"
#include "story/render.h"
#include "support/read_events.h"

namespace spoor {
namespace {

// Logs of Windows machines as JSON, a file for each. Times are "2026-03-02 08:30:00".
class Logs {
 public:
  // `from`: an address.
  void Logon(const std::string& host, const std::string& time, const std::string& session, const std::string& user,
             const std::string& from, int type = 3) {
    Line(host, time, "Security", 4624,
         {{"TargetUserName", user},
          {"TargetDomainName", "ACME"},
          {"TargetLogonId", session},
          {"LogonType", std::to_string(type)},
          {"IpAddress", from},
          {"WorkstationName", "-"}});
  }
  // `number`, `parent`: of the processes.
  void Start(const std::string& host, const std::string& time, const std::string& session, const std::string& user,
             int number, const std::string& command, int parent, const std::string& parent_image) {
    const std::string image = "C:\\Windows\\System32\\" + command.substr(0, command.find(' '));
    Line(host, time, "Microsoft-Windows-Sysmon/Operational", 1,
         {{"ProcessGuid", Guid(host, number)},
          {"ProcessId", std::to_string(1000 + number)},
          {"Image", image},
          {"CommandLine", command},
          {"ParentProcessGuid", Guid(host, parent)},
          {"ParentProcessId", std::to_string(1000 + parent)},
          {"ParentImage", parent_image},
          {"User", "ACME\\" + user},
          {"LogonId", session}});
  }
  void Reach(const std::string& host, const std::string& time, int number, const std::string& own,
             const std::string& to) {
    Line(host, time, "Microsoft-Windows-Sysmon/Operational", 3,
         {{"ProcessGuid", Guid(host, number)},
          {"ProcessId", std::to_string(1000 + number)},
          {"Image", "C:\\Windows\\System32\\powershell.exe"},
          {"Initiated", "true"},
          {"SourceIp", own},
          {"DestinationIp", to},
          {"DestinationPort", "443"}});
  }

  Campaigns Traced() {
    for (const auto& [host, text] : files_) std::ofstream(folder_ / (host + ".jsonl"), std::ios::binary) << text;
    HuntOptions options;
    options.digest = false;
    options.jobs = 2;
    const std::atomic<bool> stop{false};
    result_ = Trace(*ListEvidence({folder_.path()}, {}), LoadBuiltInRules({}, {}), sigma::SourceMap::BuiltIn(), options,
                    {}, stop, nullptr);
    return result_.found;
  }
  const std::string& NameOf(ThingId thing) const { return result_.world->things()[thing].name; }

 private:
  static std::string Guid(const std::string& host, int number) {
    char guid[64];
    std::snprintf(guid, sizeof guid, "{%08x-0000-0000-0000-%012d}", static_cast<unsigned>(host.back()), number);
    return guid;
  }
  void Line(const std::string& host, const std::string& time, const char* channel, int id,
            const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string& out = files_[host];
    out += "{\"EventTime\":\"" + time + "\",\"Hostname\":\"" + host + "\",\"Channel\":\"" + channel +
           "\",\"EventID\":" + std::to_string(id) + ",\"RecordNumber\":" + std::to_string(++records_);
    for (const auto& [name, value] : fields) out += "," + JsonString(name) + ":" + JsonString(value);
    out += "}\n";
  }

  test::TemporaryFolder folder_;
  std::map<std::string, std::string> files_;
  int records_ = 0;
  TraceResult result_;
};

constexpr char kShell[] = "powershell.exe -w hidden -enc SQBFAFgA";
constexpr char kDump[] = "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 836 C:\\Windows\\Temp\\x.dmp full";
constexpr char kWord[] = "C:\\Program Files\\Office\\WINWORD.EXE";

// A document on ws1 starts a shell, which reaches out.
void AddEntry(Logs* logs) {
  logs->Logon("ws1", "2026-03-02 08:00:00", "0x51111", "jane", "127.0.0.1", 2);
  logs->Start("ws1", "2026-03-02 08:30:00", "0x51111", "jane", 3, kShell, 2, kWord);
  logs->Reach("ws1", "2026-03-02 08:30:05", 3, "10.1.0.5", "203.0.113.7");
}
// From ws1 somebody starts a program on srv2.
void AddSpread(Logs* logs, const std::string& minute) {
  logs->Logon("srv2", "2026-03-02 08:" + minute + ":00", "0x92222", "jane", "10.1.0.5");
  logs->Start("srv2", "2026-03-02 08:" + minute + ":02", "0x92222", "jane", 5,
              "cmd.exe /c tasklist > C:\\Windows\\Temp\\t.txt", 4, "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe");
}

TEST(FirstDay, TheMachineThatWasReachedIsNotWhereItBegan) {
  Logs logs;
  AddEntry(&logs);
  AddSpread(&logs, "40");
  const Campaigns found = logs.Traced();
  ASSERT_EQ(found.campaigns.size(), 1u);
  EXPECT_EQ(found.campaigns[0].hosts.size(), 2u);
  ASSERT_EQ(found.campaigns[0].first_days.size(), 1u);
  const FirstDay& day = found.campaigns[0].first_days[0];
  EXPECT_EQ(logs.NameOf(day.host), "ws1");
  EXPECT_EQ(day.account, "acme\\jane");
  EXPECT_EQ(day.how, "Office program starts a shell");
  EXPECT_EQ(day.time, 1772440200'000'000);  // 2026-03-02 08:30
  EXPECT_EQ(day.records.size(), 1u);
  EXPECT_TRUE(day.alternatives.empty());
  EXPECT_EQ(found.campaigns[0].dwell.last - found.campaigns[0].dwell.first, 602'000'000);
}

TEST(FirstDay, ClocksThatAreApartDoNotTurnItRound) {
  Logs logs;
  AddEntry(&logs);
  AddSpread(&logs, "28");  // before that from which it came, by the clock of srv2
  const Campaigns found = logs.Traced();
  ASSERT_EQ(found.campaigns.size(), 1u);
  ASSERT_EQ(found.campaigns[0].first_days.size(), 1u);
  EXPECT_EQ(logs.NameOf(found.campaigns[0].first_days[0].host), "ws1");
}

TEST(FirstDay, AMachineWhoseLogsBeginLaterMayHaveBeenFirst) {
  Logs logs;
  AddEntry(&logs);
  logs.Logon("srv3", "2026-03-05 10:00:00", "0x71111", "bob", "127.0.0.1", 2);
  logs.Start("srv3", "2026-03-05 10:10:00", "0x71111", "bob", 3, kDump, 2, "C:\\Windows\\System32\\cmd.exe");
  logs.Reach("srv3", "2026-03-05 10:10:05", 3, "10.1.0.9", "203.0.113.7");
  const Campaigns found = logs.Traced();
  ASSERT_EQ(found.campaigns.size(), 1u);
  ASSERT_EQ(found.campaigns[0].first_days.size(), 1u);
  const FirstDay& day = found.campaigns[0].first_days[0];
  EXPECT_EQ(logs.NameOf(day.host), "ws1");
  ASSERT_EQ(day.alternatives.size(), 1u);
  EXPECT_EQ(logs.NameOf(day.alternatives[0].host), "srv3");
  EXPECT_EQ(day.alternatives[0].why, "its logs begin later");
  // Nor does anything show how they came onto it.
  bool gap = false;
  for (const Gap& g : found.campaigns[0].gaps) {
    gap |= g.missing == "how they came onto the machine" && logs.NameOf(g.host) == "srv3";
  }
  EXPECT_TRUE(gap);
  // Three days but for the minutes of the first, of which all are silent.
  const Dwell& dwell = found.campaigns[0].dwell;
  EXPECT_EQ(dwell.silent_until - dwell.silent_from, ((3 * 24 * 60 + 100) * 60 - 5) * int64_t{1'000'000});
}

TEST(FirstDay, WhatIsTooWeakToBeSureIsNamedBesideIt) {
  Logs logs;
  AddEntry(&logs);
  logs.Start("ws1", "2026-03-02 07:50:00", "0x51111", "jane", 8, "whoami.exe /groups", 7,
             "C:\\Windows\\System32\\cmd.exe");
  logs.Start("ws1", "2026-03-02 07:51:00", "0x51111", "jane", 9, "systeminfo.exe", 7, "C:\\Windows\\System32\\cmd.exe");
  const Campaigns found = logs.Traced();
  ASSERT_EQ(found.campaigns.size(), 1u);
  const FirstDay& day = found.campaigns[0].first_days.at(0);
  EXPECT_EQ(day.time, 1772440200'000'000);
  ASSERT_EQ(day.alternatives.size(), 1u);
  EXPECT_EQ(logs.NameOf(day.alternatives[0].host), "ws1");
  EXPECT_TRUE(day.alternatives[0].why.starts_with("an earlier sign, too weak")) << day.alternatives[0].why;
}

TEST(FirstDay, WhereNoRecordShowsItItIsSaid) {
  Logs logs;
  logs.Start("ws1", "2026-03-02 08:30:00", "0x51111", "jane", 3, kDump, 2, "C:\\Windows\\System32\\cmd.exe");
  logs.Start("ws1", "2026-03-02 08:31:00", "0x51111", "jane", 4, "net.exe group \"domain admins\" /domain", 3,
             "C:\\Windows\\System32\\powershell.exe");
  const Campaigns found = logs.Traced();
  ASSERT_EQ(found.campaigns.size(), 1u);
  const FirstDay& day = found.campaigns[0].first_days.at(0);
  EXPECT_EQ(day.how, "");
  EXPECT_EQ(day.account, "acme\\jane");
  EXPECT_EQ(day.records.size(), 1u);
}

}  // namespace
}  // namespace spoor
