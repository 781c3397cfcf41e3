#include "base/number.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace spoor {
namespace {

constexpr size_t kLongest = 40;

struct Whole {
  bool negative;
  std::string_view digits;  // without zeros in front; of zero, none
};

std::optional<Whole> ParseWhole(std::string_view text) {
  const bool sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  Whole whole{sign && text[0] == '-', text.substr(sign ? 1 : 0)};
  if (whole.digits.empty() ||
      !std::all_of(whole.digits.begin(), whole.digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  whole.digits.remove_prefix(std::min(whole.digits.find_first_not_of('0'), whole.digits.size()));
  whole.negative &= !whole.digits.empty();
  return whole;
}

}  // namespace

std::optional<double> ParseNumber(std::string_view text) {
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  const char* first = text.data();
  const char* last = first + text.size();
  if (*first == '+' || *first == '-') ++first;
  if (first == last || !((*first >= '0' && *first <= '9') || *first == '.')) return std::nullopt;  // no inf, no nan
  double v;
  const auto [end, error] = std::from_chars(first, last, v);
  if (error != std::errc() || end != last) return std::nullopt;
  return text[0] == '-' ? -v : v;
}

std::optional<double> ParseLongNumber(std::string_view text) {
  if (text.size() <= kLongest) return ParseNumber(text);
  const auto whole = ParseWhole(text);
  if (!whole) return std::nullopt;
  double v = 0;
  const char* const last = whole->digits.data() + whole->digits.size();
  if (std::from_chars(whole->digits.data(), last, v).ec == std::errc::result_out_of_range) {
    v = std::numeric_limits<double>::infinity();
  }
  return whole->negative ? -v : v;
}

std::optional<std::strong_ordering> CompareWhole(std::string_view a, std::string_view b) {
  const auto x = ParseWhole(a), y = ParseWhole(b);
  if (!x || !y) return std::nullopt;
  if (x->negative != y->negative) return y->negative <=> x->negative;
  const std::string_view low = x->negative ? y->digits : x->digits, high = x->negative ? x->digits : y->digits;
  return low.size() != high.size() ? low.size() <=> high.size() : low <=> high;
}

}  // namespace spoor
