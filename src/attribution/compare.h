// Competing hypotheses side by side: for each what speaks for it and against it, and what would tell the first two
// apart.
//
// Hypotheses are rows and observations are columns, so that each observation is held against every hypothesis, and not
// each hypothesis against what fits it (Heuer, Psychology of Intelligence Analysis, chapter 8).
#pragma once

#include <string>
#include <vector>

#include "attribution/model.h"

namespace spoor {

enum class ColumnKind : uint8_t { kTechnique, kSoftware, kTrait };
const char* ColumnKindName(ColumnKind kind);  // "technique", "software", "trait"

// One observation.
struct Column {
  ColumnKind kind;
  std::string id;    // "T1665", "S0153", of a trait its kind; of software that ATT&CK does not know ""
  std::string name;  // "Hide Infrastructure", of a trait its value
  double certainty;
  std::string how;
};

// Something that was not observed.
struct Unseen {
  ColumnKind kind;
  std::string id, name;
  bool visible;       // the evidence could have shown it
  double ratio = 1;   // how much likelier under the hypothesis it favours
  bool first = true;  // it favours the first of the two
};

struct Row {
  Hypothesis hypothesis;
  // Positions of columns, the strongest first.
  std::vector<size_t> speaks_for, speaks_against;
  // Techniques the actor is known for and the evidence could have shown, those that campaigns show most often first.
  std::vector<Unseen> missing;
};

struct Comparison {
  std::vector<Column> columns;
  std::vector<Row> rows;           // all hypotheses, the most probable first
  std::vector<Unseen> tell_apart;  // rows[0] and rows[1]; the most telling first
};

// Log-ratios nearer to 0 than this speak neither for nor against: a factor of 1.1.
inline constexpr double kSpeaks = 0.095;

// `listed`: how much is listed at most in `missing` of each row and for each side of `tell_apart`.
Comparison Compare(const Model& model, const Evidence& evidence, size_t listed = 5);

}  // namespace spoor
