// Sliding windows against the plain reading of what a correlation is: for every event, everything is worked out anew.
#include "match/correlator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "sigma/resolve.h"

namespace spoor {
namespace {

using sigma::Correlation;
using sigma::RuleSet;

RuleSet Load(const std::string& correlations) {
  std::string yaml;
  for (const char* name : {"a", "b", "c"}) {
    yaml += std::string("title: ") + name + "\nname: " + name +
            "\nlogsource: {category: test}\ndetection: {s: {x: 1}, condition: s}\n---\n";
  }
  RuleSet set;
  sigma::ParseRules(yaml + correlations, "test.yml", {}, &set);
  sigma::ResolveReferences(&set);
  for (const sigma::RuleError& e : set.errors) ADD_FAILURE() << e.line << ": " << e.message << "\n" << correlations;
  return set;
}

struct TestEvent {
  int64_t time = 0;
  std::vector<uint32_t> rules;                             // that match it, ascending
  std::map<std::string, std::vector<std::string>> fields;  // the same whatever the rule
};

// "TITLE @ event [group] measured: events of the window"
std::string Line(const std::string& title, size_t event, const std::vector<std::string>& group,
                 const std::vector<size_t>& window) {
  std::string line = title + " @" + std::to_string(event) + " [";
  for (const std::string& value : group) line += value + ";";
  line += "]";
  for (const size_t e : window) line += " " + std::to_string(e);
  return line;
}

// The plain reading.
class Plain {
 public:
  Plain(const RuleSet& set, const std::vector<TestEvent>& events) : set_(set), events_(events) {}

  std::set<std::string> All(int64_t end) {
    fired_.resize(set_.correlations.size());
    for (size_t c = 0; c < set_.correlations.size(); ++c) {
      if (set_.correlations[c].type == Correlation::Type::kAbsence) {
        Absence(set_.correlations[c], end);
      } else {
        One(c);
      }
    }
    return lines_;
  }

 private:
  using Values = std::vector<std::string>;

  static std::string Joined(const std::vector<std::string>& list) {
    std::string out;
    for (const std::string& v : list) out += (out.empty() ? "" : ", ") + v;
    return out;
  }

  // The groups an event is in by reference r; nothing where it is none of r's.
  std::vector<Values> GroupsOf(const Correlation& c, size_t r, size_t event) const {
    const Correlation::Reference& reference = c.references[r];
    const TestEvent& e = events_[event];
    if (!reference.to_correlation) {
      if (std::count(e.rules.begin(), e.rules.end(), reference.index) == 0) return {};
      Values values;
      for (const auto& field : c.group_by) {
        const auto it = e.fields.find(field.fields[r]);
        if (it == e.fields.end() || it->second.empty()) return {};
        values.push_back(Joined(it->second));
      }
      return {values};
    }
    std::vector<Values> groups;
    const Correlation& inner = set_.correlations[reference.index];
    for (const auto& [at, group] : fired_[reference.index]) {
      if (at != event) continue;
      Values values;
      for (const auto& field : c.group_by) {
        for (size_t i = 0; i < inner.group_by.size(); ++i) {
          if (inner.group_by[i].name == field.fields[r]) values.push_back(group[i]);
        }
      }
      if (values.size() == c.group_by.size()) groups.push_back(values);
    }
    return groups;
  }

  static Values Folded(const Values& values) {
    Values out;
    for (const std::string& v : values) out.push_back(spoor::Folded(v));
    return out;
  }

  // The values of a field that is counted: of a correlation, its group's.
  std::vector<std::string> ValuesOf(const Correlation& c, size_t r, const std::string& field, size_t event,
                                    const Values& group) const {
    const Correlation::Reference& reference = c.references[r];
    if (!reference.to_correlation) {
      const auto it = events_[event].fields.find(field);
      return it == events_[event].fields.end() ? Values() : it->second;
    }
    const Correlation& inner = set_.correlations[reference.index];
    for (const auto& [at, values] : fired_[reference.index]) {
      if (at != event) continue;
      Values mine;
      for (const auto& g : c.group_by) {
        for (size_t i = 0; i < inner.group_by.size(); ++i) {
          if (inner.group_by[i].name == g.fields[r]) mine.push_back(values[i]);
        }
      }
      if (Folded(mine) != group) continue;
      for (size_t i = 0; i < inner.group_by.size(); ++i) {
        if (inner.group_by[i].name == field) return {values[i]};
      }
      return {};
    }
    return {};
  }

