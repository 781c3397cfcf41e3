// spoor search: an expression instead of rules, over the same evidence, with the same output.
#include "sigma/search.h"

#include <fmt/format.h>

#include <memory>

#include "cli/indicators.h"
#include "cli/message.h"
#include "cli/run.h"
#include "cli/verbs.h"
#include "sigma/field_kinds.h"

namespace spoor {
namespace {

struct SearchFlags {
  RunFlags run;
  std::vector<std::string> words;  // the expression, unless indicators are looked for; and the evidence
  std::vector<std::string> indicators;
};

int RunSearch(const SearchFlags& given) {
  SearchFlags flags = given;
  sigma::RuleSet rules;
  size_t problems = 0;
  flags.run.paths = flags.words;
  if (!flags.indicators.empty()) {
    if (!AddIndicators(flags.indicators, &rules, &problems)) return kCannotStart;
  } else {
    if (flags.words.empty()) {
      Complain(
          "nothing to look for: spoor search EXPRESSION PATH…, or --ioc FILE PATH…  (spoor search --help tells more)");
      return kCannotStart;
    }
    const std::string& expression = flags.words.front();
    auto rule = sigma::ParseSearch(expression);
    if (!rule.ok()) {
      Complain(fmt::format("{}: {}", expression, std::string(rule.status().message())));
      return kCannotStart;
    }
    rules.rules.push_back(*std::move(rule));
    flags.run.paths.erase(flags.run.paths.begin());
  }
  Prepared prepared;
  if (!Prepare(flags.run, {},
               flags.indicators.empty()
                   ? "no evidence given: spoor search EXPRESSION PATH…  (spoor search --help tells more)"
                   : "no evidence given: spoor search --ioc FILE PATH…  (spoor search --help tells more)",
               &prepared)) {
    return kCannotStart;
  }
  prepared.options.rules_loaded = rules.rules.size();
  const int code = RunRules(flags.run, prepared, rules, nullptr);
  return code == kDone && problems > 0 ? kPartly : code;
}

}  // namespace

Run AddSearch(CLI::App* app) {
  auto f = std::make_shared<SearchFlags>();
  app->add_option("EXPRESSION PATH", f->words,
                  "What to look for (see below; not with --ioc), then files, folders and archives (with all that is in "
                  "them), or - for standard input");
  AddIndicatorFlag(app, &f->indicators);
  f->run.AddTo(app);
  app->footer(
      "An expression compares fields with values, as Sigma rules do: without regard to case, * and ? are wildcards.\n"
      "  CommandLine contains \"rar\"     also: =, !=, startswith, endswith, re, cidr, <, <=, >, >=, exists\n"
      "  Image endswith (\\a.exe, \\b.exe)  one of several\n"
      "  \"mimikatz\"                     in any value of the event\n"
      "  and, or, not, ( )\n"
      "These names mean all fields that name such a thing, in logs of every kind:\n  " +
      sigma::FieldKinds::BuiltIn().Kinds() +
      "\nExamples:\n"
      "  spoor search 'user = \"jane\" and CommandLine contains \"rar\"' logs/\n"
      "  spoor search 'address cidr \"203.0.113.0/24\"' case.zip --since 7d\n"
      "  spoor search '\"dropbox\" and not process = \"*\\Dropbox.exe\"' logs/ -f csv\n"
      "  spoor search --ioc indicators.txt case.zip\n"
      "Exit codes: 0 done; 1 done, but part of the evidence could not be read; 2 could not start.");
  return [f] { return RunSearch(*f); };
}

}  // namespace spoor
