// How what is told of victims is put together, and what techniques say of them.
#include "campaign/victims.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace spoor {
namespace {

Victim Told(VictimKind kind, const char* name, VictimState state, int64_t time, const char* why) {
  Victim victim;
  victim.kind = kind;
  victim.tenant = "acme";
  victim.name = name;
  victim.state = state;
  victim.first = victim.last = time;
  victim.why = why;
  victim.records = {{time, 0, static_cast<uint64_t>(time), 0}};
  return victim;
}

std::vector<Victim> Together(const std::vector<Victim>& told) {
  VictimList list;
  for (const Victim& victim : told) list.Add(victim);
  return list.Take();
}

TEST(Victims, TheStrongestStateCountsWithWhatProvesIt) {
  const std::vector<Victim> all = Together({Told(VictimKind::kHost, "ws1", VictimState::kReached, 10, "somebody came"),
                                            Told(VictimKind::kHost, "ws1", VictimState::kDataRead, 30, "an archive"),
                                            Told(VictimKind::kHost, "ws1", VictimState::kDataRead, 20, "documents"),
                                            Told(VictimKind::kHost, "ws1", VictimState::kCompromised, 40, "a shell")});
  ASSERT_EQ(all.size(), 2u);
  const Victim& host = all[0];
  EXPECT_EQ(host.kind, VictimKind::kHost);
  EXPECT_EQ(host.state, VictimState::kDataRead);
  EXPECT_EQ(host.why, "documents");  // the first of those that prove it
  EXPECT_EQ(host.records.front().record, 20u);
  EXPECT_EQ(host.first, 10);
  EXPECT_EQ(host.last, 40);
}

TEST(Victims, AnOrganisationIsHitAsHardAsTheHardestHitOfItsOwn) {
  const std::vector<Victim> all = Together({Told(VictimKind::kAccount, "jane", VictimState::kCompromised, 10, "used"),
                                            Told(VictimKind::kHost, "ws1", VictimState::kCompromised, 30, "a shell"),
                                            Told(VictimKind::kMailbox, "bob@acme", VictimState::kTargeted, 5, "mail")});
  ASSERT_EQ(all.size(), 4u);
  const auto tenant =
      std::find_if(all.begin(), all.end(), [](const Victim& v) { return v.kind == VictimKind::kTenant; });
  ASSERT_NE(tenant, all.end());
  EXPECT_EQ(tenant->name, "acme");
  EXPECT_EQ(tenant->state, VictimState::kCompromised);
  EXPECT_EQ(tenant->why, "host ws1: a shell");
  EXPECT_EQ(tenant->first, 5);
  EXPECT_EQ(tenant->last, 30);
  EXPECT_EQ(all.back().state, VictimState::kTargeted);  // the strongest stand first
}

TEST(Victims, TheOrderInWhichTheyAreToldMeansNothing) {
  std::mt19937 random(3);
  std::vector<Victim> told;
  const char* const names[] = {"a", "b", "c"};
  for (int i = 0; i < 60; ++i) {
    told.push_back(Told(static_cast<VictimKind>(1 + random() % 3), names[random() % 3],
                        static_cast<VictimState>(random() % kVictimStates), 1 + i, "x"));
    told.back().why += std::to_string(i);
  }
  const auto text = [&] {
    std::string out;
    for (const Victim& v : Together(told)) {
      out += std::string(VictimKindName(v.kind)) + v.tenant + v.name + VictimStateName(v.state) + v.why +
             std::to_string(v.first) + " " + std::to_string(v.last) + "\n";
    }
    return out;
  };
  const std::string wanted = text();
  for (int i = 0; i < 50; ++i) {
    std::shuffle(told.begin(), told.end(), random);
    EXPECT_EQ(text(), wanted);
  }
}

TEST(Victims, AListGoesOnFromWhatIsKnown) {
  std::vector<Victim> known = Together({Told(VictimKind::kHost, "ws1", VictimState::kReached, 10, "somebody came")});
  VictimList list(std::move(known));
  list.Add(Told(VictimKind::kMailbox, "bob@acme", VictimState::kDataRead, 5, "read"));
  list.Add(Told(VictimKind::kMailbox, "", VictimState::kDataTaken, 5, "nobody"));
  const std::vector<Victim> all = list.Take();
  ASSERT_EQ(all.size(), 3u);  // and one organisation
  EXPECT_EQ(all[0].name, "bob@acme");
  EXPECT_EQ(all[1].name, "acme");
  EXPECT_EQ(all[1].state, VictimState::kDataRead);
}

TEST(Victims, AreBoundedAndWhatIsLeftOutIsCounted) {
  VictimList list;
  Victim victim = Told(VictimKind::kMailbox, "", VictimState::kTargeted, 1, "x");
  victim.tenant.clear();
  for (size_t i = 0; i < VictimList::kMaxVictims + 7; ++i) {
    victim.name = std::to_string(i);
    list.Add(victim);
  }
  EXPECT_EQ(list.left_out(), 7u);
  EXPECT_EQ(list.Take().size(), VictimList::kMaxVictims);
}

TEST(Victims, RecordsAreBounded) {
  Victim victim = Told(VictimKind::kHost, "ws1", VictimState::kReached, 10, "x");
  victim.records.assign(1000, {});
  EXPECT_EQ(Together({victim})[0].records.size(), Victim::kMaxRecords);
}

TEST(Victims, AnAccountWithoutItsDomainIsTheOneThatTheDomainHas) {
  const auto accounts = [](const std::vector<Victim>& told) {
    std::string names;
    for (const Victim& victim : Together(told)) {
      if (victim.kind == VictimKind::kAccount) names += victim.name + " " + VictimStateName(victim.state) + "; ";
    }
    return names;
  };
  const Victim vpn = Told(VictimKind::kAccount, "jane", VictimState::kCompromised, 20, "signed in"),
               jane = Told(VictimKind::kAccount, "acme\\jane", VictimState::kReached, 10, "a session"),
               other = Told(VictimKind::kAccount, "lab\\jane", VictimState::kReached, 10, "a session"),
               local = Told(VictimKind::kAccount, "ws1\\jane", VictimState::kReached, 10, "a session"),
               ws1 = Told(VictimKind::kHost, "ws1", VictimState::kReached, 10, "a session"),
               root = Told(VictimKind::kAccount, "root", VictimState::kReached, 10, "a shell"),
               acme_root = Told(VictimKind::kAccount, "acme\\root", VictimState::kReached, 10, "a session");
  EXPECT_EQ(accounts({vpn, jane}), "acme\\jane compromised; ");
  EXPECT_EQ(accounts({vpn, jane, local, ws1}), "acme\\jane compromised; ws1\\jane reached; ");
  // Which of two, or only one of a machine, is not known; root is everywhere.
  EXPECT_EQ(accounts({vpn, jane, other}), "jane compromised; acme\\jane reached; lab\\jane reached; ");
  EXPECT_EQ(accounts({vpn, local, ws1}), "jane compromised; ws1\\jane reached; ");
  EXPECT_EQ(accounts({root, acme_root}), "acme\\root reached; root reached; ");
}

TEST(Victims, TechniquesSayHowFarItCame) {
  VictimState state = VictimState::kReached;
  EXPECT_TRUE(StateByTechnique("T1560.001", "", VictimKind::kHost, &state));
  EXPECT_EQ(state, VictimState::kDataRead);
  EXPECT_TRUE(StateByTechnique("T1567.002", "", VictimKind::kHost, &state));
  EXPECT_EQ(state, VictimState::kDataTaken);
  EXPECT_TRUE(StateByTechnique("T1110.003", "", VictimKind::kAccount, &state));
  EXPECT_EQ(state, VictimState::kTargeted);
  EXPECT_TRUE(StateByTechnique("", "exfiltration", VictimKind::kHost, &state));
  EXPECT_EQ(state, VictimState::kDataTaken);
  // Whose credentials lay on a machine is not known by their being read there.
  EXPECT_TRUE(StateByTechnique("T1003.001", "", VictimKind::kHost, &state));
  EXPECT_FALSE(StateByTechnique("T1003.001", "", VictimKind::kAccount, &state));
  EXPECT_FALSE(StateByTechnique("T1059.001", "exfiltration", VictimKind::kHost, &state));
}

TEST(Victims, MachinesAreNobody) {
  for (const char* name : {"nt authority\\system", "acme\\ws1$", "iis apppool\\defaultapppool", "s-1-5-18", ""}) {
    EXPECT_TRUE(IsNobody(name)) << name;
  }
  for (const char* name : {"acme\\jane", "jane", "jane@acme.example"}) EXPECT_FALSE(IsNobody(name)) << name;
  EXPECT_TRUE(IsCommonName("administrator"));
  EXPECT_FALSE(IsCommonName("jane"));
}

}  // namespace
}  // namespace spoor
