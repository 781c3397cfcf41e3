// Findings to campaigns.
//
//   clues -> nodes     what a finding is about: a process's tree, a session, an account, a machine
//   nodes -> groups    by what joins them; each join says why
//   groups -> steps    findings of one rule about one thing are one step
//   steps -> campaign  if they weigh enough
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "campaign/campaign.h"
#include "campaign/names.h"
#include "campaign/stages.h"

namespace spoor {
namespace {

constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr double kHot = 3;  // weight from which on a node may be joined to others

double LevelWeight(sigma::Level level) {
  constexpr double kWeights[] = {0.2, 1, 4, 10, 20};
  return kWeights[static_cast<size_t>(level)];
}

class Joiner {
 public:
  Joiner(const World& world, const Clues& clues, const JoinOptions& options)
      : world_(world), clues_(clues), options_(options) {}

  Campaigns Run() {
    FindParents();
    FindSessions();
    MakeNodes();
    JoinProcesses();
    JoinFiles();
    JoinMachines();
    JoinNearby();
    JoinRare();
    return MakeCampaigns();
  }

 private:
  // A tree of processes, or another thing that findings are about.
  struct Node {
    ThingId thing;  // the tree's first process
    ThingId host = kNoThing;
    double weight = 0;
    int64_t first = 0, last = 0;
    std::vector<uint32_t> clues;
    std::set<ThingId> sessions, accounts;
  };

  const Thing& At(ThingId thing) const { return world_.things()[thing]; }
  std::string_view ImageOf(ThingId thing) const {
    const Process* const process = world_.FindProcess(thing);
    return process == nullptr ? std::string_view() : std::string_view(process->image);
  }

  void FindParents() {
    parent_.assign(world_.things().size(), kNoThing);
    for (const Link& link : world_.links()) {
      if (link.kind == LinkKind::kStarted && parent_[link.to] == kNoThing) parent_[link.to] = link.from;
    }
    top_.assign(world_.things().size(), kNoThing);
    for (ThingId i = 0; i < top_.size(); ++i) {
      if (world_.FindProcess(i) != nullptr) top_[i] = TopOf(i);
    }
  }
  // The first process of a tree: that which something common started.
  ThingId TopOf(ThingId process) const {
    ThingId top = process;
    for (size_t depth = 0; depth < 64; ++depth) {
      const ThingId parent = parent_[top];
      if (parent == kNoThing || IsStarter(ImageOf(parent))) break;
      top = parent;
    }
    return top;
  }

  void FindSessions() {
    session_of_.assign(world_.things().size(), kNoThing);
    owner_of_.assign(world_.things().size(), kNoThing);
    for (const Link& link : world_.links()) {
      if (link.kind == LinkKind::kHas) session_of_[link.to] = link.from;
      if (link.kind == LinkKind::kOwns && At(link.from).kind == ThingKind::kAccount &&
          (owner_of_[link.to] == kNoThing || IsOfMachine(At(owner_of_[link.to]).name))) {
        owner_of_[link.to] = link.from;
      }
    }
  }
  static bool IsOfSystem(const Thing& session) {
    return session.name == "0x3e7" || session.name == "0x3e4" || session.name == "0x3e5" || session.name == "999";
  }

  // How much a rule's findings say: less, the more things it finds something about.
  void WeighRules() {
    std::vector<std::set<std::pair<ThingId, std::string>>> subjects(clues_.rules.size());
    for (const Clue& clue : clues_.clues) {
      if (subjects[clue.rule].size() < 1000) {
        subjects[clue.rule].emplace(clue.at, Folded(BaseName(ImageOf(clue.about == kNoThing ? 0 : clue.about))));
      }
    }
    rule_weight_.resize(clues_.rules.size());
    for (size_t r = 0; r < rule_weight_.size(); ++r) {
      rule_weight_[r] = LevelWeight(clues_.rules[r].level) /
                        (1 + std::log2(std::max<double>(1, static_cast<double>(subjects[r].size()) / 3)));
    }
  }

