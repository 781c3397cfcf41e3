#include "findings/summary.h"

#include <gtest/gtest.h>

#include "findings/sample.h"

namespace spoor {
namespace {

constexpr int64_t kHour = int64_t{3600} * 1000000;

TEST(Summary, CountsByLevelHourRuleAndHost) {
  Summary summary;
  Finding f = SampleFinding();
  f.rule_number = 3;
  summary.Count(f);
  f.time += kHour;
  f.tenant = "other";
  summary.Count(f);
  summary.Count(f);
  EXPECT_EQ(summary.findings(), 3u);
  EXPECT_EQ(summary.level(sigma::Level::kHigh), 3u);
  EXPECT_EQ(summary.level(sigma::Level::kLow), 0u);
  ASSERT_EQ(summary.rules().size(), 4u);
  EXPECT_EQ(summary.rules()[0].rule, nullptr);
  EXPECT_EQ(summary.rules()[3].findings, 3u);
  ASSERT_EQ(summary.Hours().size(), 2u);
  EXPECT_EQ(summary.Hours()[0].start, kSampleTime / kHour * kHour);
  EXPECT_EQ(summary.Hours()[1].count.severe, 2u);
  ASSERT_EQ(summary.Hosts().size(), 2u);  // the same name in two organisations is two hosts
  EXPECT_EQ(summary.Hosts()[0].tenant, "other");
  EXPECT_EQ(summary.Hosts()[0].count.findings, 2u);
}

TEST(Summary, TheSumDoesNotDependOnWhoCounted) {
  const RandomFindings random(2000, 21);
  Summary one;
  Summary parts[3];
  for (size_t i = 0; i < random.findings.size(); ++i) {
    one.Count(random.findings[i]);
    parts[i * i % 3].Count(random.findings[i]);
  }
  Summary sum;
  for (const Summary& part : parts) sum.Add(part);
  EXPECT_EQ(sum.findings(), one.findings());
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(sum.rules()[i].findings, one.rules()[i].findings);
  const auto hosts = one.Hosts(), sum_hosts = sum.Hosts();
  ASSERT_EQ(hosts.size(), sum_hosts.size());
  for (size_t i = 0; i < hosts.size(); ++i) {
    EXPECT_EQ(hosts[i].host, sum_hosts[i].host);
    EXPECT_EQ(hosts[i].count.findings, sum_hosts[i].count.findings);
    EXPECT_EQ(hosts[i].count.worst, sum_hosts[i].count.worst);
  }
  const auto hours = one.Hours(), sum_hours = sum.Hours();
  ASSERT_EQ(hours.size(), sum_hours.size());
  for (size_t i = 0; i < hours.size(); ++i) EXPECT_EQ(hours[i].count.findings, sum_hours[i].count.findings);
}

TEST(Summary, HoursBefore1970BeginAtTheFullHour) {
  Summary summary;
  Finding f = SampleFinding();
  f.time = -1;
  summary.Count(f);
  EXPECT_EQ(summary.Hours()[0].start, -kHour);
}

TEST(Summary, PastItsLimitsATableIsGivenUp) {
  Summary halves[2];
  for (size_t i = 0; i <= kMaxHosts; ++i) {
    Finding f = SampleFinding();
    const std::string host = "host" + std::to_string(i);
    f.host = host;
    f.time = kSampleTime + static_cast<int64_t>(i) * kHour;
    halves[i % 2].Count(f);
  }
  EXPECT_FALSE(halves[0].hosts_overflow());
  halves[0].Add(halves[1]);
  EXPECT_TRUE(halves[0].hosts_overflow());
  EXPECT_TRUE(halves[0].hours_overflow());
  EXPECT_TRUE(halves[0].Hosts().empty());
  EXPECT_TRUE(halves[0].Hours().empty());
  EXPECT_EQ(halves[0].findings(), kMaxHosts + 1);
}

}  // namespace
}  // namespace spoor
