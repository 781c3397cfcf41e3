// What of a campaign says whom it resembles: its techniques, and what its logs cannot show.
#include "campaign/actors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spoor {
namespace {

class ActorsTest : public testing::Test {
 protected:
  ActorsTest() : files_({}), world_(files_) {
    for (const char* technique : {"T1059.001", "T1003.001", "T1021.002", "T1190"}) {
      Step step;
      step.techniques = {technique};
      step.title = technique;
      step.weight = 10;
      campaign_.steps.push_back(step);
    }
    for (const char* name : {"ws1", "ws2"}) Hit(ThingKind::kHost, name);
  }
  ThingId Hit(ThingKind kind, const char* name) {
    const ThingId host = world_.Add(kind, "acme", kNoThing, name);
    campaign_.hosts.push_back({host, HostState::kCompromised, 1, ""});
    return host;
  }
  void Miss(ThingId host, const char* missing, int64_t until = 0) {
    campaign_.gaps.push_back({host, missing, {"execution", "persistence", "discovery"}, until});
  }
  // What speaks against the first actor, and how probable each is.
  std::string Guess() const {
    std::string told;
    for (const ActorGuess& guess : GuessActors(ObservedOf(world_, campaign_), 3)) {
      told += guess.id + " " + std::to_string(guess.probability);
      for (const std::string& against : guess.speaks_against) told += "; " + against;
      told += "\n";
    }
    return told;
  }

  FileTable files_;
  World world_;
  Campaign campaign_;
};

TEST_F(ActorsTest, NothingIsGuessedOfNoTechnique) {
  campaign_.steps.clear();
  EXPECT_TRUE(GuessActors(ObservedOf(world_, campaign_), 3).empty());
}

TEST_F(ActorsTest, WhatNoLogCouldShowSpeaksAgainstNobody) {
  const std::string seen = Guess();
  for (const HostHit& hit : campaign_.hosts) Miss(hit.host, "which programs were started");
  EXPECT_NE(Guess(), seen);
  // Routers say nothing of programs, and are not asked.
  const std::string hidden = Guess();
  Hit(ThingKind::kDevice, "router");
  EXPECT_EQ(Guess(), hidden);
}

TEST_F(ActorsTest, WhatSomeLogShowsIsSeen) {
  const std::string seen = Guess();
  // One machine misses two logs that would show it, the other has them.
  Miss(campaign_.hosts[0].host, "which programs were started");
  Miss(campaign_.hosts[0].host, "which files were written");
  // A part of the time is missing.
  Miss(campaign_.hosts[1].host, "who logged on", 5);
  // Machines where they were not seen.
  for (const char* name : {"a", "b", "c"}) {
    Miss(world_.Add(ThingKind::kHost, "acme", kNoThing, name), "which programs were started");
  }
  Miss(kNoThing, "how they came in");
  EXPECT_EQ(Guess(), seen);
}

}  // namespace
}  // namespace spoor