  void MakeNodes() {
    WeighRules();
    node_of_.assign(world_.things().size(), ~0u);
    for (uint32_t c = 0; c < clues_.clues.size(); ++c) {
      const Clue& clue = clues_.clues[c];
      if (clue.about == kNoThing) continue;
      ThingId thing = clue.about;
      if (top_[thing] != kNoThing) thing = top_[thing];
      if (node_of_[thing] == ~0u) {
        node_of_[thing] = static_cast<uint32_t>(nodes_.size());
        nodes_.push_back({thing});
        nodes_.back().host = clue.at;
      }
      Node& node = nodes_[node_of_[thing]];
      node.clues.push_back(c);
      if (clue.time != 0) {
        if (node.first == 0 || clue.time < node.first) node.first = clue.time;
        node.last = std::max(node.last, clue.time);
      }
      const auto note_session = [&](ThingId session) {
        if (session == kNoThing || IsOfSystem(At(session))) return;
        node.sessions.insert(session);
        if (owner_of_[session] != kNoThing && !IsOfMachine(At(owner_of_[session]).name)) {
          node.accounts.insert(owner_of_[session]);
        }
      };
      if (world_.FindProcess(clue.about) != nullptr) note_session(session_of_[clue.about]);
      for (const ThingId with : clue.with) {
        if (At(with).kind == ThingKind::kSession) note_session(with);
        if (At(with).kind == ThingKind::kAccount && !IsOfMachine(At(with).name)) node.accounts.insert(with);
      }
    }
    for (Node& node : nodes_) {
      std::map<uint32_t, double> by_rule;
      for (const uint32_t c : node.clues) by_rule[clues_.clues[c].rule] = rule_weight_[clues_.clues[c].rule];
      for (const auto& [rule, weight] : by_rule) node.weight += weight;
    }
    group_.resize(nodes_.size());
    for (uint32_t i = 0; i < group_.size(); ++i) group_[i] = i;
  }

  uint32_t GroupOf(uint32_t node) {
    while (group_[node] != node) node = group_[node] = group_[group_[node]];
    return node;
  }
  void Unite(uint32_t a, uint32_t b, std::string kind, std::string why, double strength, const RecordPlace& proof) {
    const uint32_t ga = GroupOf(a), gb = GroupOf(b);
    if (ga == gb) return;
    group_[std::max(ga, gb)] = std::min(ga, gb);
    joins_.push_back({nodes_[a].thing, nodes_[b].thing, std::move(kind), std::move(why), strength, proof});
  }
  uint32_t NodeOf(ThingId thing) const {
    if (thing == kNoThing) return ~0u;
    if (top_[thing] != kNoThing) thing = top_[thing];
    return node_of_[thing];
  }
  bool IsHot(uint32_t node) const { return node != ~0u && nodes_[node].weight >= kHot; }

  // Code put into another process.
  void JoinProcesses() {
    for (const Link& link : world_.links()) {
      if (link.kind != LinkKind::kInjected && link.kind != LinkKind::kOpened) continue;
      const uint32_t a = NodeOf(link.from), b = NodeOf(link.to);
      if (a == ~0u || b == ~0u || (!IsHot(a) && !IsHot(b))) continue;
      Unite(a, b, LinkKindName(link.kind), "one process reached into the other", 0.9, link.proof);
    }
  }

  // A file that one tree wrote and the other ran or named.
  void JoinFiles() {
    std::map<std::pair<ThingId, std::string>, const Link*> written;  // by host and path
    for (const Link& link : world_.links()) {
      if (link.kind == LinkKind::kWrote && IsHot(NodeOf(link.from))) {
        written.try_emplace({At(link.to).host, At(link.to).name}, &link);
      }
    }
    if (written.empty()) return;
    for (const Process& process : world_.processes()) {
      const uint32_t node = NodeOf(process.thing);
      if (node == ~0u) continue;
      const auto it = written.find({At(process.thing).host, Folded(process.image)});
      if (it == written.end()) continue;
      const uint32_t writer = NodeOf(it->second->from);
      if (writer != node) Unite(writer, node, "ran", "a file that one wrote ran as the other", 0.9, it->second->proof);
    }
  }

  // A logon from one machine to another.
  void JoinMachines() {
    std::map<ThingId, std::vector<uint32_t>> by_host;
    for (uint32_t n = 0; n < nodes_.size(); ++n) by_host[nodes_[n].host].push_back(n);
    for (const Link& link : world_.links()) {
      if (link.kind != LinkKind::kOpenedSession) continue;
      const ThingId from = world_.HostOf(link.from), to = At(link.to).host;
      if (from == kNoThing || to == kNoThing || from == to) continue;
      const ThingId owner = owner_of_[link.to];
      if (owner == kNoThing || IsOfMachine(At(owner).name)) continue;
      // Something hot on the machine it came from, at most a day before.
      uint32_t source = ~0u;
      for (const uint32_t n : by_host[from]) {
        if (IsHot(n) && nodes_[n].first <= link.first + kMinute && link.first - nodes_[n].last < 24 * kHour) {
          if (source == ~0u || nodes_[n].weight > nodes_[source].weight) source = n;
        }
      }
      if (source == ~0u) continue;
      for (const uint32_t n : by_host[to]) {
        if (nodes_[n].sessions.contains(link.to)) {
          Unite(source, n, "opened session", "a logon from there, as " + At(owner).name, 0.9, link.proof);
        } else if (IsHot(n) && nodes_[n].first >= link.first - kSecond && nodes_[n].first - link.last < kMinute) {
          Unite(source, n, "opened session", "a logon from there right before, as " + At(owner).name, 0.7, link.proof);
        }
      }
    }
  }

