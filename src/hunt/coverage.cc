// Which rules can fire, on which hosts, and what would make more of them.
//
// All sets of rules are bitmaps over the rule set. Which rules an event of a kind can fire is asked once for each kind
// and set of filled fields (ProgramBuilder::RulesFor), since the same few kinds come from every host.
#include "hunt/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "match/program.h"

namespace spoor {
namespace {

using sigma::Advice;
using Rules = std::vector<bool>;  // by index into RuleSet::rules

bool IsAmong(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const auto& n) { return EqualsIgnoreAsciiCase(n, name); });
}

bool Means(const Advice& advice, const KindKey& kind) {
  if (!kind.log.source.is_windows_log()) return false;
  const std::vector<uint32_t>& ids = advice.event_ids;
  if (!ids.empty() && (!kind.has_event_id || std::find(ids.begin(), ids.end(), kind.event_id) == ids.end())) {
    return false;
  }
  return IsAmong(advice.channels, kind.log.channel) || IsAmong(advice.providers, kind.provider);
}

SourceKey KeyOf(const KindKey& kind, const SeenKind& seen) {
  SourceKey key;
  key.more_channels = seen.more_channels;
  key.more_providers = seen.more_providers;
  key.more_event_ids = seen.more_event_ids;
  key.product = kind.log.source.product;
  key.service = kind.log.source.service;
  key.category = kind.log.source.category;
  key.channel = kind.log.channel;
  key.provider = kind.provider;
  key.event_id = kind.event_id;
  key.has_event_id = kind.has_event_id;
  return key;
}

class RuleJudge {
 public:
  RuleJudge(const Seen& seen, const sigma::RuleSet& set, const sigma::SourceMap& sources, const sigma::SwitchOn& known)
      : seen_(seen), set_(set), known_(known), builder_(set.rules, sources, 1) {
    std::map<std::string, bool> resolves;
    std::set<uint32_t> named;
    for (const sigma::Rule& rule : set.rules) {
      const sigma::LogSource& s = rule.source;
      const auto [it, fresh] = resolves.try_emplace(s.product + '\n' + s.service + '\n' + s.category);
      if (fresh) {
        const std::vector<sigma::Target> targets = sources.Resolve(s);
        it->second = !targets.empty();
        for (const sigma::Target& t : targets) named.insert(t.event_ids.begin(), t.event_ids.end());
      }
      of_windows_.push_back(it->second);
    }
    named_ids_.assign(named.begin(), named.end());
    for (const Advice& a : known.advice()) gives_.push_back(RulesOf(a));
  }

  void Judge(Coverage* coverage) {
    std::vector<RuleState> best(set_.rules.size(), RuleState::kBlind);
    const auto take = [&](const std::vector<RuleState>& states) {
      for (size_t r = 0; r < best.size(); ++r) best[r] = std::max(best[r], states[r]);
    };
    bool any_windows = false;
    for (HostCoverage& host : coverage->hosts) {
      const std::vector<RuleState> states = JudgeHost(host.host);
      take(states);
      if (!host.windows) continue;
      any_windows = true;
      CountHost(states, &host);
      for (size_t a = 0; a < known_.advice().size(); ++a) {
        if (known_.advice()[a].of_windows()) Gain(a, host.host, true, states);
      }
    }
    for (size_t a = 0; a < known_.advice().size(); ++a) {
      if (!known_.advice()[a].of_windows() || !any_windows) Gain(a, "", false, best);
    }
    Report(best, coverage);
  }

 private:
  // A rule or correlation that is counted, and its state.
  struct Unit {
    const sigma::Rule* rule;
    RuleState state;
    bool windows;
  };
  struct Gained {
    Rules rules;
    std::set<std::string> hosts;
  };

