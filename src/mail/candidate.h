// Mails that may be a wave, before and after they were weighed.
#pragma once

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "mail/kept.h"
#include "mail/names_kept.h"

namespace spoor {

// What must speak for a wave, beyond what speaks against it.
inline constexpr double kLeastPoints = 5;
inline constexpr double kLeastPointsOfGateways = 4.5;

struct Candidate {
  std::vector<const KeptMail*> mails;  // in order of time
  std::set<std::string> hosts;         // their own links lead to
  bool gateways_only = false;
  // By Weigh.
  std::vector<WaveReason> reasons;
  double points = 0;
  std::string outlet, imitated;

  size_t Recipients() const;
  // Half where just enough speaks for it; of gateways alone never more than half.
  double Weight() const {
    const double weight = 1 / (1 + std::exp(-(points - kLeastPoints) / 1.5));
    return gateways_only ? std::min(weight, 0.5) : weight;
  }
};

// What speaks for and against it.
void Weigh(const Kept& kept, const NamesKept& names, Candidate* candidate);

// Who fetched what the candidate's mails link to; `wave` has its recipients.
std::vector<WaveOpening> FindOpenings(const Kept& kept, const NamesKept& names, const Candidate& candidate,
                                      const TrackingWave& wave);

}  // namespace spoor
