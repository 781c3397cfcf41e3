#include "world/acts.h"

#include <gtest/gtest.h>

#include "support/acts_world.h"

namespace spoor {
namespace {

TEST(Acts, WhatIsAlikeIsOne) {
  ActsWorld w;
  const ThingId jane = w.Account("jane@acme.example"), home = w.Address("198.51.100.2");
  w.Work(jane, home, 0, 3);
  w.Do(ActKind::kReadMail, jane, home, 1, 5);
  ASSERT_EQ(w.world.acts.all().size(), 2u);
  const Act& act = w.world.acts.all()[0];
  EXPECT_EQ(act.count, 3u);
  EXPECT_EQ(act.days.size(), 3u);
  EXPECT_EQ(act.places.size(), 3u);
  EXPECT_EQ(act.ways.size(), 1u);
}

TEST(Acts, TheFirstRecordsAreKeptWhoeverFoundThemFirst) {
  ActsWorld early[2], late[2];
  for (const auto& [worlds, day] : {std::pair(early, 1), std::pair(late, 2)}) {
    for (int w = 0; w < 2; ++w) {
      const ThingId jane = worlds[w].Account("jane@acme.example"), home = worlds[w].Address("198.51.100.2");
      const int n = static_cast<int>(Acts::kMaxPlaces);
      for (int i = 0; i < n; ++i) worlds[w].Do(ActKind::kReadMail, jane, home, day, i);
    }
  }
  ActsWorld a, b;
  a.world.Take(std::move(early[0].world));
  a.world.Take(std::move(late[0].world));
  b.world.Take(std::move(late[1].world));
  b.world.Take(std::move(early[1].world));
  for (ActsWorld* w : {&a, &b}) {
    w->world.Settle();
    const Act& act = w->world.acts.all().at(0);
    EXPECT_EQ(act.count, 2 * Acts::kMaxPlaces);
    ASSERT_EQ(act.places.size(), Acts::kMaxPlaces);
    EXPECT_EQ(act.places.back().time / kOneDay, 20001);
    EXPECT_EQ(act.days.size(), 2u);
  }
}

TEST(Acts, AUserAgentIsTheSameAfterAnUpdate) {
  EXPECT_EQ(Fingerprint("Chrome/121.0.0.0", false), Fingerprint("chrome/124.0.1.0", false));
  EXPECT_NE(Fingerprint("Chrome/121.0", false), Fingerprint("Firefox/121.0", false));
  EXPECT_NE(Fingerprint("user1", true), Fingerprint("user2", true));
  EXPECT_EQ(Fingerprint("", false), 0u);
}

TEST(Acts, EveryWordOfTheDataFileIsKnown) {
  EXPECT_EQ(ActKindOf("signed in"), static_cast<int>(ActKind::kSignedIn));
  EXPECT_EQ(ActKindOf("asked"), static_cast<int>(ActKind::kAsked));
  EXPECT_EQ(ActKindOf("danced"), -1);
}

}  // namespace
}  // namespace spoor
