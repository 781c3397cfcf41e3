// Coverage for people: what is blind first, then why, then what would help, then the logs themselves.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/coverage_render.h"
#include "findings/layout.h"

namespace spoor {
namespace {

// Lines of a section (of log events and of gaps: of each kind); what is more is counted, and stands in the JSON.
constexpr size_t kLogEventsShown = 6, kAdviceShown = 12, kHostsShown = 15, kGapsShown = 12, kSourcesShown = 20,
                 kLogsShown = 40;
constexpr int kColumns = 100;

// "8 h 03 min", "3 d 4 h", "12 s"
std::string Duration(int64_t micros) {
  const int64_t s = std::abs(micros) / 1'000'000;
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
  return fmt::format("{} d {} h", s / 86400, s / 3600 % 24);
}

std::string Host(const std::string& host) { return host.empty() ? "(no host)" : host; }

std::string SourceName(const sigma::LogSource& source) {
  std::string name;
  for (const std::string* part : {&source.product, &source.service, &source.category}) {
    if (!part->empty()) name += (name.empty() ? "" : "/") + *part;
  }
  return name;
}

// Rounded down, so that nearly all is not "100 %".
std::string Share(const RuleCounts& counts) {
  if (counts.all() == 0) return "-";
  const size_t percent = 100 * counts.can_fire() / counts.all();
  return percent == 0 && counts.can_fire() > 0 ? "<1 %" : fmt::format("{} %", percent);
}

class TextReport {
 public:
  TextReport(const CoverageReport& report, bool color)
      : seen_(report.seen), c_(report.coverage), known_(report.known), paint_(color) {}

  std::string Make() {
    Head();
    Stages();
    LogEvents();
    SwitchOn();
    Hosts();
    GapsOfLogs();
    Sources();
    Logs();
    Limits();
    return std::move(out_);
  }

 private:
  void Line(std::string line) {
    while (line.ends_with(' ')) line.pop_back();
    out_ += line + "\n";
  }
  // A line with text from evidence: made visible and cut.
  void Cut(std::string_view text) { Line(Fit(text, kColumns)); }
  // The same in two parts: what does not fit on the line goes to the next ones.
  void Broken(const std::string& head, const std::string& tail) {
    const std::string visible = Fit(head + tail, 10 * kColumns);
    if (DisplayWidth(visible) <= kColumns) {
      Line(visible);
      return;
    }
    Cut(head);
    const size_t begin = std::min(tail.find_first_not_of(", "), tail.size());
    for (const std::string& part : Wrap(std::string_view(tail).substr(begin), kColumns - 8, 2)) Line("        " + part);
  }
  void Title(std::string_view title, std::string_view note = "") {
    out_ += "\n" + paint_.Bold(title);
    if (!note.empty()) out_ += "  " + paint_.Dim(note);
    out_ += "\n";
  }
  void More(size_t all, size_t shown, std::string_view what) {
    if (all > shown) Line(fmt::format("  … and {} more {} (--format json has all)", WithCommas(all - shown), what));
  }

  void Head() {
    std::string span;
    if (c_.first <= c_.last) span = fmt::format(", {} to {} UTC", ShortTime(c_.first), ShortTime(c_.last));
    Line(fmt::format("{} of {}{}{}", Plural(seen_.events, "event"), Plural(c_.hosts.size(), "host"), span,
                     seen_.partial ? " (interrupted: partial)" : ""));
    const RuleCounts& r = c_.rules;
    Line(paint_.Bold(
             fmt::format("{} of {} rules can fire ({})", WithCommas(r.can_fire()), WithCommas(r.all()), Share(r))) +
         fmt::format(": {} had events, {} are ready; {} lack fields, {} are blind",
                     WithCommas(r.of(RuleState::kHasEvents)), WithCommas(r.of(RuleState::kReady)),
                     WithCommas(r.of(RuleState::kLacksFields)), WithCommas(r.of(RuleState::kBlind))));
  }

