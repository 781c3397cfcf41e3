#include <csignal>
#include <cstdio>

#include "cli/verbs.h"

namespace spoor {

int Main(int argc, char** argv) {
  // A reader that goes away (| head) shows as an error of write, and ends the program quietly.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app(
      "spoor reads the trail an intruder left and rebuilds what happened.\n"
      "It only ever reads evidence; it contacts nothing that is named in it.");
  app.name("spoor");
  app.require_subcommand(1);
  app.set_version_flag("--version", "spoor " SPOOR_VERSION);
  app.get_formatter()->column_width(34);
  app.footer("spoor VERB --help tells about one verb. Manual: man spoor, or docs/ in the source.");

  std::vector<std::pair<CLI::App*, Run>> verbs;
  const auto add = [&](const char* name, const char* help, Run (*setup)(CLI::App*)) {
    CLI::App* verb = app.add_subcommand(name, help);
    verbs.emplace_back(verb, setup(verb));
  };
  add("hunt", "Find: Sigma rules over evidence, findings out", AddHunt);
  add("search", "Find: an expression over evidence (user = jane and CommandLine contains rar)", AddSearch);
  add("entities", "Who and what is in evidence: hosts and users, by all their names", AddEntities);
  add("trace", "Findings to campaigns: what happened, in which order, to whom, and what joins it", AddTrace);
  add("attribute", "Who it resembles: techniques and software against known actors, with probabilities", AddAttribute);
  add("demo", "Write the example campaign: evidence of eight organisations, with what really happened", AddDemo);
  add("rules", "About rules: check, list, explain, test, profile, coverage", AddRules);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& e) {
    return app.exit(e) == 0 ? kDone : kCannotStart;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kCannotStart;
  }
  for (const auto& [verb, run] : verbs) {
    if (verb->parsed()) return run();
  }
  return kCannotStart;
}

}  // namespace spoor
