// The way of one event: what its values mean to each slot, which rules that gives reason to try, which of them hold.
#include "match/worker.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "base/time.h"

namespace spoor {
namespace {

// Events of a kind after which a worker chooses its guards anew; the last is the end of learning.
constexpr uint64_t kRelearnAt[] = {32, 256, 2048, 16384};

}  // namespace

bool SameFieldName(std::string_view want, std::string_view have) {
  if (want == have) return true;
  if (have.size() < want.size()) return false;
  if (have.find(' ') == std::string_view::npos) return false;
  std::string joined, underscored;
  for (const char c : have) {
    if (c != ' ') joined += c;
    underscored += c == ' ' ? '_' : c;
  }
  return want == joined || want == underscored;
}

void SortHits(std::vector<uint16_t>* hits) {
  std::sort(hits->begin(), hits->end());
  hits->erase(std::unique(hits->begin(), hits->end()), hits->end());
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
                    static_cast<uint32_t>(loose->rules.size()),
                    !loose->hits.empty() && loose->hits.back() >= state.program->slots[slot].first_keyword};
  return &loose->verdict;
}

// The items of a slot that hold for a value, and, unless they are found elsewhere, the keywords in it.
void Worker::Impl::ScanValue(const Program& program, uint16_t slot, const Value& value, bool quoted,
                             std::vector<uint16_t>* hits) {
  program.slots[slot].matcher->Scan(value, &scratch_, hits);
  if (program.keyword_slot < 0 || slot == program.keyword_slot || quoted) return;
  const FieldMatcher& keywords = *program.slots[program.keyword_slot].matcher;
  if (!keywords.CouldMatch(value)) return;
  keyword_hits_.clear();
  keywords.Scan(value, &scratch_, &keyword_hits_);
  for (const uint16_t k : keyword_hits_) {
    hits->push_back(static_cast<uint16_t>(program.slots[slot].first_keyword + k));
  }
}

// What a value means to a slot. The verdict stands until the slot is asked again.
inline const Verdict* Worker::Impl::JudgeValue(State* state, uint16_t slot, const Value& value, bool quoted,
                                               const Hash128* key) {
  ValueMemo& memo = *state->memos[slot];
  const bool use_memo = use_memo_ && value.size <= ValueMemo::kMaxValue && memo.worthwhile();
  Hash128 own;
  if (use_memo) {
    if (key == nullptr) {
      own = ValueMemo::KeyOf(value, quoted);
      key = &own;
    }
    if (const Verdict* known = memo.Find(*key)) return known;
  }
  ++stats_.scans;
  State::Loose& loose = state->loose[slot];
  loose.hits.clear();
  ScanValue(*state->program, slot, value, quoted, &loose.hits);
  if (use_memo) {
    const auto make = [&] { return *Keep(*state, slot, &loose); };
    if (const Verdict* kept = memo.Insert(*key, loose.hits, make)) return kept;
    clear_memos_ = true;
  }
  return Keep(*state, slot, &loose);
}

