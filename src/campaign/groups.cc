#include "campaign/groups.h"

#include <algorithm>
#include <utility>

#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kAgain = 0.6;  // what the next technique of the same process counts

bool IsOfSystem(const Thing& session) {
  return session.name == "0x3e7" || session.name == "0x3e4" || session.name == "0x3e5";
}

}  // namespace

std::string_view Groups::ImageOf(ThingId thing) const {
  const Process* const process = thing == kNoThing ? nullptr : world.FindProcess(thing);
  return process == nullptr ? std::string_view() : std::string_view(process->image);
}

ThingId Groups::AccountOf(ThingId process) const {
  const ThingId session = session_of[process];
  return sessions[session == kNoThing ? process : session].owner;
}

uint32_t Groups::GroupOf(uint32_t node) const {
  while (group[node] != node) node = group[node] = group[group[node]];
  return node;
}

uint32_t Groups::NodeOf(ThingId thing) const {
  if (thing == kNoThing) return ~0u;
  return node_of[top[thing] != kNoThing ? top[thing] : thing];
}

void Groups::AddSession(ThingId session, GroupNode* node) const {
  if (session == kNoThing || IsOfSystem(At(session))) return;
  node->sessions.insert(session);
  const ThingId owner = sessions[session].owner;
  if (owner != kNoThing && !IsOfMachine(At(owner).name)) node->accounts.insert(owner);
}

double Groups::Score(const std::vector<uint32_t>& of) const {
  const auto name = [&](const Hint& hint) -> std::string {
    if (!hint.techniques.empty()) return hint.techniques.front();
    return hint.rule != ~0u ? clues.rules[hint.rule].title : std::string();
  };
  std::map<ThingId, std::map<std::string, double>> by_thing;
  for (const uint32_t h : of) {
    double& best = by_thing[hints[h].about][name(hints[h])];
    best = std::max(best, hints[h].weight);
  }
  std::map<std::string, double> by_technique;
  for (const auto& [thing, techniques] : by_thing) {
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [technique, weight] : techniques) order.emplace_back(-weight, technique);
    std::sort(order.begin(), order.end());
    double factor = 1;
    for (const auto& [weight, technique] : order) {
      double& best = by_technique[technique];
      best = std::max(best, -weight * factor);
      if (world.FindProcess(thing) != nullptr) factor *= kAgain;
    }
  }
  double score = 0;
  for (const auto& [technique, weight] : by_technique) score += weight;
  return score;
}

RecordPlace Groups::PlaceOf(const Hint& hint) const {
  if (hint.shown != ~0u) return shown[hint.shown].place;
  const Clue& clue = clues.clues[hint.clues.front()];
  return {clue.time, clue.file, clue.record, clue.offset};
}

bool Groups::HasFinding(const GroupNode& node) const {
  return std::any_of(node.hints.begin(), node.hints.end(), [&](uint32_t h) { return hints[h].rule != ~0u; });
}

void Groups::Unite(uint32_t a, uint32_t b, LinkKind kind, std::string why, double strength, const RecordPlace& proof) {
  const uint32_t of_a = GroupOf(a), of_b = GroupOf(b);
  if (of_a == of_b) return;
  group[std::max(of_a, of_b)] = std::min(of_a, of_b);
  if (!core.empty()) core[std::min(of_a, of_b)] = core[of_a] || core[of_b];
  join_nodes.push_back(a);
  joins.push_back({nodes[a].thing, nodes[b].thing, LinkKindName(kind), std::move(why), strength, proof});
}

void Groups::FindCore(double enough) {
  std::vector<std::vector<uint32_t>> hints_of(nodes.size());
  for (uint32_t n = 0; n < nodes.size(); ++n) {
    std::vector<uint32_t>& of = hints_of[GroupOf(n)];
    of.insert(of.end(), nodes[n].hints.begin(), nodes[n].hints.end());
  }
  core.assign(nodes.size(), false);
  for (uint32_t n = 0; n < nodes.size(); ++n) core[n] = !hints_of[n].empty() && Score(hints_of[n]) >= enough;
}

std::vector<uint32_t> Groups::Core() const {
  std::vector<uint32_t> of;
  for (uint32_t n = 0; n < nodes.size(); ++n) {
    if (IsCore(n)) of.push_back(n);
  }
  return of;
}

std::map<ThingId, Groups::Since> Groups::Held() const {
  std::map<ThingId, Since> held;
  for (const uint32_t n : Core()) {
    if (!IsHot(n) || nodes[n].first == 0) continue;
    const auto [it, fresh] = held.try_emplace(nodes[n].host, Since{nodes[n].first, n});
    if (!fresh && nodes[n].first < it->second.time) it->second = {nodes[n].first, n};
  }
  return held;
}

ThingId Groups::EnsureNode(ThingId about, ThingId host) {
  const ThingId thing = top[about] != kNoThing ? top[about] : about;
  if (node_of[thing] != ~0u) return thing;
  node_of[thing] = static_cast<uint32_t>(nodes.size());
  nodes.push_back({thing, At(thing).host == kNoThing ? host : At(thing).host});
  group.push_back(node_of[thing]);
  core.push_back(false);
  return thing;
}

}  // namespace spoor
