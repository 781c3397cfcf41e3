#include "attribution/compare.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace spoor {
namespace {

bool IsVisible(const Evidence& evidence, uint32_t technique) {
  return evidence.visible.empty() || evidence.visible[technique];
}

std::vector<Column> Columns(const Knowledge& knowledge, const Evidence& evidence) {
  const Attack& attack = knowledge.attack();
  std::vector<Column> columns;
  for (const TechniqueSeen& t : evidence.techniques) {
    const Technique& technique = attack.techniques()[t.technique];
    columns.push_back(
        {ColumnKind::kTechnique, std::string(technique.id), attack.FullName(technique), t.certainty, t.how});
  }
  for (const SoftwareSeen& s : evidence.software) {
    const uint32_t number = knowledge.FindSoftware(s.name);
    const bool known = number != Knowledge::kNone;
    columns.push_back({ColumnKind::kSoftware, known ? std::string(knowledge.SoftwareId(number)) : "",
                       known ? std::string(knowledge.SoftwareName(number)) : s.name, s.certainty, s.how});
  }
  for (const TraitSeen& t : evidence.traits) {
    columns.push_back({ColumnKind::kTrait, t.kind, t.value, t.certainty, t.how});
  }
  return columns;
}

void SortColumns(Row* row) {
  const std::vector<Weight>& weights = row->hypothesis.weights;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].log_ratio > kSpeaks) row->speaks_for.push_back(i);
    if (weights[i].log_ratio < -kSpeaks) row->speaks_against.push_back(i);
  }
  const auto stronger = [&](size_t a, size_t b) {
    return std::fabs(weights[a].log_ratio) > std::fabs(weights[b].log_ratio);
  };
  std::stable_sort(row->speaks_for.begin(), row->speaks_for.end(), stronger);
  std::stable_sort(row->speaks_against.begin(), row->speaks_against.end(), stronger);
}

bool WasSeen(const Evidence& evidence, const Attack& attack, uint32_t technique) {
  return std::any_of(evidence.techniques.begin(), evidence.techniques.end(), [&](const TechniqueSeen& t) {
    // A sub-technique shows its parent, too.
    return t.technique == technique || attack.techniques()[t.technique].parent == technique;
  });
}

Unseen UnseenTechnique(const Attack& attack, const Evidence& evidence, uint32_t t) {
  const Technique& technique = attack.techniques()[t];
  return {ColumnKind::kTechnique, std::string(technique.id), attack.FullName(technique), IsVisible(evidence, t)};
}

std::vector<Unseen> Missing(const Model& model, const Evidence& evidence, const Actor& actor, size_t listed) {
  const Attack& attack = model.knowledge().attack();
  std::vector<uint32_t> missing;
  for (const Known& k : actor.techniques) {
    if (IsVisible(evidence, k.item) && !WasSeen(evidence, attack, k.item)) missing.push_back(k.item);
  }
  std::stable_sort(missing.begin(), missing.end(),
                   [&](uint32_t a, uint32_t b) { return model.Background(a) > model.Background(b); });
  if (missing.size() > listed) missing.resize(listed);
  std::vector<Unseen> out;
  out.reserve(missing.size());
  for (const uint32_t t : missing) out.push_back(UnseenTechnique(attack, evidence, t));
  return out;
}

bool IsIn(const std::vector<Known>& list, uint32_t item) {
  return std::any_of(list.begin(), list.end(), [&](const Known& k) { return k.item == item; });
}

// What would tell two hypotheses apart, by how much it would on average: its chance under the one it favours, times the
// logarithm of how much likelier it is there.
class Apart {
 public:
  Apart(const Model& model, const Evidence& evidence, const Hypothesis& a, const Hypothesis& b)
      : model_(model), evidence_(evidence), a_(a), b_(b) {}

