// What verbs share that put rules over evidence: hunt and search. Flags about evidence and output; running, with
// progress; what is told at the end; the exit code.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/evidence_flags.h"
#include "hunt/hunt.h"

namespace spoor {

struct RunFlags {
  std::vector<std::string> paths, tenants;
  std::string tenants_folder, format, output, since, until;
  EvidenceFlags evidence;
  unsigned jobs = 0;
  bool no_digest = false, stats = false, no_sort = false, quiet = false, carve = false, no_memo = false;

  void AddTo(CLI::App* app);         // all of them
  void AddTenantsTo(CLI::App* app);  // those about organisations, for verbs with fewer
  void AddTimesTo(CLI::App* app);    // those about a span of time, likewise
};

// What is to be run, made of flags.
struct Prepared {
  HuntOptions options;
  EvidenceList evidence;
  double start = 0;                            // when that began, as MonotonicSeconds() says
  double list_seconds = 0, rules_seconds = 0;  // what listing evidence and loading rules took
};

// `tenants`: those that a project file names, used where the command line names no evidence. False: what is wrong has
// been told, and nothing can start. REQUIRES: the flags outlive what was prepared.
bool Prepare(const RunFlags& flags, std::vector<std::pair<std::string, std::string>> tenants, const char* usage,
             Prepared* prepared);

// Tells what could not be read, and what of it is damaged.
void TellEvidence(const HuntResult& r, const FileTable& files);

// Hunts, writes and tells. Exit code, as far as rules' errors do not change it; *result, if given, is what came out.
int RunRules(const RunFlags& flags, const Prepared& prepared, const sigma::RuleSet& rules, HuntResult* result);

}  // namespace spoor
