// Networks in CIDR notation.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace spoor::sigma {

// "10.1.2.3/8" as "10.0.0.0/8", "2001:DB8::1/32" as "2001:db8::/32"; an address alone is a network of one.
// IPv4 networks written as IPv4-mapped IPv6 ones become IPv4. *masked tells whether host bits were cleared.
absl::StatusOr<std::string> NormaliseNetwork(std::string_view text, bool* masked);

}  // namespace spoor::sigma
