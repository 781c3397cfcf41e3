// The same bytes come out, however the work is shared out and whatever the memory.
#include <gtest/gtest.h>

#include <thread>

#include "hunt/hunt.h"
#include "sigma/resolve.h"
#include "support/event_text.h"
#include "support/read_events.h"
#include "support/string_output.h"

namespace spoor {
namespace {

using test::StringOutput;

const char kRules[] = R"(
title: A shell
id: 00000000-0000-0000-0000-000000000001
level: high
logsource: {category: process_creation, product: windows}
detection: {s: {Image|endswith: ['\cmd.exe', '\powershell.exe']}, condition: s}
---
title: Any process
id: 00000000-0000-0000-0000-000000000002
level: low
logsource: {category: process_creation, product: windows}
detection: {s: {Image: '*'}, f: {CommandLine|contains: '7'}, condition: s and not f}
---
title: Said anywhere
id: 00000000-0000-0000-0000-000000000003
level: medium
logsource: {product: windows}
detection: {k: [whoami, 'run 1'], condition: k}
---
title: Many shells
id: 00000000-0000-0000-0000-000000000004
level: medium
correlation:
  type: value_count
  rules: [00000000-0000-0000-0000-000000000001]
  group-by: Image
  timespan: 1s
  condition: {field: CommandLine, gte: 20}
  generate: true
---
title: Many shells and something said
level: high
correlation:
  type: temporal
  rules: [00000000-0000-0000-0000-000000000001, 00000000-0000-0000-0000-000000000003]
  group-by: Computer
  timespan: 2s
  generate: true
)";

class Determinism : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TemporaryFolder();
    // One big file of many pieces, and several small ones, some of which cannot be read.
    for (int i = 0; i < 9; ++i) {
      const std::string path = *folder_ / ("log" + std::to_string(i) + ".evtx");
      if (i == 4) {
        test::WriteAll(path, "nothing of interest");
        continue;
      }
      const std::string records = i == 2 ? "30000" : "40";
      const auto file =
          test::MakeEvtx("log: Microsoft-Windows-Sysmon/Operational\nprovider: Microsoft-Windows-Sysmon\ncomputer: WS" +
                         std::to_string(i) + "\nevent 1 2026-01-02T03:04:0" + std::to_string(i % 3) +
                         "Z\n  Image: C:\\x.exe\nrepeat " + records +
                         "\nevent {n%3} +{n%7}ms\n  Image: C:\\Windows\\{n:cmd|powershell|whoami}.exe\n" +
                         "  CommandLine: run {n} {04n%100}\nend\n");
      ASSERT_TRUE(file.ok()) << file.status();
      test::WriteAll(path, *file);
    }
    sigma::ParseRules(kRules, "rules.yml", {}, &rules_);
    sigma::ResolveReferences(&rules_);
    ASSERT_EQ(rules_.rules.size(), 3u);
    ASSERT_EQ(rules_.correlations.size(), 2u);
    ASSERT_TRUE(rules_.errors.empty()) << rules_.errors[0].message;
  }
  static void TearDownTestSuite() { delete folder_; }

  HuntResult Run(const HuntOptions& options, const Renderer& renderer, StringOutput* output) {
    const std::atomic<bool> stop{false};
    return Hunt(*ListEvidence({folder_->path()}, {}), rules_, sigma::SourceMap::BuiltIn(), options, renderer, output,
                stop, nullptr);
  }
  std::string Text(const HuntOptions& options, const Renderer& renderer) {
    StringOutput output;
    const HuntResult result = Run(options, renderer, &output);
    EXPECT_TRUE(result.status.ok()) << result.status;
    EXPECT_EQ(result.facts.unread.size(), 1u);
    return output.text;
  }

  static test::TemporaryFolder* folder_;
  static sigma::RuleSet rules_;
};
test::TemporaryFolder* Determinism::folder_;
sigma::RuleSet Determinism::rules_;

