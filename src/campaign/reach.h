// What the parts of group_reach*.cc have in common. For these alone.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "world/world.h"

namespace spoor::reach {

inline constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
inline constexpr int64_t kBefore = 2 * kSecond, kAfter = 20 * kSecond;  // of a connection: the logon that comes of it
inline constexpr double kLogon = 4, kTool = 4, kContact = 1, kKept = 3, kDone = 0.5, kSent = 4,
                        kRefused = 1;  // weights

// Whose machines have something: those of campaigns, and all.
struct Spread {
  std::set<ThingId> core, all;
  // At least half of the machines are of a campaign.
  bool is_theirs() const { return !core.empty() && core.size() * 2 >= all.size(); }
};

}  // namespace spoor::reach
