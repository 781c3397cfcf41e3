// The modifiers of a field ("CommandLine|contains|all") and what they make of a value.
//
// Source: Sigma specification 2.1, appendix "Modifiers".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "sigma/rule.h"
#include "yaml/yaml_node.h"

namespace spoor::sigma {

// The modifiers of one key, sorted by what they do. Plain data.
struct Modifiers {
  enum class Kind : uint8_t { kText, kRegex, kCidr, kCompare, kFieldRef, kExists };
  enum class Place : uint8_t { kWhole, kStart, kEnd, kAnywhere };
  enum class Rewrite : uint8_t { kBase64, kBase64Offset, kUtf16Le, kUtf16Be, kUtf16, kWindash, kExpand };

  Kind kind = Kind::kText;
  Place place = Place::kWhole;
  Operator compare = Operator::kLess;  // kCompare
  TimePart part = TimePart::kNone;     // kText, kCompare: compare that part of a time
  bool all = false, neq = false, cased = false;
  bool regex_i = false, regex_m = false, regex_s = false;
  std::vector<Rewrite> rewrites;  // in the order written, which matters: wide|base64 is not base64|wide
};

// Cuts "field|modifier|…" and understands the modifiers. The error names the one that is unknown or does not
// go with the others. *field is a view into `key`.
absl::StatusOr<Modifiers> ParseFieldKey(std::string_view key, std::string_view* field);

// The names that may follow a field, for messages and `rules explain`.
const std::vector<std::string_view>& ModifierNames();

// What the patterns of one rule may still cost (limits.h).
struct PatternBudget {
  size_t patterns, bytes;
  // Accounts for those from `first` on; false where they are too many.
  bool Take(const std::vector<Pattern>& all, size_t first);
};

// What became of one or more values.
struct ValuePatterns {
  std::vector<Pattern> any_of;
  std::vector<std::string> warnings;
};

using Placeholders = std::map<std::string, std::vector<std::string>>;

// Adds the patterns that one value stands for under its modifiers; none, with a warning, where it can never
// hold (a placeholder without values). `keyword`: a value without a field, looked for inside the event's
// values. REQUIRES: `value` is a scalar.
absl::Status MakePatterns(const Modifiers& modifiers, const YamlNode& value, bool keyword,
                          const Placeholders& placeholders, ValuePatterns* out);

}  // namespace spoor::sigma
