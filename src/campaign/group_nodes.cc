#include <algorithm>
#include <cmath>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "campaign/group_phases.h"
#include "campaign/stages.h"
#include "world/span.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kOfStarter = 0.4;  // what a finding about a program that every machine runs counts
constexpr double kOfRoutine = 0.2;  // what is found again and again for the same command line counts
constexpr double kOfUsual = 0.4;    // what is found about an account where it always comes from counts
constexpr size_t kMaxDepth = 64;    // of a tree of processes

double LevelWeight(sigma::Level level) {
  constexpr double kWeights[] = {0.2, 1, 4, 10, 20};
  return kWeights[static_cast<size_t>(level)];
}

// Trees of processes; hints about what these, accounts and machines did; nodes with the hints about one of them.
class NodeMaker {
 public:
  explicit NodeMaker(Groups* groups) : g_(*groups) {}
  void FindTrees();
  void FindPresences();
  void WeighRules();
  void MakeHints();
  void MakeNodes();

 private:
  void FindStarters();
  void FindRoutine();
  int64_t DayOf(ThingId thing, int64_t time) const;
  void AddContacts();

  Groups& g_;
  std::vector<double> rule_weight_;
  std::vector<bool> routine_;  // by clue
};

// By name; and an installed program that starts others day by day, or a service that does on several machines: an agent
// that runs what many ask it to.
void NodeMaker::FindStarters() {
  constexpr size_t kDays = 5, kMachines = 3;
  constexpr int64_t kDay = 86'400'000'000;
  // Thousands of processes have one path, and the world keeps each text once.
  struct Program {
    bool starts, installed;
  };
  absl::flat_hash_map<const char*, Program> programs;
  const auto program = [&](std::string_view image) {
    const auto [it, fresh] = programs.try_emplace(image.data());
    if (fresh) it->second = {IsStarter(image), IsInstalled(image)};
    return it->second;
  };
  g_.starts.assign(g_.world.things().size(), false);
  for (const Process& process : g_.world.processes()) g_.starts[process.thing] = program(process.image).starts;

  std::map<ThingId, std::set<int64_t>> days;
  std::map<std::string, std::set<ThingId>> machines;  // by program
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kStarted || !program(g_.ImageOf(link.from)).installed) continue;
    std::set<int64_t>& of = days[link.from];
    if (of.size() < kDays) of.insert(link.first() / kDay);
    const ThingId parent = g_.parent[link.from];
    if (parent != kNoThing && Folded(BaseName(g_.ImageOf(parent))) == "services.exe") {
      machines[Folded(g_.ImageOf(link.from))].insert(g_.At(link.from).host);
    }
  }
  for (const auto& [process, of] : days) {
    if (g_.starts[process]) continue;  // services.exe starts what has nothing in common
    const auto it = machines.find(Folded(g_.ImageOf(process)));
    if (of.size() >= kDays || (it != machines.end() && it->second.size() >= kMachines)) g_.agents.insert(process);
  }
  for (const ThingId agent : g_.agents) g_.starts[agent] = true;
}

// A tree begins where something common started a process.
void NodeMaker::FindTrees() {
  const size_t size = g_.world.things().size();
  g_.parent.assign(size, kNoThing);
  g_.session_of.assign(size, kNoThing);
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kStarted && g_.parent[link.to] == kNoThing) g_.parent[link.to] = link.from;
    if (link.kind == LinkKind::kHas) g_.session_of[link.to] = link.from;
  }
  FindStarters();
  g_.top.assign(size, kNoThing);
  for (ThingId i = 0; i < size; ++i) {
    if (g_.world.FindProcess(i) == nullptr) continue;
    ThingId top = i;
    for (size_t depth = 0; depth < kMaxDepth && g_.parent[top] != kNoThing && !g_.Starts(g_.parent[top]); ++depth) {
      top = g_.parent[top];
    }
    g_.top[i] = top;
  }
}

// What is found about an account as it comes from an address of somebody else stands with the account.
void NodeMaker::FindPresences() {
  std::map<ThingId, std::pair<ThingId, ThingId>> ends;  // of sessions of no machine: account and address
  for (const Link& link : g_.world.links()) {
    if (g_.At(link.to).kind != ThingKind::kSession || g_.At(link.to).host != kNoThing) continue;
    if (link.kind == LinkKind::kOwns) ends.try_emplace(link.to, kNoThing, kNoThing).first->second.first = link.from;
    if (link.kind == LinkKind::kOpenedSession)
      ends.try_emplace(link.to, kNoThing, kNoThing).first->second.second = link.from;
  }
  for (const auto& [session, of] : ends) {
    if (g_.accounts.theirs.contains(of)) g_.top[session] = of.first;
    if (g_.accounts.usual.contains(of)) g_.usual.insert(session);
  }
}

