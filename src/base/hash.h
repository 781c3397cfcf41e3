// A fast 64-bit hash for tables in memory, keyed so that hostile data cannot aim at its collisions.
//
// Two 64-bit halves are multiplied to 128 bits and folded, 16 bytes a step (the construction of wyhash). Not a
// cryptographic hash; results differ between runs and are never written anywhere.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace spoor {

inline uint64_t MixHash(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// REQUIRES: `size` readable bytes at data.
inline uint64_t HashBytes(const uint8_t* data, size_t size, uint64_t seed) {
  constexpr uint64_t k0 = 0xa0761d6478bd642fu, k1 = 0xe7037ed1a0b428dbu;
  uint64_t a, b;
  uint64_t h = seed ^ k0;
  if (size <= 16) {
    if (size >= 8) {
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
  } else {
    size_t left = size;
    const uint8_t* p = data;
    if (left > 32) {
      uint64_t h2 = h;
      do {
        h = MixHash(Load64(p) ^ k1, Load64(p + 8) ^ h);
        h2 = MixHash(Load64(p + 16) ^ k0, Load64(p + 24) ^ h2);
        p += 32;
        left -= 32;
      } while (left > 32);
      h ^= h2;
    }
    if (left > 16) {
      h = MixHash(Load64(p) ^ k1, Load64(p + 8) ^ h);
      p += 16;
      left -= 16;
    }
    a = Load64(p + left - 16);
    b = Load64(p + left - 8);
  }
  return MixHash(k1 ^ size, MixHash(a ^ k1, b ^ h));
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
// who does not know them can write bytes that multiply to zero or collide. REQUIRES: `size` readable bytes at data.
inline Hash128 HashBytes128(const uint8_t* data, size_t size, uint64_t salt) {
  const uint64_t* k = kHashKeys.k;
  uint64_t low = k[0] ^ salt, high = k[1] + salt;
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
  return {MixHash(low ^ k[4], size ^ k[5]), MixHash(high ^ k[5], size ^ k[4])};
}

// A seed that differs between runs.
uint64_t ProcessSeed();

}  // namespace spoor
