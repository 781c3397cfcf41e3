#include "match/engine.h"

#include <algorithm>
#include <mutex>

#include "base/text.h"

namespace spoor {
namespace {

using sigma::Expression;
using sigma::Item;
using sigma::Operator;
using sigma::Pattern;

// Events of a kind after which a worker chooses its guards anew; the last is the end of learning.
constexpr uint64_t kRelearnAt[] = {32, 256, 2048, 16384};
constexpr size_t kMaxPrograms = 16384;   // kinds of events; a hostile log can name any number of channels
constexpr size_t kMaxBindings = 64;      // kinds kept per shape
constexpr size_t kMaxStates = 4096;      // kinds with rules a worker keeps; past it all are dropped and learned anew

bool SameFieldName(std::string_view want, std::string_view have) {
  if (want == have) return true;
  if (have.find(' ') == std::string_view::npos) return false;
  // Some providers name fields in words ("Threat Name"); rules write ThreatName or Threat_Name.
  std::string joined, underscored;
  for (const char c : have) {
    if (c != ' ') joined += c;
    underscored += c == ' ' ? '_' : c;
  }
  return want == joined || want == underscored;
}

bool HasItem(const Verdict& verdict, uint16_t item) {
  const uint16_t* at = std::lower_bound(verdict.hits, verdict.hits + verdict.hit_count, item);
  return at != verdict.hits + verdict.hit_count && *at == item;
}

void SortHits(std::vector<uint16_t>* hits) {
  std::sort(hits->begin(), hits->end());
  hits->erase(std::unique(hits->begin(), hits->end()), hits->end());
}

}  // namespace

// --- Engine --------------------------------------------------------------------------------------------------

struct Engine::Impl {
  Impl(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources, unsigned jobs)
      : builder(rules, sources, jobs) {}

  struct Entry {
    std::once_flag once;
    absl::StatusOr<std::shared_ptr<const Program>> program;
  };
  ProgramBuilder builder;
  std::mutex mutex;
  absl::flat_hash_map<SourceKey, std::shared_ptr<Entry>> programs;
};

Engine::Engine(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources, const EngineOptions& options)
    : rules_(rules), options_(options), impl_(std::make_unique<Impl>(rules, sources, options.jobs)) {}
Engine::~Engine() = default;

absl::StatusOr<std::shared_ptr<const Program>> Engine::ProgramFor(const SourceKey& key) {
  std::shared_ptr<Impl::Entry> entry;
  {
    std::lock_guard<std::mutex> lock(impl_->mutex);
    if (impl_->programs.size() >= kMaxPrograms && !impl_->programs.contains(key)) return impl_->builder.Build(key);
    std::shared_ptr<Impl::Entry>& known = impl_->programs[key];
    if (known == nullptr) known = std::make_shared<Impl::Entry>();
    entry = known;
  }
  std::call_once(entry->once, [&] { entry->program = impl_->builder.Build(key); });
  return entry->program;
}

std::vector<bool> Engine::ApplicableRules() const {
  std::vector<bool> applicable(rules_.size());
  std::lock_guard<std::mutex> lock(impl_->mutex);
  for (const auto& [key, entry] : impl_->programs) {
    if (!entry->program.ok() || *entry->program == nullptr) continue;
    for (const Program::CompiledRule& r : (*entry->program)->rules) applicable[r.rule] = true;
  }
  return applicable;
}

// --- Worker --------------------------------------------------------------------------------------------------

class Worker::Impl {
 public:
  Impl(Engine* engine, MatchSink* sink, Worker* self)
      : engine_(*engine),
        sink_(*sink),
        self_(self),
        budget_(engine->options_.memo_memory / std::max(1u, engine->options_.jobs)) {}

  void OnEvent(const Event& event);
  void ShapesDropped() {
    for (auto& plan : shape_plans_) DropBindings(plan.get());
    shape_plans_.clear();
  }
  std::vector<SourceCount> SourceCounts();
  void Explain(std::vector<Reason>* reasons);
  EngineStats stats() const;
  absl::Status status;

