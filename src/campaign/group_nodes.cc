#include <algorithm>
#include <cmath>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "campaign/grouper.h"
#include "campaign/shown_flows.h"
#include "campaign/stages.h"
#include "world/span.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kOfStarter = 0.4;  // what a finding about a program that every machine runs counts
constexpr double kOfRoutine = 0.2;  // what is found again and again for the same command line counts
constexpr double kOfUsual = 0.4;    // what is found about an account where it always comes from counts
constexpr double kAgain = 0.6;      // what the next technique of the same process counts
constexpr size_t kMaxDepth = 64;    // of a tree of processes

double LevelWeight(sigma::Level level) {
  constexpr double kWeights[] = {0.2, 1, 4, 10, 20};
  return kWeights[static_cast<size_t>(level)];
}

bool IsOfSystem(const Thing& session) {
  return session.name == "0x3e7" || session.name == "0x3e4" || session.name == "0x3e5";
}

}  // namespace

Grouper::Grouper(const World& world, const Clues& clues, double enough)
    : world_(world), clues_(clues), hot_(0.3 * std::min(10.0, enough)) {
  sessions_ = SessionsOf(world_);
  ShowPlaces();
  std::vector<Shown> graph = ShownByGraph(world_, sessions_);
  std::move(graph.begin(), graph.end(), std::back_inserter(shown_));
  std::vector<Shown> flows = ShownByFlows(world_);
  std::move(flows.begin(), flows.end(), std::back_inserter(shown_));
  FindTrees();
  FindPresences();
  WeighRules();
  MakeHints();
  MakeNodes();
  JoinProcesses();
  JoinStarted();
  JoinFiles();
  JoinMachines();
  JoinNearby();
  JoinRare();
  JoinRelays();
  Reach(enough);
  JoinRelays();  // with what was found of machines
}

std::string_view Grouper::ImageOf(ThingId thing) const {
  const Process* const process = thing == kNoThing ? nullptr : world_.FindProcess(thing);
  return process == nullptr ? std::string_view() : std::string_view(process->image);
}

ThingId Grouper::AccountOf(ThingId process) const {
  const ThingId session = session_of_[process];
  return sessions_[session == kNoThing ? process : session].owner;
}

uint32_t Grouper::GroupOf(uint32_t node) const {
  while (group_[node] != node) node = group_[node] = group_[group_[node]];
  return node;
}

uint32_t Grouper::NodeOf(ThingId thing) const {
  if (thing == kNoThing) return ~0u;
  return node_of_[top_[thing] != kNoThing ? top_[thing] : thing];
}

// By name; and an installed program that starts others day by day, or a service that does on several machines: an agent
// that runs what many ask it to.
void Grouper::FindStarters() {
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
  starts_.assign(world_.things().size(), false);
  for (const Process& process : world_.processes()) starts_[process.thing] = program(process.image).starts;

  std::map<ThingId, std::set<int64_t>> days;
  std::map<std::string, std::set<ThingId>> machines;  // by program
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kStarted || !program(ImageOf(link.from)).installed) continue;
    std::set<int64_t>& of = days[link.from];
    if (of.size() < kDays) of.insert(link.first() / kDay);
    const ThingId parent = parent_[link.from];
    if (parent != kNoThing && Folded(BaseName(ImageOf(parent))) == "services.exe") {
      machines[Folded(ImageOf(link.from))].insert(At(link.from).host);
    }
  }
  for (const auto& [process, of] : days) {
    if (starts_[process]) continue;  // services.exe starts what has nothing in common
    const auto it = machines.find(Folded(ImageOf(process)));
    if (of.size() >= kDays || (it != machines.end() && it->second.size() >= kMachines)) agents_.insert(process);
  }
  for (const ThingId agent : agents_) starts_[agent] = true;
}

// A tree begins where something common started a process.
void Grouper::FindTrees() {
  const size_t size = world_.things().size();
  parent_.assign(size, kNoThing);
  session_of_.assign(size, kNoThing);
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kStarted && parent_[link.to] == kNoThing) parent_[link.to] = link.from;
    if (link.kind == LinkKind::kHas) session_of_[link.to] = link.from;
  }
  FindStarters();
  top_.assign(size, kNoThing);
  for (ThingId i = 0; i < size; ++i) {
    if (world_.FindProcess(i) == nullptr) continue;
    ThingId top = i;
    for (size_t depth = 0; depth < kMaxDepth && parent_[top] != kNoThing && !Starts(parent_[top]); ++depth) {
      top = parent_[top];
    }
    top_[i] = top;
  }
}