  // The same session or account, or merely the same machine at the same time.
  void JoinNearby() {
    std::vector<uint32_t> order;
    for (uint32_t n = 0; n < nodes_.size(); ++n) order.push_back(n);
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
      return std::tie(nodes_[a].host, nodes_[a].first, nodes_[a].thing) <
             std::tie(nodes_[b].host, nodes_[b].first, nodes_[b].thing);
    });
    const auto shared = [](const std::set<ThingId>& a, const std::set<ThingId>& b) {
      for (const ThingId t : a) {
        if (b.contains(t)) return t;
      }
      return kNoThing;
    };
    for (size_t i = 0; i < order.size(); ++i) {
      const Node& a = nodes_[order[i]];
      for (size_t j = i + 1; j < order.size() && j < i + 200; ++j) {
        const Node& b = nodes_[order[j]];
        if (b.host != a.host || b.first - a.last > 12 * kHour) break;
        const bool hot = IsHot(order[i]) && IsHot(order[j]);
        const RecordPlace proof = PlaceOf(b.clues.front());
        if (const ThingId session = shared(a.sessions, b.sessions);
            session != kNoThing && (hot || b.first - a.last < kHour)) {
          Unite(order[i], order[j], "has", "in one logon session", 0.8, proof);
        } else if (const ThingId account = shared(a.accounts, b.accounts); account != kNoThing && hot) {
          Unite(order[i], order[j], "owns", "by " + At(account).name + " on one machine within hours", 0.6, proof);
        } else if (b.first - a.last < kHour / 2 && hot) {
          Unite(order[i], order[j], "near", "on one machine within half an hour; nothing tells them apart", 0.4, proof);
        }
      }
    }
  }

  // The same address outside, domain or file, which few know.
  void JoinRare() {
    std::map<std::pair<ThingKind, std::string>, std::map<uint32_t, const Link*>> users;  // groups, by what they share
    std::map<std::pair<ThingKind, std::string>, std::set<ThingId>> hosts;
    for (const Link& link : world_.links()) {
      if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
      const Thing& to = At(link.to);
      if (to.kind == ThingKind::kAddress && (IsPrivate(to.name) || world_.HostOf(link.to) != kNoThing)) continue;
      if (to.kind == ThingKind::kHost) continue;
      const auto key = std::pair(to.kind, to.name);
      hosts[key].insert(At(link.from).host);
      if (const uint32_t node = NodeOf(link.from); IsHot(node)) users[key].try_emplace(node, &link);
    }
    for (const auto& [key, nodes] : users) {
      if (nodes.size() < 2 || hosts[key].size() > 5 + nodes.size()) continue;
      const auto& [first, link] = *nodes.begin();
      for (const auto& [node, other] : nodes) {
        Unite(first, node, LinkKindName(other->kind), "both reached " + key.second + ", which hardly any other did",
              0.8, other->proof);
      }
    }
  }

  RecordPlace PlaceOf(uint32_t clue) const {
    const Clue& c = clues_.clues[clue];
    return {c.time, c.file, c.record, c.offset};
  }

  Step MakeStep(const std::vector<uint32_t>& clues) const {
    const Clue& c = clues_.clues[clues.front()];
    const ClueRule& rule = clues_.rules[c.rule];
    Step step;
    step.clues = clues;
    for (const uint32_t n : clues) {
      const int64_t time = clues_.clues[n].time;
      if (time == 0) continue;
      if (step.first == 0 || time < step.first) step.first = time;
      step.last = std::max(step.last, time);
    }
    const AttackTags tags = ReadAttackTags(rule.tags);
    step.techniques = tags.techniques;
    if (!tags.techniques.empty()) step.technique = tags.techniques.front();
    if (!tags.tactics.empty()) step.tactic = tags.tactics.front();
    step.stage = StageOf(step.technique, tags.tactics);
    step.title = rule.title;
    step.level = rule.level;
    step.about = c.about;
    step.host = c.at;
    step.tenant = clues_.tenants[c.path];
    step.host_name = c.at == kNoThing ? c.host : At(c.at).name;
    step.account = c.user;
    step.weight = rule_weight_[c.rule];
    if (const Process* process = world_.FindProcess(c.about); process != nullptr) {
      step.summary = !process->command.empty() ? process->command : process->image;
      if (const ThingId session = session_of_[c.about]; session != kNoThing && owner_of_[session] != kNoThing) {
        step.account = At(owner_of_[session]).name;
      }
    }
    if (step.summary.empty()) step.summary = c.detail;
    return step;
  }

