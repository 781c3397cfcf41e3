#include "campaign/shown_routers.h"

#include <gtest/gtest.h>

#include "support/acts_world.h"

namespace spoor {
namespace {

class RoutersTest : public testing::Test {
 protected:
  RoutersTest() : router_(w_.world.Add(ThingKind::kDevice, "acme", kNoThing, "openwrt in router.log")) {}
  void Login(const std::string& from, int day, int second) {
    w_.Do(ActKind::kAdminLogin, w_.Account("root"), w_.Address(from), day, second, kNoThing, router_);
  }
  void Fail(const std::string& from, int day, int second) {
    w_.Do(ActKind::kAdminFailed, kNoThing, w_.Address(from), day, second, kNoThing, router_);
  }
  void Change(int day, int second) {
    w_.Do(ActKind::kReconfigured, kNoThing, kNoThing, day, second, kNoThing, router_);
  }
  RoutersShown Run() {
    w_.world.Settle();
    return ShownByRouters(w_.world);
  }
  ActsWorld w_;
  ThingId router_;
};

TEST_F(RoutersTest, GuessesALoginAndAChangeAreTwoSteps) {
  Fail("198.51.100.200", 3, 100);
  Login("198.51.100.200", 3, 300);
  Change(3, 400);
  Change(9, 400);  // of its own
  w_.Do(ActKind::kGotAddress, kNoThing, kNoThing, 1, 1, w_.Address("198.51.100.8"), router_);
  const RoutersShown found = Run();
  const Shown *const tried = Find(found.shown, "T1595.002"), *const taken = Find(found.shown, "T1584.008");
  ASSERT_NE(tried, nullptr);
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(taken->places.size(), 2u);
  EXPECT_DOUBLE_EQ(taken->weight, 4.5);
  ASSERT_TRUE(found.marked.contains("198.51.100.200"));
  EXPECT_FALSE(found.marked.at("198.51.100.200").home);
  ASSERT_TRUE(found.marked.contains("198.51.100.8"));
  EXPECT_TRUE(found.marked.at("198.51.100.8").home);
}

TEST_F(RoutersTest, GuessesAloneAreTheNoiseOfTheWorld) {
  for (int day = 0; day < 30; ++day) Fail("198.51.100.200", day, 100);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(RoutersTest, TheOwnerFromInsideMayChangeWhatTheyLike) {
  Fail("192.168.1.20", 3, 100);
  Login("192.168.1.20", 3, 300);
  Change(3, 400);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(RoutersTest, WhoComesAgainAndAgainFromOutsideIsTheOwnerAtWork) {
  for (int day = 0; day < 6; ++day) {
    Login("203.0.113.1", day, 300);
    Change(day, 400);
  }
  EXPECT_TRUE(Run().shown.empty());
}

}  // namespace
}  // namespace spoor
