// FindingSink against a plain sort: the same bytes, whatever the number of collectors and the memory.
#include "findings/sink.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <thread>
#include <tuple>

#include "findings/sample.h"
#include "support/string_output.h"

namespace spoor {
namespace {

using test::StringOutput;

// A short form, so that tests are quick and failures readable: "time file offset rule text" and a gap.
class PlainRenderer : public Renderer {
 public:
  explicit PlainRenderer(bool severe_first = false, size_t limit = static_cast<size_t>(-1))
      : severe_first_(severe_first), limit_(limit) {}
  size_t Render(const Finding& f, std::string* out) const override {
    const size_t start = out->size();
    out->append(std::to_string(f.time / 3600000000) + " " + std::to_string(f.file));
    const size_t gap = out->size() - start;
    out->append(" " + std::to_string(f.offset) + " " + f.rule->title + " " + std::to_string(f.record) + " ");
    out->append(f.event[0].value).append("\n");
    return f.file == 2 ? kNoGap : gap;
  }
  std::string_view DigestPrefix() const override { return "<"; }
  std::string_view DigestSuffix() const override { return ">"; }
  std::string Head(const Summary& s, const HuntFacts&) const override {
    return "head " + std::to_string(s.findings()) + "\n";
  }
  std::string Tail(const Summary& s, const HuntFacts&) const override {
    return "tail " + std::to_string(s.level(sigma::Level::kHigh)) + "\n";
  }
  bool severe_first() const override { return severe_first_; }
  size_t limit() const override { return limit_; }

 private:
  bool severe_first_;
  size_t limit_;
};

std::string_view Digest(uint32_t file) { return file == 0 ? "d0" : ""; }

std::string Oracle(const std::vector<Finding>& findings, const PlainRenderer& renderer) {
  std::vector<std::pair<const Finding*, std::string>> all;
  for (const Finding& f : findings) {
    std::string text;
    renderer.Render(f, &text);
    all.emplace_back(&f, text);
  }
  const auto key = [&](const auto& entry) {
    const Finding& f = *entry.first;
    const int severity = renderer.severe_first() ? 4 - static_cast<int>(f.rule->level) : 0;
    return std::make_tuple(severity, f.time, f.file, f.offset, f.rule_number, std::string_view(entry.second));
  };
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  if (all.size() > renderer.limit()) all.resize(renderer.limit());
  size_t high = 0;
  for (const Finding& f : findings) high += f.rule->level == sigma::Level::kHigh;
  std::string out = "head " + std::to_string(findings.size()) + "\n";
  for (const auto& [finding, text] : all) {
    out += finding->file == 0 ? text.substr(0, text.find(' ') + 2) + "<d0>" + text.substr(text.find(' ') + 2) : text;
  }
  return out + "tail " + std::to_string(high) + "\n";
}

std::string Collect(const std::vector<Finding>& findings, const PlainRenderer& renderer, size_t collectors,
                    size_t memory, unsigned seed) {
  FindingSink sink(&renderer, collectors, memory);
  std::mt19937 random(seed);
  for (const Finding& f : findings) {
    EXPECT_TRUE(sink.collector(random() % collectors)->Add(f).ok());
  }
  StringOutput output;
  const absl::Status status = sink.Finish(HuntFacts(), Digest, &output);
  EXPECT_TRUE(status.ok()) << status;
  return output.text;
}

struct Case {
  size_t collectors, memory;
};

class SinkTest : public testing::TestWithParam<Case> {};

TEST_P(SinkTest, WritesWhatASortWouldGive) {
  const auto [collectors, memory] = GetParam();
  for (const size_t count : {0, 1, 2, 65, 1000, 6000}) {
    const RandomFindings random(count, static_cast<unsigned>(count));
    for (const bool severe_first : {false, true}) {
      const PlainRenderer renderer(severe_first);
      ASSERT_TRUE(Collect(random.findings, renderer, collectors, memory, 1) == Oracle(random.findings, renderer))
          << count;
    }
  }
}

TEST_P(SinkTest, ALimitGivesTheFirstOfThem) {
  const auto [collectors, memory] = GetParam();
  const RandomFindings random(3000, 5);
  for (const size_t limit : {0, 1, 7, 200, 2999, 3000, 5000}) {
    const PlainRenderer renderer(/*severe_first=*/true, limit);
    ASSERT_TRUE(Collect(random.findings, renderer, collectors, memory, 2) == Oracle(random.findings, renderer))
        << limit;
  }
}

// A byte of memory makes every finding a run of its own: thousands of runs, merged in several passes.
INSTANTIATE_TEST_SUITE_P(All, SinkTest,
                         testing::Values(Case{1, 1 << 30}, Case{2, 1 << 30}, Case{7, 1 << 30}, Case{1, 1}, Case{2, 1},
                                         Case{7, 1}, Case{1, 40000}, Case{2, 100000}, Case{7, 400000}),
                         [](const auto& info) {
                           return std::to_string(info.param.collectors) + "collectors" +
                                  std::to_string(info.param.memory) + "bytes";
                         });

TEST(Sink, ALongTextAmongShortOnesIsSpilledAndReadBack) {
  const std::string big(1 << 20, 'x');
  RandomFindings random(300, 9);
  for (size_t i = 0; i < random.findings.size(); i += 37) random.findings[i].event[0].value = big;
  const PlainRenderer renderer;
  EXPECT_TRUE(Collect(random.findings, renderer, 2, 1 << 16, 3) == Oracle(random.findings, renderer));
  EXPECT_TRUE(Collect(random.findings, renderer, 2, 1 << 30, 3) == Oracle(random.findings, renderer));
}

TEST(Sink, WorkersMayCollectAtTheSameTime) {
  const RandomFindings random(8000, 11);
  const PlainRenderer renderer;
  FindingSink sink(&renderer, 4, 100000);
  std::vector<std::thread> workers;
  for (size_t w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      for (size_t i = w; i < random.findings.size(); i += 4) {
        if (!sink.collector(w)->Add(random.findings[i]).ok()) return;
      }
      sink.collector(w)->Seal();
    });
  }
  for (std::thread& worker : workers) worker.join();
  StringOutput output;
  ASSERT_TRUE(sink.Finish(HuntFacts(), Digest, &output).ok());
  EXPECT_TRUE(output.text == Oracle(random.findings, renderer));
}

