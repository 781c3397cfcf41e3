#include "cli/run.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <thread>

#include "base/text.h"
#include "base/time.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/stats.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "evidence/files.h"

namespace spoor {
namespace {

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

std::unique_ptr<Renderer> RendererFor(std::string format, const std::string& output) {
  if (format.empty()) format = output.empty() && isatty(STDOUT_FILENO) ? "table" : "jsonl";
  if (format == "jsonl") return MakeJsonLinesRenderer();
  if (format == "csv") return MakeCsvRenderer();
  TableOptions table;
  if (output.empty() || output == "-") {
    table.width = std::max(60, ColumnsOf(STDOUT_FILENO, 100));
    table.color = Colored();
  }
  return MakeTableRenderer(table);
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

// Each folder in a folder is a tenant of its name.
bool AddTenantsIn(const std::string& folder, std::vector<std::pair<std::string, std::string>>* tenants) {
  DIR* const dir = opendir(folder.c_str());
  if (dir == nullptr) {
    Complain(fmt::format("--tenants: {}: {}", folder, std::strerror(errno)));
    return false;
  }
  const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
  const size_t before = tenants->size();
  std::vector<std::string> passed_over;
  while (const dirent* entry = readdir(dir)) {
    const std::string name = entry->d_name;
    if (name.starts_with('.')) continue;
    struct stat info;
    const bool is_folder = stat((prefix + name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    if (is_folder) {
      tenants->emplace_back(name, prefix + name);
    } else {
      passed_over.push_back(name);
    }
  }
  closedir(dir);
  std::sort(tenants->begin() + static_cast<ptrdiff_t>(before), tenants->end());
  std::sort(passed_over.begin(), passed_over.end());
  for (const std::string& name : passed_over) {
    Complain(fmt::format("passed over: {}{}: in no tenant's folder", prefix, name));
  }
  if (tenants->size() > before) return true;
  Complain(
      fmt::format("--tenants: {} holds no folders; each tenant's evidence is a folder of the tenant's name", folder));
  return false;
}

bool AddTenants(const RunFlags& flags, std::vector<std::pair<std::string, std::string>>* tenants) {
  for (const std::string& t : flags.tenants) {
    const size_t equals = t.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == t.size()) {
      Complain("--tenant: '" + t + "' is not NAME=PATH");
      return false;
    }
    tenants->emplace_back(t.substr(0, equals), t.substr(equals + 1));
  }
  return flags.tenants_folder.empty() || AddTenantsIn(flags.tenants_folder, tenants);
}

}  // namespace

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

void RunFlags::AddTenantsTo(CLI::App* app) {
  app->add_option("-t,--tenant", tenants, "Evidence of one organisation, repeatable")
      ->type_name("NAME=PATH")
      ->allow_extra_args(false);
  app->add_option("--tenants", tenants_folder, "A folder with one folder of evidence for each organisation")
      ->type_name("DIR");
}

void RunFlags::AddTimesTo(CLI::App* app) {
  app->add_option("--since", since, "Only events from this time on (RFC 3339), or 7d, 12h back from the newest")
      ->type_name("TIME");
  app->add_option("--until", until, "Only events up to this time, likewise")->type_name("TIME");
}

void RunFlags::AddTo(CLI::App* app) {
  AddTenantsTo(app);
  app->add_option("-f,--format", format, "table (default on a terminal), jsonl (default elsewhere), csv")
      ->check(CLI::IsMember({"table", "jsonl", "csv"}));
  app->add_option("-o,--output", output, "Write to FILE, which appears when it is complete")->type_name("FILE");
  evidence.AddTo(app);
  AddTimesTo(app);
  app->add_flag("--carve", carve, "Also records left in unused space of event logs; they are marked carved");
  app->add_flag("--no-sort", no_sort, "Write findings in order of evidence, as they are found, not in order of time");
  app->add_option("-j,--jobs", jobs, "Threads; default: all cores")->type_name("N")->check(CLI::Range(1, 512));
  app->add_flag("--no-digest", no_digest, "Do not hash the evidence; findings then carry no sha256");
  app->add_flag("--no-memo", no_memo, "Scan every value anew (slower; to measure with)")->group("");
  app->add_flag("--stats", stats, "Counts and times as one JSON object on standard error");
  app->add_flag("-q,--quiet", quiet, "No progress, no summary");
}

bool Prepare(const RunFlags& flags, std::vector<std::pair<std::string, std::string>> tenants, const char* usage,
             Prepared* prepared) {
  prepared->start = MonotonicSeconds();
  HuntOptions& options = prepared->options;
  options.jobs = flags.jobs != 0 ? flags.jobs : std::max(1u, std::thread::hardware_concurrency());
  options.format.carve = flags.carve;
  options.digest = !flags.no_digest;
  options.memo = !flags.no_memo;
  options.sort = !flags.no_sort;
  const auto fail = [](const std::string& what) {
    Complain(what);
    return false;
  };
  if (!SetTime(flags.since, &options.since, &options.since_before_newest)) {
    return fail("--since: '" + flags.since + "' is no time; write 2026-01-02T03:04:05Z, 2026-01-02, or 7d, 12h");
  }
  if (!SetTime(flags.until, &options.until, &options.until_before_newest)) {
    return fail("--until: '" + flags.until + "' is no time; write 2026-01-02T03:04:05Z, 2026-01-02, or 7d, 12h");
  }
  if (const std::string wrong = flags.evidence.Apply(&options.format, &options.container); !wrong.empty()) {
    return fail(wrong);
  }
  if (!AddTenants(flags, &tenants)) return false;
  if (flags.paths.empty() && tenants.empty()) return fail(usage);
  auto evidence = ListEvidence(flags.paths, tenants);
  if (!evidence.ok()) return fail(std::string(evidence.status().message()));
  prepared->evidence = *std::move(evidence);
  const std::vector<EvidenceFile>& files = prepared->evidence.files;
  if ((options.since_before_newest || options.until_before_newest) && !files.empty() && files.back().path == "-") {
    return fail("standard input can be read only once: --since and --until need a time there, not a duration");
  }
  prepared->list_seconds = MonotonicSeconds() - prepared->start;
  return true;
}

int RunRules(const RunFlags& flags, const Prepared& prepared, const sigma::RuleSet& rules, HuntResult* result) {
  const std::unique_ptr<Renderer> renderer = RendererFor(flags.format, flags.output);
  if (!prepared.options.sort && renderer->needs_summary()) {
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
  HuntResult r = Hunt(prepared.evidence, rules, sigma::SourceMap::BuiltIn(), prepared.options, *renderer, output->get(),
                      stop, [&](const HuntProgress& p) { bar.Show(p); });
  bar.Clear();
  if (r.status.ok()) r.status = (*output)->Commit();
  if (flags.stats) {
    Phases phases;
    phases.list = prepared.list_seconds;
    phases.rules = prepared.rules_seconds;
    phases.total = MonotonicSeconds() - prepared.start;
    std::fputs((StatsJson(r, rules, phases) + "\n").c_str(), stderr);
  }
  const absl::Status status = r.status;
  int code = kDone;
  if (!absl::IsCancelled(status)) {  // else the reader has what it wanted
    if (!flags.quiet) {
      TellEvidence(r, *r.files);
      TellSummary(r, rules.rules.size());
    }
    if (!status.ok()) {
      Complain(std::string(status.message()));
      code = kPartly;
    } else if (r.facts.files == 0) {
      Complain("nothing could be read");
      code = kCannotStart;
    } else if (!r.facts.unread.empty() || r.facts.damage != 0 || r.facts.partial) {
      code = kPartly;
    }
  }
  if (result != nullptr) *result = std::move(r);
  return code;
}

}  // namespace spoor
