// Pieces a table for people is made of: text that fits, numbers, bars, colours.
//
// Texts may be evidence: Fit, FitEnd, Wrap and Excerpt make control characters visible (AppendVisible) before
// they measure; a line break, with the white space around it, becomes "⏎", a tab a space. Columns are
// terminal columns as DisplayWidth counts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule.h"

namespace spoor {

// At most `columns` columns; what is cut off is shown as "…", at the end or (FitEnd) at the front.
std::string Fit(std::string_view text, int columns);
std::string FitEnd(std::string_view text, int columns);
// The same, filled up with spaces on the right.
std::string FitPadded(std::string_view text, int columns);
// At most `columns` columns of a value that satisfied a pattern (as sigma::Describe has it; may be empty):
// where it is too long, what lies around the place that the pattern speaks of, with "…" at the sides that
// were cut.
std::string Excerpt(std::string_view value, std::string_view pattern, int columns);
// Lines of at most `columns`, at most `lines` of them, the last one cut with "…" where that is not enough.
// Breaks after a space, else after a separator (\ / , ; | &), where there is one in the last third of a line.
// Never empty.
std::vector<std::string> Wrap(std::string_view text, int columns, size_t lines);

std::string WithCommas(uint64_t number);               // "1,234,567"
std::string Bytes(uint64_t bytes);                     // "12.3 MB", powers of ten
std::string Plural(uint64_t n, std::string_view one);  // "1 file", "2,000 files"
// "2026-01-02 03:04:05", or "(no time)" for 0.
std::string ShortTime(int64_t micros);
// A bar of value/max of `columns` in eighths of a column; at least one eighth for a value that is not 0.
std::string Bar(uint64_t value, uint64_t max, int columns);

// Wraps texts in ANSI sequences, or does nothing.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  std::string Bold(std::string_view text) const { return In("1", text); }
  std::string Dim(std::string_view text) const { return In("2", text); }
  std::string Level(sigma::Level level, std::string_view text) const;

 private:
  std::string In(std::string_view code, std::string_view text) const;
  bool on_;
};

}  // namespace spoor
