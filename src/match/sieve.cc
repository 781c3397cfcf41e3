#include "match/sieve.h"

#include <algorithm>
#include <bit>

#include "base/text.h"
#include "match/gram_index.h"

namespace spoor {
namespace {

constexpr size_t kMaxApart = 4;  // characters between windows; past that, windows would miss some of the text
constexpr size_t kBitsPerWindow = 128;
constexpr int kMaxBits = 17;

// The place in a literal from which on `length` characters are least common.
size_t RarestRun(std::string_view literal, size_t length) {
  size_t best = 0;
  int least = INT32_MAX;
  for (size_t at = 0; at + length <= literal.size(); ++at) {
    int cost = 0;
    for (const char c : literal.substr(at, length)) cost += ByteCommonness(static_cast<uint8_t>(c));
    if (cost < least) {
      least = cost;
      best = at;
    }
  }
  return best;
}

}  // namespace

bool LiteralSieve::Build(const std::vector<std::string_view>& literals) {
  *this = LiteralSieve();
  if (literals.empty() || literals.size() > kMaxLiterals) return false;
  size_t shortest = kWindow + kMaxApart - 1;
  for (const std::string_view literal : literals) {
    if (IsAscii(literal)) shortest = std::min(shortest, literal.size());
  }
  if (shortest < kWindow) return false;
  const size_t apart = shortest - kWindow + 1;
  const int bits = std::min<int>(std::bit_width(literals.size() * apart * kBitsPerWindow), kMaxBits);
  step_ = 2 * apart;
  shift_ = 64 - bits;
  filter_.resize((size_t{1} << bits) / 64);
  for (const std::string_view literal : literals) {
    if (!IsAscii(literal)) continue;  // a value it is in has a character beyond ASCII and passes
    const size_t first = RarestRun(literal, apart + kWindow - 1);
    for (size_t at = first; at < first + apart; ++at) {
      uint64_t window = 0;
      for (size_t i = 0; i < kWindow; ++i) window |= uint64_t{static_cast<uint8_t>(literal[at + i])} << (16 * i);
      const uint64_t bit = HashOf(window) >> shift_;
      filter_[bit >> 6] |= uint64_t{1} << (bit & 63);
    }
  }
  return true;
}

}  // namespace spoor
