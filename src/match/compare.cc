#include "match/compare.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "base/time.h"
#include "match/indicators.h"

namespace spoor {
namespace {

// Bytes of the code point at `at`, 1 for an invalid byte.
size_t StepAt(std::string_view text, size_t at) {
  if (static_cast<unsigned char>(text[at]) < 0x80) return 1;
  size_t next = at;
  DecodeUtf8(text, &next);
  return next - at;
}

bool StartsWith(std::string_view a, std::string_view b) { return a.substr(0, b.size()) == b; }
bool EndsWith(std::string_view a, std::string_view b) {
  return a.size() >= b.size() && a.substr(a.size() - b.size()) == b;
}

}  // namespace

void AppendPatternKey(const sigma::Pattern& p, std::string* key) {
  const auto add = [&](std::string_view text) { key->append(std::to_string(text.size())).append(":").append(text); };
  key->push_back(static_cast<char>(p.op));
  key->push_back(
      static_cast<char>(p.cased | p.regex_i << 1 | p.regex_m << 2 | p.regex_s << 3 | p.number.has_value() << 4));
  key->push_back(static_cast<char>(p.part));
  add(p.text);
  if (p.indicators != nullptr) add(std::to_string(reinterpret_cast<uintptr_t>(p.indicators.get())));
  if (p.number) key->append(reinterpret_cast<const char*>(&*p.number), sizeof *p.number);
  add(std::to_string(p.glob.size()));
  for (const sigma::GlobPart& part : p.glob) {
    key->push_back(static_cast<char>(part.kind));
    add(part.text);
  }
}

// Greedy with one point to go back to: the last '*'. Going back further never helps.
bool GlobMatches(const std::vector<sigma::GlobPart>& glob, std::string_view text) {
  using sigma::GlobPart;
  size_t part = 0, at = 0;
  size_t star_part = SIZE_MAX, star_at = 0;
  for (;;) {
    bool ok = false;
    if (part == glob.size()) {
      if (at == text.size()) return true;
    } else if (const GlobPart& p = glob[part]; p.kind == GlobPart::kAnyMany) {
      star_part = part++;
      star_at = at;
      if (part == glob.size()) return true;
      if (glob[part].kind == GlobPart::kLiteral) {  // straight to the next place where it can go on
        at = star_at = FindText(text, glob[part].text, at);
        if (at == std::string_view::npos) return false;
      }
      continue;
    } else if (p.kind == GlobPart::kAnyOne) {
      if (at < text.size()) {
        at += StepAt(text, at);
        ok = true;
      }
    } else if (text.compare(at, p.text.size(), p.text) == 0) {
      at += p.text.size();
      ok = true;
    }
    if (ok) {
      ++part;
      continue;
    }
    if (star_part == SIZE_MAX || star_at >= text.size()) return false;
    star_at += StepAt(text, star_at);
    at = star_at;
    part = star_part + 1;
    if (glob[part].kind == GlobPart::kLiteral) {
      at = star_at = FindText(text, glob[part].text, at);
      if (at == std::string_view::npos) return false;
    }
  }
}

std::vector<sigma::GlobPart> FoldedGlob(const std::vector<sigma::GlobPart>& glob) {
  std::vector<sigma::GlobPart> folded = glob;
  for (sigma::GlobPart& part : folded) part.text = Folded(part.text);
  return folded;
}

std::vector<sigma::GlobPart> QuickGlob(std::vector<sigma::GlobPart> glob) {
  using sigma::GlobPart;
  for (auto begin = glob.begin(); begin != glob.end();) {
    const auto is_literal = [](const GlobPart& part) { return part.kind == GlobPart::kLiteral; };
    begin = std::find_if_not(begin, glob.end(), is_literal);
    const auto end = std::find_if(begin, glob.end(), is_literal);
    std::stable_partition(begin, end, [](const GlobPart& part) { return part.kind == GlobPart::kAnyOne; });
    begin = end;
  }
  glob.erase(std::unique(glob.begin(), glob.end(),
                         [](const GlobPart& a, const GlobPart& b) {
                           return a.kind == GlobPart::kAnyMany && b.kind == GlobPart::kAnyMany;
                         }),
             glob.end());
  return glob;
}

bool ParseAddress(std::string_view text, uint8_t address[16]) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return false;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = 0;
  static constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (inet_pton(AF_INET, buffer, address + 12) == 1) {
    std::memcpy(address, kMapped, 12);
    return true;
  }
  return inet_pton(AF_INET6, buffer, address) == 1;
}

