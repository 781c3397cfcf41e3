// A worker from the inside: what match/engine.h declares, in four files.
//
//     worker.cc     the way of an event: values to verdicts, verdicts to rules
//     binding.cc    how a program's slots find their values in one shape; what is kept per kind of event
//     explain.cc    why a rule holds
//     engine.cc     the programs all workers share
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "match/engine.h"

namespace spoor {

// True if an event's field of the name `have` is what a rule calls `want`. Some providers name fields in words
// ("Threat Name"); rules write ThreatName or Threat_Name.
bool SameFieldName(std::string_view want, std::string_view have);

inline bool HasItem(const Verdict& verdict, uint16_t item) {
  const uint16_t* low = verdict.hits;
  const uint16_t* const end = verdict.hits + verdict.hit_count;
  for (size_t n = verdict.hit_count; n > 0;) {
    const size_t half = n / 2;
    if (low[half] < item) {
      low += half + 1;
      n -= half + 1;
    } else {
      n = half;
    }
  }
  return low != end && *low == item;
}

// Sorts and removes repetitions.
void SortHits(std::vector<uint16_t>* hits);

class Worker::Impl {
 public:
  Impl(Engine* engine, MatchSink* sink, Worker* self)
      : engine_(*engine),
        sink_(*sink),
        self_(self),
        budget_(engine->options_.memo_memory / std::max(1u, engine->options_.jobs)) {
    if (!engine->options_.profile) return;
    rule_costs_.resize(engine->rules().size());
    scratch_.costs = &check_costs_;
  }

  void OnEvent(const Event& event);
  void ShapesDropped() {
    for (auto& plan : shape_plans_) DropBindings(plan.get());
    shape_plans_.clear();
    epoch_ = NextEpoch();  // shapes that stay have plans that are gone
  }
  std::vector<SourceCount> SourceCounts();
  void Explain(std::vector<Reason>* reasons);
  EngineStats stats() const;
  std::vector<RuleCost> Profile() const;
  absl::Status status;

 private:
  // What a worker knows of one program.
  struct State {
    std::shared_ptr<const Program> program;
    std::vector<std::unique_ptr<ValueMemo>> memos;  // by slot
    Program::GuardTable guards;
    uint64_t events = 0;
    size_t relearned = 0;                            // steps of kRelearnAt done
    std::vector<std::vector<uint32_t>> counts;       // by slot and item, while learning
    std::vector<std::vector<uint16_t>> absent_hits;  // by slot
    std::vector<std::vector<uint32_t>> absent_rules;
    std::vector<Verdict> absent;
    // A verdict that is not in a memo is kept here, by slot, until the next event.
    struct Loose {
      std::vector<uint16_t> hits;
      std::vector<uint32_t> rules;
      Verdict verdict;
    };
    std::vector<Loose> loose;
    std::vector<uint32_t> rule_mark;  // by rule of the program: last event that tried it
    uint32_t event_mark = 0;
  };
  // How a program's slots find their values in one shape.
  struct Active {
    uint16_t slot;
    enum Kind : uint8_t { kOne, kMany } kind;  // one value; several fields or pieces
    uint32_t value;                            // kOne: index into Event::values
    bool quoted;                               // kOne: keywords are looked for in another field that has this one
  };
  // A slot whose value is the same for all events of a binding.
  struct Fixed {
    uint16_t slot;
    typename State::Loose loose;
  };
  struct Binding {
    SourceKey key;
    uint32_t event_id_number = 0;
    std::string channel_bytes, provider_bytes;  // as they lie in the evidence
    ValueType types[3] = {};                    // of channel, provider, event id
    State* state = nullptr;                     // nullptr: no rule means these events
    std::vector<Active> active;
    std::vector<std::unique_ptr<Fixed>> fixed;
    std::vector<std::vector<uint32_t>> fields_of;  // by slot: the shape's fields; the keyword slot has all
    // Fields without a slot, which keywords are looked for in: those of one value, as indexes into Event::values, and
    // the others, as indexes into Shape::fields.
    std::vector<uint32_t> keyword_values;
    std::vector<uint32_t> keyword_maybe;  // the first `keyword_count`: those to look at, of an event
    size_t keyword_count = 0;
    std::vector<uint32_t> keyword_fields;
    std::vector<uint16_t> fixed_keywords;  // items that hold for the values that are always the same
    std::vector<const Verdict*> verdicts;  // by slot; of those not active, what absence means
    std::vector<uint32_t> always;          // rules that absent fields give reason to try
    size_t guards_version = 0;
    uint64_t events = 0;
  };
  // Where a shape's channel, provider or event id is: in the events' values, or the same for all of them.
  struct KeyPlace {
    int32_t value = -1;               // index into Event::values
    const Value* constant = nullptr;  // else; nullptr: there is none
    const Value* In(const Event& event) const { return value >= 0 ? &event.values[value] : constant; }
  };
  struct ShapePlan {
    std::vector<std::unique_ptr<Binding>> bindings;  // most recently used first
    KeyPlace channel, provider, event_id;
    uint8_t more = 0;  // SourceKey::more_…
  };

