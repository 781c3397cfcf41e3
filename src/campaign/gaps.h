// What a campaign's evidence cannot show: logs that its machines do not have, and steps that must have been.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "campaign/result.h"

namespace spoor {

// What the logs of each machine tell of, read off what they told.
class Sights {
 public:
  enum Sight : uint8_t { kPrograms, kLogons, kConnections, kFiles, kSights };
  explicit Sights(const World& world);
  bool Shows(ThingId host, Sight sight) const { return (seen_[host] >> sight & 1) != 0; }
  // By machine: the first logon that its own logs tell of.
  const std::map<ThingId, int64_t>& first_logons() const { return first_logons_; }

 private:
  std::vector<uint8_t> seen_;  // by thing: bits
  std::map<ThingId, int64_t> first_logons_;
};

// In order: what must have been and is not seen, then machines of the campaign by name, then machines of its
// organisations whose logons are told of only from a day on when the intruders had come, and such of whose programs no
// log tells (the first thousand).
std::vector<Gap> FindGaps(const World& world, const Sights& sights, const Campaign& campaign);

// What is missing, with the day until which it is.
std::string MissingText(const Gap& gap);

}  // namespace spoor
