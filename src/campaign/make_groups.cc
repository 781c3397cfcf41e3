#include "campaign/make_groups.h"

#include <algorithm>

#include "campaign/group_phases.h"

namespace spoor {

Groups MakeGroups(const World& world, const Clues& clues, double enough) {
  Groups groups(world, clues, 0.3 * std::min(10.0, enough));
  FindShown(&groups);
  MakeNodes(&groups);
  JoinNodes(&groups);
  JoinRelays(&groups);
  ReachOut(enough, &groups);
  JoinRelays(&groups);  // with what was found of machines
  return groups;
}

}  // namespace spoor