  // No two are the same, of all workers; never 0.
  static uint64_t NextEpoch();
  Binding* BindingFor(const Event& event);
  static bool Matches(const Binding& binding, const ShapePlan& plan, const Event& event);
  std::unique_ptr<Binding> Bind(const Event& event, const ShapePlan& plan);
  State* StateFor(const std::shared_ptr<const Program>& program);
  void SetGuards(State* state, const Program::Frequencies& frequency);
  void Learn(State* state, const Binding& binding);
  const Verdict* JudgeMany(State* state, uint16_t slot, const std::vector<uint32_t>& fields, const Event& event);
  void NoteKeywordValues(const State& state, Binding* binding, const Event& event);
  const Verdict* JudgeKeywords(State* state, Binding* binding, const Event& event);
  static const Verdict* Keep(const State& state, uint16_t slot, State::Loose* loose);
  const Verdict* JudgeValue(State* state, uint16_t slot, const Value& value, bool quoted, const Hash128* key);
  void ScanValue(const Program& program, uint16_t slot, const Value& value, bool quoted, std::vector<uint16_t>* hits);
  void AddField(State* state, uint16_t slot, const Event& event, const Field& field, std::vector<uint16_t>* hits);
  void Renew(Binding* binding);
  void Try(State* state, uint32_t rule, const Event& event);
  bool Run(const State& state, uint32_t entry, const Event& event);
  bool MeasuredRun(const State& state, const Program::CompiledRule& compiled, const Event& event);
  bool Compare(const FieldReference& reference, const Event& event);
  bool ItemHolds(const ItemUse& use, const State& state, const Event& event);
  void Walk(const sigma::Expression& e, uint32_t node, bool want, const Program::CompiledRule& rule,
            std::vector<Reason>* reasons);
  void Reasons(const sigma::Item& item, const ItemUse& use, std::vector<Reason>* reasons);
  void KeyReasons(const sigma::Item& item, std::string_view text, std::vector<Reason>* reasons);
  void ClearMemos();
  void DropBindings(ShapePlan* plan);
  void CountSource(const Binding& binding);

  Engine& engine_;
  MatchSink& sink_;
  Worker* self_;
  MemoBudget budget_;
  ScanScratch scratch_;
  absl::flat_hash_map<const Program*, std::unique_ptr<State>> states_;
  std::vector<std::unique_ptr<ShapePlan>> shape_plans_;
  uint64_t epoch_ = NextEpoch();  // of the plans in shape_plans_
  bool clear_memos_ = false;
  const bool use_memo_ = engine_.options_.memo;
  std::vector<Hash128> keys_;          // of the values of active slots
  std::vector<Hash128> keyword_keys_;  // of the values to look at for keywords alone
  std::vector<uint16_t> many_;         // hits of several values
  std::vector<uint16_t> keyword_hits_;
  std::vector<uint32_t> held_;  // rules of the program that hold for the event
  absl::flat_hash_map<std::pair<std::string, uint32_t>, uint64_t> source_counts_;
  EngineStats stats_;
  std::vector<RuleCost> rule_costs_;  // by rule; empty: not measured
  absl::flat_hash_map<const void*, ScanScratch::CheckCost> check_costs_;
  std::string text_;
  std::vector<std::string> compared_[2];  // texts of fields that are compared with each other
  size_t compared_count_[2] = {};

  // The event being matched.
  const Event* event_ = nullptr;
  Binding* binding_ = nullptr;
  const Verdict* const* verdicts_ = nullptr;
  const Program::CompiledRule* matching_ = nullptr;
};

}  // namespace spoor