  Campaigns MakeCampaigns() {
    std::map<uint32_t, std::vector<uint32_t>> groups;
    for (uint32_t n = 0; n < nodes_.size(); ++n) groups[GroupOf(n)].push_back(n);
    Campaigns found;
    std::vector<bool> used(clues_.clues.size());
    for (const auto& [group, nodes] : groups) {
      Campaign campaign = MakeCampaign(nodes);
      if (campaign.score < options_.enough) continue;
      for (const Step& step : campaign.steps) {
        for (const uint32_t c : step.clues) used[c] = true;
      }
      for (const Join& join : joins_) {
        const uint32_t node = NodeOf(join.from);
        if (node != ~0u && GroupOf(node) == group) campaign.joins.push_back(join);
      }
      found.campaigns.push_back(std::move(campaign));
    }
    std::stable_sort(found.campaigns.begin(), found.campaigns.end(),
                     [](const Campaign& a, const Campaign& b) { return a.score > b.score; });
    found.alone = CountAlone(used);
    return found;
  }

  Campaign MakeCampaign(const std::vector<uint32_t>& nodes) const {
    Campaign campaign;
    std::map<std::tuple<uint32_t, ThingId, ThingId>, std::vector<uint32_t>> by_rule;
    std::set<ThingId> accounts;
    for (const uint32_t n : nodes) {
      for (const uint32_t c : nodes_[n].clues) {
        const Clue& clue = clues_.clues[c];
        by_rule[{clue.rule, clue.about, clue.at}].push_back(c);
      }
      accounts.insert(nodes_[n].accounts.begin(), nodes_[n].accounts.end());
    }
    std::map<std::string, double> by_technique;
    for (const auto& [key, clues] : by_rule) {
      Step step = MakeStep(clues);
      double& best = by_technique[step.technique.empty() ? step.title : step.technique];
      best = std::max(best, step.weight);
      if (step.first != 0 && (campaign.first == 0 || step.first < campaign.first)) campaign.first = step.first;
      campaign.last = std::max(campaign.last, step.last);
      campaign.steps.push_back(std::move(step));
    }
    for (const auto& [technique, weight] : by_technique) campaign.score += weight;
    std::stable_sort(campaign.steps.begin(), campaign.steps.end(), [](const Step& a, const Step& b) {
      return std::tie(a.first, a.stage, a.title) < std::tie(b.first, b.stage, b.title);
    });
    campaign.accounts.assign(accounts.begin(), accounts.end());
    HitHosts(&campaign);
    return campaign;
  }

  void HitHosts(Campaign* campaign) const {
    std::map<ThingId, HostHit> hosts;
    std::map<ThingId, double> most;
    for (const Step& step : campaign->steps) {
      if (step.host == kNoThing) continue;
      HostHit& hit =
          hosts.try_emplace(step.host, HostHit{step.host, HostState::kReached, step.first, step.title}).first->second;
      const bool ran = world_.FindProcess(step.about) != nullptr;
      if (step.weight > most[step.host]) {
        most[step.host] = step.weight;
        hit.why = step.title;
      }
      if (ran && step.weight >= 4) hit.state = HostState::kCompromised;
      if (step.first != 0 && (hit.first == 0 || step.first < hit.first)) hit.first = step.first;
    }
    for (const auto& [host, hit] : hosts) campaign->hosts.push_back(hit);
  }

  std::vector<Alone> CountAlone(const std::vector<bool>& used) const {
    std::map<uint32_t, Alone> by_rule;
    for (uint32_t c = 0; c < clues_.clues.size(); ++c) {
      if (used[c]) continue;
      const Clue& clue = clues_.clues[c];
      Alone& alone = by_rule.try_emplace(clue.rule, Alone{clue.rule, 0, 0, 0, {}}).first->second;
      ++alone.findings;
      if (clue.time != 0) {
        if (alone.first == 0 || clue.time < alone.first) alone.first = clue.time;
        alone.last = std::max(alone.last, clue.time);
      }
      if (alone.hosts.size() < 5 && !clue.host.empty() &&
          std::find(alone.hosts.begin(), alone.hosts.end(), clue.host) == alone.hosts.end()) {
        alone.hosts.push_back(clue.host);
      }
    }
    std::vector<Alone> list;
    for (auto& [rule, alone] : by_rule) list.push_back(std::move(alone));
    std::stable_sort(list.begin(), list.end(), [&](const Alone& a, const Alone& b) {
      return clues_.rules[a.rule].level > clues_.rules[b.rule].level;
    });
    return list;
  }

  const World& world_;
  const Clues& clues_;
  const JoinOptions& options_;
  std::vector<ThingId> parent_, top_, session_of_, owner_of_;
  std::vector<double> rule_weight_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> node_of_, group_;
  std::vector<Join> joins_;
};

}  // namespace

Campaigns FindCampaigns(const World& world, const Clues& clues, const JoinOptions& options) {
  return Joiner(world, clues, options).Run();
}

}  // namespace spoor