TEST_F(Determinism, NeitherThreadsNorMemoryChangeAByte) {
  const auto jsonl = MakeJsonLinesRenderer();
  const auto csv = MakeCsvRenderer();
  for (const Renderer* renderer : {jsonl.get(), csv.get()}) {
    for (const bool sort : {true, false}) {
      for (const bool digest : {true, false}) {
        SCOPED_TRACE(testing::Message() << (renderer == csv.get() ? "csv" : "jsonl") << " sort " << sort << " digest "
                                        << digest);
        const std::string expected = Text({.sort = sort, .digest = digest}, *renderer);
        ASSERT_GT(expected.size(), 1'000'000u);
        EXPECT_NE(expected.find("Many shells and something said"), std::string::npos);
        const size_t digests = expected.find("sha256\":\"");
        if (renderer == jsonl.get()) {
          EXPECT_EQ(digests != std::string::npos, digest);
        }
        for (const unsigned jobs : {2u, 7u}) {
          ASSERT_TRUE(Text({.sort = sort, .jobs = jobs, .digest = digest}, *renderer) == expected) << jobs;
        }
        ASSERT_TRUE(Text({.sort = sort, .jobs = 3, .digest = digest, .sort_memory = 100'000}, *renderer) == expected);
        ASSERT_TRUE(Text({.sort = sort, .jobs = 2, .digest = digest, .memo = false}, *renderer) == expected);
      }
    }
  }
}

TEST_F(Determinism, OrderedAndUnorderedHoldTheSameLines) {
  const auto jsonl = MakeJsonLinesRenderer();
  const auto lines = [](std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      out.emplace_back(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    return out;
  };
  std::vector<std::string> sorted = lines(Text({.sort = true}, *jsonl));
  std::vector<std::string> streamed = lines(Text({.sort = false, .jobs = 2}, *jsonl));
  // The first key of a line is its time: sorted findings are sorted lines by their first 40 bytes.
  for (size_t i = 1; i < sorted.size(); ++i) ASSERT_LE(sorted[i - 1].substr(0, 36), sorted[i].substr(0, 36));
  std::sort(sorted.begin(), sorted.end());
  std::sort(streamed.begin(), streamed.end());
  EXPECT_TRUE(sorted == streamed);
}

TEST_F(Determinism, AStoppedHuntIsValidAndSaysSo) {
  const auto jsonl = MakeJsonLinesRenderer();
  const std::string whole = Text({.sort = false}, *jsonl);
  for (const bool sort : {true, false}) {
    for (const unsigned jobs : {1u, 3u}) {
      std::atomic<bool> stop{false};
      StringOutput output;
      if (!sort) output.on_write = [&] { stop = true; };  // after the first findings
      std::thread stopper([&] {
        if (sort) std::this_thread::sleep_for(std::chrono::milliseconds(30));
        if (sort) stop = true;
      });
      const HuntResult result = Hunt(*ListEvidence({folder_->path()}, {}), rules_, sigma::SourceMap::BuiltIn(),
                                     {.sort = sort, .jobs = jobs}, *jsonl, &output, stop, nullptr);
      stopper.join();
      EXPECT_TRUE(result.status.ok()) << result.status;
      EXPECT_TRUE(result.facts.partial);
      EXPECT_LE(output.text.size(), whole.size());
      ASSERT_FALSE(output.text.empty());
      EXPECT_EQ(output.text.back(), '\n');
      if (sort) continue;
      // Every line is one of the whole, perhaps without the digest of a file that was not read to its end; the last
      // says that this is not all.
      std::vector<std::string> lines;
      for (size_t at = 0; at < output.text.size(); at += lines.back().size()) {
        lines.push_back(output.text.substr(at, output.text.find('\n', at) + 1 - at));
      }
      ASSERT_FALSE(lines.empty());
      EXPECT_EQ(lines.back().substr(0, 15), "{\"partial\":true");
      lines.pop_back();
      for (const std::string& line : lines) {
        ASSERT_EQ(line.substr(0, 8), "{\"time\":");
        ASSERT_EQ(line.substr(line.size() - 3), "}}\n");
        if (line.find("\"sha256\"") != std::string::npos) {
          ASSERT_NE(whole.find(line), std::string::npos) << line;
        }
      }
    }
  }
}

}  // namespace
}  // namespace spoor
