#include <algorithm>

#include "base/text.h"
#include "hunt/hunt.h"

namespace spoor {
namespace {

// '*' any text, '?' any one byte; both texts case-folded.
bool GlobHolds(std::string_view glob, std::string_view text) {
  size_t g = 0, t = 0, star = std::string_view::npos, star_t = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t]) && glob[g] != '*') {
      ++g, ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_t = t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++star_t;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

bool Selected(const sigma::Rule& rule, const std::vector<std::string>& selectors) {
  for (const std::string& s : selectors) {
    const std::string folded = Folded(s);
    if (Folded(rule.id) == folded || GlobHolds(folded, Folded(rule.title))) return true;
    for (const std::string& tag : rule.tags) {
      if (GlobHolds(folded, Folded(tag))) return true;
    }
  }
  return false;
}

}  // namespace

void SelectRules(sigma::RuleSet* rules, sigma::Level min_level, const std::vector<std::string>& include,
                 const std::vector<std::string>& exclude) {
  const auto wanted = [&](const sigma::Rule& rule) {
    return rule.level >= min_level && (include.empty() || Selected(rule, include)) && !Selected(rule, exclude);
  };
  // What a correlation that stays is made of stays, too, if only for it. A silent rule whose correlations go goes.
  std::vector<sigma::Correlation>& correlations = rules->correlations;
  std::vector<char> needed(rules->rules.size()), c_needed(correlations.size()), c_stays(correlations.size());
  for (size_t i = correlations.size(); i-- > 0;) {  // those that others are made of stand before them
    sigma::Rule& rule = correlations[i].rule;
    const bool asked = wanted(rule);
    c_stays[i] = c_needed[i] || (asked && !rule.silent);
    if (!c_stays[i]) continue;
    rule.silent |= !asked;
    for (const sigma::Correlation::Reference& reference : correlations[i].references) {
      (reference.to_correlation ? c_needed : needed)[reference.index] = 1;
    }
  }
  std::vector<uint32_t> place(needed.size()), c_place(c_needed.size());
  std::vector<sigma::Rule> kept;
  for (size_t i = 0; i < needed.size(); ++i) {
    sigma::Rule& rule = rules->rules[i];
    const bool asked = wanted(rule);
    place[i] = static_cast<uint32_t>(kept.size());
    if (!needed[i] && (!asked || rule.silent)) continue;
    rule.silent |= !asked;
    kept.push_back(std::move(rule));
  }
  std::vector<sigma::Correlation> c_kept;
  for (size_t i = 0; i < c_stays.size(); ++i) {
    c_place[i] = static_cast<uint32_t>(c_kept.size());
    if (!c_stays[i]) continue;
    for (sigma::Correlation::Reference& reference : correlations[i].references) {
      reference.index = (reference.to_correlation ? c_place : place)[reference.index];
    }
    c_kept.push_back(std::move(correlations[i]));
  }
  rules->rules = std::move(kept);
  correlations = std::move(c_kept);
}

}  // namespace spoor
