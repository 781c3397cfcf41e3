// Everything the rules of one kind of event want to know about one field, answered in one go.
//
// A FieldMatcher is made from items (sigma::Item: a field and the patterns of which one must hold). Given a value it
// tells which items hold. Each distinct literal stands in it once, however many items use it:
//
//     equal to a text or number      hash table
//     begins with, ends with         radix trees (affix_trie.h)
//     contains                       one multi-pattern matcher (literals.h)
//     wildcards inside, expressions  a literal that any match must hold triggers the check of the one pattern, which
//                                    is made after all literals, unless they decided its items already
//     networks, < and >              compared where the value is an address, a number
//
// Comparison is of case-folded UTF-8; a cased pattern is triggered by its folded literal and then checked exactly.
// Immutable after Make; Scan may be called from any number of threads, each with its own ScanScratch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "event/value.h"
#include "match/affix_trie.h"
#include "match/compare.h"
#include "match/literals.h"
#include "match/regex.h"
#include "match/sieve.h"
#include "sigma/rule.h"

namespace spoor {

// Scratch memory of one thread, shared by all matchers it uses.
struct ScanScratch {
  LiteralScratch literals;
  std::string text, folded;
  std::vector<uint32_t> item_mark;  // by item: epoch in which it was hit; an epoch is a value or a list of values
  uint32_t epoch = 0;
  std::vector<uint32_t> check_mark;  // by check: epoch in which it was triggered; an epoch is one value
  uint32_t check_epoch = 0;
  std::vector<uint32_t> checks;  // triggered by the value
  // Measuring: by check, how often it was made and how long that took; null: not measured. Keyed by the check's place
  // in memory.
  struct CheckCost {
    uint64_t count = 0;
    double seconds = 0;
  };
  absl::flat_hash_map<const void*, CheckCost>* costs = nullptr;
};

class FieldMatcher {
 public:
  static constexpr size_t kMaxItems = 65535;  // items are numbered in 16 bits

  // REQUIRES: at most kMaxItems items; they outlive the matcher. Fails if a pattern cannot be compiled.
  static absl::StatusOr<std::unique_ptr<FieldMatcher>> Make(std::vector<const sigma::Item*> items);

  // Must be called once per scratch before it is used with this matcher.
  absl::Status Prepare(ScanScratch* scratch) const;

  // Appends to *hits the numbers of the items that hold for the value, sorted. The values of a list (an array, a
  // field that occurs twice) are scanned with Begin, Add for each, End: an item holds if it does for one of them. For
  // an array without elements hold the items that ask for a field without a value, and those that ask for the field.
  void Scan(const Value& value, ScanScratch* scratch, std::vector<uint16_t>* hits) const;
  void Begin(ScanScratch* scratch) const;
  void Add(const Value& value, ScanScratch* scratch, std::vector<uint16_t>* hits) const;
  void AddText(std::string_view text, std::optional<double> number, ScanScratch* scratch,
               std::vector<uint16_t>* hits) const;
  void End(std::vector<uint16_t>* hits) const;

  // The pattern of an item that a value satisfies, for people who ask why; nullptr: none does. `original` is the item
  // as the rule has it, whose pattern is returned. Slow.
  const sigma::Pattern* WhichPattern(uint16_t item, const sigma::Item& original, std::string_view text,
                                     std::optional<double> number) const;

  // False if no value of that type can satisfy any item: what rules look for has letters no number is written with.
  bool CouldMatch(ValueType type) const { return (impossible_types_ >> (static_cast<uint8_t>(type) & 0x3f) & 1) == 0; }

  // False if a look at the value, which costs less than remembering it would, tells that it satisfies no item.
  bool CouldMatch(const Value& value) const {
    if (!CouldMatch(value.element_type())) return false;
    if (sieve_.empty()) return true;
    if (value.type == ValueType::kUtf16) return sieve_.MayHold(value.data, value.size & ~1u);
    return value.type != ValueType::kUtf8 || sieve_.MayHoldUtf8(value.data, value.size);
  }

  // Calls fn(item, cost) for each check whose cost was measured and each of its items.
  template <typename Fn>
  void ForCosts(const absl::flat_hash_map<const void*, ScanScratch::CheckCost>& costs, Fn&& fn) const {
    for (const Check& check : checks_) {
      const auto it = costs.find(&check);
      if (it == costs.end()) continue;
      for (const uint16_t item : check.items) fn(item, it->second, check.items.size());
    }
  }

  // Items that hold where the field is missing or null.
  const std::vector<uint16_t>& absent() const { return absent_; }
  const std::vector<const sigma::Item*>& items() const { return items_; }
  // Literals searched for anywhere in a value; what the scan costs depends on them.
  size_t literals() const { return contains_count_; }

 private:
  struct Check {  // a pattern that its trigger alone does not decide; made once, however many items have it
    const sigma::Pattern* pattern;
    std::string folded;                 // its text
    std::vector<sigma::GlobPart> glob;  // case-folded unless the pattern is cased
    const CompiledRegex* regex;
    std::vector<uint16_t> items;
  };
  // What one literal stands for: items that hold at once, checks to make. A range of targets_, items first.
  struct Trigger {
    uint32_t first = 0, items = 0, checks = 0;
  };
  struct NetworkItem {
    Network network;
    uint16_t item;
  };
  struct NumberItem {
    sigma::Operator op;
    double number;
    uint16_t item;
    const sigma::Pattern* pattern;  // has the number's digits
  };
  class Builder;
  struct Hits;

  void Fire(const Trigger& trigger, Hits& hits) const;
  void MakeCheck(const Check& check, Hits& hits) const;
  void AddForms(const ValueText& value, ScanScratch* scratch, std::vector<uint16_t>* hits) const;

  std::vector<const sigma::Item*> items_;
  std::vector<std::vector<std::string>> folded_;  // by item and pattern: the pattern's text, case-folded
  std::vector<uint16_t> absent_, always_;
  std::vector<uint16_t> without_value_;  // hold where the field is there without a value
  std::vector<std::unique_ptr<CompiledRegex>> regexes_;
  std::vector<Check> checks_;
  std::vector<uint32_t> untriggered_;  // checks to make on every value
  absl::flat_hash_map<std::string, Trigger> equal_;
  std::vector<std::string> prefixes_, suffixes_, contains_;  // the literals themselves
  std::vector<Trigger> on_prefix_, on_suffix_, on_contains_;
  std::vector<uint32_t> targets_;  // items and checks of the triggers
  AffixTrie prefix_trie_, suffix_trie_;
  static constexpr size_t kFewLiterals = 6;  // so few are searched for one after the other
  std::unique_ptr<LiteralDatabase> contains_database_;
  size_t contains_count_ = 0;
  uint64_t impossible_types_ = 0;  // bit by ValueType
  LiteralSieve sieve_;             // empty where values that hold no literal matter, too
  std::vector<NetworkItem> networks_;
  std::vector<NumberItem> numbers_;
  bool needs_text_ = false;  // some check looks at the text as it is
};

}  // namespace spoor
