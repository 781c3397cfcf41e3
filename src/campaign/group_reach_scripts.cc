// Scripts that hardly any but programs of a campaign ran (see group_reach.cc).
#include <map>

#include "campaign/group_reach.h"

namespace spoor {

using namespace reach;

namespace {

// A script on one machine of the intruder's may be anybody's: what a module brings along, what a person looks up.
constexpr size_t kLeastMachines = 2;

struct Runs {
  Spread spread;
  uint32_t cause = ~0u;  // a node of a campaign that ran it
  size_t theirs = 0;
  std::vector<const Link*> others;
};

}  // namespace

// The same script (but for names of machines and files in it). Where other programs ran it as often as the campaign's,
// it is what everybody runs there.
void Reach::ReachScripts() {
  std::map<std::string_view, Runs> scripts;
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kUsed || g_.At(link.to).kind != ThingKind::kScript) continue;
    Runs& runs = scripts[g_.At(link.to).name];
    runs.spread.all.insert(g_.HostAt(link.from));
    const uint32_t node = g_.NodeOf(link.from);
    if (!g_.IsCore(node)) {
      runs.others.push_back(&link);
      continue;
    }
    runs.spread.core.insert(g_.HostAt(link.from));
    ++runs.theirs;
    if (runs.cause == ~0u) runs.cause = node;
  }
  for (const auto& [script, runs] : scripts) {
    if (runs.spread.core.size() < kLeastMachines || !runs.spread.is_theirs()) continue;
    if (runs.others.size() > runs.theirs) continue;
    for (const Link* const link : runs.others) {
      Shown shown;
      shown.title = "A script that hardly any but the intruder's programs ran";
      shown.summary = script;
      shown.techniques = {"T1059.001"};
      shown.tactics = {"execution"};
      shown.about = link->from;
      shown.host = g_.HostAt(link->from);
      shown.time = link->first();
      shown.weight = kTool;
      shown.place = link->proof;
      shown.together = true;
      Add(std::move(shown), runs.cause, LinkKind::kUsed, "the same script, which hardly any others ran", 0.8);
    }
  }
}

}  // namespace spoor
