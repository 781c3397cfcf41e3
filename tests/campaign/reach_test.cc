// What a campaign's programs did that no rule knows: each way of finding it, and what looks like it but is not.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "campaign/campaign.h"

namespace spoor {
namespace {

constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr int64_t kStart = 1'750'000'000 * kSecond;
const char* const kPowerShell = "c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe";
const char* const kImplant = "c:\\programdata\\tools\\helper.exe";

// A machine `rmm` on which an implant runs, found by a rule of weight; and whatever a test adds.
class ReachTest : public testing::Test {
 protected:
  ReachTest() : files_({}), world_(files_) {
    rmm_ = Host("rmm", "provider");
    implant_ = Run(rmm_, "{1}", kImplant, "helper.exe", kStart, kNoThing, "provider");
    Find(implant_, rmm_, sigma::Level::kCritical, "Implant", "attack.t1055", kStart);
  }
  ThingId Host(const char* name, const char* tenant = "acme") {
    return world_.Add(ThingKind::kHost, tenant, kNoThing, name);
  }
  ThingId Address(const char* address, const char* tenant = "acme") {
    return world_.Add(ThingKind::kAddress, tenant, kNoThing, address);
  }
  ThingId Account(const char* name, const char* tenant = "acme") {
    return world_.Add(ThingKind::kAccount, tenant, kNoThing, name);
  }
  RecordPlace Place(int64_t time) { return {time, 0, ++record_, record_ * 10}; }
  ThingId Run(ThingId host, const char* guid, std::string_view image, std::string_view command, int64_t time,
              ThingId parent, const char* tenant = "acme") {
    Process process;
    process.thing = world_.Add(ThingKind::kProcess, tenant, host, guid);
    process.image = image;
    process.command = command;
    process.started = true;
    process.start = Place(time);
    world_.Tell(process);
    world_.Count(process.thing, time);
    if (parent != kNoThing) world_.Join(LinkKind::kStarted, parent, process.thing, process.start);
    return process.thing;
  }
  void RunScript(ThingId process, const char* script) {
    const ThingId thing = world_.Add(ThingKind::kScript, "acme", kNoThing, script);
    world_.Join(LinkKind::kUsed, process, thing, Place(kStart));
  }
  ThingId LogOn(ThingId host, const char* id, ThingId account, ThingId from, int64_t time, uint32_t type = 3) {
    const ThingId session = world_.Add(ThingKind::kSession, "acme", host, id);
    world_.Count(session, time);
    world_.Join(LinkKind::kOwns, account, session, Place(time));
    if (from != kNoThing) world_.Join(LinkKind::kOpenedSession, from, session, Place(time));
    world_.AddLogon(session, type, Place(time));
    return session;
  }
  // Of a management program: it starts something every day.
  ThingId AgentOn(ThingId host, const char* image = "c:\\program files\\agent\\agent.exe") {
    const ThingId agent = Run(host, "{4}", image, image, kStart - 30 * kDay, kNoThing);
    for (int day = 0; day < 6; ++day) {
      Run(host, ("{d" + std::to_string(day) + "}").c_str(), "c:\\windows\\system32\\wsc.exe", "wsc",
          kStart + day * kDay, agent);
    }
    return agent;
  }
  void Connect(ThingId process, ThingId to, int64_t time) {
    world_.Join(LinkKind::kConnected, process, to, Place(time));
  }
  // Traffic, as a sensor or a proxy tells it.
  void Reached(ThingId source, ThingId destination, int64_t time) {
    Flow flow{.source = source, .destination = destination, .port = 443, .count = 1, .first = time, .last = time};
    flow.first_place = flow.longest_place = flow.most_sent_place = Place(time);
    world_.AddFlow(flow);
  }
  void Find(ThingId about, ThingId host, sigma::Level level, const std::string& title, const std::string& tag,
            int64_t time) {
    FindingRecord finding;
    finding.time = time;
    finding.rule_number = static_cast<uint32_t>(clues_.rules.size());
    finding.level = level;
    finding.title = finding.rule_id = title;
    finding.tags = {tag};
    finding.path = "log";
    finding.record = ++record_;
    finding.offset = record_ * 10;
    clues_.Add(finding);
    found_.push_back({about, host});
  }
  void Settle() {
    const std::vector<ThingId> now = world_.Settle();
    for (size_t i = 0; i < found_.size(); ++i) {
      clues_.clues[i].about = now[found_[i].first];
      clues_.clues[i].at = now[found_[i].second];
    }
    result_ = FindCampaigns(world_, clues_, {});
  }
  // The one campaign there is to be.
  const Campaign& Trace() {
    Settle();
    EXPECT_EQ(result_.campaigns.size(), 1u);
    return result_.campaigns.front();
  }
  // "machine: title", of the steps and of what these say besides.
  std::set<std::string> Steps() {
    std::set<std::string> steps;
    for (const Step& step : Trace().steps) {
      steps.insert(step.host_name + ": " + step.title);
      for (const std::string& title : step.also) steps.insert(step.host_name + ": " + title);
    }
    return steps;
  }

