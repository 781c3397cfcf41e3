// What a person wants to know before reading single findings: was everything read, how bad is it, when did it
// happen, by which rules, on which hosts; and, where nothing was found, whether that means anything.
#include "findings/table_head.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "findings/layout.h"
#include "fmt/format.h"

namespace spoor {
namespace {

constexpr size_t kMostHours = 12;
constexpr size_t kMostRules = 10;
constexpr size_t kMostHosts = 10;
constexpr size_t kMostSources = 15;
constexpr size_t kMostUnread = 10;
constexpr int kBarColumns = 30;

void AppendFacts(const HuntFacts& f, const TableOptions& o, std::string* out) {
  const auto line = [&](std::string_view name, std::string_view value) {
    out->append(fmt::format("  {:<8}  {}\n", name, Fit(value, o.width - 12)));
  };
  std::string files = fmt::format("{}, {}", Plural(f.files, "file"), Bytes(f.bytes));
  if (f.damage > 0) files += fmt::format(", {}", Plural(f.damage, "damaged place"));
  line("evidence", files);
  std::string events = Plural(f.events, "event");
  if (f.first_event != 0 || f.last_event != 0) {
    events += fmt::format(", {} to {} UTC", ShortTime(f.first_event), ShortTime(f.last_event));
  }
  line("events", events);
  std::string rules =
      fmt::format("{} loaded, {} apply to these events", WithCommas(f.rules_loaded), WithCommas(f.rules_applicable));
  if (f.rules_failed > 0) rules += fmt::format(", {} could not be read", WithCommas(f.rules_failed));
  line("rules", rules);
  if (f.seconds > 0) line("time", fmt::format("{:.2f} s", f.seconds));
}

void AppendUnread(const HuntFacts& f, const TableOptions& o, std::string* out) {
  if (f.unread.empty()) return;
  out->append(fmt::format("\nNot read: {}\n", Plural(f.unread.size(), "file")));
  for (size_t i = 0; i < std::min(kMostUnread, f.unread.size()); ++i) {
    const auto& [path, reason] = f.unread[i];
    const std::string shown = FitEnd(path, (o.width - 4) / 2);
    out->append(fmt::format("  {}: {}\n", shown, Fit(reason, (o.width - 4) / 2)));
  }
  if (f.unread.size() > kMostUnread) {
    out->append(fmt::format("  … and {} more\n", WithCommas(f.unread.size() - kMostUnread)));
  }
}

void AppendLevels(const Summary& s, const Paint& paint, std::string* out) {
  uint64_t most = 0;
  for (int i = 0; i < Summary::kLevels; ++i) most = std::max(most, s.level(static_cast<sigma::Level>(i)));
  out->append(fmt::format("\n{}\n", paint.Bold("By level")));
  for (int i = Summary::kLevels - 1; i >= 0; --i) {
    const auto level = static_cast<sigma::Level>(i);
    const uint64_t count = s.level(level);
    const std::string name = fmt::format("{:<13}", sigma::LevelName(level));
    const std::string bar = Bar(count, most, kBarColumns);
    out->append(fmt::format("  {} {:>11}", paint.Level(level, name), WithCommas(count)));
    if (!bar.empty()) out->append("  ").append(paint.Level(level, bar));
    out->push_back('\n');
  }
}

// The hours with most severe findings, of these with most findings; in order of time.
std::vector<Summary::Hour> TellingHours(const Summary& s) {
  std::vector<Summary::Hour> hours = s.Hours();
  if (hours.size() <= kMostHours) return hours;
  std::stable_sort(hours.begin(), hours.end(), [](const Summary::Hour& a, const Summary::Hour& b) {
    if (a.count.severe != b.count.severe) return a.count.severe > b.count.severe;
    return a.count.findings > b.count.findings;
  });
  hours.resize(kMostHours);
  std::sort(hours.begin(), hours.end(),
            [](const Summary::Hour& a, const Summary::Hour& b) { return a.start < b.start; });
  return hours;
}

void AppendHours(const Summary& s, const TableOptions& o, const Paint& paint, std::string* out) {
  if (s.hours_overflow()) {
    out->append(fmt::format("\n{}\n  more than {} hours: too many to count one by one\n", paint.Bold("When"),
                            WithCommas(kMaxHours)));
    return;
  }
  const std::vector<Summary::Hour> hours = TellingHours(s);
  if (hours.empty()) return;
  const size_t all = s.Hours().size();
  const std::string note = all > hours.size()
                               ? fmt::format(" (UTC; {} of {} hours with findings)", hours.size(), WithCommas(all))
                               : std::string(" (UTC)");
  out->append(fmt::format("\n{}{}\n", paint.Bold("When"), note));
  uint64_t most = 0;
  for (const Summary::Hour& hour : hours) most = std::max(most, hour.count.findings);
  const int bar_columns = std::clamp(o.width - 62, 8, kBarColumns);
  for (const Summary::Hour& hour : hours) {
    const std::string bar = Bar(hour.count.findings, most, bar_columns);
    std::string line =
        fmt::format("  {}h {:>11}  ", ShortTime(hour.start).substr(0, 13), WithCommas(hour.count.findings));
    if (hour.count.severe > 0) {
      line += FitPadded(bar, bar_columns) + fmt::format("  {:>5} high or critical", WithCommas(hour.count.severe));
    } else {
      line += bar;
    }
    out->append(Fit(line, o.width)).push_back('\n');
  }
}

void AppendRules(const Summary& s, const TableOptions& o, const Paint& paint, std::string* out) {
  std::vector<RuleCount> rules;
  for (const RuleCount& rule : s.rules()) {
    if (rule.rule != nullptr) rules.push_back(rule);
  }
  std::stable_sort(rules.begin(), rules.end(), [](const RuleCount& a, const RuleCount& b) {
    if (a.rule->level != b.rule->level) return a.rule->level > b.rule->level;
    return a.findings > b.findings;
  });
  const size_t shown = std::min(kMostRules, rules.size());
  out->append(fmt::format("\n{}{}\n", paint.Bold("Rules"),
                          shown < rules.size()
                              ? fmt::format(" ({} of {} with findings, worst first)", shown, WithCommas(rules.size()))
                              : std::string()));
  for (size_t i = 0; i < shown; ++i) {
    const sigma::Rule& rule = *rules[i].rule;
    out->append(fmt::format("  {:>11}  {} {}\n", WithCommas(rules[i].findings),
                            paint.Level(rule.level, fmt::format("{:<13}", sigma::LevelName(rule.level))),
                            Fit(rule.title, o.width - 29)));
  }
}

// Windows writes a computer's name in any case: the hosts with those of the same name added to the first.
std::vector<Summary::Host> HostsInAnyCase(const Summary& s) {
  std::vector<Summary::Host> hosts;
  absl::flat_hash_map<std::string, size_t> places;
  for (Summary::Host& host : s.Hosts()) {
    const auto [at, is_new] = places.try_emplace(host.tenant + '\0' + Folded(host.host), hosts.size());
    if (is_new) {
      hosts.push_back(std::move(host));
    } else {
      hosts[at->second].count.findings += host.count.findings;
    }
  }
  std::stable_sort(hosts.begin(), hosts.end(), [](const Summary::Host& a, const Summary::Host& b) {
    if (a.count.worst != b.count.worst) return a.count.worst > b.count.worst;
    return a.count.findings > b.count.findings;
  });
  return hosts;
}

void AppendHosts(const Summary& s, const TableOptions& o, const Paint& paint, std::string* out) {
  if (s.hosts_overflow()) {
    out->append(fmt::format("\n{}\n  more than {} hosts: too many to count one by one\n", paint.Bold("Hosts"),
                            WithCommas(kMaxHosts)));
    return;
  }
  const std::vector<Summary::Host> hosts = HostsInAnyCase(s);
  if (hosts.empty()) return;
  const size_t shown = std::min(kMostHosts, hosts.size());
  out->append(fmt::format("\n{}{}\n", paint.Bold("Hosts"),
                          shown < hosts.size()
                              ? fmt::format(" ({} of {} with findings, worst first)", shown, WithCommas(hosts.size()))
                              : std::string()));
  for (size_t i = 0; i < shown; ++i) {
    const Summary::Host& host = hosts[i];
    const std::string name = host.tenant.empty() ? host.host : fmt::format("{}/{}", host.tenant, host.host);
    out->append(fmt::format("  {:>11}  {} {}\n", WithCommas(host.count.findings),
                            paint.Level(host.count.worst, fmt::format("{:<13}", sigma::LevelName(host.count.worst))),
                            Fit(name, o.width - 29)));
  }
}

// Reasons why there may be no findings, the most telling one first.
std::vector<std::string> Reasons(const HuntFacts& f) {
  std::vector<std::string> reasons;
  if (f.partial) reasons.push_back("The hunt was stopped before all evidence was read.");
  if (f.files == 0) {
    reasons.push_back("No evidence file was read.");
  } else if (f.events == 0) {
    reasons.push_back("The files hold no event: they are empty, or of a format that is not known.");
  }
  if (f.rules_loaded == 0) {
    reasons.push_back("No rule was loaded: see --rules, --include, --exclude and --min-level.");
  } else if (f.events > 0 && f.rules_applicable == 0) {
    reasons.push_back(
        "No rule is about what these events are: the rules ask for log sources this evidence does not "
        "hold. For events that do not say what they are, --logsource does.");
  } else if (f.events > 0) {
    reasons.push_back(fmt::format("{} of the {} apply to events of these kinds, and none of them matched.",
                                  WithCommas(f.rules_applicable), Plural(f.rules_loaded, "rule")));
  }
  if (f.min_level != sigma::Level::kInformational) {
    reasons.push_back(fmt::format("Rules below level {} were left out (--min-level).", sigma::LevelName(f.min_level)));
  }
  if (f.rules_failed > 0) {
    reasons.push_back(
        fmt::format("{} could not be read (spoor rules check tells why).", Plural(f.rules_failed, "rule")));
  }
  if (!f.unread.empty()) {
    reasons.push_back(fmt::format("{} could not be read.", Plural(f.unread.size(), "file")));
  }
  if (f.damage > 0) {
    reasons.push_back(
        fmt::format("What lay in {} of the evidence could not be read.", Plural(f.damage, "damaged place")));
  }
  return reasons;
}

}  // namespace

std::string TableOverview(const Summary& summary, const HuntFacts& facts, const TableOptions& options) {
  const Paint paint(options.color);
  std::string out = paint.Bold(Plural(summary.findings(), "finding")) + "\n";
  if (facts.partial) {
    out += paint.Level(sigma::Level::kHigh, "Stopped before the end: this is only what was found so far.") + "\n";
  }
  AppendFacts(facts, options, &out);
  AppendUnread(facts, options, &out);
  AppendLevels(summary, paint, &out);
  AppendHours(summary, options, paint, &out);
  AppendRules(summary, options, paint, &out);
  AppendHosts(summary, options, paint, &out);
  out.push_back('\n');
  return out;
}

std::string TableNoFindings(const HuntFacts& facts, const TableOptions& options) {
  const Paint paint(options.color);
  std::string out = paint.Bold("No findings") + "\n";
  AppendFacts(facts, options, &out);
  AppendUnread(facts, options, &out);
  out.append(fmt::format("\n{}\n", paint.Bold("Why that may be")));
  for (const std::string& reason : Reasons(facts)) {
    const char* lead = "  - ";
    for (const std::string& line : Wrap(reason, options.width - 4, 4)) {
      out.append(lead).append(line).push_back('\n');
      lead = "    ";
    }
  }
  if (facts.sources.empty()) return out;
  out.append(fmt::format("\n{}\n", paint.Bold("Events seen")));
  const size_t shown = std::min(kMostSources, facts.sources.size());
  for (size_t i = 0; i < shown; ++i) {
    const auto& [name, count] = facts.sources[i];
    out.append(fmt::format("  {:>11}  {}\n", WithCommas(count), Fit(name, options.width - 15)));
  }
  if (shown < facts.sources.size()) {
    out.append(fmt::format("  … and {} more\n", Plural(facts.sources.size() - shown, "kind")));
  }
  return out;
}

}  // namespace spoor