 private:
  // What a worker knows of one program.
  struct State {
    std::shared_ptr<const Program> program;
    std::vector<std::unique_ptr<ValueMemo>> memos;       // by slot
    Program::GuardTable guards;
    uint64_t events = 0;
    size_t relearned = 0;                                // steps of kRelearnAt done
    std::vector<std::vector<uint32_t>> counts;           // by slot and item, while learning
    std::vector<std::vector<uint16_t>> absent_hits;      // by slot
    std::vector<std::vector<uint32_t>> absent_rules;
    std::vector<Verdict> absent;
    // A verdict that is not in a memo is kept here, by slot, until the next event.
    struct Loose {
      std::vector<uint16_t> hits;
      std::vector<uint32_t> rules;
      Verdict verdict;
    };
    std::vector<Loose> loose;
    std::vector<uint32_t> rule_mark;                     // by rule of the program: last event that tried it
    uint32_t event_mark = 0;
  };
  // How a program's slots find their values in one shape.
  struct Active {
    uint16_t slot;
    enum Kind : uint8_t { kOne, kMany } kind;            // one value; several fields or pieces
    uint32_t value;                                      // kOne: index into Event::values
    std::vector<uint32_t> fields;                        // kMany: of the shape
  };
  // A slot whose value is the same for all events of a binding.
  struct Fixed {
    uint16_t slot;
    typename State::Loose loose;
  };
  struct Binding {
    SourceKey key;
    uint32_t event_id_number = 0;
    std::string channel_bytes, provider_bytes;           // as they lie in the evidence
    State* state = nullptr;                              // nullptr: no rule means these events
    std::vector<Active> active;
    std::vector<std::unique_ptr<Fixed>> fixed;
    std::vector<uint32_t> keyword_fields;                // fields without a slot, which keywords are looked for in
    std::vector<uint16_t> fixed_keywords;                // items that hold for the values that are always the same
    std::vector<const Verdict*> verdicts;                // by slot; of those not active, what absence means
    std::vector<uint32_t> always;                        // rules that absent fields give reason to try
    size_t guards_version = 0;
    uint64_t events = 0;
  };
  struct ShapePlan {
    std::vector<std::unique_ptr<Binding>> bindings;      // most recently used first
    uint8_t more = 0;                                    // SourceKey::more_…
  };

  Binding* BindingFor(const Event& event);
  bool Matches(const Binding& binding, const Event& event) const;
  std::unique_ptr<Binding> Bind(const Event& event, const ShapePlan& plan);
  State* StateFor(const std::shared_ptr<const Program>& program);
  void SetGuards(State* state, const Program::Frequencies& frequency);
  void Learn(State* state, const Binding& binding);
  const Verdict* Judge(State* state, const Active& active, const Event& event);
  const Verdict* JudgeMany(State* state, const Active& active, const Event& event);
  const Verdict* JudgeKeywords(State* state, const Binding& binding, const Event& event);
  static const Verdict* Keep(const State& state, uint16_t slot, State::Loose* loose);
  const Verdict* JudgeValue(State* state, uint16_t slot, const Value& value);
  void ScanValue(const Program& program, uint16_t slot, const Value& value, std::vector<uint16_t>* hits);
  void AddField(State* state, uint16_t slot, const Event& event, const Field& field, std::vector<uint16_t>* hits);
  void Renew(Binding* binding);
  void Try(State* state, uint32_t rule, const Event& event);
  bool Run(const State& state, uint32_t entry, const Event& event);
  bool Compare(const State& state, const FieldReference& reference, const Event& event);
  bool ItemHolds(const ItemUse& use, const State& state, const Event& event);
  void Walk(const Expression& e, uint32_t node, bool want, const Program::CompiledRule& rule,
            std::vector<Reason>* reasons);
  void Reasons(const Item& item, const ItemUse& use, const sigma::Target& target, std::vector<Reason>* reasons);
  void KeyReasons(const Item& item, std::string_view text, std::vector<Reason>* reasons);
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
  bool clear_memos_ = false;
  const bool use_memo_ = engine_.options_.memo;
  std::vector<uint16_t> many_;  // hits of several values
  std::vector<uint16_t> keyword_hits_;
  std::vector<uint32_t> held_;  // rules of the program that hold for the event
  absl::flat_hash_map<std::pair<std::string, uint32_t>, uint64_t> source_counts_;
  EngineStats stats_;
  std::string text_;

