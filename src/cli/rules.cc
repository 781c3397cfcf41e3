// spoor rules: the verbs about rules, one file each.
#include <memory>
#include <utility>
#include <vector>

#include "cli/verbs.h"

namespace spoor {

Run AddRules(CLI::App* app) {
  app->require_subcommand(1);
  auto verbs = std::make_shared<std::vector<std::pair<CLI::App*, Run>>>();
  const auto add = [&](const char* name, const char* help, Run (*setup)(CLI::App*)) {
    CLI::App* verb = app->add_subcommand(name, help);
    verbs->emplace_back(verb, setup(verb));
  };
  add("check", "What is wrong, or looks wrong, with rule files", AddRulesCheck);
  add("list", "What rules there are: level, title, log source, cost", AddRulesList);
  add("coverage", "What rules can see in some evidence, and what is blind", AddRulesCoverage);
  add("explain", "Why a rule holds for an event, or why not", AddRulesExplain);
  add("profile", "Which rules cost time on some evidence", AddRulesProfile);
  add("test", "Run the cases that lie beside rules", AddRulesTest);
  app->footer("spoor rules VERB --help tells about one of them.");
  return [verbs] {
    for (const auto& [verb, run] : *verbs) {
      if (verb->parsed()) return run();
    }
    return static_cast<int>(kCannotStart);
  };
}

}  // namespace spoor
