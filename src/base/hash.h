// A fast 128-bit hash for tables in memory, keyed so that hostile data cannot aim at its collisions.
//
// Words are multiplied to 128 bits and folded, 16 bytes a step (the construction of wyhash, with secrets in place of
// its constants). Not a cryptographic hash; results differ between runs and are never written anywhere.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace spoor {

inline uint64_t MixHash(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

struct Hash128 {
  uint64_t low = 0, high = 0;
  bool operator==(const Hash128&) const = default;
};

// Secrets of this process, drawn once.
struct HashKeys {
  uint64_t k[6];
};
extern const HashKeys kHashKeys;

// A hash wide enough to stand for the bytes. Both halves take in every word with secrets of their own, so that nobody
// who does not know them can write bytes that multiply to zero or collide. `salt` tells apart equal bytes of different
// meaning. REQUIRES: `size` readable bytes at data.
inline Hash128 HashBytes128(const uint8_t* data, size_t size, uint32_t salt, const HashKeys& keys = kHashKeys) {
  const uint64_t* k = keys.k;
  uint64_t low = k[0], high = k[1];
  const uint64_t tail = size ^ static_cast<uint64_t>(salt) << 32;  // where no data can undo it
  uint64_t a, b;
  if (size > 16) {
    const uint8_t* p = data;
    size_t left = size;
    do {
      a = Load64(p);
      b = Load64(p + 8);
      low = MixHash(a ^ k[2], b ^ low);
      high = MixHash(a ^ high, b ^ k[3]);
      p += 16;
      left -= 16;
    } while (left > 16);
    a = Load64(p + left - 16);
    b = Load64(p + left - 8);
  } else if (size >= 8) {
    a = Load64(data);
    b = Load64(data + size - 8);
  } else if (size >= 4) {
    a = Load32(data);
    b = Load32(data + size - 4);
  } else if (size > 0) {
    a = static_cast<uint64_t>(data[0]) << 16 | static_cast<uint64_t>(data[size >> 1]) << 8 | data[size - 1];
    b = 0;
  } else {
    a = b = 0;
  }
  low = MixHash(a ^ k[2], b ^ low);
  high = MixHash(a ^ high, b ^ k[3]);
  return {MixHash(low ^ k[4], tail ^ k[5]), MixHash(high ^ k[5], tail ^ k[4])};
}

}  // namespace spoor
