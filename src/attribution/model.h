// How likely each actor is, given what was observed: the model behind `spoor attribute`.
//
// Every observation is explained in one of two ways: the actor did what it is known for, or it did something else,
// as anybody might. For a technique t and an actor a
//
//     p(t | a) = own · w(a,t) / Σ w(a,·)  +  (1 − own) · b(t)
//
// where w(a,t) is 1 for what is known of the actor (less where it is known from one campaign or a profile; `relative`
// for the parent of what is known), and b(t) how often campaigns show t whoever is behind them, taken from how many
// actors are known for it. A rare technique has a small b and so weighs more; one that everybody uses weighs little.
// `own`, the share of what is known among what a campaign shows, is not told: all values are tried and averaged, so the
// noise of a list is inferred from the list. "None of these" is an actor with own = 0.
//
// What an actor is known for is read in two ways, too: what is written of it (*narrow*), and that with what its
// software can do at a lower weight (*wide*).
//
// Before any observation two thoughts are averaged: that actors are seen again as often as much is written of them, and
// that all are alike.
//
// A list of techniques with nothing beside it, and no word of what could have been seen, may be no record of an
// intrusion at all, but what somebody wrote down of what is written of an actor, whichever (*listed*): then nearly all
// of it is on that actor's own list, and all actors are alike. How likely that is, the list itself tells.
//
// Only what the evidence could have shown counts (Evidence::visible): w and b are summed over that. What an actor is
// known for and the evidence cannot show does not speak against it.
//
// Techniques of one list are not independent: who dumps credentials moves on with them. A list of k counts as
// k / (1 + kinship · (k − 1)) independent ones (Kish's design effect). Without this every long list would end near 100
// %.
//
// Software is weighed the same way with numbers of its own, traits by what their profile says. Deterministic: the same
// evidence in the same order gives the same numbers. docs/attribution.md defends all of it, with measured tables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attribution/evidence.h"
#include "attribution/knowledge.h"

namespace spoor {

// Each has a meaning. How they were chosen, and what the result is without choosing: docs/attribution.md.
struct Parameters {
  // Techniques.
  double rarity = 0.4;  // b(t) goes with (actors known for t + unlisted) to this power
  double unlisted = 1;
  double relative =
      0.05;  // weight of a parent whose sub-technique is known; of all children of a known parent together
  double by_software = 0.5;  // weight of what an actor is known for only since its software can do it
  double wide = 0.3;         // how likely the wide reading is beforehand
  double lift = 3;        // expected: what is known of the actor shows so many times as often as what is equally common
  double firmness = 2;    // how firmly that is expected: the weight of so many observations
  double kinship = 0.04;  // see above; 0: independent, 1: a list is worth one observation
  double listed = 0.4;    // how likely it is beforehand that a bare list was taken from an actor's own
  double listed_own = 0.9;      // the share of what is known that is expected of such a list
  double listed_firmness = 10;  // and how firmly
  // Software.
  double software_missing = 5;  // pieces of software of an actor that nobody has described
  double software_firmness = 1;
  double software_unlisted = 0.5;  // what no actor is known for counts as known for so many
  double software_shared = 10;     // what a profile says others use, too, at least so many
  // Before any observation.
  double standing = 0.5;  // share of the prior that goes with what is known of an actor; the rest is the same for all
  double none = 0.1;      // that it is none of the known actors
};

// One observation under one hypothesis.
struct Weight {
  double log_ratio = 0;  // natural logarithm: how much likelier under this hypothesis than under "none of these"
  bool known = false;    // the actor is known for it (or for its relative)
};

struct Hypothesis {
  const Actor* actor = nullptr;  // nullptr: none of these
  double prior = 0, probability = 0;
  double own = 0;               // inferred: share of its known techniques in what was observed
  std::vector<Weight> weights;  // one an observation: techniques, software, traits, in the order of Evidence
};

class Model {
 public:
  // The knowledge must live as long as the model.
  Model(const Knowledge& knowledge, const Parameters& parameters = {});

  // All hypotheses, the most probable first; equals in order of identifier, "none of these" last.
  std::vector<Hypothesis> Weigh(const Evidence& evidence) const;
  const Knowledge& knowledge() const { return knowledge_; }

  // How likely one thing is to be what a campaign shows, among all of its kind: under a hypothesis of Weigh, where what
  // is known of its actor has the share `own` (for software: as expected of it).
  double Chance(const Hypothesis& hypothesis, uint32_t technique) const;
  double ChanceOfSoftware(const Hypothesis& hypothesis, uint32_t software) const;
  double Background(uint32_t technique) const { return all_.narrow.share[technique]; }

 private:
  struct Repertoire {
    std::vector<Known> known;  // with relatives; in order of item
    double sum = 0;            // of weights
    double common = 0;         // of weights times shares: how much of what everybody shows is in it
  };
  struct Reading {                        // listed, narrow or wide
    std::vector<double> share;            // b, by technique; sums to 1
    std::vector<bool> known;              // by technique: of at least one actor
    std::vector<Repertoire> repertoires;  // by actor
    double sum = 0;                       // of share, over what is visible
  };
  enum class Way { kListed, kNarrow, kWide };
  struct Readings {
    Reading listed, narrow, wide;
  };
  struct Seen;

  Reading Read(Way way) const;
  static Reading Narrowed(const Reading& reading, const std::vector<bool>& visible);
  size_t NumberOf(const Actor& actor) const { return static_cast<size_t>(&actor - knowledge_.actors().data()); }
  double ExpectedSoftware(size_t actor, double* all) const;
  double WeighReading(const Reading& reading, Way way, const Evidence& evidence, size_t actor, Hypothesis* h) const;
  double WeighTechniques(const Readings& readings, const Evidence& evidence, size_t actor, Hypothesis* h) const;
  double WeighSoftware(const Evidence& evidence, size_t actor, Hypothesis* h) const;
  double WeighTraits(const Evidence& evidence, size_t actor, Hypothesis* h) const;
  static double Average(const std::vector<Seen>& seen, double mean, double firmness, double exponent, Weight* weights,
                        double* own);

  const Knowledge& knowledge_;
  Parameters p_;
  Readings all_;  // where everything is visible
  std::vector<double> software_share_, prior_;
  double alike_ = 0;                  // what each actor has beforehand where all are alike
  std::vector<bool> software_known_;  // of at least one actor
};

}  // namespace spoor
