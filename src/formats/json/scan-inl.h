#pragma once

#include <emmintrin.h>

#include <cstring>

namespace spoor::json {

struct BracketBlock {
  uint64_t quotes, backslashes, brackets;
};

inline uint64_t EqualMask(const __m128i* blocks, char c) {
  const __m128i wanted = _mm_set1_epi8(c);
  uint64_t mask = 0;
  for (int i = 0; i < 4; ++i) {
    mask |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(blocks[i], wanted))))
            << (16 * i);
  }
  return mask;
}

inline BracketBlock LookAt(const uint8_t* data) {
  __m128i blocks[4], lower[4];
  const __m128i bit = _mm_set1_epi8(0x20);
  for (int i = 0; i < 4; ++i) {
    blocks[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 16 * i));
    lower[i] = _mm_or_si128(blocks[i], bit);  // [ and { differ in one bit, ] and } in the same
  }
  return {EqualMask(blocks, '"'), EqualMask(blocks, '\\'), EqualMask(lower, '{') | EqualMask(lower, '}')};
}

// The bytes that a backslash escapes. *carry: the first byte of the block is one; then of the next.
inline uint64_t Escaped(uint64_t backslashes, uint64_t* carry) {
  constexpr uint64_t kEven = 0x5555555555555555;
  if (backslashes == 0) {
    const uint64_t escaped = *carry;
    *carry = 0;
    return escaped;
  }
  backslashes &= ~*carry;
  const uint64_t follows = backslashes << 1 | *carry;
  const uint64_t odd_starts = backslashes & ~kEven & ~follows;
  uint64_t even_runs = 0;
  *carry = __builtin_add_overflow(odd_starts, backslashes, &even_runs) ? 1 : 0;
  return (kEven ^ (even_runs << 1)) & follows;
}

// Bit i is the parity of bits 0 … i.
inline uint64_t Parity(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

template <typename Fn>
bool ForEachBracket(const uint8_t* data, size_t size, Fn&& fn) {
  uint64_t escape = 0, in_string = 0;  // of what comes: the first byte is escaped; all bits: within a string
  for (size_t at = 0; at < size; at += 64) {
    uint8_t tail[64];
    const uint8_t* block = data + at;
    if (size - at < 64) {
      std::memset(tail, ' ', sizeof tail);
      std::memcpy(tail, block, size - at);
      block = tail;
    }
    const BracketBlock b = LookAt(block);
    const uint64_t within = Parity(b.quotes & ~Escaped(b.backslashes, &escape)) ^ in_string;
    in_string = static_cast<uint64_t>(static_cast<int64_t>(within) >> 63);
    for (uint64_t left = b.brackets & ~within; left != 0; left &= left - 1) {
      const size_t place = at + static_cast<size_t>(__builtin_ctzll(left));
      if (!fn(place, data[place])) return true;
    }
  }
  return in_string == 0;
}

}  // namespace spoor::json
