// A case file survives whatever ends the program, and the next run completes it to what an undisturbed run writes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <string>

#include "store/sqlite.h"
#include "support/read_events.h"
#include "support/run_program.h"

namespace spoor {
namespace {

const std::string kCase = std::string(SPOOR_SOURCE_DIR) + "/tests/cases/trace/from-machine-to-machine";

// Everything but when which run was: the rows of all tables.
std::string Dump(const std::string& path) {
  auto database = Database::Open(path, false);
  EXPECT_TRUE(database.ok()) << database.status();
  if (!database.ok()) return {};
  std::string out;
  for (const char* sql : {"PRAGMA integrity_check",
                          "SELECT tenant, path, sha256, unread FROM evidence ORDER BY 1, 2",
                          "SELECT title, level FROM rules ORDER BY 1",
                          "SELECT time, host, record, event FROM findings ORDER BY 1, 2, 3",
                          "SELECT id, kind, name, first FROM things ORDER BY 1",
                          "SELECT kind, \"from\", \"to\", record FROM links ORDER BY id",
                          "SELECT score, first, last, id FROM campaigns",
                          "SELECT title, host, summary, first FROM steps ORDER BY id",
                          "SELECT step, record, \"offset\", evidence FROM step_records",
                          "SELECT name, state, why, first FROM hosts",
                          "SELECT why, strength, record, kind FROM joins",
                          "SELECT host, missing, hides, campaign FROM gaps",
                          "SELECT from_tenant, to_tenant, accounts, id FROM paths",
                          "SELECT path, name, from_name, record FROM path_hosts",
                          "SELECT kind, name, state, why FROM victims ORDER BY id",
                          "SELECT victim, evidence, record, \"offset\" FROM victim_records",
                          "SELECT actor, name, probability, campaign FROM actors",
                          "SELECT tenant, host, account, how FROM first_days ORDER BY id",
                          "SELECT first_day, evidence, record, \"offset\" FROM first_day_records",
                          "SELECT first_day, host, time, why FROM alternatives"}) {
    out += std::string(sql) + "\n";
    const auto statement = (*database)->Prepare(sql);
    for (;;) {
      const auto row = statement->Next();
      EXPECT_TRUE(row.ok()) << sql << ": " << row.status();
      if (!row.ok() || !*row) break;
      for (int column = 0; column < 4; ++column) out += statement->Text(column) + "|";
      out += "\n";
    }
  }
  return out;
}

// Runs the program and kills it after so many microseconds. True: it was still there.
bool RunAndKill(const std::vector<std::string>& arguments, useconds_t after) {
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2);
    std::vector<char*> argv = {const_cast<char*>(SPOOR_BINARY)};
    for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    execv(SPOOR_BINARY, argv.data());
    _exit(127);
  }
  usleep(after);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST(CaseFile, KilledAtAnyMomentItOpensAndTheNextRunCompletesIt) {
  const test::TemporaryFolder folder;
  const std::string clean = folder / "clean.case", killed = folder / "killed.case";
  const std::vector<std::string> trace = {
      "trace", std::string(SPOOR_SOURCE_DIR) + "/tests/cases", "-j", "2", "-q", "-o", "/dev/null", "-c"};
  const auto with = [&](const std::string& file) {
    std::vector<std::string> arguments = trace;
    arguments.push_back(file);
    return arguments;
  };
  const auto start = std::chrono::steady_clock::now();
  ASSERT_LE(test::RunProgram(SPOOR_BINARY, with(clean)).code, 1);
  const auto whole =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
  const std::string wanted = Dump(clean);
  ASSERT_NE(wanted.find("ok|"), std::string::npos);
  std::mt19937 random(7);
  int kills = 0;
  for (int i = 0; i < 30; ++i) {
    kills += RunAndKill(with(killed), static_cast<useconds_t>(random() % static_cast<uint32_t>(whole)));
    if (!std::filesystem::exists(killed) || std::filesystem::file_size(killed) == 0) continue;
    const std::string now = Dump(killed);
    // All of a run or nothing of it.
    EXPECT_TRUE(now == wanted || now.find("ws1.jsonl") == std::string::npos) << now;
  }
  EXPECT_GT(kills, 0);
  ASSERT_LE(test::RunProgram(SPOOR_BINARY, with(killed)).code, 1);
  EXPECT_EQ(Dump(killed), wanted);
}

TEST(CaseFile, ADatabaseOfSomebodyElseIsNotTouched) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "other.db";
  {
    auto database = Database::Open(path, true);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE((*database)->Run("CREATE TABLE history (url TEXT)").ok());
  }
  const test::Ran ran =
      test::RunProgram(SPOOR_BINARY, {"hunt", kCase + "/logs", "-r", kCase + "/rules.yml", "-q", "-c", path});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("none of spoor's case files"), std::string::npos) << ran.err;
  auto database = Database::Open(path, false);
  ASSERT_TRUE(database.ok());
  const auto tables = (*database)->Prepare("SELECT count(*) FROM sqlite_master");
  ASSERT_TRUE(tables->Next().value());
  EXPECT_EQ(tables->Number(0), 1);
}

TEST(CaseFile, AFileOfAnotherVersionIsRefused) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "old.case";
  ASSERT_EQ(test::RunProgram(SPOOR_BINARY,
                             {"hunt", kCase + "/logs", "-r", kCase + "/rules.yml", "-q", "-c", path, "-o", "/dev/null"})
                .code,
            0);
  {
    auto database = Database::Open(path, true);
    ASSERT_TRUE((*database)->Run("UPDATE about SET value = '99' WHERE key = 'version'").ok());
  }
  const test::Ran ran = test::RunProgram(SPOOR_BINARY, {"trace", path, "-q"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("another version"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace spoor
