// What makes groups, in this order: each adds to what those before it left. For make_groups.cc alone.
#pragma once

#include "campaign/groups.h"

namespace spoor {

void FindShown(Groups* groups);   // group_shown.cc: what logons, accounts, routers, web servers and flows show
void MakeNodes(Groups* groups);   // group_nodes.cc: trees of processes, hints and nodes
void JoinNodes(Groups* groups);   // group_joins.cc: by process, file, machine, what is rare
void JoinRelays(Groups* groups);  // group_relays.cc: by addresses that accounts, routers and web servers have in common
// group_reach*.cc: what else the programs of groups of such a score did, that no rule knows.
void ReachOut(double enough, Groups* groups);

}  // namespace spoor
