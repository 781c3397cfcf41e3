#include "findings/layout.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/time.h"
#include "fmt/format.h"

namespace spoor {
namespace {

constexpr std::string_view kEllipsis = "…";

// Bytes of the longest front of `text` that takes at most `columns`.
size_t FrontBytes(std::string_view text, int columns) {
  size_t pos = 0;
  while (pos < text.size()) {
    size_t next = pos;
    DecodeUtf8(text, &next);
    columns -= DisplayWidth(text.substr(pos, next - pos));
    if (columns < 0) break;
    pos = next;
  }
  return pos;
}

// More text than this is never shown, however it is cut: bounds the work on a value of megabytes.
constexpr size_t kMostBytes = 16 << 10;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// White space that holds a line break as "⏎" (none at the end), tabs as spaces.
std::string OneLine(std::string_view text) {
  std::string line;
  for (size_t pos = 0; pos < text.size();) {
    size_t end = pos;
    while (end < text.size() && IsSpace(text[end])) ++end;
    if (const std::string_view space = text.substr(pos, end - pos); !space.empty()) {
      if (space.find('\n') == std::string_view::npos) {
        for (const char c : space) line.append(c == '\r' ? "\\x0d" : " ");
      } else if (end < text.size() && pos > 0) {
        line.append("⏎");
      }
      pos = end;
      continue;
    }
    while (end < text.size() && !IsSpace(text[end])) ++end;
    line.append(text, pos, end - pos);
    pos = end;
  }
  return line;
}

std::string Visible(std::string_view text) {
  text = text.substr(0, kMostBytes);
  std::string visible;
  AppendVisible(text.find_first_of("\t\n\r") == std::string_view::npos ? text : OneLine(text), &visible);
  return visible;
}

// Of a value's text no more than this is searched for the place of a match.
constexpr size_t kMostSearched = 1 << 20;
// Shorter pieces of an expression or a text with wildcards say nothing about the place.
constexpr size_t kShortestPiece = 3;
constexpr size_t kLongestPiece = 64;

// The longest piece of an expression or a text with wildcards that stands for itself.
std::string_view LongestPiece(std::string_view text, std::string_view special) {
  std::string_view longest;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(special), text.size());
    if (end > longest.size()) longest = text.substr(0, end);
    text.remove_prefix(std::min(end + (end < text.size() && text[end] == '\\' ? 2 : 1), text.size()));
  }
  return longest.size() < kShortestPiece ? std::string_view() : longest;
}

// Where in the value the text lies that the pattern speaks of; npos where that cannot be told.
size_t PlaceOfMatch(std::string_view value, std::string_view pattern) {
  const size_t colon = pattern.find(": ");
  if (colon == std::string_view::npos) return std::string_view::npos;
  const std::string_view how = pattern.substr(0, colon);
  std::string_view piece = pattern.substr(colon + 2);
  if (how.substr(0, 2) == "re") piece = LongestPiece(piece, "\\.^$*+?()[]{}|");
  if (how.substr(0, 4) == "like") piece = LongestPiece(piece, "\\*?");
  piece = piece.substr(0, kLongestPiece);
  if (piece.empty()) return std::string_view::npos;
  const std::string text = AsciiLower(value.substr(0, kMostSearched)), wanted = AsciiLower(piece);
  return how.substr(0, 4) == "ends" ? text.rfind(wanted) : text.find(wanted);
}

// Where to break a line whose front of `most` bytes fits: after a space, else after what separates the parts
// of a path or a list, else anywhere.
size_t BreakAt(std::string_view text, size_t most) {
  if (most >= text.size()) return text.size();
  for (const std::string_view separators : {" ", "\\/,;|&"}) {
    const size_t at = text.find_last_of(separators, most == 0 ? 0 : most - 1);
    if (at != std::string_view::npos && at + 1 > most - most / 3) return at + 1;
  }
  return most;
}

}  // namespace

