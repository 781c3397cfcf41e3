// What is shown beside what rules find: of logons, accounts, routers, web servers and flows.
#include <algorithm>
#include <iterator>
#include <set>

#include "campaign/group_phases.h"
#include "campaign/shown_flows.h"
#include "campaign/shown_routers.h"
#include "campaign/shown_web.h"

namespace spoor {
namespace {

// What accounts, routers and web servers show, and which findings it takes in.
void ShowPlaces(Groups* groups) {
  RoutersShown routers = ShownByRouters(groups->world);
  WebShown web = ShownByWeb(groups->world, {});
  std::set<std::string> theirs;
  for (const auto& [address, how] : routers.marked) theirs.insert(address);
  MarkedAddresses marked = std::move(routers.marked);
  for (const auto& [address, how] : web.marked) Mark(address, how, &marked);
  groups->accounts = ShownByAccounts(groups->world, marked);
  for (const auto& [account, address] : groups->accounts.theirs) theirs.insert(groups->At(address).name);
  if (!theirs.empty()) web = ShownByWeb(groups->world, theirs);
  for (std::vector<Shown>* const list : {&routers.shown, &web.shown, &groups->accounts.shown})
    std::move(list->begin(), list->end(), std::back_inserter(groups->shown));
  groups->accounts.shown.clear();
  for (uint32_t s = 0; s < groups->shown.size(); ++s) {
    for (const RecordPlace& place : groups->shown[s].places)
      groups->shown_at.try_emplace({place.file, place.offset, place.record}, s);
  }
}

}  // namespace

void FindShown(Groups* groups) {
  groups->sessions = SessionsOf(groups->world);
  ShowPlaces(groups);
  std::vector<Shown> graph = ShownByGraph(groups->world, groups->sessions);
  std::move(graph.begin(), graph.end(), std::back_inserter(groups->shown));
  std::vector<Shown> flows = ShownByFlows(groups->world);
  std::move(flows.begin(), flows.end(), std::back_inserter(groups->shown));
}

}  // namespace spoor
