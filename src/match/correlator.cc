#include "match/correlator.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <list>

#include "absl/container/flat_hash_map.h"
#include "base/number.h"
#include "base/text.h"
#include "match/compare.h"

namespace spoor {

using sigma::Correlation;
using Type = Correlation::Type;

CorrelationPlan::CorrelationPlan(const sigma::RuleSet& set)
    : set_(set), wanted_(set.rules.size()), fields_(set.rules.size()) {
  for (const Correlation& c : set.correlations) {
    for (size_t r = 0; r < c.references.size(); ++r) {
      const Correlation::Reference& reference = c.references[r];
      if (reference.to_correlation) continue;
      wanted_[reference.index] = true;
      std::vector<std::string>& fields = fields_[reference.index];
      for (const auto* list : {&c.group_by, &c.values}) {
        for (const Correlation::GroupField& field : *list) {
          if (std::find(fields.begin(), fields.end(), field.fields[r]) == fields.end()) {
            fields.push_back(field.fields[r]);
            all_fields_.push_back(field.fields[r]);
          }
        }
      }
    }
  }
  std::sort(all_fields_.begin(), all_fields_.end());
  all_fields_.erase(std::unique(all_fields_.begin(), all_fields_.end()), all_fields_.end());
}

size_t CorrelationPlan::PlaceOf(uint32_t rule, const std::string& field) const {
  const auto& fields = fields_[rule];
  return static_cast<size_t>(std::find(fields.begin(), fields.end(), field) - fields.begin());
}

namespace {

// A match in a window.
struct Entry {
  MatchedEvent event;
  uint64_t references = 0;         // bit r: it is one of the correlation's reference r
  std::vector<std::string> texts;  // value_count: its values, folded
  std::vector<double> numbers;     // value_sum …
};

struct Group {
  std::string key;
  std::vector<std::string> values;  // of group-by, as the first event had them
  std::deque<Entry> window;
  bool holds = false;
  std::list<Group*>::iterator place;  // among the groups in order of their last event
  // What the condition asks about, kept up to date with the window.
  std::vector<uint32_t> counts;                         // temporal: matches by reference
  std::vector<int64_t> chain;                           // temporal_ordered: see Chain
  absl::flat_hash_map<std::string, uint32_t> distinct;  // value_count
  std::vector<double> sorted;                           // value_percentile, value_median
  __int128 whole = 0;                                   // value_sum, value_avg: sum of the whole numbers
  size_t numbers = 0, fractions = 0;
};

// A whole number that doubles hold exactly.
bool IsWhole(double v) { return std::fabs(v) < 9007199254740992.0 && v == std::trunc(v); }

std::string NumberText(double v) {
  if (IsWhole(v)) return std::to_string(static_cast<int64_t>(v));
  char text[40];
  return {text, static_cast<size_t>(std::snprintf(text, sizeof text, "%.10g", v))};
}

// The matches of one event, and what came of them.
struct Fired {
  std::vector<std::string> group;
};

}  // namespace

class Correlator::Impl {
 public:
  Impl(const CorrelationPlan* plan, CorrelationSink* sink, const Limits& limits)
      : plan_(*plan), sink_(*sink), limits_(limits), fired_(plan->set().correlations.size()) {
    for (const Correlation& c : plan->set().correlations) {
      states_.push_back(std::make_unique<State>(c));
      State& state = *states_.back();
      for (size_t r = 0; r < c.references.size(); ++r) {
        const Correlation::Reference& reference = c.references[r];
        const auto place = [&](const std::vector<Correlation::GroupField>& fields) {
          std::vector<size_t> places;
          for (const Correlation::GroupField& field : fields) {
            if (!reference.to_correlation) {
              places.push_back(plan->PlaceOf(reference.index, field.fields[r]));
              continue;
            }
            // Of a correlation its group's values can be asked for.
            const auto& inner = plan->set().correlations[reference.index].group_by;
            size_t at = 0;
            while (at < inner.size() && inner[at].name != field.fields[r]) ++at;
            places.push_back(at);
          }
          return places;
        };
        state.group_places.push_back(place(c.group_by));
        state.value_places.push_back(place(c.values));
      }
    }
  }

