#include "base/number.h"

#include <charconv>
#include <system_error>

namespace spoor {

std::optional<double> ParseNumber(std::string_view text) {
  if (text.empty() || text.size() > 40) return std::nullopt;
  const char* first = text.data();
  const char* last = first + text.size();
  if (*first == '+' || *first == '-') ++first;
  if (first == last || !((*first >= '0' && *first <= '9') || *first == '.')) return std::nullopt;  // no inf, no nan
  double v;
  const auto [end, error] = std::from_chars(first, last, v);
  if (error != std::errc() || end != last) return std::nullopt;
  return text[0] == '-' ? -v : v;
}

}  // namespace spoor
