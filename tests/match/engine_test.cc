// The match engine against the oracle (support/oracle.h): the same rules hold, event by event, whatever the memo, the
// guards and the order of events; on random rules and events, and on everything of SigmaHQ over real logs.
#include "match/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>

#include "base/text.h"
#include "formats/json/format.h"
#include "sigma/dump.h"
#include "sigma/load.h"
#include "support/oracle.h"
#include "support/random_events.h"
#include "support/read_events.h"

namespace spoor {
namespace {

using test::Flatten;
using test::Oracle;

// Collects what an engine says of one event, and gives the event to several workers in turn.
class Held : public MatchSink {
 public:
  void OnMatch(const Event&, uint32_t rule, const sigma::Target&, Worker* worker) override {
    held.push_back(rule);
    worker->Explain(&reasons);  // must stand whatever holds
    for (const Reason& reason : reasons) ASSERT_NE(reason.pattern, nullptr);
  }
  std::vector<uint32_t> held;
  std::vector<Reason> reasons;
};

// The ways an engine may be run, which must all say the same.
struct Variant {
  const char* name;
  EngineOptions options;
};
const Variant kVariants[] = {
    {"plain", {}},
    {"no memo, first guards", {.memo = false, .adapt_guards = false}},
    {"a memo that overflows all the time", {.memo_memory = 20'000}},
};

class Bench : public Sink {
 public:
  Bench(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources)
      : rules_(rules), oracle_(rules, sources) {
    for (const Variant& v : kVariants) {
      engines_.push_back(std::make_unique<Engine>(rules, sources, v.options));
      sinks_.push_back(std::make_unique<Held>());
      workers_.push_back(std::make_unique<Worker>(engines_.back().get(), sinks_.back().get()));
    }
  }
  void OnEvent(const Event& event) override {
    if (every > 1 && ++seen_ % every != 0) return;
    ++events;
    const test::OracleEvent flat = Flatten(event);
    const std::vector<uint32_t> expected = oracle_.Holding(flat);
    holds += expected.size();
    for (size_t i = 0; i < workers_.size(); ++i) {
      sinks_[i]->held.clear();
      auto& [plan, epoch] = plans_[i][event.shape];  // a shape has room for one worker's plan only
      event.shape->plan = plan;
      event.shape->plan_epoch = epoch;
      workers_[i]->OnEvent(event);
      plan = event.shape->plan;
      epoch = event.shape->plan_epoch;
      if (sinks_[i]->held == expected) continue;
      if (++differences > 5) continue;
      std::string names;
      for (const auto& [list, what] : {std::pair(expected, "oracle"), std::pair(sinks_[i]->held, "engine")}) {
        names += std::string(what) + ":";
        for (uint32_t r : list) names += " [" + rules_[r].title + "]";
        names += '\n';
      }
      std::vector<uint32_t> apart;
      std::set_symmetric_difference(expected.begin(), expected.end(), sinks_[i]->held.begin(), sinks_[i]->held.end(),
                                    std::back_inserter(apart));
      for (size_t k = 0; k < std::min<size_t>(apart.size(), 2); ++k) {
        names += rules_[apart[k]].title + ":\n" + sigma::Dump(rules_[apart[k]].detection);
      }
      ADD_FAILURE() << kVariants[i].name << ", event " << events << " at " << event.offset << " of " << file << "\n"
                    << names << Show(flat);
    }
  }
  void OnDamage(const Damage&) override {}
  void ShapesDropped() override {
    for (auto& w : workers_) w->ShapesDropped();
    for (auto& plans : plans_) plans.clear();
  }
  ~Bench() override {
    for (auto& w : workers_) EXPECT_TRUE(w->status().ok()) << w->status().message();
  }

  uint64_t events = 0, holds = 0, differences = 0;
  unsigned every = 1;
  std::string file;

 private:
  const std::vector<sigma::Rule>& rules_;
  Oracle oracle_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<std::unique_ptr<Held>> sinks_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::map<const Shape*, std::pair<void*, uint64_t>> plans_[std::size(kVariants)];
  uint64_t seen_ = 0;
};

// A worker's events come from several readers. Where one of them drops its shapes, the others' stay and come again.
TEST(Engine, ShapesOfOtherReadersOutliveThoseThatAreDropped) {
  sigma::RuleSet set;
  sigma::ParseRules(
      "title: t\nlogsource: {product: windows, service: security}\ndetection: {s: {A: x}, condition: s}\n", "test", {},
      &set);
  ASSERT_EQ(set.rules.size(), 1u);
  Engine engine(set.rules, sigma::SourceMap::BuiltIn(), {});
  Held sink;
  Worker worker(&engine, &sink);
  struct Forward : Sink {
    explicit Forward(Worker* w) : to(w) {}
    void OnEvent(const Event& event) override { to->OnEvent(event); }
    void OnDamage(const Damage&) override {}
    void ShapesDropped() override { to->ShapesDropped(); }
    Worker* to;
  } forward(&worker);
  const auto stays = json::kFormat.make_reader({});
  const std::string event = "{\"Channel\":\"Security\",\"EventID\":1,\"A\":\"x\"}\n";
  ReadText(stays.get(), event, &forward);
  ASSERT_EQ(sink.held.size(), 1u);
  for (int i = 0; i < 100; ++i) {
    worker.ShapesDropped();  // by some other reader
    const auto other = json::kFormat.make_reader({});
    for (int k = 0; k < 20; ++k) {
      ReadText(other.get(),
               "{\"Channel\":\"System\",\"EventID\":" + std::to_string(k) + ",\"B" + std::to_string(k) + "\":1}\n",
               &forward);
    }
    ReadText(stays.get(), event, &forward);
    ASSERT_EQ(sink.held.size(), 2u + static_cast<size_t>(i));
  }
}

TEST(Engine, AgreesWithTheOracleOnRandomRulesAndEvents) {
  uint64_t holds = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::RandomEvents random(seed);
    const std::vector<sigma::Rule> rules = random.Rules(1 + seed % 40);
    const sigma::SourceMap sources(test::RandomEvents::kSources);
    Bench bench(rules, sources);
    const size_t events = seed == 0 ? 20'000 : 1'000;
    for (size_t i = 0; i < events && bench.differences == 0; ++i) {
      random.Make([&](const Event& e) { bench.OnEvent(e); });
      if (i % 700 == 699) {
        bench.ShapesDropped();
        random.DropShapes();
      }
    }
    holds += bench.holds;
    if (bench.differences != 0) break;
  }
  EXPECT_GT(holds, 10'000u);  // not vacuous
}

// Of real events every how many-th is compared: all for `make evaluate`, else so many that it takes half a minute.
unsigned EveryHow(unsigned usual) { return std::getenv("SPOOR_ORACLE_ALL") != nullptr ? 1 : usual; }

const std::string kData = SPOOR_SHARED_DATA;

// All of SigmaHQ, to be held against logs; nothing where one or the other is not there.
std::optional<sigma::RuleSet> SigmaHqFor(const std::string& logs) {
  if (!std::filesystem::exists(kData + "/sigma") || !std::filesystem::exists(logs)) return std::nullopt;
  sigma::LoadOptions options;
  options.all_statuses = true;
  return sigma::LoadRules({kData + "/sigma"}, options);
}

TEST(Engine, AgreesWithTheOracleOnSigmaHqAndRealLogs) {
  const std::string logs = kData + "/evtx";
  const std::optional<sigma::RuleSet> set = SigmaHqFor(logs);
  if (!set) GTEST_SKIP() << "no third-party data in " << kData;
  ASSERT_GT(set->rules.size(), 3000u);
  Bench bench(set->rules, sigma::SourceMap::BuiltIn());
  bench.every = EveryHow(2);
  for (const std::string& path : test::FilesBelow(logs, ".evtx")) {
    bench.file = path;
    test::ReadEvents(path, &bench);
    bench.ShapesDropped();
  }
  EXPECT_EQ(bench.differences, 0u);
  EXPECT_GT(bench.holds, 300u);
  std::printf("%lu events, %lu rules held\n", bench.events, bench.holds);
}

// Windows events as flat JSON, out of zip files, all in all 280,000.
TEST(Engine, AgreesWithTheOracleOnSigmaHqAndEventsAsJson) {
  const std::string logs = kData + "/security-datasets";
  const std::optional<sigma::RuleSet> set = SigmaHqFor(logs);
  if (!set) GTEST_SKIP() << "no third-party data in " << kData;
  ASSERT_GT(set->rules.size(), 3000u);
  Bench bench(set->rules, sigma::SourceMap::BuiltIn());
  bench.every = EveryHow(100);
  for (const std::string& path : test::FilesBelow(logs, ".zip")) {
    const test::TemporaryFolder folder;
    const std::string command = "python3 -m zipfile -e '" + path + "' '" + folder.path() + "' 2>/dev/null";
    if (std::system(command.c_str()) != 0) continue;  // not every archive is a plain one
    for (const std::string& json : test::FilesBelow(folder.path(), ".json")) {
      bench.file = path + "!" + json;
      test::ReadEvents(json, &bench);
      bench.ShapesDropped();
    }
  }
  EXPECT_EQ(bench.differences, 0u);
  EXPECT_GT(bench.events, 500u);
  EXPECT_GT(bench.holds, 10u);
  std::printf("%lu events, %lu rules held\n", bench.events, bench.holds);
}

}  // namespace
}  // namespace spoor
