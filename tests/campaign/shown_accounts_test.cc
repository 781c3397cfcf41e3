#include "campaign/shown_accounts.h"

#include <gtest/gtest.h>

#include "support/acts_world.h"

namespace spoor {
namespace {

const std::string kRelay = "198.51.100.200", kOther = "198.51.100.201", kOffice = "203.0.113.1";

// Jane works at the office on forty days, with a machine of her organisation, and so do her colleagues.
class AccountsTest : public testing::Test {
 protected:
  AccountsTest() : jane_(w_.Account("jane@acme.example")), office_(w_.Address(kOffice)) {
    w_.Work(jane_, office_, 0, 40, true);
    for (const char* name : {"joe@acme.example", "jim@acme.example", "joy@acme.example"})
      w_.Work(w_.Account(name), office_, 0, 20, true);
  }
  AccountsShown Run(const MarkedAddresses& marked = {}) {
    w_.world.Settle();
    return ShownByAccounts(w_.world, marked);
  }
  // Somebody of another organisation, to whom the address is new, too.
  void NewInAnother(const std::string& address, const std::string& tenant) {
    const ThingId account = w_.Account("someone@" + tenant + ".example", tenant);
    w_.Work(account, w_.Address("203.0.113.9", tenant), 0, 20, true);
    w_.Work(account, w_.Address(address, tenant), 12, 1);
  }

