// Rosters: read as they are written, errors with file and line, and accounts and mailboxes joined to people.
#include "campaign/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/text.h"
#include "campaign/persons.h"

namespace spoor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Roster Read(const std::string& text, std::vector<std::string>* notes = nullptr) {
  std::vector<std::string> none;
  auto roster = Roster::Read(text, "r.csv", notes == nullptr ? &none : notes);
  EXPECT_TRUE(roster.ok()) << roster.status();
  return roster.ok() ? *std::move(roster) : Roster();
}

std::string ErrorOf(const std::string& text) {
  std::vector<std::string> notes;
  const auto roster = Roster::Read(text, "r.csv", &notes);
  return roster.ok() ? "" : std::string(roster.status().message());
}

TEST(Roster, ColumnsAreKnownByNameInAnyCaseAndOrder) {
  std::vector<std::string> notes;
  const Roster roster = Read(
      "Mail;ROLE;Person;shoe size;Account\r\n\"a@x.example; b@x.example\";\"head of \"\"both\"\"\";Jane "
      "Doe;38;ACME\\Jane\r\n",
      &notes);
  ASSERT_EQ(roster.persons().size(), 1u);
  const RosterPerson& jane = roster.persons()[0];
  EXPECT_EQ(jane.name, "Jane Doe");
  EXPECT_EQ(jane.role, "head of \"both\"");
  EXPECT_THAT(jane.mails, ElementsAre("a@x.example", "b@x.example"));
  EXPECT_THAT(jane.accounts, ElementsAre("acme\\jane"));
  EXPECT_EQ(jane.line, 2u);
  EXPECT_THAT(notes, ElementsAre("r.csv:1: column \"shoe size\" means nothing in a roster"));
}

TEST(Roster, ErrorsNameFileAndLine) {
  EXPECT_EQ(ErrorOf(""), "r.csv: empty; a roster begins with a line of names");
  EXPECT_EQ(ErrorOf("person,role\n"), "r.csv: nobody is in it");
  EXPECT_THAT(ErrorOf("who,role\nJane,x\n"), HasSubstr("r.csv:1: no column \"person\""));
  EXPECT_EQ(ErrorOf("person,mail,Mail\nJane,,\n"), "r.csv:1: two columns \"mail\"");
  EXPECT_EQ(ErrorOf("person,role\nJane,x\nJim,x,y\n"), "r.csv:3: 3 fields, and 2 names of columns");
  EXPECT_EQ(ErrorOf("person,role\n\"Jane\nDoe\",x\n,y\n"), "r.csv:4: no person");
  EXPECT_EQ(ErrorOf("person,mail\nJane,jane\n"), "r.csv:2: \"jane\" is no address");
  std::string many = "person,mail\nJane,\"";
  for (int i = 0; i < 300; ++i) many += "a" + std::to_string(i) + "@x.example;";
  EXPECT_THAT(ErrorOf(many + "\"\n"), HasSubstr("r.csv:2: a person may have 200"));
  EXPECT_THAT(ErrorOf(std::string(Roster::kMaxBytes + 1, 'a')), HasSubstr("64 MiB at most"));
}

TEST(Roster, WhatIsOddIsNoted) {
  std::vector<std::string> notes;
  Read("person,related_to,relation\nJane,,spouse\nJim,Jone,child\n,,\n", &notes);
  EXPECT_THAT(notes,
              ElementsAre("r.csv:2: a relation, and nobody it is to", "r.csv:3: nobody in it is called \"Jone\""));
  std::string text = "person,related_to\n";
  for (int i = 0; i < 50; ++i) text += "Jane,Jone\n";
  notes.clear();
  Read(text, &notes);
  ASSERT_EQ(notes.size(), Roster::kMaxNotes + 1);
  EXPECT_EQ(notes.back(), "r.csv: and 30 more of such kind");
}