  std::set<std::string> TextsOf(const Correlation& c, size_t r, size_t event, const Values& group) const {
    std::set<std::string> texts{""};
    for (const auto& field : c.values) {
      std::set<std::string> more;
      const Values all = ValuesOf(c, r, field.fields[r], event, group);
      for (const std::string& before : texts) {
        for (const std::string& v : all) more.insert(before + "\x01" + spoor::Folded(v));
      }
      texts = more;
    }
    return texts;
  }

  std::vector<double> NumbersOf(const Correlation& c, size_t r, size_t event, const Values& group) const {
    std::vector<double> numbers;
    for (const std::string& v : ValuesOf(c, r, c.values[0].fields[r], event, group)) {
      if (const auto n = ParseNumber(v)) numbers.push_back(*n);
    }
    return numbers;
  }

  struct Member {
    size_t event;
    std::set<size_t> references;
  };

  bool Holds(const Correlation& c, const std::vector<Member>& window, const Values& group) const {
    double value = static_cast<double>(window.size());
    std::vector<double> numbers;
    std::set<std::string> texts;
    for (const Member& m : window) {
      const size_t r = *m.references.begin();
      if (c.type == Correlation::Type::kValueCount) {
        for (const std::string& t : TextsOf(c, r, m.event, group)) texts.insert(t);
      } else if (!c.values.empty()) {
        for (const double n : NumbersOf(c, r, m.event, group)) numbers.push_back(n);
      }
    }
    double sum = 0;
    for (const double n : numbers) sum += n;
    std::vector<double> sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    switch (c.type) {
      case Correlation::Type::kEventCount:
        break;
      case Correlation::Type::kValueCount:
        value = static_cast<double>(texts.size());
        break;
      case Correlation::Type::kValueSum:
        value = sum;
        break;
      case Correlation::Type::kValueAvg:
        value = sum / static_cast<double>(numbers.size());
        break;
      case Correlation::Type::kValuePercentile: {
        size_t rank = 1;  // the first value that so many of a hundred are no larger than
        while (100.0 * static_cast<double>(rank) < c.percentile * static_cast<double>(sorted.size())) ++rank;
        value = sorted[rank - 1];
        break;
      }
      case Correlation::Type::kValueMedian:
        value = (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
        break;
      case Correlation::Type::kTemporalOrdered: {
        std::function<bool(size_t, size_t)> from = [&](size_t reference, size_t at) {
          if (reference == c.references.size()) return true;
          for (size_t i = at; i < window.size(); ++i) {
            if (window[i].references.contains(reference) && from(reference + 1, i)) return true;
          }
          return false;
        };
        return from(0, 0);
      }
      case Correlation::Type::kTemporal: {
        const auto met = [&](size_t r) {
          return std::any_of(window.begin(), window.end(), [&](const Member& m) { return m.references.contains(r); });
        };
        std::function<bool(uint32_t)> node = [&](uint32_t at) {
          const auto& n = c.condition.nodes[at];
          if (n.kind == sigma::Expression::Kind::kItem) return met(n.item);
          if (n.kind == sigma::Expression::Kind::kAnd) return std::all_of(n.children.begin(), n.children.end(), node);
          return std::any_of(n.children.begin(), n.children.end(), node);
        };
        if (!c.condition.nodes.empty()) return node(c.condition.root);
        for (size_t r = 0; r < c.references.size(); ++r) {
          if (!met(r)) return false;
        }
        return true;
      }
      case Correlation::Type::kAbsence:
        return false;
    }
    for (const auto& bound : c.bounds) {
      const bool holds = bound.op == sigma::Operator::kEquals      ? value == bound.value
                         : bound.op == sigma::Operator::kLess      ? value < bound.value
                         : bound.op == sigma::Operator::kLessEqual ? value <= bound.value
                         : bound.op == sigma::Operator::kGreater   ? value > bound.value
                                                                   : value >= bound.value;
      if (holds == bound.negated) return false;
    }
    return true;
  }

  void One(size_t number) {
    const Correlation& c = set_.correlations[number];
    struct Group {
      Values values;
      std::vector<Member> members;
      bool held = false;
    };
    std::map<Values, Group> groups;
    for (size_t e = 0; e < events_.size(); ++e) {
      std::map<Values, std::pair<Values, Member>> in;
      std::vector<Values> order;
      for (size_t r = 0; r < c.references.size(); ++r) {
        for (const Values& values : GroupsOf(c, r, e)) {
          auto& [first, member] = in[Folded(values)];
          if (member.references.empty()) {
            first = values;
            order.push_back(Folded(values));
          }
          member.event = e;
          member.references.insert(r);
        }
      }
      for (const Values& key : order) {
        const auto& [values, member] = in[key];
        const size_t r = *member.references.begin();
        if (c.type == Correlation::Type::kValueCount && TextsOf(c, r, e, key).empty()) continue;
        if (c.type != Correlation::Type::kValueCount && !c.values.empty() && NumbersOf(c, r, e, key).empty()) continue;
        Group& group = groups[key];
        std::erase_if(group.members,
                      [&](const Member& m) { return events_[m.event].time < events_[e].time - c.timespan; });
        if (group.members.empty()) {
          group.held = false;
          group.values = values;
        }
        group.members.push_back(member);
        const bool holds = Holds(c, group.members, key);
        if (holds && !group.held) {
          fired_[number].emplace_back(e, group.values);
          std::vector<size_t> window;
          for (const Member& m : group.members) window.push_back(m.event);
          if (!c.rule.silent) lines_.insert(Line(c.rule.title, e, Folded(group.values), window));
        }
        group.held = holds;
      }
    }
  }

  void Absence(const Correlation& c, int64_t end) {
    for (size_t e = 0; e < events_.size(); ++e) {
      for (const Values& values : GroupsOf(c, 0, e)) {
        bool followed = events_[e].time + c.timespan > end;  // cannot be told
        for (size_t f = e; f < events_.size() && events_[f].time <= events_[e].time + c.timespan; ++f) {
          for (size_t r = 1; r < c.references.size(); ++r) {
            const Correlation::Reference& reference = c.references[r];
            followed |= f == e && !reference.to_correlation &&
                        std::count(events_[f].rules.begin(), events_[f].rules.end(), reference.index) > 0;
            if (f == e) continue;
            for (const Values& other : GroupsOf(c, r, f)) followed |= Folded(other) == Folded(values);
          }
        }
        if (!followed) lines_.insert(Line(c.rule.title, e, Folded(values), {e}));
      }
    }
  }

  const RuleSet& set_;
  const std::vector<TestEvent>& events_;
  std::vector<std::vector<std::pair<size_t, Values>>> fired_;
  std::set<std::string> lines_;
};

struct Collect : CorrelationSink {
  explicit Collect(const RuleSet& s) : set(s) {}
  void OnCorrelation(const CorrelationMatch& m) override {
    std::vector<size_t> window;
    for (const MatchedEvent& e : m.events) window.push_back(e.record);
    std::vector<std::string> group;
    for (const std::string& v : m.group) group.push_back(Folded(v));
    EXPECT_TRUE(
        lines.insert(Line(set.correlations[m.correlation].rule.title, m.event->event.record, group, window)).second);
  }
  const RuleSet& set;
  std::set<std::string> lines;
};

std::set<std::string> RunAll(const RuleSet& set, const std::vector<TestEvent>& events, int64_t end,
                             const Correlator::Limits& limits = {}, CorrelationStats* stats = nullptr) {
  const CorrelationPlan plan(set);
  Collect sink(set);
  Correlator correlator(&plan, &sink, limits);
  for (size_t e = 0; e < events.size(); ++e) {
    for (const uint32_t rule : events[e].rules) {
      if (!plan.Wants(rule)) continue;
      RuleMatch match;
      match.event = {events[e].time, 0, e, e, rule};
      for (const std::string& field : plan.FieldsOf(rule)) {
        match.fields.emplace_back();
        const auto it = events[e].fields.find(field);
        if (it == events[e].fields.end()) continue;
        for (const std::string& value : it->second) match.fields.back().push_back(value);
      }
      correlator.Add(match);
    }
  }
  correlator.Finish(end);
  if (stats != nullptr) *stats = correlator.stats();
  return sink.lines;
}

constexpr int64_t kSecond = 1'000'000;

std::vector<TestEvent> RandomEvents(std::mt19937& random, size_t count, unsigned gap) {
  std::vector<TestEvent> events(count);
  int64_t time = 1000 * kSecond;
  for (TestEvent& e : events) {
    time += random() % 4 ? static_cast<int64_t>(random() % gap) * kSecond : 0;
    e.time = time;
    for (uint32_t rule = 0; rule < 3; ++rule) {
      if (random() % 3 == 0) e.rules.push_back(rule);
    }
    static const char* const kValues[] = {"x", "X", "y", "é", "É", "z"};
    for (const char* field : {"u", "v", "w"}) {
      if (random() % 8 == 0) continue;
      for (size_t n = random() % 9 == 0 ? 2 : 1; n > 0; --n) e.fields[field].push_back(kValues[random() % 6]);
    }
    static const char* const kNumbers[] = {"1", "2", "3.5", "-4", "10", "none", "0.1", "7e2"};
    if (random() % 6 != 0) {
      for (size_t n = random() % 7 == 0 ? 2 : 1; n > 0; --n) e.fields["n"].push_back(kNumbers[random() % 8]);
    }
  }
  return events;
}

std::string RandomCorrelation(std::mt19937& random, int number, int before) {
  static const char* const kTypes[] = {"event_count", "value_count",      "value_sum",
                                       "value_avg",   "value_percentile", "value_median",
                                       "temporal",    "temporal_ordered", "spoor_absence"};
  const size_t type = random() % 9;
  std::vector<std::string> rules = {"a", "b", "c"};
  if (type < 2 || type == 6 || type == 7) {
    for (int i = 0; i < before; ++i) rules.push_back("k" + std::to_string(i));
  }
  std::shuffle(rules.begin(), rules.end(), random);
  rules.resize(std::min(rules.size(), (type >= 7 ? 2 : 1) + random() % 3));
  std::string list,
      text = "title: k" + std::to_string(number) + "\nname: k" + std::to_string(number) + "\ncorrelation:\n";
  for (const std::string& rule : rules) list += (list.empty() ? "" : ", ") + rule;
  text += std::string("  type: ") + kTypes[type] + "\n  rules: [" + list +
          "]\n  timespan: " + std::to_string(1 + random() % 20) + "s\n  generate: true\n";
  if (random() % 4 != 0) {
    text += std::string("  group-by: [") + (random() % 3 == 0 ? "u, v" : random() % 2 ? "u" : "g") + "]\n";
    text += "  aliases: {g: {" + rules[0] + ": v}}\n";
  }
  if (type == 6 && rules.size() > 2 && random() % 2) {
    text += "  condition: " + rules[0] + " and (" + rules[1] + " or " + rules[2] + ")\n";
  }
  if (type < 6) {
    text += "  condition: {";
    if (type == 1) text += random() % 3 == 0 ? "field: [v, w], " : "field: w, ";
    if (type > 1) text += "field: n, ";
    if (type == 4) text += "percentile: " + std::to_string(random() % 101) + ", ";
    static const char* const kOps[] = {"gt", "gte", "lt", "lte", "eq", "neq"};
    const size_t op = random() % 6;
    text += std::string(kOps[op]) + ": " + std::to_string(random() % 6) + (random() % 4 == 0 ? ".5" : "");
    if (random() % 4 == 0)
      text += std::string(", ") + kOps[(op + 1 + random() % 5) % 6] + ": " + std::to_string(random() % 9);
    text += "}\n";
  }
  return text + "---\n";
}

TEST(Correlator, AgreesWithThePlainReadingOnRandomStreams) {
  std::mt19937 random(5);
  uint64_t fired = 0;
  for (int round = 0; round < 400; ++round) {
    std::string yaml;
    int plain = 0;  // the first so many may be built upon
    for (int k = 0; k < 6; ++k) {
      std::string one = RandomCorrelation(random, k, plain);
      if (one.find("spoor_absence") == std::string::npos && plain == k) ++plain;
      yaml += one;
    }
    const RuleSet set = Load(yaml);
    ASSERT_EQ(set.correlations.size(), 6u);
    const auto events = RandomEvents(random, 120, 1 + random() % 8);
    const int64_t end = events.back().time;
    const std::set<std::string> expected = Plain(set, events).All(end);
    const std::set<std::string> found = RunAll(set, events, end);
    std::vector<std::string> apart;
    std::set_symmetric_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                                  std::back_inserter(apart));
    for (std::string& line : apart) line = (found.contains(line) ? "too much: " : "missing: ") + line;
    ASSERT_TRUE(apart.empty()) << "round " << round << "\n" << testing::PrintToString(apart) << "\n" << yaml;
    fired += expected.size();
  }
  EXPECT_GT(fired, 10'000u);
}

std::vector<TestEvent> At(std::initializer_list<int> seconds) {
  std::vector<TestEvent> events;
  for (const int s : seconds) events.push_back({s * kSecond, {0}, {{"u", {"x"}}}});
  return events;
}

const char kCount[] =
    "title: k\ncorrelation: {type: event_count, rules: a, group-by: u, timespan: 10s, condition: {gte: 3}}\n";

TEST(Correlator, EventsExactlyATimespanApartAreTogether) {
  const RuleSet set = Load(kCount);
  EXPECT_EQ(RunAll(set, At({100, 105, 110}), 0), (std::set<std::string>{"k @2 [x;] 0 1 2"}));
  EXPECT_TRUE(RunAll(set, At({100, 105, 111}), 0).empty());
}

TEST(Correlator, FiresAgainOnlyAfterItWasFalse) {
  const RuleSet set = Load(kCount);
  EXPECT_EQ(RunAll(set, At({100, 101, 102, 103, 104, 112}), 0).size(), 1u) << "true all the time";
  EXPECT_EQ(RunAll(set, At({100, 101, 102, 120, 121, 122}), 0).size(), 2u);
}

TEST(Correlator, MemoryIsBoundedAndWhatIsGivenUpCounted) {
  const RuleSet set = Load(kCount);
  std::vector<TestEvent> same, all;
  for (int i = 0; i < 1000; ++i) {
    same.push_back({1000 * kSecond, {0}, {{"u", {"x"}}}});
    all.push_back({1000 * kSecond, {0}, {{"u", {std::to_string(i)}}}});
  }
  CorrelationStats stats;
  EXPECT_EQ(RunAll(set, same, 0, {.window = 100}, &stats).size(), 1u);
  EXPECT_EQ(stats.shortened, 900u);
  RunAll(set, all, 0, {.entries = 50}, &stats);
  EXPECT_EQ(stats.evicted, 950u);
}

TEST(Correlator, MatchesWithoutATimeAreLeftOutAndCounted) {
  const RuleSet set = Load(kCount);
  CorrelationStats stats;
  EXPECT_TRUE(RunAll(set, At({0, 0, 0}), 0, {}, &stats).empty());
  EXPECT_EQ(stats.undated, 3u);
}

}  // namespace
}  // namespace spoor
