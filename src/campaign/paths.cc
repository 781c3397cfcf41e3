#include "campaign/paths.h"

#include <algorithm>
#include <map>
#include <utility>

#include "world/spelling.h"

namespace spoor {
namespace {

class PathFinder {
 public:
  PathFinder(const World& world, const std::vector<SessionFacts>& sessions, const Campaign& campaign)
      : world_(world), sessions_(sessions), campaign_(campaign) {}

  std::vector<TenantPath> Run() {
    for (const Step& step : campaign_.steps) {
      if (step.from == kNoThing || step.places.empty()) continue;
      Add(step.from, step.host, step.account, step.first, step.places.front());
    }
    for (const Join& join : campaign_.joins) {
      if (join.kind != LinkKindName(LinkKind::kOpenedSession) && join.kind != LinkKindName(LinkKind::kConnected))
        continue;
      Add(HostOf(join.from), HostOf(join.to), OwnerOf(join.to), join.proof.time, join.proof);
    }
    std::vector<TenantPath> paths;
    for (auto& [tenants, path] : paths_) {
      std::stable_sort(path.hosts.begin(), path.hosts.end(),
                       [](const PathHost& a, const PathHost& b) { return a.first < b.first; });
      std::sort(path.accounts.begin(), path.accounts.end());
      paths.push_back(std::move(path));
    }
    return paths;
  }

 private:
  ThingId HostOf(ThingId thing) const {
    const Thing& t = world_.things()[thing];
    if (t.kind == ThingKind::kHost || t.kind == ThingKind::kAddress) {
      return world_.HostOf(thing) == kNoThing ? thing : world_.HostOf(thing);
    }
    return t.host;
  }
  // Of a session; "": it is none, or nobody's.
  std::string OwnerOf(ThingId session) const {
    const ThingId owner = sessions_[session].owner;
    return owner == kNoThing ? std::string() : world_.things()[owner].name;
  }

  void Add(ThingId from, ThingId to, const std::string& account, int64_t time, const RecordPlace& proof) {
    if (from == kNoThing || to == kNoThing) return;
    const Thing &a = world_.things()[from], &b = world_.things()[to];
    if (a.tenant == b.tenant) return;
    TenantPath& path = paths_[{world_.tenant(a), world_.tenant(b)}];
    path.from_tenant = world_.tenant(a);
    path.to_tenant = world_.tenant(b);
    if (!account.empty() && !IsOfMachine(account) &&
        std::find(path.accounts.begin(), path.accounts.end(), account) == path.accounts.end()) {
      path.accounts.push_back(account);
    }
    for (PathHost& host : path.hosts) {
      if (host.host != to || host.from != from) continue;
      if (time != 0 && (host.first == 0 || time < host.first)) {
        host.first = time;
        host.proof = proof;
      }
      return;
    }
    path.hosts.push_back({to, from, time, proof});
  }

  const World& world_;
  const std::vector<SessionFacts>& sessions_;
  const Campaign& campaign_;
  std::map<std::pair<std::string, std::string>, TenantPath> paths_;
};

}  // namespace

std::vector<TenantPath> FindPaths(const World& world, const std::vector<SessionFacts>& sessions,
                                  const Campaign& campaign) {
  return PathFinder(world, sessions, campaign).Run();
}

}  // namespace spoor
