// spoor hunt: flags in, one call of Hunt, messages and exit code out.
#include "hunt/hunt.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <thread>

#include "base/text.h"
#include "base/time.h"
#include "cli/builtin_rules.h"
#include "cli/evidence_flags.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/placeholders.h"
#include "cli/progress.h"
#include "cli/project.h"
#include "cli/stats.h"
#include "cli/verbs.h"
#include "evidence/files.h"
#include "sigma/pipeline.h"

namespace spoor {
namespace {

struct HuntFlags {
  std::vector<std::string> paths, rules, filters, pipelines, tenants, include, exclude;
  std::string format, output, min_level, since, until, fail_on, placeholders, project;
  EvidenceFlags evidence;
  unsigned jobs = 0;
  bool no_digest = false, stats = false, no_sort = false, quiet = false, carve = false, all_statuses = false,
       no_memo = false, no_project = false;
};

sigma::Level LevelOf(const std::string& name) { return *sigma::ParseLevel(name); }

// A time, or a duration back from the newest event.
bool SetTime(const std::string& text, std::optional<int64_t>* time, std::optional<int64_t>* before_newest) {
  if (text.empty()) return true;
  if (const auto duration = ParseDuration(text)) {
    *before_newest = duration;
    return true;
  }
  *time = ParseTime(text);
  return time->has_value();
}

bool Colored() { return isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr; }

int Columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 60) return size.ws_col;
  return 100;
}

std::unique_ptr<Renderer> RendererFor(std::string format, const std::string& output) {
  if (format.empty()) format = output.empty() && isatty(STDOUT_FILENO) ? "table" : "jsonl";
  if (format == "jsonl") return MakeJsonLinesRenderer();
  if (format == "csv") return MakeCsvRenderer();
  TableOptions table;
  if (output.empty() || output == "-") {
    table.width = Columns();
    table.color = Colored();
  }
  return MakeTableRenderer(table);
}

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

void TellEvidence(const HuntResult& r, const FileTable& files) {
  for (const auto& [path, reason] : r.facts.unread) Complain(fmt::format("not read: {}: {}", path, reason));
  // One line a file: how many places, of which kinds, where the first is.
  constexpr size_t kFilesTold = 20;
  size_t told = 0, places = 0;
  for (size_t i = 0; i < r.damage.size() && told < kFilesTold; ++told) {
    const DamageAt& first = r.damage[i];
    std::map<std::string_view, size_t> kinds;
    uint64_t bytes = 0;
    for (; i < r.damage.size() && r.damage[i].file == first.file; ++i) {
      ++kinds[r.damage[i].what];
      ++places;
      bytes += r.damage[i].bytes;
    }
    std::string what;
    for (const auto& [kind, n] : kinds) what += fmt::format("{}{} {}", what.empty() ? "" : ", ", Grouped(n), kind);
    Complain(fmt::format("damaged: {}: {} ({} unreadable, first at byte {})", files[first.file].path, what,
                         HumanBytes(bytes), first.offset));
  }
  const CorrelationStats& c = r.correlation;
  if (c.undated > 0) {
    Complain(fmt::format("correlations: {} matches have no time and were left out of them", Grouped(c.undated)));
  }
  if (c.shortened + c.evicted > 0) {
    Complain(
        fmt::format("correlations: too many matches within a timespan for memory: the {} oldest of their groups and "
                    "{} groups idle for longest were left out; a shorter timespan or a narrower rule helps",
                    Grouped(c.shortened), Grouped(c.evicted)));
  }
  if (r.facts.damage > places) {
    Complain(fmt::format("damaged: {} more places (--stats lists them)", Grouped(r.facts.damage - places)));
  }
}

