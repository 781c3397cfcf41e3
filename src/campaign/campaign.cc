// Groups of findings to campaigns: steps in order, machines by what happened to them, and what is left alone.
#include "campaign/campaign.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "campaign/actors.h"
#include "campaign/chain.h"
#include "campaign/gaps.h"
#include "campaign/make_groups.h"
#include "campaign/merge_steps.h"
#include "campaign/paths.h"
#include "campaign/stages.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kEnough = 10;      // score from which on a group is a campaign
constexpr double kCompromises = 3;  // weight of a step in a process that makes its machine compromised

class CampaignMaker {
 public:
  CampaignMaker(const World& world, const Clues& clues, const JoinOptions& options)
      : world_(world),
        clues_(clues),
        options_(options),
        groups_(MakeGroups(world, clues, options.enough)),
        sights_(world) {}

  Campaigns Run() {
    std::map<uint32_t, Group> groups;
    for (uint32_t n = 0; n < groups_.nodes.size(); ++n) {
      Group& group = groups[groups_.GroupOf(n)];
      const GroupNode& node = groups_.nodes[n];
      group.hints.insert(group.hints.end(), node.hints.begin(), node.hints.end());
      group.accounts.insert(node.accounts.begin(), node.accounts.end());
    }
    for (size_t j = 0; j < groups_.joins.size(); ++j) groups[groups_.GroupOfJoin(j)].joins.push_back(groups_.joins[j]);
    Campaigns found;
    found.enough = options_.enough;
    std::vector<bool> used(clues_.clues.size());
    std::map<uint32_t, double> scores;
    for (const auto& [number, group] : groups) scores[number] = groups_.Score(group.hints);
    double least = options_.enough;
    if (options_.only_best) {
      for (const auto& [number, score] : scores) least = std::max(least, score);
    }
    for (const auto& [number, group] : groups) {
      const double score = scores[number];
      if (score < least) continue;
      if (options_.only_best && (!found.campaigns.empty() || !HasFinding(group))) continue;
      found.campaigns.push_back(MakeCampaign(group));
      found.campaigns.back().score = score;
      for (const uint32_t h : group.hints) {
        for (const uint32_t c : groups_.hints[h].clues) used[c] = true;
      }
    }
    std::stable_sort(found.campaigns.begin(), found.campaigns.end(),
                     [](const Campaign& a, const Campaign& b) { return a.score > b.score; });
    found.alone = CountAlone(used);
    return found;
  }

 private:
  struct Group {
    std::vector<uint32_t> hints;
    std::set<ThingId> accounts;
    std::vector<Join> joins;
  };

  bool HasFinding(const Group& group) const {
    return std::any_of(group.hints.begin(), group.hints.end(),
                       [&](uint32_t h) { return groups_.hints[h].rule != ~0u; });
  }
  const std::string& NameOf(ThingId thing) const { return world_.things()[thing].name; }

  Campaign MakeCampaign(const Group& group) const {
    Campaign campaign;
    const std::vector<uint32_t>& hints = group.hints;
    // What one rule, or the graph, says of several processes of a program on one machine is one step.
    std::map<std::tuple<uint32_t, ThingId, std::string>, size_t> known;
    for (const uint32_t h : hints) {
      const Hint& hint = groups_.hints[h];
      const Process* const process = world_.FindProcess(hint.about);
      const Shown* const shown = hint.rule == ~0u ? &groups_.shown[hint.shown] : nullptr;
      const bool contact = shown != nullptr && shown->contact != kNoThing;
      const bool together = shown != nullptr && shown->together;
      if (!together && (process == nullptr || (shown != nullptr && !contact))) {
        campaign.steps.push_back(MakeStep(hint));
        continue;
      }
      std::string what = process == nullptr || together ? std::string() : Folded(BaseName(process->image));
      if (contact || together) what += shown->title;
      const auto [it, fresh] = known.try_emplace({hint.rule, hint.host, std::move(what)}, campaign.steps.size());
      if (fresh) {
        campaign.steps.push_back(MakeStep(hint));
      } else {
        AddTo(&campaign.steps[it->second], hint);
      }
    }
    for (const Step& step : campaign.steps) {
      if (step.weight == 0) continue;  // a program that others come from may have been there long before
      if (step.first != 0 && (campaign.first == 0 || step.first < campaign.first)) campaign.first = step.first;
      campaign.last = std::max(campaign.last, step.last);
    }
    std::stable_sort(campaign.steps.begin(), campaign.steps.end(), [](const Step& a, const Step& b) {
      return std::tie(a.first, a.stage, a.title) < std::tie(b.first, b.stage, b.title);
    });
    campaign.accounts.assign(group.accounts.begin(), group.accounts.end());
    campaign.joins = group.joins;
    HitHosts(&campaign);
    campaign.gaps = FindGaps(world_, sights_, campaign);
    campaign.paths = FindPaths(world_, groups_.sessions, campaign);
    constexpr size_t kActors = 5;
    campaign.observed = ObservedOf(world_, campaign);
    campaign.actors = GuessActors(campaign.observed, kActors);
    campaign.chain = FindChain(world_, groups_, hints);
    FindVictims(world_, clues_, groups_.sessions, &campaign);
    FindFirstDays(world_, clues_, groups_, sights_, hints, &campaign);
    MergeSteps(&campaign.steps);
    return campaign;
  }

