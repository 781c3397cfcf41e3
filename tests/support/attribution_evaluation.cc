#include "support/attribution_evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace spoor {
namespace {

// Numbers that are the same everywhere (splitmix64, Steele, Lea and Flood 2014).
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  size_t Below(size_t n) {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % n;
  }

 private:
  uint64_t state_;
};

Tried Look(const std::vector<Hypothesis>& hypotheses, std::vector<std::string> truth) {
  Tried tried;
  tried.truth = std::move(truth);
  tried.none_first = hypotheses.front().actor == nullptr;
  size_t rank = 0;
  for (const Hypothesis& h : hypotheses) {
    if (h.actor == nullptr) continue;
    if (++rank == 1) {
      tried.claimed = h.probability;
      tried.first = h.actor->name;
    }
    if (std::find(tried.truth.begin(), tried.truth.end(), h.actor->id) == tried.truth.end()) continue;
    tried.right += h.probability;
    if (tried.rank == 0) tried.rank = rank;
  }
  if (tried.rank == 0) tried.rank = rank + 1;
  return tried;
}

Evidence EvidenceOf(const std::vector<uint32_t>& techniques) {
  Evidence evidence;
  for (const uint32_t t : techniques) evidence.techniques.push_back({t, 1, ""});
  return evidence;
}

}  // namespace

Score Judge(const std::vector<Tried>& tried) {
  Score s;
  struct Class {
    double claimed = 0, hits = 0;
  };
  std::array<Class, 5> classes;
  for (const Tried& t : tried) {
    ++s.tried;
    s.first += t.rank == 1;
    s.first_of_all += t.rank == 1 && !t.none_first;
    s.among_five += t.rank <= 5;
    s.over_half += t.claimed > 0.5;
    s.claimed += t.claimed;
    s.log_loss -= std::log(std::max(0.001, t.right));
    Class& c = classes[std::min<size_t>(4, static_cast<size_t>(t.claimed * 5))];
    c.claimed += t.claimed;
    c.hits += t.rank == 1;
  }
  for (const Class& c : classes) s.calibration_error += std::fabs(c.claimed - c.hits);
  const double n = static_cast<double>(std::max<size_t>(1, s.tried));
  s.claimed /= n;
  s.log_loss /= n;
  s.calibration_error /= n;
  return s;
}

std::vector<const AttackCampaign*> AttributedCampaigns(const Attack& attack) {
  std::vector<const AttackCampaign*> out;
  for (const AttackCampaign& campaign : attack.campaigns()) {
    if (!campaign.groups.empty() && campaign.techniques.size() >= 5) out.push_back(&campaign);
  }
  return out;
}

Evidence EvidenceOf(const Attack& attack, const AttackCampaign& campaign) {
  Evidence evidence = EvidenceOf(campaign.techniques);
  for (const uint32_t s : campaign.software) {
    evidence.software.push_back({std::string(attack.software()[s].id), 1, ""});
  }
  return evidence;
}

std::vector<Tried> TryCampaigns(const Attack& attack, const Parameters& parameters, Leave leave, bool bare) {
  std::vector<Tried> out;
  for (const AttackCampaign* campaign : AttributedCampaigns(attack)) {
    std::vector<std::string> truth;
    for (const uint32_t g : campaign->groups) truth.emplace_back(attack.groups()[g].id);
    LeftOut left_out;
    left_out.campaign = campaign->id;
    left_out.shared_software = leave == Leave::kCampaignAndSharedSoftware;
    if (leave == Leave::kGroup) left_out.group = truth.front();
    const Knowledge knowledge(attack, {}, left_out);
    const Evidence shown = bare ? EvidenceOf(campaign->techniques) : EvidenceOf(attack, *campaign);
    out.push_back(Look(Model(knowledge, parameters).Weigh(shown), truth));
    out.back().campaign = campaign->id;
  }
  return out;
}

