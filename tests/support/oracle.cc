#include "support/oracle.h"

#include <algorithm>
#include <compare>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "match/compare.h"

namespace spoor::test {
namespace {

using sigma::Expression;
using sigma::Operator;

// A whole number in decimal digits, as one learns it at school.
struct Whole {
  bool negative = false;
  std::string digits;
};

std::optional<Whole> ReadWhole(const std::string& text) {
  Whole whole;
  for (const char& c : text) {
    if (c >= '0' && c <= '9') {
      whole.digits += c;
    } else if ((c == '-' || c == '+') && &c == text.data()) {
      whole.negative = c == '-';
    } else {
      return std::nullopt;
    }
  }
  if (whole.digits.empty()) return std::nullopt;
  return whole;
}

// The shorter one gets zeros in front, then digits compare like letters.
std::partial_ordering Compare(Whole a, Whole b) {
  const size_t size = std::max(a.digits.size(), b.digits.size());
  for (Whole* w : {&a, &b}) {
    w->digits.insert(0, size - w->digits.size(), '0');
    if (w->digits == std::string(size, '0')) w->negative = false;
  }
  if (a.negative != b.negative) return a.negative ? std::partial_ordering::less : std::partial_ordering::greater;
  return a.negative ? b.digits <=> a.digits : a.digits <=> b.digits;
}

// How the value compares with the pattern's number; unordered where one of the two is none.
std::partial_ordering Order(const OracleValue& value, const sigma::Pattern& pattern) {
  if (!pattern.number || !value.number) return std::partial_ordering::unordered;
  const auto a = ReadWhole(value.text), b = ReadWhole(pattern.text);
  return a && b ? Compare(*a, *b) : *value.number <=> *pattern.number;
}

// Rules write ThreatName or Threat_Name for a field named in words, "Threat Name".
bool IsNamed(const std::string& want, const std::string& have) {
  std::string joined, underscored;
  for (char c : have) {
    if (c != ' ') joined += c;
    underscored += c == ' ' ? '_' : c;
  }
  return want == have || want == joined || want == underscored;
}

const std::string& NameInEvent(const std::string& sigma, const sigma::Target& target) {
  for (const sigma::FieldName& f : target.fields) {
    if (f.sigma == sigma) return f.evidence;
  }
  return sigma;
}

bool IsMeant(const sigma::Target& target, const OracleEvent& event) {
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(), [&](const auto& n) { return EqualsIgnoreAsciiCase(n, name); });
  };
  const bool anywhere = target.channels.empty() && target.providers.empty();
  if (!anywhere && !among(target.channels, event.channel) && !among(target.providers, event.provider)) return false;
  return target.event_ids.empty() ||
         (event.event_id && std::count(target.event_ids.begin(), target.event_ids.end(), *event.event_id) > 0);
}

bool IsReference(Operator op) { return op >= Operator::kFieldEquals; }

}  // namespace

OracleValue MakeValue(std::string text, std::optional<double> number) {
  OracleValue v;
  v.number = number ? number : ReadWhole(text) ? std::strtod(text.c_str(), nullptr) : ParseNumber(text);
  v.folded = Folded(text);
  v.text = std::move(text);
  return v;
}

OracleEvent Flatten(const Event& event) {
  OracleEvent out;
  for (const Field& field : event.shape->fields) {
    if (!HasField(event, field)) continue;
    out.fields.push_back({field.name, {}});
    std::vector<OracleValue>& values = out.fields.back().values;
    if (field.parts.size() == 1) {
      ForEachElement(event.Part(field.parts[0]), [&](const Value& v) {
        std::string text;
        AppendText(v, &text);
        values.push_back(MakeValue(std::move(text), AsNumber(v)));
      });
    } else {
      std::string text;
      AppendFieldText(event, field, &text);
      values.push_back(MakeValue(std::move(text), std::nullopt));
    }
  }
  out.source = event.shape->source;
  const auto key = [&](int field) {
    std::string text;
    if (field >= 0) AppendFieldText(event, event.shape->fields[static_cast<size_t>(field)], &text);
    return text;
  };
  out.channel = key(event.shape->key.channel);
  out.provider = key(event.shape->key.provider);
  if (const auto n = ParseNumber(key(event.shape->key.event_id)); n && *n >= 0 && *n <= 0xffffffff) {
    out.event_id = static_cast<uint32_t>(*n);
  }
  return out;
}