  void Add(const RuleMatch& match) {
    ++stats.matches;
    if (match.event.time == 0) {
      ++stats.undated;
      return;
    }
    if (batch_size_ > 0) {
      const MatchedEvent& last = batch_.front().match.event;
      if (last.time != match.event.time || last.file != match.event.file || last.offset != match.event.offset ||
          last.record != match.event.record) {
        Process();
      }
    }
    if (batch_size_ == batch_.size()) batch_.emplace_back();
    batch_[batch_size_++].Set(match);
  }

  void Finish(int64_t end) {
    Process();
    for (uint32_t c = 0; c < states_.size(); ++c) {
      if (states_[c]->c.type == Type::kAbsence) FirePending(c, end, true);
    }
  }

  CorrelationStats stats;

 private:
  // A match that outlives the call it came with.
  struct Kept {
    std::string bytes;
    RuleMatch match;

    void Set(const RuleMatch& from) {
      size_t size = from.host.size() + from.user.size() + from.source.size();
      for (const auto& list : from.fields) {
        for (const std::string_view value : list) size += value.size();
      }
      bytes.clear();
      bytes.reserve(size);  // the views below stay
      const auto keep = [&](std::string_view text) {
        bytes += text;
        return std::string_view(bytes).substr(bytes.size() - text.size());
      };
      match.event = from.event;
      match.event_id = from.event_id;
      match.host = keep(from.host);
      match.user = keep(from.user);
      match.source = keep(from.source);
      match.fields.resize(from.fields.size());
      for (size_t i = 0; i < from.fields.size(); ++i) {
        match.fields[i].clear();
        for (const std::string_view value : from.fields[i]) match.fields[i].push_back(keep(value));
      }
    }
  };

  // kAbsence: an event of the first rule that is waited for.
  struct Pending {
    Kept event;
    std::string key;
    std::vector<std::string> group;
    bool followed = false;
  };

  struct State {
    explicit State(const Correlation& correlation) : c(correlation) {}
    const Correlation& c;
    std::vector<std::vector<size_t>> group_places, value_places;  // by reference and field
    absl::flat_hash_map<std::string, std::unique_ptr<Group>> groups;
    std::list<Group*> by_age;  // the one whose last event is oldest first
    size_t entries = 0;
    std::deque<std::unique_ptr<Pending>> pending;                        // in order of time
    absl::flat_hash_map<std::string, std::vector<Pending*>> pending_of;  // by group
  };

  // A group that the event being processed comes into.
  struct Touched {
    Group* group;
    uint64_t references;
    size_t first;  // of these
    const RuleMatch* match;
    const Fired* fired;  // of a correlation; else nullptr
  };

  void Process() {
    if (batch_size_ == 0) return;
    for (auto& fired : fired_) fired.clear();
    for (uint32_t c = 0; c < states_.size(); ++c) {
      State& state = *states_[c];
      if (state.c.type == Type::kAbsence) {
        FirePending(c, batch_[0].match.event.time, false);
        NoteAbsence(state);
      } else {
        Correlate(c, state);
      }
    }
    batch_size_ = 0;
  }

  // The matches of the event that are of reference r: calls fn(match, what of a correlation fired or nullptr) with
  // the group in key_ and values_.
  template <typename Fn>
  void ForMatches(State& state, size_t r, Fn&& fn) {
    const Correlation::Reference& reference = state.c.references[r];
    if (!reference.to_correlation) {
      for (size_t b = 0; b < batch_size_; ++b) {
        const RuleMatch& match = batch_[b].match;
        if (match.event.rule != reference.index) continue;
        BeginKey(match);
        bool whole = true;
        for (const size_t place : state.group_places[r]) {
          const auto& list = match.fields[place];
          whole &= !list.empty();
          if (!whole) break;
          std::string text(list[0]);
          for (size_t i = 1; i < list.size(); ++i) text.append(", ").append(list[i]);
          AppendKey(text);
          values_.push_back(std::move(text));
        }
        if (whole) fn(match, nullptr);
        return;
      }
      return;
    }
    for (const Fired& fired : fired_[reference.index]) {
      BeginKey(batch_[0].match);
      bool whole = true;
      for (const size_t place : state.group_places[r]) {
        whole &= place < fired.group.size();
        if (!whole) break;
        AppendKey(fired.group[place]);
        values_.push_back(fired.group[place]);
      }
      if (whole) fn(batch_[0].match, &fired);
    }
  }

