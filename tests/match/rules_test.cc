// Rules written out, over events written out: what must hold and what must not.
#include <gtest/gtest.h>

#include "match/engine.h"
#include "sigma/load.h"
#include "support/event_text.h"
#include "support/read_events.h"

namespace spoor {
namespace {

class Titles : public Sink, public MatchSink {
 public:
  explicit Titles(Engine* engine) : engine_(*engine), worker(engine, this) {}
  void OnEvent(const Event& event) override {
    found += found.empty() ? "" : " | ";
    worker.OnEvent(event);
  }
  void OnDamage(const Damage&) override {}
  void ShapesDropped() override { worker.ShapesDropped(); }
  void OnMatch(const Event&, uint32_t rule, const sigma::Target&, Worker*) override {
    found += engine_.rules()[rule].title;
  }
  std::string found;

 private:
  Engine& engine_;

 public:
  Worker worker;
};

// The detections, titled A, B, …, over the data of Sysmon events 1; the titles that hold, event by event.
std::string Found(const std::vector<std::string>& detections, const std::vector<std::string>& events) {
  std::string yaml;
  for (size_t i = 0; i < detections.size(); ++i) {
    yaml += std::string(i == 0 ? "" : "---\n") + "title: " + static_cast<char>('A' + i) +
            "\nlogsource: {product: windows, category: process_creation}\ndetection: " + detections[i] + "\n";
  }
  sigma::RuleSet set;
  sigma::ParseRules(yaml, "test", {}, &set);
  for (const sigma::RuleError& e : set.errors) ADD_FAILURE() << e.message;
  std::string text = "log: Microsoft-Windows-Sysmon/Operational\nprovider: Microsoft-Windows-Sysmon\n";
  for (const std::string& event : events) text += "event 1 2026-01-02T03:04:05Z\n" + event;
  const auto file = test::MakeEvtx(text);
  EXPECT_TRUE(file.ok()) << file.status();
  Engine engine(set.rules, sigma::SourceMap::BuiltIn(), {});
  Titles titles(&engine);
  test::ReadEventsOf(*file, &titles);
  EXPECT_TRUE(titles.worker.status().ok()) << titles.worker.status();
  return titles.found;
}

TEST(Rules, ConditionsOverTexts) {
  EXPECT_EQ(
      Found({"{s: {Image|endswith: '\\cmd.exe'}, f: {User: joe}, condition: s and not f}"},
            {"  Image: C:\\CMD.EXE\n  User: jane\n", "  Image: C:\\cmd.exe\n  User: JOE\n", "  Image: C:\\cmd.exe\n"}),
      "A |  | A");
}

TEST(Rules, AbsentNullAndEmpty) {
  const std::vector<std::string> rules = {"{s: {User: null}, condition: s}", "{s: {User: ''}, condition: s}",
                                          "{s: {User: '*'}, condition: s}", "{s: {User|exists: false}, condition: s}",
                                          "{s: {User: '?*'}, condition: s}"};
  EXPECT_EQ(Found(rules, {"  Image: x\n"}), "AD");
  EXPECT_EQ(Found(rules, {"  User: null\n"}), "AD");
  EXPECT_EQ(Found(rules, {"  User: \"\"\n"}), "BC");
  EXPECT_EQ(Found(rules, {"  User: jane\n"}), "CE");
}

TEST(Rules, ArraysHoldForOneElement) {
  EXPECT_EQ(Found({"{s: {A: two}, condition: s}", "{s: {A: 'one, two'}, condition: s}",
                   "{s: {A|startswith: t}, condition: s}"},
                  {"  A: string[] one, two\n"}),
            "AC");
}

TEST(Rules, AFieldReferenceLooksAtEveryValue) {
  EXPECT_EQ(Found({"{s: {A|fieldref: B}, condition: s}"},
                  {"  A: string[] one, two\n  B: two\n", "  A: one\n  A: two\n  B: TWO\n"}),
            "A | A");
}

// Fields have 16-bit numbers in a program. Loading bounds them (sigma::kMaxFields); what was not loaded so is refused
// here, and does not run in circles.
TEST(Rules, TooManyFieldsAreAnError) {
  sigma::RuleSet set;
  for (int r = 0; r < 3; ++r) {
    std::string yaml = "title: Wide\nlogsource: {product: windows, category: process_creation}\ndetection:\n  s:\n";
    for (int i = 0; i < 25'000; ++i) yaml += "    F" + std::to_string(r) + "x" + std::to_string(i) + ": x\n";
    sigma::ParseRules(yaml + "  condition: s\n", "test", {}, &set);
  }
  ASSERT_EQ(set.rules.size(), 3u);
  Engine engine(set.rules, sigma::SourceMap::BuiltIn(), {});
  Titles titles(&engine);
  const auto file = test::MakeEvtx(
      "log: Microsoft-Windows-Sysmon/Operational\nprovider: Microsoft-Windows-Sysmon\n"
      "event 1 2026-01-02T03:04:05Z\n  Image: x\n");
  test::ReadEventsOf(*file, &titles);
  EXPECT_EQ(titles.worker.status().code(), absl::StatusCode::kResourceExhausted) << titles.worker.status();
  EXPECT_EQ(titles.found, "");
}

// One rule must not keep all others from being looked at.
TEST(Rules, BytesWithNulsCanBeSearched) {
  std::string many = "{s: {Image|contains: [";
  for (int i = 0; i < 300; ++i) many += "'word number " + std::to_string(i) + "', ";
  many += "cmd]}, condition: s}";
  EXPECT_EQ(Found({"{s: {Image|contains: \"\\0z\"}, condition: s}", many}, {"  Image: C:\\cmd.exe\n"}), "B");
}

}  // namespace
}  // namespace spoor
