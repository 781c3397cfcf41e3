// spoor trace: findings to campaigns.
#include "campaign/trace.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "cli/builtin_rules.h"
#include "cli/case.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/people.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "story/render.h"

namespace spoor {
namespace {

struct TraceFlags {
  RunFlags run;
  std::vector<std::string> rules;
  std::string case_file;
  JoinOptions join;
  PeopleFlags people;
};

// A case among the paths is the case to go on from. False: there are several.
bool TakeCase(TraceFlags* flags) {
  for (size_t i = 0; i < flags->run.paths.size();) {
    if (!CaseFile::IsCase(flags->run.paths[i])) {
      ++i;
      continue;
    }
    if (!flags->case_file.empty() && flags->case_file != flags->run.paths[i]) {
      Complain("only one case file at a time: " + flags->case_file + ", " + flags->run.paths[i]);
      return false;
    }
    flags->case_file = flags->run.paths[i];
    flags->run.paths.erase(flags->run.paths.begin() + static_cast<ptrdiff_t>(i));
  }
  return true;
}

std::string Rendered(const TraceResult& result, const std::string& format, const std::string& output,
                     const Redactor* redact) {
  if (format == "json") return redact == nullptr ? TraceJson(result) : redact->Json(TraceJson(result));
  StoryOptions options;
  if (output.empty() || output == "-") {
    options.width = std::max(80, ColumnsOf(STDOUT_FILENO, options.width));
    options.color = Colored();
  }
  options.redact = redact;
  return TraceStory(result, options);
}

void ShowStage(TraceStage stage, const HuntProgress& progress, ProgressBar* bar) {
  switch (stage) {
    case TraceStage::kHunt:
      return bar->Show("1/2 finding", progress);
    case TraceStage::kWaves:
      return bar->Wait("looking for waves of tracking mails");
    case TraceStage::kFacts:
      return bar->Show("2/2 what belongs to it", progress);
    case TraceStage::kJoin:
      return bar->Wait("joining");
  }
}

int RunTrace(const TraceFlags& given) {
  TraceFlags flags = given;
  if (!TakeCase(&flags)) return kCannotStart;
  CaseWriter writer;
  const bool has_case = !flags.case_file.empty();
  if (has_case) {
    if (!writer.Begin(flags.case_file, true)) return kCannotStart;
    const RunFlags of_now = flags.run;
    AddFromCase(*writer.file(), &flags.run, &flags.rules);
    if (flags.people.roster.empty()) flags.people.roster = writer.Setting("roster");
    RunFlags put = flags.run;
    put.paths = of_now.paths;
    put.tenants = of_now.tenants;
    writer.PutInputs(put, flags.rules, flags.people.roster);
  }
  People people;
  if (!people.Begin(flags.people, !flags.run.quiet)) return kCannotStart;
  Prepared prepared;
  if (!Prepare(flags.run, {}, "no evidence given: spoor trace PATH…  (spoor trace --help tells more)", &prepared)) {
    return kCannotStart;
  }
  sigma::LoadOptions load;
  load.jobs = prepared.options.jobs;
  sigma::RuleSet rules = LoadBuiltInRules(load, flags.rules);  // rules of the user's own beside them
  for (const sigma::RuleError& e : rules.errors) {
    Complain(fmt::format("rule not loaded: {}:{}: {}", e.path, e.line, e.message));
  }
  if (rules.rules.empty()) {
    Complain("no rule could be loaded from what --rules names");
    return kCannotStart;
  }
  auto output = Output::Open(flags.run.output);
  if (!output.ok()) {
    Complain(std::string(output.status().message()));
    return kCannotStart;
  }
  for (const EvidenceFile& file : prepared.evidence.files) {
    if (file.path != "-") continue;
    Complain("standard input can be read only once, and a trace reads its evidence twice: give it as a file");
    return kCannotStart;
  }
  if (has_case) writer.TakeFindings(&prepared.options);
  const std::atomic<bool>& stop = StopWhenInterrupted();
  ProgressBar bar(flags.run.quiet);
  TraceResult result = Trace(prepared.evidence, rules, sigma::SourceMap::BuiltIn(), prepared.options, flags.join, stop,
                             [&](TraceStage stage, const HuntProgress& p) { ShowStage(stage, p, &bar); });
  bar.Clear();
  if (!result.hunt.status.ok()) {
    Complain(std::string(result.hunt.status.message()));
    return kPartly;
  }
  if (!flags.run.quiet) TellEvidence(result.hunt, *result.hunt.files);
  if (result.hunt.facts.files == 0) {
    Complain("nothing could be read");
    return kCannotStart;
  }
  if (const uint64_t left_out = result.world->left_out() + result.clues->left_out; left_out > 0) {
    Complain(fmt::format(
        "too much for memory: {} things, links and findings were left out; give fewer tenants, or a span of time",
        left_out));
  }
  if (result.waves.left_out > 0) {
    Complain(fmt::format(
        "too much for a search for waves of tracking mails: {} mails, names asked for and waves were left out; give "
        "fewer tenants, or a span of time",
        result.waves.left_out));
  }
  people.Learn(&result, has_case ? writer.file()->redact_key() : "", !flags.run.quiet);
  uint64_t victims_left_out = 0;
  for (const Campaign& campaign : result.found.campaigns) victims_left_out += campaign.victims_left_out;
  if (victims_left_out > 0) {
    Complain(
        fmt::format("too many victims: {} were left out; give fewer tenants, or a span of time", victims_left_out));
  }
  std::string format = flags.run.format;
  if (format.empty()) format = flags.run.output.empty() && isatty(STDOUT_FILENO) ? "story" : "json";
  if (has_case) {
    writer.Note(writer.file()->PutEvidence(result.hunt));
    writer.Note(writer.file()->PutTrace(result));
    if (!writer.Commit("trace", stop, !flags.run.quiet, people.redactor())) return kPartly;
  }
  absl::Status status = (*output)->Write(Rendered(result, format, flags.run.output, people.redactor()));
  if (status.ok()) status = (*output)->Commit();
  if (const absl::Status s = people.Notify(result); !s.ok()) {
    Complain(std::string(s.message()));
    return kPartly;
  }
  if (!status.ok() && !absl::IsCancelled(status)) {
    Complain(std::string(status.message()));
    return kPartly;
  }
  return result.hunt.facts.unread.empty() && result.hunt.facts.damage == 0 && !stop ? kDone : kPartly;
}

}  // namespace

Run AddTrace(CLI::App* app) {
  auto f = std::make_shared<TraceFlags>();
  RunFlags& run = f->run;
  app->add_option("PATH", run.paths, "Files, folders and archives (with all that is in them), or a case file");
  run.AddTenantsTo(app);
  app->add_option("-r,--rules", f->rules, "Sigma file or folder beside the built-in rules, repeatable")
      ->type_name("PATH");
  app->add_option("-f,--format", run.format, "story (default on a terminal) or json")
      ->check(CLI::IsMember({"story", "json"}));
  app->add_option("-c,--case", f->case_file,
                  "Also keep evidence, findings and all that is made of them in this case file")
      ->type_name("FILE");
  app->add_option("--min-score", f->join.enough,
                  "Score from which on a group of findings is a campaign; default: 10, and less of evidence that is "
                  "short, in which less comes together by chance")
      ->type_name("N")
      ->check(CLI::Range(0.1, 1000.0));
  f->people.AddTo(app);
  app->add_option("-o,--output", run.output, "Write to FILE, which appears when it is complete")->type_name("FILE");
  run.evidence.AddTo(app);
  run.AddTimesTo(app);
  app->add_option("-j,--jobs", run.jobs, "Threads; default: all cores")->type_name("N")->check(CLI::Range(1, 512));
  app->add_flag("-q,--quiet", run.quiet, "No progress, no messages about evidence");
  app->footer(
      "Hunts, and joins what it finds to campaigns: what happened, in which order, to whom, and why it belongs\n"
      "together. Findings that belong to nothing are counted at the end.\n"
      "A case file among the paths is gone on from: its evidence is read again, with what else is given, and what\n"
      "changed is told.\n"
      "Examples:\n"
      "  spoor trace case.zip\n"
      "  spoor trace --tenants customers/ -c msp.case --since 180d\n"
      "  spoor trace msp.case late-logs.zip\n"
      "  spoor trace msp.case --roster people.csv --notify tell.csv\n"
      "Exit codes: 0 done; 1 done, but part of the evidence could not be read; 2 could not start.");
  return [f] { return RunTrace(*f); };
}

}  // namespace spoor