  std::vector<Unseen> Find(size_t listed) {
    for (const Hypothesis* h : {&a_, &b_}) {
      if (h->actor == nullptr) continue;
      for (const Known& k : h->actor->techniques) AddTechnique(k.item);
      for (const Known& k : h->actor->software) AddSoftware(k.item);
      for (const ProfileTrait& trait : h->actor->traits) AddTrait(trait, h == &a_);
    }
    std::stable_sort(found_.begin(), found_.end(), [](const auto& x, const auto& y) { return x.first > y.first; });
    std::vector<Unseen> out;
    size_t sides[2] = {0, 0}, software[2] = {0, 0};
    for (auto& [gain, unseen] : found_) {
      const bool there = std::any_of(out.begin(), out.end(), [&u = unseen](const Unseen& o) {
        return o.kind == u.kind && o.id == u.id && o.name == u.name;
      });
      if (there || sides[unseen.first] >= listed) continue;
      // Half of the list at most is software, which would fill it: techniques are looked for in other places.
      if (unseen.kind == ColumnKind::kSoftware && 2 * software[unseen.first]++ >= listed) continue;
      ++sides[unseen.first];
      out.push_back(std::move(unseen));
    }
    return out;
  }

 private:
  // `known`: whether a hypothesis' actor is known for it.
  template <typename KnownFor>
  void Add(double chance_a, double chance_b, Unseen unseen, const KnownFor& known) {
    const double more = std::max(chance_a, chance_b), less = std::min(chance_a, chance_b);
    unseen.ratio = more / less;
    unseen.first = chance_a > chance_b;
    // Something common may be a smaller part of a long list than of what anybody shows; it does not tell for the other.
    const Hypothesis& favoured = unseen.first ? a_ : b_;
    if (unseen.ratio > 1.25 && known(favoured)) found_.emplace_back(more * std::log(unseen.ratio), std::move(unseen));
  }

  void AddTechnique(uint32_t t) {
    const Attack& attack = model_.knowledge().attack();
    if (WasSeen(evidence_, attack, t)) return;
    Add(model_.Chance(a_, t), model_.Chance(b_, t), UnseenTechnique(attack, evidence_, t),
        [&](const Hypothesis& h) { return h.actor != nullptr && IsIn(h.actor->techniques, t); });
  }

  void AddSoftware(uint32_t s) {
    const Knowledge& knowledge = model_.knowledge();
    for (const SoftwareSeen& seen : evidence_.software) {
      if (knowledge.FindSoftware(seen.name) == s) return;
    }
    Add(model_.ChanceOfSoftware(a_, s), model_.ChanceOfSoftware(b_, s),
        {ColumnKind::kSoftware, std::string(knowledge.SoftwareId(s)), std::string(knowledge.SoftwareName(s)), true},
        [&](const Hypothesis& h) { return h.actor != nullptr && IsIn(h.actor->software, s); });
  }

  void AddTrait(const ProfileTrait& trait, bool of_first) {
    for (const TraitSeen& seen : evidence_.traits) {
      if (SameTrait(trait, seen.kind, seen.value)) return;
    }
    const Hypothesis& other = of_first ? b_ : a_;
    if (other.actor == nullptr || other.actor->traits.empty()) return;  // nothing is known of the other's
    for (const ProfileTrait& theirs : other.actor->traits) {
      if (SameTrait(theirs, trait.kind, trait.value)) return;
    }
    const double own = trait.certainty / 2 + (1 - trait.certainty / 2) * trait.elsewhere;
    Add(of_first ? own : trait.elsewhere, of_first ? trait.elsewhere : own,
        {ColumnKind::kTrait, trait.kind, trait.value, true}, [](const Hypothesis&) { return true; });
  }

  const Model& model_;
  const Evidence& evidence_;
  const Hypothesis &a_, &b_;
  std::vector<std::pair<double, Unseen>> found_;
};

}  // namespace

const char* ColumnKindName(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kTechnique:
      return "technique";
    case ColumnKind::kSoftware:
      return "software";
    case ColumnKind::kTrait:
      break;
  }
  return "trait";
}

Comparison Compare(const Model& model, const Evidence& evidence, size_t listed) {
  Comparison out;
  out.columns = Columns(model.knowledge(), evidence);
  for (Hypothesis& h : model.Weigh(evidence)) {
    Row& row = out.rows.emplace_back();
    row.hypothesis = std::move(h);
    SortColumns(&row);
    if (row.hypothesis.actor != nullptr) row.missing = Missing(model, evidence, *row.hypothesis.actor, listed);
  }
  if (out.rows.size() > 1) {
    out.tell_apart = Apart(model, evidence, out.rows[0].hypothesis, out.rows[1].hypothesis).Find(listed);
  }
  return out;
}

}  // namespace spoor
