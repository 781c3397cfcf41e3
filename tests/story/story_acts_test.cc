// What a person reads together: visits to machines, and what is one line of them.
#include "story/story_acts.h"

#include <gtest/gtest.h>

#include "campaign/stages.h"

namespace spoor {
namespace {

constexpr int64_t kHour = 3'600'000'000;

Step Make(const std::string& host, int64_t hour, const std::string& technique, const std::string& tactic) {
  Step step;
  step.tenant = "acme";
  step.host_name = host;
  step.first = step.last = hour * kHour;
  step.technique = technique;
  step.stage = StageOf(technique, {tactic});
  return step;
}
Step Contact(const std::string& host, int64_t hour, const std::string& contact) {
  Step step = Make(host, hour, "T1071", "command-and-control");
  step.contact = contact;
  return step;
}
std::vector<std::string> StagesOf(const StoryAct& act) {
  std::vector<std::string> names;
  for (const StoryLine& line : LinesOf(act)) names.push_back(Stages()[static_cast<size_t>(line.stage)].name);
  return names;
}

TEST(StoryActs, ALongPauseBeginsAnotherVisit) {
  Campaign campaign;
  campaign.steps = {Make("ws1", 0, "T1082", "discovery"), Make("ws1", 11, "T1057", "discovery"),
                    Make("ws1", 40, "T1033", "discovery")};
  const std::vector<StoryAct> acts = ActsOf(campaign);
  ASSERT_EQ(acts.size(), 2u);
  EXPECT_EQ(acts[0].steps.size(), 2u);
}

TEST(StoryActs, WhereContactIsAllThereIsItIsToldByWithWhom) {
  Campaign campaign;
  campaign.steps = {Contact("ws1", 0, "203.0.113.9"), Contact("ws2", 30, "203.0.113.9"),
                    Make("ws3", 50, "T1003.001", "credential-access"), Contact("ws3", 51, "203.0.113.9"),
                    Contact("ws1", 70, "203.0.113.10")};
  const std::vector<StoryAct> acts = ActsOf(campaign);
  ASSERT_EQ(acts.size(), 3u);
  EXPECT_EQ(acts[0].contact, "203.0.113.9");
  EXPECT_EQ(acts[0].steps.size(), 2u);
  EXPECT_EQ(acts[0].last, 30 * kHour);
  EXPECT_EQ(acts[1].contact, "");  // with what else was done in that visit
  EXPECT_EQ(acts[1].steps.size(), 2u);
  EXPECT_EQ(acts[2].contact, "203.0.113.10");
}

Step Came(const std::string& name, ThingId host, ThingId from, int64_t minute) {
  Step step = Make(name, 0, "T1021", "lateral-movement");
  step.first = step.last = minute * kHour / 60;
  step.host = host;
  step.from = from;
  return step;
}

TEST(StoryActs, HowSomebodyCameRightIntoTheNextMachineIsToldThere) {
  Campaign campaign;
  campaign.steps = {Came("rmm", 2, 1, 0), Came("srv", 3, 2, 1), Make("srv", 1, "T1082", "discovery")};
  campaign.steps[2].host = 3;
  const std::vector<StoryAct> acts = ActsOf(campaign);
  ASSERT_EQ(acts.size(), 1u);
  EXPECT_EQ(acts[0].steps.front()->host_name, "srv");
  EXPECT_EQ(acts[0].steps.back()->host_name, "rmm");
  EXPECT_EQ(StagesOf(acts[0]), (std::vector<std::string>{"spread", "discovery"}));
}

TEST(StoryActs, HowSomebodyLeftRightIntoTheNextMachineIsToldThere) {
  Campaign campaign;
  campaign.steps = {Came("jump", 2, kNoThing, 0), Came("srv", 3, 2, 1)};
  EXPECT_EQ(ActsOf(campaign).size(), 1u);
}

TEST(StoryActs, AVisitOfItsOwnIsWhatIsLaterOrLeadsElsewhereOrShowsMore) {
  for (const auto& [from, minute] : {std::pair(2, 10), std::pair(9, 1)}) {
    Campaign campaign;
    campaign.steps = {Came("rmm", 2, 1, 0), Came("srv", 3, static_cast<ThingId>(from), minute)};
    EXPECT_EQ(ActsOf(campaign).size(), 2u) << from << " " << minute;
  }
  Campaign campaign;
  campaign.steps = {Came("rmm", 2, 1, 0), Make("rmm", 0, "T1082", "discovery"), Came("srv", 3, 2, 1)};
  campaign.steps[1].host = 2;
  EXPECT_EQ(ActsOf(campaign).size(), 2u);
}

TEST(StoryActs, WhatWasTriedInVainFromOneMachineIsToldTogether) {
  Campaign campaign;
  campaign.steps = {Came("ws1", 3, 1, 0), Came("ws2", 4, 1, 60 * 24), Came("srv", 5, 1, 60 * 30),
                    Came("ws3", 6, 2, 60 * 40), Came("ws4", 7, 1, 60 * 24 * 20)};
  for (Step& step : campaign.steps) step.in_vain = step.host_name != "srv";
  const std::vector<StoryAct> acts = ActsOf(campaign);
  ASSERT_EQ(acts.size(), 4u);  // ws3 from elsewhere, ws4 weeks later
  EXPECT_EQ(acts[0].tried_from, 1u);
  EXPECT_EQ(acts[0].steps.size(), 2u);
  EXPECT_EQ(acts[0].last, 24 * kHour);
  EXPECT_EQ(acts[1].steps.front()->host_name, "srv");
  for (size_t i = 1; i < acts.size(); ++i) EXPECT_EQ(acts[i].tried_from, kNoThing);
}

TEST(StoryActs, AnAccountOfACloudIsOneVisitAndOneLine) {
  Campaign campaign;
  for (const auto& [hour, technique] :
       {std::pair(0, "T1078.004"), std::pair(400, "T1114.003"), std::pair(900, "T1114.002")}) {
    campaign.steps.push_back(Make("", hour, technique, "collection"));
    campaign.steps.back().account = "jane@acme.example";
  }
  const std::vector<StoryAct> acts = ActsOf(campaign);
  ASSERT_EQ(acts.size(), 1u);
  EXPECT_EQ(StagesOf(acts[0]), std::vector<std::string>{"mail and cloud accounts"});
}

TEST(StoryActs, WhatServesAnotherStageIsToldWithItWhereThatIsThere) {
  Campaign campaign;
  campaign.steps = {Make("ws1", 0, "T1082", "discovery"), Make("ws1", 1, "T1003.001", "credential-access"),
                    Make("ws1", 2, "T1068", "privilege-escalation")};
  EXPECT_EQ(StagesOf(ActsOf(campaign)[0]), (std::vector<std::string>{"credentials", "privilege"}));
  campaign.steps.erase(campaign.steps.begin() + 1);
  EXPECT_EQ(StagesOf(ActsOf(campaign)[0]), (std::vector<std::string>{"discovery", "privilege"}));
  // Of several the first that is there.
  campaign.steps = {Make("ws1", 0, "T1102", "command-and-control"), Make("ws1", 1, "T1567.002", "exfiltration")};
  EXPECT_EQ(StagesOf(ActsOf(campaign)[0]), std::vector<std::string>{"collection and theft"});
  campaign.steps.push_back(Make("ws1", 2, "T1055", "persistence"));
  EXPECT_EQ(StagesOf(ActsOf(campaign)[0]), (std::vector<std::string>{"implant", "collection and theft"}));
}

TEST(StoryActs, ThatAProcessHasAllRightsIsToldWithWhatElseItIs) {
  Campaign campaign;
  campaign.steps = {Make("ws1", 0, "T1204.002", "execution"), Make("ws1", 0, "T1068", "privilege-escalation")};
  campaign.steps[0].about = campaign.steps[1].about = 7;
  EXPECT_EQ(StagesOf(ActsOf(campaign)[0]), std::vector<std::string>{"entry"});
  campaign.steps[1].about = 8;
  EXPECT_EQ(StagesOf(ActsOf(campaign)[0]), (std::vector<std::string>{"entry", "privilege"}));
}

TEST(StoryActs, WhatShowsNoTechniqueIsToldOnlyWhereNothingElseIs) {
  Campaign campaign;
  campaign.steps = {Make("ws1", 0, "", "execution"), Make("ws1", 1, "T1082", "discovery")};
  EXPECT_EQ(LinesOf(ActsOf(campaign)[0]).size(), 1u);
  campaign.steps.pop_back();
  EXPECT_EQ(LinesOf(ActsOf(campaign)[0]).size(), 1u);
}

}  // namespace
}  // namespace spoor
