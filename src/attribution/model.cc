#include "attribution/model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace spoor {
namespace {

// The values of `own` that are tried.
constexpr std::array<double, 11> kOwn = {0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98};
// Half of what an actor does shows a trait it is known for.
constexpr double kTraitShows = 0.5;

// A beta distribution over kOwn with this mean; firmness is the sum of its two parameters.
std::array<double, kOwn.size()> Beta(double mean, double firmness) {
  const double a = firmness * mean + 1e-3, b = firmness * (1 - mean) + 1e-3;
  std::array<double, kOwn.size()> w;
  double sum = 0;
  for (size_t i = 0; i < kOwn.size(); ++i) {
    sum += w[i] = std::exp((a - 1) * std::log(kOwn[i]) + (b - 1) * std::log1p(-kOwn[i]));
  }
  for (double& x : w) x /= sum;
  return w;
}

double WeightOf(const std::vector<Known>& list, uint32_t item) {
  const auto at =
      std::lower_bound(list.begin(), list.end(), item, [](const Known& k, uint32_t wanted) { return k.item < wanted; });
  return at != list.end() && at->item == item ? at->weight : 0;
}

// Parents of what is known, and children of a parent of which no child is known.
void AddRelatives(const std::vector<Known>& known, const std::vector<Technique>& all, double relative,
                  std::vector<double>* weight) {
  std::vector<bool> has_child(all.size(), false);
  for (const Known& k : known) {
    const uint32_t parent = all[k.item].parent;
    if (parent == ~0u) continue;
    (*weight)[parent] = std::max((*weight)[parent], relative * k.weight);
    has_child[parent] = true;
  }
  for (const Known& k : known) {
    if (all[k.item].children == 0 || has_child[k.item]) continue;
    for (uint32_t t = k.item + 1; t < all.size() && all[t].parent == k.item; ++t) {
      (*weight)[t] = std::max((*weight)[t], relative * k.weight / all[k.item].children);
    }
  }
}

void Normalise(std::vector<double>* list) {
  const double sum = std::accumulate(list->begin(), list->end(), 0.0);
  for (double& x : *list) x /= sum;
}

}  // namespace

// One observation: how much likelier it is where the actor did what it is known for, and how certain it is.
struct Model::Seen {
  double ratio, certainty;
  double LogRatio(double own) const { return std::log(certainty * (own * ratio + 1 - own) + 1 - certainty); }
};

Model::Model(const Knowledge& knowledge, const Parameters& parameters)
    : knowledge_(knowledge), p_(parameters), all_{Read(Way::kListed), Read(Way::kNarrow), Read(Way::kWide)} {
  software_share_.assign(knowledge.software_count(), p_.software_unlisted);
  software_known_.assign(knowledge.software_count(), false);
  for (const Actor& actor : knowledge.actors()) {
    for (const Known& k : actor.software) {
      software_share_[k.item] += k.weight;
      software_known_[k.item] = true;
    }
    double known = 1;
    for (const Known& k : actor.techniques) known += k.weight;
    prior_.push_back(known);
  }
  for (const uint32_t s : knowledge.shared_software()) {
    software_share_[s] = std::max(software_share_[s], p_.software_shared);
  }
  Normalise(&software_share_);
  Normalise(&prior_);
  alike_ = (1 - p_.none) / static_cast<double>(prior_.size());
  for (double& x : prior_) x = (1 - p_.none) * p_.standing * x + (1 - p_.standing) * alike_;
}

Model::Reading Model::Read(Way way) const {
  const Attack& attack = knowledge_.attack();
  const std::vector<Technique>& all = attack.techniques();
  Reading reading;
  reading.share.assign(all.size(), p_.unlisted);
  reading.known.assign(all.size(), false);
  for (const Actor& actor : knowledge_.actors()) {
    std::vector<double> weight(all.size(), 0);
    for (const Known& k : actor.techniques) weight[k.item] = way == Way::kListed && !k.listed ? 0 : k.weight;
    if (way != Way::kListed) AddRelatives(actor.techniques, all, p_.relative, &weight);
    for (const Known& k : actor.software) {
      if (way != Way::kWide || k.item >= attack.software().size()) continue;
      for (const uint32_t t : attack.software()[k.item].techniques) {
        weight[t] = std::max(weight[t], p_.by_software * k.weight);
      }
    }
    Repertoire& repertoire = reading.repertoires.emplace_back();
    for (uint32_t t = 0; t < weight.size(); ++t) {
      if (weight[t] == 0) continue;
      repertoire.known.push_back({t, weight[t]});
      reading.share[t] += weight[t];
      reading.known[t] = true;
    }
  }
  for (double& share : reading.share) share = std::pow(share, p_.rarity);
  Normalise(&reading.share);
  return Narrowed(reading, {});
}

