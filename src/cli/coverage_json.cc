// Coverage for programs: one JSON object, and the layer of the ATT&CK Navigator.
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "cli/coverage_render.h"

namespace spoor {
namespace {

template <typename List, typename Fn>
std::string JsonList(const List& list, Fn&& one, const char* between = ",") {
  std::string out = "[";
  for (const auto& item : list) out += (out.size() > 1 ? between : "") + one(item);
  return out + "]";
}

std::string JsonTexts(const std::vector<std::string>& texts) {
  return JsonList(texts, [](const std::string& text) { return JsonString(text); });
}

std::string Time(int64_t time) { return "\"" + FormatTime(time) + "\""; }
std::string Seconds(int64_t micros) { return fmt::format("{:.3f}", static_cast<double>(micros) * 1e-6); }

// "first" and "last", null where nothing is dated.
std::string Span(int64_t first, int64_t last) {
  if (first > last) return "\"first\":null,\"last\":null";
  return fmt::format("\"first\":{},\"last\":{}", Time(first), Time(last));
}

std::string Counts(const RuleCounts& counts) {
  return fmt::format("{{\"all\":{},\"can_fire\":{},\"has_events\":{},\"ready\":{},\"lacks_fields\":{},\"blind\":{}}}",
                     counts.all(), counts.can_fire(), counts.of(RuleState::kHasEvents), counts.of(RuleState::kReady),
                     counts.of(RuleState::kLacksFields), counts.of(RuleState::kBlind));
}

std::string SilencesJson(const Silences& silences) {
  return fmt::format("\"unusual_silence_seconds\":{},\"silences\":{}",
                     silences.unusual ? Seconds(*silences.unusual) : "null",
                     JsonList(silences.found, [](const Silence& s) {
                       return fmt::format("{{\"from\":{},\"to\":{},\"seconds\":{},\"events_elsewhere\":{}}}",
                                          Time(s.from), Time(s.to), Seconds(s.to - s.from), s.elsewhere);
                     }));
}

std::string BreaksJson(const std::vector<RecordBreak>& breaks) {
  return JsonList(breaks, [](const RecordBreak& b) {
    return fmt::format("{{\"last\":{},\"last_time\":{},\"first\":{},\"first_time\":{}}}", b.last, Time(b.last_time),
                       b.first, Time(b.first_time));
  });
}

std::string RecordsJson(const LogCoverage& log) {
  if (log.log->numbered == 0) return "null";
  const RecordNumbers& n = log.numbers;
  return fmt::format(
      "{{\"numbered\":{},\"first\":{},\"last\":{},\"missing\":{},\"jump_count\":{},\"jumps\":{},\"anew\":{},"
      "\"clock_back_count\":{},\"clock_back\":{},\"holes_not_seen\":{},\"runs_left_out\":{}}}",
      log.log->numbered, log.log->first_record, log.log->last_record, n.missing, n.jumps_counted,
      JsonList(n.jumps,
               [](const RecordJump& j) {
                 return fmt::format(
                     "{{\"missing\":{},\"after\":{},\"after_time\":{},\"before\":{},\"before_time\":{}}}", j.missing(),
                     j.after, Time(j.after_time), j.before, Time(j.before_time));
               }),
      BreaksJson(n.anew), n.clock_back_counted, BreaksJson(n.clock_back), HiddenHole(log.runs_level), n.left_out);
}

std::string LogJson(const CoverageReport& report, const LogCoverage& log) {
  std::string kinds;
  KindKey first;
  first.log = *log.key;
  for (auto it = report.seen.kinds.lower_bound(first); it != report.seen.kinds.end(); ++it) {
    const KindKey& kind = it->first;
    if (kind.log < *log.key || *log.key < kind.log) break;
    kinds += fmt::format("{}{{\"provider\":{},\"event_id\":{},\"events\":{}}}", kinds.empty() ? "" : ",",
                         JsonString(kind.provider), kind.has_event_id ? std::to_string(kind.event_id) : "null",
                         it->second.events);
  }
  return fmt::format(
      "{{\"host\":{},\"log\":{},\"windows\":{},\"events\":{},\"undated\":{},{},\"records\":{},{},"
      "\"begins_late_seconds\":{},\"ends_early_seconds\":{},\"kinds\":[{}]}}",
      JsonString(log.key->host), JsonString(log.key->Name()), log.key->of_windows(), log.log->events, log.log->undated,
      Span(log.log->first, log.log->last), RecordsJson(log), SilencesJson(log.silences),
      log.begins_late > 0 ? Seconds(log.begins_late) : "null", log.ends_early > 0 ? Seconds(log.ends_early) : "null",
      kinds);
}

std::string HostJson(const CoverageReport& report, const HostCoverage& host) {
  std::string stages;
  for (size_t s = 0; s < host.stages.size(); ++s) {
    stages += fmt::format("{}{}:\"{}\"", s > 0 ? "," : "", JsonString(report.known.stages()[s].name),
                          StageVerdictName(host.stages[s]));
  }
  return fmt::format(
      "{{\"host\":{},\"windows\":{},\"events\":{},\"logs\":{},{},\"rules\":{},\"lacks\":{},"
      "\"stages\":{{{}}},{}}}",
      JsonString(host.host), host.windows, host.events, host.logs, Span(host.first, host.last),
      host.windows ? Counts(host.rules) : "null", JsonTexts(host.lacks), stages, SilencesJson(host.silences));
}

std::string LogEventJson(const CoverageReport& report, const SeenLogEvent& e) {
  const sigma::LogEvent& about = report.known.log_events()[e.what];
  std::string out = fmt::format("{{\"time\":{},\"kind\":{},\"what\":{},\"host\":{},\"log\":{},\"event_id\":{}",
                                e.time == 0 ? "null" : Time(e.time), JsonString(about.kind), JsonString(about.what),
                                JsonString(e.log.host), JsonString(e.log.Name()), e.event_id);
  out += fmt::format(",\"record\":{},\"path\":{},\"detail\":{}", e.record, JsonString(report.files[e.file].path),
                     JsonString(e.detail));
  if (e.shift) out += ",\"clock_shift_seconds\":" + Seconds(*e.shift);
  return out + "}";
}

std::string LogEventCountsJson(const Seen& seen) {
  std::string counts;
  for (const auto& [kind, n] : seen.log_event_counts) {
    counts += fmt::format("{}{}:{}", counts.empty() ? "" : ",", JsonString(kind), n);
  }
  return fmt::format("\"log_event_counts\":{{{}}},\"small_clock_changes\":{}", counts, seen.small_clock_changes);
}

std::string SourceJson(const SourceCoverage& source) {
  return fmt::format(
      "{{\"product\":{},\"service\":{},\"category\":{},\"rules\":{},\"without_advice\":{},\"cannot_fire\":{}}}",
      JsonString(source.source.product), JsonString(source.source.service), JsonString(source.source.category),
      Counts(source.rules), source.without_advice, JsonList(source.cannot_fire, [](const auto& one) {
        return fmt::format("{{\"id\":{},\"title\":{},\"state\":\"{}\"}}", JsonString(one.first->id),
                           JsonString(one.first->title), RuleStateName(one.second));
      }));
}

// Passes a list on, an item a line.
template <typename List, typename Fn>
void WriteList(const List& list, Fn&& one, const std::function<void(std::string_view)>& write) {
  constexpr size_t kPiece = 1 << 20;
  std::string piece = "[";
  const char* between = "";
  for (const auto& item : list) {
    piece += std::exchange(between, ",\n");
    piece += one(item);
    if (piece.size() < kPiece) continue;
    write(piece);
    piece.clear();
  }
  write(piece + "]");
}

}  // namespace

void CoverageJson(const CoverageReport& report, const std::function<void(std::string_view)>& write) {
  const Seen& seen = report.seen;
  const Coverage& c = report.coverage;
  write(fmt::format("{{\"events\":{},\"files\":{},\"bytes\":{},{},\"partial\":{},\"rules\":{},\n\"stages\":",
                    seen.events, seen.files, seen.bytes, Span(c.first, c.last), seen.partial, Counts(c.rules)));
  size_t number = 0;
  const auto stage = [&](const StageCoverage& s) {
    return fmt::format("{{\"number\":{},\"name\":{},\"verdict\":\"{}\",\"rules\":{},\"hosts_blind\":{}}}", ++number,
                       JsonString(s.stage->name), StageVerdictName(s.verdict), Counts(s.rules), s.hosts_blind);
  };
  WriteList(c.stages, stage, write);
  write(",\n" + LogEventCountsJson(seen) + ",\n\"log_events\":");
  std::set<SeenLogEvent> events;
  for (const auto& [kind, of_kind] : seen.log_events) events.insert(of_kind.begin(), of_kind.end());
  WriteList(
      events, [&](const SeenLogEvent& e) { return LogEventJson(report, e); }, write);
  write(",\n\"switch_on\":");
  const auto advice = [&](const AdviceCoverage& a) {
    return fmt::format("{{\"what\":{},\"do\":{},\"rules\":{},\"techniques\":{},\"host_count\":{},\"hosts\":{}}}",
                       JsonString(a.advice->what), JsonTexts(a.advice->to_do), a.rules, JsonTexts(a.techniques),
                       a.host_count, JsonList(a.hosts, [&](uint32_t host) { return JsonString(c.hosts[host].host); }));
  };
  WriteList(c.advice, advice, write);
  write(",\n\"hosts\":");
  WriteList(
      c.hosts, [&](const HostCoverage& h) { return HostJson(report, h); }, write);
  write(",\n\"logs\":");
  WriteList(
      c.logs, [&](const LogCoverage& l) { return LogJson(report, l); }, write);
  write(",\n\"log_sources\":");
  WriteList(c.sources, SourceJson, write);
  write(",\n\"techniques\":");
  const auto technique = [](const TechniqueCoverage& t) {
    return fmt::format("{{\"technique\":{},\"rules\":{}}}", JsonString(t.technique), Counts(t.rules));
  };
  WriteList(c.techniques, technique, write);
  write(fmt::format(
      ",\n\"limits\":{{\"events_of_logs_left_out\":{},\"kinds_left_out\":{},\"records_coarsened\":{},"
      "\"hours_coarsened\":{}}}}}\n",
      seen.limits.logs_left_out_events, seen.limits.kinds_left_out, seen.limits.runs_level, seen.limits.hours_level));
}

std::string CoverageNavigator(const CoverageReport& report) {
  const Coverage& c = report.coverage;
  std::string description =
      fmt::format("{} of {} rules can fire on {} events", c.rules.can_fire(), c.rules.all(), report.seen.events);
  if (c.first <= c.last) description += fmt::format(" from {} to {}", FormatTime(c.first), FormatTime(c.last));
  std::string out = fmt::format(
      "{{\"name\":\"spoor: what the rules can see\",\"versions\":{{\"layer\":\"4.5\",\"navigator\":\"5.1.0\"}},"
      "\"domain\":\"enterprise-attack\",\"description\":{},\"sorting\":2,\"hideDisabled\":false,\n\"techniques\":",
      JsonString(description));
  out += JsonList(
      c.techniques,
      [](const TechniqueCoverage& t) {
        const std::string comment = fmt::format(
            "{} of {} rules can fire: {} had events, {} are ready; {} lack fields, {} are blind", t.rules.can_fire(),
            t.rules.all(), t.rules.of(RuleState::kHasEvents), t.rules.of(RuleState::kReady),
            t.rules.of(RuleState::kLacksFields), t.rules.of(RuleState::kBlind));
        return fmt::format("{{\"techniqueID\":{},\"score\":{},\"comment\":{},\"enabled\":true}}",
                           JsonString(t.technique), std::lround(100 * t.rules.share()), JsonString(comment));
      },
      ",\n");
  out +=
      ",\n\"gradient\":{\"colors\":[\"#e05d5dff\",\"#f4d35eff\",\"#5cab7dff\"],\"minValue\":0,\"maxValue\":100},\n"
      "\"legendItems\":[{\"label\":\"none of its rules can fire\",\"color\":\"#e05d5d\"},"
      "{\"label\":\"half of them\",\"color\":\"#f4d35e\"},{\"label\":\"all of them\",\"color\":\"#5cab7d\"}],\n"
      "\"metadata\":[],\"showTacticRowBackground\":false,\"selectTechniquesAcrossTactics\":true,"
      "\"selectSubtechniquesWithParent\":false}\n";
  return out;
}

}  // namespace spoor
