// What `spoor rules coverage` says is the same to the byte, however the evidence is cut and whatever the number of
// threads - also where its limits are reached.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cli/coverage_render.h"
#include "support/event_text.h"
#include "support/read_events.h"

namespace spoor {
namespace {

sigma::RuleSet Rules() {
  sigma::RuleSet set;
  sigma::ParseRules(
      "title: A shell\nlogsource: {category: process_creation, product: windows}\n"
      "detection: {s: {Image|endswith: '\\cmd.exe'}, condition: s}\ntags: [attack.t1059, attack.execution]\n",
      "rules.yml", {}, &set);
  EXPECT_EQ(set.rules.size(), 1u);
  return set;
}

// All three forms, one behind the other.
std::string Report(const std::string& folder, unsigned jobs, Seen* seen_out = nullptr) {
  const sigma::RuleSet rules = Rules();
  const std::atomic<bool> stop{false};
  const EvidenceList evidence = *ListEvidence({folder}, {});
  const sigma::SwitchOn& known = sigma::SwitchOn::BuiltIn();
  Seen seen = CollectSeen(evidence, known, {{}, {}, jobs}, stop, nullptr);
  const Coverage coverage = JudgeCoverage(seen, rules, sigma::SourceMap::BuiltIn(), known);
  const CoverageReport report{seen, coverage, known, *seen.table};
  std::string out = CoverageText(report, false);
  CoverageJson(report, [&](std::string_view piece) { out += piece; });
  out += CoverageNavigator(report);
  if (seen_out != nullptr) *seen_out = std::move(seen);
  return out;
}

TEST(CoverageReport, ThreadsChangeNoByte) {
  const test::TemporaryFolder folder;
  for (int i = 0; i < 6; ++i) {
    // Two files a host: the first large, in many pieces; numbers with holes; a log cleared in between.
    std::string text = "log: Security\nprovider: Microsoft-Windows-Security-Auditing\ncomputer: WS" +
                       std::to_string(i / 2) + "\nevent 4624 2026-01-0" + std::to_string(1 + i % 2) +
                       "T03:04:05Z record=" + std::to_string(1000 * i + 1) + "\n  LogonType: uint32 3\nrepeat " +
                       (i == 2 ? "20000" : "300") + "\nevent {n:4624|4634|4688} +{n%70}s\n  A: {n%5}\nend\n";
    text += "event 1102 +5m record=" + std::to_string(1000 * i + 90000) + "\n  SubjectUserName: x\n";
    const auto file = test::MakeEvtx(text);
    ASSERT_TRUE(file.ok()) << file.status();
    test::WriteAll(folder / ("log" + std::to_string(i) + ".evtx"), *file);
  }
  Seen seen;
  const std::string one = Report(folder.path(), 1, &seen);
  EXPECT_EQ(seen.logs.size(), 3u);
  EXPECT_EQ(seen.events, 6u * 2 + 5 * 300 + 20000);
  EXPECT_EQ(seen.log_event_counts["log_cleared"], 6u);
  EXPECT_NE(one.find("records missing"), std::string::npos) << one.substr(0, 4000);
  for (const unsigned jobs : {2u, 7u}) EXPECT_EQ(Report(folder.path(), jobs), one) << jobs;
}

// Lines of Windows events as JSON, shuffled and cut into files anew.
void WriteShuffled(std::vector<std::string> lines, unsigned seed, size_t files, const test::TemporaryFolder& folder) {
  std::mt19937 random(seed);
  std::shuffle(lines.begin(), lines.end(), random);
  std::vector<std::string> texts(files);
  for (size_t i = 0; i < lines.size(); ++i) texts[i % files] += lines[i] + "\n";
  for (size_t i = 0; i < files; ++i) test::WriteAll(folder / (std::to_string(i) + ".jsonl"), texts[i]);
}

TEST(CoverageReport, WhatIsLeftOutOfTooManyLogsAndKindsDependsOnNoOrder) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < kMaxLogs + 1000; ++i) {
    for (int id = 1; id <= 12; ++id) {
      if (id > 1 && i % 2 == 0) continue;
      lines.push_back("{\"Channel\":\"Security\",\"Computer\":\"H" + std::to_string(i) + "\",\"EventID\":" +
                      std::to_string(id) + ",\"EventRecordID\":" + std::to_string(10 * i + static_cast<size_t>(id)) +
                      ",\"TimeCreated\":\"2026-01-02T03:04:" + std::to_string(10 + id) + "Z\"}");
    }
  }
  std::string first;
  for (unsigned round = 0; round < 2; ++round) {
    const test::TemporaryFolder folder;
    WriteShuffled(lines, round, 1 + 4 * round, folder);
    Seen seen;
    std::string report = Report(folder.path(), 1 + 6 * round, &seen);
    // How many files there are is no part of the question.
    const size_t at = report.find("\"files\":");
    ASSERT_NE(at, std::string::npos);
    report.erase(at, report.find(",\"partial\"") - at);
    EXPECT_EQ(seen.logs.size(), kMaxLogs);
    EXPECT_GT(seen.limits.logs_left_out_events, 1000u);
    EXPECT_EQ(seen.kinds.size(), kMaxKinds);
    EXPECT_TRUE(seen.limits.kinds_left_out);
    EXPECT_NE(report.find("\"host_count\":" + std::to_string(kMaxLogs)), std::string::npos);
    if (round == 0) first = report;
    EXPECT_TRUE(report == first) << "round " << round;
  }
}