void TellSummary(const HuntResult& r, size_t rules_selected) {
  std::string levels;
  for (int l = 4; l >= 0; --l) {
    const auto level = static_cast<sigma::Level>(l);
    if (const uint64_t n = r.summary.level(level)) {
      levels += fmt::format("{}{} {}", levels.empty() ? "" : ", ", Grouped(n), sigma::LevelName(level));
    }
  }
  const auto count = [](uint64_t n, const char* noun) {
    return fmt::format("{} {}{}", Grouped(n), noun, n == 1 ? "" : "s");
  };
  std::fputs(fmt::format("{}: {}{} in {} of {} ({}), {} of {} rules applied, {:.2f} s\n",
                         r.facts.partial ? "Interrupted, so this is partial" : "Done",
                         count(r.summary.findings(), "finding"), levels.empty() ? "" : fmt::format(" ({})", levels),
                         count(r.facts.events, "event"), count(r.facts.files, "file"), HumanBytes(r.facts.bytes),
                         Grouped(r.facts.rules_applicable), Grouped(r.facts.rules_loaded), r.facts.seconds)
                 .c_str(),
             stderr);
  if (r.summary.findings() > 0 || r.facts.events == 0) return;
  // Nothing found: why that may be.
  std::fprintf(stderr, "No finding. Events from %s to %s; seen most:\n", FormatTime(r.facts.first_event).c_str(),
               FormatTime(r.facts.last_event).c_str());
  for (const auto& [kind, n] : r.facts.sources) {
    std::string visible;
    AppendVisible(kind, &visible);
    std::fprintf(stderr, "  %12s  %s\n", Grouped(n).c_str(), visible.c_str());
  }
  if (rules_selected == 0) {
    std::fprintf(stderr, "None of the %s rules was asked for: see --min-level, --include and --exclude.\n",
                 Grouped(r.facts.rules_loaded).c_str());
  } else if (r.facts.rules_applicable == 0) {
    std::fprintf(stderr, "None of the %s rules is about these channels and event ids.\n",
                 Grouped(r.facts.rules_loaded).c_str());
    if (r.facts.unknown_source > 0) {
      std::fprintf(
          stderr,
          "%s events do not say what they are: say so with --logsource, as rules' logsource has it, for example\n"
          "--logsource product=windows,category=process_creation\n",
          Grouped(r.facts.unknown_source).c_str());
    }
  }
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
  if (flags->evidence.log_source.empty()) flags->evidence.log_source = project->log_source;
  if (flags->include.empty()) flags->include = project->include;
  flags->filters = project->filters;
  flags->pipelines.insert(flags->pipelines.begin(), project->pipelines.begin(), project->pipelines.end());
  flags->exclude.insert(flags->exclude.end(), project->exclude.begin(), project->exclude.end());
  *placeholders = std::move(project->placeholders);
  if (flags->paths.empty() && flags->tenants.empty()) *tenants = std::move(project->tenants);
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
  HuntOptions options;
  options.jobs = flags.jobs != 0 ? flags.jobs : std::max(1u, std::thread::hardware_concurrency());
  options.format.carve = flags.carve;
  options.digest = !flags.no_digest;
  options.memo = !flags.no_memo;
  options.sort = !flags.no_sort;
  options.min_level = LevelOf(flags.min_level);
  if (!SetTime(flags.since, &options.since, &options.since_before_newest)) {
    Complain("--since: '" + flags.since + "' is no time; write 2026-01-02T03:04:05Z, 2026-01-02, or 7d, 12h");
    return kCannotStart;
  }
  if (!SetTime(flags.until, &options.until, &options.until_before_newest)) {
    Complain("--until: '" + flags.until + "' is no time; write 2026-01-02T03:04:05Z, 2026-01-02, or 7d, 12h");
    return kCannotStart;
  }
  if (const std::string wrong = flags.evidence.Apply(&options.format, &options.container); !wrong.empty()) {
    Complain(wrong);
    return kCannotStart;
  }
  for (const std::string& t : flags.tenants) {
    const size_t equals = t.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == t.size()) {
      Complain("--tenant: '" + t + "' is not NAME=PATH");
      return kCannotStart;
    }
    tenants.emplace_back(t.substr(0, equals), t.substr(equals + 1));
  }
  if (flags.paths.empty() && tenants.empty()) {
    Complain("no evidence given: spoor hunt PATH…  (spoor hunt --help tells more)");
    return kCannotStart;
  }

  const double load_start = Clock();
  const auto evidence = ListEvidence(flags.paths, tenants);
  if (!evidence.ok()) {
    Complain(std::string(evidence.status().message()));
    return kCannotStart;
  }
  const bool streams = (options.since_before_newest || options.until_before_newest) && !evidence->files.empty() &&
                       evidence->files.back().path == "-";
  if (streams) {
    Complain("standard input can be read only once: --since and --until need a time there, not a duration");
    return kCannotStart;
  }
  if (!AddPlaceholders(flags.placeholders, &placeholders)) return kCannotStart;
  std::vector<sigma::Pipeline> pipelines;
  if (!ReadPipelines(flags.pipelines, &pipelines)) return kCannotStart;
  const double rules_start = Clock();
  sigma::RuleSet rules = LoadTheRules(flags, placeholders, std::move(pipelines), options.jobs);
  TellRuleErrors(rules);
  if (!flags.quiet) TellNotRules(rules);
  const size_t loaded = rules.rules.size() + rules.correlations.size();
  if (loaded == 0) {
    Complain(flags.rules.empty() ? "no rules" : "no rule could be loaded from what --rules names");
    return kCannotStart;
  }
  options.rules_loaded = loaded;
  SelectRules(&rules, options.min_level, flags.include, flags.exclude);
  const double rules_end = Clock();

  const std::unique_ptr<Renderer> renderer = RendererFor(flags.format, flags.output);
  if (!options.sort && renderer->needs_summary()) {
    Complain("--no-sort writes findings as they come, which a table cannot; add --format jsonl or csv");
    return kCannotStart;
  }
  auto output = Output::Open(flags.output);
  if (!output.ok()) {
    Complain(std::string(output.status().message()));
    return kCannotStart;
  }

  const std::atomic<bool>& stop = StopWhenInterrupted();
  ProgressBar bar(flags.quiet);
  HuntResult r = Hunt(*evidence, rules, sigma::SourceMap::BuiltIn(), options, *renderer, output->get(), stop,
                      [&](const HuntProgress& p) { bar.Show(p); });
  bar.Clear();
  if (r.status.ok()) r.status = (*output)->Commit();

  if (flags.stats) {
    Phases phases;
    phases.list = rules_start - load_start;
    phases.rules = rules_end - rules_start;
    phases.total = Clock() - load_start;
    std::fputs((StatsJson(r, rules, phases) + "\n").c_str(), stderr);
  }
  if (absl::IsCancelled(r.status)) return kDone;  // the reader has what it wanted
  if (!flags.quiet) {
    TellEvidence(r, *r.files);
    TellSummary(r, rules.rules.size());
  }
  if (!r.status.ok()) {
    Complain(std::string(r.status.message()));
    return kPartly;
  }
  if (r.facts.files == 0) {
    Complain("nothing could be read");
    return kCannotStart;
  }
  if (!flags.fail_on.empty()) {
    for (int l = static_cast<int>(LevelOf(flags.fail_on)); l <= 4; ++l) {
      if (r.summary.level(static_cast<sigma::Level>(l)) > 0) return kFailOn;
    }
  }
  const bool whole = r.facts.unread.empty() && r.facts.damage == 0 && rules.errors.empty() && !r.facts.partial;
  return whole ? kDone : kPartly;
}

}  // namespace

