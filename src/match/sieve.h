// Says of most values, before anything is made of them, that none of a few literals is in them.
//
// Keywords are looked for in every value of an event and are in hardly any. A sieve reads the UTF-16 or UTF-8 of a
// value as it lies in the evidence, a window of four characters at a time, with the bit set that tells upper from lower
// case, and asks a bit table whether some literal has these four. Windows stand several characters apart, which is
// enough: a literal is in the table with the windows at as many places in a row, one of which the text's windows must
// meet.
//
// Characters beyond ASCII may fold to anything, so a value with one always passes. Immutable after Build; MayHold may
// be called from any number of threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace spoor {

class LiteralSieve {
 public:
  static constexpr size_t kWindow = 4;          // characters
  static constexpr size_t kMaxLiterals = 1000;  // of so many, one value in a few has four characters

  // Literals are case-folded UTF-8. False, and the sieve stays empty, where they cannot be sifted for: one is shorter
  // than a window, or there are too many.
  bool Build(const std::vector<std::string_view>& literals);
  bool empty() const { return filter_.empty(); }

  // False: no literal is in the UTF-16LE text, whatever its case. REQUIRES: !empty(); `size`, in bytes, is even.
  bool MayHold(const uint8_t* text, size_t size) const {
    constexpr size_t kBytes = 2 * kWindow;
    if (size < kBytes) {
      for (size_t i = 0; i < size; i += 2) {
        if (Load16(text + i) >= 0x80) return true;
      }
      return false;
    }
    const uint8_t* const last = text + size - kBytes;
    uint64_t all = Load64(last), found = 0;
    for (const uint8_t* p = text; p <= last; p += step_) {
      const uint64_t window = Load64(p);
      all |= window;
      const uint64_t bit = HashOf(window) >> shift_;
      found |= filter_[bit >> 6] >> (bit & 63);
    }
    return (found & 1) != 0 || (all & 0xff80ff80ff80ff80u) != 0;
  }

  // The same of UTF-8.
  bool MayHoldUtf8(const uint8_t* text, size_t size) const {
    if (size < kWindow) {
      for (size_t i = 0; i < size; ++i) {
        if (text[i] >= 0x80) return true;
      }
      return false;
    }
    const uint8_t* const last = text + size - kWindow;
    uint64_t found = 0;
    uint32_t all = Load32(last);
    for (const uint8_t* p = text; p <= last; p += step_ / 2) {
      const uint32_t window = Load32(p);
      all |= window;
      const uint64_t bit = HashOf(Spread(window)) >> shift_;
      found |= filter_[bit >> 6] >> (bit & 63);
    }
    return (found & 1) != 0 || (all & 0x80808080u) != 0;
  }

 private:
  // Four bytes as four UTF-16 code units.
  static uint64_t Spread(uint32_t bytes) {
    uint64_t spread = bytes;
    spread = (spread | spread << 16) & 0x0000ffff0000ffffu;
    return (spread | spread << 8) & 0x00ff00ff00ff00ffu;
  }
  static uint64_t HashOf(uint64_t window) { return (window | 0x0020002000200020u) * 0x9e3779b97f4a7c15u; }

  size_t step_ = 0;  // bytes from window to window
  int shift_ = 0;    // from hash to bit of the filter
  std::vector<uint64_t> filter_;
};

}  // namespace spoor