// How much a rule's findings say: less, the more programs and machines it finds something about.
void Grouper::WeighRules() {
  constexpr size_t kEnough = 1000;
  std::vector<std::set<std::pair<ThingId, std::string>>> subjects(clues_.rules.size());
  for (const Clue& clue : clues_.clues) {
    if (subjects[clue.rule].size() < kEnough) {
      subjects[clue.rule].emplace(clue.at == kNoThing ? clue.about : clue.at, Folded(BaseName(ImageOf(clue.about))));
    }
  }
  for (size_t r = 0; r < clues_.rules.size(); ++r) {
    const double many = std::max(1.0, static_cast<double>(subjects[r].size()) / 3);
    rule_weight_.push_back(LevelWeight(clues_.rules[r].level) / (1 + std::log2(many)));
  }
}

// What the same command line is found for on many days on one machine is done by a program, not by an intruder; of what
// weighs much on many more, as a person repeats himself, too.
void Grouper::FindRoutine() {
  constexpr size_t kDays = 3, kDaysOfMuch = 10;
  constexpr int64_t kDay = 86'400'000'000;
  std::map<std::tuple<uint32_t, ThingId, std::string_view>, std::set<int64_t>> days;
  const auto command = [&](const Clue& clue) {
    const Process* const process = clue.about == kNoThing ? nullptr : world_.FindProcess(clue.about);
    return process == nullptr ? std::string_view() : std::string_view(process->command);
  };
  for (const Clue& clue : clues_.clues) {
    const std::string_view line = command(clue);
    if (line.empty()) continue;
    std::set<int64_t>& of = days[{clue.rule, clue.at, line}];
    if (of.size() < kDaysOfMuch) of.insert(clue.time / kDay);
  }
  routine_.resize(clues_.clues.size());
  for (size_t c = 0; c < routine_.size(); ++c) {
    const Clue& clue = clues_.clues[c];
    const auto it = days.find({clue.rule, clue.at, command(clue)});
    const bool much = clues_.rules[clue.rule].level >= sigma::Level::kHigh;
    routine_[c] = it != days.end() && it->second.size() >= (much ? kDaysOfMuch : kDays);
  }
}

void Grouper::MakeHints() {
  FindRoutine();
  std::vector<std::vector<uint32_t>> taken(shown_.size());  // clues, by what is shown
  std::map<std::tuple<uint32_t, ThingId, ThingId, int64_t>, uint32_t> known;
  for (uint32_t c = 0; c < clues_.clues.size(); ++c) {
    const Clue& clue = clues_.clues[c];
    if (clue.about == kNoThing) continue;
    // What the graph tells with all its records is not told again by a rule.
    if (const auto shown = shown_at_.find({clue.file, clue.offset, clue.record}); shown != shown_at_.end()) {
      taken[shown->second].push_back(c);
      continue;
    }
    const auto [it, fresh] = known.try_emplace({clue.rule, clue.about, clue.at, DayOf(clue.about, clue.time)},
                                               static_cast<uint32_t>(hints_.size()));
    if (fresh) {
      AttackTags tags = ReadAttackTags(clues_.rules[clue.rule].tags);
      Hint hint{clue.rule, ~0u, clue.about, clue.at, rule_weight_[clue.rule]};
      hint.techniques = std::move(tags.techniques);
      hint.tactics = std::move(tags.tactics);
      const bool remote = session_of_[clue.about] != kNoThing && sessions_[session_of_[clue.about]].from != kNoThing;
      if (IsStarter(ImageOf(clue.about)) && !remote) hint.weight *= kOfStarter;
      if (routine_[c]) hint.weight *= kOfRoutine;
      if (usual_.contains(clue.about)) hint.weight *= kOfUsual;
      if (routine_[c] && clues_.rules[clue.rule].level <= sigma::Level::kLow) hint.about = kNoThing;
      hints_.push_back(std::move(hint));
    }
    Hint& hint = hints_[it->second];
    hint.clues.push_back(c);
    Widen(clue.time, &hint.first, &hint.last);
  }
  for (uint32_t s = 0; s < shown_.size(); ++s) {
    const Shown& shown = shown_[s];
    hints_.push_back({~0u, s, shown.about, shown.host, shown.weight, shown.time, std::max(shown.time, shown.last),
                      std::move(taken[s]), shown.techniques, shown.tactics});
    Hint& hint = hints_.back();
    for (const uint32_t c : hint.clues) hint.weight = std::max(hint.weight, rule_weight_[clues_.clues[c].rule]);
  }
}

void Grouper::AddSession(ThingId session, GroupNode* node) const {
  if (session == kNoThing || IsOfSystem(At(session))) return;
  node->sessions.insert(session);
  const ThingId owner = sessions_[session].owner;
  if (owner != kNoThing && !IsOfMachine(At(owner).name)) node->accounts.insert(owner);
}

// What is found of a machine as a whole does not hold days together: a node for each. 0: of other things.
int64_t Grouper::DayOf(ThingId thing, int64_t time) const {
  constexpr int64_t kDay = 86'400'000'000;
  const ThingKind kind = At(thing).kind;
  return kind == ThingKind::kHost || kind == ThingKind::kAddress ? 1 + time / kDay : 0;
}