TEST(Sink, TimesPastAnyCalendarStayInOrder) {
  RandomFindings random(200, 12);
  const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
  for (size_t i = 0; i < random.findings.size(); ++i) random.findings[i].time = extremes[i % 7];
  for (const bool severe_first : {false, true}) {
    const PlainRenderer renderer(severe_first);
    EXPECT_TRUE(Collect(random.findings, renderer, 2, 1, 4) == Oracle(random.findings, renderer));
  }
}

TEST(Sink, AFullDiskIsAnError) {
  const RandomFindings random(100, 13);
  const PlainRenderer renderer;
  FindingSink sink(&renderer, 1, 1 << 20);
  for (const Finding& f : random.findings) ASSERT_TRUE(sink.collector(0)->Add(f).ok());
  StringOutput output(100);
  EXPECT_EQ(sink.Finish(HuntFacts(), Digest, &output).code(), absl::StatusCode::kResourceExhausted);
}

TEST(Sink, ATemporaryFolderThatIsMissingIsAnErrorThatStays) {
  const char* before = getenv("TMPDIR");
  const std::string saved = before ? before : "";
  setenv("TMPDIR", "/nonexistent-folder", 1);
  const RandomFindings random(3, 14);
  const PlainRenderer renderer;
  FindingSink sink(&renderer, 1, 1);
  const absl::Status first = sink.collector(0)->Add(random.findings[0]);
  before ? setenv("TMPDIR", saved.c_str(), 1) : unsetenv("TMPDIR");
  EXPECT_FALSE(first.ok());
  EXPECT_NE(std::string(first.message()).find("/nonexistent-folder"), std::string::npos);
  EXPECT_EQ(sink.collector(0)->Add(random.findings[1]), first);
  StringOutput output;
  EXPECT_EQ(sink.Finish(HuntFacts(), Digest, &output), first);
}

}  // namespace
}  // namespace spoor