Run AddHunt(CLI::App* app) {
  auto f = std::make_shared<HuntFlags>();
  const CLI::IsMember levels({"informational", "low", "medium", "high", "critical"}, CLI::ignore_case);
  app->add_option("PATH", f->paths, "Files, folders (with all that is in them), or - for standard input");
  app->add_option("-r,--rules", f->rules, "Sigma rule file or folder, repeatable; default: the built-in rules")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app->add_option("-t,--tenant", f->tenants, "Evidence of one organisation, repeatable")
      ->type_name("NAME=PATH")
      ->allow_extra_args(false);
  app->add_option("-f,--format", f->format, "table (default on a terminal), jsonl (default elsewhere), csv")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
  app->add_option("-o,--output", f->output, "Write to FILE, which appears when it is complete")->type_name("FILE");
  app->add_option("--min-level", f->min_level,
                  "Only rules of this level and above: informational (default), low, medium, high, critical")
      ->transform(levels)
      ->type_name("LEVEL");
  f->evidence.AddTo(app);
  app->add_option("--since", f->since, "Only events from this time on (RFC 3339), or 7d, 12h back from the newest")
      ->type_name("TIME");
  app->add_option("--until", f->until, "Only events up to this time, likewise")->type_name("TIME");
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
  app->add_option("--project", f->project, "Settings; default: spoor.yaml in the current folder, if there is one")
      ->type_name("FILE");
  app->add_flag("--no-project", f->no_project, "Without spoor.yaml");
  app->add_option("--placeholders", f->placeholders, "YAML file with the values of placeholders: users: [alice, bob]")
      ->type_name("FILE");
  app->add_flag("--all-statuses", f->all_statuses, "Also rules marked deprecated or unsupported");
  app->add_flag("--carve", f->carve, "Also records left in unused space of event logs; they are marked carved");
  app->add_option("--fail-on", f->fail_on, "Exit code 3 where a finding reaches LEVEL")
      ->transform(levels)
      ->type_name("LEVEL");
  app->add_flag("--no-sort", f->no_sort,
                "Write findings in order of evidence, as they are found, not in order of time");
  app->add_option("-j,--jobs", f->jobs, "Threads; default: all cores")->type_name("N")->check(CLI::Range(1, 512));
  app->add_flag("--no-digest", f->no_digest, "Do not hash the evidence; findings then carry no sha256");
  app->add_flag("--no-memo", f->no_memo, "Scan every value anew (slower; to measure with)")->group("");
  app->add_flag("--stats", f->stats, "Counts and times as one JSON object on standard error");
  app->add_flag("-q,--quiet", f->quiet, "No progress, no summary");
  app->footer(
      "Examples:\n"
      "  spoor hunt Security.evtx\n"
      "  spoor hunt -r sigma/rules -r our-rules logs/ --min-level high\n"
      "  spoor hunt logs/ -f jsonl -o findings.jsonl --stats\n"
      "Exit codes: 0 done; 1 done, but part of the evidence or of the rules could not be read; 2 could not start;\n"
      "3 a finding reached the level of --fail-on.");
  return [f] { return RunHunt(*f); };
}

}  // namespace spoor
