// SigmaHQ's own regression data: each case names a rule, a log, and how often the rule must be found in it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "hunt/hunt.h"
#include "match/engine.h"
#include "sigma/load.h"
#include "support/read_events.h"
#include "yaml/yaml_reader.h"

namespace spoor {
namespace {

struct Case {
  std::string rule_id, rule_title, name, log;  // log: its path
  uint64_t at_least = 1;
};

std::string TextAt(const YamlTree& tree, const YamlNode& map, std::string_view key) {
  const YamlNode* node = tree.Find(map, key);
  return node == nullptr ? "" : std::string(node->text);
}

// The cases of one info.yml.
void ReadCases(const std::string& folder, const std::string& info, std::vector<Case>* cases) {
  const std::string text = test::ReadAll(info);
  YamlReader reader(text);
  YamlTree tree;
  ASSERT_TRUE(reader.Next(&tree) && tree.root() != nullptr) << info;
  const YamlNode* rules = tree.Find(*tree.root(), "rule_metadata");
  const YamlNode* tests = tree.Find(*tree.root(), "regression_tests_info");
  ASSERT_NE(rules, nullptr) << info;
  if (tests == nullptr) {
    // A case that names no log: the one that lies beside it must give its rule at least once.
    const std::string beside = info.substr(0, info.rfind('/'));
    for (const char* suffix : {".evtx", ".raw"}) {
      for (const std::string& log : test::FilesBelow(beside, suffix)) {
        Case c;
        c.rule_id = TextAt(tree, tree.Child(*rules, 0), "id");
        c.rule_title = TextAt(tree, tree.Child(*rules, 0), "title");
        c.log = log;
        cases->push_back(std::move(c));
      }
    }
    return;
  }
  for (uint32_t t = 0; t < tests->count; ++t) {
    const YamlNode& test = tree.Child(*tests, t);
    for (uint32_t r = 0; r < rules->count; ++r) {
      Case c;
      c.rule_id = TextAt(tree, tree.Child(*rules, r), "id");
      c.rule_title = TextAt(tree, tree.Child(*rules, r), "title");
      c.name = TextAt(tree, test, "name");
      const std::string prefix = "regression_data/";
      const std::string path = TextAt(tree, test, "path");
      ASSERT_EQ(path.substr(0, prefix.size()), prefix) << info;
      c.log = folder + "/" + path.substr(prefix.size());
      if (const std::string count = TextAt(tree, test, "match_count"); !count.empty()) c.at_least = std::stoul(count);
      cases->push_back(std::move(c));
    }
  }
}

// Counts findings by rule; no text is made of them.
class Counter : public Sink, public MatchSink {
 public:
  explicit Counter(Engine* engine) : engine_(*engine), worker_(engine, this) {}
  void OnEvent(const Event& event) override {
    ++events;
    worker_.OnEvent(event);
  }
  void OnDamage(const Damage&) override { ++damaged; }
  void ShapesDropped() override { worker_.ShapesDropped(); }
  void OnMatch(const Event&, uint32_t rule, const sigma::Target&, Worker*) override {
    ++found[engine_.rules()[rule].id];
  }
  uint64_t events = 0, damaged = 0;
  std::map<std::string, uint64_t> found;

 private:
  Engine& engine_;
  Worker worker_;
};

TEST(Regression, EveryCaseOfSigmaHqIsFound) {
  const std::string data = SPOOR_SHARED_DATA;
  const std::string folder = data + "/sigma-regression";
  struct stat info;
  if (stat(folder.c_str(), &info) != 0 || stat((data + "/sigma").c_str(), &info) != 0) {
    GTEST_SKIP() << "no regression data in " << data;
  }
  std::vector<Case> cases;
  for (const std::string& path : test::FilesBelow(folder, "/info.yml")) ReadCases(folder, path, &cases);
  ASSERT_GT(cases.size(), 50u);
  sigma::LoadOptions options;
  options.all_statuses = true;
  const sigma::RuleSet set = sigma::LoadRules({data + "/sigma"}, options);
  std::map<std::string, const sigma::Rule*> by_id;
  for (const sigma::Rule& rule : set.rules) by_id[rule.id] = &rule;

  Engine engine(set.rules, sigma::SourceMap::BuiltIn(), {});
  std::map<std::string, std::unique_ptr<Counter>> counted;  // by log
  for (const Case& c : cases) {
    SCOPED_TRACE(c.rule_id + " " + c.rule_title + "\n" + c.log);
    if (!by_id.contains(c.rule_id)) {
      ADD_FAILURE() << "no such rule";
      continue;
    }
    std::unique_ptr<Counter>& counter = counted[c.log];
    if (counter == nullptr) {
      counter = std::make_unique<Counter>(&engine);
      EXPECT_TRUE(test::ReadEvents(c.log, counter.get()));
    }
    const sigma::Rule& rule = *by_id[c.rule_id];
    EXPECT_GE(counter->found[c.rule_id], c.at_least) << counter->events << " events, " << rule.source.category << "/"
                                                     << rule.source.product << "/" << rule.source.service;
  }
  std::printf("%zu cases\n", cases.size());
}

}  // namespace
}  // namespace spoor
