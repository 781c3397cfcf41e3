#include "findings/layout.h"

#include <algorithm>

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

std::string Visible(std::string_view text) {
  std::string visible;
  AppendVisible(text.substr(0, kMostBytes), &visible);
  return visible;
}

// Where to break a line whose front of `most` bytes fits.
size_t BreakAt(std::string_view text, size_t most) {
  if (most >= text.size()) return text.size();
  const size_t space = text.rfind(' ', most == 0 ? 0 : most - 1);
  return space != std::string_view::npos && space + 1 > most - most / 3 ? space + 1 : most;
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
  const std::string visible = Visible(text.substr(cut));
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
  const int eighths = std::max(1, static_cast<int>(share * columns * 8 + 0.5));
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
