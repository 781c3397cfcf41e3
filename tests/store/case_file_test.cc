// The case file: what a trace found is in it, the questions of docs/case-file.md have answers, and what changed is
// told.
#include "store/case_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "campaign/actors.h"
#include "campaign/persons.h"
#include "cli/builtin_rules.h"
#include "support/read_events.h"

namespace spoor {
namespace {

const std::string kCases = std::string(SPOOR_SOURCE_DIR) + "/tests/cases/trace/";

// Traces evidence of tenants ("": nobody's) into a case.
CaseChange TraceInto(const std::string& path, const std::vector<std::string>& paths,
                     const std::vector<std::pair<std::string, std::string>>& tenants, const Roster* roster = nullptr) {
  auto opened = CaseFile::Open(path);
  EXPECT_TRUE(opened.ok()) << opened.status();
  CaseFile& file = **opened;
  EXPECT_TRUE(file.Begin(true).ok());
  HuntOptions options;
  options.jobs = 1;
  const auto renderer = MakeRecordRenderer(true);
  RecordOutput output([&](const FindingRecord& finding) { return file.PutFinding(finding); });
  options.also_renderer = renderer.get();
  options.also_output = &output;
  const std::atomic<bool> stop{false};
  TraceResult result = Trace(*ListEvidence(paths, tenants), LoadBuiltInRules({}, {}), sigma::SourceMap::BuiltIn(),
                             options, {}, stop, nullptr);
  EXPECT_TRUE(result.hunt.status.ok()) << result.hunt.status;
  if (roster != nullptr) {
    for (Campaign& campaign : result.found.campaigns) AddPersons(*roster, &campaign);
  }
  EXPECT_TRUE(file.PutEvidence(result.hunt).ok());
  const absl::Status put = file.PutTrace(result);
  EXPECT_TRUE(put.ok()) << put;
  auto change = file.Commit("trace", false);
  EXPECT_TRUE(change.ok()) << change.status();
  return *change;
}

CaseChange TraceProvider(const std::string& path, const Roster* roster = nullptr) {
  const std::string folder = kCases + "from-provider-to-customer/tenants/";
  return TraceInto(path, {}, {{"acme", folder + "acme"}, {"provider", folder + "provider"}}, roster);
}

std::vector<std::string> Rows(const std::string& path, const std::string& sql, int columns) {
  auto database = Database::Open(path, false);
  EXPECT_TRUE(database.ok()) << database.status();
  const auto statement = (*database)->Prepare(sql);
  std::vector<std::string> rows;
  for (;;) {
    const auto more = statement->Next();
    EXPECT_TRUE(more.ok()) << sql << ": " << more.status();
    if (!more.ok() || !*more) return rows;
    std::string row;
    for (int c = 0; c < columns; ++c) row += (c == 0 ? "" : "|") + statement->Text(c);
    rows.push_back(row);
  }
}

TEST(CaseFile, HasWhatATraceConcludes) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "a.case";
  TraceProvider(path);
  EXPECT_THAT(Rows(path, "SELECT from_tenant, to_tenant, accounts FROM paths", 3),
              testing::ElementsAre("provider|acme|acme\\jane"));
  EXPECT_THAT(Rows(path, "SELECT name, from_name, count(*) FROM path_hosts JOIN evidence ON evidence.id = evidence", 3),
              testing::ElementsAre("srv2|rmm1|1"));
  EXPECT_THAT(Rows(path, "SELECT kind, tenant, name, state FROM victims ORDER BY 1, 2", 4),
              testing::ElementsAre("account|acme|acme\\jane|compromised", "account|provider|provider\\jane|compromised",
                                   "host|acme|srv2|compromised", "host|provider|rmm1|compromised",
                                   "tenant|acme|acme|compromised", "tenant|provider|provider|compromised"));
  EXPECT_THAT(
      Rows(path, "SELECT count(DISTINCT victim) FROM victim_records JOIN evidence ON evidence.id = evidence", 1),
      testing::ElementsAre("6"));
  EXPECT_THAT(Rows(path, "SELECT count(*) FROM actors", 1), testing::ElementsAre("6"));
  EXPECT_THAT(Rows(path, "SELECT count(*) FROM actors WHERE actor IS NULL", 1), testing::ElementsAre("1"));
  EXPECT_THAT(Rows(path,
                   "SELECT first_days.tenant, first_days.host, name FROM first_days LEFT JOIN things ON things.id = "
                   "first_days.\"from\" ORDER BY time",
                   3),
              testing::ElementsAre("provider|rmm1|", "acme|srv2|rmm1"));
  EXPECT_THAT(Rows(path, "SELECT count(DISTINCT first_day) FROM first_day_records", 1), testing::ElementsAre("2"));
}

TEST(CaseFile, TellsAttributionWhatACampaignShowed) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "a.case";
  TraceProvider(path);
  const auto campaigns = CaseFile::ReadObserved(path);
  ASSERT_TRUE(campaigns.ok()) << campaigns.status();
  ASSERT_EQ(campaigns->size(), 1u);
  const CaseObserved& of = campaigns->front();
  EXPECT_EQ(of.campaign, 1);
  EXPECT_GT(of.score, 0);
  // Who it resembles rests on just these.
  std::vector<std::string> told;
  for (const ActorGuess& guess : GuessActors(of.observed, 5)) told.push_back(guess.name);
  EXPECT_EQ(told, Rows(path, "SELECT name FROM actors ORDER BY rowid", 1));
  EXPECT_FALSE(CaseFile::ReadObserved(folder / "none.case").ok());
}

