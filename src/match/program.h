// What the rules ask of one kind of event, compiled: built once per (channel, provider, event id).
//
// From all rules, those whose log source means this kind are taken. Comparisons with channel, provider and event id
// are decided here, for good; a rule that thereby became false is gone. The fields the others look at become slots,
// each with a FieldMatcher over all their items. A rule's condition becomes a jump list: tests in a row, each with
// the place to go on when it holds and when it does not; no tree is walked per event.
//
// A rule can only hold if one of its guards does: a set of items of which at least one must hold. Guards() finds the
// cheapest such set for given frequencies of items, so that an event looks at the few rules it gives reason for.
// A rule without guards (nothing but negations) is looked at every time.
//
// A Program is immutable and may be used by any number of threads; it refers to the rules it was made from.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "match/field_matcher.h"
#include "sigma/rule.h"
#include "sigma/sources.h"

namespace spoor {

// A kind of event, as far as log sources tell kinds apart: Windows events by channel, provider and event id, others
// by what their format says they are.
struct SourceKey {
  std::string product, service, category;  // all empty: Windows
  std::string channel, provider;
  uint32_t event_id = 0;
  bool has_event_id = false;
  // The event has further fields of these names (UserData of a "log cleared" event has a Channel of its own): then
  // a comparison that fails for the key may still hold for the other.
  bool more_channels = false, more_providers = false, more_event_ids = false;
  bool windows_log() const { return product.empty() && service.empty() && category.empty(); }
  bool operator==(const SourceKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const SourceKey& k) {
    return H::combine(std::move(h), k.product, k.service, k.category, k.channel, k.provider, k.event_id, k.has_event_id,
                      k.more_channels, k.more_providers, k.more_event_ids);
  }
};

// Where the truth of one item of a rule's expression comes from.
struct ItemUse {
  enum Kind : uint8_t { kFalse, kTrue, kSlot } kind = kFalse;
  uint16_t slot = 0, item = 0;       // kSlot: item of the slot's matcher
  std::vector<uint32_t> references;  // comparisons with other fields (Program::references) that also make it true
};

struct FieldReference {
  uint32_t slot, other;  // slots whose values are compared
  sigma::Operator op;
  bool operator==(const FieldReference&) const = default;
};

class Program {
 public:
  struct Slot {
    std::string field;  // as the evidence names it; empty: any value of the event (keywords)
    std::shared_ptr<const FieldMatcher> matcher;
    // Keywords are looked for in every value. What is known of a value of this field says so, too: behind the
    // matcher's own items, item first_keyword + k stands for item k of the keyword slot.
    uint32_t first_keyword = 0;
  };
  int keyword_slot = -1;  // -1: no rule has keywords
  static constexpr uint32_t kHolds = 0xffffffff, kFails = 0xfffffffe;
  struct Test {
    uint32_t on_true, on_false;  // index into code, kHolds or kFails
    uint16_t slot, item;
    int32_t reference;  // >= 0: a field reference instead of an item
  };
  struct CompiledRule {
    uint32_t rule;              // index into the rule set
    uint32_t entry;             // into code; kHolds: holds for every such event
    uint32_t root;              // into nodes
    std::vector<ItemUse> uses;  // one for each item of the rule's expression
    const sigma::Target* target;
  };
  // The folded condition with negations pushed down to the leaves; kept for Guards.
  struct Node {
    enum Kind : uint8_t { kAnd, kOr, kItem, kReference, kTrue, kFalse } kind;
    bool negated = false;  // kItem, kReference
    uint16_t slot = 0, item = 0;
    uint32_t reference = 0;
    std::vector<uint32_t> children;
  };

  std::vector<Slot> slots;
  std::vector<Test> code;
  std::vector<CompiledRule> rules;
  std::vector<Node> nodes;
  std::vector<FieldReference> references;

  // For every slot, by item: the rules it guards; and the rules no item guards. frequency[slot][item] is how often,
  // per event, an item is expected to hold.
  struct GuardTable {
    std::vector<std::vector<std::vector<uint32_t>>> by_item;
    std::vector<uint32_t> always;
  };
  using Frequencies = std::vector<std::vector<float>>;
  GuardTable Guards(const Frequencies& frequency) const;
  // A guess from the patterns alone: long literals are rare.
  Frequencies GuessFrequencies() const;
};

// Makes programs; shares what they have in common. Thread-safe.
class ProgramBuilder {
 public:
  // REQUIRES: rules and sources outlive the builder and the programs.
  ProgramBuilder(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources, unsigned jobs);
  ~ProgramBuilder();

  // nullptr: no rule means this kind of event. Fails only for want of memory.
  absl::StatusOr<std::shared_ptr<const Program>> Build(const SourceKey& key);
  // Which rules can hold for some event of this kind: those that mean it and that its channel, provider and event id do
  // not rule out; in order. `has_value` says of a field, by its name in the event, whether such events may have a value
  // in it; without it, all may. Cheap: nothing is compiled.
  std::vector<uint32_t> RulesFor(const SourceKey& key,
                                 const std::function<bool(std::string_view field)>& has_value = nullptr) const;
  // Rules that mean some kind of event spoor can see at all.
  size_t resolved_rules() const { return resolved_rules_; }

 private:
  struct Group {  // rules of one log source
    sigma::LogSource source;
    std::vector<sigma::Target> targets;  // Windows events it means
    std::vector<uint32_t> rules;
  };
  class Compiler;
  // What of the key a group means; nullptr: it does not.
  static const sigma::Target* TargetFor(const Group& group, const SourceKey& key);
  absl::StatusOr<std::shared_ptr<const FieldMatcher>> MatcherFor(const std::vector<const sigma::Item*>& items);
  const sigma::Item* Intern(const sigma::Item& item);

  const std::vector<sigma::Rule>& rules_;
  unsigned jobs_;
  size_t resolved_rules_ = 0;
  std::vector<Group> groups_;
  struct Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace spoor
