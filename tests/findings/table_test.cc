// What a person sees.
#include <gtest/gtest.h>

#include "base/text.h"
#include "findings/layout.h"
#include "findings/sample.h"
#include "findings/sink.h"
#include "support/string_output.h"

namespace spoor {
namespace {

using test::StringOutput;

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

std::string Table(const std::vector<Finding>& findings, const HuntFacts& facts, const TableOptions& options = {}) {
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
  2026-01-02 03h           1  ██████████████████████████████      1 high or critical
  2026-01-02 04h           1  ██████████████████████████████      1 high or critical

Rules
            2  high          Suspicious Encoded PowerShell

Hosts
            1  high          acme/SRV1
            1  high          acme/WS1

2026-01-02 03:04:05  high           Suspicious Encoded PowerShell
    acme · WS1 · ACME\jane
    powershell -enc SQBFAFgA
    C:\Windows\powershell.exe
    CommandLine         contains: -enc
    logs/Sysmon.evtx · windows/sysmon 1 · record 4711

2026-01-02 04:04:05  high           Suspicious Encoded PowerShell
    acme · SRV1 · ACME\jane
    powershell -enc SQBFAFgA
    C:\Windows\powershell.exe
    CommandLine         contains: -enc
    logs/Sysmon.evtx · windows/sysmon 1 · record 4711

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

size_t Count(std::string_view text, std::string_view wanted) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(wanted, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

TEST(Table, OnlyTheMostSevereAreShown) {
  const RandomFindings random(500, 31);
  TableOptions options;
  options.limit = 3;
  const std::string table = Table(random.findings, SampleFacts(), options);
  EXPECT_EQ(Count(table, " · record "), 3u);
  EXPECT_NE(table.find(" more; use -f jsonl or --min-level high\n"), std::string::npos);
  EXPECT_NE(table.find("When (UTC; 12 of 50 hours with findings)"), std::string::npos);
  EXPECT_NE(table.find("Hosts (10 of "), std::string::npos);
  options.limit = 0;
  EXPECT_NE(Table(random.findings, SampleFacts(), options).find("\n… and 500 more; use"), std::string::npos);
}

TEST(Table, DependsOnTheFindingsAlone) {
  const RandomFindings random(3000, 7);
  TableOptions options;
  options.limit = 20;  // of 500 drafts
  std::string expected;
  for (const size_t collectors : {1, 2, 5}) {
    for (const size_t memory : {size_t{50'000}, size_t{10'000'000}}) {
      const std::unique_ptr<Renderer> renderer = MakeTableRenderer(options);
      FindingSink sink(renderer.get(), collectors, memory);
      for (size_t i = 0; i < random.findings.size(); ++i) {
        ASSERT_TRUE(sink.collector(i * 31 % collectors)->Add(random.findings[i]).ok());
      }
      StringOutput output;
      ASSERT_TRUE(sink.Finish(
                          SampleFacts(), [](uint32_t) { return ""; }, &output)
                      .ok());
      if (expected.empty()) expected = output.text;
      EXPECT_EQ(output.text, expected);
    }
  }
}

TEST(Table, WhatRepeatsIsShownOnce) {
  std::vector<Finding> findings;
  for (int i = 0; i < 5; ++i) {
    Finding f = SampleFinding();
    f.record += static_cast<uint64_t>(i);
    f.offset += static_cast<uint64_t>(i) * 100;
    f.time += i * int64_t{60'000'000};
    f.host = i == 3 ? "ws1" : "WS1";
    f.user = i == 4 ? "ACME\\joe" : "ACME\\jane";
    findings.push_back(f);
  }
  const std::string table = Table(findings, SampleFacts());
  EXPECT_EQ(Count(table, " · record "), 1u);
  EXPECT_NE(table.find("    ×5, last 2026-01-02 03:08:05 · acme · WS1 · ACME\\jane and 1 other user\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("            5  high          acme/WS1\n"), std::string::npos) << table;
  // What differs only behind a cut is not the same.
  const std::string cut(5000, 'x'), other = cut + "y";
  findings[2].event[1].value = cut;
  findings[3].event[1].value = other;
  EXPECT_EQ(Count(Table(findings, SampleFacts()), " · record "), 3u) << Table(findings, SampleFacts());
}

TEST(Table, RulesOfOneRecordShareABlock) {
  Finding f = SampleFinding();
  f.matched = {{"CommandLine", f.event[1].value, "contains: -enc"},
               {"CommandLine", f.event[1].value, "contains: powershell"}};
  Finding g = f;
  g.rule = &FiveRules()[2];  // low
  g.rule_number = 2;
  g.matched = {{"CommandLine", f.event[1].value, "contains: -enc"},
               {"User", "ACME\\jane", "ends with: jane"},
               {"Company", "ACME", "is: acme"},
               {"EventID", "1", "is: 1"}};
  const std::string table = Table({g, f}, SampleFacts());
  EXPECT_NE(table.find(R"(
2026-01-02 03:04:05  high           Suspicious Encoded PowerShell
                     low            rule 2
    acme · WS1 · ACME\jane
    powershell -enc SQBFAFgA
    C:\Windows\powershell.exe
    CommandLine         contains: -enc · powershell
    User                ACME\jane  (ends with: jane)
    Company             is: acme
    logs/Sysmon.evtx · windows/sysmon 1 · record 4711
)"),
            std::string::npos)
      << table;
}

TEST(Table, OneRuleDoesNotTakeAllTheRoom) {
  std::vector<std::string> commands;
  for (int i = 0; i < 30; ++i) commands.push_back("run " + std::to_string(i));
  std::vector<Finding> findings;
  for (size_t i = 0; i < commands.size(); ++i) {
    Finding f = SampleFinding();
    f.offset += i * 100;
    f.event[1].value = commands[i];
    findings.push_back(f);
  }
  Finding other = SampleFinding();
  other.rule = &FiveRules()[0];  // informational
  other.rule_number = 9;
  other.offset = 0;
  findings.push_back(other);
  TableOptions options;
  options.limit = 10;
  const std::string table = Table(findings, SampleFacts(), options);
  EXPECT_NE(table.find("    … and 25 more of the same rules on this host, last 2026-01-02 03:04:05\n"),
            std::string::npos)
      << table;
  EXPECT_EQ(Count(table, " · record "), 6u);
  EXPECT_NE(table.find("informational  rule 0\n"), std::string::npos);
  EXPECT_EQ(table.find("more; use"), std::string::npos);
}

TEST(Table, TheKindOfEventIsShownWhereThereIsNothingElse) {
  Finding f = SampleFinding();
  f.source = "windows/security";
  f.event_id = 4794;
  f.matched = {{"EventID", "4794", "is: 4794"}};
  EXPECT_NE(Table({f}, SampleFacts()).find("\n    EventID             is: 4794\n"), std::string::npos);
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
  EXPECT_EQ(Fit("a \r\n\t b\tc\x01\n", 20), "a⏎b c\\x01");
}

TEST(Layout, ExcerptsShowThePlaceOfTheMatch) {
  const std::string left(500, 'l'), right(500, 'r');
  const std::string value = left + "Needle 日本" + right;
  for (const char* pattern : {"contains: needle", "re: (?i)N?eedle", "like: *needle*", "contains: needle 日"}) {
    const std::string cut = Excerpt(value, pattern, 40);
    EXPECT_LE(DisplayWidth(cut), 40);
    EXPECT_NE(cut.find("eedle 日"), std::string::npos) << pattern << ": " << cut;
    EXPECT_EQ(cut.substr(0, 3), "…");
    EXPECT_EQ(cut.substr(cut.size() - 3), "…");
  }
  EXPECT_EQ(Excerpt(value, "ends with: rrr", 10), "…rrrrrrrrr");
  EXPECT_EQ(Excerpt(value, "re: [a-z]+", 5), "llll…");
  EXPECT_EQ(Excerpt("short", "contains: o", 5), "short");
  // Whatever the bytes: no more columns than asked, at any width.
  const std::string wild = "\xe6\x97\xa5\x80\x80\xff\x1b[31m" + std::string(50, '\x01') + "x\u202e\xe6";
  for (int columns = 1; columns < 60; ++columns) {
    EXPECT_LE(DisplayWidth(Excerpt(wild + wild, "contains: x", columns)), columns);
  }
}

TEST(Layout, WrapsAtSpacesWhereThatIsNear) {
  EXPECT_EQ(Wrap("one two three", 9, 3), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(Wrap("abcdefghij", 4, 3), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  EXPECT_EQ(Wrap("abcdefghijklmn", 4, 3), (std::vector<std::string>{"abcd", "efgh", "ijk…"}));
  EXPECT_EQ(Wrap("C:\\Windows\\cmd", 12, 3), (std::vector<std::string>{"C:\\Windows\\", "cmd"}));
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
