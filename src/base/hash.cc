#include "base/hash.h"

#include <random>

namespace spoor {

const HashKeys kHashKeys = [] {
  std::random_device device;
  HashKeys keys;
  for (uint64_t& k : keys.k) k = static_cast<uint64_t>(device()) << 32 | device();
  return keys;
}();

}  // namespace spoor