std::string Show(const OracleEvent& event) {
  std::string out;
  for (const auto& field : event.fields) {
    out += "  " + field.name + " =";
    for (const OracleValue& v : field.values) out += " «" + v.text + "»";
    out += '\n';
  }
  return out;
}

bool SlowGlob(const std::vector<sigma::GlobPart>& glob, size_t part, std::string_view text, bool cased) {
  if (part == glob.size()) return text.empty();
  const sigma::GlobPart& p = glob[part];
  if (p.kind == sigma::GlobPart::kLiteral) {
    const std::string want = cased ? p.text : Folded(p.text);
    return text.substr(0, want.size()) == want && SlowGlob(glob, part + 1, text.substr(want.size()), cased);
  }
  if (p.kind == sigma::GlobPart::kAnyOne) {
    size_t step = 0;
    if (text.empty()) return false;
    DecodeUtf8(text, &step);
    return SlowGlob(glob, part + 1, text.substr(step), cased);
  }
  for (size_t at = 0;; DecodeUtf8(text, &at)) {
    if (SlowGlob(glob, part + 1, text.substr(at), cased)) return true;
    if (at >= text.size()) return false;
  }
}

Oracle::Oracle(const std::vector<sigma::Rule>& rules, const sigma::SourceMap& sources) : rules_(rules) {
  for (const sigma::Rule& rule : rules) targets_.push_back(sources.Resolve(rule.source));
}

bool Oracle::Holds(const sigma::Pattern& p, const OracleValue& value) {
  if (p.part != sigma::TimePart::kNone) {
    const auto part = TimePartOf(p.part, value.text);
    return part && NumberHolds(p.op, *part, *p.number);
  }
  auto& [folded, regex] = ready_[&p];
  if (folded.empty()) folded = Folded(p.text);
  if (p.op == Operator::kRegex && regex == nullptr) regex = *CompiledRegex::Make(p);
  const std::string_view have = p.cased ? value.text : value.folded;
  const std::string_view want = p.cased ? p.text : folded;
  switch (p.op) {
    case Operator::kEquals:
      return have == want || Order(value, p) == 0;
    case Operator::kStartsWith:
      return have.size() >= want.size() && have.substr(0, want.size()) == want;
    case Operator::kEndsWith:
      return have.size() >= want.size() && have.substr(have.size() - want.size()) == want;
    case Operator::kContains:
      return have.find(want) != std::string_view::npos;
    case Operator::kGlob:
      return have.size() < 64 ? SlowGlob(p.glob, 0, have, p.cased)
                              : GlobMatches(p.cased ? p.glob : FoldedGlob(p.glob), have);
    case Operator::kRegex:
      return regex->Matches(value.text);
    case Operator::kCidr: {
      uint8_t address[16];
      return ParseAddress(value.text, address) && Contains(*ParseNetwork(p.text), address);
    }
    case Operator::kLess:
      return Order(value, p) < 0;
    case Operator::kLessEqual:
      return Order(value, p) <= 0;
    case Operator::kGreater:
      return Order(value, p) > 0;
    case Operator::kGreaterEqual:
      return Order(value, p) >= 0;
    case Operator::kAnyValue:
      return true;
    default:
      return false;
  }
}