// How much a rule's findings say: less, the more programs and machines it finds something about.
void NodeMaker::WeighRules() {
  constexpr size_t kEnough = 1000;
  std::vector<std::set<std::pair<ThingId, std::string>>> subjects(g_.clues.rules.size());
  for (const Clue& clue : g_.clues.clues) {
    if (subjects[clue.rule].size() < kEnough) {
      subjects[clue.rule].emplace(clue.at == kNoThing ? clue.about : clue.at, Folded(BaseName(g_.ImageOf(clue.about))));
    }
  }
  for (size_t r = 0; r < g_.clues.rules.size(); ++r) {
    const double many = std::max(1.0, static_cast<double>(subjects[r].size()) / 3);
    rule_weight_.push_back(LevelWeight(g_.clues.rules[r].level) / (1 + std::log2(many)));
  }
}

// What the same command line is found for on many days on one machine is done by a program, not by an intruder; of what
// weighs much on many more, as a person repeats himself, too.
void NodeMaker::FindRoutine() {
  constexpr size_t kDays = 3, kDaysOfMuch = 10;
  constexpr int64_t kDay = 86'400'000'000;
  std::map<std::tuple<uint32_t, ThingId, std::string_view>, std::set<int64_t>> days;
  const auto command = [&](const Clue& clue) {
    const Process* const process = clue.about == kNoThing ? nullptr : g_.world.FindProcess(clue.about);
    return process == nullptr ? std::string_view() : std::string_view(process->command);
  };
  for (const Clue& clue : g_.clues.clues) {
    const std::string_view line = command(clue);
    if (line.empty()) continue;
    std::set<int64_t>& of = days[{clue.rule, clue.at, line}];
    if (of.size() < kDaysOfMuch) of.insert(clue.time / kDay);
  }
  routine_.resize(g_.clues.clues.size());
  for (size_t c = 0; c < routine_.size(); ++c) {
    const Clue& clue = g_.clues.clues[c];
    const auto it = days.find({clue.rule, clue.at, command(clue)});
    const bool much = g_.clues.rules[clue.rule].level >= sigma::Level::kHigh;
    routine_[c] = it != days.end() && it->second.size() >= (much ? kDaysOfMuch : kDays);
  }
}

void NodeMaker::MakeHints() {
  FindRoutine();
  std::vector<std::vector<uint32_t>> taken(g_.shown.size());  // clues, by what is shown
  std::map<std::tuple<uint32_t, ThingId, ThingId, int64_t>, uint32_t> known;
  for (uint32_t c = 0; c < g_.clues.clues.size(); ++c) {
    const Clue& clue = g_.clues.clues[c];
    if (clue.about == kNoThing) continue;
    // What the graph tells with all its records is not told again by a rule.
    if (const auto shown = g_.shown_at.find({clue.file, clue.offset, clue.record}); shown != g_.shown_at.end()) {
      taken[shown->second].push_back(c);
      continue;
    }
    const auto [it, fresh] = known.try_emplace({clue.rule, clue.about, clue.at, DayOf(clue.about, clue.time)},
                                               static_cast<uint32_t>(g_.hints.size()));
    if (fresh) {
      AttackTags tags = ReadAttackTags(g_.clues.rules[clue.rule].tags);
      Hint hint{clue.rule, ~0u, clue.about, clue.at, rule_weight_[clue.rule]};
      hint.techniques = std::move(tags.techniques);
      hint.tactics = std::move(tags.tactics);
      const bool remote =
          g_.session_of[clue.about] != kNoThing && g_.sessions[g_.session_of[clue.about]].from != kNoThing;
      if (IsStarter(g_.ImageOf(clue.about)) && !remote) hint.weight *= kOfStarter;
      if (routine_[c]) hint.weight *= kOfRoutine;
      if (g_.usual.contains(clue.about)) hint.weight *= kOfUsual;
      if (routine_[c] && g_.clues.rules[clue.rule].level <= sigma::Level::kLow) hint.about = kNoThing;
      g_.hints.push_back(std::move(hint));
    }
    Hint& hint = g_.hints[it->second];
    hint.clues.push_back(c);
    Widen(clue.time, &hint.first, &hint.last);
  }
  for (uint32_t s = 0; s < g_.shown.size(); ++s) {
    const Shown& shown = g_.shown[s];
    g_.hints.push_back({~0u, s, shown.about, shown.host, shown.weight, shown.time, std::max(shown.time, shown.last),
                        std::move(taken[s]), shown.techniques, shown.tactics});
    Hint& hint = g_.hints.back();
    for (const uint32_t c : hint.clues) hint.weight = std::max(hint.weight, rule_weight_[g_.clues.clues[c].rule]);
  }
}

// What is found of a machine as a whole does not hold days together: a node for each. 0: of other things.
int64_t NodeMaker::DayOf(ThingId thing, int64_t time) const {
  constexpr int64_t kDay = 86'400'000'000;
  const ThingKind kind = g_.At(thing).kind;
  return kind == ThingKind::kHost || kind == ThingKind::kAddress ? 1 + time / kDay : 0;
}

