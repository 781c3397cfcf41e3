#include "cli/stats.h"

#include <fmt/format.h>

#include <iterator>

#include "base/text.h"
#include "base/time.h"

namespace spoor {

std::string StatsJson(const HuntResult& r, const sigma::RuleSet& rules, const Phases& phases) {
  std::string out = fmt::format("{{\"files\":{},\"unread\":[", r.facts.files);
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ',';
    first = false;
  };
  for (const auto& [path, reason] : r.facts.unread) {
    comma();
    out += "{\"path\":";
    AppendJsonString(path, &out);
    out += ",\"reason\":";
    AppendJsonString(reason, &out);
    out += '}';
  }
  fmt::format_to(std::back_inserter(out), "],\"bytes\":{},\"events\":{},\"carved\":{},\"damage\":[", r.facts.bytes,
                 r.facts.events, r.carved);
  first = true;
  for (const DamageAt& d : r.damage) {
    comma();
    out += "{\"path\":";
    AppendJsonString((*r.files)[d.file].path, &out);
    fmt::format_to(std::back_inserter(out), ",\"offset\":{},\"bytes\":{},\"what\":", d.offset, d.bytes);
    AppendJsonString(d.what, &out);
    out += '}';
  }
  fmt::format_to(std::back_inserter(out), "],\"damaged\":{},\"findings\":{},", r.facts.damage, r.summary.findings());
  fmt::format_to(std::back_inserter(out),
                 "\"rules\":{{\"loaded\":{},\"failed\":{},\"selected\":{},\"applicable\":{}}},", r.facts.rules_loaded,
                 rules.errors.size(), rules.rules.size(), r.facts.rules_applicable);
  fmt::format_to(std::back_inserter(out),
                 "\"match\":{{\"lookups\":{},\"memo_hits\":{},\"scans\":{},\"rules_tried\":{},\"rules_held\":{},"
                 "\"programs\":{}}},",
                 r.engine.lookups, r.engine.found, r.engine.scans, r.engine.rules_tried, r.engine.rules_held,
                 r.engine.programs);
  fmt::format_to(std::back_inserter(out),
                 "\"correlations\":{{\"loaded\":{},\"matches\":{},\"undated\":{},\"shortened\":{},\"evicted\":{}}},",
                 rules.correlations.size(), r.correlation.matches, r.correlation.undated, r.correlation.shortened,
                 r.correlation.evicted);
  fmt::format_to(std::back_inserter(out),
                 "\"partial\":{},\"seconds\":{{\"total\":{:.4f},\"list\":{:.4f},\"rules\":{:.4f},\"hunt\":{:.4f},"
                 "\"read\":{:.4f},\"digest\":{:.4f},\"match\":{:.4f},\"correlate\":{:.4f},\"write\":{:.4f}}}}}",
                 r.facts.partial, phases.total, phases.list, phases.rules, r.facts.seconds, r.read_seconds,
                 r.digest_seconds, r.match_seconds, r.correlate_seconds, r.write_seconds);
  return out;
}

}  // namespace spoor
