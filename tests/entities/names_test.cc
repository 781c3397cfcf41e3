// Names brought together: what joins, what does not, and that neither order nor workers change it.
#include "entities/names.h"

#include <gtest/gtest.h>

#include <random>

#include "entities/same_fields.h"

namespace spoor {
namespace {

const std::vector<EvidenceFile> kFiles = {{"a.log", ""}, {"b.log", ""}, {"c.log", ""}};

std::string Told(const std::vector<Entity>& entities) {
  std::string out;
  for (const Entity& e : entities) {
    out += e.tenant.empty() ? "" : e.tenant + ": ";
    for (const EntityName& name : e.names) {
      out += name.name + (name.shared ? "?" : "") + "@" + std::to_string(name.proof.file) + ":" +
             std::to_string(name.proof.record) + " ";
    }
    out += std::to_string(e.events) + "\n";
  }
  return out;
}

struct Collected {
  Collected() : files(kFiles), names(files) {}
  void User(std::vector<NameGiven> given, uint64_t record, std::string_view tenant = "", uint32_t file = 0) {
    names.NextEvent();
    names.Add(EntityKind::kUser, tenant, given, {static_cast<int64_t>(record), file, record, record});
  }
  void Host(NameForm form, std::string_view text, uint64_t record) {
    names.NextEvent();
    names.Add(EntityKind::kHost, "", {{form, text}}, {static_cast<int64_t>(record), 0, record, record});
  }
  FileTable files;
  Names names;
};

TEST(Names, ARecordWithBothJoinsThem) {
  Collected c;
  c.User({{NameForm::kSid, "S-1-5-21-1-1104"}, {NameForm::kAccount, "ACME\\jane"}}, 7);
  c.User({{NameForm::kSid, "S-1-5-21-1-1104"}, {NameForm::kUpn, "jane@acme.example"}}, 9);
  c.User({{NameForm::kAccount, "ACME\\JANE"}}, 11);
  EXPECT_EQ(Told(c.names.Finish()), "S-1-5-21-1-1104@0:9 jane@acme.example@0:9 ACME\\jane@0:7 2\n");
}

TEST(Names, ANameGivenTwiceIsOfBothAndJoinsNeither) {
  Collected c;
  c.User({{NameForm::kSid, "S-1-5-21-1-1104"}, {NameForm::kAccount, "ACME\\jane"}}, 1);
  c.User({{NameForm::kSid, "S-1-5-21-1-2000"}, {NameForm::kAccount, "ACME\\jane"}}, 2);
  EXPECT_EQ(Told(c.names.Finish()), "S-1-5-21-1-1104@0:1 ACME\\jane?@0:1 1\nS-1-5-21-1-2000@0:2 ACME\\jane?@0:2 1\n");
}

TEST(Names, AShortHostNameBelongsToTheOneFullNameThatBeginsWithIt) {
  Collected c;
  c.Host(NameForm::kShortName, "WS1", 1);
  c.Host(NameForm::kFullName, "ws1.acme.example", 2);
  c.Host(NameForm::kShortName, "DC", 3);
  c.Host(NameForm::kFullName, "dc.acme.example", 4);
  c.Host(NameForm::kFullName, "dc.bravo.example", 5);
  c.Host(NameForm::kShortName, "alone", 6);
  EXPECT_EQ(
      Told(c.names.Finish()),
      "alone@0:6 1\ndc.acme.example@0:4 DC?@0:3 1\ndc.bravo.example@0:5 DC?@0:3 1\nws1.acme.example@0:2 WS1@0:1 1\n");
}

TEST(Names, TenantsAreNeverMixed) {
  Collected c;
  c.User({{NameForm::kUpn, "x@y.example"}, {NameForm::kAccount, "Y\\x"}}, 1, "acme");
  c.User({{NameForm::kUpn, "x@y.example"}}, 2, "bravo");
  EXPECT_EQ(Told(c.names.Finish()), "acme: x@y.example@0:1 Y\\x@0:1 1\nbravo: x@y.example@0:2 1\n");
}

TEST(Names, AnEventCountsOnce) {
  Collected c;
  c.names.NextEvent();
  for (int i = 0; i < 2; ++i) c.names.Add(EntityKind::kUser, "", {{NameForm::kAccount, "jane"}}, {1, 0, 1, 1});
  EXPECT_EQ(c.names.Finish()[0].events, 1u);
}

TEST(Names, NeitherOrderNorWorkersChangeAnything) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    struct Event {
      EntityKind kind;
      std::string tenant;
      std::vector<std::pair<NameForm, std::string>> given;
      RecordPlace place;
    };
    std::vector<Event> events;
    for (uint64_t i = 0; i < 60; ++i) {
      Event e;
      e.kind = random() % 3 == 0 ? EntityKind::kHost : EntityKind::kUser;
      e.tenant = random() % 4 == 0 ? "b" : "a";
      e.place = {static_cast<int64_t>(random() % 5), static_cast<uint32_t>(random() % 3), i, i};
      const auto number = [&] { return std::to_string(random() % 6); };
      if (e.kind == EntityKind::kHost) {
        e.given = {random() % 2 ? std::make_pair(NameForm::kFullName, "h" + number() + ".x" + number())
                                : std::make_pair(NameForm::kShortName, (random() % 2 ? "H" : "h") + number())};
      } else {
        if (random() % 2) e.given.emplace_back(NameForm::kSid, "S" + number());
        if (random() % 3 == 0) e.given.emplace_back(NameForm::kUpn, "u@" + number());
        if (e.given.empty() || random() % 2)
          e.given.emplace_back(NameForm::kAccount, (random() % 2 ? "N" : "n") + number());
      }
      events.push_back(std::move(e));
    }
    std::string first;
    for (const size_t workers : {1, 2, 5}) {
      const FileTable files(kFiles);
      std::vector<std::unique_ptr<Names>> parts;
      for (size_t w = 0; w < workers; ++w) parts.push_back(std::make_unique<Names>(files));
      for (const Event& e : events) {
        std::vector<NameGiven> given;
        for (const auto& [form, text] : e.given) given.push_back({form, text});
        Names& part = *parts[random() % workers];
        part.NextEvent();
        part.Add(e.kind, e.tenant, given, e.place);
      }
      std::shuffle(parts.begin(), parts.end(), random);
      Names all(files);
      for (const auto& part : parts) all.Take(*part);
      const std::string told = Told(all.Finish());
      if (first.empty()) first = told;
      ASSERT_EQ(told, first) << workers;
      std::shuffle(events.begin(), events.end(), random);
    }
  }
}

TEST(SameFields, EverySetHasTwoNames) {
  for (const SameFields& set : UserFieldSets()) {
    int names = 0;
    for (size_t role = 0; role < SameFields::kDomain; ++role) names += !set.fields[role].empty();
    EXPECT_GE(names, 2);
  }
}

}  // namespace
}  // namespace spoor
