#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace spoor {
namespace {

// A hash that forgets its key can be aimed at. Every size takes another way through the function.
TEST(Hash, DependsOnTheSeedAndOnEveryByteWhateverTheSize) {
  for (size_t size = 1; size <= 130; ++size) {
    std::string bytes(size, 'x');
    const auto hash = [&](uint64_t seed) {
      return HashBytes(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), seed);
    };
    std::set<uint64_t> seen{hash(1), hash(2), hash(3)};
    EXPECT_EQ(seen.size(), 3u) << size;
    for (size_t i = 0; i < size; ++i) {
      bytes[i] = 'y';
      seen.insert(hash(1));
      bytes[i] = 'x';
    }
    EXPECT_EQ(seen.size(), 3 + size) << size;
  }
}

}  // namespace
}  // namespace spoor
