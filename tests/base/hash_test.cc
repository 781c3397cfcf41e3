#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace spoor {
namespace {

// Each half by itself. Every size takes another way through the function.
TEST(Hash, DependsOnTheSaltAndOnEveryByteWhateverTheSize) {
  for (size_t size = 1; size <= 130; ++size) {
    std::string bytes(size, 'x');
    std::set<uint64_t> low, high;
    const auto note = [&](uint32_t salt) {
      const Hash128 h = HashBytes128(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), salt);
      low.insert(h.low);
      high.insert(h.high);
    };
    for (const uint32_t salt : {1u, 2u, 3u}) note(salt);
    for (size_t i = 0; i < size; ++i) {
      bytes[i] = 'y';
      note(1);
      bytes[i] = 'x';
    }
    EXPECT_EQ(low.size(), 3 + size) << size;
    EXPECT_EQ(high.size(), 3 + size) << size;
  }
}

}  // namespace
}  // namespace spoor
