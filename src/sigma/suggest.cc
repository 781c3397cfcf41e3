#include "sigma/suggest.h"

#include <algorithm>

#include "base/message.h"
#include "base/text.h"

namespace spoor::sigma {
namespace {

constexpr size_t kLongestWord = 64;  // longer ones are no slip of the finger
constexpr size_t kMostCandidates = 1000;

// Levenshtein distance with swapped neighbours as one edit. Both at most kLongestWord bytes.
size_t Distance(std::string_view a, std::string_view b) {
  size_t rows[3][kLongestWord + 1];
  size_t* before = rows[0];
  size_t* last = rows[1];
  size_t* now = rows[2];
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      now[j] = std::min({change, last[j] + 1, now[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

size_t CommonPrefix(std::string_view a, std::string_view b) {
  size_t n = 0;
  while (n < std::min(a.size(), b.size()) && a[n] == b[n]) ++n;
  return n;
}

}  // namespace

std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > kLongestWord) return "";
  const std::string wanted = AsciiLower(word);
  size_t best = std::max<size_t>(1, word.size() / 3) + 1, best_prefix = 0;
  std::string_view nearest;
  for (size_t i = 0; i < std::min(candidates.size(), kMostCandidates); ++i) {
    if (candidates[i].size() > kLongestWord) continue;
    const std::string candidate = AsciiLower(candidates[i]);
    const size_t distance = Distance(wanted, candidate), prefix = CommonPrefix(wanted, candidate);
    if (distance > best || (distance == best && (nearest.empty() || prefix <= best_prefix))) continue;
    best = distance;
    best_prefix = prefix;
    nearest = candidates[i];
  }
  return nearest;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view nearest = Nearest(word, candidates);
  return nearest.empty() ? "" : Cat("; did you mean '", nearest, "'?");
}

std::string DidYouMeanBy(std::string_view wanted, const std::vector<std::string_view>& there) {
  const std::string_view nearest = Nearest(wanted, there);
  return nearest.empty() ? "" : Cat("; did you mean '", wanted, "' by '", nearest, "'?");
}

}  // namespace spoor::sigma
