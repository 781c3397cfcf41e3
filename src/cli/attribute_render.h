// A comparison of hypotheses as text for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "attribution/compare.h"

namespace spoor {

struct AttributionShown {
  const Comparison& comparison;
  const Knowledge& knowledge;
  size_t hypotheses;                 // how many actors to show; "none of these" and the rest together always are
  size_t profiles;                   // how many actors have one
  bool bare;                         // Evidence::IsBare
  std::vector<std::string> visible;  // what the evidence could have shown, as it was given; empty: all
  std::vector<std::string> notes;    // what was understood another way, and what was left aside
};

std::string AttributionText(const AttributionShown& shown);
std::string AttributionJson(const AttributionShown& shown);

// "62 %", "0.3 %", "< 0.1 %"; never 0 or 100.
std::string Percent(double probability);

// ATT&CK's licence wants it said.
inline constexpr const char* kAttackNotice =
    "MITRE ATT&CK(R). (c) 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of "
    "The MITRE Corporation.";

}  // namespace spoor