std::optional<Network> ParseNetwork(const std::string& text) {
  const size_t slash = text.find('/');
  Network network;
  if (!ParseAddress(std::string_view(text).substr(0, slash), network.address)) return std::nullopt;
  const bool v4 = text.find(':') == std::string::npos;
  int bits = v4 ? 32 : 128;
  if (slash != std::string::npos) {
    const char* first = text.data() + slash + 1;
    const char* last = text.data() + text.size();
    int given;
    const auto [end, error] = std::from_chars(first, last, given);
    if (error != std::errc() || end != last || given < 0 || given > bits) return std::nullopt;
    bits = given;
  }
  network.bits = v4 ? bits + 96 : bits;
  return network;
}

bool Contains(const Network& network, const uint8_t address[16]) {
  const int whole = network.bits / 8, rest = network.bits % 8;
  if (std::memcmp(network.address, address, whole) != 0) return false;
  return rest == 0 || ((network.address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

std::optional<double> TimePartOf(sigma::TimePart part, std::string_view text) {
  const auto time = ParseAnyTime(text);
  if (!time) return std::nullopt;
  const CivilTime civil = ToCivil(*time);
  switch (part) {
    case sigma::TimePart::kMinute:
      return civil.minute;
    case sigma::TimePart::kHour:
      return civil.hour;
    case sigma::TimePart::kDay:
      return civil.day;
    case sigma::TimePart::kWeek:
      return IsoWeek(*time);
    case sigma::TimePart::kMonth:
      return civil.month;
    case sigma::TimePart::kYear:
      return civil.year;
    case sigma::TimePart::kNone:
      break;
  }
  return std::nullopt;
}

bool NumberHolds(sigma::Operator op, double value, double want) {
  switch (op) {
    case sigma::Operator::kEquals:
      return value == want;
    case sigma::Operator::kLess:
      return value < want;
    case sigma::Operator::kLessEqual:
      return value <= want;
    case sigma::Operator::kGreater:
      return value > want;
    case sigma::Operator::kGreaterEqual:
      return value >= want;
    default:
      return false;
  }
}

bool NumberHolds(const sigma::Pattern& pattern, double value, std::string_view text) {
  // Rounding keeps the order of numbers, so digits matter only where two numbers became the same double, and from where
  // doubles no longer hold every whole number.
  if (value == *pattern.number && std::abs(value) >= kExactNumbers) {
    if (const auto order = CompareWhole(text, pattern.text)) {
      return NumberHolds(pattern.op, std::is_lt(*order) ? -1 : std::is_gt(*order) ? 1 : 0, 0);
    }
  }
  return NumberHolds(pattern.op, value, *pattern.number);
}

bool Holds(const sigma::Pattern& pattern, std::string_view folded_pattern, const CompiledRegex* regex,
           const ValueText& value) {
  using sigma::Operator;
  if (pattern.part != sigma::TimePart::kNone) {
    const auto number = TimePartOf(pattern.part, value.text);
    return number && pattern.number && NumberHolds(pattern.op, *number, *pattern.number);
  }
  const std::string_view have = pattern.cased ? value.text : value.folded;
  const std::string_view want = pattern.cased ? std::string_view(pattern.text) : folded_pattern;
  switch (pattern.op) {
    case Operator::kEquals:
      return have == want || (pattern.number && value.number && NumberHolds(pattern, *value.number, value.text));
    case Operator::kStartsWith:
      return StartsWith(have, want);
    case Operator::kEndsWith:
      return EndsWith(have, want);
    case Operator::kContains:
      return FindText(have, want) != std::string_view::npos;
    case Operator::kGlob:
      return pattern.cased ? GlobMatches(pattern.glob, value.text)
                           : GlobMatches(FoldedGlob(pattern.glob), value.folded);
    case Operator::kRegex:
      return regex != nullptr && regex->Matches(value.text);
    case Operator::kCidr: {
      uint8_t address[16];
      const auto network = ParseNetwork(pattern.text);
      return network && ParseAddress(value.text, address) && Contains(*network, address);
    }
    case Operator::kIndicator:
      return pattern.indicators != nullptr && pattern.indicators->In(value.folded);
    case Operator::kLess:
    case Operator::kLessEqual:
    case Operator::kGreater:
    case Operator::kGreaterEqual:
      return value.number && pattern.number && NumberHolds(pattern, *value.number, value.text);
    case Operator::kAnyValue:
    case Operator::kExists:
      return true;
    default:
      return false;
  }
}

}  // namespace spoor