  void BeginKey(const RuleMatch& match) {
    key_.clear();
    values_.clear();
    AppendKey(match.tenant);
  }

  void AppendKey(std::string_view text) {
    const size_t before = key_.size();
    key_.append(4, '\0');
    AppendFolded(text, &key_);
    const auto size = static_cast<uint32_t>(key_.size() - before - 4);
    std::memcpy(key_.data() + before, &size, sizeof size);
  }

  void Correlate(uint32_t number, State& state) {
    touched_.clear();
    for (size_t r = 0; r < state.c.references.size(); ++r) {
      ForMatches(state, r, [&](const RuleMatch& match, const Fired* fired) {
        Group* const group = GroupOf(state);
        for (Touched& t : touched_) {
          if (t.group != group) continue;
          t.references |= uint64_t{1} << r;
          return;
        }
        touched_.push_back({group, uint64_t{1} << r, r, &match, fired});
      });
    }
    for (const Touched& t : touched_) Enter(number, state, t);
    if (touched_.empty()) return;
    Forget(state, touched_[0].match->event.time - state.c.timespan);
    while (state.entries > limits_.entries && state.by_age.size() > 1) {
      ++stats.evicted;
      Drop(state, state.by_age.front());
    }
  }

  Group* GroupOf(State& state) {
    auto& slot = state.groups[key_];
    if (slot == nullptr) {
      slot = std::make_unique<Group>();
      slot->key = key_;
      slot->values = values_;
      slot->counts.resize(state.c.references.size());
      slot->chain.assign(state.c.references.size(), INT64_MIN);
      slot->place = state.by_age.insert(state.by_age.end(), slot.get());
    } else {
      state.by_age.splice(state.by_age.end(), state.by_age, slot->place);
    }
    return slot.get();
  }

  // Groups without an event since `since` have nothing in their windows.
  void Forget(State& state, int64_t since) {
    while (!state.by_age.empty()) {
      Group* const oldest = state.by_age.front();
      if (oldest->window.empty() || oldest->window.back().event.time >= since) return;
      Drop(state, oldest);
    }
  }

  void Drop(State& state, Group* group) {
    state.entries -= group->window.size();
    state.by_age.erase(group->place);
    const std::string key = std::move(group->key);
    state.groups.erase(key);
  }

  void Enter(uint32_t number, State& state, const Touched& t) {
    const Correlation& c = state.c;
    Group& group = *t.group;
    const int64_t now = t.match->event.time;
    while (!group.window.empty() && group.window.front().event.time < now - c.timespan) Leave(state, group);
    if (group.window.empty()) group.holds = false;

    Entry entry;
    entry.event = t.match->event;
    if (t.fired != nullptr) {
      entry.event.rule = static_cast<uint32_t>(plan_.set().rules.size()) + c.references[t.first].index;
    }
    entry.references = t.references;
    if (!c.values.empty() && !Measure(state, t, &entry)) return;  // without a value it counts for nothing
    if (group.window.size() >= limits_.window) {
      ++stats.shortened;
      Leave(state, group);
    }
    Count(c, group, entry, now);
    group.window.push_back(std::move(entry));
    ++state.entries;

    std::string measured;
    const bool holds = Holds(c, group, now, &measured);
    const bool fires = holds && !group.holds;
    group.holds = holds;
    if (!fires) return;
    fired_[number].push_back({group.values});
    if (c.rule.silent) return;
    events_.clear();
    for (const Entry& e : group.window) events_.push_back(e.event);
    sink_.OnCorrelation({number, t.match, group.values, std::move(measured), events_});
  }

