#include "match/program.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>
#include <mutex>

#include "base/text.h"
#include "event/event.h"

namespace spoor {

using sigma::Expression;
using sigma::Item;
using sigma::Operator;
using sigma::Pattern;

namespace {

// Items of one slot: own items and keywords share 16-bit numbers. More go to a further slot for the same field; more
// keywords than that are left to the keyword slot alone.
constexpr size_t kMaxSlotItems = 32767;
constexpr size_t kMaxSlots = 65535;  // of a program: slots have 16-bit numbers. sigma::kMaxFields keeps rules below it
constexpr size_t kBigMatcher = 500;  // items; matchers of at least so many are built on threads of their own

bool IsReference(Operator op) {
  return op == Operator::kFieldEquals || op == Operator::kFieldStartsWith || op == Operator::kFieldEndsWith ||
         op == Operator::kFieldContains;
}

bool AnyOf(const std::vector<std::string>& names, std::string_view name) {
  for (const std::string& n : names) {
    if (EqualsIgnoreAsciiCase(n, name)) return true;
  }
  return false;
}

// Log sources outside Windows go by name: what the rule names, the format must say.
bool Means(const sigma::LogSource& source, const SourceKey& key) {
  if (source.product == sigma::LogSource::kAny) return true;
  return SourceTag::Fits(source.product, key.product) && SourceTag::Fits(source.service, key.service) &&
         SourceTag::Fits(source.category, key.category);
}

bool Means(const sigma::Target& target, const SourceKey& key) {
  if (!target.channels.empty() || !target.providers.empty()) {
    if (!AnyOf(target.channels, key.channel) && !AnyOf(target.providers, key.provider)) return false;
  }
  if (target.event_ids.empty()) return true;
  return key.has_event_id &&
         std::find(target.event_ids.begin(), target.event_ids.end(), key.event_id) != target.event_ids.end();
}

// What is known of the events of a kind before any of them is looked at.
class KindKnowledge {
 public:
  enum class Known { kNo, kFalse, kTrue };

  // `has_value`: see RulesFor; may be null. Both outlive the object.
  KindKnowledge(const SourceKey& key, const std::function<bool(std::string_view)>& has_value)
      : key_(key), has_value_(has_value) {}

  static std::string EvidenceName(const std::string& field, const sigma::Target& target) {
    for (const sigma::FieldName& name : target.fields) {
      if (name.sigma == field) return name.evidence;
    }
    return field;
  }

  // Decides an item about a key field. Unknown: the field is none, or another field of that name may decide.
  Known Decide(const Item& item) const {
    std::string text;
    std::optional<double> number;
    bool more = false;
    if (item.field == "EventID") {
      if (!key_.has_event_id) return Known::kNo;
      text = std::to_string(key_.event_id);
      number = key_.event_id;
      more = key_.more_event_ids;
    } else if (item.field == "Channel") {
      text = key_.channel;
      more = key_.more_channels;
    } else if (item.field == "Provider_Name") {
      text = key_.provider;
      more = key_.more_providers;
    } else {
      return Known::kNo;
    }
    if (text.empty()) return Known::kNo;
    const std::string folded = Folded(text);
    for (const Pattern& p : item.any_of) {
      if (IsReference(p.op)) return Known::kNo;
      std::unique_ptr<CompiledRegex> regex;
      if (p.op == Operator::kRegex) {
        auto made = CompiledRegex::Make(p);
        if (made.ok()) regex = *std::move(made);
      }
      if (Holds(p, Folded(p.text), regex.get(), {text, folded, number})) return Known::kTrue;
    }
    return more ? Known::kNo : Known::kFalse;
  }

  // True if the folded rule can never hold, looked at before any slot is made for it: most rules of a channel are
  // about other event ids.
  bool Hopeless(const Expression& e, uint32_t node, const sigma::Target& target, bool negated) const {
    const Expression::Node& n = e.nodes[node];
    switch (n.kind) {
      case Expression::Kind::kTrue:
        return negated;
      case Expression::Kind::kFalse:
        return !negated;
      case Expression::Kind::kItem: {
        const std::string name = EvidenceName(e.items[n.item].field, target);
        Known known = Known::kNo;
        if (name == "EventID" || name == "Channel" || name == "Provider_Name") known = Decide(e.items[n.item]);
        if (known == Known::kNo && NeverHolds(e.items[n.item], name)) known = Known::kFalse;
        return known == (negated ? Known::kTrue : Known::kFalse);
      }
      case Expression::Kind::kNot:
        return Hopeless(e, n.children[0], target, !negated);
      case Expression::Kind::kAnd:
      case Expression::Kind::kOr: {
        const bool is_and = (n.kind == Expression::Kind::kAnd) != negated;
        for (const uint32_t c : n.children) {
          const bool hopeless = Hopeless(e, c, target, negated);
          if (hopeless == is_and) return hopeless;
        }
        return !is_and && !n.children.empty();
      }
    }
    return false;
  }

