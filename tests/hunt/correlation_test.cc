// What correlations find does not depend on how events are spread over files, on their order there, or on threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <regex>

#include "base/time.h"
#include "hunt/hunt.h"
#include "sigma/resolve.h"
#include "support/read_events.h"
#include "support/string_output.h"

namespace spoor {
namespace {

using test::StringOutput;

const char kRules[] = R"(
title: fail
name: fail
logsource: {category: test}
detection: {s: {action: fail}, condition: s}
---
title: logon
name: logon
logsource: {category: test}
detection: {s: {action: logon}, condition: s}
---
title: load
name: load
logsource: {category: test}
detection: {s: {action: load}, condition: s}
---
title: count
name: count
correlation: {type: event_count, rules: [fail], group-by: user, timespan: 2m, condition: {gte: 3}, generate: true}
---
title: values
correlation: {type: value_count, rules: [fail, logon], group-by: ip, timespan: 1m, condition: {field: user, gte: 3}}
---
title: together
correlation: {type: temporal, rules: [fail, logon, load], group-by: user, timespan: 1m}
---
title: in order
correlation: {type: temporal_ordered, rules: [count, logon, load], group-by: user, timespan: 5m}
---
title: sum
correlation: {type: value_sum, rules: load, group-by: ip, timespan: 1m, condition: {field: mb, gt: 100}}
---
title: absent
correlation: {type: spoor_absence, rules: [logon, load], group-by: user, timespan: 30s}
)";

// Findings without what says where they are from: "time title matched times of the events".
std::vector<std::string> Findings(const std::string& folder, const sigma::RuleSet& rules, unsigned jobs,
                                  size_t memory) {
  HuntOptions options;
  options.jobs = jobs;
  options.digest = false;
  options.sort_memory = memory;
  options.format.given.category = "test";
  StringOutput output;
  const std::atomic<bool> stop{false};
  const auto renderer = MakeJsonLinesRenderer();
  const HuntResult result =
      Hunt(*ListEvidence({folder}, {}), rules, sigma::SourceMap::BuiltIn(), options, *renderer, &output, stop, nullptr);
  EXPECT_TRUE(result.status.ok()) << result.status;
  static const std::regex kPlaces(R"(,"record":\d+|,"evidence":\{[^}]*\})");
  std::vector<std::string> lines;
  for (size_t at = 0; at < output.text.size();) {
    const size_t stop_at = output.text.find('\n', at);
    lines.push_back(std::regex_replace(output.text.substr(at, stop_at - at), kPlaces, ""));
    at = stop_at + 1;
  }
  std::sort(lines.begin(), lines.end());  // equal times are in order of path, which differs
  return lines;
}

TEST(Correlation, FindsTheSameHoweverEventsAreSpread) {
  sigma::RuleSet rules;
  sigma::ParseRules(kRules, "rules.yml", {}, &rules);
  sigma::ResolveReferences(&rules);
  ASSERT_EQ(rules.correlations.size(), 6u) << rules.errors[0].message;
  std::mt19937 random(3);
  size_t found = 0;
  for (int round = 0; round < 15; ++round) {
    std::vector<std::string> events;
    int64_t time = *ParseTime("2026-01-02T03:04:05Z");
    for (int i = 0; i < 400; ++i) {
      time += static_cast<int64_t>(1 + random() % 8'000'000);  // no two at once
      static const char* const kActions[] = {"fail", "logon", "load", "other"};
      events.push_back("{\"time\":\"" + FormatTime(time) + "\",\"action\":\"" + kActions[random() % 4] +
                       "\",\"user\":\"u" + std::to_string(random() % 5) + "\",\"ip\":\"192.0.2." +
                       std::to_string(random() % 4) + "\",\"mb\":" + std::to_string(random() % 60) + "}\n");
    }
    const test::TemporaryFolder one, many;
    std::string all;
    for (const std::string& event : events) all += event;
    test::WriteAll(one / "all.jsonl", all);
    const std::vector<std::string> expected = Findings(one.path(), rules, 1, 48 << 20);
    found += expected.size();

    std::shuffle(events.begin(), events.end(), random);
    std::string parts[5];
    for (const std::string& event : events) parts[random() % 5] += event;
    for (int i = 0; i < 5; ++i) test::WriteAll(many / ("part" + std::to_string(i) + ".jsonl"), parts[i]);
    for (const unsigned jobs : {1u, 2u, 7u}) {
      ASSERT_EQ(Findings(many.path(), rules, jobs, jobs == 7 ? 20'000 : 48 << 20), expected) << round << " " << jobs;
    }
  }
  EXPECT_GT(found, 500u);
}

}  // namespace
}  // namespace spoor
