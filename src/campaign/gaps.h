// What a campaign's evidence cannot show: logs that its machines do not have, and steps that must have been.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/campaign.h"

namespace spoor {

// What the logs of each machine tell of, read off what they told.
class Sights {
 public:
  enum Sight : uint8_t { kPrograms, kLogons, kConnections, kFiles, kSights };
  explicit Sights(const World& world);
  bool Shows(ThingId host, Sight sight) const { return (seen_[host] >> sight & 1) != 0; }

 private:
  std::vector<uint8_t> seen_;  // by thing: bits
};

// In order: what must have been and is not seen, then machines by name.
std::vector<Gap> FindGaps(const World& world, const Sights& sights, const Campaign& campaign);

}  // namespace spoor