std::string Fit(std::string_view text, int columns) {
  std::string visible = Visible(text);
  if (DisplayWidth(visible) <= columns) return visible;
  visible.resize(FrontBytes(visible, columns - 1));
  return visible.append(kEllipsis);
}

std::string FitEnd(std::string_view text, int columns) {
  const size_t cut = text.size() > kMostBytes ? text.size() - kMostBytes : 0;
  std::string visible = Visible(text.substr(cut));
  int width = DisplayWidth(visible);
  if (width <= columns) return visible;
  size_t pos = 0;
  while (pos < visible.size() && width > columns - 1) {
    const size_t start = pos;
    DecodeUtf8(visible, &pos);
    width -= DisplayWidth(std::string_view(visible).substr(start, pos - start));
  }
  return std::string(kEllipsis).append(visible, pos);
}

std::string FitPadded(std::string_view text, int columns) {
  std::string fitted = Fit(text, columns);
  const int width = DisplayWidth(fitted);
  if (width < columns) fitted.append(static_cast<size_t>(columns - width), ' ');
  return fitted;
}

std::string Excerpt(std::string_view value, std::string_view pattern, int columns) {
  constexpr int kNarrowest = 8;  // narrower, there is no room for two sides
  if (value.size() <= static_cast<size_t>(columns) || columns < kNarrowest) return Fit(value, columns);
  size_t place = PlaceOfMatch(value, pattern);
  if (place == std::string_view::npos) place = 0;
  // Never into the middle of a code point.
  while (place > 0 && (value[place] & 0xc0) == 0x80) --place;
  // A third of the room for what comes before; more where little comes after.
  const std::string after = Fit(value.substr(place), columns);
  const int before_columns = std::max(columns / 3, columns - DisplayWidth(after));
  const std::string before = FitEnd(value.substr(0, place), before_columns);
  return before + Fit(value.substr(place), columns - DisplayWidth(before));
}

std::vector<std::string> Wrap(std::string_view text, int columns, size_t lines) {
  const std::string visible = Visible(text);
  std::string_view rest = visible;
  std::vector<std::string> out;
  while (out.size() + 1 < lines && DisplayWidth(rest) > columns) {
    // At least one code point, however narrow the columns.
    size_t one = 0;
    DecodeUtf8(rest, &one);
    const size_t cut = std::max(one, BreakAt(rest, FrontBytes(rest, columns)));
    const std::string_view line = rest.substr(0, cut);
    out.emplace_back(line.substr(0, line.find_last_not_of(' ') + 1));
    rest.remove_prefix(cut);
  }
  out.push_back(Fit(rest, columns));
  return out;
}

std::string WithCommas(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string Bytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return Plural(bytes, "byte");
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 999.95 && unit < 6; ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string Plural(uint64_t n, std::string_view one) {
  return fmt::format("{} {}{}", WithCommas(n), one, n == 1 ? "" : "s");
}

std::string ShortTime(int64_t micros) {
  if (micros == 0) return "(no time)";
  std::string text = FormatTime(micros).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string Bar(uint64_t value, uint64_t max, int columns) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (value == 0 || max == 0) return "";
  const double share = static_cast<double>(std::min(value, max)) / static_cast<double>(max);
  const int eighths = std::max(1, static_cast<int>(std::lround(share * columns * 8)));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar.append("█");
  return bar.append(kEighths[eighths % 8]);
}

std::string Paint::Level(sigma::Level level, std::string_view text) const {
  switch (level) {
    case sigma::Level::kCritical:
      return In("1;35", text);
    case sigma::Level::kHigh:
      return In("1;31", text);
    case sigma::Level::kMedium:
      return In("33", text);
    case sigma::Level::kLow:
      return In("36", text);
    case sigma::Level::kInformational:
      break;
  }
  return std::string(text);
}

std::string Paint::In(std::string_view code, std::string_view text) const {
  if (!on_ || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace spoor
