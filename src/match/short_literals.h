// Which of a few very short literals occur in a text: one pass, two look-ups a byte.
//
// Automata of long literals lose their speed to literals like "@" or "../", which occur all the time and trigger them
// at each place; here an occurrence costs nothing once the literal is known to be there. Immutable after Add;
// thread-safe.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spoor {

class ShortLiterals {
 public:
  static constexpr size_t kMaxSize = 3;    // bytes of a literal
  static constexpr size_t kMaxCount = 32;  // literals

  bool empty() const { return literals_.empty(); }
  // REQUIRES: 1 to kMaxSize bytes; fewer than kMaxCount were added.
  void Add(std::string_view literal, uint32_t id) {
    const uint32_t bit = uint32_t{1} << literals_.size();
    literals_.emplace_back(literal, id);
    all_ |= bit;
    first_[static_cast<uint8_t>(literal[0])] |= bit;
    if (literal.size() == 1) {
      single_ |= bit;
      for (uint32_t& mask : second_) mask |= bit;
    } else {
      second_[static_cast<uint8_t>(literal[1])] |= bit;
    }
  }

  // Calls fn(id) once for each that occurs.
  template <typename Fn>
  void Find(std::string_view text, Fn&& fn) const {
    if (text.empty()) return;
    uint32_t wanted = all_;
    const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
    const auto look = [&](uint32_t maybe, size_t at) {
      for (; maybe != 0; maybe &= maybe - 1) {
        const auto& [literal, id] = literals_[static_cast<size_t>(std::countr_zero(maybe))];
        if (literal.size() == kMaxSize && (at + 2 >= text.size() || text[at + 2] != literal[2])) continue;
        wanted &= ~(maybe & -maybe);
        fn(id);
      }
    };
    const size_t last = text.size() - 1;
    for (size_t at = 0; at < last; ++at) {
      if (const uint32_t maybe = first_[bytes[at]] & second_[bytes[at + 1]] & wanted; maybe != 0) look(maybe, at);
    }
    look(first_[bytes[last]] & single_ & wanted, last);
  }

 private:
  std::vector<std::pair<std::string, uint32_t>> literals_;
  std::array<uint32_t, 256> first_ = {}, second_ = {};  // by byte: bits of the literals that have it there
  uint32_t all_ = 0, single_ = 0;
};

}  // namespace spoor
