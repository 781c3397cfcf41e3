// Reading little-endian integers out of bytes nobody vouches for.
//
// Load16/32/64 read unaligned little-endian integers; the caller has checked the bounds. Cursor does the checking
// itself: a read past the end yields zero and turns ok() false for good, so a parser may read a whole header and
// look once. Neither owns the bytes. Not thread-safe; make one per thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace spoor {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "spoor reads little-endian formats in place");

inline uint16_t Load16(const void* p) {
  uint16_t v;
  std::memcpy(&v, p, 2);
  return v;
}
inline uint32_t Load32(const void* p) {
  uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}
inline uint64_t Load64(const void* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

class Cursor {
 public:
  Cursor(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}

  bool ok() const { return ok_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  const uint8_t* at() const { return at_; }

  uint8_t U8() { return Have(1) ? *at_++ : 0; }
  uint16_t U16() { return Have(2) ? Load16(Advance(2)) : 0; }
  uint32_t U32() { return Have(4) ? Load32(Advance(4)) : 0; }
  uint64_t U64() { return Have(8) ? Load64(Advance(8)) : 0; }
  // The next `size` bytes, or nullptr when there are fewer.
  const uint8_t* Bytes(size_t size) { return Have(size) ? Advance(size) : nullptr; }
  bool Skip(size_t size) { return Bytes(size) != nullptr || size == 0; }

 private:
  bool Have(size_t size) {
    if (left() >= size) return ok_;
    ok_ = false;
    at_ = end_;
    return false;
  }
  const uint8_t* Advance(size_t size) {
    const uint8_t* was = at_;
    at_ += size;
    return was;
  }
  const uint8_t* at_;
  const uint8_t* end_;
  bool ok_ = true;
};

// memcmp(...) == 0 for sizes at which a call costs more than the comparison.
inline bool SameBytes(const uint8_t* a, const uint8_t* b, size_t size) {
  if (size >= 8) {
    size_t i = 0;
    for (; i + 16 <= size; i += 16) {
      if (((Load64(a + i) ^ Load64(b + i)) | (Load64(a + i + 8) ^ Load64(b + i + 8))) != 0) return false;
    }
    if (i + 8 <= size) {
      if (Load64(a + i) != Load64(b + i)) return false;
    }
    return Load64(a + size - 8) == Load64(b + size - 8);
  }
  if (size >= 4) return Load32(a) == Load32(b) && Load32(a + size - 4) == Load32(b + size - 4);
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

inline std::string_view AsText(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

}  // namespace spoor
