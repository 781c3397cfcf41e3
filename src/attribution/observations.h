// Observations as people write them, one at a time:
//
//     T1598.003            a technique; one that ATT&CK gave up becomes what replaced it
//     S0153  RedLeaves     software, by identifier, name or alias
//     sector=legislature   a trait
//     T1665@0.6            with how certain it is
//
// In a file: one a line; behind a tab stands where it was seen, `#` begins a comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attribution/evidence.h"
#include "attribution/knowledge.h"

namespace spoor {

// Bounds of what is read: a list is written by hand or by a program that finds techniques.
inline constexpr size_t kMaxListBytes = 1u << 20;
inline constexpr size_t kMaxObservations = 2'000;

class ObservationReader {
 public:
  explicit ObservationReader(const Knowledge& knowledge) : knowledge_(knowledge) {}

  // `from` names the place for messages ("list.txt:3", or "").
  void Add(std::string_view text, std::string_view how = "", std::string_view from = "");
  void AddFile(std::string_view content, std::string_view name);
  // Tactics and techniques, separated by commas: nothing but these could have been seen. Several calls add up.
  // False, with a problem, where a word is neither: what was meant cannot be guessed.
  bool AddVisible(std::string_view list);

  const Evidence& evidence() const { return evidence_; }
  // What was understood another way than it was written, and what was not understood and left aside.
  const std::vector<std::string>& notes() const { return notes_; }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  const Technique* Find(std::string_view id, std::string_view from);
  void AddTechnique(uint32_t technique, double certainty, std::string_view how);
  void AddSoftware(std::string_view name, double certainty, std::string_view how, std::string_view from);
  bool Full();

  const Knowledge& knowledge_;
  Evidence evidence_;
  std::vector<std::string> notes_, problems_;
};

}  // namespace spoor