TEST(CoverageReport, EventsThatDifferInTheNewTimeAloneAreTwo) {
  std::vector<std::string> lines;
  for (int minutes = 5; minutes < 15; ++minutes) {
    lines.push_back(
        "{\"Channel\":\"Security\",\"Computer\":\"A\",\"EventID\":4616,\"EventRecordID\":7,"
        "\"TimeCreated\":\"2026-01-02T03:04:05Z\",\"PreviousTime\":\"2026-01-02T03:04:05Z\",\"NewTime\":\"2026-01-"
        "02T03:" +
        std::to_string(10 + minutes) + ":05Z\"}");
  }
  std::string first;
  const test::TemporaryFolder folder;
  for (unsigned round = 0; round < 4; ++round) {
    WriteShuffled(lines, round, 1, folder);
    Seen seen;
    const std::string report = Report(folder.path(), 1, &seen);
    EXPECT_EQ(seen.log_events["clock_changed"].size(), lines.size());
    if (round == 0) first = report;
    EXPECT_TRUE(report == first) << "round " << round;
  }
}

TEST(CoverageReport, OfTooManyDamagedFilesTheFirstAreNamed) {
  const test::TemporaryFolder folder;
  for (size_t i = 0; i < kMaxDamage + 50; ++i) {
    test::WriteAll(folder / (std::to_string(100'000 + i) + ".jsonl"), "{\"a\":1}\n{\"a\":\n");
  }
  for (const unsigned jobs : {1u, 3u}) {
    Seen seen;
    (void)Report(folder.path(), jobs, &seen);
    EXPECT_EQ(seen.damage, kMaxDamage + 50);
    ASSERT_EQ(seen.damaged.size(), kMaxDamage);
    EXPECT_EQ(seen.damaged.front().file, 0u);
    EXPECT_EQ(seen.damaged.back().file, kMaxDamage - 1);
  }
}

TEST(CoverageReport, LongNamesFromEvidenceAreCut) {
  const test::TemporaryFolder folder;
  const std::string name(100'000, 'x');
  test::WriteAll(folder / "a.jsonl", "{\"Channel\":\"" + name + "\",\"Computer\":\"" + name + "\",\"EventID\":1}\n");
  Seen seen;
  EXPECT_LT(Report(folder.path(), 1, &seen).size(), 50'000u);
  ASSERT_EQ(seen.logs.size(), 1u);
  EXPECT_EQ(seen.logs.begin()->first.host.size(), kMaxSeenText);
  EXPECT_EQ(seen.logs.begin()->first.channel.size(), kMaxSeenText);
}

}  // namespace
}  // namespace spoor