std::vector<Drawn> Draw(const Attack& attack, const DrawKind& kind) {
  std::vector<uint32_t> used;
  for (const Group& group : attack.groups()) used.insert(used.end(), group.techniques.begin(), group.techniques.end());
  std::vector<Drawn> out;
  Dice dice(kind.seed * 1'000'003 + kind.k * 4 + (kind.noisy ? 2 : 0) + (kind.foreign_by_use ? 1 : 0));
  for (size_t g = 0; g < attack.groups().size(); ++g) {
    const std::vector<uint32_t>& own = attack.groups()[g].techniques;
    if (own.empty()) continue;
    for (int d = 0; d < kind.draws; ++d) {
      const size_t foreign = kind.noisy ? (kind.k + 2) / 4 : 0;  // a quarter, rounded
      std::vector<uint32_t> deck = own;
      const size_t mine = std::min(kind.k - foreign, deck.size());
      std::set<uint32_t> drawn;
      for (size_t i = 0; i < mine; ++i) {
        std::swap(deck[i], deck[i + dice.Below(deck.size() - i)]);
        drawn.insert(deck[i]);
      }
      while (drawn.size() < mine + foreign) {
        drawn.insert(kind.foreign_by_use ? used[dice.Below(used.size())]
                                         : static_cast<uint32_t>(dice.Below(attack.techniques().size())));
      }
      out.push_back({g, {drawn.begin(), drawn.end()}});
    }
  }
  return out;
}

std::vector<Tried> TryDraws(const Attack& attack, const Parameters& parameters, const std::vector<Drawn>& draws) {
  const Knowledge knowledge(attack, {});
  const Model model(knowledge, parameters);
  std::vector<Tried> out;
  for (const Drawn& d : draws) {
    out.push_back(Look(model.Weigh(EvidenceOf(d.techniques)), {std::string(attack.groups()[d.group].id)}));
  }
  return out;
}

std::vector<Tried> TryDrawsWithoutGroup(const Attack& attack, const Parameters& parameters,
                                        const std::vector<Drawn>& draws) {
  std::vector<Tried> out;
  for (size_t first = 0; first < draws.size();) {
    LeftOut left_out;
    left_out.group = attack.groups()[draws[first].group].id;
    const Knowledge knowledge(attack, {}, left_out);
    const Model model(knowledge, parameters);
    size_t last = first;
    while (last < draws.size() && draws[last].group == draws[first].group) {
      out.push_back(Look(model.Weigh(EvidenceOf(draws[last++].techniques)), {left_out.group}));
    }
    first = last;
  }
  return out;
}

double ToldNoise(const Attack& attack, const std::vector<Drawn>& draws, double noise) {
  std::vector<double> share(attack.techniques().size(), 0.5);
  for (const Group& group : attack.groups()) {
    for (const uint32_t t : group.techniques) share[t] += 1;
  }
  double sum = 0;
  for (const double s : share) sum += s;
  noise = std::max(noise, 0.02);
  double right = 0;
  for (const Drawn& d : draws) {
    std::vector<double> scores(attack.groups().size(), -1e9);
    for (size_t g = 0; g < scores.size(); ++g) {
      const std::vector<uint32_t>& own = attack.groups()[g].techniques;
      if (own.empty()) continue;
      scores[g] = 0;
      for (const uint32_t t : d.techniques) {
        const bool known = std::binary_search(own.begin(), own.end(), t);
        scores[g] += std::log((known ? (1 - noise) / static_cast<double>(own.size()) : 0) + noise * share[t] / sum);
      }
    }
    const double best = *std::max_element(scores.begin(), scores.end()) - 1e-9;
    if (scores[d.group] < best) continue;
    right +=
        1.0 / static_cast<double>(std::count_if(scores.begin(), scores.end(), [&](double s) { return s >= best; }));
  }
  return right / static_cast<double>(draws.size());
}

}  // namespace spoor
