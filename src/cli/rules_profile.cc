// spoor rules profile: which rules cost time on this evidence.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <thread>

#include "base/text.h"
#include "cli/builtin_rules.h"
#include "cli/evidence_flags.h"
#include "cli/message.h"
#include "cli/verbs.h"
#include "findings/output.h"
#include "hunt/hunt.h"

namespace spoor {
namespace {

struct ProfileFlags {
  std::vector<std::string> paths, rules;
  std::string format = "table";
  EvidenceFlags evidence;
  unsigned jobs = 0;
  size_t limit = 30;
};

int RunProfile(const ProfileFlags& flags) {
  HuntOptions options;
  options.jobs = flags.jobs != 0 ? flags.jobs : std::max(1u, std::thread::hardware_concurrency());
  options.digest = false;
  options.profile = true;
  if (const std::string wrong = flags.evidence.Apply(&options.format, &options.container); !wrong.empty()) {
    Complain(wrong);
    return kCannotStart;
  }
  sigma::LoadOptions load;
  load.jobs = options.jobs;
  const sigma::RuleSet set = flags.rules.empty() ? LoadBuiltInRules(load) : sigma::LoadRules(flags.rules, load);
  if (set.rules.empty()) {
    Complain("no rules");
    return kCannotStart;
  }
  const auto evidence = ListEvidence(flags.paths, {});
  if (!evidence.ok()) {
    Complain(std::string(evidence.status().message()));
    return kCannotStart;
  }
  NoOutput output;
  const std::atomic<bool> stop{false};
  const auto renderer = MakeJsonLinesRenderer();
  const HuntResult r = Hunt(*evidence, set, sigma::SourceMap::BuiltIn(), options, *renderer, &output, stop, nullptr);
  if (!r.status.ok()) {
    Complain(std::string(r.status.message()));
    return kPartly;
  }
  std::vector<uint32_t> order(r.rule_costs.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return r.rule_costs[a].seconds > r.rule_costs[b].seconds; });
  double own = 0;
  for (const RuleCost& cost : r.rule_costs) own += cost.seconds;
  const double all = std::max(r.match_seconds, 1e-9);
  std::string out;
  if (flags.format == "table") {
    out += fmt::format("{:>9} {:>6} {:>10} {:>8} {:>10}  rule\n", "ms", "share", "tried", "held", "checks");
  }
  size_t shown = 0;
  for (const uint32_t i : order) {
    const RuleCost& cost = r.rule_costs[i];
    const sigma::Rule& rule = set.rules[i];
    if (cost.tried == 0 && cost.checks == 0) continue;
    if (shown++ == flags.limit) break;
    if (flags.format == "json") {
      out += fmt::format(
          "{{\"id\":{},\"title\":{},\"seconds\":{:.6f},\"tried\":{},\"held\":{},\"checks\":{},\"path\":{}}}\n",
          JsonString(rule.id), JsonString(rule.title), cost.seconds, cost.tried, cost.held, cost.checks,
          JsonString(rule.path));
    } else {
      std::string title;
      AppendVisible(rule.title, &title);
      out += fmt::format("{:>9.2f} {:>5.1f}% {:>10} {:>8} {:>10}  {}\n", cost.seconds * 1e3, 100 * cost.seconds / all,
                         cost.tried, cost.held, cost.checks, title);
    }
  }
  Print(out);
  std::fputs(
      fmt::format(
          "{} events, {:.2f} s to read and match them: {:.1f} % of that in single rules, the rest in reading and "
          "in what all rules share ({} values searched, {:.1f} % of look-ups answered from memory)\n",
          r.facts.events, r.match_seconds, 100 * own / all, r.engine.scans,
          100.0 * static_cast<double>(r.engine.found) / static_cast<double>(std::max<uint64_t>(1, r.engine.lookups)))
          .c_str(),
      stderr);
  for (const auto& [path, reason] : r.facts.unread) Complain(fmt::format("not read: {}: {}", path, reason));
  return r.facts.unread.empty() && set.errors.empty() ? kDone : kPartly;
}

}  // namespace

Run AddRulesProfile(CLI::App* app) {
  auto f = std::make_shared<ProfileFlags>();
  app->add_option("EVIDENCE", f->paths, "Files, folders, or - for standard input")->required();
  app->add_option("-r,--rules", f->rules, "Rule files, folders; default: the built-in rules")
      ->type_name("PATH")
      ->allow_extra_args(false);
  f->evidence.AddTo(app);
  app->add_option("-f,--format", f->format, "table (default), json (one object a line)")
      ->check(CLI::IsMember({"table", "json"}));
  app->add_option("--limit", f->limit, "Rules shown, the most expensive ones; default 30")->type_name("N");
  app->add_option("-j,--jobs", f->jobs, "Threads; default: all cores")->type_name("N")->check(CLI::Range(1, 512));
  app->footer(
      "tried: events that gave reason to look at the rule. held: those for which it held. checks: values on which its\n"
      "expressions and wildcards were run. ms: for both; what several rules have in common is shared out among them.\n"
      "Measuring takes time itself, so a hunt is faster than the sum.");
  return [f] { return RunProfile(*f); };
}

}  // namespace spoor
