// A line in fields that a single character separates, at the speed of memory: 16 bytes at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "formats/format.h"

namespace spoor {

// Calls fn(place) for each place of the line where a character is `a` or `b`, in order, until it says false.
template <typename Fn>
inline void ForEachOf(std::string_view line, char a, char b, Fn&& fn) {
#if defined(__SSE2__)
  const __m128i first = _mm_set1_epi8(a), second = _mm_set1_epi8(b);
  for (size_t at = 0; at < line.size(); at += 16) {
    const char* block = line.data() + at;
    char last[16];
    if (line.size() - at < 16) {  // nothing behind the line is read
      std::memcpy(last, block, line.size() - at);
      block = last;
    }
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
    auto mask = static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, first), _mm_cmpeq_epi8(bytes, second))));
    if (line.size() - at < 16) mask &= (1u << (line.size() - at)) - 1;
    while (mask != 0) {
      if (!fn(at + static_cast<size_t>(__builtin_ctz(mask)))) return;
      mask &= mask - 1;
    }
  }
#else
  for (size_t at = 0; at < line.size(); ++at) {
    if ((line[at] == a || line[at] == b) && !fn(at)) return;
  }
#endif
}

}  // namespace spoor
