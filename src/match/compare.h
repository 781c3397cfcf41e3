// One value against one pattern, the plain way: what the fast matcher falls back to for a single doubtful pattern,
// and what names the patterns behind a finding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"
#include "event/value.h"
#include "match/regex.h"
#include "sigma/rule.h"

namespace spoor {

// A value in every form a pattern may want.
struct ValueText {
  std::string_view text;         // UTF-8
  std::string_view folded;       // case-folded
  std::optional<double> number;  // its value, where it is one
};

// True if the value satisfies the pattern. kNull and kNotExists are false (there is a value), kAnyValue and
// kExists are true, kField* are false (they need the event). REQUIRES: regex is the pattern's own where op is kRegex.
// `folded_pattern` is the pattern's text, case-folded (unused where the pattern is cased).
bool Holds(const sigma::Pattern& pattern, std::string_view folded_pattern, const CompiledRegex* regex,
           const ValueText& value);

// The value of a time comparison (Pattern::part): that part of a time written as text (base/time.h, ParseAnyTime), in
// UTC. Nothing where the text is no time.
std::optional<double> TimePartOf(sigma::TimePart part, std::string_view text);
// True if the number compares as the operator (kEquals, kLess …) wants.
bool NumberHolds(sigma::Operator op, double value, double want);
// Up to here (2^53) doubles hold every whole number, and the comparison above is exact.
inline constexpr double kExactNumbers = 9007199254740992;
// The same for the number that a text says and that of a pattern. Whole numbers in plain decimal digits compare
// exactly, those that a double would round too. REQUIRES: pattern.number.
bool NumberHolds(const sigma::Pattern& pattern, double value, std::string_view text);

// Appends what makes two patterns the same question.
void AppendPatternKey(const sigma::Pattern& pattern, std::string* key);

// Anchored match of literals and wildcards, byte for byte. Linear in the text times the number of parts.
bool GlobMatches(const std::vector<sigma::GlobPart>& glob, std::string_view text);
// The same with its literals case-folded, to be matched with case-folded text.
std::vector<sigma::GlobPart> FoldedGlob(const std::vector<sigma::GlobPart>& glob);
// The same with the wildcards between two literals in the order in which it is matched fastest: "?" before one "*".
std::vector<sigma::GlobPart> QuickGlob(std::vector<sigma::GlobPart> glob);

// "192.168.0.0/16", "fe80::/10". IPv4-mapped IPv6 addresses count as IPv4.
struct Network {
  uint8_t address[16];  // IPv4 as ::ffff:a.b.c.d
  int bits;             // of 128
};
std::optional<Network> ParseNetwork(const std::string& text);
bool ParseAddress(std::string_view text, uint8_t address[16]);
bool Contains(const Network& network, const uint8_t address[16]);

}  // namespace spoor