  void AddTo(Step* step, const Hint& hint) const {
    constexpr size_t kMaxPlaces = 1000;
    if (hint.rule == ~0u && step->places.size() < kMaxPlaces) step->places.push_back(groups_.shown[hint.shown].place);
    step->clues.insert(step->clues.end(), hint.clues.begin(), hint.clues.end());
    std::sort(step->clues.begin(), step->clues.end());  // which is by time
    if (hint.first != 0 && (step->first == 0 || hint.first < step->first)) step->first = hint.first;
    step->last = std::max(step->last, hint.last);
    step->weight = std::max(step->weight, hint.weight);
    ++step->things;
  }

  Step MakeStep(const Hint& hint) const {
    Step step;
    step.clues = hint.clues;
    step.first = hint.first;
    step.last = hint.last;
    step.techniques = hint.techniques;
    if (!hint.techniques.empty()) step.technique = hint.techniques.front();
    if (!hint.tactics.empty()) step.tactic = hint.tactics.front();
    step.stage = StageOf(step.technique, hint.tactics);
    step.about = hint.about;
    step.host = hint.host;
    step.weight = hint.weight;
    if (hint.host != kNoThing) {
      step.host_name = NameOf(hint.host);
      step.tenant = world_.tenant(world_.things()[hint.host]);
    }
    if (hint.rule != ~0u) {
      const Clue& clue = clues_.clues[hint.clues.front()];
      const ClueRule& rule = clues_.rules[hint.rule];
      step.title = rule.title;
      step.level = rule.level;
      if (step.tenant.empty()) step.tenant = clues_.tenants[clue.path];
      step.account = clue.user;
      step.summary = clue.detail;
      if (step.host_name.empty()) step.host_name = clue.host;
    } else {
      const Shown& shown = groups_.shown[hint.shown];
      step.title = shown.title;
      step.level = sigma::Level::kMedium;
      if (step.tenant.empty()) step.tenant = world_.tenant(world_.things()[shown.about]);
      step.summary = shown.summary;
      step.places = {shown.place};
      if (!shown.places.empty()) {
        step.places = shown.places;
        step.clues.clear();  // their records are among these
      }
      step.from = shown.from;
      step.in_vain = shown.in_vain;
      step.theirs = shown.theirs;
      if (shown.contact != kNoThing) step.contact = NameOf(shown.contact);
      if (shown.account != kNoThing) step.account = NameOf(shown.account);
    }
    if (const Process* process = world_.FindProcess(hint.about); process != nullptr) {
      // What is shown of it with somebody else, a machine outside or an account that it named, says more than its
      // command.
      const Shown* const shown = hint.rule == ~0u ? &groups_.shown[hint.shown] : nullptr;
      const bool names_account = shown != nullptr && shown->account != kNoThing;
      const bool tells = names_account || (shown != nullptr && shown->contact != kNoThing);
      if (!tells && (!process->command.empty() || !process->image.empty())) {
        step.summary = process->command.empty() ? process->image : process->command;
      }
      const ThingId account = groups_.AccountOf(hint.about);
      if (!names_account && account != kNoThing) step.account = NameOf(account);
    }
    return step;
  }