  // Takes the values of the fields that the condition is about. False: there are none.
  static bool Measure(const State& state, const Touched& t, Entry* entry) {
    const Correlation& c = state.c;
    const std::vector<size_t>& places = state.value_places[t.first];
    // Of a correlation its group's values can be asked for.
    const auto for_values = [&](size_t place, auto&& fn) {
      if (t.fired == nullptr) {
        for (const std::string_view value : t.match->fields[place]) fn(value);
      } else if (place < t.fired->group.size()) {
        fn(std::string_view(t.fired->group[place]));
      }
    };
    if (c.type == Type::kValueCount) {
      // Each element counts; of several fields, each combination.
      entry->texts.assign(1, "");
      for (const size_t place : places) {
        std::vector<std::string> more;
        for (const std::string& before : entry->texts) {
          for_values(place, [&](std::string_view value) {
            std::string folded = Folded(value);
            const auto size = static_cast<uint32_t>(folded.size());
            std::string& text = more.emplace_back(before);
            text.append(reinterpret_cast<const char*>(&size), sizeof size).append(folded);
          });
        }
        entry->texts = std::move(more);
      }
      std::sort(entry->texts.begin(), entry->texts.end());
      entry->texts.erase(std::unique(entry->texts.begin(), entry->texts.end()), entry->texts.end());
      return !entry->texts.empty();
    }
    for_values(places[0], [&](std::string_view value) {
      if (const auto number = ParseNumber(value)) entry->numbers.push_back(*number);
    });
    return !entry->numbers.empty();
  }

  // Puts an entry into what is counted of the window.
  static void Count(const Correlation& c, Group& group, const Entry& entry, int64_t now) {
    for (size_t r = 0; r < c.references.size(); ++r) {
      if ((entry.references >> r & 1) == 0) continue;
      ++group.counts[r];
      // Chain: chain[r] is the latest time at which matches of references 0 to r in this order can have begun.
      const int64_t begun = r == 0 ? now : group.chain[r - 1];
      if (begun >= now - c.timespan) group.chain[r] = std::max(group.chain[r], begun);
    }
    for (const std::string& text : entry.texts) ++group.distinct[text];
    for (const double v : entry.numbers) {
      ++group.numbers;
      if (IsWhole(v)) {
        group.whole += static_cast<int64_t>(v);
      } else {
        ++group.fractions;
      }
      if (c.type == Type::kValuePercentile || c.type == Type::kValueMedian) {
        group.sorted.insert(std::upper_bound(group.sorted.begin(), group.sorted.end(), v), v);
      }
    }
  }

  // Takes the oldest entry out of the window.
  void Leave(State& state, Group& group) {
    const Entry& entry = group.window.front();
    for (size_t r = 0; r < group.counts.size(); ++r) group.counts[r] -= entry.references >> r & 1;
    for (const std::string& text : entry.texts) {
      const auto it = group.distinct.find(text);
      if (--it->second == 0) group.distinct.erase(it);
    }
    for (const double v : entry.numbers) {
      --group.numbers;
      if (IsWhole(v)) {
        group.whole -= static_cast<int64_t>(v);
      } else {
        --group.fractions;
      }
      if (!group.sorted.empty()) {
        group.sorted.erase(std::lower_bound(group.sorted.begin(), group.sorted.end(), v));
      }
    }
    group.window.pop_front();
    --state.entries;
  }

  static double Sum(const Group& group) {
    if (group.fractions == 0) return static_cast<double>(group.whole);
    double sum = 0;  // anew, since taking away does not undo what adding rounded
    for (const Entry& entry : group.window) {
      for (const double v : entry.numbers) sum += v;
    }
    return sum;
  }

  static bool Holds(const Correlation& c, const Group& group, int64_t now, std::string* measured) {
    double value = 0;
    switch (c.type) {
      case Type::kEventCount:
        value = static_cast<double>(group.window.size());
        break;
      case Type::kValueCount:
        value = static_cast<double>(group.distinct.size());
        break;
      case Type::kValueSum:
        value = Sum(group);
        break;
      case Type::kValueAvg:
        value = Sum(group) / static_cast<double>(group.numbers);
        break;
      case Type::kValuePercentile: {  // nearest rank
        const double rank = std::ceil(c.percentile / 100 * static_cast<double>(group.sorted.size()));
        value = group.sorted[static_cast<size_t>(std::max(1.0, rank)) - 1];
        break;
      }
      case Type::kValueMedian: {
        const size_t n = group.sorted.size();
        value = n % 2 == 1 ? group.sorted[n / 2] : (group.sorted[n / 2 - 1] + group.sorted[n / 2]) / 2;
        break;
      }
      case Type::kTemporal:
      case Type::kTemporalOrdered:
        *measured = std::to_string(group.window.size());
        if (c.type == Type::kTemporalOrdered) return group.chain.back() >= now - c.timespan;
        if (c.condition.nodes.empty()) {
          return std::all_of(group.counts.begin(), group.counts.end(), [](uint32_t n) { return n > 0; });
        }
        return Node(c.condition, c.condition.root, group);
      case Type::kAbsence:
        return false;
    }
    *measured = NumberText(value);
    return std::all_of(c.bounds.begin(), c.bounds.end(), [&](const Correlation::Bound& bound) {
      return NumberHolds(bound.op, value, bound.value) != bound.negated;
    });
  }

