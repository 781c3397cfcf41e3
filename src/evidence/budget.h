// How much a container may still unpack.
//
// All bytes that come out count, those of containers in containers too, against the bytes of the outermost container
// read so far. An entry may use half of what is left when it begins (the only entry of a compressed file: all of it),
// so that a bomb is given up with something left for what stands behind it. Where nothing is put aside on the way, the
// bytes an entry unpacks to are also held against those that went in meanwhile: else a bomb at the end of a large
// archive could spend what the archive has saved.
#pragma once

#include <algorithm>
#include <cstdint>

namespace spoor {

class Budget {
 public:
  // `block`: bytes that may be read ahead of what is unpacked.
  Budget(uint64_t ratio, uint64_t free, uint64_t block) : ratio_(ratio), free_(Clamp(free)), block_(block) {}

  void In(uint64_t bytes) { in_ += bytes; }
  void Out(uint64_t bytes) { out_ += bytes; }
  uint64_t out() const { return out_; }

  int64_t left() const { return Earned(free_, in_) - Clamp(out_); }

  struct Share {
    int64_t floor = 0;  // left() may not fall below
    uint64_t in = 0, out = 0;
    bool streamed = false;
  };
  // A part of what `of` has left. `streamed`: what goes in meanwhile is all that goes in.
  Share Part(const Share& of, bool all, bool streamed) const {
    const int64_t left_of = std::max<int64_t>(0, left() - of.floor);
    return {of.floor + (all ? 0 : left_of / 2), in_, out_, streamed};
  }
  bool Exceeded(const Share& share) const {
    if (left() < share.floor) return true;
    return share.streamed && Clamp(out_ - share.out) > Earned(free_, in_ - share.in + block_);
  }
  // Too little left to begin another entry with.
  bool Spent(const Share& share) const { return left() - share.floor < kLeast; }

 private:
  static constexpr int64_t kMost = int64_t{1} << 60;
  static constexpr int64_t kLeast = 4 << 10;
  static int64_t Clamp(uint64_t bytes) { return static_cast<int64_t>(std::min<uint64_t>(bytes, kMost)); }
  int64_t Earned(int64_t free, uint64_t in) const {
    uint64_t earned = 0;
    if (__builtin_mul_overflow(in, ratio_, &earned)) return kMost;
    return std::min(kMost, free + Clamp(earned));
  }

  const uint64_t ratio_;
  const int64_t free_;
  const uint64_t block_;
  uint64_t in_ = 0, out_ = 0;
};

}  // namespace spoor