  // A machine is compromised where a step of weight ran on it in a process of its own; reached, where the steps are of
  // other kinds, or where somebody came from it; targeted, where it let nobody in.
  void HitHosts(Campaign* campaign) const {
    std::map<ThingId, HostHit> hosts;
    std::map<ThingId, double> most;
    const auto hit = [&](ThingId host, const Step& step, double weight, bool ran, const std::string& why) {
      if (host == kNoThing) return;
      HostHit& h = hosts.try_emplace(host, HostHit{host, HostState::kTargeted, step.first, why}).first->second;
      if (!step.in_vain) h.state = std::max(h.state, HostState::kReached);
      if (weight > most[host]) {
        most[host] = weight;
        h.why = why;
      }
      if (ran && weight >= kCompromises) h.state = HostState::kCompromised;
      if (step.first != 0 && (h.first == 0 || step.first < h.first)) h.first = step.first;
    };
    for (const Step& step : campaign->steps) {
      if (step.weight == 0) continue;
      // A router that was taken runs nothing that its log shows.
      const bool ran = world_.things()[step.about].kind == ThingKind::kDevice ||
                       (world_.FindProcess(step.about) != nullptr && world_.things()[step.about].host == step.host);
      hit(step.host, step, step.weight, ran, step.title);
      if (!step.in_vain && step.from != kNoThing && world_.things()[step.from].kind == ThingKind::kHost) {
        hit(step.from, step, 0.5, false, "it came from here: " + step.title);
      }
    }
    for (const auto& [host, h] : hosts) campaign->hosts.push_back(h);
  }

  std::vector<Alone> CountAlone(const std::vector<bool>& used) const {
    constexpr size_t kHostsNamed = 5;
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
      if (alone.hosts.size() < kHostsNamed && !clue.host.empty() &&
          std::find(alone.hosts.begin(), alone.hosts.end(), clue.host) == alone.hosts.end()) {
        alone.hosts.push_back(clue.host);
      }
    }
    std::vector<Alone> list;
    list.reserve(by_rule.size());
    for (auto& [rule, alone] : by_rule) list.push_back(std::move(alone));
    std::stable_sort(list.begin(), list.end(), [&](const Alone& a, const Alone& b) {
      return clues_.rules[a.rule].level > clues_.rules[b.rule].level;
    });
    return list;
  }

  const World& world_;
  const Clues& clues_;
  const JoinOptions& options_;
  const Groups groups_;
  const Sights sights_;
};

}  // namespace

double EnoughFor(const World& world) {
  // Days that machines, accounts of clouds and routers have logs of, all together. In 120 ordinary days of some fifty
  // machines no group had a score above 6.
  constexpr double kDay = 86'400'000'000, kMuch = 3000, kOfDay = 8, kLeast = 1;
  constexpr double kPerTenth = 2.8;  // below one day
  std::vector<std::pair<int64_t, int64_t>> spans(world.things().size());
  for (const Thing& thing : world.things()) {
    if (thing.host == kNoThing || thing.first == 0) continue;
    auto& [first, last] = spans[thing.host];
    if (first == 0 || thing.first < first) first = thing.first;
    last = std::max(last, thing.last);
  }
  for (const Act& act : world.acts.all()) {
    const ThingId of = act.who != kNoThing ? act.who : act.at;
    if (of == kNoThing || act.first == 0) continue;
    auto& [first, last] = spans[of];
    if (first == 0 || act.first < first) first = act.first;
    last = std::max(last, act.last);
  }
  double days = 0;
  for (const auto& [first, last] : spans) days += static_cast<double>(last - first) / kDay;
  if (days >= kMuch) return kEnough;
  if (days >= 1) return kOfDay + (kEnough - kOfDay) * std::log10(days) / std::log10(kMuch);
  return days <= 0 ? kLeast : std::max(kLeast, kOfDay + kPerTenth * std::log10(days));
}

Campaigns FindCampaigns(const World& world, const Clues& clues, const JoinOptions& options) {
  JoinOptions mine = options;
  if (mine.enough <= 0) mine.enough = kEnough;
  Campaigns found = CampaignMaker(world, clues, mine).Run();
  const double less = EnoughFor(world);
  if (!found.campaigns.empty() || options.enough > 0 || less >= kEnough) return found;
  // Nothing stands out: of short evidence the one that does most.
  mine.enough = less;
  mine.only_best = true;
  return CampaignMaker(world, clues, mine).Run();
}

}  // namespace spoor