void Grouper::MakeNodes() {
  std::map<std::pair<ThingId, int64_t>, uint32_t> by_day;
  node_of_.assign(world_.things().size(), ~0u);
  for (uint32_t h = 0; h < hints_.size(); ++h) {
    const Hint& hint = hints_[h];
    if (hint.about == kNoThing) continue;  // a program's work, day by day
    const ThingId thing = top_[hint.about] != kNoThing ? top_[hint.about] : hint.about;
    const auto [it, fresh] = by_day.try_emplace({thing, hint.rule == ~0u ? 0 : DayOf(thing, hint.first)},
                                                static_cast<uint32_t>(nodes_.size()));
    if (fresh) nodes_.push_back({thing, hint.host});
    if (node_of_[thing] == ~0u) node_of_[thing] = it->second;
    GroupNode& node = nodes_[it->second];
    node.hints.push_back(h);
    Widen(hint.first, &node.first, &node.last);
    Widen(hint.last, &node.first, &node.last);
    if (At(hint.about).kind == ThingKind::kSession) AddSession(hint.about, &node);
    if (At(hint.about).kind == ThingKind::kAccount && !IsOfMachine(At(hint.about).name))
      node.accounts.insert(hint.about);
    AddSession(session_of_[hint.about], &node);
    for (const uint32_t c : hint.clues) {
      for (const ThingId with : clues_.clues[c].with) {
        if (At(with).kind == ThingKind::kSession) AddSession(with, &node);
        if (At(with).kind == ThingKind::kAccount && !IsOfMachine(At(with).name)) node.accounts.insert(with);
      }
    }
  }
  for (GroupNode& node : nodes_) node.weight = Score(node.hints);
  AddContacts();
  for (uint32_t i = 0; i < nodes_.size(); ++i) group_.push_back(i);
}

// Machines outside and names that a hot tree's processes reached, and few others did or mostly other hot ones, are part
// of it.
void Grouper::AddContacts() {
  constexpr size_t kFew = 3;
  constexpr double kOfContact = 1;
  const auto is_outside = [&](const Link& link) {
    const Thing& to = At(link.to);
    if (link.kind == LinkKind::kAsked) return to.name.find('.') != std::string::npos;
    return link.kind == LinkKind::kConnected && to.kind == ThingKind::kAddress && !IsPrivate(to.name) &&
           world_.HostOf(link.to) == kNoThing;
  };
  std::map<std::pair<ThingKind, std::string_view>, std::set<ThingId>> users, hot;  // machines
  for (const Link& link : world_.links()) {
    if (!is_outside(link)) continue;
    users[{At(link.to).kind, At(link.to).name}].insert(At(link.from).host);
    if (IsHot(NodeOf(link.from))) hot[{At(link.to).kind, At(link.to).name}].insert(At(link.from).host);
  }
  for (const Link& link : world_.links()) {
    if (!is_outside(link) || !IsHot(NodeOf(link.from)) || IsStarter(ImageOf(link.from))) continue;
    const Thing& to = At(link.to);
    const size_t all = users[{to.kind, to.name}].size();
    if (all > kFew && hot[{to.kind, to.name}].size() * 2 < all) continue;
    Shown shown;
    const bool asked = link.kind == LinkKind::kAsked;
    shown.title = asked ? "It asked for a name that few ask for" : "It reached a machine outside that few reach";
    shown.techniques = {"T1071"};
    shown.tactics = {"command-and-control"};
    shown.about = link.from;
    shown.host = At(link.from).host;
    shown.time = link.first();
    shown.weight = kOfContact;
    shown.place = link.proof;
    shown.contact = link.to;
    shown.summary = std::string(BaseName(ImageOf(link.from))) + (asked ? " asked for " : " reached ") + to.name;
    const auto number = static_cast<uint32_t>(shown_.size());
    GroupNode& node = nodes_[NodeOf(link.from)];
    node.hints.push_back(static_cast<uint32_t>(hints_.size()));
    Widen(shown.time, &node.first, &node.last);
    Widen(link.last, &node.first, &node.last);
    hints_.push_back({~0u,
                      number,
                      shown.about,
                      shown.host,
                      shown.weight,
                      shown.time,
                      link.last,
                      {},
                      shown.techniques,
                      shown.tactics});
    shown_.push_back(std::move(shown));
  }
}

double Grouper::Score(const std::vector<uint32_t>& hints) const {
  const auto name = [&](const Hint& hint) -> std::string {
    if (!hint.techniques.empty()) return hint.techniques.front();
    return hint.rule != ~0u ? clues_.rules[hint.rule].title : std::string();
  };
  std::map<ThingId, std::map<std::string, double>> by_thing;
  for (const uint32_t h : hints) {
    double& best = by_thing[hints_[h].about][name(hints_[h])];
    best = std::max(best, hints_[h].weight);
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
      if (world_.FindProcess(thing) != nullptr) factor *= kAgain;
    }
  }
  double score = 0;
  for (const auto& [technique, weight] : by_technique) score += weight;
  return score;
}

}  // namespace spoor