// Adds the hits of a field, whatever its form; not through the memo. *hits is left unsorted, with repetitions.
void Worker::Impl::AddField(State* state, uint16_t slot, const Event& event, const Field& field,
                            std::vector<uint16_t>* hits) {
  const Program& p = *state->program;
  if (field.parts.size() == 1) {
    const Value& value = event.Part(field.parts[0]);
    if (value.type != ValueType::kNull) ScanValue(p, slot, value, field.quoted, hits);
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
  if (p.keyword_slot >= 0 && slot != p.keyword_slot && !field.quoted) {
    add(static_cast<uint16_t>(p.keyword_slot), p.slots[slot].first_keyword);
  }
}

// A slot with several values: what holds for one of them holds.
const Verdict* Worker::Impl::JudgeMany(State* state, uint16_t slot, const std::vector<uint32_t>& fields,
                                       const Event& event) {
  bool any = false;
  many_.clear();
  for (const uint32_t f : fields) {
    const Field& field = event.shape->fields[f];
    if (!HasField(event, field)) continue;
    any = true;
    if (field.parts.size() == 1) {
      const Verdict* v = JudgeValue(state, slot, event.Part(field.parts[0]), field.quoted, nullptr);
      many_.insert(many_.end(), v->hits, v->hits + v->hit_count);
    } else {
      AddField(state, slot, event, field, &many_);
    }
  }
  if (!any) return &state->absent[slot];
  SortHits(&many_);
  State::Loose& loose = state->loose[slot];
  loose.hits = many_;
  return Keep(*state, slot, &loose);
}

// Finds the values to look at for keywords alone and asks for what the memo has on them.
void Worker::Impl::NoteKeywordValues(const State& state, Binding* binding, const Event& event) {
  const auto slot = static_cast<uint16_t>(state.program->keyword_slot);
  const FieldMatcher& matcher = *state.program->slots[slot].matcher;
  // Most values are numbers and the like. They are sorted out first, without a branch that could not be foreseen.
  const size_t values = binding->keyword_values.size();
  uint32_t* const maybe = binding->keyword_maybe.data();
  size_t count = 0;
  for (size_t i = 0; i < values; ++i) {
    const ValueType type = event.values[binding->keyword_values[i]].type;
    maybe[count] = static_cast<uint32_t>(i);
    count += matcher.CouldMatch(type) & (type != ValueType::kNull);
  }
  if (keyword_keys_.size() < count) keyword_keys_.resize(count);
  size_t kept = 0;
  for (size_t k = 0; k < count; ++k) {
    const Value& value = event.values[binding->keyword_values[maybe[k]]];
    if (!matcher.CouldMatch(value)) continue;
    if (use_memo_ && value.size <= ValueMemo::kMaxValue) {
      keyword_keys_[kept] = ValueMemo::KeyOf(value);
      state.memos[slot]->Prefetch(keyword_keys_[kept]);
    }
    maybe[kept++] = maybe[k];
  }
  binding->keyword_count = kept;
}

// Keywords: those found by the slots of the other fields, and in the fields no slot is about.
const Verdict* Worker::Impl::JudgeKeywords(State* state, Binding* binding, const Event& event) {
  const Program& p = *state->program;
  const auto slot = static_cast<uint16_t>(p.keyword_slot);
  many_.assign(binding->fixed_keywords.begin(), binding->fixed_keywords.end());
  for (const Active& active : binding->active) {
    const Verdict& v = *binding->verdicts[active.slot];
    if (!v.has_keywords) continue;
    const uint32_t first = p.slots[active.slot].first_keyword;
    for (uint32_t i = v.hit_count; i > 0 && v.hits[i - 1] >= first; --i) many_.push_back(v.hits[i - 1] - first);
  }
  for (size_t k = 0; k < binding->keyword_count; ++k) {
    const uint32_t i = binding->keyword_maybe[k];
    const Value& value = event.values[binding->keyword_values[i]];
    const Verdict* v = JudgeValue(state, slot, value, false, &keyword_keys_[k]);
    many_.insert(many_.end(), v->hits, v->hits + v->hit_count);
  }
  for (const uint32_t f : binding->keyword_fields) AddField(state, slot, event, event.shape->fields[f], &many_);
  if (many_.empty()) return &state->absent[slot];
  SortHits(&many_);
  State::Loose& loose = state->loose[slot];
  loose.hits = many_;
  return Keep(*state, slot, &loose);
}

void Worker::Impl::OnEvent(const Event& event) {
  Binding* b = BindingFor(event);
  ++b->events;
  State* state = b->state;
  if (state == nullptr) return;
  if (b->guards_version != state->relearned) Renew(b);
  // All keys first: the look-ups then wait for memory together, not one after the other.
  if (keys_.size() < b->active.size()) keys_.resize(b->active.size());
  for (size_t i = 0; use_memo_ && i < b->active.size(); ++i) {
    const Active& active = b->active[i];
    if (active.kind != Active::kOne) continue;
    const Value& value = event.values[active.value];
    if (value.type == ValueType::kNull || value.size > ValueMemo::kMaxValue) continue;
    keys_[i] = ValueMemo::KeyOf(value, active.quoted);
    state->memos[active.slot]->Prefetch(keys_[i]);
  }
  const int keywords = state->program->keyword_slot;
  if (keywords >= 0) NoteKeywordValues(*state, b, event);
  for (size_t i = 0; i < b->active.size(); ++i) {
    const Active& active = b->active[i];
    if (active.kind == Active::kMany) {
      b->verdicts[active.slot] = JudgeMany(state, active.slot, b->fields_of[active.slot], event);
      continue;
    }
    const Value& value = event.values[active.value];
    b->verdicts[active.slot] = value.type == ValueType::kNull
                                   ? &state->absent[active.slot]
                                   : JudgeValue(state, active.slot, value, active.quoted, &keys_[i]);
  }
  if (keywords >= 0) b->verdicts[keywords] = JudgeKeywords(state, b, event);
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

inline void Worker::Impl::Try(State* state, uint32_t rule, const Event& event) {
  if (state->rule_mark[rule] == state->event_mark) return;
  state->rule_mark[rule] = state->event_mark;
  ++stats_.rules_tried;
  const Program::CompiledRule& compiled = state->program->rules[rule];
  if (rule_costs_.empty()) {
    if (!Run(*state, compiled.entry, event)) return;
  } else if (!MeasuredRun(*state, compiled, event)) {
    return;
  }
  ++stats_.rules_held;
  held_.push_back(rule);
}

bool Worker::Impl::MeasuredRun(const State& state, const Program::CompiledRule& compiled, const Event& event) {
  const double start = MonotonicSeconds();
  const bool holds = Run(state, compiled.entry, event);
  RuleCost& cost = rule_costs_[compiled.rule];
  cost.seconds += MonotonicSeconds() - start;
  ++cost.tried;
  cost.held += holds;
  return holds;
}

std::vector<RuleCost> Worker::Impl::Profile() const {
  std::vector<RuleCost> costs = rule_costs_;
  // A matcher may serve several programs: its checks are shared out among all rules that have their items.
  std::unordered_map<const FieldMatcher*, std::unordered_map<uint16_t, std::set<uint32_t>>> users;
  for (const auto& [program, state] : states_) {
    for (const Program::CompiledRule& rule : program->rules) {
      for (const ItemUse& use : rule.uses) {
        if (use.kind == ItemUse::kSlot) users[program->slots[use.slot].matcher.get()][use.item].insert(rule.rule);
      }
    }
  }
  for (const auto& user : users) {
    const auto& items = user.second;
    user.first->ForCosts(check_costs_, [&](uint16_t item, const ScanScratch::CheckCost& cost, size_t shared_by) {
      const auto it = items.find(item);
      if (it == items.end()) return;
      for (const uint32_t rule : it->second) {
        costs[rule].checks += cost.count;
        costs[rule].seconds += cost.seconds / static_cast<double>(shared_by * it->second.size());
      }
    });
  }
  return costs;
}

bool Worker::Impl::Run(const State& state, uint32_t at, const Event& event) {
  const Program::Test* code = state.program->code.data();
  while (at < Program::kFails) {
    const Program::Test& test = code[at];
    const bool holds = test.reference < 0 ? HasItem(*verdicts_[test.slot], test.item)
                                          : Compare(state.program->references[test.reference], event);
    at = holds ? test.on_true : test.on_false;
  }
  return at == Program::kHolds;
}

// Compares two fields of the event, as case-folded text; false where either is missing. Of a field with several
// values, one must fit.
bool Worker::Impl::Compare(const FieldReference& reference, const Event& event) {
  const uint32_t slots[2] = {reference.slot, reference.other};
  for (int i = 0; i < 2; ++i) {
    size_t& count = compared_count_[i];
    count = 0;
    const auto add = [&] {
      if (compared_[i].size() == count) compared_[i].emplace_back();
      std::string& folded = compared_[i][count++];
      folded.clear();
      AppendFolded(text_, &folded);
    };
    for (const uint32_t f : binding_->fields_of[slots[i]]) {
      const Field& field = event.shape->fields[f];
      if (!HasField(event, field)) continue;
      text_.clear();
      if (field.parts.size() != 1) {
        AppendFieldText(event, field, &text_);
        add();
        continue;
      }
      ForEachElement(event.Part(field.parts[0]), [&](const Value& element) {
        text_.clear();
        AppendText(element, &text_);
        add();
      });
    }
    if (count == 0) return false;
  }
  const auto fits = [&](std::string_view a, std::string_view b) {
    switch (reference.op) {
      case sigma::Operator::kFieldEquals:
        return a == b;
      case sigma::Operator::kFieldStartsWith:
        return a.substr(0, b.size()) == b;
      case sigma::Operator::kFieldEndsWith:
        return a.size() >= b.size() && a.substr(a.size() - b.size()) == b;
      default:
        return a.find(b) != std::string_view::npos;
    }
  };
  for (size_t x = 0; x < compared_count_[0]; ++x) {
    for (size_t y = 0; y < compared_count_[1]; ++y) {
      if (fits(compared_[0][x], compared_[1][y])) return true;
    }
  }
  return false;
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

void Worker::Impl::ClearMemos() {
  clear_memos_ = false;
  for (auto& [program, state] : states_) {
    for (auto& memo : state->memos) memo->Clear();
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
std::vector<RuleCost> Worker::Profile() const { return impl_->Profile(); }
const absl::Status& Worker::status() const { return impl_->status; }

}  // namespace spoor