  // The rules that a setting gives events to; for one that fills a field, those about its events.
  Rules RulesOf(const Advice& advice) {
    Rules rules(set_.rules.size());
    const auto add = [&](const SourceKey& key) {
      for (const uint32_t r : builder_.RulesFor(key)) rules[r] = true;
    };
    if (!advice.of_windows()) {
      const auto same = [&](const std::string& want, const std::string& have) {
        return want == have || (want.empty() && !advice.exact);
      };
      for (size_t r = 0; r < rules.size(); ++r) {
        const sigma::LogSource& s = set_.rules[r].source;
        rules[r] = !of_windows_[r] && same(advice.source.product, s.product) &&
                   same(advice.source.service, s.service) && same(advice.source.category, s.category);
      }
      return rules;
    }
    // Rules may name the provider or leave it; the events are the same.
    std::vector<std::string> channels = advice.channels;
    if (channels.empty()) channels.emplace_back();
    for (const std::string& channel : channels) {
      SourceKey key;
      key.channel = channel;
      key.more_channels = true;  // "log cleared" names the log in a Channel of its own
      if (channel.empty()) key.provider = advice.providers[0];
      std::vector<uint32_t> ids = advice.event_ids;
      if (ids.empty()) {
        add(key);
        ids = named_ids_;  // categories name events of the channel
      }
      for (const uint32_t id : ids) {
        key.event_id = id;
        key.has_event_id = true;
        add(key);
      }
    }
    return rules;
  }

  // The rules that events of a kind can fire, with the fields that were filled, or (`whole`) if all of them were.
  // `more`: a further field taken as filled.
  const std::vector<uint32_t>& RulesFor(const KindKey& key, const SeenKind& kind, bool whole,
                                        const std::string& more = "") {
    const bool all_fields = whole || kind.any_field || kind.events < kFewestForFields;
    const SourceKey source = KeyOf(key, kind);
    std::string known;
    for (const std::string* part :
         {&source.product, &source.service, &source.category, &source.channel, &source.provider, &more}) {
      known += fmt::format("{}:", part->size());  // names from evidence may hold anything
      known += *part;
    }
    if (source.has_event_id) known += fmt::format("{}", source.event_id);
    for (const bool flag : {source.more_channels, source.more_providers, source.more_event_ids}) {
      known += flag ? '+' : '-';
    }
    if (all_fields) {
      known += "*";
    } else {
      for (const uint64_t hash : kind.fields) known.append(reinterpret_cast<const char*>(&hash), sizeof hash);
    }
    const auto it = rules_for_.find(known);
    if (it != rules_for_.end()) return it->second;
    if (rules_for_.size() >= kMaxRemembered) rules_for_.clear();
    std::function<bool(std::string_view)> has_value;
    if (!all_fields) {
      has_value = [&](std::string_view field) { return field == more || kind.HasValueIn(field); };
    }
    return rules_for_.emplace(std::move(known), builder_.RulesFor(source, has_value)).first->second;
  }

  // Calls fn for each kind of events of a host.
  template <typename Fn>
  void ForEachKind(const std::string& host, Fn&& fn) const {
    KindKey first;
    first.log.host = host;
    for (auto it = seen_.kinds.lower_bound(first); it != seen_.kinds.end() && it->first.log.host == host; ++it) {
      fn(it->first, it->second);
    }
  }

  bool IsOn(const Advice& advice, const std::string& host) const {
    bool on = false;
    ForEachKind(host, [&](const KindKey& key, const SeenKind&) {
      on |= Means(advice, key) || (advice.always && IsAmong(advice.channels, key.log.channel));
    });
    return on;
  }

  std::vector<RuleState> JudgeHost(const std::string& host) {
    std::vector<RuleState> states(set_.rules.size(), RuleState::kBlind);
    for (size_t a = 0; a < known_.advice().size(); ++a) {
      const Advice& advice = known_.advice()[a];
      if (!advice.of_windows() || !advice.field.empty() || !IsOn(advice, host)) continue;
      for (size_t r = 0; r < states.size(); ++r) {
        if (gives_[a][r]) states[r] = RuleState::kReady;
      }
    }
    ForEachKind(host, [&](const KindKey& key, const SeenKind& kind) {
      for (const uint32_t r : RulesFor(key, kind, true)) {
        if (states[r] != RuleState::kHasEvents) states[r] = RuleState::kLacksFields;
      }
      for (const uint32_t r : RulesFor(key, kind, false)) states[r] = RuleState::kHasEvents;
    });
    return states;
  }