  static bool Node(const sigma::Expression& e, uint32_t at, const Group& group) {
    const sigma::Expression::Node& node = e.nodes[at];
    const auto holds = [&](uint32_t child) { return Node(e, child, group); };
    switch (node.kind) {
      case sigma::Expression::Kind::kAnd:
        return std::all_of(node.children.begin(), node.children.end(), holds);
      case sigma::Expression::Kind::kOr:
        return std::any_of(node.children.begin(), node.children.end(), holds);
      case sigma::Expression::Kind::kItem:
        return group.counts[node.item] > 0;
      default:
        return node.kind == sigma::Expression::Kind::kTrue;
    }
  }

  void NoteAbsence(State& state) {
    for (size_t r = 1; r < state.c.references.size(); ++r) {
      ForMatches(state, r, [&](const RuleMatch&, const Fired*) {
        const auto it = state.pending_of.find(key_);
        if (it == state.pending_of.end()) return;
        for (Pending* pending : it->second) pending->followed = true;
        state.pending_of.erase(it);
      });
    }
    ForMatches(state, 0, [&](const RuleMatch& match, const Fired*) {
      for (size_t r = 1; r < state.c.references.size(); ++r) {  // an event that is both is followed by itself
        for (size_t b = 0; b < batch_size_; ++b) {
          if (!state.c.references[r].to_correlation && batch_[b].match.event.rule == state.c.references[r].index)
            return;
        }
      }
      auto pending = std::make_unique<Pending>();
      pending->event.Set(match);
      pending->key = key_;
      pending->group = values_;
      state.pending_of[key_].push_back(pending.get());
      state.pending.push_back(std::move(pending));
      ++state.entries;
      if (state.entries <= limits_.entries) return;
      ++stats.evicted;
      Settle(state);
    });
  }

  // Takes the oldest pending event out.
  static std::unique_ptr<Pending> Settle(State& state) {
    std::unique_ptr<Pending> pending = std::move(state.pending.front());
    state.pending.pop_front();
    --state.entries;
    if (!pending->followed) {
      const auto it = state.pending_of.find(pending->key);
      std::erase(it->second, pending.get());
      if (it->second.empty()) state.pending_of.erase(it);
    }
    return pending;
  }

  // Fires for those whose timespan is over at `now`; at the end of the evidence, also where it just ends.
  void FirePending(uint32_t number, int64_t now, bool last) {
    State& state = *states_[number];
    while (!state.pending.empty()) {
      const int64_t until = state.pending.front()->event.match.event.time + state.c.timespan;
      if (last ? until > now : until >= now) return;
      const std::unique_ptr<Pending> pending = Settle(state);
      if (pending->followed || state.c.rule.silent) continue;
      events_.assign(1, pending->event.match.event);
      sink_.OnCorrelation({number, &pending->event.match, pending->group, "0", events_});
    }
  }

  const CorrelationPlan& plan_;
  CorrelationSink& sink_;
  const Limits limits_;
  std::vector<std::unique_ptr<State>> states_;
  std::vector<std::vector<Fired>> fired_;  // by correlation: what fired with the event being processed
  std::deque<Kept> batch_;                 // the first batch_size_: matches of the event being put together
  size_t batch_size_ = 0;
  std::string key_;
  std::vector<std::string> values_;
  std::vector<Touched> touched_;
  std::vector<MatchedEvent> events_;
};

Correlator::Correlator(const CorrelationPlan* plan, CorrelationSink* sink, const Limits& limits)
    : impl_(std::make_unique<Impl>(plan, sink, limits)) {}
Correlator::~Correlator() = default;
void Correlator::Add(const RuleMatch& match) { impl_->Add(match); }
void Correlator::Finish(int64_t end) { impl_->Finish(end); }
const CorrelationStats& Correlator::stats() const { return impl_->stats; }

}  // namespace spoor
