// Which rules can fire, on which hosts, and what would make more of them.
//
// All sets of rules are bitmaps over the rule set (rule_bits.h). Which rules an event of a kind can fire is asked once
// for each kind and set of filled fields (ProgramBuilder::RulesFor), since the same few kinds come from every host.
#include "hunt/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "hunt/rule_bits.h"
#include "match/program.h"

namespace spoor {
namespace {

using sigma::Advice;

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

// What the rules are on a host, or on the evidence as a whole. A rule is in one of the sets at most; in none: blind.
struct States {
  RuleBits has_events, ready, lacks_fields;

  explicit States(size_t rules) : has_events(rules), ready(rules), lacks_fields(rules) {}
  RuleState Of(size_t rule) const {
    return has_events.Has(rule)     ? RuleState::kHasEvents
           : ready.Has(rule)        ? RuleState::kReady
           : lacks_fields.Has(rule) ? RuleState::kLacksFields
                                    : RuleState::kBlind;
  }
  // Makes each rule the better of what it is in both.
  void Take(const States& other) {
    has_events |= other.has_events;
    ready |= other.ready;
    ready -= has_events;
    lacks_fields |= other.lacks_fields;
    lacks_fields -= has_events;
    lacks_fields -= ready;
  }
  RuleCounts Count(const RuleBits& of) const {
    RuleCounts counts;
    auto& n = counts.by_state;
    n[static_cast<size_t>(RuleState::kHasEvents)] = of.Common(has_events);
    n[static_cast<size_t>(RuleState::kReady)] = of.Common(ready);
    n[static_cast<size_t>(RuleState::kLacksFields)] = of.Common(lacks_fields);
    n[static_cast<size_t>(RuleState::kBlind)] = of.Common(of) - counts.all();
    return counts;
  }
};

class RuleJudge {
 public:
  RuleJudge(const Seen& seen, const sigma::RuleSet& set, const sigma::SourceMap& sources, const sigma::SwitchOn& known)
      : seen_(seen),
        set_(set),
        known_(known),
        builder_(set.rules, sources, 1),
        of_windows_(NoRules()),
        windows_counted_(NoRules()),
        silent_(NoRules()),
        of_stage_(known.stages().size(), NoRules()) {
    std::map<std::string, bool> resolves;
    std::set<uint32_t> named;
    for (size_t r = 0; r < set.rules.size(); ++r) {
      const sigma::Rule& rule = set.rules[r];
      const sigma::LogSource& s = rule.source;
      const auto [it, fresh] = resolves.try_emplace(s.product + '\n' + s.service + '\n' + s.category);
      if (fresh) {
        const std::vector<sigma::Target> targets = sources.Resolve(s);
        it->second = !targets.empty();
        for (const sigma::Target& t : targets) named.insert(t.event_ids.begin(), t.event_ids.end());
      }
      if (it->second) of_windows_.Add(r);
      if (rule.silent) silent_.Add(r);
      if (it->second && !rule.silent) windows_counted_.Add(r);
      for (const size_t stage : StagesOf(rule)) of_stage_[stage].Add(r);
    }
    for (const sigma::Correlation& c : set.correlations) correlation_stages_.push_back(StagesOf(c.rule));
    named_ids_.assign(named.begin(), named.end());
    for (const Advice& a : known.advice()) gives_.push_back(RulesOf(a));
    gained_.resize(gives_.size(), Gained(NoRules()));
  }

  void Judge(Coverage* coverage) {
    States best(set_.rules.size());
    bool any_windows = false;
    for (uint32_t h = 0; h < coverage->hosts.size(); ++h) {
      HostCoverage& host = coverage->hosts[h];
      const std::vector<bool> on = AdviceOn(host.host);
      const States states = JudgeHost(host.host, on);
      best.Take(states);
      if (!host.windows) continue;
      any_windows = true;
      CountHost(states, &host);
      for (size_t a = 0; a < known_.advice().size(); ++a) {
        if (known_.advice()[a].of_windows()) GainOnHost(a, host.host, h, on[a], states);
      }
    }
    for (size_t a = 0; a < known_.advice().size(); ++a) {
      const Advice& advice = known_.advice()[a];
      if (advice.field.empty() && (!advice.of_windows() || !any_windows)) Gain(a, gives_[a], best);
    }
    Report(best, coverage);
  }

 private:
  struct Gained {
    RuleBits rules;
    size_t host_count = 0;
    std::vector<uint32_t> hosts;
    explicit Gained(RuleBits none) : rules(std::move(none)) {}
  };
  // A correlation, as it is counted.
  struct Unit {
    const sigma::Rule* rule;
    size_t index;  // into RuleSet::correlations
    RuleState state;
    bool windows;
  };

  RuleBits NoRules() const { return RuleBits(set_.rules.size()); }

  std::vector<size_t> StagesOf(const sigma::Rule& rule) const {
    std::vector<size_t> stages;
    for (size_t s = 0; s < known_.stages().size(); ++s) {
      if (IsOfStage(known_.stages()[s], rule.tags)) stages.push_back(s);
    }
    return stages;
  }

