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
  std::erase_if(rules->rules, [&](const sigma::Rule& rule) {
    return rule.level < min_level || (!include.empty() && !Selected(rule, include)) || Selected(rule, exclude);
  });
}

}  // namespace spoor
