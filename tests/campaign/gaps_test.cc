// What the evidence of a campaign cannot show.
#include "campaign/gaps.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace spoor {
namespace {

constexpr int64_t kDay = 86'400'000'000, kStart = 20'000 * kDay;

class GapsTest : public testing::Test {
 protected:
  GapsTest() : files_({}), world_(files_) {
    campaign_.first = kStart;
    campaign_.last = kStart + 30 * kDay;
    const ThingId ws = Host("ws", "acme");
    LogOn(ws, kStart - 9 * kDay);
    campaign_.hosts.push_back({ws, HostState::kCompromised, kStart, ""});
  }
  ThingId Host(const char* name, const char* tenant) { return world_.Add(ThingKind::kHost, tenant, kNoThing, name); }
  void LogOn(ThingId host, int64_t time) {
    const ThingId session =
        world_.Add(ThingKind::kSession, world_.tenant(world_.things()[host]), host, std::to_string(time));
    world_.AddLogon(session, 3, {time, 0, 1, 1});
  }
  std::string NameOf(const Gap& gap) const {
    return world_.tenant(world_.things()[gap.host]) + "/" + world_.things()[gap.host].name;
  }
  // Machines of whose logons a part is missing, with the day.
  std::map<std::string, int64_t> Late() {
    const Sights sights(world_);
    std::map<std::string, int64_t> late;
    for (const Gap& gap : FindGaps(world_, sights, campaign_)) {
      if (gap.until != 0) late[NameOf(gap)] = (gap.until - kStart) / kDay;
    }
    return late;
  }

  FileTable files_;
  World world_;
  Campaign campaign_;
};

TEST_F(GapsTest, LogsThatBeginAfterTheyCameMayHideThem) {
  const ThingId srv = Host("srv", "acme");
  LogOn(srv, kStart + 9 * kDay);
  LogOn(srv, kStart + 5 * kDay);
  EXPECT_EQ(Late(), (std::map<std::string, int64_t>{{"acme/srv", 5}}));
}

TEST_F(GapsTest, LogsThatBeganBeforeOrRightThenOrInOtherOrganisationsDoNot) {
  LogOn(Host("before", "acme"), kStart - kDay);
  LogOn(Host("then", "acme"), kStart + kDay / 2);
  LogOn(Host("elsewhere", "globex"), kStart + 5 * kDay);
  LogOn(Host("after", "acme"), kStart + 31 * kDay);
  EXPECT_EQ(Late(), (std::map<std::string, int64_t>{}));
}

TEST_F(GapsTest, WhatIsToldOfAMachineThatTheyOnlyTriedMeansNothing) {
  campaign_.hosts.push_back({Host("tried", "globex"), HostState::kTargeted, kStart, ""});
  LogOn(Host("srv", "globex"), kStart + 5 * kDay);
  EXPECT_EQ(Late(), (std::map<std::string, int64_t>{}));
}

TEST_F(GapsTest, MachinesWhereTheyCouldNotHaveBeenSeenAreNamed) {
  const ThingId seen = Host("seen", "acme"), blind = Host("blind", "acme"), other = Host("other", "globex");
  for (const ThingId host : {seen, blind, other}) LogOn(host, kStart - kDay);
  const ThingId parent = world_.Add(ThingKind::kProcess, "acme", seen, "{1}"),
                process = world_.Add(ThingKind::kProcess, "acme", seen, "{2}");
  world_.Join(LinkKind::kStarted, parent, process, {kStart, 0, 1, 1});
  std::vector<std::string> named;
  for (const Gap& gap : FindGaps(world_, Sights(world_), campaign_)) {
    if (gap.missing == "which programs were started, on machines where they were not seen")
      named.push_back(NameOf(gap));
  }
  EXPECT_EQ(named, std::vector<std::string>{"acme/blind"});
}

TEST(MissingText, HasTheDay) {
  EXPECT_EQ(MissingText({0, "who logged on", {}, 0}), "who logged on");
  EXPECT_EQ(MissingText({0, "who logged on", {}, 20'000 * kDay}),
            "who logged on before 2024-10-04, as its logs tell of none until then");
}

}  // namespace
}  // namespace spoor