TEST(Roster, AccountsAreFoundAsLogsSpellThem) {
  const Roster roster = Read(
      "person,organisation,account,sid,mail\n"
      "Jane Doe,acme,ACME\\jane,S-1-5-21-1-2-3-1104,jane@acme.example\n"
      "Jim Roe,globex,jim,,\n"
      "Jan Poe,acme,ACME\\jan;jan.admin,,\n"
      "Jim Poe,acme,jim,,\n"
      "Ann One,acme,CORP\\ann,,shared@x.example\n"
      "Ann Two,globex,CORP\\ann,,shared@x.example\n");
  EXPECT_THAT(roster.Find("acme", "acme\\jane"), ElementsAre(0u));
  EXPECT_THAT(roster.Find("globex", "acme\\jane"), ElementsAre(0u));  // wherever it is used
  EXPECT_THAT(roster.Find("", "s-1-5-21-1-2-3-1104"), ElementsAre(0u));
  EXPECT_THAT(roster.Find("acme", "Jane@ACME.example"), ElementsAre(0u));
  EXPECT_THAT(roster.Find("acme", "jane"), ElementsAre(0u));     // without a domain, in the organisation
  EXPECT_THAT(roster.Find("globex", "jane"), ElementsAre());     // and in no other
  EXPECT_THAT(roster.Find("acme", "ws1\\jane"), ElementsAre());  // an account of another domain is another
  EXPECT_THAT(roster.Find("globex", "globex\\jim"), ElementsAre(1u));
  EXPECT_THAT(roster.Find("", "jim"), ElementsAre());  // of two nobody knows whose
  EXPECT_THAT(roster.Find("", "jan.admin"), ElementsAre(2u));
  EXPECT_THAT(roster.Find("acme", "corp\\ann"), ElementsAre(4u));
  EXPECT_THAT(roster.Find("other", "shared@x.example"), ElementsAre(4u, 5u));
  EXPECT_THAT(roster.Find("acme", ""), ElementsAre());
}

TEST(Roster, OtherEncodingsAreRead) {
  EXPECT_EQ(Read("person,role\nJ\xfcrgen,x\n").persons()[0].name, "Jürgen");
  EXPECT_EQ(Read("\xef\xbb\xbfperson,role\nJürgen,x\n").persons()[0].name, "Jürgen");
  const std::string plain = "person\trole\nJim\tx\n";
  std::string wide = "\xff\xfe";
  for (const char c : plain) (wide += c) += '\0';
  EXPECT_EQ(Read(wide).persons()[0].name, "Jim");
}

TEST(Roster, WhatIsWrittenIsRead) {
  std::mt19937 random(11);
  const std::string_view letters = "ab ,\";\n\r@\\'=é-";
  for (int round = 0; round < 300; ++round) {
    std::string text = "person,organisation,role,related_to\n";
    std::vector<std::vector<std::string>> rows;
    for (int r = 0; r < 5; ++r) {
      std::vector<std::string> row;
      for (int c = 0; c < 4; ++c) {
        std::string cell = "x";  // not empty, and no formula
        for (auto n = random() % 8; n > 0; --n) {
          const size_t at = random() % letters.size();
          if (static_cast<unsigned char>(letters[at]) < 0x80) cell += letters[at];
        }
        row.push_back(cell + "y");
        if (c > 0) text += ',';
        AppendCsvField(row.back(), &text);
      }
      rows.push_back(row);
      text += '\n';
    }
    const Roster roster = Read(text);
    ASSERT_EQ(roster.persons().size(), rows.size()) << text;
    for (size_t r = 0; r < rows.size(); ++r) {
      const RosterPerson& p = roster.persons()[r];
      EXPECT_THAT((std::vector<std::string>{p.name, p.organisation, p.role, p.related_to}),
                  testing::ElementsAreArray(rows[r]))
          << text;
    }
  }
}