  // The rules that a setting gives events to; for one that fills a field, those about its events.
  RuleBits RulesOf(const Advice& advice) {
    RuleBits rules = NoRules();
    const auto add = [&](const SourceKey& key) {
      for (const uint32_t r : builder_.RulesFor(key)) rules.Add(r);
    };
    if (!advice.of_windows()) {
      const auto same = [&](const std::string& want, const std::string& have) {
        return want == have || (want.empty() && !advice.exact);
      };
      for (size_t r = 0; r < set_.rules.size(); ++r) {
        const sigma::LogSource& s = set_.rules[r].source;
        if (!of_windows_.Has(r) && same(advice.source.product, s.product) && same(advice.source.service, s.service) &&
            same(advice.source.category, s.category)) {
          rules.Add(r);
        }
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
  const RuleBits& RulesFor(const KindKey& key, const SeenKind& kind, bool whole, const std::string& more = "") {
    const bool all_fields = whole || kind.any_field || kind.events < kFewestForFields;
    const SourceKey source = KeyOf(key, kind);
    std::string known;
    for (const std::string* part :
         {&source.product, &source.service, &source.category, &source.channel, &source.provider, &more}) {
      known += std::to_string(part->size()) + ':';  // names from evidence may hold anything
      known += *part;
    }
    if (source.has_event_id) known += std::to_string(source.event_id);
    for (const bool flag : {source.more_channels, source.more_providers, source.more_event_ids, all_fields}) {
      known += flag ? '+' : '-';
    }
    if (!all_fields) {
      for (const uint64_t hash : kind.fields) known.append(reinterpret_cast<const char*>(&hash), sizeof hash);
    }
    const Hash128 hash = HashBytes128(reinterpret_cast<const uint8_t*>(known.data()), known.size(), 0);
    const std::pair<uint64_t, uint64_t> at(hash.low, hash.high);
    const auto it = rules_for_.find(at);
    if (it != rules_for_.end()) return it->second;
    if (rules_for_.size() >= kMaxRemembered) rules_for_.clear();
    std::function<bool(std::string_view)> has_value;
    if (!all_fields) {
      has_value = [&](std::string_view field) { return field == more || kind.HasValueIn(field); };
    }
    RuleBits rules = NoRules();
    for (const uint32_t r : builder_.RulesFor(source, has_value)) rules.Add(r);
    return rules_for_.emplace(at, std::move(rules)).first->second;
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

  // Which settings are on, as far as events tell.
  std::vector<bool> AdviceOn(const std::string& host) const {
    const std::vector<Advice>& advice = known_.advice();
    std::vector<bool> on(advice.size());
    ForEachKind(host, [&](const KindKey& key, const SeenKind&) {
      for (size_t a = 0; a < advice.size(); ++a) {
        if (on[a] || !advice[a].of_windows()) continue;
        on[a] = Means(advice[a], key) || (advice[a].always && IsAmong(advice[a].channels, key.log.channel));
      }
    });
    return on;
  }

  States JudgeHost(const std::string& host, const std::vector<bool>& on) {
    States states(set_.rules.size());
    for (size_t a = 0; a < known_.advice().size(); ++a) {
      if (on[a] && known_.advice()[a].field.empty()) states.ready |= gives_[a];
    }
    ForEachKind(host, [&](const KindKey& key, const SeenKind& kind) {
      states.lacks_fields |= RulesFor(key, kind, true);
      states.has_events |= RulesFor(key, kind, false);
    });
    states.lacks_fields -= states.has_events;
    states.ready -= states.has_events;
    states.ready -= states.lacks_fields;  // there were events, and none of use
    return states;
  }

  // Notes what a setting would gain on a host.
  void GainOnHost(size_t a, const std::string& host, uint32_t number, bool on, const States& states) {
    const Advice& advice = known_.advice()[a];
    bool any = false;
    if (advice.field.empty()) {
      any = !on && Gain(a, gives_[a], states);
    } else {
      RuleBits filled = NoRules();
      ForEachKind(host, [&](const KindKey& key, const SeenKind& kind) {
        if (Means(advice, key) && !kind.HasValueIn(advice.field)) filled |= RulesFor(key, kind, false, advice.field);
      });
      any = Gain(a, filled, states);
    }
    if (!any) return;
    Gained& total = gained_[a];
    if (++total.host_count <= kMaxAdviceHosts) total.hosts.push_back(number);
  }

  // Notes those of the rules that cannot fire now. False: there are none.
  bool Gain(size_t a, RuleBits rules, const States& states) {
    rules -= states.has_events;
    rules -= states.ready;
    rules -= silent_;
    gained_[a].rules |= rules;
    return !rules.Empty();
  }

  // Correlations, as they are counted.
  std::vector<Unit> CorrelationsOf(const States& states) const {
    std::vector<Unit> units;
    std::vector<RuleState> of_correlation;
    std::vector<bool> windows;
    for (size_t i = 0; i < set_.correlations.size(); ++i) {
      const sigma::Correlation& c = set_.correlations[i];
      using Type = sigma::Correlation::Type;
      const bool all = (c.type == Type::kTemporal && c.condition.nodes.empty()) || c.type == Type::kTemporalOrdered;
      RuleState state = all ? RuleState::kHasEvents : RuleState::kBlind;
      bool about_windows = false;
      for (const auto& reference : c.references) {
        const RuleState part = reference.to_correlation ? of_correlation[reference.index] : states.Of(reference.index);
        state = all ? std::min(state, part) : std::max(state, part);
        about_windows |= reference.to_correlation ? windows[reference.index] : of_windows_.Has(reference.index);
      }
      of_correlation.push_back(state);
      windows.push_back(about_windows);
      if (!c.rule.silent) units.push_back({&c.rule, i, state, about_windows});
    }
    return units;
  }

  void CountHost(const States& states, HostCoverage* host) const {
    std::vector<RuleCounts> stages;
    host->rules = states.Count(windows_counted_);
    for (RuleBits bits : of_stage_) {
      bits &= windows_counted_;
      stages.push_back(states.Count(bits));
    }
    for (const Unit& unit : CorrelationsOf(states)) {
      if (!unit.windows) continue;
      host->rules.Add(unit.state);
      for (const size_t s : correlation_stages_[unit.index]) stages[s].Add(unit.state);
    }
    for (const RuleCounts& counts : stages) host->stages.push_back(VerdictOf(counts));
  }

  void Report(const States& states, Coverage* coverage) const {
    for (const sigma::Stage& stage : known_.stages()) coverage->stages.push_back({&stage, {}, {}, 0});
    std::map<std::string, RuleCounts> techniques;
    const auto count = [&](const sigma::Rule& rule, RuleState state, const std::vector<size_t>& stages) {
      coverage->rules.Add(state);
      for (const size_t s : stages) coverage->stages[s].rules.Add(state);
      std::set<std::string> named;
      for (const std::string& tag : rule.tags) {
        if (std::string t = sigma::TechniqueOf(tag); !t.empty()) named.insert(std::move(t));
      }
      for (const std::string& t : named) techniques[t].Add(state);
    };
    for (size_t r = 0; r < set_.rules.size(); ++r) {
      if (!silent_.Has(r)) count(set_.rules[r], states.Of(r), StagesOf(set_.rules[r]));
    }
    for (const Unit& unit : CorrelationsOf(states)) count(*unit.rule, unit.state, correlation_stages_[unit.index]);
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
    for (size_t a = 0; a < gained_.size(); ++a) {
      const Gained& gained = gained_[a];
      AdviceCoverage advice;
      advice.advice = &known_.advice()[a];
      std::set<std::string> techniques;
      for (size_t r = 0; r < set_.rules.size(); ++r) {
        if (!gained.rules.Has(r)) continue;
        ++advice.rules;
        for (const std::string& tag : set_.rules[r].tags) {
          if (std::string t = sigma::TechniqueOf(tag); !t.empty()) techniques.insert(std::move(t));
        }
      }
      if (advice.rules == 0) continue;
      advice.techniques.assign(techniques.begin(), techniques.end());
      advice.host_count = gained.host_count;
      advice.hosts = gained.hosts;
      coverage->advice.push_back(std::move(advice));
    }
    std::stable_sort(coverage->advice.begin(), coverage->advice.end(),
                     [](const AdviceCoverage& a, const AdviceCoverage& b) {
                       return std::pair(a.rules, a.host_count) > std::pair(b.rules, b.host_count);
                     });
  }

  void ReportSources(const States& states, Coverage* coverage) const {
    RuleBits helped = NoRules();
    for (const Gained& gained : gained_) helped |= gained.rules;
    std::map<std::tuple<std::string, std::string, std::string>, SourceCoverage> sources;
    for (size_t r = 0; r < set_.rules.size(); ++r) {
      const sigma::Rule& rule = set_.rules[r];
      if (rule.silent) continue;
      const auto [it, fresh] = sources.try_emplace({rule.source.product, rule.source.service, rule.source.category});
      SourceCoverage& source = it->second;
      if (fresh) source.source = rule.source;
      const RuleState state = states.Of(r);
      source.rules.Add(state);
      if (state >= RuleState::kReady) continue;
      source.cannot_fire.emplace_back(&rule, state);
      source.without_advice += !helped.Has(r);
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
  RuleBits of_windows_;              // rules whose log source means events of Windows
  RuleBits windows_counted_;         // those of them that are counted
  RuleBits silent_;
  std::vector<RuleBits> of_stage_;                       // by stage
  std::vector<std::vector<size_t>> correlation_stages_;  // by correlation
  std::vector<RuleBits> gives_;                          // by advice
  std::vector<Gained> gained_;                           // likewise
  std::map<std::pair<uint64_t, uint64_t>, RuleBits> rules_for_;
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