bool Oracle::Item(const sigma::Item& item, const sigma::Target& target, const OracleEvent& event) {
  const std::string& name = NameInEvent(item.field, target);
  const auto each_value = [&](const std::string& field, auto&& fn) {
    bool present = false;
    for (const auto& f : event.fields) {
      if (!field.empty() && !IsNamed(field, f.name)) continue;
      present = true;
      for (const OracleValue& v : f.values) {
        if (fn(v)) return std::pair(true, true);
      }
    }
    return std::pair(present, false);
  };
  for (const sigma::Pattern& p : item.any_of) {
    if (p.op == Operator::kNull || p.op == Operator::kNotExists || p.op == Operator::kExists) {
      bool there = false, without_value = false;
      for (const auto& f : event.fields) {
        if (!IsNamed(item.field.empty() ? f.name : name, f.name)) continue;
        there = true;
        without_value |= f.values.empty();
      }
      if (p.op == Operator::kExists ? there : p.op == Operator::kNotExists ? !there : !there || without_value) {
        return true;
      }
    } else if (IsReference(p.op)) {
      sigma::Pattern as;
      as.op = p.op == Operator::kFieldEquals       ? Operator::kEquals
              : p.op == Operator::kFieldStartsWith ? Operator::kStartsWith
              : p.op == Operator::kFieldEndsWith   ? Operator::kEndsWith
                                                   : Operator::kContains;
      const auto [present, held] = each_value(name, [&](const OracleValue& mine) {
        return each_value(NameInEvent(p.text, target),
                          [&](const OracleValue& other) {
                            as.text = other.text;
                            ready_.erase(&as);
                            return Holds(as, mine);
                          })
            .second;
      });
      ready_.erase(&as);
      if (held) return true;
    } else if (each_value(name, [&](const OracleValue& v) { return Holds(p, v); }).second) {
      return true;
    }
  }
  return false;
}

bool Oracle::Node(const Expression& e, uint32_t node, const sigma::Target& target, const OracleEvent& event) {
  const Expression::Node& n = e.nodes[node];
  const auto holds = [&](uint32_t child) { return Node(e, child, target, event); };
  switch (n.kind) {
    case Expression::Kind::kAnd:
      return std::all_of(n.children.begin(), n.children.end(), holds);
    case Expression::Kind::kOr:
      return std::any_of(n.children.begin(), n.children.end(), holds);
    case Expression::Kind::kNot:
      return !holds(n.children[0]);
    case Expression::Kind::kItem:
      return Item(e.items[n.item], target, event);
    case Expression::Kind::kTrue:
      return true;
    case Expression::Kind::kFalse:
      return false;
  }
  return false;
}

std::vector<uint32_t> Oracle::Holding(const OracleEvent& event) {
  if (!event.source.is_windows_log()) {  // such events say by name what they are, and fields are called what they are
    static const sigma::Target kAny;
    std::vector<uint32_t> held;
    const auto fits = [](const std::string& want, const std::string& have) { return want.empty() || want == have; };
    for (uint32_t r = 0; r < rules_.size(); ++r) {
      const sigma::LogSource& source = rules_[r].source;
      if (fits(source.product, event.source.product) && fits(source.service, event.source.service) &&
          fits(source.category, event.source.category) &&
          Node(rules_[r].detection, rules_[r].detection.root, kAny, event)) {
        held.push_back(r);
      }
    }
    return held;
  }
  const auto [it, fresh] = meant_.try_emplace(
      {{event.channel, event.provider}, event.event_id ? static_cast<int64_t>(*event.event_id) : -1});
  if (fresh) {
    for (uint32_t r = 0; r < rules_.size(); ++r) {
      for (const sigma::Target& target : targets_[r]) {
        if (!IsMeant(target, event)) continue;
        it->second.emplace_back(r, &target);
        break;  // an event is of the first kind that fits: no two kinds of one log source share an event
      }
    }
  }
  std::set<uint32_t> held;
  for (const auto& [r, target] : it->second) {
    const bool conditions = std::all_of(target->conditions.begin(), target->conditions.end(),
                                        [&](const sigma::Item& c) { return Item(c, *target, event); });
    if (conditions && Node(rules_[r].detection, rules_[r].detection.root, *target, event)) held.insert(r);
  }
  return {held.begin(), held.end()};
}

}  // namespace spoor::test
