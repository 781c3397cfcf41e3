#include "sigma/resolve.h"

#include <algorithm>
#include <unordered_map>

#include "base/message.h"
#include "sigma/limits.h"
#include "sigma/suggest.h"

namespace spoor::sigma {
namespace {

struct Place {
  bool correlation;
  uint32_t index;
};

// Rules and correlations by id and by name; an id goes before a name, the first of two before the second.
using Names = std::unordered_map<std::string_view, Place>;

Names NamesOf(const RuleSet& set) {
  Names names;
  for (const bool by_id : {true, false}) {
    for (uint32_t i = 0; i < set.rules.size(); ++i) {
      const std::string& key = by_id ? set.rules[i].id : set.rules[i].name;
      if (!key.empty()) names.try_emplace(key, Place{false, i});
    }
    for (uint32_t i = 0; i < set.correlations.size(); ++i) {
      const Rule& rule = set.correlations[i].rule;
      const std::string& key = by_id ? rule.id : rule.name;
      if (!key.empty()) names.try_emplace(key, Place{true, i});
    }
  }
  return names;
}

std::string Unknown(const std::string& to, const RuleSet& set, const Names& names) {
  if (std::find(set.left_out_names.begin(), set.left_out_names.end(), to) != set.left_out_names.end()) {
    return Cat("the rule '", to, "' is not loaded, for its status is deprecated or unsupported");
  }
  constexpr size_t kMostSuggested = 1000;  // names looked through for a near one
  std::vector<std::string_view> near;
  for (const auto& [name, place] : names) {
    if (near.size() < kMostSuggested) near.push_back(name);
  }
  std::sort(near.begin(), near.end());
  return Cat("no rule of the id or name '", to, "' is loaded",
             names.size() <= kMostSuggested ? DidYouMean(to, near) : "");
}

// True if every rule of the one log source is of the other, too.
bool IsOf(const LogSource& rule, const LogSource& filter) {
  const auto fits = [](const std::string& want, const std::string& have) { return want.empty() || want == have; };
  return fits(filter.category, rule.category) && fits(filter.product, rule.product) &&
         fits(filter.service, rule.service);
}

void ApplyFilters(RuleSet* set, const Names& names) {
  for (const Filter& filter : set->filters) {
    std::vector<uint32_t> rules;
    const auto warn = [&](uint32_t line, uint32_t column, std::string message) {
      set->warnings.push_back({filter.rule.path, line, column, filter.rule.title, std::move(message)});
    };
    for (const Filter::Reference& reference : filter.references) {
      const auto found = names.find(reference.to);
      if (found == names.end()) {
        warn(reference.line, reference.column, Cat("filter: ", Unknown(reference.to, *set, names)));
      } else if (found->second.correlation) {
        warn(reference.line, reference.column,
             Cat("filter: '", reference.to, "' is a correlation; filter the rules it is made of"));
      } else if (!IsOf(set->rules[found->second.index].source, filter.rule.source)) {
        warn(reference.line, reference.column,
             Cat("filter: the rule '", reference.to,
                 "' is of another log source than the filter, which leaves it alone"));
      } else {
        rules.push_back(found->second.index);
      }
    }
    for (uint32_t i = 0; filter.any && i < set->rules.size(); ++i) {
      if (IsOf(set->rules[i].source, filter.rule.source)) rules.push_back(i);
    }
    std::sort(rules.begin(), rules.end());
    rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
    for (const uint32_t rule : rules) {
      Expression& detection = set->rules[rule].detection;
      AndTo(filter.rule.detection, &detection);
      detection.labels.emplace_back(detection.nodes[detection.root].children[1],
                                    Cat("filter '", filter.rule.title, "'"));
    }
    if (rules.empty() && filter.references.empty()) {
      warn(filter.rule.line, 0, "filter: no rule is of its log source");
    }
  }
}

class Correlations {
 public:
  Correlations(RuleSet* set, const Names& names) : set_(*set), names_(names) {}

