#include "match/field_matcher.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "match/indicators.h"

namespace spoor {

using sigma::Operator;
using sigma::Pattern;

// Collects hits of one value (or list of values); every item is noted once.
struct FieldMatcher::Hits {
  const ValueText& value;
  ScanScratch* scratch;
  std::vector<uint16_t>* out;

  bool Has(uint16_t item) const { return scratch->item_mark[item] == scratch->epoch; }
  void Item(uint16_t item) {
    if (Has(item)) return;
    scratch->item_mark[item] = scratch->epoch;
    out->push_back(item);
  }
};

class FieldMatcher::Builder {
 public:
  explicit Builder(FieldMatcher* m) : m_(*m) {}

  absl::Status AddItem(uint16_t number, const sigma::Item& item) {
    m_.folded_.emplace_back();
    for (const Pattern& p : item.any_of) {
      m_.folded_.back().push_back(Folded(p.text));
      if (absl::Status s = AddPattern(number, p, m_.folded_.back().back()); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  absl::Status Finish() {
    const auto views = [](const std::vector<std::string>& v) {
      return std::vector<std::string_view>(v.begin(), v.end());
    };
    m_.prefix_trie_.Build(views(m_.prefixes_), AffixTrie::kPrefix);
    m_.suffix_trie_.Build(views(m_.suffixes_), AffixTrie::kSuffix);
    for (const Draft& draft : on_prefix_) m_.on_prefix_.push_back(Flat(draft));
    for (const Draft& draft : on_suffix_) m_.on_suffix_.push_back(Flat(draft));
    for (const Draft& draft : on_contains_) m_.on_contains_.push_back(Flat(draft));
    for (const auto& [literal, draft] : equal_) m_.equal_[literal] = Flat(draft);
    m_.contains_count_ = m_.contains_.size();
    if (m_.contains_.size() > kFewLiterals) {
      auto made = LiteralDatabase::Make(views(m_.contains_));
      if (!made.ok()) return made.status();
      m_.contains_database_ = *std::move(made);
    }
    FindImpossible();
    for (auto* list : {&m_.absent_, &m_.always_, &m_.without_value_}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    return absl::OkStatus();
  }

  // Values that can hold no literal need no scan where nothing but literals is looked for. A type whose texts have an
  // alphabet of their own cannot hold a literal with other letters in it.
  void FindImpossible() {
    if (!m_.always_.empty() || !m_.numbers_.empty() || !m_.networks_.empty()) return;
    for (const uint32_t check : m_.untriggered_) {
      const Pattern& p = *m_.checks_[check].pattern;
      if (p.op != Operator::kIndicator || p.indicators->any_text()) return;
    }
    std::vector<std::string_view> literals;
    for (const auto* list : {&m_.prefixes_, &m_.suffixes_, &m_.contains_}) {
      literals.insert(literals.end(), list->begin(), list->end());
    }
    for (const auto& [literal, trigger] : m_.equal_) literals.push_back(literal);
    if (m_.untriggered_.empty()) m_.sieve_.Build(literals);
    struct Alphabet {
      const char* letters;
      std::vector<ValueType> types;
    };
    using enum ValueType;
    static const Alphabet kAlphabets[] = {
        // A number of a size it cannot have is shown as bytes in hexadecimal.
        {"0123456789-abcdef", {kInt8, kUInt8, kInt16, kUInt16, kInt32, kUInt32, kInt64, kUInt64}},
        {"0123456789abcdefx", {kHex32, kHex64, kSize, kHandle}},
        {"0123456789abcdef{}-", {kGuid}},
        {"0123456789tz:.-abcdef", {kFileTime, kSystemTime}},
        {"0123456789s-abcdef", {kSid}},
        {"truefals0123456789abcdef", {kBool}},
    };
    for (const Alphabet& alphabet : kAlphabets) {
      const auto possible = [&](std::string_view literal) {
        return literal.find_first_not_of(alphabet.letters) == std::string_view::npos;
      };
      if (std::any_of(literals.begin(), literals.end(), possible)) continue;
      for (const ValueType type : alphabet.types) m_.impossible_types_ |= uint64_t{1} << static_cast<uint8_t>(type);
    }
  }

 private:
  using Index = absl::flat_hash_map<std::string, uint32_t>;

  struct Draft {
    std::vector<uint16_t> items;
    std::vector<uint32_t> checks;
  };

  Trigger Flat(const Draft& draft) {
    const Trigger trigger{static_cast<uint32_t>(m_.targets_.size()), static_cast<uint32_t>(draft.items.size()),
                          static_cast<uint32_t>(draft.checks.size())};
    m_.targets_.insert(m_.targets_.end(), draft.items.begin(), draft.items.end());
    m_.targets_.insert(m_.targets_.end(), draft.checks.begin(), draft.checks.end());
    return trigger;
  }

  static Draft& At(Index* index, std::vector<std::string>* literals, std::vector<Draft>* drafts,
                   const std::string& literal) {
    const auto [it, fresh] = index->try_emplace(literal, static_cast<uint32_t>(literals->size()));
    if (fresh) {
      literals->push_back(literal);
      drafts->emplace_back();
    }
    return (*drafts)[it->second];
  }
  Draft& Prefix(const std::string& s) { return At(&prefix_, &m_.prefixes_, &on_prefix_, s); }
  Draft& Suffix(const std::string& s) { return At(&suffix_, &m_.suffixes_, &on_suffix_, s); }
  Draft& Contains(const std::string& s) { return At(&contains_, &m_.contains_, &on_contains_, s); }

  // The check of a pattern, for one more item.
  absl::StatusOr<uint32_t> CheckFor(const Pattern& p, const std::string& folded, uint16_t item) {
    std::string key;
    AppendPatternKey(p, &key);
    const auto [it, fresh] = check_.try_emplace(std::move(key), static_cast<uint32_t>(m_.checks_.size()));
    if (fresh) {
      const CompiledRegex* regex = nullptr;
      if (p.op == Operator::kRegex) {
        auto made = CompiledRegex::Make(p);
        if (!made.ok()) return made.status();
        regex = made->get();
        m_.regexes_.push_back(*std::move(made));
      }
      m_.checks_.push_back({&p, folded, QuickGlob(p.cased ? p.glob : FoldedGlob(p.glob)), regex, {}});
      m_.needs_text_ |= p.cased || regex != nullptr;
    }
    std::vector<uint16_t>& items = m_.checks_[it->second].items;
    if (items.empty() || items.back() != item) items.push_back(item);
    return it->second;
  }

  static void AddTo(Draft& draft, uint32_t check) {
    if (draft.checks.empty() || draft.checks.back() != check) draft.checks.push_back(check);
  }

  // A literal decides an uncased pattern; a cased one has to be looked at again.
  absl::Status Decide(Draft& draft, const Pattern& p, const std::string& folded, uint16_t item) {
    if (p.cased) {
      const auto check = CheckFor(p, folded, item);
      if (!check.ok()) return check.status();
      AddTo(draft, *check);
    } else if (draft.items.empty() || draft.items.back() != item) {
      draft.items.push_back(item);
    }
    return absl::OkStatus();
  }

  absl::Status AddPattern(uint16_t item, const Pattern& p, const std::string& folded) {
    if (p.part != sigma::TimePart::kNone) {
      const auto check = CheckFor(p, folded, item);
      if (!check.ok()) return check.status();
      AddUntriggeredOr({}, *check);
      return absl::OkStatus();
    }
    switch (p.op) {
      case Operator::kEquals:
        if (p.number) m_.numbers_.push_back({p.op, *p.number, item, &p});
        return Decide(equal_[folded], p, folded, item);
      case Operator::kStartsWith:
      case Operator::kEndsWith:
      case Operator::kContains:
        if (folded.empty()) {  // every text begins with, ends with and contains the empty one
          m_.always_.push_back(item);
          return absl::OkStatus();
        }
        return Decide(p.op == Operator::kStartsWith ? Prefix(folded)
                      : p.op == Operator::kEndsWith ? Suffix(folded)
                                                    : Contains(folded),
                      p, folded, item);
      case Operator::kGlob:
        return AddGlob(item, p);
      case Operator::kRegex:
        return AddRegex(item, p);
      case Operator::kIndicator: {
        const auto check = CheckFor(p, "", item);
        if (!check.ok()) return check.status();
        AddUntriggeredOr({}, *check);
        return absl::OkStatus();
      }
      case Operator::kCidr:
        if (const auto network = ParseNetwork(p.text)) {
          m_.networks_.push_back({*network, item});
          return absl::OkStatus();
        }
        return absl::InvalidArgumentError("not a network: " + p.text);
      case Operator::kLess:
      case Operator::kLessEqual:
      case Operator::kGreater:
      case Operator::kGreaterEqual:
        if (p.number) m_.numbers_.push_back({p.op, *p.number, item, &p});
        return absl::OkStatus();
      case Operator::kAnyValue:
        m_.always_.push_back(item);
        return absl::OkStatus();
      case Operator::kNull:
        m_.absent_.push_back(item);
        m_.without_value_.push_back(item);
        return absl::OkStatus();
      case Operator::kExists:
        m_.always_.push_back(item);
        m_.without_value_.push_back(item);
        return absl::OkStatus();
      case Operator::kNotExists:
        m_.absent_.push_back(item);
        return absl::OkStatus();
      case Operator::kFieldEquals:
      case Operator::kFieldStartsWith:
      case Operator::kFieldEndsWith:
      case Operator::kFieldContains:
        return absl::OkStatus();  // not a question about this field alone: see program.h
    }
    return absl::OkStatus();
  }

  absl::Status AddGlob(uint16_t item, const Pattern& p) {
    std::string longest;
    for (const sigma::GlobPart& part : p.glob) {
      if (part.kind != sigma::GlobPart::kLiteral) continue;
      std::string folded = Folded(part.text);
      if (folded.size() > longest.size()) longest = std::move(folded);
    }
    const auto check = CheckFor(p, "", item);
    if (!check.ok()) return check.status();
    AddUntriggeredOr(longest.empty() ? std::vector<std::string>() : std::vector<std::string>{longest}, *check);
    return absl::OkStatus();
  }

  absl::Status AddRegex(uint16_t item, const Pattern& p) {
    const auto check = CheckFor(p, "", item);
    if (!check.ok()) return check.status();
    AddUntriggeredOr(m_.checks_[*check].regex->triggers(), *check);
    return absl::OkStatus();
  }

  void AddUntriggeredOr(const std::vector<std::string>& triggers, uint32_t check) {
    if (m_.checks_[check].items.size() > 1) return;  // an item before this one said so
    if (triggers.empty()) m_.untriggered_.push_back(check);
    for (const std::string& literal : triggers) AddTo(Contains(literal), check);
  }

  FieldMatcher& m_;
  Index prefix_, suffix_, contains_, check_;
  std::vector<Draft> on_prefix_, on_suffix_, on_contains_;
  absl::flat_hash_map<std::string, Draft> equal_;
};

absl::StatusOr<std::unique_ptr<FieldMatcher>> FieldMatcher::Make(std::vector<const sigma::Item*> items) {
  auto made = std::make_unique<FieldMatcher>();
  made->items_ = std::move(items);
  Builder builder(made.get());
  for (size_t i = 0; i < made->items_.size(); ++i) {
    if (absl::Status s = builder.AddItem(static_cast<uint16_t>(i), *made->items_[i]); !s.ok()) return s;
  }
  if (absl::Status s = builder.Finish(); !s.ok()) return s;
  return made;
}

absl::Status FieldMatcher::Prepare(ScanScratch* scratch) const {
  if (scratch->item_mark.size() < items_.size()) scratch->item_mark.resize(items_.size(), 0);
  if (scratch->check_mark.size() < checks_.size()) scratch->check_mark.resize(checks_.size(), 0);
  if (contains_database_ == nullptr) return absl::OkStatus();
  return contains_database_->Prepare(&scratch->literals);
}

void FieldMatcher::Begin(ScanScratch* scratch) const {
  if (++scratch->epoch == 0) {
    std::fill(scratch->item_mark.begin(), scratch->item_mark.end(), 0);
    scratch->epoch = 1;
  }
}

void FieldMatcher::End(std::vector<uint16_t>* hits) const { std::sort(hits->begin(), hits->end()); }

void FieldMatcher::Scan(const Value& value, ScanScratch* scratch, std::vector<uint16_t>* hits) const {
  Begin(scratch);
  Add(value, scratch, hits);
  End(hits);
}

void FieldMatcher::Add(const Value& value, ScanScratch* scratch, std::vector<uint16_t>* hits) const {
  if (value.is_array()) {
    bool any = false;
    ForEachElement(value, [&](const Value& element) {
      any = true;
      Add(element, scratch, hits);
    });
    if (any || without_value_.empty()) return;
    Hits noted{{}, scratch, hits};
    for (const uint16_t item : without_value_) noted.Item(item);
    return;
  }
  if (!CouldMatch(value)) return;
  scratch->text.clear();
  scratch->folded.clear();
  std::string_view text;
  if (value.type == ValueType::kUtf16 && !needs_text_) {
    size_t size = value.size & ~1u;
    while (size >= 2 && value.data[size - 1] == 0 && value.data[size - 2] == 0) size -= 2;
    AppendUtf16Folded(value.data, size, &scratch->folded);
  } else {
    text = AsText(value.data, value.size);
    if (value.type != ValueType::kUtf8 || !IsAscii(text)) {
      AppendText(value, &scratch->text);
      text = scratch->text;
    }
    AppendFolded(text, &scratch->folded);
  }
  ValueText forms{text, scratch->folded, std::nullopt};
  if (!needs_text_) forms.text = forms.folded;  // addresses and numbers read the same
  if (!numbers_.empty()) {
    forms.number = AsNumber(value);
    if (!forms.number) forms.number = ParseLongNumber(forms.folded);
  }
  AddForms(forms, scratch, hits);
}

void FieldMatcher::AddText(std::string_view text, std::optional<double> number, ScanScratch* scratch,
                           std::vector<uint16_t>* hits) const {
  scratch->folded.clear();
  AppendFolded(text, &scratch->folded);
  AddForms({text, scratch->folded, number ? number : ParseLongNumber(text)}, scratch, hits);
}

const Pattern* FieldMatcher::WhichPattern(uint16_t item, const sigma::Item& original, std::string_view text,
                                          std::optional<double> number) const {
  const std::string folded = Folded(text);
  const ValueText forms{text, folded, number ? number : ParseLongNumber(text)};
  for (size_t i = 0; i < original.any_of.size(); ++i) {
    const Pattern& p = original.any_of[i];
    const CompiledRegex* regex = nullptr;
    if (p.op == Operator::kRegex) {
      for (const Check& check : checks_) {
        if (check.regex != nullptr && *check.pattern == p) regex = check.regex;
      }
    }
    if (Holds(p, folded_[item][i], regex, forms)) return &p;
  }
  return nullptr;
}

void FieldMatcher::Fire(const Trigger& trigger, Hits& hits) const {
  const uint32_t* target = targets_.data() + trigger.first;
  for (const uint32_t* const end = target + trigger.items; target != end; ++target) {
    hits.Item(static_cast<uint16_t>(*target));
  }
  for (const uint32_t* const end = target + trigger.checks; target != end; ++target) {
    uint32_t& mark = hits.scratch->check_mark[*target];
    if (mark == hits.scratch->check_epoch) continue;
    mark = hits.scratch->check_epoch;
    hits.scratch->checks.push_back(*target);
  }
}

void FieldMatcher::MakeCheck(const Check& check, Hits& hits) const {
  if (std::all_of(check.items.begin(), check.items.end(), [&](uint16_t item) { return hits.Has(item); })) return;
  const ValueText& value = hits.value;
  bool holds;
  if (check.regex != nullptr) {
    holds = check.regex->Possible(value.folded) && check.regex->Matches(value.text);
  } else if (check.pattern->op == Operator::kGlob) {
    holds = GlobMatches(check.glob, check.pattern->cased ? value.text : value.folded);
  } else {
    holds = Holds(*check.pattern, check.folded, nullptr, value);
  }
  if (!holds) return;
  for (const uint16_t item : check.items) hits.Item(item);
}

void FieldMatcher::AddForms(const ValueText& value, ScanScratch* scratch, std::vector<uint16_t>* out) const {
  if (++scratch->check_epoch == 0) {
    std::fill(scratch->check_mark.begin(), scratch->check_mark.end(), 0);
    scratch->check_epoch = 1;
  }
  scratch->checks.clear();
  Hits hits{value, scratch, out};
  for (const uint16_t item : always_) hits.Item(item);
  if (!equal_.empty()) {
    if (const auto it = equal_.find(absl::string_view(value.folded.data(), value.folded.size())); it != equal_.end())
      Fire(it->second, hits);
  }
  prefix_trie_.Find(value.folded, [&](uint32_t id) { Fire(on_prefix_[id], hits); });
  suffix_trie_.Find(value.folded, [&](uint32_t id) { Fire(on_suffix_[id], hits); });
  if (contains_database_ != nullptr) {
    contains_database_->Scan(value.folded, &scratch->literals, [&](uint32_t id) { Fire(on_contains_[id], hits); });
  } else {
    for (size_t id = 0; id < contains_.size(); ++id) {
      if (FindText(value.folded, contains_[id]) != std::string_view::npos) Fire(on_contains_[id], hits);
    }
  }
  if (scratch->costs != nullptr) {
    for (const std::vector<uint32_t>* list : {&std::as_const(scratch->checks), &untriggered_}) {
      for (const uint32_t c : *list) {
        const double start = MonotonicSeconds();
        MakeCheck(checks_[c], hits);
        ScanScratch::CheckCost& cost = (*scratch->costs)[&checks_[c]];
        ++cost.count;
        cost.seconds += MonotonicSeconds() - start;
      }
    }
  } else {
    for (const uint32_t c : scratch->checks) MakeCheck(checks_[c], hits);
    for (const uint32_t c : untriggered_) MakeCheck(checks_[c], hits);
  }
  for (const NumberItem& n : numbers_) {
    if (!value.number) break;
    const bool holds = std::abs(*value.number) < kExactNumbers ? NumberHolds(n.op, *value.number, n.number)
                                                               : NumberHolds(*n.pattern, *value.number, value.text);
    if (holds) hits.Item(n.item);
  }
  if (!networks_.empty()) {
    uint8_t address[16];
    if (ParseAddress(value.text, address)) {
      for (const NetworkItem& n : networks_) {
        if (spoor::Contains(n.network, address)) hits.Item(n.item);
      }
    }
  }
}

}  // namespace spoor
