// One regular expression of a rule, ready to run.
//
// RE2 does the work in time linear in the text. What RE2 refuses (look-around, back-references) goes to PCRE2 with
// JIT and a match limit: an expression that runs into the limit counts as not matching and is counted.
// Immutable after Make; Matches may be called from any number of threads.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sigma/rule.h"

namespace spoor {

class CompiledRegex {
 public:
  static absl::StatusOr<std::unique_ptr<CompiledRegex>> Make(const sigma::Pattern& pattern);
  ~CompiledRegex();

  // Unanchored search in UTF-8 text.
  bool Matches(std::string_view text) const;
  // Case-folded literals of which at least one is in every text that matches (its case-folded form); empty: there
  // are none, the expression has to be tried on every text.
  const std::vector<std::string>& triggers() const { return triggers_; }
  // False if the text, case-folded here, lacks a literal that every match has. Far cheaper than Matches.
  bool Possible(std::string_view folded) const;
  // How often a match was given up at the limit, in the whole process.
  static uint64_t limit_hits();

 private:
  CompiledRegex() = default;
  void FindLiterals(const std::string& text);
  struct Engine;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> triggers_;
  std::vector<std::string> needed_;  // case-folded literals that are in every text that matches, longest first
};

}  // namespace spoor
