// Why a rule holds: the items of its condition that are true and count, each with the value and the pattern.
//
// Only what was found is explained, so this may be slow: the condition is walked as the rule has it, and each pattern
// of an item is tried until one holds.
#include <algorithm>

#include "base/text.h"
#include "match/worker.h"

namespace spoor {

using sigma::Expression;
using sigma::Item;
using sigma::Operator;
using sigma::Pattern;

void Worker::Impl::Explain(std::vector<Reason>* reasons) {
  reasons->clear();
  const sigma::Rule& rule = engine_.rules_[matching_->rule];
  Walk(rule.detection, rule.detection.root, true, *matching_, reasons);
}

bool Worker::Impl::ItemHolds(const ItemUse& use, const State& state, const Event& event) {
  if (use.kind != ItemUse::kSlot) return use.kind == ItemUse::kTrue;
  if (HasItem(*verdicts_[use.slot], use.item)) return true;
  for (const uint32_t r : use.references) {
    if (Compare(state.program->references[r], event)) return true;
  }
  return false;
}

// Collects the items that make the node true; under a negation there is nothing to show. Depth is bounded by the
// condition parser.
void Worker::Impl::Walk(const Expression& e, uint32_t node, bool want, const Program::CompiledRule& rule,
                        std::vector<Reason>* reasons) {
  const Expression::Node& n = e.nodes[node];
  switch (n.kind) {
    case Expression::Kind::kItem:
      if (want && ItemHolds(rule.uses[n.item], *binding_->state, *event_)) {
        Reasons(e.items[n.item], rule.uses[n.item], reasons);
      }
      return;
    case Expression::Kind::kNot:
      Walk(e, n.children[0], !want, rule, reasons);
      return;
    case Expression::Kind::kAnd:
    case Expression::Kind::kOr:
      for (const uint32_t c : n.children) {
        // Of an OR, only branches that hold: the ones without a failing item of their own.
        const size_t before = reasons->size();
        Walk(e, c, want, rule, reasons);
        const auto holds = [&](auto&& self, uint32_t at) -> bool {
          const Expression::Node& m = e.nodes[at];
          switch (m.kind) {
            case Expression::Kind::kItem:
              return ItemHolds(rule.uses[m.item], *binding_->state, *event_);
            case Expression::Kind::kNot:
              return !self(self, m.children[0]);
            case Expression::Kind::kAnd:
              return std::all_of(m.children.begin(), m.children.end(), [&](uint32_t k) { return self(self, k); });
            case Expression::Kind::kOr:
              return std::any_of(m.children.begin(), m.children.end(), [&](uint32_t k) { return self(self, k); });
            default:
              return m.kind == Expression::Kind::kTrue;
          }
        };
        if (n.kind == Expression::Kind::kOr && want && !holds(holds, c)) reasons->resize(before);
      }
      return;
    default:
      return;
  }
}

void Worker::Impl::KeyReasons(const Item& item, std::string_view text, std::vector<Reason>* reasons) {
  const std::string folded = Folded(text);
  for (const Pattern& p : item.any_of) {
    if (p.op != Operator::kRegex && !Holds(p, Folded(p.text), nullptr, {text, folded, ParseNumber(text)})) continue;
    reasons->push_back({item.field, std::string(text), &p});
    return;
  }
}

void Worker::Impl::Reasons(const Item& item, const ItemUse& use, std::vector<Reason>* reasons) {
  if (use.kind == ItemUse::kTrue) {
    const SourceKey& key = binding_->key;
    KeyReasons(item,
               item.field == "EventID"   ? std::to_string(key.event_id)
               : item.field == "Channel" ? key.channel
                                         : key.provider,
               reasons);
    return;
  }
  const FieldMatcher& matcher = *binding_->state->program->slots[use.slot].matcher;
  const std::vector<uint32_t>& fields = binding_->fields_of[use.slot];
  bool any = false;
  for (const uint32_t f : fields) {
    const Field& field = event_->shape->fields[f];
    if (!HasField(*event_, field) || (any && field.alias)) continue;
    const Pattern* found = nullptr;
    const auto try_text = [&](std::optional<double> number) {
      if (found != nullptr && found->op != Operator::kIndicator) return;
      const Pattern* const which = matcher.WhichPattern(use.item, item, text_, number);
      if (which == nullptr) return;
      found = which;
      reasons->push_back({item.field.empty() ? field.name : item.field, text_, which});
    };
    text_.clear();
    if (field.parts.size() == 1) {
      ForEachElement(event_->Part(field.parts[0]), [&](const Value& element) {
        text_.clear();
        AppendText(element, &text_);
        try_text(AsNumber(element));
      });
    } else {
      AppendFieldText(*event_, field, &text_);
      try_text(std::nullopt);
    }
    any |= found != nullptr;
    if (found != nullptr && found->op != Operator::kIndicator) return;  // of indicators people want all
  }
  if (any) return;
  // The field is missing or without a value, and that is what the item asks for; or it is a comparison with another
  // field.
  const bool there = std::any_of(fields.begin(), fields.end(),
                                 [&](uint32_t f) { return HasField(*event_, event_->shape->fields[f]); });
  for (const Pattern& p : item.any_of) {
    const bool lack = p.op == Operator::kNull || p.op == (there ? Operator::kExists : Operator::kNotExists);
    const bool reference = p.op >= Operator::kFieldEquals;
    if (!lack && !reference) continue;
    std::string text;
    for (const uint32_t f : fields) {
      if (reference) AppendFieldText(*event_, event_->shape->fields[f], &text);
    }
    reasons->push_back({item.field, std::move(text), &p});
    return;
  }
}

}  // namespace spoor
