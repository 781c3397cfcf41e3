// spoor search: an expression instead of rules, over the same evidence, with the same output.
#include "sigma/search.h"

#include <fmt/format.h>

#include <memory>

#include "cli/message.h"
#include "cli/run.h"
#include "cli/verbs.h"
#include "sigma/entities.h"

namespace spoor {
namespace {

struct SearchFlags {
  RunFlags run;
  std::string expression;
};

int RunSearch(const SearchFlags& flags) {
  sigma::RuleSet rules;
  auto rule = sigma::ParseSearch(flags.expression);
  if (!rule.ok()) {
    Complain(fmt::format("{}: {}", flags.expression, std::string(rule.status().message())));
    return kCannotStart;
  }
  rules.rules.push_back(*std::move(rule));
  Prepared prepared;
  if (!Prepare(flags.run, {}, "no evidence given: spoor search EXPRESSION PATH…  (spoor search --help tells more)",
               &prepared)) {
    return kCannotStart;
  }
  return RunRules(flags.run, prepared, rules, nullptr);
}

}  // namespace

Run AddSearch(CLI::App* app) {
  auto f = std::make_shared<SearchFlags>();
  app->add_option("EXPRESSION", f->expression, "What to look for; see below")->required();
  app->add_option("PATH", f->run.paths,
                  "Files, folders and archives (with all that is in them), or - for standard input");
  f->run.AddTo(app);
  app->footer(
      "An expression compares fields with values, as Sigma rules do: without regard to case, * and ? are wildcards.\n"
      "  CommandLine contains \"rar\"     also: =, !=, startswith, endswith, re, cidr, <, <=, >, >=, exists\n"
      "  Image endswith (\\a.exe, \\b.exe)  one of several\n"
      "  \"mimikatz\"                     in any value of the event\n"
      "  and, or, not, ( )\n"
      "These names mean all fields that name such a thing, in logs of every kind:\n  " +
      sigma::Entities::BuiltIn().Kinds() +
      "\nExamples:\n"
      "  spoor search 'user = \"jane\" and CommandLine contains \"rar\"' logs/\n"
      "  spoor search 'address cidr \"203.0.113.0/24\"' case.zip --since 7d\n"
      "  spoor search '\"dropbox\" and not process = \"*\\Dropbox.exe\"' logs/ -f csv\n"
      "Exit codes: 0 done; 1 done, but part of the evidence could not be read; 2 could not start.");
  return [f] { return RunSearch(*f); };
}

}  // namespace spoor