  FileTable files_;
  World world_;
  Clues clues_;
  Campaigns result_;
  std::vector<std::pair<ThingId, ThingId>> found_;
  uint64_t record_ = 0;
  ThingId rmm_, implant_;
};

const char* const kLogon = "Logon from another machine as a program of the intruder's connected";

TEST_F(ReachTest, ALogonAsTheProgramConnectsIsTheIntruders) {
  const ThingId srv = Host("srv"), jane = Account("acme\\jane");
  Connect(implant_, Host("srv", "provider"), kStart + kDay);
  const ThingId session = LogOn(srv, "0x1", jane, Host("rmm"), kStart + kDay + kSecond);
  const ThingId shell =
      Run(srv, "{2}", "c:\\windows\\system32\\cmd.exe", "cmd /c dir", kStart + kDay + kMinute, kNoThing);
  world_.Join(LinkKind::kHas, session, shell, Place(kStart + kDay + kMinute));
  const auto steps = Steps();
  EXPECT_TRUE(steps.contains(std::string("srv: ") + kLogon));
  EXPECT_TRUE(steps.contains("srv: Programs run in the intruder's session"));
}

TEST_F(ReachTest, ALogonFromThereAtAnotherTimeIsNot) {
  const ThingId srv = Host("srv"), jane = Account("acme\\jane");
  Connect(implant_, Host("srv", "provider"), kStart + kDay);
  LogOn(srv, "0x1", jane, Host("rmm"), kStart + kDay + kHour);
  EXPECT_FALSE(Steps().contains(std::string("srv: ") + kLogon));
}

TEST_F(ReachTest, WithoutALogOfLogonsTheAccountThatWasUsedTells) {
  const ThingId srv = Host("srv"), there = Host("srv", "provider"), jane = Account("acme\\jane");
  Connect(implant_, there, kStart + kDay);
  world_.Join(LinkKind::kUsed, implant_, Account("acme\\jane", "provider"), Place(kStart + kDay));
  const ThingId session = LogOn(srv, "0x1", jane, kNoThing, kStart + kDay + kSecond);
  const ThingId shell =
      Run(srv, "{2}", "c:\\windows\\system32\\cmd.exe", "cmd /c dir", kStart + kDay + kMinute, kNoThing);
  world_.Join(LinkKind::kHas, session, shell, Place(kStart + kDay + kMinute));
  const auto steps = Steps();
  EXPECT_TRUE(steps.contains("srv: A program of the intruder's logged on to another machine"));
  EXPECT_TRUE(steps.contains("srv: Programs run in the intruder's session"));
}

// One program goes on to three machines, to two of them as the same: the record that tells of a connection says as
// whom.
TEST_F(ReachTest, AConnectionIsMadeAsTheAccountThatItsRecordNames) {
  const ThingId jane = Account("acme\\jane", "provider"), joe = Account("beta\\joe", "provider");
  Host("srv"), Host("db"), Host("web", "beta");
  int64_t time = kStart + kDay;
  for (const auto& [name, account] : {std::pair("srv", jane), {"web", joe}, {"db", jane}}) {
    const RecordPlace place = Place(time += kHour);
    world_.Join(LinkKind::kConnected, implant_, Host(name, "provider"), place);
    world_.Join(LinkKind::kUsed, implant_, account, place);
  }
  std::map<std::string, std::string> as;
  for (const Step& step : Trace().steps) {
    if (step.title == "A program of the intruder's logged on to another machine") as[step.host_name] = step.account;
  }
  EXPECT_EQ(as,
            (std::map<std::string, std::string>{{"db", "acme\\jane"}, {"srv", "acme\\jane"}, {"web", "beta\\joe"}}));
}

TEST_F(ReachTest, AConnectionThatNamesNoAccountIsOfWhoRunsTheProgram) {
  Host("srv");
  world_.Join(LinkKind::kUsed, implant_, Account("acme\\jane", "provider"), Place(kStart + kDay + kHour));
  Connect(implant_, Host("srv", "provider"), kStart + kDay);
  for (const Step& step : Trace().steps) {
    if (step.host_name == "srv") EXPECT_EQ(step.account, "") << step.title;
  }
}

TEST_F(ReachTest, ALogonRefusedTargetsAMachine) {
  const ThingId ws = Host("ws"), from = Address("10.0.0.9");
  world_.AddAddress(Host("rmm"), from);
  Connect(implant_, Host("srv", "provider"), kStart + kDay);
  world_.Join(LinkKind::kUsed, implant_, Account("acme\\jane", "provider"), Place(kStart + kDay));
  world_.Join(LinkKind::kTried, from, Account("acme\\jane"), Place(kStart + 2 * kDay));
  world_.Join(LinkKind::kTried, from, ws, Place(kStart + 2 * kDay));
  Run(ws, "{9}", "c:\\windows\\system32\\calc.exe", "calc", kStart, kNoThing);
  const Campaign& campaign = Trace();
  const auto hit = std::find_if(campaign.hosts.begin(), campaign.hosts.end(),
                                [&](const HostHit& h) { return world_.things()[h.host].name == "ws"; });
  ASSERT_NE(hit, campaign.hosts.end());
  EXPECT_EQ(hit->state, HostState::kTargeted);
}

TEST_F(ReachTest, AProgramThatOnlyTheyHaveIsTheirs) {
  const ThingId srv = Host("srv");
  Run(srv, "{2}", kImplant, "helper.exe -k", kStart + kDay, kNoThing);
  EXPECT_TRUE(Steps().contains("srv: A program that only the intruder's machines have"));
}

TEST_F(ReachTest, AProgramThatManyHaveIsNot) {
  for (const char* name : {"srv1", "srv2", "srv3", "srv4"})
    Run(Host(name), "{2}", kImplant, "helper.exe", kStart, kNoThing);
  for (const std::string& step : Steps()) EXPECT_TRUE(step.starts_with("rmm")) << step;
}

TEST_F(ReachTest, AProgramOfTheSystemIsNot) {
  Run(rmm_, "{2}", "c:\\windows\\system32\\nltest.exe", "nltest", kStart, implant_, "provider");
  Run(Host("srv"), "{3}", "c:\\windows\\system32\\nltest.exe", "nltest", kStart, kNoThing);
  for (const std::string& step : Steps()) EXPECT_TRUE(step.starts_with("rmm")) << step;
}

TEST_F(ReachTest, AServiceOfThatProgramIsTheirs) {
  const ThingId srv = Host("srv"), service = world_.Add(ThingKind::kService, "acme", srv, "helpsvc"),
                file = world_.Add(ThingKind::kFile, "acme", srv, std::string("\"") + kImplant + "\" -service");
  world_.Count(service, kStart + kDay);
  world_.Join(LinkKind::kUsed, service, file, Place(kStart + kDay));
  EXPECT_TRUE(Steps().contains("srv: A service or task that only the intruder's machines have"));
}

TEST_F(ReachTest, ATaskThatRunsThatProgramIsTheirs) {
  const ThingId srv = Host("srv"), task = world_.Add(ThingKind::kTask, "acme", srv, "\\updates"),
                file = world_.Add(ThingKind::kFile, "acme", srv, std::string(kImplant) + " -k");
  world_.Count(task, kStart + kDay);
  world_.Join(LinkKind::kUsed, task, file, Place(kStart + kDay));
  EXPECT_TRUE(Steps().contains("srv: A service or task that only the intruder's machines have"));
}

const char* const kScript = "get-childitem * -recurse -include *.docx, *.pdf";

TEST_F(ReachTest, AScriptThatSeveralOfTheirMachinesRanIsTheirs) {
  const ThingId srv1 = Host("srv1"), srv2 = Host("srv2");
  RunScript(implant_, kScript);
  RunScript(Run(srv1, "{2}", kImplant, "helper.exe", kStart, kNoThing), kScript);
  RunScript(Run(srv2, "{3}", kPowerShell, "powershell", kStart, kNoThing), kScript);
  EXPECT_TRUE(Steps().contains("srv2: A script that hardly any but the intruder's programs ran"));
}

TEST_F(ReachTest, AScriptThatOneOfTheirMachinesRanIsNot) {
  RunScript(implant_, kScript);
  RunScript(Run(Host("srv2"), "{3}", kPowerShell, "powershell", kStart, kNoThing), kScript);
  for (const std::string& step : Steps()) EXPECT_TRUE(step.starts_with("rmm")) << step;
}

// What PowerShell runs by itself, programs of the intruder's run, too.
TEST_F(ReachTest, AScriptThatOtherProgramsRunThereAsOftenIsNot) {
  const ThingId srv1 = Host("srv1"), srv2 = Host("srv2");
  RunScript(implant_, kScript);
  RunScript(Run(srv1, "{2}", kImplant, "helper.exe", kStart, kNoThing), kScript);
  for (const char* guid : {"{3}", "{4}"}) {
    RunScript(Run(srv1, guid, kPowerShell, "powershell", kStart, kNoThing), kScript);
  }
  RunScript(Run(srv2, "{5}", kPowerShell, "powershell", kStart, kNoThing), kScript);
  for (const std::string& step : Steps()) EXPECT_FALSE(step.starts_with("srv2")) << step;
}

TEST_F(ReachTest, AMachineOutsideThatOnlyTheyReachLeadsToOthers) {
  const ThingId srv = Host("srv"),
                other = Run(srv, "{2}", "c:\\windows\\system32\\rundll32.exe", "rundll32 x", kStart, kNoThing);
  Connect(implant_, Address("203.0.113.9", "provider"), kStart + kMinute);
  Connect(other, Address("203.0.113.9"), kStart + kDay);
  EXPECT_TRUE(Steps().contains("srv: It reached a machine outside that hardly any but the intruder's programs reach"));
}

// Its logs were emptied: of the machine there is the contact, which lasts, and that they were.
TEST_F(ReachTest, AMachineThatKeepsComingBackThereIsHeld) {
  const ThingId srv = Host("srv"), address = Address("10.1.0.9");
  world_.AddAddress(srv, address);
  Connect(implant_, Address("203.0.113.9", "provider"), kStart + kMinute);
  for (int day = 1; day < 10; ++day) Reached(address, Address("203.0.113.9"), kStart + day * kDay);
  Find(srv, srv, sigma::Level::kHigh, "Log emptied", "attack.t1070.001", kStart + 20 * kDay);
  EXPECT_TRUE(Steps().contains("srv: Log emptied"));
}

TEST_F(ReachTest, AMachineThatWasThereOnceIsNotHeld) {
  const ThingId srv = Host("srv"), address = Address("10.1.0.9");
  world_.AddAddress(srv, address);
  Connect(implant_, Address("203.0.113.9", "provider"), kStart + kMinute);
  Reached(address, Address("203.0.113.9"), kStart + kDay);
  Find(srv, srv, sigma::Level::kMedium, "Log emptied", "attack.t1070.001", kStart + 20 * kDay);
  EXPECT_FALSE(Steps().contains("srv: Log emptied"));
}

TEST_F(ReachTest, AMachineOutsideThatManyReachDoesNot) {
  Connect(implant_, Address("203.0.113.9", "provider"), kStart + kMinute);
  for (const char* name : {"srv1", "srv2", "srv3", "srv4"}) {
    Connect(Run(Host(name), "{2}", "c:\\windows\\system32\\svchost.exe", "svchost", kStart, kNoThing),
            Address("203.0.113.9"), kStart + kDay);
  }
  for (const std::string& step : Steps()) EXPECT_TRUE(step.starts_with("rmm")) << step;
}

TEST_F(ReachTest, WhatTheSchedulerRunsRightAfterTheirTaskIsTheirs) {
  const ThingId srv = Host("srv"), jane = Account("acme\\jane");
  Connect(implant_, Host("srv", "provider"), kStart + kDay);
  const ThingId session = LogOn(srv, "0x1", jane, Host("rmm"), kStart + kDay + kSecond);
  world_.Join(LinkKind::kCreated, session, world_.Add(ThingKind::kTask, "acme", srv, "\\xyz"),
              Place(kStart + kDay + 2 * kSecond));
  const ThingId scheduler =
      Run(srv, "{5}", "c:\\windows\\system32\\svchost.exe", "svchost.exe -k netsvcs -s Schedule", kStart, kNoThing);
  Run(srv, "{6}", "c:\\windows\\system32\\cmd.exe", "cmd /c whoami > c:\\x.tmp", kStart + kDay + 4 * kSecond,
      scheduler);
  Run(srv, "{7}", "c:\\windows\\system32\\defrag.exe", "defrag c:", kStart + kDay + kHour, scheduler);
  const auto steps = Steps();
  EXPECT_TRUE(steps.contains("srv: Run by the scheduler right after the intruder's task was made"));
  for (const Step& step : result_.campaigns.front().steps) EXPECT_EQ(step.summary.find("defrag"), std::string::npos);
}

TEST_F(ReachTest, WhatAnAgentRunsRightAfterTheirLogonOnItsServerIsTheirs) {
  const ThingId rmm = Host("mgmt", "provider"), srv = Host("srv"), bob = Account("provider\\bob", "provider");
  const ThingId agent = AgentOn(srv);
  const ThingId session = world_.Add(ThingKind::kSession, "provider", rmm, "0x7");
  world_.Join(LinkKind::kOwns, bob, session, Place(kStart + kDay));
  world_.Join(LinkKind::kOpenedSession, rmm_, session, Place(kStart + kDay));
  const ThingId script =
      Run(srv, "{8}", "c:\\windows\\system32\\cmd.exe", "cmd /c job.cmd", kStart + kDay + 40 * kSecond, agent);
  Find(script, srv, sigma::Level::kLow, "Question", "attack.t1082", kStart + kDay + 41 * kSecond);
  const ThingId later = Run(srv, "{9}", "c:\\windows\\system32\\cmd.exe", "cmd /c other.cmd", kStart + 2 * kDay, agent);
  Find(later, srv, sigma::Level::kLow, "Another", "attack.t1082", kStart + 2 * kDay);
  const auto steps = Steps();
  EXPECT_TRUE(steps.contains("srv: Question"));
  EXPECT_FALSE(steps.contains("srv: Another"));
}

// Who sits on the server of such agents logs on to it from there.
class ServerItselfTest : public ReachTest {
 protected:
  std::set<std::string> StepsAfterALogon(uint32_t type) {
    const ThingId srv = Host("srv"), bob = Account("provider\\bob", "provider");
    const ThingId agent = AgentOn(srv);
    const ThingId session = world_.Add(ThingKind::kSession, "provider", rmm_, "0x7");
    world_.Join(LinkKind::kOwns, bob, session, Place(kStart + kDay));
    world_.Join(LinkKind::kOpenedSession, rmm_, session, Place(kStart + kDay));
    world_.AddLogon(session, type, Place(kStart + kDay));
    const ThingId script =
        Run(srv, "{8}", "c:\\windows\\system32\\cmd.exe", "cmd /c job.cmd", kStart + kDay + 40 * kSecond, agent);
    Find(script, srv, sigma::Level::kLow, "Question", "attack.t1082", kStart + kDay + 41 * kSecond);
    return Steps();
  }
};

TEST_F(ServerItselfTest, APersonsLogonOntoTheMachineItselfCounts) {
  EXPECT_TRUE(StepsAfterALogon(3).contains("srv: Question"));
}
TEST_F(ServerItselfTest, AServicesDoesNot) { EXPECT_FALSE(StepsAfterALogon(5).contains("srv: Question")); }

TEST_F(ReachTest, WhatWeighsInASessionFromThereIsTheirs) {
  const ThingId srv = Host("srv"), jane = Account("acme\\jane");
  const ThingId session = LogOn(srv, "0x1", jane, Host("rmm"), kStart + 30 * kDay);
  const ThingId shell = Run(srv, "{2}", "c:\\windows\\system32\\cmd.exe", "cmd", kStart + 30 * kDay + kHour, kNoThing);
  world_.Join(LinkKind::kHas, session, shell, Place(kStart + 30 * kDay + kHour));
  Find(shell, srv, sigma::Level::kMedium, "Odd", "attack.t1059", kStart + 30 * kDay + kHour);
  EXPECT_TRUE(Steps().contains("srv: Odd"));
}

TEST_F(ReachTest, TheProgramThatConnectedBeforeSomebodyCameIsShown) {
  const ThingId ws = Host("ws"), jane = Account("acme\\jane");
  const ThingId source = Run(ws, "{3}", "c:\\windows\\system32\\powershell.exe", "powershell", kStart - kDay, kNoThing);
  Connect(source, Host("rmm"), kStart - 3 * kSecond);
  const ThingId session = world_.Add(ThingKind::kSession, "provider", rmm_, "0x9");
  world_.Join(LinkKind::kOwns, jane, session, Place(kStart - kSecond));
  world_.Join(LinkKind::kOpenedSession, ws, session, Place(kStart - kSecond));
  world_.Join(LinkKind::kHas, session, implant_, Place(kStart));
  EXPECT_TRUE(Steps().contains("ws: The program that connected right before the intruder came from there"));
  const Campaign& campaign = result_.campaigns.front();  // the way is from there, though it was found backwards
  ASSERT_EQ(campaign.paths.size(), 1u);
  EXPECT_EQ(campaign.paths[0].from_tenant, "acme");
  EXPECT_EQ(campaign.paths[0].to_tenant, "provider");
}

// A web shell on web2, used from an address outside; the same address sends data to a page of web1 that many ask.
class ReachByWebTest : public ReachTest {
 protected:
  ReachByWebTest() : web1_(Host("web1")), web2_(Host("web2")) {
    worker_ = Run(web2_, "{w}", "c:\\windows\\system32\\inetsrv\\w3wp.exe", "w3wp", kStart, kNoThing);
    const ThingId file = world_.Add(ThingKind::kFile, "acme", web2_, "c:\\inetpub\\wwwroot\\x.aspx");
    world_.Join(LinkKind::kWrote, worker_, file, Place(kStart + kHour));
    Find(worker_, web2_, sigma::Level::kCritical, "Web shell", "attack.t1505.003", kStart + kHour);
    Post(web2_, "/x.aspx", "203.0.113.80", kStart + 2 * kHour);
    for (int i = 0; i < 20; ++i)
      Post(web1_, "/search.aspx", ("198.51.100." + std::to_string(i)).c_str(), kStart + i * kMinute);
    Post(web1_, "/search.aspx", "203.0.113.80", kStart + kDay);
  }
  void Post(ThingId host, const char* page, const char* from, int64_t time) {
    world_.acts.Add({ActKind::kPosted, kNoThing, Address(from), world_.Add(ThingKind::kUrl, "acme", host, page), host},
                    Place(time), 1, false);
  }
  // Something odd on web1, so long after the intruder's address asked it.
  void OddOnWeb1(int64_t after, ThingId from = kNoThing) {
    const ThingId session = LogOn(web1_, "0x7", Account("web1\\admin"), from, kStart + kDay + after);
    Find(session, web1_, sigma::Level::kCritical, "Account created", "attack.t1136.001", kStart + kDay + after);
  }
  void ImplantOnWeb1(int64_t time) {
    const ThingId program = Run(web1_, "{9}", "c:\\x\\y.exe", "y.exe", time, kNoThing);
    world_.Join(LinkKind::kHas, LogOn(web1_, "0x8", Account("acme\\svc"), kNoThing, time, 2), program, Place(time));
    Find(program, web1_, sigma::Level::kCritical, "Implant", "attack.t1055", time);
  }
  // That of rmm is always one.
  size_t OtherCampaigns() {
    Settle();
    return result_.campaigns.size() - 1;
  }
  ThingId web1_, web2_, worker_;
};

TEST_F(ReachByWebTest, WhatBeginsRightAfterTheirAddressAskedIsTheirs) {
  OddOnWeb1(20 * kMinute);
  EXPECT_EQ(OtherCampaigns(), 1u);
  const std::string title =
      "Data sent to a web server from an address of the intruder's, right before something began on it";
  bool told = false;
  for (const Campaign& campaign : result_.campaigns) {
    for (const Step& step : campaign.steps) told |= step.title == title && step.summary.starts_with("/search.aspx");
  }
  EXPECT_TRUE(told);
}
TEST_F(ReachByWebTest, WhatBeginsHoursLaterIsNot) {
  OddOnWeb1(5 * kHour);
  EXPECT_EQ(OtherCampaigns(), 2u);
}
TEST_F(ReachByWebTest, WhatSomebodyDoesWhoCameFromElsewhereIsNot) {
  OddOnWeb1(20 * kMinute, Address("10.1.0.77"));
  EXPECT_EQ(OtherCampaigns(), 2u);
}
// They came in by the web server; something else began there by somebody's account, and nothing tells how.
TEST_F(ReachByWebTest, WhatBeganWithoutAWayInIsOfThoseWhoHadJustComeIn) {
  OddOnWeb1(20 * kMinute);
  ImplantOnWeb1(kStart + kDay + 9 * kHour);
  EXPECT_EQ(OtherCampaigns(), 1u);
}
TEST_F(ReachByWebTest, WhatBeganDaysLaterIsNot) {
  OddOnWeb1(20 * kMinute);
  ImplantOnWeb1(kStart + 4 * kDay);
  EXPECT_EQ(OtherCampaigns(), 2u);
}

// From the machine that they hold an administrator sets up a program on many machines, as was done before they came.
TEST_F(ReachTest, AProgramThatIsSetUpOnManyMachinesIsNoStepOfTheirs) {
  const auto set_up = [&](const std::string& name, const char* program, int64_t time) {
    const ThingId srv = Host(name.c_str());
    const ThingId session =
        LogOn(srv, std::to_string(time).c_str(), Account("acme\\bob"), Host("rmm", "provider"), time);
    const ThingId service = world_.Add(ThingKind::kService, "acme", srv, name.substr(0, 3));
    world_.Join(LinkKind::kCreated, session, service, Place(time));
    world_.Join(LinkKind::kUsed, service, world_.Add(ThingKind::kFile, "acme", srv, program), Place(time));
    Find(session, srv, sigma::Level::kLow, "Program written", "attack.t1021.002", time);
  };
  for (int i = 0; i < 12; ++i) {
    for (int day = 20; day < 24; ++day)
      set_up("old" + std::to_string(i), "c:\\program files\\agent\\agent.exe", kStart - day * kDay + i * kMinute);
  }
  for (int i = 0; i < 8; ++i) {
    set_up("new" + std::to_string(i), "c:\\program files\\updater\\updater.exe", kStart + kHour + i * kMinute);
    set_up("bad" + std::to_string(i), "c:\\programdata\\updater\\updater.exe", kStart + kHour + i * kMinute);
  }
  Settle();
  std::map<std::string, size_t> steps;
  for (const Step& step : result_.campaigns.front().steps) ++steps[step.host_name.substr(0, 3)];
  EXPECT_EQ(steps["new"], 0u);
  EXPECT_EQ(steps["old"], 0u);
  EXPECT_GT(steps["bad"], 0u);
}

// Two intrusions as far as rules tell; both had their commands run by the agents of one management program.
TEST_F(ReachTest, WhatTheSameAgentsRunInOneOrganisationWithinDaysIsOne) {
  for (const int days : {2, 20}) {
    const ThingId a = Host(("a" + std::to_string(days)).c_str()), b = Host(("b" + std::to_string(days)).c_str());
    const int64_t from = kStart + 60 * kDay * days;
    for (const auto& [host, time] : {std::pair(a, from), {b, from + days * kDay}}) {
      const ThingId shell = Run(host, "{6}", "c:\\windows\\system32\\cmd.exe", "cmd /c x", time, AgentOn(host));
      Find(shell, host, sigma::Level::kCritical, "Dump", "attack.t1003.001", time);
    }
  }
  Settle();
  EXPECT_EQ(result_.campaigns.size(), 1u + 1 + 2);  // rmm's, the two within days, and two
}

// On one machine, months apart: of an agent that is told; services.exe starts whatever there is.
TEST_F(ReachTest, WhatAnAgentStartedIsOneAndWhatServicesDidIsNot) {
  for (const char* image : {"c:\\program files\\agent\\agent.exe", "c:\\windows\\system32\\services.exe"}) {
    const ThingId host = Host(image), starter = AgentOn(host, image);
    for (const int day : {1, 90}) {
      const std::string number = "{" + std::to_string(day) + "}";
      const ThingId shell =
          Run(host, number.c_str(), "c:\\windows\\system32\\cmd.exe", "cmd /c x", kStart + day * kDay, starter);
      Find(shell, host, sigma::Level::kCritical, "Dump" + number, "attack.t1003.001", kStart + day * kDay);
    }
  }
  Settle();
  std::set<std::string> whys;
  for (const Campaign& campaign : result_.campaigns) {
    for (const Join& join : campaign.joins) whys.insert(join.why);
  }
  EXPECT_TRUE(whys.contains("agent.exe started both"));
  EXPECT_FALSE(whys.contains("services.exe started both"));
}

class EmptiedTest : public ReachTest {
 protected:
  EmptiedTest() : beside_(Host("fs1", "provider")) {
    Find(Run(rmm_, "{8}", "c:\\x\\y.exe", "y", kStart + 20 * kDay, implant_, "provider"), rmm_, sigma::Level::kHigh,
         "Theft", "attack.t1041", kStart + 20 * kDay);
  }
  ThingId beside_;
};
TEST_F(EmptiedTest, ALogEmptiedWhereTheyWereIsTheirs) {
  Find(beside_, beside_, sigma::Level::kHigh, "Log emptied", "attack.t1070.001", kStart + 9 * kDay);
  EXPECT_TRUE(Steps().contains("fs1: Log emptied"));
  EXPECT_NEAR(result_.campaigns.front().joins.back().strength, 0.4, 1e-9);
}
TEST_F(EmptiedTest, OneEmptiedWeeksLaterIsNot) {
  Find(beside_, beside_, sigma::Level::kHigh, "Log emptied", "attack.t1070.001", kStart + 40 * kDay);
  Settle();
  EXPECT_EQ(result_.campaigns.size(), 2u);
}
TEST_F(EmptiedTest, OneInAnotherOrganisationIsNot) {
  const ThingId other = Host("fs1", "acme");
  Find(other, other, sigma::Level::kHigh, "Log emptied", "attack.t1070.001", kStart + 9 * kDay);
  Settle();
  EXPECT_EQ(result_.campaigns.size(), 2u);
}

// A session of a cloud, from the machine of the intruder's, is on no machine; an agent runs something right then.
TEST_F(ReachTest, ASignInOfACloudIsOnNoManagementServer) {
  const ThingId srv = Host("srv"), agent = AgentOn(srv), jane = Account("jane@acme.example");
  const ThingId session = world_.Add(ThingKind::kSession, "acme", kNoThing, "jane, 10.1.0.5");
  world_.Join(LinkKind::kOwns, jane, session, Place(kStart + kDay));
  world_.Join(LinkKind::kOpenedSession, Host("rmm", "provider"), session, Place(kStart + kDay));
  const ThingId shell =
      Run(srv, "{6}", "c:\\windows\\system32\\cmd.exe", "cmd /c whoami", kStart + kDay + 30 * kSecond, agent);
  Find(shell, srv, sigma::Level::kLow, "Question", "attack.t1033", kStart + kDay + 30 * kSecond);
  EXPECT_FALSE(Steps().contains("srv: Question"));
}

TEST_F(ReachTest, ANumberOfMuchEvidenceIsAskedForAndLessOfShort) {
  World shorter(files_), longer(files_);
  for (World* world : {&shorter, &longer}) {
    const ThingId host = world->Add(ThingKind::kHost, "", kNoThing, "h"),
                  session = world->Add(ThingKind::kSession, "", host, "0x1");
    world->Count(session, kStart);
    world->Count(session, kStart + (world == &shorter ? kMinute : 4000 * kDay));
  }
  EXPECT_EQ(EnoughFor(shorter), 1);
  EXPECT_EQ(EnoughFor(longer), 10);
}

}  // namespace
}  // namespace spoor
