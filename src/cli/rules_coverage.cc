// spoor rules coverage: what the rules could have seen in some evidence, and what not.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

#include "cli/builtin_rules.h"
#include "cli/coverage_render.h"
#include "cli/evidence_flags.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "findings/output.h"
#include "sigma/load.h"

namespace spoor {
namespace {

struct CoverageFlags {
  std::vector<std::string> paths, rules;
  std::string format = "text", output;
  EvidenceFlags evidence;
  unsigned jobs = 0;
  bool quiet = false;
};

void TellRuleErrors(const sigma::RuleSet& rules) {
  for (const sigma::RuleError& e : rules.errors) {
    std::string where = e.path;
    if (e.line > 0) where += fmt::format(":{}", e.line);
    if (e.line > 0 && e.column > 0) where += fmt::format(":{}", e.column);
    Complain(fmt::format("rule not loaded: {}: {}{}", where, e.message,
                         e.rule.empty() ? "" : fmt::format(" (rule \"{}\")", e.rule)));
  }
}

void TellEvidence(const Seen& seen, const FileTable& files) {
  for (const Unread& u : seen.unread) Complain(fmt::format("not read: {}: {}", u.path, u.reason));
  constexpr size_t kToldAtMost = 20;
  for (size_t i = 0; i < std::min(seen.damaged.size(), kToldAtMost); ++i) {
    const DamageAt& d = seen.damaged[i];
    Complain(fmt::format("damaged: {}: {}, first at byte {}", files[d.file].path, d.what, d.offset));
  }
  if (seen.damaged.size() > kToldAtMost) {
    Complain(fmt::format("damaged: {} more files or kinds of damage", seen.damaged.size() - kToldAtMost));
  }
}

absl::Status Render(const CoverageReport& report, const CoverageFlags& flags, Output* output) {
  if (flags.format == "navigator") return output->Write(CoverageNavigator(report));
  if (flags.format == "json") {
    absl::Status status;
    CoverageJson(report, [&](std::string_view piece) {
      if (status.ok()) status = output->Write(piece);
    });
    return status;
  }
  const bool to_terminal = (flags.output.empty() || flags.output == "-") && isatty(STDOUT_FILENO);
  return output->Write(CoverageText(report, to_terminal && std::getenv("NO_COLOR") == nullptr));
}

int RunCoverage(const CoverageFlags& flags) {
  SeenOptions options;
  options.jobs = flags.jobs != 0 ? flags.jobs : std::max(1u, std::thread::hardware_concurrency());
  if (const std::string wrong = flags.evidence.Apply(&options.format, &options.container); !wrong.empty()) {
    Complain(wrong);
    return kCannotStart;
  }
  const auto evidence = ListEvidence(flags.paths, {});
  if (!evidence.ok()) {
    Complain(std::string(evidence.status().message()));
    return kCannotStart;
  }
  sigma::LoadOptions load;
  load.jobs = options.jobs;
  const sigma::RuleSet rules = flags.rules.empty() ? LoadBuiltInRules(load) : sigma::LoadRules(flags.rules, load);
  TellRuleErrors(rules);
  if (rules.rules.empty()) {
    Complain(flags.rules.empty() ? "no rules" : "no rule could be loaded from what --rules names");
    return kCannotStart;
  }
  auto output = Output::Open(flags.output);
  if (!output.ok()) {
    Complain(std::string(output.status().message()));
    return kCannotStart;
  }

  const std::atomic<bool>& stop = StopWhenInterrupted();
  const sigma::SwitchOn& known = sigma::SwitchOn::BuiltIn();
  ProgressBar bar(flags.quiet);
  const Seen seen =
      CollectSeen(*evidence, known, options, stop, [&](const HuntProgress& progress) { bar.Show(progress); });
  bar.Clear();
  TellEvidence(seen, *seen.table);
  if (seen.files == 0) {
    Complain("nothing could be read");
    return kCannotStart;
  }
  const Coverage coverage = JudgeCoverage(seen, rules, sigma::SourceMap::BuiltIn(), known);
  absl::Status status = Render({seen, coverage, known, *seen.table}, flags, output->get());
  if (status.ok()) status = (*output)->Commit();
  if (absl::IsCancelled(status)) return kDone;  // the reader has what it wanted
  if (!status.ok()) {
    Complain(std::string(status.message()));
    return kPartly;
  }
  const bool whole = seen.unread.empty() && seen.damage == 0 && rules.errors.empty() && !seen.partial;
  return whole ? kDone : kPartly;
}

}  // namespace

Run AddRulesCoverage(CLI::App* app) {
  auto f = std::make_shared<CoverageFlags>();
  app->add_option("EVIDENCE", f->paths, "Files, folders (with all that is in them), or - for standard input")
      ->required();
  app->add_option("-r,--rules", f->rules, "Sigma rule file or folder, repeatable; default: the built-in rules")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app->add_option("-f,--format", f->format, "text (default), json, navigator (a layer of MITRE ATT&CK Navigator)")
      ->check(CLI::IsMember({"text", "json", "navigator"}));
  app->add_option("-o,--output", f->output, "Write to FILE, which appears when it is complete")->type_name("FILE");
  f->evidence.AddTo(app);
  app->add_option("-j,--jobs", f->jobs, "Threads; default: all cores")->type_name("N")->check(CLI::Range(1, 512));
  app->add_flag("-q,--quiet", f->quiet, "No progress");
  app->footer(
      "Says which logs there are, where they have gaps, which rules can fire on them, what to switch on to gain the\n"
      "most rules, and which stages of a campaign are blind.\n"
      "Examples:\n"
      "  spoor rules coverage logs/\n"
      "  spoor rules coverage logs/ -r sigma/rules -f navigator -o layer.json\n"
      "Exit codes: 0 done; 1 done, but part of the evidence or of the rules could not be read; 2 could not start.");
  return [f] { return RunCoverage(*f); };
}

}  // namespace spoor