  void Stages() {
    Title("STAGES OF A CAMPAIGN", fmt::format("seen: at least {:.0f} % of a stage's rules can fire; blind: less than "
                                              "{:.0f} %",
                                              100 * kStageSeen, 100 * kStageBlind));
    size_t number = 0;
    for (const StageCoverage& s : c_.stages) {
      const bool blind = s.verdict == StageVerdict::kBlind || s.verdict == StageVerdict::kNoRules;
      std::string verdict = fmt::format("{:<8}", StageVerdictName(s.verdict));
      for (char& letter : verdict) {
        if (blind && letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
      }
      if (blind) verdict = paint_.Level(sigma::Level::kHigh, verdict);
      std::string hosts;
      if (s.hosts_blind > 0 && c_.windows_hosts > 1) {
        hosts = fmt::format("  blind on {} of {} hosts", WithCommas(s.hosts_blind), WithCommas(c_.windows_hosts));
      }
      const std::string bar = Bar(s.rules.can_fire(), std::max<size_t>(1, s.rules.all()), 10);
      Line(fmt::format(" {:>2}  {:<25} {} {:>6} of {:>6} {:>6}  {}{}", ++number, s.stage->name, verdict,
                       WithCommas(s.rules.can_fire()), WithCommas(s.rules.all()), Share(s.rules),
                       hosts.empty() ? bar : FitPadded(bar, 10), hosts));
    }
  }

  // How much an event about a log deserves to stand on top: what an intruder does, first.
  static int Weight(const std::string& kind) {
    constexpr const char* kOrder[] = {"log_cleared",         "sysmon_state", "audit_policy_changed", "clock_changed",
                                      "sysmon_reconfigured", "log_full",     "logging_broken_off"};
    const auto* const it = std::find(std::begin(kOrder), std::end(kOrder), kind);
    return static_cast<int>(it - std::begin(kOrder));
  }

  void LogEvents() {
    if (seen_.log_event_counts.empty() && seen_.small_clock_changes == 0) return;
    Title("CLEARED, STOPPED, CHANGED");
    std::vector<std::pair<std::string, uint64_t>> kinds(seen_.log_event_counts.begin(), seen_.log_event_counts.end());
    std::stable_sort(kinds.begin(), kinds.end(),
                     [](const auto& a, const auto& b) { return Weight(a.first) < Weight(b.first); });
    std::string round;  // starts and stops are the daily round: counted
    for (const auto& [kind, n] : kinds) {
      if (kind == "logging_started" || kind == "logging_stopped") {
        round += fmt::format("{}{} {}", round.empty() ? "" : ", ", kind == "logging_started" ? "started" : "stopped",
                             Times(n));
        continue;
      }
      size_t shown = 0;
      for (const SeenLogEvent& e : seen_.log_events.at(kind)) {
        if (shown++ == kLogEventsShown) break;
        std::string what = known_.log_events()[e.what].what;
        if (e.shift) what += fmt::format(" by {}{}", *e.shift < 0 ? "-" : "+", Duration(*e.shift));
        Broken(fmt::format("  {}  {}  {}", ShortTime(e.time), Host(e.log.host), what),
               fmt::format("{}{}  [{} {}]", e.detail.empty() ? "" : ", ", e.detail, ShortLog(e.log), e.event_id));
      }
      if (n > kLogEventsShown) {
        Line(fmt::format("  … {} in all (--format json has more)", WithCommas(n)));
      }
    }
    if (!round.empty()) Line("  event log service: " + round);
    if (seen_.small_clock_changes > 0) {
      Line(fmt::format("  clock changed by less than a minute: {}", Times(seen_.small_clock_changes)));
    }
  }

  static std::string Times(uint64_t n) { return n == 1 ? "once" : WithCommas(n) + " times"; }

  static std::string ShortLog(const LogKey& key) {
    const std::string name = key.Name();
    constexpr std::string_view kMicrosoft = "Microsoft-Windows-";
    return name.starts_with(kMicrosoft) ? name.substr(kMicrosoft.size()) : name;
  }

  void SwitchOn() {
    if (c_.advice.empty()) return;
    Title("SWITCH ON", "most rules gained first, each counted by itself");
    for (size_t i = 0; i < std::min(c_.advice.size(), kAdviceShown); ++i) {
      const AdviceCoverage& a = c_.advice[i];
      std::string where;
      if (a.host_count == 1) where = "on " + Host(c_.hosts[a.hosts[0]].host);
      if (a.host_count > 1) {
        where = fmt::format("on {} of {} hosts", WithCommas(a.host_count), WithCommas(c_.windows_hosts));
      }
      Cut(fmt::format(" {:>7} rules {:>4} techniques  {} {}", "+" + WithCommas(a.rules), a.techniques.size(),
                      FitPadded(a.advice->what, 42), where));
      for (const std::string& line : a.advice->to_do) {
        for (const std::string& part : Wrap(line, kColumns - 10, 3)) Line("          " + part);
      }
    }
    More(c_.advice.size(), kAdviceShown, "settings");
  }

  void Hosts() {
    std::vector<const HostCoverage*> hosts;
    for (const HostCoverage& h : c_.hosts) {
      if (h.windows) hosts.push_back(&h);
    }
    if (hosts.empty()) return;
    // The blindest first.
    std::stable_sort(hosts.begin(), hosts.end(),
                     [](const auto* a, const auto* b) { return a->rules.can_fire() < b->rules.can_fire(); });
    Title("WINDOWS HOSTS", "fewest rules first");
    for (size_t i = 0; i < std::min(hosts.size(), kHostsShown); ++i) {
      const HostCoverage& h = *hosts[i];
      std::string lacks;
      for (const std::string& service : h.lacks) lacks += (lacks.empty() ? "lacks " : ", ") + service;
      Broken(fmt::format("  {} {:>6} of {} {:>5}", FitPadded(Host(h.host), 32), WithCommas(h.rules.can_fire()),
                         WithCommas(h.rules.all()), Share(h.rules)),
             lacks.empty() ? "" : "  " + lacks);
    }
    More(hosts.size(), kHostsShown, "hosts");
  }

  // The heaviest gaps of a kind, those that come first among equals. Only what is shown becomes text.
  class Gaps {
   public:
    template <typename Fn>
    void Add(double weight, const std::string& log, Fn&& text) {
      ++all_;
      if (gaps_.size() == kGapsShown && weight <= gaps_.back().weight) return;
      const auto at = std::find_if(gaps_.begin(), gaps_.end(), [&](const Gap& g) { return g.weight < weight; });
      gaps_.insert(at, {weight, log, text()});
      if (gaps_.size() > kGapsShown) gaps_.pop_back();
    }
    void CountOnly(uint64_t n) { all_ += n; }

   private:
    friend class TextReport;
    struct Gap {
      double weight;
      std::string log, text;
    };
    std::vector<Gap> gaps_;
    uint64_t all_ = 0;
  };
  void Show(std::string_view what, const Gaps& gaps) {
    if (gaps.gaps_.empty()) return;
    Line(fmt::format("  {}", what));
    for (const auto& gap : gaps.gaps_) Broken("    " + gap.log + ": ", gap.text);
    if (gaps.all_ > gaps.gaps_.size())
      Line(fmt::format("    … and {} more", WithCommas(gaps.all_ - gaps.gaps_.size())));
  }

  void GapsOfLogs() {
    Gaps anew, clock, jumps, silent, hosts, rolled;
    for (const LogCoverage& l : c_.logs) {
      const std::string name = fmt::format("{}  {}", Host(l.key->host), ShortLog(*l.key));
      for (const RecordBreak& b : l.numbers.anew) {
        anew.Add(0, name, [&] {
          const bool at_once = b.first_time < b.last_time;
          return fmt::format("{}{} at {}, {} {} at {}", at_once ? "at once up to " : "", b.last, ShortTime(b.last_time),
                             at_once ? "and from" : "then", b.first, ShortTime(b.first_time));
        });
      }
      for (const RecordBreak& b : l.numbers.clock_back) {
        clock.Add(static_cast<double>(b.last_time - b.first_time), name, [&] {
          return fmt::format("{} at {}, then {} at {}", b.last, ShortTime(b.last_time), b.first,
                             ShortTime(b.first_time));
        });
      }
      clock.CountOnly(l.numbers.clock_back_counted - l.numbers.clock_back.size());
      for (const RecordJump& j : l.numbers.jumps) {
        jumps.Add(static_cast<double>(j.missing()), name, [&] {
          return fmt::format("{} missing, {} {} … {} {}", WithCommas(j.missing()), j.after, ShortTime(j.after_time),
                             j.before, ShortTime(j.before_time));
        });
      }
      jumps.CountOnly(l.numbers.jumps_counted - l.numbers.jumps.size());
      for (const Silence& s : l.silences.found) {
        silent.Add(static_cast<double>(s.elsewhere) + 1e-18 * static_cast<double>(s.to - s.from), name, [&] {
          return fmt::format("{}, {} to {}; {} in its other logs", Duration(s.to - s.from), ShortTime(s.from),
                             ShortTime(s.to), Plural(s.elsewhere, "event"));
        });
      }
      if (l.begins_late > 0) {
        rolled.Add(static_cast<double>(l.begins_late), name, [&] {
          return fmt::format("begins {} after its other logs, {} (record {})", Duration(l.begins_late),
                             ShortTime(l.log->first), FirstRecord(*l.log));
        });
      }
      if (l.ends_early > 0) {
        rolled.Add(static_cast<double>(l.ends_early), name, [&] {
          return fmt::format("ends {} before its other logs, {}", Duration(l.ends_early), ShortTime(l.log->last));
        });
      }
    }
    for (const HostCoverage& h : c_.hosts) {
      for (const Silence& s : h.silences.found) {
        hosts.Add(static_cast<double>(s.to - s.from), Host(h.host), [&] {
          return fmt::format("{}, {} to {}", Duration(s.to - s.from), ShortTime(s.from), ShortTime(s.to));
        });
      }
    }
    if (anew.all_ + clock.all_ + jumps.all_ + silent.all_ + hosts.all_ + rolled.all_ == 0) return;
    Title("GAPS");
    Show("record numbers begin anew: the log was created anew, or another machine has this name", anew);
    Show("record numbers go on and time goes back: the clock was set", clock);
    Show("one log silent for unusually long while others are not", silent);
    Show("the whole host silent for unusually long", hosts);
    Show("records missing, between these two", jumps);
    Show("begin late or end early: rolled over, cleared, switched off", rolled);
  }

  static std::string FirstRecord(const SeenLog& log) {
    return log.numbered == 0 ? "-" : std::to_string(log.first_record);
  }

  void Sources() {
    size_t blind = 0;
    for (const SourceCoverage& s : c_.sources) blind += s.rules.can_fire() < s.rules.all();
    if (blind == 0) return;
    Title("LOG SOURCES WITH RULES THAT CANNOT FIRE", "most such rules first");
    for (size_t i = 0; i < std::min(blind, kSourcesShown); ++i) {
      const SourceCoverage& s = c_.sources[i];
      std::string more;
      if (s.rules.of(RuleState::kLacksFields) > 0) {
        more = fmt::format("  {} lack fields", WithCommas(s.rules.of(RuleState::kLacksFields)));
      }
      if (s.without_advice == s.cannot_fire.size()) {
        more += "  no advice";
      } else if (s.without_advice > 0) {
        more += fmt::format("  no advice for {}", WithCommas(s.without_advice));
      }
      Cut(fmt::format("  {} {:>6} of {:>6} can fire{}", FitPadded(SourceName(s.source), 42),
                      WithCommas(s.rules.can_fire()), WithCommas(s.rules.all()), more));
    }
    More(blind, kSourcesShown, "log sources");
    std::string none;
    for (size_t i = kSourcesShown; i < blind; ++i) {
      if (c_.sources[i].without_advice > 0)
        none += (none.empty() ? "  of these without advice: " : ", ") + SourceName(c_.sources[i].source);
    }
    if (!none.empty()) {
      for (const std::string& line : Wrap(none, kColumns, 6)) Line(line);
    }
  }

  void Logs() {
    Title("LOGS", "events, first and last, record numbers");
    std::vector<const LogCoverage*> logs;
    for (const LogCoverage& l : c_.logs) logs.push_back(&l);
    for (size_t i = 0; i < std::min(logs.size(), kLogsShown); ++i) {
      const LogCoverage& l = *logs[i];
      if (i == 0 || logs[i - 1]->key->host != l.key->host) Cut("  " + Host(l.key->host));
      std::string records;
      if (l.log->numbered > 0) records = fmt::format("{}–{}", l.log->first_record, l.log->last_record);
      const std::string span = l.log->first > l.log->last ? std::string("(no time)")
                                                          : ShortTime(l.log->first).substr(0, 16) + "  " +
                                                                ShortTime(l.log->last).substr(0, 16);
      // Numbers are not cut: half a number is another one.
      Line(fmt::format("    {} {:>9}  {:<34}  {}", FitPadded(ShortLog(*l.key), 33), WithCommas(l.log->events), span,
                       records));
    }
    More(logs.size(), kLogsShown, "logs");
  }

  void Limits() {
    const SeenLimits& limits = seen_.limits;
    if (limits.logs_left_out_events > 0) {
      Line(fmt::format("\nToo many logs: {} of those that come last in order of host and name are left out.",
                       Plural(limits.logs_left_out_events, "event")));
    }
    if (limits.kinds_left_out) {
      Line(fmt::format("\nMore than {} kinds of events: more rules may be able to fire than is said here.",
                       WithCommas(kMaxKinds)));
    }
    if (limits.runs_level > 0) {
      Line(fmt::format("\nToo scattered record numbers: in some logs holes of up to {} records are not seen.",
                       WithCommas(HiddenHole(limits.runs_level))));
    }
    if (limits.hours_level > 0) {
      Line(fmt::format("\nToo many active hours: in some logs silences of up to {} hours are not seen.",
                       WithCommas(uint64_t{2} << limits.hours_level)));
    }
  }

  const Seen& seen_;
  const Coverage& c_;
  const sigma::SwitchOn& known_;
  const Paint paint_;
  std::string out_;
};

}  // namespace

std::string CoverageText(const CoverageReport& report, bool color) { return TextReport(report, color).Make(); }

}  // namespace spoor