void NodeMaker::MakeNodes() {
  std::map<std::pair<ThingId, int64_t>, uint32_t> by_day;
  g_.node_of.assign(g_.world.things().size(), ~0u);
  for (uint32_t h = 0; h < g_.hints.size(); ++h) {
    const Hint& hint = g_.hints[h];
    if (hint.about == kNoThing) continue;  // a program's work, day by day
    const ThingId thing = g_.top[hint.about] != kNoThing ? g_.top[hint.about] : hint.about;
    const auto [it, fresh] = by_day.try_emplace({thing, hint.rule == ~0u ? 0 : DayOf(thing, hint.first)},
                                                static_cast<uint32_t>(g_.nodes.size()));
    if (fresh) g_.nodes.push_back({thing, hint.host});
    if (g_.node_of[thing] == ~0u) g_.node_of[thing] = it->second;
    GroupNode& node = g_.nodes[it->second];
    node.hints.push_back(h);
    Widen(hint.first, &node.first, &node.last);
    Widen(hint.last, &node.first, &node.last);
    if (g_.At(hint.about).kind == ThingKind::kSession) g_.AddSession(hint.about, &node);
    if (g_.At(hint.about).kind == ThingKind::kAccount && !IsOfMachine(g_.At(hint.about).name))
      node.accounts.insert(hint.about);
    g_.AddSession(g_.session_of[hint.about], &node);
    for (const uint32_t c : hint.clues) {
      for (const ThingId with : g_.clues.clues[c].with) {
        if (g_.At(with).kind == ThingKind::kSession) g_.AddSession(with, &node);
        if (g_.At(with).kind == ThingKind::kAccount && !IsOfMachine(g_.At(with).name)) node.accounts.insert(with);
      }
    }
  }
  for (GroupNode& node : g_.nodes) node.weight = g_.Score(node.hints);
  AddContacts();
  for (uint32_t i = 0; i < g_.nodes.size(); ++i) g_.group.push_back(i);
}

// Machines outside and names that a hot tree's processes reached, and few others did or mostly other hot ones, are part
// of it.
void NodeMaker::AddContacts() {
  constexpr size_t kFew = 3;
  constexpr double kOfContact = 1;
  const auto is_outside = [&](const Link& link) {
    const Thing& to = g_.At(link.to);
    if (link.kind == LinkKind::kAsked) return to.name.find('.') != std::string::npos;
    return link.kind == LinkKind::kConnected && to.kind == ThingKind::kAddress && !IsPrivate(to.name) &&
           g_.world.HostOf(link.to) == kNoThing;
  };
  std::map<std::pair<ThingKind, std::string_view>, std::set<ThingId>> users, hot;  // machines
  for (const Link& link : g_.world.links()) {
    if (!is_outside(link)) continue;
    users[{g_.At(link.to).kind, g_.At(link.to).name}].insert(g_.At(link.from).host);
    if (g_.IsHot(g_.NodeOf(link.from))) hot[{g_.At(link.to).kind, g_.At(link.to).name}].insert(g_.At(link.from).host);
  }
  for (const Link& link : g_.world.links()) {
    if (!is_outside(link) || !g_.IsHot(g_.NodeOf(link.from)) || IsStarter(g_.ImageOf(link.from))) continue;
    const Thing& to = g_.At(link.to);
    const size_t all = users[{to.kind, to.name}].size();
    if (all > kFew && hot[{to.kind, to.name}].size() * 2 < all) continue;
    Shown shown;
    const bool asked = link.kind == LinkKind::kAsked;
    shown.title = asked ? "It asked for a name that few ask for" : "It reached a machine outside that few reach";
    shown.techniques = {"T1071"};
    shown.tactics = {"command-and-control"};
    shown.about = link.from;
    shown.host = g_.At(link.from).host;
    shown.time = link.first();
    shown.weight = kOfContact;
    shown.place = link.proof;
    shown.contact = link.to;
    shown.summary = std::string(BaseName(g_.ImageOf(link.from))) + (asked ? " asked for " : " reached ") + to.name;
    const auto number = static_cast<uint32_t>(g_.shown.size());
    GroupNode& node = g_.nodes[g_.NodeOf(link.from)];
    node.hints.push_back(static_cast<uint32_t>(g_.hints.size()));
    Widen(shown.time, &node.first, &node.last);
    Widen(link.last, &node.first, &node.last);
    g_.hints.push_back({~0u,
                        number,
                        shown.about,
                        shown.host,
                        shown.weight,
                        shown.time,
                        link.last,
                        {},
                        shown.techniques,
                        shown.tactics});
    g_.shown.push_back(std::move(shown));
  }
}

}  // namespace

void MakeNodes(Groups* groups) {
  NodeMaker maker(groups);
  maker.FindTrees();
  maker.FindPresences();
  maker.WeighRules();
  maker.MakeHints();
  maker.MakeNodes();
}

}  // namespace spoor