// The same over what is visible alone.
Model::Reading Model::Narrowed(const Reading& reading, const std::vector<bool>& visible) {
  Reading out = reading;
  out.sum = 0;
  for (uint32_t t = 0; t < out.share.size(); ++t) {
    if (visible.empty() || visible[t]) out.sum += out.share[t];
  }
  for (Repertoire& r : out.repertoires) {
    if (!visible.empty()) std::erase_if(r.known, [&](const Known& k) { return !visible[k.item]; });
    r.sum = r.common = 0;
    for (const Known& k : r.known) {
      r.sum += k.weight;
      r.common += k.weight * out.share[k.item];
    }
  }
  return out;
}

// Averages over kOwn. Logarithm of how much likelier all of it is than under "none of these"; fills the weights and
// the share of what is known, as inferred.
double Model::Average(const std::vector<Seen>& seen, double mean, double firmness, double exponent, Weight* weights,
                      double* own) {
  std::array<double, kOwn.size()> p = Beta(mean, firmness);
  for (size_t i = 0; i < kOwn.size(); ++i) {
    double log_p = 0;
    for (const Seen& s : seen) log_p += s.LogRatio(kOwn[i]);
    p[i] = std::log(p[i]) + exponent * log_p;
  }
  const double most = *std::max_element(p.begin(), p.end());
  double sum = 0;
  for (double& x : p) sum += x = std::exp(x - most);
  *own = 0;
  for (size_t i = 0; i < kOwn.size(); ++i) *own += p[i] / sum * kOwn[i];
  for (size_t s = 0; s < seen.size(); ++s) weights[s].log_ratio = exponent * seen[s].LogRatio(*own);
  return most + std::log(sum);
}

double Model::WeighReading(const Reading& reading, Way way, const Evidence& evidence, size_t actor,
                           Hypothesis* h) const {
  const Repertoire& repertoire = reading.repertoires[actor];
  std::vector<Seen> seen;
  double count = 0;
  for (size_t i = 0; i < evidence.techniques.size(); ++i) {
    const TechniqueSeen& t = evidence.techniques[i];
    const double weight = WeightOf(repertoire.known, t.technique);
    h->weights[i].known = weight > 0;
    // What nobody is known for is new for everybody, and an actor of whom nothing is known is like any other.
    const bool tells = reading.known[t.technique] && repertoire.sum > 0;
    const double ratio = tells ? weight / repertoire.sum / (reading.share[t.technique] / reading.sum) : 1;
    seen.push_back({ratio, t.certainty});
    count += t.certainty;
  }
  const double odds = (p_.lift - 1) * repertoire.common / reading.sum;
  const bool listed = way == Way::kListed;
  return Average(seen, listed ? p_.listed_own : odds / (1 + odds), listed ? p_.listed_firmness : p_.firmness,
                 1 / (1 + p_.kinship * std::max(0.0, count - 1)), h->weights.data(), &h->own);
}

// The logarithm of how likely the actor and the techniques are together, over all ways to read what it is known for.
double Model::WeighTechniques(const Readings& readings, const Evidence& evidence, size_t actor, Hypothesis* h) const {
  if (evidence.techniques.empty()) return std::log(h->prior);
  const double listed = evidence.IsBare() ? p_.listed : 0;
  struct Reader {
    const Reading& reading;
    Way way;
    double prior;
    Hypothesis h;
    double score = 0;
  };
  std::array<Reader, 3> readers = {
      Reader{readings.narrow, Way::kNarrow, (1 - listed) * (1 - p_.wide) * prior_[actor], *h},
      Reader{readings.wide, Way::kWide, (1 - listed) * p_.wide * prior_[actor], *h},
      Reader{readings.listed, Way::kListed, listed * alike_, *h},
  };
  double most = -std::numeric_limits<double>::infinity();
  for (Reader& r : readers) {
    if (r.prior == 0) continue;
    r.score = std::log(r.prior) + WeighReading(r.reading, r.way, evidence, actor, &r.h);
    most = std::max(most, r.score);
  }
  double sum = 0;
  for (Reader& r : readers) sum += r.score = r.prior == 0 ? 0 : std::exp(r.score - most);
  for (const Reader& r : readers) {
    const double share = r.score / sum;
    h->own += share * r.h.own;
    for (size_t i = 0; i < evidence.techniques.size(); ++i) {
      h->weights[i].log_ratio += share * r.h.weights[i].log_ratio;
      h->weights[i].known = h->weights[i].known || r.h.weights[i].known;
    }
  }
  return most + std::log(sum);
}

