// What began on a web server right after a campaign's addresses asked it, and ways in that fit (see group_reach.cc).
#include <algorithm>
#include <map>

#include "campaign/group_reach.h"
#include "world/spelling.h"

namespace spoor {

using namespace reach;

namespace {

constexpr size_t kFewOwn = 5;              // accounts that are at home at an address: more, and it is nobody's
constexpr int64_t kClocks = 10 * kSecond;  // that machines' clocks differ
constexpr int64_t kFollows = 12 * kHour;   // what follows a way in

}  // namespace

// Something tells from where somebody came to do this.
bool Reach::HasWayIn(const GroupNode& node) const {
  const bool opened = std::any_of(node.sessions.begin(), node.sessions.end(), [&](ThingId session) {
    return g_.sessions[session].opened != nullptr && g_.sessions[session].opened->first() <= node.first + kClocks;
  });
  return opened || std::any_of(node.hints.begin(), node.hints.end(), [&](uint32_t h) {
           return g_.hints[h].shown != ~0u && g_.shown[g_.hints[h].shown].from != kNoThing;
         });
}

// A web server was sent data, and answered, from an address from which the intruder is in accounts or routers; within
// the hour something begins on it of which nothing tells whence.
void Reach::ReachByWeb() {
  std::map<std::string, uint32_t> used;  // by address: a node of a campaign
  for (const uint32_t n : g_.Core()) {
    for (const uint32_t h : g_.nodes[n].hints) {
      if (g_.hints[h].shown == ~0u || g_.hints[h].weight < g_.hot) continue;
      for (const auto& [address, proof] : g_.shown[g_.hints[h].shown].addresses) {
        const auto own = g_.accounts.own.find(g_.At(address).name);
        if (IsPrivate(g_.At(address).name) || (own != g_.accounts.own.end() && own->second > kFewOwn)) continue;
        used.try_emplace(g_.At(address).name, n);
      }
    }
  }
  if (used.empty()) return;
  struct Sent {
    const Act* act;
    RecordPlace place;
    uint32_t node;
  };
  std::map<ThingId, std::vector<Sent>> sent;  // by machine, in order of time
  for (const Act& act : g_.world.acts.all()) {
    if (act.kind != ActKind::kPosted || act.from == kNoThing || act.on == kNoThing) continue;
    const auto it = used.find(g_.At(act.from).name);
    if (it == used.end() || g_.At(act.on).host == kNoThing) continue;
    const ThingId host = g_.world.HostOf(g_.At(act.on).host);
    if (host == kNoThing) continue;
    for (const RecordPlace& place : act.places) sent[host].push_back({&act, place, it->second});
  }
  for (auto& [host, list] : sent) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Sent& a, const Sent& b) { return a.place.time < b.place.time; });
  }
  for (uint32_t n = 0; n < g_.nodes.size() && !sent.empty(); ++n) {
    const auto it = sent.find(g_.nodes[n].host);
    if (!g_.IsHot(n) || g_.nodes[n].first == 0 || it == sent.end() || HasWayIn(g_.nodes[n])) continue;
    const int64_t began = g_.nodes[n].first;
    auto last = std::upper_bound(it->second.begin(), it->second.end(), began + kClocks,
                                 [](int64_t time, const Sent& s) { return time < s.place.time; });
    if (last == it->second.begin() || began - (--last)->place.time > kHour) continue;
    if (g_.GroupOf(last->node) == g_.GroupOf(n)) continue;
    Shown shown;
    shown.title = "Data sent to a web server from an address of the intruder's, right before something began on it";
    shown.summary = g_.At(last->act->on).name + " from " + g_.At(last->act->from).name;
    shown.techniques = {"T1190"};
    shown.tactics = {"initial-access"};
    shown.about = last->act->on;
    shown.host = it->first;
    shown.time = last->place.time;
    shown.weight = kLogon;
    shown.place = last->place;
    Add(std::move(shown), last->node, LinkKind::kReached,
        "data was sent to a web server from an address that the intruder used elsewhere", 0.6);
    g_.Unite(g_.NodeOf(last->act->on), n, LinkKind::kReached, "it began right after that", 0.6, last->place);
  }
}

// A campaign began on a machine, and nothing tells how it came there; another came in there by its web server in the
// hours before, and no third did.
void Reach::ReachWayIn() {
  struct Way {
    int64_t time;
    uint32_t node;
  };
  std::map<ThingId, std::vector<Way>> ways;  // by machine
  for (const uint32_t n : g_.Core()) {
    for (const uint32_t h : g_.nodes[n].hints) {
      const Hint& hint = g_.hints[h];
      if (hint.weight < g_.hot || hint.host == kNoThing || hint.first == 0 || hint.techniques.empty()) continue;
      if (hint.techniques.front() != "T1190" && hint.techniques.front() != "T1505.003") continue;
      ways[hint.host].push_back({hint.first, n});
    }
  }
  if (ways.empty()) return;
  for (auto& [host, list] : ways) {
    std::stable_sort(list.begin(), list.end(), [](const Way& a, const Way& b) { return a.time < b.time; });
    // One a minute of a campaign is enough.
    std::map<uint32_t, int64_t> last;
    std::erase_if(list, [&](const Way& way) {
      const auto [it, fresh] = last.try_emplace(g_.GroupOf(way.node), way.time);
      if (!fresh && way.time - it->second < kMinute) return true;
      it->second = way.time;
      return false;
    });
  }
  struct Began {
    int64_t time = 0;
    uint32_t node = 0;
    bool told = false;  // how it came there
  };
  std::map<std::pair<ThingId, uint32_t>, Began> first;  // by machine and campaign: what it did there first
  for (const uint32_t n : g_.Core()) {
    if (!g_.IsHot(n) || g_.nodes[n].first == 0 || !ways.contains(g_.nodes[n].host)) continue;
    Began& of = first[{g_.nodes[n].host, g_.GroupOf(n)}];
    if (of.time != 0 && of.time <= g_.nodes[n].first) continue;
    of = {g_.nodes[n].first, n, HasWayIn(g_.nodes[n])};
  }
  for (const auto& [at, began] : first) {
    if (began.told) continue;
    std::map<uint32_t, uint32_t> others;  // by campaign: its node
    const std::vector<Way>& list = ways[at.first];
    auto way = std::lower_bound(list.begin(), list.end(), began.time - kFollows,
                                [](const Way& w, int64_t time) { return w.time < time; });
    for (; way != list.end() && way->time <= began.time + kClocks && others.size() < 2; ++way)
      others.try_emplace(g_.GroupOf(way->node), way->node);
    if (others.size() != 1 || others.begin()->first == g_.GroupOf(began.node)) continue;
    g_.Unite(others.begin()->second, began.node, LinkKind::kReached,
             "nothing else tells how they came onto " + g_.At(at.first).name + ", and these had just come in there",
             0.5, g_.PlaceOf(g_.hints[g_.nodes[began.node].hints.front()]));
  }
}

}  // namespace spoor