  void Resolve() {
    const size_t count = set_.correlations.size();
    states_.assign(count, State::kNew);
    for (uint32_t i = 0; i < count; ++i) Visit(i, 1);
    std::vector<Correlation> ordered;
    for (const uint32_t i : order_) ordered.push_back(std::move(set_.correlations[i]));
    for (Correlation& c : ordered) {
      for (Correlation::Reference& reference : c.references) {
        if (reference.to_correlation) reference.index = place_[reference.index];
      }
    }
    set_.correlations = std::move(ordered);
    // Silent is what is referred to, unless one that refers to it asks for its findings.
    std::vector<char> referred(set_.rules.size()), generated(set_.rules.size());
    std::vector<char> c_referred(set_.correlations.size()), c_generated(set_.correlations.size());
    for (const Correlation& c : set_.correlations) {
      for (const Correlation::Reference& reference : c.references) {
        (reference.to_correlation ? c_referred : referred)[reference.index] = 1;
        if (c.generate) (reference.to_correlation ? c_generated : generated)[reference.index] = 1;
      }
    }
    for (size_t i = 0; i < referred.size(); ++i) set_.rules[i].silent = referred[i] && !generated[i];
    for (size_t i = 0; i < c_referred.size(); ++i) {
      set_.correlations[i].rule.silent = c_referred[i] && !c_generated[i];
    }
  }

 private:
  enum class State : uint8_t { kNew, kOpen, kGood, kBad };

  bool Fail(uint32_t i, uint32_t line, uint32_t column, const std::string& message) {
    const Rule& rule = set_.correlations[i].rule;
    set_.errors.push_back({rule.path, line, column, rule.title, Cat("correlation: ", message)});
    states_[i] = State::kBad;
    return false;
  }

  // Resolves a correlation, and before it those it is made of. False: it cannot be used.
  bool Visit(uint32_t i, int depth) {
    if (states_[i] != State::kNew) return states_[i] == State::kGood;
    states_[i] = State::kOpen;
    Correlation& c = set_.correlations[i];
    for (Correlation::Reference& reference : c.references) {
      const auto found = names_.find(reference.to);
      if (found == names_.end()) {
        return Fail(i, reference.line, reference.column, Unknown(reference.to, set_, names_));
      }
      reference.to_correlation = found->second.correlation;
      reference.index = found->second.index;
      if (!reference.to_correlation) continue;
      if (states_[reference.index] == State::kOpen) {
        return Fail(i, reference.line, reference.column,
                    Cat("'", reference.to, "' is made of this correlation: they go round in a circle"));
      }
      if (depth >= kMaxCorrelationDepth) {
        return Fail(i, reference.line, reference.column,
                    Cat("more than ", kMaxCorrelationDepth, " correlations upon each other"));
      }
      if (!Visit(reference.index, depth + 1)) {
        return Fail(i, reference.line, reference.column, Cat("'", reference.to, "' cannot be used"));
      }
    }
    states_[i] = State::kGood;
    place_[i] = static_cast<uint32_t>(order_.size());
    order_.push_back(i);
    return true;
  }

  RuleSet& set_;
  const Names& names_;
  std::vector<State> states_;
  std::vector<uint32_t> order_;  // old indexes in their new order
  std::unordered_map<uint32_t, uint32_t> place_;
};

}  // namespace

void ResolveReferences(RuleSet* set) {
  if (set->filters.empty() && set->correlations.empty()) return;
  const Names names = NamesOf(*set);
  ApplyFilters(set, names);
  Correlations(set, names).Resolve();
}

void LeaveOut(const std::vector<char>& bad, RuleSet* set) {
  std::vector<uint32_t> place(bad.size()), c_place(set->correlations.size());
  std::vector<char> c_bad(set->correlations.size());
  std::vector<Rule> rules;
  for (size_t i = 0; i < bad.size(); ++i) {
    place[i] = static_cast<uint32_t>(rules.size());
    if (!bad[i]) rules.push_back(std::move(set->rules[i]));
  }
  std::vector<Correlation> correlations;
  for (size_t i = 0; i < c_bad.size(); ++i) {
    Correlation& c = set->correlations[i];
    c_place[i] = static_cast<uint32_t>(correlations.size());
    for (Correlation::Reference& reference : c.references) {
      if (!c_bad[i] && (reference.to_correlation ? c_bad : bad)[reference.index]) {
        c_bad[i] = 1;
        set->errors.push_back({c.rule.path, reference.line, reference.column, c.rule.title,
                               Cat("correlation: '", reference.to, "' cannot be used")});
      }
      reference.index = (reference.to_correlation ? c_place : place)[reference.index];
    }
    if (!c_bad[i]) correlations.push_back(std::move(c));
  }
  set->rules = std::move(rules);
  set->correlations = std::move(correlations);
}

}  // namespace spoor::sigma
