// spoor hunt: flags in, one call of Hunt, messages and exit code out.
#include "hunt/hunt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "base/time.h"
#include "cli/builtin_rules.h"
#include "cli/case.h"
#include "cli/indicators.h"
#include "cli/message.h"
#include "cli/placeholders.h"
#include "cli/project.h"
#include "cli/run.h"
#include "cli/stats.h"
#include "cli/verbs.h"
#include "sigma/pipeline.h"

namespace spoor {
namespace {

struct HuntFlags {
  RunFlags run;
  std::vector<std::string> rules, filters, pipelines, include, exclude, indicators;
  std::string min_level, fail_on, placeholders, project, case_file;
  bool all_statuses = false, no_project = false;
};

sigma::Level LevelOf(const std::string& name) { return *sigma::ParseLevel(name); }

void TellRuleErrors(const sigma::RuleSet& rules) {
  for (const auto* list : {&rules.errors, &rules.warnings}) {
    for (const sigma::RuleError& e : *list) {
      std::string where = e.path;
      if (e.line > 0) where += fmt::format(":{}", e.line);
      if (e.line > 0 && e.column > 0) where += fmt::format(":{}", e.column);
      const std::string name = e.rule.empty() ? "" : fmt::format(" (rule \"{}\")", e.rule);
      Complain(
          fmt::format("{}: {}: {}{}", list == &rules.errors ? "rule not loaded" : "warning", where, e.message, name));
    }
  }
}

// Files among the rules that are none: worth a word, and no failure.
void TellNotRules(const sigma::RuleSet& rules) {
  for (const sigma::RuleError& e : rules.not_rules) Complain(fmt::format("passed over: {}: {}", e.path, e.message));
}

// Adds what the project file says, where the command line does not say otherwise. False: it cannot be read.
bool AddProject(HuntFlags* flags, sigma::Placeholders* placeholders,
                std::vector<std::pair<std::string, std::string>>* tenants) {
  if (flags->no_project) return true;
  const bool asked = !flags->project.empty();
  if (!asked && access(kProjectFile, F_OK) != 0) return true;
  auto project = ReadProject(asked ? flags->project : kProjectFile);
  if (!project.ok()) {
    Complain(std::string(project.status().message()) + " (--no-project goes without)");
    return false;
  }
  Complain("settings of " + project->path + " are used");
  if (flags->rules.empty()) flags->rules = project->rules;
  if (flags->min_level.empty()) flags->min_level = project->min_level;
  if (flags->run.evidence.log_source.empty()) flags->run.evidence.log_source = project->log_source;
  if (flags->include.empty()) flags->include = project->include;
  flags->filters = project->filters;
  flags->pipelines.insert(flags->pipelines.begin(), project->pipelines.begin(), project->pipelines.end());
  flags->exclude.insert(flags->exclude.end(), project->exclude.begin(), project->exclude.end());
  *placeholders = std::move(project->placeholders);
  if (flags->run.paths.empty() && flags->run.tenants.empty()) *tenants = std::move(project->tenants);
  return true;
}

bool ReadPipelines(const std::vector<std::string>& paths, std::vector<sigma::Pipeline>* pipelines) {
  for (const std::string& path : paths) {
    auto read = sigma::ReadPipeline(path);
    if (!read.ok()) {
      Complain("pipeline: " + std::string(read.status().message()));
      return false;
    }
    pipelines->push_back(*std::move(read));
  }
  return true;
}

sigma::RuleSet LoadTheRules(const HuntFlags& flags, const sigma::Placeholders& placeholders,
                            std::vector<sigma::Pipeline> pipelines, unsigned jobs) {
  sigma::LoadOptions options;
  options.jobs = jobs;
  options.placeholders = placeholders;
  options.all_statuses = flags.all_statuses;
  for (const sigma::Pipeline& pipeline : pipelines) {
    if (!pipeline.taxonomy.empty()) options.taxonomies.push_back(pipeline.taxonomy);
  }
  std::vector<std::string> paths = flags.rules;
  paths.insert(paths.end(), flags.filters.begin(), flags.filters.end());
  sigma::RuleSet set =
      flags.rules.empty() ? LoadBuiltInRules(options, flags.filters) : sigma::LoadRules(paths, options);
  sigma::ApplyPipelines(std::move(pipelines), &set);
  return set;
}

int RunHunt(const HuntFlags& given) {
  HuntFlags flags = given;
  sigma::Placeholders placeholders;
  std::vector<std::pair<std::string, std::string>> tenants;
  if (!AddProject(&flags, &placeholders, &tenants)) return kCannotStart;
  if (flags.min_level.empty()) flags.min_level = "informational";
  Prepared prepared;
  if (!Prepare(flags.run, std::move(tenants), "no evidence given: spoor hunt PATH…  (spoor hunt --help tells more)",
               &prepared)) {
    return kCannotStart;
  }
  HuntOptions& options = prepared.options;
  options.min_level = LevelOf(flags.min_level);
  if (!AddPlaceholders(flags.placeholders, &placeholders)) return kCannotStart;
  std::vector<sigma::Pipeline> pipelines;
  if (!ReadPipelines(flags.pipelines, &pipelines)) return kCannotStart;
  const double rules_start = MonotonicSeconds();
  sigma::RuleSet rules = LoadTheRules(flags, placeholders, std::move(pipelines), options.jobs);
  TellRuleErrors(rules);
  if (!flags.run.quiet) TellNotRules(rules);
  options.rules_loaded = rules.rules.size() + rules.correlations.size();
  if (options.rules_loaded == 0) {
    Complain(flags.rules.empty() ? "no rules" : "no rule could be loaded from what --rules names");
    return kCannotStart;
  }
  SelectRules(&rules, options.min_level, flags.include, flags.exclude);
  size_t problems = 0;  // in lists of indicators, which are looked for whatever rules were selected
  if (!AddIndicators(flags.indicators, &rules, &problems)) return kCannotStart;
  options.rules_loaded += flags.indicators.size();
  prepared.rules_seconds = MonotonicSeconds() - rules_start;

  CaseWriter writer;
  if (!flags.case_file.empty()) {
    if (!writer.Begin(flags.case_file, false)) return kCannotStart;
    writer.PutInputs(flags.run, flags.rules);
    writer.TakeFindings(&options);
  }
  HuntResult result;
  const int code = RunRules(flags.run, prepared, rules, &result);
  if (!flags.case_file.empty() && code != kCannotStart && result.status.ok()) {
    writer.Note(writer.file()->PutEvidence(result));
    if (!writer.Commit("hunt", result.facts.partial, !flags.run.quiet)) return kPartly;
  }
  if (code == kCannotStart || !result.status.ok()) return code;
  if (!flags.fail_on.empty()) {
    for (int l = static_cast<int>(LevelOf(flags.fail_on)); l <= 4; ++l) {
      if (result.summary.level(static_cast<sigma::Level>(l)) > 0) return kFailOn;
    }
  }
  return rules.errors.empty() && problems == 0 ? code : kPartly;
}

}  // namespace

Run AddHunt(CLI::App* app) {
  auto f = std::make_shared<HuntFlags>();
  const CLI::IsMember levels({"informational", "low", "medium", "high", "critical"}, CLI::ignore_case);
  app->add_option("PATH", f->run.paths,
                  "Files, folders and archives (with all that is in them), or - for standard input");
  app->add_option("-c,--case", f->case_file, "Also keep evidence and findings in this case file (docs/case-file.md)")
      ->type_name("FILE");
  app->add_option("-r,--rules", f->rules, "Sigma rule file or folder, repeatable; default: the built-in rules")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app->add_option("--min-level", f->min_level,
                  "Only rules of this level and above: informational (default), low, medium, high, critical")
      ->transform(levels)
      ->type_name("LEVEL");
  app->add_option("--include", f->include, "Only these rules: id, title (with * and ?) or tag; repeatable")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app->add_option("--exclude", f->exclude, "Not these rules: id, title (with * and ?) or tag; repeatable")
      ->type_name("RULE")
      ->allow_extra_args(false);
  app->add_option(
         "-p,--pipeline", f->pipelines,
         "Change rules by a processing pipeline (YAML, as pySigma's): what fields are called and the like; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  AddIndicatorFlag(app, &f->indicators);
  app->add_option("--project", f->project, "Settings; default: spoor.yaml in the current folder, if there is one")
      ->type_name("FILE");
  app->add_flag("--no-project", f->no_project, "Without spoor.yaml");
  app->add_option("--placeholders", f->placeholders, "YAML file with the values of placeholders: users: [alice, bob]")
      ->type_name("FILE");
  app->add_flag("--all-statuses", f->all_statuses, "Also rules marked deprecated or unsupported");
  app->add_option("--fail-on", f->fail_on, "Exit code 3 where a finding reaches LEVEL")
      ->transform(levels)
      ->type_name("LEVEL");
  f->run.AddTo(app);
  app->footer(
      "Examples:\n"
      "  spoor hunt Security.evtx\n"
      "  spoor hunt -r sigma/rules -r our-rules logs/ --min-level high\n"
      "  spoor hunt case.zip -f jsonl -o findings.jsonl --stats\n"
      "  spoor hunt --tenants customers/\n"
      "Exit codes: 0 done; 1 done, but part of the evidence or of the rules could not be read; 2 could not start;\n"
      "3 a finding reached the level of --fail-on.");
  return [f] { return RunHunt(*f); };
}

}  // namespace spoor