TEST(CaseFile, TellsWhoBecameAVictimSince) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "a.case", logs = kCases + "from-machine-to-machine/logs/";
  TraceInto(path, {logs + "ws1.jsonl"}, {});
  EXPECT_THAT(TraceInto(path, {logs + "ws1.jsonl"}, {}).lines, testing::ElementsAre());
  std::vector<std::string> notes;
  const Roster roster = *Roster::Read("person,account\nJane Doe,ACME\\jane\n", "r.csv", &notes);
  const CaseChange change = TraceInto(path, {logs + "ws1.jsonl", logs + "srv2.jsonl"}, {}, &roster);
  EXPECT_THAT(change.lines, testing::ElementsAre("now: srv2 compromised", "now: person Jane Doe compromised"));
  EXPECT_EQ(Rows(path, "SELECT role, person FROM victims WHERE kind = 'account'", 2),
            std::vector<std::string>{"|Jane Doe"});
  EXPECT_THAT(TraceInto(path, {logs + "ws1.jsonl"}, {}).lines,
              testing::ElementsAre("no longer: srv2 compromised", "no longer: person Jane Doe compromised"));
}

TEST(CaseFile, HasAKeyOfItsOwn) {
  const test::TemporaryFolder folder;
  const std::string key = (*CaseFile::Open(folder / "a.case"))->redact_key();
  EXPECT_EQ(key.size(), 64u);
  EXPECT_EQ((*CaseFile::Open(folder / "a.case"))->redact_key(), key);
  EXPECT_NE((*CaseFile::Open(folder / "b.case"))->redact_key(), key);
}

TEST(CaseFile, OfTheVersionBeforeIsRefusedWithAReason) {
  const test::TemporaryFolder folder;
  {
    auto database = Database::Open(folder / "old.case", true);
    ASSERT_TRUE((*database)
                    ->Run("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
                          "INSERT INTO about VALUES ('format', 'spoor case file'), ('version', '1')")
                    .ok());
  }
  const auto opened = CaseFile::Open(folder / "old.case");
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(std::string(opened.status().message()), testing::HasSubstr("another version of spoor"));
}

// The indented blocks of the document, each a statement.
std::vector<std::string> Questions() {
  std::ifstream in(std::string(SPOOR_SOURCE_DIR) + "/docs/case-file.md");
  std::vector<std::string> questions;
  std::string line, sql;
  bool within = false;
  while (std::getline(in, line)) {
    if (line.starts_with("## ")) within = line.ends_with(" questions");
    if (!within || !line.starts_with("    ")) continue;
    sql += line + "\n";
    if (line.ends_with(";")) questions.push_back(std::exchange(sql, ""));
  }
  EXPECT_EQ(sql, "") << "a question without an end";
  return questions;
}

TEST(CaseFile, AnswersTheQuestionsOfTheDocument) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "a.case";
  std::ofstream(folder / "notes.txt") << "no log\n";
  const std::string tenants = kCases + "from-provider-to-customer/tenants/";
  std::vector<std::string> notes;
  const Roster roster = *Roster::Read("person,account\nJane Doe,ACME\\jane\n", "r.csv", &notes);
  TraceInto(path, {folder / "notes.txt"}, {{"acme", tenants + "acme"}, {"provider", tenants + "provider"}}, &roster);
  const std::vector<std::string> questions = Questions();
  EXPECT_GE(questions.size(), 10u);
  for (std::string question : questions) {
    if (const size_t host = question.find("'ws1%'"); host != std::string::npos) question.replace(host, 6, "'srv2%'");
    EXPECT_FALSE(Rows(path, question, 1).empty()) << question;
  }
}

}  // namespace
}  // namespace spoor
