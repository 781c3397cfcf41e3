#include "sigma/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/message.h"

namespace spoor::sigma {
namespace {

constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291, 2.5.5.2

// Clears all but the first `bits` bits; true where one of the others was set.
bool Mask(uint8_t* bytes, size_t size, unsigned bits) {
  bool cleared = false;
  for (size_t i = 0; i < size; ++i) {
    const unsigned left = bits > 8 * i ? std::min<unsigned>(8, bits - static_cast<unsigned>(8 * i)) : 0;
    const auto keep = static_cast<uint8_t>(0xff00u >> left);
    cleared |= (bytes[i] & ~keep) != 0;
    bytes[i] &= keep;
  }
  return cleared;
}

}  // namespace

absl::StatusOr<std::string> NormaliseNetwork(std::string_view text, bool* masked) {
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  uint8_t bytes[16];
  unsigned size = 0;
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) {
    size = 4;
  } else if (inet_pton(AF_INET6, address.c_str(), bytes) == 1) {
    size = 16;
  }
  if (size == 0 || address.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        Cat("'", text, "' is no network: expected an address and a length, as 10.0.0.0/8 or fe80::/10"));
  }
  unsigned bits = 8 * size;
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc() || end != length.data() + length.size() || bits > 8 * size) {
      return absl::InvalidArgumentError(
          Cat("'", text, "' is no network: the length behind '/' must be 0 to ", 8 * size));
    }
  }
  *masked = Mask(bytes, size, bits);
  const uint8_t* from = bytes;
  if (size == 16 && bits >= 96 && std::equal(kMapped.begin(), kMapped.end(), bytes)) {
    from = bytes + 12;
    size = 4;
    bits -= 96;
  }
  char shown[INET6_ADDRSTRLEN];
  inet_ntop(size == 4 ? AF_INET : AF_INET6, from, shown, sizeof shown);
  return Cat(shown, "/", bits);
}

}  // namespace spoor::sigma
