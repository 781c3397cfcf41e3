#include "campaign/chain.h"

#include <algorithm>
#include <map>
#include <set>

namespace spoor {

std::vector<ChainProcess> FindChain(const World& world, const Groups& groups, const std::vector<uint32_t>& hints) {
  std::map<ThingId, double> weights;  // of the processes
  for (const uint32_t h : hints) {
    const Hint& hint = groups.hints[h];
    if (world.FindProcess(hint.about) == nullptr) continue;
    double& weight = weights[hint.about];
    weight = std::max(weight, hint.weight);
  }
  std::set<ThingId> chain;
  for (const auto& [process, weight] : weights) {
    for (ThingId at = process; at != kNoThing && chain.insert(at).second; at = groups.ParentOf(at)) {
      if (groups.IsTop(at)) {
        if (groups.ParentOf(at) != kNoThing) chain.insert(groups.ParentOf(at));
        break;
      }
    }
  }
  const auto time = [&](ThingId process) { return world.FindProcess(process)->start.time; };
  std::map<ThingId, std::vector<ThingId>> children;
  for (const ThingId process : chain) {
    const ThingId parent = groups.ParentOf(process);
    children[chain.contains(parent) ? parent : kNoThing].push_back(process);
  }
  for (auto& [parent, list] : children) {
    std::sort(list.begin(), list.end(), [&, parent = parent](ThingId a, ThingId b) {
      const Thing &of_a = world.things()[a], &of_b = world.things()[b];
      if (parent == kNoThing && of_a.host != of_b.host) return of_a.host < of_b.host;
      return std::make_pair(time(a), a) < std::make_pair(time(b), b);
    });
  }
  std::vector<ChainProcess> found;
  std::set<ThingId> told;  // what claims to have started itself, by way of others, is told once
  std::vector<std::pair<ThingId, uint32_t>> next;
  const auto push = [&](ThingId parent, uint32_t depth) {
    const std::vector<ThingId>& list = children[parent];
    for (auto it = list.rbegin(); it != list.rend(); ++it) next.emplace_back(*it, depth);
  };
  push(kNoThing, 0);
  while (!next.empty()) {
    const auto [process, depth] = next.back();
    next.pop_back();
    if (!told.insert(process).second) continue;
    const auto weight = weights.find(process);
    found.push_back({process, depth, weight == weights.end() ? 0 : weight->second});
    push(process, depth + 1);
  }
  return found;
}

}  // namespace spoor
