// Understanding the modifiers behind a field's name.
//
// There are four sorts. One says what kind of comparison it is (re, cidr, lt…, fieldref, exists; none of
// them: text). One says where in the value the text stands (contains, startswith, endswith). Some rewrite the
// text, in the order written (wide, base64, windash, expand…). The rest concern the list or the comparison as
// a whole (all, neq, cased, and i, m, s of a regular expression). Which sorts go together is decided here, in
// CheckTogether; values.cc does the work.
#include "sigma/modifier.h"

#include <iterator>

#include "base/message.h"
#include "sigma/suggest.h"

namespace spoor::sigma {
namespace {

using Kind = Modifiers::Kind;
using Place = Modifiers::Place;
using Rewrite = Modifiers::Rewrite;

enum class Sort : uint8_t { kKind, kCompare, kPlace, kRewrite, kAll, kNeq, kCased, kTimePart, kFlagI, kFlagM, kFlagS };

struct Entry {
  std::string_view name;
  Sort sort;
  uint8_t value;  // of the enum the sort speaks of
};

template <typename E>
constexpr uint8_t N(E e) {
  return static_cast<uint8_t>(e);
}

constexpr Entry kModifiers[] = {
    {"contains", Sort::kPlace, N(Place::kAnywhere)},
    {"endswith", Sort::kPlace, N(Place::kEnd)},
    {"startswith", Sort::kPlace, N(Place::kStart)},
    {"all", Sort::kAll, 0},
    {"re", Sort::kKind, N(Kind::kRegex)},
    {"windash", Sort::kRewrite, N(Rewrite::kWindash)},
    {"cidr", Sort::kKind, N(Kind::kCidr)},
    {"base64", Sort::kRewrite, N(Rewrite::kBase64)},
    {"base64offset", Sort::kRewrite, N(Rewrite::kBase64Offset)},
    {"wide", Sort::kRewrite, N(Rewrite::kUtf16Le)},
    {"utf16le", Sort::kRewrite, N(Rewrite::kUtf16Le)},
    {"utf16be", Sort::kRewrite, N(Rewrite::kUtf16Be)},
    {"utf16", Sort::kRewrite, N(Rewrite::kUtf16)},
    {"expand", Sort::kRewrite, N(Rewrite::kExpand)},
    {"fieldref", Sort::kKind, N(Kind::kFieldRef)},
    {"exists", Sort::kKind, N(Kind::kExists)},
    {"cased", Sort::kCased, 0},
    {"neq", Sort::kNeq, 0},
    {"lt", Sort::kCompare, N(Operator::kLess)},
    {"lte", Sort::kCompare, N(Operator::kLessEqual)},
    {"gt", Sort::kCompare, N(Operator::kGreater)},
    {"gte", Sort::kCompare, N(Operator::kGreaterEqual)},
    {"minute", Sort::kTimePart, N(TimePart::kMinute)},
    {"hour", Sort::kTimePart, N(TimePart::kHour)},
    {"day", Sort::kTimePart, N(TimePart::kDay)},
    {"week", Sort::kTimePart, N(TimePart::kWeek)},
    {"month", Sort::kTimePart, N(TimePart::kMonth)},
    {"year", Sort::kTimePart, N(TimePart::kYear)},
    {"i", Sort::kFlagI, 0},
    {"ignorecase", Sort::kFlagI, 0},
    {"m", Sort::kFlagM, 0},
    {"multiline", Sort::kFlagM, 0},
    {"s", Sort::kFlagS, 0},
    {"dotall", Sort::kFlagS, 0},
};

static_assert(std::size(kModifiers) <= 64);  // as ParseFieldKey counts them

absl::Status Bad(absl::string_view message) { return absl::InvalidArgumentError(message); }

const Entry* FindModifier(std::string_view name) {
  for (const Entry& entry : kModifiers) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

absl::Status Unknown(std::string_view name) {
  if (name.empty()) return Bad("a '|' without a modifier behind it");
  return Bad(Cat("unknown modifier '", name, "'", DidYouMean(name, ModifierNames())));
}

const char* KindName(const Modifiers& m) {
  switch (m.kind) {
    case Kind::kText:
      return "";
    case Kind::kRegex:
      return "re";
    case Kind::kCidr:
      return "cidr";
    case Kind::kFieldRef:
      return "fieldref";
    case Kind::kExists:
      return "exists";
    case Kind::kCompare:
      break;
  }
  switch (m.compare) {
    case Operator::kLess:
      return "lt";
    case Operator::kLessEqual:
      return "lte";
    case Operator::kGreater:
      return "gt";
    default:
      return "gte";
  }
}

// What one modifier adds to those before it.
absl::Status Add(const Entry& entry, std::string_view* place, Modifiers* m) {
  const auto kind = [&](Kind wanted) {
    if (m->kind == Kind::kText) {
      m->kind = wanted;
      return absl::OkStatus();
    }
    return Bad(Cat("'", entry.name, "' cannot stand together with '", KindName(*m), "'"));
  };
  switch (entry.sort) {
    case Sort::kKind:
      return kind(static_cast<Kind>(entry.value));
    case Sort::kCompare:
      if (absl::Status s = kind(Kind::kCompare); !s.ok()) return s;
      m->compare = static_cast<Operator>(entry.value);
      return absl::OkStatus();
    case Sort::kPlace:
      if (!place->empty()) {
        return Bad(Cat("'", entry.name, "' cannot stand together with '", *place, "'; 'contains' looks anywhere"));
      }
      *place = entry.name;
      m->place = static_cast<Place>(entry.value);
      return absl::OkStatus();
    case Sort::kRewrite:
      if (!m->rewrites.empty() && m->rewrites.back() == Rewrite::kBase64Offset) {
        return Bad(Cat("'", entry.name, "' cannot stand behind 'base64offset'"));
      }
      m->rewrites.push_back(static_cast<Rewrite>(entry.value));
      return absl::OkStatus();
    case Sort::kAll:
      m->all = true;
      return absl::OkStatus();
    case Sort::kNeq:
      m->neq = true;
      return absl::OkStatus();
    case Sort::kCased:
      m->cased = true;
      return absl::OkStatus();
    case Sort::kTimePart:
      if (m->part != TimePart::kNone) {
        return Bad(Cat("'", entry.name, "' cannot stand together with '", TimePartName(m->part), "'"));
      }
      m->part = static_cast<TimePart>(entry.value);
      return absl::OkStatus();
    default:
      break;
  }
  if (m->kind != Kind::kRegex) return Bad(Cat("'", entry.name, "' is a flag of 're' and must follow it"));
  if (entry.sort == Sort::kFlagI) m->regex_i = true;
  if (entry.sort == Sort::kFlagM) m->regex_m = true;
  if (entry.sort == Sort::kFlagS) m->regex_s = true;
  return absl::OkStatus();
}

absl::Status CheckTogether(const Modifiers& m, std::string_view field, std::string_view place) {
  const char* kind = KindName(m);
  if (!place.empty() && m.kind == Kind::kRegex) {
    return Bad(Cat("'", place,
                   "' cannot stand together with 're', which searches anywhere; "
                   "use ^ and $ in the expression"));
  }
  if (!place.empty() && m.kind != Kind::kText && m.kind != Kind::kFieldRef) {
    return Bad(Cat("'", place, "' cannot stand together with '", kind, "'"));
  }
  if (!m.rewrites.empty() && m.kind != Kind::kText) {
    return Bad(Cat("'", kind, "' cannot stand together with a modifier that rewrites text"));
  }
  if (m.part != TimePart::kNone) {
    const std::string_view other = !place.empty()                                      ? place
                                   : m.kind != Kind::kText && m.kind != Kind::kCompare ? kind
                                   : m.cased                                           ? "cased"
                                   : !m.rewrites.empty()                               ? "a modifier that rewrites text"
                                                                                       : "";
    if (!other.empty()) return Bad(Cat("'", TimePartName(m.part), "' cannot stand together with '", other, "'"));
    if (field.empty()) return Bad(Cat("'", TimePartName(m.part), "' needs a field before it"));
  }
  if (m.cased && m.kind == Kind::kRegex)
    return Bad("'cased' is needless with 're', which is case-sensitive without 'i'");
  if (m.cased && m.kind != Kind::kText) return Bad(Cat("'cased' cannot stand together with '", kind, "'"));
  if (m.kind == Kind::kExists && (m.all || m.neq)) {
    return Bad(Cat("'", m.all ? "all" : "neq", "' cannot stand together with 'exists'"));
  }
  if (field.empty() && m.kind != Kind::kText && m.kind != Kind::kRegex) {
    return Bad(Cat("'", kind, "' needs a field before it"));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string_view>& ModifierNames() {
  static const auto* names = [] {
    auto* all = new std::vector<std::string_view>;
    for (const Entry& entry : kModifiers) all->push_back(entry.name);
    return all;
  }();
  return *names;
}

absl::StatusOr<Modifiers> ParseFieldKey(std::string_view key, std::string_view* field) {
  Modifiers m;
  size_t bar = key.find('|');
  *field = key.substr(0, bar);
  if (key.empty()) return Bad("the name of a field is empty");
  for (size_t at = bar; at != std::string_view::npos; at = key.find('|', at + 1)) {
    const auto is_space = [&](size_t i) { return i < key.size() && (key[i] == ' ' || key[i] == '\t'); };
    if ((at > 0 && is_space(at - 1)) || is_space(at + 1)) return Bad("white space before or behind a '|'");
  }
  std::string_view place;
  uint64_t seen = 0;  // bit by place in kModifiers
  while (bar != std::string_view::npos) {
    const size_t next = key.find('|', bar + 1);
    const std::string_view name = key.substr(bar + 1, next == std::string_view::npos ? next : next - bar - 1);
    const Entry* entry = FindModifier(name);
    if (entry == nullptr) return Unknown(name);
    const Entry* first = std::begin(kModifiers);  // of the names that mean the same
    while (first->sort != entry->sort || first->value != entry->value) ++first;
    const uint64_t bit = uint64_t{1} << (first - kModifiers);
    if (seen & bit) return Bad(Cat("'", name, "' stands there twice"));
    seen |= bit;
    if (absl::Status s = Add(*entry, &place, &m); !s.ok()) return s;
    bar = next;
  }
  if (absl::Status s = CheckTogether(m, *field, place); !s.ok()) return s;
  return m;
}

}  // namespace spoor::sigma
