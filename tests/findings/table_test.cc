// What a person sees.
#include <gtest/gtest.h>

#include "base/text.h"
#include "findings/layout.h"
#include "findings/sample.h"
#include "findings/sink.h"

namespace spoor {
namespace {

HuntFacts SampleFacts() {
  HuntFacts facts;
  facts.files = 12;
  facts.bytes = 345678901;
  facts.events = 1200000;
  facts.rules_loaded = 3754;
  facts.rules_applicable = 812;
  facts.first_event = kSampleTime;
  facts.last_event = kSampleTime + 90 * int64_t{60} * 1000000;
  facts.seconds = 1.234;
  return facts;
}

std::string Table(const std::vector<Finding>& findings, const HuntFacts& facts,
                  const TableOptions& options = {}) {
  const std::unique_ptr<Renderer> renderer = MakeTableRenderer(options);
  FindingSink sink(renderer.get(), 1, 1 << 20);
  for (const Finding& f : findings) EXPECT_TRUE(sink.collector(0)->Add(f).ok());
  StringOutput output;
  EXPECT_TRUE(sink.Finish(
                      facts, [](uint32_t) { return ""; }, &output)
                  .ok());
  return output.text;
}

TEST(Table, ShowsTheOverviewAndThenTheFindings) {
  Finding first = SampleFinding();
  first.matched[0].pattern = "contains: -enc";
  Finding later = first;
  later.time += 3600 * int64_t{1000000};
  later.host = "SRV1";
  EXPECT_EQ(Table({later, first}, SampleFacts()),
            R"(2 findings
  evidence  12 files, 345.7 MB
  events    1,200,000 events, 2026-01-02 03:04:05 to 2026-01-02 04:34:05 UTC
  rules     3,754 loaded, 812 apply to these events
  time      1.23 s

By level
  critical                0
  high                    2  ██████████████████████████████
  medium                  0
  low                     0
  informational           0

When (UTC)
  2026-01-02 03h           1  ██████████████████████████████  1 high or critical
  2026-01-02 04h           1  ██████████████████████████████  1 high or critical

Rules
            2  high          Suspicious Encoded PowerShell

Hosts
            1  high          acme/SRV1
            1  high          acme/WS1

2026-01-02 03:04:05  high           Suspicious Encoded PowerShell
    acme · WS1 · ACME\jane · windows/sysmon 1 · record 4711
    logs/Sysmon.evtx
    CommandLine         powershell -enc SQBFAFgA
                        contains: -enc

2026-01-02 04:04:05  high           Suspicious Encoded PowerShell
    acme · SRV1 · ACME\jane · windows/sysmon 1 · record 4711
    logs/Sysmon.evtx
    CommandLine         powershell -enc SQBFAFgA
                        contains: -enc

)");
}

TEST(Table, NothingFoundIsExplained) {
  HuntFacts facts = SampleFacts();
  facts.rules_failed = 2;
  facts.damage = 1;
  facts.min_level = sigma::Level::kHigh;
  facts.unread = {{"logs/a.bin", "not a known format"}};
  facts.sources = {{"Security 4624", 1000000}, {"Security 4688", 200000}};
  EXPECT_EQ(Table({}, facts),
            R"(No findings
  evidence  12 files, 345.7 MB, 1 damaged place
  events    1,200,000 events, 2026-01-02 03:04:05 to 2026-01-02 04:34:05 UTC
  rules     3,754 loaded, 812 apply to these events, 2 could not be read
  time      1.23 s

Not read: 1 file
  logs/a.bin: not a known format

Why that may be
  - 812 of the 3,754 rules apply to events of these kinds, and none of them matched.
  - Rules below level high were left out (--min-level).
  - 2 rules could not be read (spoor rules check tells why).
  - 1 file could not be read.
  - What lay in 1 damaged place of the evidence could not be read.

Events seen
    1,000,000  Security 4624
      200,000  Security 4688
)");
}

TEST(Table, NoEventNoRuleNoApplicableRuleAreToldApart) {
  HuntFacts facts;
  EXPECT_NE(Table({}, facts).find("No evidence file was read."), std::string::npos);
  facts.files = 1;
  EXPECT_NE(Table({}, facts).find("The files hold no event"), std::string::npos);
  facts.events = 5;
  EXPECT_NE(Table({}, facts).find("No rule was loaded"), std::string::npos);
  facts.rules_loaded = 3;
  EXPECT_NE(Table({}, facts).find("No rule is about what these events are"), std::string::npos);
  facts.partial = true;
  EXPECT_NE(Table({}, facts).find("stopped before all evidence was read"), std::string::npos);
}

TEST(Table, OnlyTheMostSevereAreShown) {
  const RandomFindings random(500, 31);
  TableOptions options;
  options.limit = 3;
  const std::string table = Table(random.findings, SampleFacts(), options);
  EXPECT_NE(table.find("\n… and 497 more; use -f jsonl or --min-level high\n"), std::string::npos);
  size_t shown = 0;
  for (size_t at = 0; (at = table.find("record ", at)) != std::string::npos; ++at) ++shown;
  EXPECT_EQ(shown, 3u);
  EXPECT_NE(table.find("When (UTC; 12 of 50 hours with findings)"), std::string::npos);
  EXPECT_NE(table.find("Hosts (10 of "), std::string::npos);
}

TEST(Table, NoLineIsWiderThanAsked) {
  const std::string word(3000, 'w');
  const std::string wide = "C:\\日本語\\" + std::string(500, 'x') + "\x1b[31m\u202e";
  Finding f = SampleFinding();
  f.host = f.user = f.path = f.source = word;
  f.matched = {{wide, wide, word}, {word, word, wide}, {"a", "b", "c"}};
  HuntFacts facts = SampleFacts();
  facts.unread = {{word, wide}};
  facts.sources = {{wide, 1}};
  for (const int width : {1, 60, 80, 100, 200}) {
    TableOptions options;
    options.width = width;
    for (const std::string& text : {Table({f}, facts, options), Table({}, facts, options)}) {
      for (size_t at = 0; at < text.size();) {
        const size_t end = text.find('\n', at);
        EXPECT_LE(DisplayWidth(std::string_view(text).substr(at, end - at)), std::max(width, 60))
            << text.substr(at, end - at);
        at = end + 1;
      }
      EXPECT_EQ(text.find('\x1b'), std::string::npos);
      EXPECT_EQ(text.find("\u202e"), std::string::npos);
    }
  }
}

TEST(Table, ColoursOnlyWhereAsked) {
  TableOptions options;
  EXPECT_EQ(Table({SampleFinding()}, SampleFacts(), options).find('\x1b'), std::string::npos);
  options.color = true;
  EXPECT_NE(Table({SampleFinding()}, SampleFacts(), options).find("\x1b[1;31mhigh"), std::string::npos);
}

TEST(Layout, FitsTexts) {
  EXPECT_EQ(Fit("short", 5), "short");
  EXPECT_EQ(Fit("too long", 5), "too …");
  EXPECT_EQ(FitEnd("path/to/file", 6), "…/file");
  EXPECT_EQ(Fit("日本語", 5), "日本…");
  EXPECT_EQ(Fit("日本語", 4), "日…");
  EXPECT_EQ(FitPadded("a", 3), "a  ");
  EXPECT_EQ(Fit("a\nb", 10), "a\\x0ab");
}

TEST(Layout, WrapsAtSpacesWhereThatIsNear) {
  EXPECT_EQ(Wrap("one two three", 9, 3), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(Wrap("abcdefghij", 4, 3), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  EXPECT_EQ(Wrap("abcdefghijklmn", 4, 3), (std::vector<std::string>{"abcd", "efgh", "ijk…"}));
  EXPECT_EQ(Wrap("", 4, 3), (std::vector<std::string>{""}));
}

TEST(Layout, WritesNumbers) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
  EXPECT_EQ(Bytes(1), "1 byte");
  EXPECT_EQ(Bytes(999), "999 bytes");
  EXPECT_EQ(Bytes(1500), "1.5 kB");
  EXPECT_EQ(Bytes(999960), "1.0 MB");
  EXPECT_EQ(Bytes(UINT64_MAX), "18.4 EB");
  EXPECT_EQ(ShortTime(0), "(no time)");
  EXPECT_EQ(Bar(0, 10, 10), "");
  EXPECT_EQ(Bar(1, 1000000, 10), "▏");
  EXPECT_EQ(Bar(10, 10, 3), "███");
}

}  // namespace
}  // namespace spoor