TEST(Roster, DamageIsNeverWorseThanAnError) {
  const std::string good = "person,account,mail\n\"Jane, \"\"J\"\"\",ACME\\jane,\"a@b.c;d@e.f\"\nJim,,\n";
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string text = good.substr(0, random() % (good.size() + 1));
    for (auto n = random() % 4; n > 0 && !text.empty(); --n) text[random() % text.size()] = static_cast<char>(random());
    std::vector<std::string> notes;
    const auto roster = Roster::Read(text, "r.csv", &notes);
    if (!roster.ok()) {
      EXPECT_EQ(roster.status().message().substr(0, 6), "r.csv:") << roster.status();
      continue;
    }
    for (const RosterPerson& person : roster->persons()) EXPECT_FALSE(person.name.empty());
  }
}

Victim Hit(VictimKind kind, const char* tenant, const char* name, VictimState state, int64_t time) {
  return {kind, tenant, name, state, time, time, "because", {{time, 0, 1, 0}}, "", "", "", "", 0};
}

TEST(Persons, HaveTheStrongestStateOverAllThatIsTheirs) {
  const Roster roster = Read(
      "person,organisation,role,account,mail,private_mail,related_to,relation\n"
      "Jane Doe,ACME,board,ACME\\jane,jane@acme.example,jd@mail.example,,\n"
      "Jim Doe,,,,,jim@mail.example,Jane Doe,spouse\n");
  Campaign campaign;
  campaign.victims = {Hit(VictimKind::kAccount, "acme", "acme\\jane", VictimState::kCompromised, 20),
                      Hit(VictimKind::kMailbox, "acme", "jd@mail.example", VictimState::kTargeted, 10),
                      Hit(VictimKind::kMailbox, "acme", "jim@mail.example", VictimState::kReached, 12),
                      Hit(VictimKind::kAccount, "acme", "acme\\svc", VictimState::kCompromised, 30)};
  EXPECT_EQ(AddPersons(roster, &campaign), 2u);
  const Victim *jane = nullptr, *jim = nullptr, *svc = nullptr;
  for (const Victim& victim : campaign.victims) {
    if (victim.kind == VictimKind::kPerson && victim.name == "Jane Doe") jane = &victim;
    if (victim.kind == VictimKind::kPerson && victim.name == "Jim Doe") jim = &victim;
    if (victim.name == "acme\\svc") svc = &victim;
  }
  ASSERT_NE(jane, nullptr);
  EXPECT_EQ(jane->state, VictimState::kCompromised);
  EXPECT_EQ(jane->tenant, "acme");
  EXPECT_EQ(jane->role, "board");
  EXPECT_EQ(jane->first, 10);
  EXPECT_EQ(jane->last, 20);
  EXPECT_EQ(jane->why, "account acme\\jane: because");
  ASSERT_NE(jim, nullptr);
  EXPECT_EQ(jim->related_to, "spouse of Jane Doe");
  EXPECT_EQ(jim->tenant, "");
  ASSERT_NE(svc, nullptr);
  EXPECT_EQ(svc->person, "");
  // Told twice, it is the same.
  const size_t before = campaign.victims.size();
  EXPECT_EQ(AddPersons(roster, &campaign), 2u);
  EXPECT_EQ(campaign.victims.size(), before);
}

TEST(Persons, OfOneNameStayApart) {
  const Roster roster = Read("person,organisation,account\nJane Doe,acme,ACME\\jane\nJane Doe,acme,ACME\\jane2\n");
  Campaign campaign;
  campaign.victims = {Hit(VictimKind::kAccount, "acme", "acme\\jane", VictimState::kCompromised, 20),
                      Hit(VictimKind::kAccount, "acme", "acme\\jane2", VictimState::kTargeted, 10)};
  EXPECT_EQ(AddPersons(roster, &campaign), 2u);
  size_t persons = 0;
  for (const Victim& victim : campaign.victims) persons += victim.kind == VictimKind::kPerson;
  EXPECT_EQ(persons, 2u);
}

}  // namespace
}  // namespace spoor