  // Notes what a setting would gain, with the states of a host (or of the evidence).
  void Gain(size_t a, const std::string& host, bool of_host, const std::vector<RuleState>& states) {
    const Advice& advice = known_.advice()[a];
    Rules gained(set_.rules.size());
    if (!advice.field.empty()) {
      ForEachKind(host, [&](const KindKey& key, const SeenKind& kind) {
        if (!of_host || !Means(advice, key) || kind.HasValueIn(advice.field)) return;
        for (const uint32_t r : RulesFor(key, kind, false, advice.field)) gained[r] = true;
      });
    } else if (!advice.of_windows() || !of_host || !IsOn(advice, host)) {
      gained = gives_[a];
    }
    Gained& total = gained_[a];
    total.rules.resize(set_.rules.size());
    bool any = false;
    for (size_t r = 0; r < gained.size(); ++r) {
      if (!gained[r] || states[r] >= RuleState::kReady || set_.rules[r].silent) continue;
      total.rules[r] = true;
      any = true;
    }
    if (any && of_host) total.hosts.insert(host);
  }

  // Rules and correlations as they are counted.
  std::vector<Unit> UnitsOf(const std::vector<RuleState>& states) const {
    std::vector<Unit> units;
    for (size_t r = 0; r < states.size(); ++r) {
      if (!set_.rules[r].silent) units.push_back({&set_.rules[r], states[r], of_windows_[r]});
    }
    std::vector<RuleState> of_correlation;
    std::vector<bool> windows;
    for (const sigma::Correlation& c : set_.correlations) {
      using Type = sigma::Correlation::Type;
      const bool all = (c.type == Type::kTemporal && c.condition.nodes.empty()) || c.type == Type::kTemporalOrdered;
      RuleState state = all ? RuleState::kHasEvents : RuleState::kBlind;
      bool about_windows = false;
      for (const auto& reference : c.references) {
        const RuleState part = reference.to_correlation ? of_correlation[reference.index] : states[reference.index];
        state = all ? std::min(state, part) : std::max(state, part);
        about_windows |= reference.to_correlation ? windows[reference.index] : of_windows_[reference.index];
      }
      of_correlation.push_back(state);
      windows.push_back(about_windows);
      if (!c.rule.silent) units.push_back({&c.rule, state, about_windows});
    }
    return units;
  }

  void CountHost(const std::vector<RuleState>& states, HostCoverage* host) const {
    std::vector<RuleCounts> stages(known_.stages().size());
    for (const Unit& unit : UnitsOf(states)) {
      if (!unit.windows) continue;
      host->rules.Add(unit.state);
      for (const size_t s : StagesOf(*unit.rule)) stages[s].Add(unit.state);
    }
    for (const RuleCounts& counts : stages) host->stages.push_back(VerdictOf(counts));
  }

  // Remembered by rule: asked for every host.
  const std::vector<size_t>& StagesOf(const sigma::Rule& rule) const {
    const auto [it, fresh] = stages_of_.try_emplace(&rule);
    if (fresh) {
      for (size_t s = 0; s < known_.stages().size(); ++s) {
        if (IsOfStage(known_.stages()[s], rule.tags)) it->second.push_back(s);
      }
    }
    return it->second;
  }

  void Report(const std::vector<RuleState>& states, Coverage* coverage) const {
    for (const sigma::Stage& stage : known_.stages()) coverage->stages.push_back({&stage, {}, {}, 0});
    std::map<std::string, RuleCounts> techniques;
    for (const Unit& unit : UnitsOf(states)) {
      coverage->rules.Add(unit.state);
      for (const size_t s : StagesOf(*unit.rule)) coverage->stages[s].rules.Add(unit.state);
      std::set<std::string> named;
      for (const std::string& tag : unit.rule->tags) {
        if (std::string t = sigma::TechniqueOf(tag); !t.empty()) named.insert(std::move(t));
      }
      for (const std::string& t : named) techniques[t].Add(unit.state);
    }
    for (size_t s = 0; s < coverage->stages.size(); ++s) {
      StageCoverage& stage = coverage->stages[s];
      stage.verdict = VerdictOf(stage.rules);
      for (const HostCoverage& host : coverage->hosts) {
        stage.hosts_blind += host.windows && host.stages[s] == StageVerdict::kBlind;
      }
    }
    for (const auto& [name, counts] : techniques) coverage->techniques.push_back({name, counts});
    ReportAdvice(coverage);
    ReportSources(states, coverage);
  }

