// Bounds on what a rule file may ask for. Rules come from strangers: each of these keeps a small file from
// costing much memory or time. A rule that reaches one is an error with that reason; the others go on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spoor::sigma {

// Bytes of one rule file. All of SigmaHQ in one file is 8 MB.
inline constexpr size_t kMaxRuleFileBytes = size_t{32} << 20;
// Folders within folders.
inline constexpr int kMaxFolderDepth = 64;
// Errors listed of one file before the rest of it is given up.
inline constexpr size_t kMaxErrorsPerFile = 1000;

// Bytes of one condition, parentheses within parentheses, and references to selections it unfolds to.
inline constexpr size_t kMaxConditionBytes = size_t{64} << 10;
inline constexpr int kMaxConditionDepth = 64;
inline constexpr size_t kMaxConditionReferences = 1u << 16;
// Selections of one rule, bytes of the name of one, and comparisons of letters that finding names may take.
inline constexpr uint32_t kMaxSelections = 1000;
inline constexpr size_t kMaxNameBytes = 256;
inline constexpr size_t kMaxNameWork = size_t{1} << 27;

// Bytes of one value in a detection. The longest of SigmaHQ has some hundred.
inline constexpr size_t kMaxValueBytes = size_t{1} << 20;
// What modifiers may multiply one value into (windash: five signs for every dash; expand), and what the
// patterns of a whole rule may come to.
inline constexpr size_t kMaxPatternsPerValue = 1u << 13;
inline constexpr size_t kMaxPatternsPerRule = 1u << 18;
inline constexpr size_t kMaxPatternBytesPerRule = size_t{4} << 20;
// Different fields that all rules of a set ask about; SigmaHQ's ask about some hundred. The match engine numbers the
// fields of one kind of event in 16 bits.
inline constexpr size_t kMaxFields = 50'000;
// Rules one correlation is made of, fields it groups by, and correlations upon correlations.
inline constexpr size_t kMaxCorrelated = 64;
inline constexpr size_t kMaxGroupFields = 16;
inline constexpr int kMaxCorrelationDepth = 16;
inline constexpr size_t kMaxRegexBytes = size_t{16} << 10;

}  // namespace spoor::sigma