// The share of what is known among the software of a campaign, as expected of this actor.
double Model::ExpectedSoftware(size_t actor, double* all) const {
  *all = 0;
  for (const Known& k : knowledge_.actors()[actor].software) *all += k.weight;
  return *all / (*all + p_.software_missing);
}

double Model::Chance(const Hypothesis& hypothesis, uint32_t technique) const {
  const double share = all_.narrow.share[technique];
  if (hypothesis.actor == nullptr) return share;
  const Repertoire& r = all_.narrow.repertoires[NumberOf(*hypothesis.actor)];
  if (r.sum == 0) return share;
  return hypothesis.own * WeightOf(r.known, technique) / r.sum + (1 - hypothesis.own) * share;
}

double Model::ChanceOfSoftware(const Hypothesis& hypothesis, uint32_t software) const {
  const double share = software_share_[software];
  if (hypothesis.actor == nullptr) return share;
  double all = 0;
  const double own = ExpectedSoftware(NumberOf(*hypothesis.actor), &all);
  if (all == 0) return share;
  return own * WeightOf(hypothesis.actor->software, software) / all + (1 - own) * share;
}

double Model::WeighSoftware(const Evidence& evidence, size_t actor, Hypothesis* h) const {
  if (evidence.software.empty()) return 0;
  const std::vector<Known>& known = knowledge_.actors()[actor].software;
  double all = 0, own = 0;
  const double expected = ExpectedSoftware(actor, &all);
  std::vector<Seen> seen;
  Weight* weights = h->weights.data() + evidence.techniques.size();
  for (size_t i = 0; i < evidence.software.size(); ++i) {
    const uint32_t number = knowledge_.FindSoftware(evidence.software[i].name);
    const double weight = number == Knowledge::kNone ? 0 : WeightOf(known, number);
    weights[i].known = weight > 0;
    // New software is new for everybody: it does not tell that somebody's list lacks it.
    const bool tells = number != Knowledge::kNone && software_known_[number] && all > 0;
    seen.push_back({tells ? weight / all / software_share_[number] : 1, evidence.software[i].certainty});
  }
  return Average(seen, expected, p_.software_firmness, 1, weights, &own);
}

double Model::WeighTraits(const Evidence& evidence, size_t actor, Hypothesis* h) const {
  Weight* weights = h->weights.data() + evidence.techniques.size() + evidence.software.size();
  double score = 0;
  for (size_t i = 0; i < evidence.traits.size(); ++i) {
    const TraitSeen& seen = evidence.traits[i];
    for (const ProfileTrait& trait : knowledge_.actors()[actor].traits) {
      if (!SameTrait(trait, seen.kind, seen.value)) continue;
      const double shows = trait.certainty * kTraitShows;
      const double ratio = (shows + (1 - shows) * trait.elsewhere) / trait.elsewhere;
      weights[i].known = true;
      weights[i].log_ratio = std::max(weights[i].log_ratio, std::log(seen.certainty * ratio + 1 - seen.certainty));
    }
    score += weights[i].log_ratio;
  }
  return score;
}

std::vector<Hypothesis> Model::Weigh(const Evidence& evidence) const {
  std::vector<bool> visible = evidence.visible;
  for (const TechniqueSeen& t : evidence.techniques) {
    if (!visible.empty()) visible[t.technique] = true;
  }
  Readings within;  // what is visible
  if (!visible.empty()) within = {{}, Narrowed(all_.narrow, visible), Narrowed(all_.wide, visible)};
  const Readings& readings = visible.empty() ? all_ : within;
  const double listed = evidence.IsBare() ? p_.listed : 0;

  const size_t observations = evidence.techniques.size() + evidence.software.size() + evidence.traits.size();
  std::vector<Hypothesis> all(knowledge_.actors().size() + 1);
  std::vector<double> scores(all.size());
  for (size_t a = 0; a < all.size(); ++a) {
    Hypothesis& h = all[a];
    const bool none = a + 1 == all.size();
    h.prior = none ? p_.none : (1 - listed) * prior_[a] + listed * alike_;
    h.weights.resize(observations);
    scores[a] = std::log(h.prior);
    if (none) continue;
    h.actor = &knowledge_.actors()[a];
    scores[a] = WeighTechniques(readings, evidence, a, &h);
    scores[a] += WeighSoftware(evidence, a, &h);
    scores[a] += WeighTraits(evidence, a, &h);
  }
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (size_t h = 0; h < all.size(); ++h) sum += all[h].probability = std::exp(scores[h] - most);
  for (Hypothesis& h : all) h.probability /= sum;
  std::stable_sort(all.begin(), all.end(),
                   [](const Hypothesis& a, const Hypothesis& b) { return a.probability > b.probability; });
  return all;
}

}  // namespace spoor
