// How a program's slots find their values in one shape, and what a worker keeps per kind of event.
#include <algorithm>
#include <atomic>
#include <numeric>

#include "match/worker.h"

namespace spoor {
namespace {

constexpr size_t kMaxBindings = 64;  // kinds kept per shape
constexpr size_t kMaxStates = 4096;  // kinds with rules a worker keeps; past it all are dropped and learned anew

bool SameValue(const Value* value, const std::string& bytes, ValueType type) {
  if (value == nullptr) return bytes.empty();
  return value->type == type && value->size == bytes.size() &&
         SameBytes(value->data, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

// Most event ids are 16-bit integers; any other value goes by its bytes.
uint32_t EventIdNumber(const Value* value) {
  if (value == nullptr) return 0;
  if (value->size == 2) return Load16(value->data);
  return static_cast<uint32_t>(HashBytes128(value->data, value->size, 0).low) | 0x10000;
}

}  // namespace

// What is constant for the shape is the same for all its bindings.
inline bool Worker::Impl::Matches(const Binding& b, const ShapePlan& plan, const Event& event) {
  const Value* id = plan.event_id.In(event);
  return b.event_id_number == EventIdNumber(id) && (id == nullptr || id->type == b.types[2]) &&
         (plan.channel.value < 0 || SameValue(plan.channel.In(event), b.channel_bytes, b.types[0])) &&
         (plan.provider.value < 0 || SameValue(plan.provider.In(event), b.provider_bytes, b.types[1]));
}

uint64_t Worker::Impl::NextEpoch() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Worker::Impl::Binding* Worker::Impl::BindingFor(const Event& event) {
  auto* plan = static_cast<ShapePlan*>(event.shape->plan);
  if (plan == nullptr || event.shape->plan_epoch != epoch_) {
    plan = shape_plans_.emplace_back(std::make_unique<ShapePlan>()).get();
    event.shape->plan = plan;
    event.shape->plan_epoch = epoch_;
    int channels = 0, providers = 0, ids = 0;
    for (const Field& f : event.shape->fields) {
      channels += f.name == "Channel";
      providers += f.name == "Provider_Name";
      ids += f.name == "EventID";
    }
    const KeyFields& key = event.shape->key;
    const auto place = [&](int field) {
      KeyPlace p;
      if (field < 0 || event.shape->fields[field].parts.size() != 1) return p;
      const FieldPart& part = event.shape->fields[field].parts[0];
      if (part.kind == FieldPart::kValue) {
        p.value = static_cast<int32_t>(part.index);
      } else {
        p.constant = &event.shape->constants[part.index];
      }
      return p;
    };
    plan->channel = place(key.channel);
    plan->provider = place(key.provider);
    plan->event_id = place(key.event_id);
    plan->more =
        (channels > (key.channel >= 0)) | (providers > (key.provider >= 0)) << 1 | (ids > (key.event_id >= 0)) << 2;
  }
  auto& bindings = plan->bindings;
  for (size_t i = 0; i < bindings.size(); ++i) {
    if (!Matches(*bindings[i], *plan, event)) continue;
    if (i == 0) return bindings[0].get();
    std::swap(bindings[i], bindings[i - 1]);
    return bindings[i - 1].get();
  }
  if (bindings.size() >= kMaxBindings) {
    CountSource(*bindings.back());
    bindings.pop_back();
  }
  if (states_.size() >= kMaxStates) {
    for (auto& p : shape_plans_) DropBindings(p.get());
    states_.clear();
  }
  bindings.insert(bindings.begin(), Bind(event, *plan));
  return bindings[0].get();
}

std::unique_ptr<Worker::Impl::Binding> Worker::Impl::Bind(const Event& event, const ShapePlan& plan) {
  auto b = std::make_unique<Binding>();
  const KeyFields& key = event.shape->key;
  const Value* id = plan.event_id.In(event);
  b->event_id_number = EventIdNumber(id);
  if (id != nullptr) {
    b->types[2] = id->type;
    std::string text;
    AppendText(*id, &text);
    if (const auto number = ParseNumber(text); number && *number >= 0 && *number <= 0xffffffff) {
      b->key.event_id = static_cast<uint32_t>(*number);
      b->key.has_event_id = true;
    }
  }
  if (const Value* v = plan.channel.In(event)) {
    b->types[0] = v->type;
    b->channel_bytes.assign(reinterpret_cast<const char*>(v->data), v->size);
    AppendText(*v, &b->key.channel);
  }
  if (const Value* v = plan.provider.In(event)) {
    b->types[1] = v->type;
    b->provider_bytes.assign(reinterpret_cast<const char*>(v->data), v->size);
    AppendText(*v, &b->key.provider);
  }
  b->key.product = event.shape->source.product;
  b->key.service = event.shape->source.service;
  b->key.category = event.shape->source.category;
  b->key.more_channels = plan.more & 1;
  b->key.more_providers = plan.more & 2;
  b->key.more_event_ids = plan.more & 4;
  auto program = engine_.ProgramFor(b->key);
  if (!program.ok()) {
    if (status.ok()) status = program.status();
    return b;
  }
  if (*program == nullptr) return b;
  b->state = StateFor(*program);
  const Program& p = **program;
  const Shape& shape = *event.shape;
  const auto constant = [&](uint32_t f) {
    // Channel and provider are what the binding is about.
    if (static_cast<int>(f) == key.channel || static_cast<int>(f) == key.provider) return true;
    const auto& parts = shape.fields[f].parts;
    return std::all_of(parts.begin(), parts.end(), [](const FieldPart& q) { return q.kind == FieldPart::kConstant; });
  };
  std::vector<bool> searched(shape.fields.size());  // by a slot that looks for the keywords, too
  for (size_t i = 0; i < p.slots.size(); ++i) {
    const auto s = static_cast<uint16_t>(i);
    b->verdicts.push_back(&b->state->absent[s]);
    std::vector<uint32_t>& fields = b->fields_of.emplace_back();
    if (s == p.keyword_slot) {
      fields.resize(shape.fields.size());
      std::iota(fields.begin(), fields.end(), 0u);
      continue;
    }
    Active active{s, Active::kMany, 0, false};
    bool fixed = true;
    for (uint32_t f = 0; f < shape.fields.size(); ++f) {
      if (!SameFieldName(p.slots[s].field, shape.fields[f].name)) continue;
      fields.push_back(f);
      fixed &= constant(f);
      searched[f] = true;
    }
    if (fields.empty()) continue;
    const Field& first = shape.fields[fields[0]];
    if (fixed) {
      auto value = std::make_unique<Fixed>();
      value->slot = s;
      bool any = false;
      for (const uint32_t f : fields) {
        any |= HasField(event, shape.fields[f]);
        AddField(b->state, s, event, shape.fields[f], &value->loose.hits);
      }
      SortHits(&value->loose.hits);
      if (any) b->fixed.push_back(std::move(value));
      continue;
    }
    if (fields.size() == 1 && first.parts.size() == 1) {
      active.kind = Active::kOne;
      active.value = first.parts[0].index;
      active.quoted = first.quoted;
    }
    b->active.push_back(active);
  }
  if (p.keyword_slot >= 0) {
    for (uint32_t f = 0; f < shape.fields.size(); ++f) {
      if (searched[f] || shape.fields[f].quoted) continue;
      if (constant(f)) {
        AddField(b->state, p.keyword_slot, event, shape.fields[f], &b->fixed_keywords);
      } else if (shape.fields[f].parts.size() == 1) {
        b->keyword_values.push_back(shape.fields[f].parts[0].index);
      } else {
        b->keyword_fields.push_back(f);
      }
    }
    for (const auto& fixed : b->fixed) {
      for (const uint16_t hit : fixed->loose.hits) {
        const uint32_t first_keyword = p.slots[fixed->slot].first_keyword;
        if (hit >= first_keyword) b->fixed_keywords.push_back(hit - first_keyword);
      }
    }
    b->keyword_maybe.resize(b->keyword_values.size());
    SortHits(&b->fixed_keywords);
  }
  b->guards_version = SIZE_MAX;
  return b;
}

Worker::Impl::State* Worker::Impl::StateFor(const std::shared_ptr<const Program>& program) {
  std::unique_ptr<State>& state = states_[program.get()];
  if (state != nullptr) return state.get();
  state = std::make_unique<State>();
  state->program = program;
  const size_t slots = program->slots.size();
  state->loose.resize(slots);
  state->absent.resize(slots);
  state->absent_rules.resize(slots);
  for (const Program::Slot& slot : program->slots) {
    state->memos.push_back(std::make_unique<ValueMemo>(&budget_));
    state->absent_hits.push_back(slot.matcher->absent());
    state->counts.emplace_back(slot.matcher->items().size());
    if (absl::Status s = slot.matcher->Prepare(&scratch_); !s.ok() && status.ok()) status = s;
  }
  state->rule_mark.resize(program->rules.size());
  SetGuards(state.get(), program->GuessFrequencies());
  return state.get();
}

void Worker::Impl::SetGuards(State* state, const Program::Frequencies& frequency) {
  state->guards = state->program->Guards(frequency);
  for (size_t s = 0; s < state->memos.size(); ++s) {
    state->memos[s]->Clear();  // verdicts name the rules to try
    std::vector<uint32_t>& rules = state->absent_rules[s];
    rules.clear();
    for (const uint16_t item : state->absent_hits[s]) {
      const auto& guarded = state->guards.by_item[s][item];
      rules.insert(rules.end(), guarded.begin(), guarded.end());
    }
    state->absent[s] = {state->absent_hits[s].data(), rules.data(), static_cast<uint32_t>(state->absent_hits[s].size()),
                        static_cast<uint32_t>(rules.size()), 0};
  }
}

// Brings a binding up to date with its state's guards.
void Worker::Impl::Renew(Binding* b) {
  State& state = *b->state;
  b->guards_version = state.relearned;
  b->always = state.guards.always;
  std::vector<bool> varies(b->verdicts.size());
  for (const Active& a : b->active) varies[a.slot] = true;
  if (state.program->keyword_slot >= 0) varies[state.program->keyword_slot] = true;
  for (const auto& fixed : b->fixed) {
    b->verdicts[fixed->slot] = Keep(state, fixed->slot, &fixed->loose);
  }
  for (size_t s = 0; s < varies.size(); ++s) {
    if (varies[s]) continue;
    const Verdict& v = *b->verdicts[s];
    b->always.insert(b->always.end(), v.rules, v.rules + v.rule_count);
  }
  std::sort(b->always.begin(), b->always.end());
  b->always.erase(std::unique(b->always.begin(), b->always.end()), b->always.end());
}

void Worker::Impl::CountSource(const Binding& binding) {
  const SourceKey& key = binding.key;
  std::pair<std::string, uint32_t> name(key.channel, key.event_id);
  if (!key.windows_log()) name = {SourceTag{key.product, key.service, key.category}.Name(), 0};
  if (source_counts_.size() >= kMaxSourceCounts && !source_counts_.contains(name)) name = {"(other)", 0};
  source_counts_[name] += binding.events;
}

void Worker::Impl::DropBindings(ShapePlan* plan) {
  for (const auto& binding : plan->bindings) CountSource(*binding);
  plan->bindings.clear();
}

std::vector<SourceCount> Worker::Impl::SourceCounts() {
  for (auto& plan : shape_plans_) {
    for (const auto& binding : plan->bindings) {
      CountSource(*binding);
      binding->events = 0;
    }
  }
  std::vector<SourceCount> counts;
  for (const auto& [name, events] : source_counts_) counts.push_back({name.first, name.second, events});
  return counts;
}

}  // namespace spoor
