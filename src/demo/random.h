// Chance that comes out the same everywhere: streams of numbers made from the seed and a topic.
//
// Each topic (a tenant's mail of one day, a stage of the campaign) has its own stream, so that what one part draws
// changes nothing of what another part draws: the ordinary days are the same with the attack and without it. The
// generator is splitmix64 (public domain, S. Vigna). Not thread-safe; make one per topic.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spoor::demo {

class Random {
 public:
  Random(uint64_t seed, std::string_view topic, uint64_t a = 0, uint64_t b = 0) : state_(seed) {
    for (const char c : topic) Mix(static_cast<uint8_t>(c));
    Mix(a);
    Mix(b);
  }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 … n-1. REQUIRES: n > 0.
  uint64_t Below(uint64_t n) { return Next() % n; }
  // a … b, both included.
  int64_t Between(int64_t a, int64_t b) { return a + static_cast<int64_t>(Below(static_cast<uint64_t>(b - a + 1))); }
  // True `percent` times of a hundred.
  bool Percent(uint64_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Of(const std::vector<T>& list) {
    return list[Below(list.size())];
  }
  template <typename T>
  void Shuffle(std::vector<T>* list) {
    for (size_t i = list->size(); i > 1; --i) std::swap((*list)[i - 1], (*list)[Below(i)]);
  }
  // So many characters of an alphabet.
  std::string Text(size_t count, std::string_view alphabet) {
    std::string out(count, ' ');
    for (char& c : out) c = alphabet[Below(alphabet.size())];
    return out;
  }
  std::string Hex(size_t digits) { return Text(digits, "0123456789abcdef"); }
  std::string UpperHex(size_t digits) { return Text(digits, "0123456789ABCDEF"); }
  // "7d1f0c52-…" (version 4).
  std::string Uuid() { return Hex(8) + '-' + Hex(4) + "-4" + Hex(3) + '-' + Text(1, "89ab") + Hex(3) + '-' + Hex(12); }

 private:
  void Mix(uint64_t value) {
    state_ ^= value + 0x9e3779b97f4a7c15 + (state_ << 6) + (state_ >> 2);
    Next();
  }
  uint64_t state_;
};

}  // namespace spoor::demo