  // The event being matched.
  const Event* event_ = nullptr;
  Binding* binding_ = nullptr;
  const Verdict* const* verdicts_ = nullptr;
  const Program::CompiledRule* matching_ = nullptr;
};

namespace {

const Value* KeyValue(const Event& event, int field) {
  if (field < 0) return nullptr;
  const Field& f = event.shape->fields[field];
  return f.parts.size() == 1 ? &event.Part(f.parts[0]) : nullptr;
}

bool SameBytes(const Value* value, const std::string& bytes) {
  if (value == nullptr) return bytes.empty();
  return value->size == bytes.size() && std::memcmp(value->data, bytes.data(), bytes.size()) == 0;
}

// Most event ids are 16-bit integers; any other value goes by its bytes.
uint32_t EventIdNumber(const Value* value) {
  if (value == nullptr) return 0;
  if (value->size == 2) return Load16(value->data);
  return static_cast<uint32_t>(HashBytes(value->data, value->size, 0)) | 0x10000;
}

}  // namespace

bool Worker::Impl::Matches(const Binding& b, const Event& event) const {
  const KeyFields& key = event.shape->key;
  return b.event_id_number == EventIdNumber(KeyValue(event, key.event_id)) &&
         SameBytes(KeyValue(event, key.channel), b.channel_bytes) &&
         SameBytes(KeyValue(event, key.provider), b.provider_bytes);
}

Worker::Impl::Binding* Worker::Impl::BindingFor(const Event& event) {
  auto* plan = static_cast<ShapePlan*>(event.shape->plan);
  if (plan == nullptr) {
    plan = shape_plans_.emplace_back(std::make_unique<ShapePlan>()).get();
    event.shape->plan = plan;
    int channels = 0, providers = 0, ids = 0;
    for (const Field& f : event.shape->fields) {
      channels += f.name == "Channel";
      providers += f.name == "Provider_Name";
      ids += f.name == "EventID";
    }
    const KeyFields& key = event.shape->key;
    plan->more = (channels > (key.channel >= 0)) | (providers > (key.provider >= 0)) << 1 |
                 (ids > (key.event_id >= 0)) << 2;
  }
  auto& bindings = plan->bindings;
  for (size_t i = 0; i < bindings.size(); ++i) {
    if (!Matches(*bindings[i], event)) continue;
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
  const Value* id = KeyValue(event, key.event_id);
  b->event_id_number = EventIdNumber(id);
  if (id != nullptr) {
    std::string text;
    AppendText(*id, &text);
    if (const auto number = ParseNumber(text); number && *number >= 0 && *number <= 0xffffffff) {
      b->key.event_id = static_cast<uint32_t>(*number);
      b->key.has_event_id = true;
    }
  }
  if (const Value* v = KeyValue(event, key.channel)) {
    b->channel_bytes.assign(reinterpret_cast<const char*>(v->data), v->size);
    AppendText(*v, &b->key.channel);
  }
  if (const Value* v = KeyValue(event, key.provider)) {
    b->provider_bytes.assign(reinterpret_cast<const char*>(v->data), v->size);
    AppendText(*v, &b->key.provider);
  }
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
  for (uint16_t s = 0; s < p.slots.size(); ++s) {
    b->verdicts.push_back(&b->state->absent[s]);
    if (s == p.keyword_slot) continue;
    Active active{s, Active::kMany, 0, {}};
    bool fixed = true;
    for (uint32_t f = 0; f < shape.fields.size(); ++f) {
      if (!SameFieldName(p.slots[s].field, shape.fields[f].name)) continue;
      active.fields.push_back(f);
      fixed &= constant(f);
      searched[f] = true;
    }
    if (active.fields.empty()) continue;
    const Field& first = shape.fields[active.fields[0]];
    if (fixed) {
      auto value = std::make_unique<Fixed>();
      value->slot = s;
      bool any = false;
      for (const uint32_t f : active.fields) {
        any |= HasField(event, shape.fields[f]);
        AddField(b->state, s, event, shape.fields[f], &value->loose.hits);
      }
      SortHits(&value->loose.hits);
      if (any) b->fixed.push_back(std::move(value));
      continue;
    }
    if (active.fields.size() == 1 && first.parts.size() == 1) {
      active.kind = Active::kOne;
      active.value = first.parts[0].index;
    }
    b->active.push_back(std::move(active));
  }
  if (p.keyword_slot >= 0) {
    for (uint32_t f = 0; f < shape.fields.size(); ++f) {
      if (searched[f]) continue;
      if (constant(f)) {
        AddField(b->state, p.keyword_slot, event, shape.fields[f], &b->fixed_keywords);
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
    state->absent[s] = {state->absent_hits[s].data(), rules.data(),
                        static_cast<uint32_t>(state->absent_hits[s].size()), static_cast<uint32_t>(rules.size())};
  }
}

void Worker::Impl::Learn(State* state, const Binding& binding) {
  for (size_t s = 0; s < binding.verdicts.size(); ++s) {
    const Verdict& v = *binding.verdicts[s];
    const size_t own = state->counts[s].size();
    for (uint32_t i = 0; i < v.hit_count && v.hits[i] < own; ++i) ++state->counts[s][v.hits[i]];
  }
  if (state->events < kRelearnAt[state->relearned]) return;
  ++state->relearned;
  // What was never seen keeps its guess, at the weight of a few events.
  Program::Frequencies frequency = state->program->GuessFrequencies();
  constexpr float kGuessWeight = 4;
  for (size_t s = 0; s < frequency.size(); ++s) {
    for (size_t i = 0; i < frequency[s].size(); ++i) {
      frequency[s][i] = (static_cast<float>(state->counts[s][i]) + kGuessWeight * frequency[s][i]) /
                        (static_cast<float>(state->events) + kGuessWeight);
    }
  }
  SetGuards(state, frequency);
  if (state->relearned == std::size(kRelearnAt)) state->counts = {};
}

// Makes a verdict of loose hits.
const Verdict* Worker::Impl::Keep(const State& state, uint16_t slot, State::Loose* loose) {
  loose->rules.clear();
  const auto& by_item = state.guards.by_item[slot];
  for (const uint16_t item : loose->hits) {
    if (item >= by_item.size()) break;  // keywords, which guard where they are put together
    loose->rules.insert(loose->rules.end(), by_item[item].begin(), by_item[item].end());
  }
  loose->verdict = {loose->hits.data(), loose->rules.data(), static_cast<uint32_t>(loose->hits.size()),
                    static_cast<uint32_t>(loose->rules.size())};
  return &loose->verdict;
}

// The items of a slot that hold for a value, and the keywords in it.
void Worker::Impl::ScanValue(const Program& program, uint16_t slot, const Value& value, std::vector<uint16_t>* hits) {
  program.slots[slot].matcher->Scan(value, &scratch_, hits);
  if (program.keyword_slot < 0 || slot == program.keyword_slot) return;
  const FieldMatcher& keywords = *program.slots[program.keyword_slot].matcher;
  if (!keywords.CouldMatch(value)) return;
  keyword_hits_.clear();
  keywords.Scan(value, &scratch_, &keyword_hits_);
  for (const uint16_t k : keyword_hits_) {
    hits->push_back(static_cast<uint16_t>(program.slots[slot].first_keyword + k));
  }
}

// What a value means to a slot. The verdict stands until the slot is asked again.
inline const Verdict* Worker::Impl::JudgeValue(State* state, uint16_t slot, const Value& value) {
  ValueMemo& memo = *state->memos[slot];
  const bool use_memo = use_memo_ && value.size <= ValueMemo::kMaxValue && memo.worthwhile();
  uint64_t hash = 0;
  if (use_memo) {
    if (const Verdict* known = memo.Find(value, &hash)) return known;
  }
  ++stats_.scans;
  State::Loose& loose = state->loose[slot];
  loose.hits.clear();
  ScanValue(*state->program, slot, value, &loose.hits);
  const Verdict* verdict = Keep(*state, slot, &loose);
  if (use_memo) {
    if (const Verdict* kept = memo.Insert(value, hash, *verdict)) return kept;
    clear_memos_ = true;
  }
  return verdict;
}

const Verdict* Worker::Impl::Judge(State* state, const Active& active, const Event& event) {
  const Value& value = event.values[active.value];
  if (value.type == ValueType::kNull) return &state->absent[active.slot];
  return JudgeValue(state, active.slot, value);
}

// Adds the hits of a field, whatever its form; not through the memo. *hits is left unsorted, with repetitions.
void Worker::Impl::AddField(State* state, uint16_t slot, const Event& event, const Field& field,
                            std::vector<uint16_t>* hits) {
  const Program& p = *state->program;
  if (field.parts.size() == 1) {
    const Value& value = event.Part(field.parts[0]);
    if (value.type != ValueType::kNull) ScanValue(p, slot, value, hits);
    return;
  }
  text_.clear();
  AppendFieldText(event, field, &text_);
  const auto add = [&](uint16_t from, size_t offset) {
    const FieldMatcher& matcher = *p.slots[from].matcher;
    const size_t before = hits->size();
    matcher.Begin(&scratch_);
    matcher.AddText(text_, std::nullopt, &scratch_, hits);
    for (size_t i = before; i < hits->size(); ++i) (*hits)[i] += static_cast<uint16_t>(offset);
  };
  add(slot, 0);
  if (p.keyword_slot >= 0 && slot != p.keyword_slot) {
    add(static_cast<uint16_t>(p.keyword_slot), p.slots[slot].first_keyword);
  }
}

// A slot with several values: what holds for one of them holds.
const Verdict* Worker::Impl::JudgeMany(State* state, const Active& active, const Event& event) {
  bool any = false;
  many_.clear();
  for (const uint32_t f : active.fields) {
    const Field& field = event.shape->fields[f];
    if (!HasField(event, field)) continue;
    any = true;
    if (field.parts.size() == 1) {
      const Verdict* v = JudgeValue(state, active.slot, event.Part(field.parts[0]));
      many_.insert(many_.end(), v->hits, v->hits + v->hit_count);
    } else {
      AddField(state, active.slot, event, field, &many_);
    }
  }
  if (!any) return &state->absent[active.slot];
  SortHits(&many_);
  State::Loose& loose = state->loose[active.slot];
  loose.hits = many_;
  return Keep(*state, active.slot, &loose);
}

// Keywords: those found by the slots of the other fields, and in the fields no slot is about.
const Verdict* Worker::Impl::JudgeKeywords(State* state, const Binding& binding, const Event& event) {
  const Program& p = *state->program;
  const auto slot = static_cast<uint16_t>(p.keyword_slot);
  const FieldMatcher& matcher = *p.slots[slot].matcher;
  many_.assign(binding.fixed_keywords.begin(), binding.fixed_keywords.end());
  for (const Active& active : binding.active) {
    const Verdict& v = *binding.verdicts[active.slot];
    const uint32_t first = p.slots[active.slot].first_keyword;
    for (uint32_t i = v.hit_count; i > 0 && v.hits[i - 1] >= first; --i) many_.push_back(v.hits[i - 1] - first);
  }
  for (const uint32_t f : binding.keyword_fields) {
    const Field& field = event.shape->fields[f];
    if (field.parts.size() != 1) {
      AddField(state, slot, event, field, &many_);
      continue;
    }
    const Value& value = event.values[field.parts[0].index];
    if (value.type == ValueType::kNull || !matcher.CouldMatch(value)) continue;
    const Verdict* v = JudgeValue(state, slot, value);
    many_.insert(many_.end(), v->hits, v->hits + v->hit_count);
  }
  if (many_.empty()) return &state->absent[slot];
  SortHits(&many_);
  State::Loose& loose = state->loose[slot];
  loose.hits = many_;
  return Keep(*state, slot, &loose);
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

void Worker::Impl::OnEvent(const Event& event) {
  Binding* b = BindingFor(event);
  ++b->events;
  State* state = b->state;
  if (state == nullptr) return;
  if (b->guards_version != state->relearned) Renew(b);
  for (const Active& active : b->active) {
    b->verdicts[active.slot] =
        active.kind == Active::kOne ? Judge(state, active, event) : JudgeMany(state, active, event);
  }
  const int keywords = state->program->keyword_slot;
  if (keywords >= 0) b->verdicts[keywords] = JudgeKeywords(state, *b, event);
  event_ = &event;
  binding_ = b;
  verdicts_ = b->verdicts.data();
  if (++state->event_mark == 0) {
    std::fill(state->rule_mark.begin(), state->rule_mark.end(), 0);
    state->event_mark = 1;
  }
  held_.clear();
  for (const uint32_t rule : b->always) Try(state, rule, event);
  for (const Active& active : b->active) {
    const Verdict& v = *b->verdicts[active.slot];
    for (uint32_t i = 0; i < v.rule_count; ++i) Try(state, v.rules[i], event);
  }
  if (keywords >= 0) {
    const Verdict& v = *b->verdicts[keywords];
    for (uint32_t i = 0; i < v.rule_count; ++i) Try(state, v.rules[i], event);
  }
  if (!held_.empty()) {
    // Rules of a program stand in the order of their log sources; they are reported in their own.
    const auto& rules = state->program->rules;
    std::sort(held_.begin(), held_.end(), [&](uint32_t x, uint32_t y) { return rules[x].rule < rules[y].rule; });
    for (const uint32_t rule : held_) {
      matching_ = &rules[rule];
      sink_.OnMatch(event, matching_->rule, *matching_->target, self_);
    }
  }
  ++state->events;
  if (engine_.options_.adapt_guards && state->relearned < std::size(kRelearnAt)) Learn(state, *b);
  if (clear_memos_) ClearMemos();
}

void Worker::Impl::CountSource(const Binding& binding) {
  std::pair<std::string, uint32_t> name(binding.key.channel, binding.key.event_id);
  if (source_counts_.size() >= kMaxSourceCounts && !source_counts_.contains(name)) name = {"", 0};
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

void Worker::Impl::ClearMemos() {
  clear_memos_ = false;
  for (auto& [program, state] : states_) {
    for (auto& memo : state->memos) memo->Clear();
  }
}

inline void Worker::Impl::Try(State* state, uint32_t rule, const Event& event) {
  if (state->rule_mark[rule] == state->event_mark) return;
  state->rule_mark[rule] = state->event_mark;
  ++stats_.rules_tried;
  const Program::CompiledRule& compiled = state->program->rules[rule];
  if (!Run(*state, compiled.entry, event)) return;
  ++stats_.rules_held;
  held_.push_back(rule);
}

bool Worker::Impl::Run(const State& state, uint32_t at, const Event& event) {
  const Program::Test* code = state.program->code.data();
  while (at < Program::kFails) {
    const Program::Test& test = code[at];
    const bool holds = test.reference < 0 ? HasItem(*verdicts_[test.slot], test.item)
                                          : Compare(state, state.program->references[test.reference], event);
    at = holds ? test.on_true : test.on_false;
  }
  return at == Program::kHolds;
}

// Compares two fields of the event, as case-folded text; false where either is missing.
bool Worker::Impl::Compare(const State& state, const FieldReference& reference, const Event& event) {
  std::string texts[2];
  const uint32_t slots[2] = {reference.slot, reference.other};
  for (int i = 0; i < 2; ++i) {
    bool found = false;
    for (const Field& f : event.shape->fields) {
      if (!SameFieldName(state.program->slots[slots[i]].field, f.name) || !HasField(event, f)) continue;
      std::string raw;
      AppendFieldText(event, f, &raw);
      AppendFolded(raw, &texts[i]);
      found = true;
      break;
    }
    if (!found) return false;
  }
  const auto& [a, b] = texts;
  switch (reference.op) {
    case Operator::kFieldEquals:
      return a == b;
    case Operator::kFieldStartsWith:
      return a.compare(0, b.size(), b) == 0;
    case Operator::kFieldEndsWith:
      return a.size() >= b.size() && a.compare(a.size() - b.size(), b.size(), b) == 0;
    default:
      return a.find(b) != std::string::npos;
  }
}

void Worker::Impl::Explain(std::vector<Reason>* reasons) {
  reasons->clear();
  const sigma::Rule& rule = engine_.rules_[matching_->rule];
  Walk(rule.detection, rule.detection.root, true, *matching_, reasons);
}

bool Worker::Impl::ItemHolds(const ItemUse& use, const State& state, const Event& event) {
  if (use.kind != ItemUse::kSlot) return use.kind == ItemUse::kTrue;
  if (HasItem(*verdicts_[use.slot], use.item)) return true;
  for (const uint32_t r : use.references) {
    if (Compare(state, state.program->references[r], event)) return true;
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
        Reasons(e.items[n.item], rule.uses[n.item], *rule.target, reasons);
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

void Worker::Impl::Reasons(const Item& item, const ItemUse& use, const sigma::Target& target,
                           std::vector<Reason>* reasons) {
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
  std::string_view name = item.field;
  for (const sigma::FieldName& f : target.fields) {
    if (f.sigma == item.field) name = f.evidence;
  }
  for (const Field& field : event_->shape->fields) {
    if (!name.empty() && !SameFieldName(name, field.name)) continue;
    if (!HasField(*event_, field)) continue;
    const Pattern* found = nullptr;
    const auto try_text = [&](const Value* value, std::string text) {
      if (found != nullptr) return;
      found = matcher.WhichPattern(use.item, item, text, value != nullptr ? AsNumber(*value) : std::nullopt);
      if (found != nullptr) reasons->push_back({name.empty() ? field.name : item.field, std::move(text), found});
    };
    if (field.parts.size() == 1) {
      ForEachElement(event_->Part(field.parts[0]), [&](const Value& element) {
        std::string text;
        AppendText(element, &text);
        try_text(&element, std::move(text));
      });
    } else {
      std::string text;
      AppendFieldText(*event_, field, &text);
      try_text(nullptr, std::move(text));
    }
    if (found != nullptr) return;
  }
  // The field is missing, and that is what the item asks for; or it is a comparison with another field.
  for (const Pattern& p : item.any_of) {
    const bool absence = p.op == Operator::kNull || p.op == Operator::kNotExists;
    const bool reference = p.op >= Operator::kFieldEquals;
    if (!absence && !reference) continue;
    std::string text;
    for (const Field& field : event_->shape->fields) {
      if (SameFieldName(name, field.name)) AppendFieldText(*event_, field, &text);
    }
    reasons->push_back({item.field, std::move(text), &p});
    return;
  }
}

EngineStats Worker::Impl::stats() const {
  EngineStats s = stats_;
  for (const auto& [program, state] : states_) {
    for (const auto& memo : state->memos) {
      s.lookups += memo->lookups();
      s.found += memo->found();
    }
  }
  s.programs = states_.size();
  return s;
}

Worker::Worker(Engine* engine, MatchSink* sink) : impl_(std::make_unique<Impl>(engine, sink, this)) {}
Worker::~Worker() = default;
void Worker::OnEvent(const Event& event) { impl_->OnEvent(event); }
void Worker::ShapesDropped() { impl_->ShapesDropped(); }
void Worker::Explain(std::vector<Reason>* reasons) { impl_->Explain(reasons); }
std::vector<SourceCount> Worker::SourceCounts() { return impl_->SourceCounts(); }
EngineStats Worker::stats() const { return impl_->stats(); }
const absl::Status& Worker::status() const { return impl_->status; }

}  // namespace spoor