  ActsWorld w_;
  ThingId jane_, office_;
};

TEST_F(AccountsTest, ASignInFromWherePasswordsWereTriedIsSomebodyElses) {
  const ThingId relay = w_.Address(kRelay);
  w_.Try(relay, 10, 12);
  w_.Work(jane_, relay, 11, 1);
  const AccountsShown found = Run();
  const Shown* const sign_in = Find(found.shown, "T1078.004");
  ASSERT_NE(sign_in, nullptr);
  EXPECT_GE(sign_in->weight, 3);
  EXPECT_EQ(sign_in->places.size(), 1u);
  const Shown* const tried = Find(found.shown, "T1110.003");
  ASSERT_NE(tried, nullptr);
  EXPECT_EQ(tried->places.size(), 12u);
  EXPECT_EQ(found.theirs.size(), 1u);
}

TEST_F(AccountsTest, PasswordsTriedWithoutASignInAreTheNoiseOfTheWorld) {
  w_.Try(w_.Address(kRelay), 10, 12);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, OnesOwnMistakesAreNoSpraying) {
  w_.Try(office_, 10, 12);  // on the day passwords ran out
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, WhatIsDoneFromThereIsTold) {
  const ThingId relay = w_.Address(kRelay), other = w_.Address(kOther);
  const ThingId mailbox = w_.world.Add(ThingKind::kMailbox, "acme", kNoThing, "jane@acme.example");
  w_.Try(relay, 10, 12);
  w_.Do(ActKind::kSignedIn, jane_, relay, 11, 10);
  w_.Do(ActKind::kGaveRight, jane_, relay, 11, 600);
  w_.Do(ActKind::kConsented, jane_, relay, 11, 700);
  w_.Do(ActKind::kForwarded, jane_, relay, 11, 800);
  // For weeks, and from another relay, by the same program.
  for (int day = 12; day < 18; ++day) w_.Do(ActKind::kReadMail, jane_, day % 2 == 0 ? relay : other, day, 5, mailbox);
  w_.Do(ActKind::kReadMail, jane_, office_, 13, 9, mailbox);  // her own reading
  const AccountsShown found = Run();
  for (const char* technique : {"T1098.002", "T1528", "T1114.003"}) EXPECT_NE(Find(found.shown, technique), nullptr);
  const Shown* const read = Find(found.shown, "T1114.002");
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->places.size(), 6u);
  EXPECT_EQ(read->addresses.size(), 2u);
  EXPECT_EQ(read->last - read->time, 5 * kOneDay);
}

TEST_F(AccountsTest, AnAddressNewToAccountsOfThreeOrganisationsIsSomebodys) {
  w_.Work(jane_, w_.Address(kRelay), 12, 1);
  NewInAnother(kRelay, "bolt");
  EXPECT_TRUE(Run().shown.empty());  // two may stay in one hotel
  NewInAnother(kRelay, "cord");
  EXPECT_EQ(Run().theirs.size(), 3u);
}

TEST_F(AccountsTest, ATravellerComesWithTheMachineOfTheOrganisation) {
  w_.Try(w_.Address(kRelay), 10, 12);
  w_.Work(jane_, w_.Address(kRelay), 11, 2, true);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, SomebodyWhoWorksFromHomeIsAtHome) {
  const ThingId home = w_.Address("198.51.100.7");
  w_.Work(jane_, home, 0, 5);
  w_.Do(ActKind::kForwarded, jane_, home, 6, 50);
  w_.Do(ActKind::kConsented, jane_, home, 6, 60);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, ANewHomeAloneSaysLittle) {
  w_.Work(jane_, w_.Address("198.51.100.7"), 15, 1);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, WhoLivesWhereARouterWasTakenStaysAtHome) {
  const std::string home = "198.51.100.7";
  w_.Work(jane_, w_.Address(home), 5, 6);
  for (const char* tenant : {"bolt", "cord", "dune"}) NewInAnother(home, tenant);
  MarkedAddresses marked;
  Mark(home, {20006 * kOneDay, true}, &marked);
  for (const auto& [account, address] : Run(marked).theirs)
    EXPECT_NE(w_.world.things()[account].name, "jane@acme.example");
}

TEST_F(AccountsTest, WhoIsOftenThereLivesThere) {
  const std::string home = "198.51.100.7";
  for (const char* tenant : {"bolt", "cord", "dune"}) NewInAnother(home, tenant);
  w_.Work(jane_, w_.Address(home), 13, 10);  // a quarter of her days
  for (const auto& [account, address] : Run().theirs) EXPECT_NE(w_.world.things()[account].name, "jane@acme.example");
}

TEST_F(AccountsTest, AHabitThatBeganWithTheIntruderIsNone) {
  w_.Try(w_.Address(kRelay), 10, 12);
  for (const int day : {11, 13, 15, 17}) w_.Work(jane_, w_.Address(kRelay), day, 1);
  EXPECT_EQ(Run().theirs.size(), 1u);
}

TEST_F(AccountsTest, TheHelpDeskAtItsOwnAddressIsNobodyElse) {
  for (int day = 0; day < 5; ++day) w_.Do(ActKind::kGaveRight, jane_, office_, day, 500);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, ABackupReadsFromItsOwnAddress) {
  const ThingId product = w_.Account("backup@acme.example"), store = w_.Address("192.0.2.52");
  for (int day = 0; day < 20; ++day) {
    for (int i = 0; i < 30; ++i) w_.Do(ActKind::kReadMail, product, store, day, 3 * i);
  }
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, AKeyThatFetchesFarMoreFromANewAddressIsStolen) {
  const ThingId key = w_.Account("billing-batch"), relay = w_.Address(kRelay);
  const ThingId store = w_.world.Add(ThingKind::kObject, "acme", kNoThing, "archive");
  for (int day = 0; day < 20; ++day) {
    for (int i = 0; i < 3; ++i) w_.Do(ActKind::kFetched, key, office_, day, i, store, kNoThing, "sdk-java");
  }
  w_.Do(ActKind::kListed, key, relay, 15, 10, kNoThing, kNoThing, "cli");
  for (int i = 0; i < 40; ++i) w_.Do(ActKind::kFetched, key, relay, 15, 20 + i, store, kNoThing, "cli");
  const AccountsShown found = Run();
  const Shown* const theft = Find(found.shown, "T1530");
  ASSERT_NE(theft, nullptr);
  EXPECT_EQ(theft->places.size(), 41u);
}

TEST_F(AccountsTest, ABackupThatFetchesMuchFromWhereItAlwaysDoesIsNoTheft) {
  const ThingId key = w_.Account("backup"), store = w_.Address("192.0.2.52");
  for (int day = 0; day < 20; ++day) {
    for (int i = 0; i < 200; ++i) w_.Do(ActKind::kFetched, key, store, day, i);
  }
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(AccountsTest, AnAddressOfAllTheWorldJoinsNothing) {
  const ThingId gateway = w_.Address(kRelay);
  w_.Try(gateway, 10, 12);
  for (int i = 0; i < 30; ++i) {
    const ThingId account = w_.Account("p" + std::to_string(i) + "@acme.example");
    w_.Work(account, office_, 0, 20, true);
    w_.Work(account, gateway, 12, 1);
  }
  EXPECT_TRUE(Run().shown.empty());
}

}  // namespace
}  // namespace spoor