  void ReportAdvice(Coverage* coverage) const {
    for (const auto& [a, gained] : gained_) {
      AdviceCoverage advice;
      advice.advice = &known_.advice()[a];
      std::set<std::string> techniques;
      for (size_t r = 0; r < gained.rules.size(); ++r) {
        if (!gained.rules[r]) continue;
        ++advice.rules;
        for (const std::string& tag : set_.rules[r].tags) {
          if (std::string t = sigma::TechniqueOf(tag); !t.empty()) techniques.insert(std::move(t));
        }
      }
      if (advice.rules == 0) continue;
      advice.techniques.assign(techniques.begin(), techniques.end());
      advice.hosts.assign(gained.hosts.begin(), gained.hosts.end());
      coverage->advice.push_back(std::move(advice));
    }
    std::stable_sort(coverage->advice.begin(), coverage->advice.end(),
                     [](const AdviceCoverage& a, const AdviceCoverage& b) {
                       return std::pair(a.rules, a.hosts.size()) > std::pair(b.rules, b.hosts.size());
                     });
  }

  void ReportSources(const std::vector<RuleState>& states, Coverage* coverage) const {
    std::map<std::tuple<std::string, std::string, std::string>, SourceCoverage> sources;
    for (size_t r = 0; r < states.size(); ++r) {
      const sigma::Rule& rule = set_.rules[r];
      if (rule.silent) continue;
      const auto [it, fresh] = sources.try_emplace({rule.source.product, rule.source.service, rule.source.category});
      SourceCoverage& source = it->second;
      if (fresh) source.source = rule.source;
      source.rules.Add(states[r]);
      if (states[r] >= RuleState::kReady) continue;
      source.cannot_fire.emplace_back(&rule, states[r]);
      const bool helped =
          std::any_of(gained_.begin(), gained_.end(), [&](const auto& one) { return one.second.rules[r]; });
      source.without_advice += !helped;
    }
    for (const auto& [key, source] : sources) coverage->sources.push_back(source);
    std::stable_sort(coverage->sources.begin(), coverage->sources.end(),
                     [](const SourceCoverage& a, const SourceCoverage& b) {
                       return a.rules.all() - a.rules.can_fire() > b.rules.all() - b.rules.can_fire();
                     });
  }

  static constexpr size_t kMaxRemembered = 20'000;  // of rules_for_

  const Seen& seen_;
  const sigma::RuleSet& set_;
  const sigma::SwitchOn& known_;
  const ProgramBuilder builder_;
  std::vector<uint32_t> named_ids_;  // event ids that the rules' categories stand for
  Rules of_windows_;                 // rules whose log source means events of Windows
  std::vector<Rules> gives_;         // by advice
  std::map<std::string, std::vector<uint32_t>> rules_for_;
  std::map<size_t, Gained> gained_;  // by advice
  mutable std::map<const sigma::Rule*, std::vector<size_t>> stages_of_;
};

}  // namespace

const char* RuleStateName(RuleState state) {
  constexpr const char* kNames[] = {"blind", "lacks_fields", "ready", "has_events"};
  return kNames[static_cast<size_t>(state)];
}

const char* StageVerdictName(StageVerdict verdict) {
  switch (verdict) {
    case StageVerdict::kNoRules:
      return "no rules";
    case StageVerdict::kBlind:
      return "blind";
    case StageVerdict::kPartly:
      return "partly";
    case StageVerdict::kSeen:
      return "seen";
  }
  return "";
}

StageVerdict VerdictOf(const RuleCounts& counts) {
  if (counts.all() == 0) return StageVerdict::kNoRules;
  return counts.share() >= kStageSeen    ? StageVerdict::kSeen
         : counts.share() >= kStageBlind ? StageVerdict::kPartly
                                         : StageVerdict::kBlind;
}

void JudgeRules(const Seen& seen, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                const sigma::SwitchOn& known, Coverage* coverage) {
  RuleJudge(seen, rules, sources, known).Judge(coverage);
}

Coverage JudgeCoverage(const Seen& seen, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                       const sigma::SwitchOn& known) {
  Coverage coverage;
  JudgeLogs(seen, sources, known, &coverage);
  JudgeRules(seen, rules, sources, known, &coverage);
  return coverage;
}

}  // namespace spoor
