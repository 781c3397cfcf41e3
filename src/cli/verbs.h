// The verbs of the program, one file each.
//
// A verb adds its options to its own subcommand and returns what runs it; the exit code is that of the contract:
// 0 done; 1 done, but part of the evidence or of the rules could not be read; 2 could not start; 3 a finding reached
// the level of --fail-on.
#pragma once

#include <functional>

#include "CLI/CLI.hpp"

namespace spoor {

enum ExitCode : int { kDone = 0, kPartly = 1, kCannotStart = 2, kFailOn = 3 };

using Run = std::function<int()>;
Run AddAttribute(CLI::App* app);
Run AddDemo(CLI::App* app);
Run AddEntities(CLI::App* app);
Run AddHunt(CLI::App* app);
Run AddSearch(CLI::App* app);
Run AddTrace(CLI::App* app);
Run AddRules(CLI::App* app);  // and, below it:
Run AddRulesCheck(CLI::App* app);
Run AddRulesCoverage(CLI::App* app);
Run AddRulesExplain(CLI::App* app);
Run AddRulesList(CLI::App* app);
Run AddRulesProfile(CLI::App* app);
Run AddRulesTest(CLI::App* app);

// Parses the command line, runs the verb. Exit code.
int Main(int argc, char** argv);

}  // namespace spoor