 private:
  // True if no such event has a value in the field, and the item wants one.
  bool NeverHolds(const Item& item, const std::string& name) const {
    if (!has_value_ || item.field.empty() || has_value_(name)) return false;
    for (const Pattern& p : item.any_of) {
      if (p.op == Operator::kNull || p.op == Operator::kNotExists || p.op == Operator::kExists || IsReference(p.op)) {
        return false;
      }
      std::unique_ptr<CompiledRegex> regex;
      if (p.op == Operator::kRegex) {
        auto made = CompiledRegex::Make(p);
        if (made.ok()) regex = *std::move(made);
      }
      // The field may be there with an empty text.
      if (Holds(p, Folded(p.text), regex.get(), {"", "", std::nullopt})) return false;
    }
    return true;
  }

  const SourceKey& key_;
  const std::function<bool(std::string_view)>& has_value_;
};

// Everything that makes two items the same question.
std::string ItemKey(const Item& item) {
  std::string key = item.field;
  key += '\0';
  for (const Pattern& p : item.any_of) AppendPatternKey(p, &key);
  return key;
}

const std::function<bool(std::string_view)> kAllFields;  // none is known to be without values

}  // namespace

struct ProgramBuilder::Shared {
  std::mutex mutex;
  absl::flat_hash_map<std::string, std::unique_ptr<Item>> items;
  absl::flat_hash_map<std::vector<const Item*>, std::shared_ptr<const FieldMatcher>> matchers;
};

ProgramBuilder::ProgramBuilder(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources, unsigned jobs)
    : rules_(rules), jobs_(jobs), shared_(std::make_unique<Shared>()) {
  absl::flat_hash_map<std::string, size_t> known;
  for (uint32_t i = 0; i < rules.size(); ++i) {
    const sigma::LogSource& s = rules[i].source;
    const std::string name = s.category + '\0' + s.product + '\0' + s.service;
    const auto [it, fresh] = known.try_emplace(name, groups_.size());
    if (fresh) groups_.push_back({s, sources.Resolve(s), {}});
    groups_[it->second].rules.push_back(i);
  }
  for (const Group& g : groups_) {
    if (!g.targets.empty()) resolved_rules_ += g.rules.size();
  }
}

ProgramBuilder::~ProgramBuilder() = default;

const sigma::Target* ProgramBuilder::TargetFor(const Group& group, const SourceKey& key) {
  static const sigma::Target kAsNamed;  // fields have Sigma's names
  if (!key.windows_log()) return Means(group.source, key) ? &kAsNamed : nullptr;
  for (const sigma::Target& t : group.targets) {
    if (Means(t, key)) return &t;
  }
  return nullptr;
}

std::vector<uint32_t> ProgramBuilder::RulesFor(const SourceKey& key,
                                               const std::function<bool(std::string_view field)>& has_value) const {
  const KindKnowledge known(key, has_value);
  std::vector<uint32_t> found;
  for (const Group& group : groups_) {
    const sigma::Target* target = TargetFor(group, key);
    if (target == nullptr) continue;
    for (const uint32_t rule : group.rules) {
      const Expression& e = rules_[rule].detection;
      if (!known.Hopeless(e, e.root, *target, false)) found.push_back(rule);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

const Item* ProgramBuilder::Intern(const Item& item) {
  std::string key = ItemKey(item);
  std::lock_guard<std::mutex> lock(shared_->mutex);
  std::unique_ptr<Item>& known = shared_->items[std::move(key)];
  if (known == nullptr) known = std::make_unique<Item>(item);
  return known.get();
}

absl::StatusOr<std::shared_ptr<const FieldMatcher>> ProgramBuilder::MatcherFor(const std::vector<const Item*>& items) {
  {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    if (const auto it = shared_->matchers.find(items); it != shared_->matchers.end()) return it->second;
  }
  auto made = FieldMatcher::Make(items);
  if (!made.ok()) return made.status();
  std::shared_ptr<const FieldMatcher> matcher = *std::move(made);
  std::lock_guard<std::mutex> lock(shared_->mutex);
  return shared_->matchers.try_emplace(items, std::move(matcher)).first->second;
}

// Builds one program.
class ProgramBuilder::Compiler {
 public:
  Compiler(ProgramBuilder* builder, const SourceKey& key) : builder_(*builder), key_(key), known_(key, kAllFields) {}

  absl::StatusOr<std::shared_ptr<const Program>> Run() {
    for (const Group& group : builder_.groups_) {
      const sigma::Target* target = TargetFor(group, key_);
      if (target == nullptr) continue;
      for (const uint32_t rule : group.rules) {
        AddRule(rule, *target);
        if (drafts_.size() <= kMaxSlots) continue;
        return absl::ResourceExhaustedError(
            "the rules ask about more than 65,535 fields of one kind of event; with rule \"" +
            builder_.rules_[rule].title + "\" it became too many");
      }
    }
    if (program_->rules.empty()) return std::shared_ptr<const Program>();
    const auto keywords = slot_of_.find("");
    if (keywords != slot_of_.end()) program_->keyword_slot = static_cast<int>(keywords->second);
    for (size_t s = 0; s < drafts_.size(); ++s) {
      program_->slots[s].first_keyword = static_cast<uint32_t>(drafts_[s].items.size());
    }
    if (absl::Status s = MakeMatchers(); !s.ok()) return s;
    return std::shared_ptr<const Program>(std::move(program_));
  }

 private:
  struct SlotDraft {
    std::vector<const Item*> items;
    absl::flat_hash_map<const Item*, uint16_t> numbers;
  };

  // The slot for a field with room for one more item.
  uint32_t SlotFor(const std::string& field) {
    const auto [it, fresh] = slot_of_.try_emplace(field, static_cast<uint32_t>(drafts_.size()));
    if (!fresh && drafts_[it->second].items.size() >= kMaxSlotItems) {
      it->second = static_cast<uint32_t>(drafts_.size());
    } else if (!fresh) {
      return it->second;
    }
    drafts_.emplace_back();
    program_->slots.push_back({field, nullptr});
    return it->second;
  }

  ItemUse Use(const Item& item, const sigma::Target& target) {
    ItemUse use;
    Item named = item;
    named.field = KindKnowledge::EvidenceName(item.field, target);
    if (const auto known = known_.Decide(named); known != KindKnowledge::Known::kNo) {
      use.kind = known == KindKnowledge::Known::kTrue ? ItemUse::kTrue : ItemUse::kFalse;
      return use;
    }
    for (const Pattern& p : item.any_of) {
      if (!IsReference(p.op)) continue;
      const FieldReference reference{SlotFor(named.field), SlotFor(KindKnowledge::EvidenceName(p.text, target)), p.op};
      const auto it = std::find(program_->references.begin(), program_->references.end(), reference);
      use.references.push_back(static_cast<uint32_t>(it - program_->references.begin()));
      if (it == program_->references.end()) program_->references.push_back(reference);
    }
    const Item* interned = builder_.Intern(named);
    const uint32_t slot = SlotFor(named.field);
    SlotDraft& draft = drafts_[slot];
    const auto [it, fresh] = draft.numbers.try_emplace(interned, static_cast<uint16_t>(draft.items.size()));
    if (fresh) draft.items.push_back(interned);
    use.kind = ItemUse::kSlot;
    use.slot = static_cast<uint16_t>(slot);
    use.item = it->second;
    return use;
  }

  uint32_t AddNode(Program::Node node) {
    program_->nodes.push_back(std::move(node));
    return static_cast<uint32_t>(program_->nodes.size() - 1);
  }
  uint32_t Constant(bool value) {
    return AddNode({value ? Program::Node::kTrue : Program::Node::kFalse, false, 0, 0, 0, {}});
  }

  // AND or OR of nodes, with constants folded away.
  uint32_t Join(bool is_and, const std::vector<uint32_t>& children) {
    const auto dominant = is_and ? Program::Node::kFalse : Program::Node::kTrue;
    const auto neutral = is_and ? Program::Node::kTrue : Program::Node::kFalse;
    const auto kind = is_and ? Program::Node::kAnd : Program::Node::kOr;
    Program::Node node{kind, false, 0, 0, 0, {}};
    for (const uint32_t c : children) {
      const Program::Node& child = program_->nodes[c];
      if (child.kind == dominant) return Constant(!is_and);
      if (child.kind == neutral) continue;
      if (child.kind == kind) {
        node.children.insert(node.children.end(), child.children.begin(), child.children.end());
      } else {
        node.children.push_back(c);
      }
    }
    if (node.children.empty()) return Constant(is_and);
    if (node.children.size() == 1) return node.children[0];
    return AddNode(std::move(node));
  }

  uint32_t Leaf(const ItemUse& use, bool negated) {
    if (use.kind != ItemUse::kSlot) return Constant((use.kind == ItemUse::kTrue) != negated);
    Program::Node item{Program::Node::kItem, negated, use.slot, use.item, 0, {}};
    std::vector<uint32_t> leaves{AddNode(item)};
    for (const uint32_t r : use.references) {
      leaves.push_back(AddNode({Program::Node::kReference, negated, 0, 0, r, {}}));
    }
    return Join(negated, leaves);
  }

  // Depth is bounded by the condition parser.
  uint32_t Fold(const Expression& e, uint32_t node, const std::vector<ItemUse>& uses, bool negated) {
    const Expression::Node& n = e.nodes[node];
    switch (n.kind) {
      case Expression::Kind::kTrue:
        return Constant(!negated);
      case Expression::Kind::kFalse:
        return Constant(negated);
      case Expression::Kind::kItem:
        return Leaf(uses[n.item], negated);
      case Expression::Kind::kNot:
        return Fold(e, n.children[0], uses, !negated);
      case Expression::Kind::kAnd:
      case Expression::Kind::kOr:
        break;
    }
    const bool is_and = (n.kind == Expression::Kind::kAnd) != negated;
    std::vector<uint32_t> children;
    for (const uint32_t c : n.children) {
      children.push_back(Fold(e, c, uses, negated));
      const auto kind = program_->nodes[children.back()].kind;
      if (kind == (is_and ? Program::Node::kFalse : Program::Node::kTrue)) return children.back();
    }
    return Join(is_and, children);
  }

  void AddRule(uint32_t number, const sigma::Target& target) {
    const sigma::Rule& rule = builder_.rules_[number];
    if (known_.Hopeless(rule.detection, rule.detection.root, target, false)) return;
    Program::CompiledRule compiled{number, 0, 0, {}, &target};
    for (const Item& item : rule.detection.items) compiled.uses.push_back(Use(item, target));
    std::vector<uint32_t> all{Fold(rule.detection, rule.detection.root, compiled.uses, false)};
    for (const Item& condition : target.conditions) all.push_back(Leaf(Use(condition, target), false));
    compiled.root = Join(true, all);
    if (program_->nodes[compiled.root].kind == Program::Node::kFalse) return;
    compiled.entry = Emit(compiled.root, Program::kHolds, Program::kFails);
    program_->rules.push_back(std::move(compiled));
  }

  // Code for a node; written back to front, so that every jump target is known when it is needed.
  uint32_t Emit(uint32_t node, uint32_t on_true, uint32_t on_false) {
    const Program::Node& n = program_->nodes[node];
    switch (n.kind) {
      case Program::Node::kTrue:
        return on_true;
      case Program::Node::kFalse:
        return on_false;
      case Program::Node::kAnd:
      case Program::Node::kOr: {
        const bool is_and = n.kind == Program::Node::kAnd;
        uint32_t next = is_and ? on_true : on_false;
        for (size_t i = n.children.size(); i-- > 0;) {
          next = is_and ? Emit(n.children[i], next, on_false) : Emit(n.children[i], on_true, next);
        }
        return next;
      }
      default:
        break;
    }
    if (n.negated) std::swap(on_true, on_false);
    program_->code.push_back({on_true, on_false, n.slot, n.item,
                              n.kind == Program::Node::kReference ? static_cast<int32_t>(n.reference) : -1});
    return static_cast<uint32_t>(program_->code.size() - 1);
  }

  absl::Status MakeMatchers() {
    std::vector<size_t> order(drafts_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return drafts_[a].items.size() > drafts_[b].items.size(); });
    std::vector<absl::Status> status(drafts_.size());
    std::atomic<size_t> next{0};
    const auto work = [&] {
      for (size_t i; (i = next.fetch_add(1)) < order.size();) {
        auto made = builder_.MatcherFor(drafts_[order[i]].items);
        if (made.ok()) {
          program_->slots[order[i]].matcher = *std::move(made);
        } else {
          status[i] = made.status();
        }
      }
    };
    const bool big = !order.empty() && drafts_[order[0]].items.size() >= kBigMatcher;
    std::vector<std::future<void>> helpers;
    for (unsigned i = 1; big && i < builder_.jobs_; ++i) helpers.push_back(std::async(std::launch::async, work));
    work();
    for (auto& h : helpers) h.wait();
    for (const absl::Status& s : status) {
      if (!s.ok()) return s;
    }
    return absl::OkStatus();
  }

  ProgramBuilder& builder_;
  const SourceKey& key_;
  const KindKnowledge known_;
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  absl::flat_hash_map<std::string, uint32_t> slot_of_;
  std::vector<SlotDraft> drafts_;
};

absl::StatusOr<std::shared_ptr<const Program>> ProgramBuilder::Build(const SourceKey& key) {
  return Compiler(this, key).Run();
}

// --- guards --------------------------------------------------------------------------------------------------

namespace {

constexpr float kNoGuard = std::numeric_limits<float>::infinity();

// The price of the cheapest guard of a node: how often, per event, one of its items is expected to hold.
float GuardPrice(const Program& p, uint32_t node, const Program::Frequencies& frequency) {
  const Program::Node& n = p.nodes[node];
  switch (n.kind) {
    case Program::Node::kItem:
      return n.negated ? kNoGuard : frequency[n.slot][n.item];
    case Program::Node::kAnd: {
      float best = kNoGuard;
      for (const uint32_t c : n.children) best = std::min(best, GuardPrice(p, c, frequency));
      return best;
    }
    case Program::Node::kOr: {
      float sum = 0;
      for (const uint32_t c : n.children) sum += GuardPrice(p, c, frequency);
      return sum;
    }
    case Program::Node::kFalse:
      return 0;
    default:
      return kNoGuard;
  }
}

void CollectGuard(const Program& p, uint32_t node, const Program::Frequencies& frequency,
                  std::vector<std::pair<uint16_t, uint16_t>>* out) {
  const Program::Node& n = p.nodes[node];
  if (n.kind == Program::Node::kItem) {
    out->emplace_back(n.slot, n.item);
  } else if (n.kind == Program::Node::kOr) {
    for (const uint32_t c : n.children) CollectGuard(p, c, frequency, out);
  } else if (n.kind == Program::Node::kAnd) {
    uint32_t best = n.children[0];
    float price = kNoGuard;
    for (const uint32_t c : n.children) {
      if (const float g = GuardPrice(p, c, frequency); g < price) {
        price = g;
        best = c;
      }
    }
    CollectGuard(p, best, frequency, out);
  }
}

}  // namespace

Program::GuardTable Program::Guards(const Frequencies& frequency) const {
  GuardTable table;
  table.by_item.resize(slots.size());
  for (size_t s = 0; s < slots.size(); ++s) table.by_item[s].resize(slots[s].matcher->items().size());
  std::vector<std::pair<uint16_t, uint16_t>> guard;
  for (uint32_t r = 0; r < rules.size(); ++r) {
    if (GuardPrice(*this, rules[r].root, frequency) == kNoGuard) {
      table.always.push_back(r);
      continue;
    }
    guard.clear();
    CollectGuard(*this, rules[r].root, frequency, &guard);
    std::sort(guard.begin(), guard.end());
    guard.erase(std::unique(guard.begin(), guard.end()), guard.end());
    for (const auto& [slot, item] : guard) table.by_item[slot][item].push_back(r);
  }
  return table;
}

Program::Frequencies Program::GuessFrequencies() const {
  Frequencies out(slots.size());
  for (size_t s = 0; s < slots.size(); ++s) {
    for (const Item* item : slots[s].matcher->items()) {
      double sum = 0;
      for (const Pattern& p : item->any_of) {
        size_t size = p.text.size();
        for (const sigma::GlobPart& g : p.glob) size += g.text.size();
        const bool whole = p.op == Operator::kEquals;
        const bool vague = p.op == Operator::kAnyValue || p.op == Operator::kExists || p.op == Operator::kNull ||
                           p.op == Operator::kNotExists || p.op == Operator::kRegex || p.number.has_value();
        sum += vague ? 0.3 : std::pow(0.8, static_cast<double>(std::min<size_t>(size, 40))) * (whole ? 0.5 : 1.0);
      }
      out[s].push_back(static_cast<float>(std::min(sum, 1.0)));
    }
  }
  return out;
}

}  // namespace spoor
