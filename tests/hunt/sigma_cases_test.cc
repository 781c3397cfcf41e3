// The conformance suite, tests/cases/sigma: what each rule says of each event, by the engine in all its ways and by the
// oracle.
#include <gtest/gtest.h>

#include <set>

#include "formats/json/format.h"
#include "match/engine.h"
#include "match/evaluate.h"
#include "sigma/load.h"
#include "sigma/resolve.h"
#include "support/oracle.h"
#include "support/read_events.h"
#include "support/sigma_case.h"

namespace spoor {
namespace {

const std::string kFolder = std::string(SPOOR_SOURCE_DIR) + "/tests/cases/sigma";

// Gives each event to an engine, twice, and to the oracle.
class Judge : public Sink, public MatchSink {
 public:
  Judge(const std::vector<sigma::Rule>& rules, bool memo)
      : rules_(rules),
        engine_(rules, sigma::SourceMap::BuiltIn(), {.memo = memo}),
        worker_(&engine_, this),
        oracle_(rules, sigma::SourceMap::BuiltIn()) {}

  std::vector<std::string> engine, again, oracle, plain;
  int events = 0;

  void OnEvent(const Event& event) override {
    ++events;
    engine.clear();
    worker_.OnEvent(event);
    again = std::exchange(engine, {});
    worker_.OnEvent(event);
    oracle.clear();
    for (const uint32_t rule : oracle_.Holding(test::Flatten(event))) oracle.push_back(rules_[rule].title);
    plain.clear();
    for (const sigma::Rule& rule : rules_) {
      if (Evaluate(rule, sigma::SourceMap::BuiltIn(), event).holds) plain.push_back(rule.title);
    }
  }
  void OnMatch(const Event&, uint32_t rule, const sigma::Target&, Worker* worker) override {
    engine.push_back(rules_[rule].title);
    worker->Explain(&reasons_);
  }
  void OnDamage(const Damage& d) override { ADD_FAILURE() << d.kind; }
  void ShapesDropped() override { worker_.ShapesDropped(); }

 private:
  const std::vector<sigma::Rule>& rules_;
  Engine engine_;
  Worker worker_;
  test::Oracle oracle_;
  std::vector<Reason> reasons_;
};

std::string Join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "none" : out;
}

// Each of `wanted` must be part of a message of its own kind; where none is wanted, there must be none.
void CheckMessages(const std::vector<std::string>& wanted, const std::vector<sigma::RuleError>& said,
                   const char* what) {
  EXPECT_EQ(wanted.size(), said.size()) << what;
  for (size_t i = 0; i < said.size(); ++i) {
    const std::string message =
        std::to_string(said[i].line) + ":" + std::to_string(said[i].column) + ": " + said[i].message;
    EXPECT_TRUE(i < wanted.size() && message.find(wanted[i]) != std::string::npos)
        << what << ": " << message << "\n  wanted: " << (i < wanted.size() ? wanted[i] : "none");
  }
}

void Check(const test::SigmaCase& c) {
  sigma::LoadOptions options;
  options.placeholders = {{"users", {"alice", "b*b"}}, {"paths", {"C:\\Temp\\"}}};
  sigma::RuleSet set;
  sigma::ParseRules(c.rules, "case.yml", options, &set);
  sigma::ResolveReferences(&set);
  CheckMessages(c.errors, set.errors, "errors");
  CheckMessages(c.warnings, set.warnings, "warnings");
  if (set.rules.empty()) return;
  for (const bool memo : {true, false}) {
    Judge judge(set.rules, memo);
    FormatOptions given;
    given.given.category = "test";
    const auto reader = json::kFormat.make_reader(given);
    for (const auto& e : c.expectations) {
      SCOPED_TRACE("line " + std::to_string(e.line) + ": " + e.event + "  " + e.reason);
      const int before = judge.events;
      ReadText(reader.get(), e.event, &judge);
      ASSERT_EQ(judge.events, before + 1);
      EXPECT_EQ(Join(judge.engine), Join(e.holding)) << "engine";
      EXPECT_EQ(Join(judge.again), Join(e.holding)) << "engine, from memory";
      EXPECT_EQ(Join(judge.oracle), Join(e.holding)) << "oracle";
      EXPECT_EQ(Join(judge.plain), Join(e.holding)) << "rules explain";
    }
  }
}

std::vector<std::string> Files() { return test::FilesBelow(kFolder, ".txt"); }

class SigmaCases : public testing::TestWithParam<std::string> {};

TEST_P(SigmaCases, Hold) {
  std::string problem;
  const auto cases = test::ParseSigmaCases(test::ReadAll(GetParam()), &problem);
  ASSERT_EQ(problem, "");
  ASSERT_FALSE(cases.empty());
  for (const test::SigmaCase& c : cases) {
    SCOPED_TRACE(GetParam() + ":" + std::to_string(c.line) + ": " + c.name);
    EXPECT_FALSE(c.expectations.empty() && c.errors.empty()) << "nothing is expected";
    Check(c);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SigmaCases, testing::ValuesIn(Files()), [](const auto& info) {
  std::string name = info.param.substr(kFolder.size() + 1);
  name.resize(name.size() - 4);
  for (char& c : name) {
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
});

TEST(SigmaSuite, IsThere) {
  size_t count = 0;
  std::set<std::string> names;
  for (const std::string& file : Files()) {
    std::string problem;
    for (const auto& c : test::ParseSigmaCases(test::ReadAll(file), &problem)) {
      count += c.expectations.size() + c.errors.size();
      EXPECT_TRUE(names.insert(file + c.name).second) << file << ": two cases of the name " << c.name;
    }
  }
  EXPECT_GE(count, 400u);
  std::printf("%zu cases\n", count);
}

}  // namespace
}  // namespace spoor
