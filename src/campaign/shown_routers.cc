#include "campaign/shown_routers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kEnough = 3;
constexpr size_t kOwnDays = 3;  // days of logins from an address that make it the owner's
constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kBefore = int64_t{7} * 24 * 60 * kMinute;  // guesses so long before a login belong to it
constexpr int64_t kAfter = 15 * kMinute;                     // settings changed so long after a login belong to it
constexpr size_t kMaxPlaces = 100;                           // records of a step

struct Router {
  std::vector<const Act*> logins, failed, changes, addresses;
};

}  // namespace

RoutersShown ShownByRouters(const World& world) {
  RoutersShown result;
  std::map<ThingId, Router> routers;
  const auto from_outside = [&](const Act& act) {
    return act.from != kNoThing && world.things()[act.from].kind == ThingKind::kAddress &&
           !IsPrivate(world.things()[act.from].name);
  };
  for (const Act& act : world.acts.all()) {
    if (act.at == kNoThing || world.things()[act.at].kind != ThingKind::kDevice) continue;
    Router& router = routers[act.at];
    if (act.kind == ActKind::kAdminLogin && from_outside(act)) router.logins.push_back(&act);
    if (act.kind == ActKind::kAdminFailed && from_outside(act)) router.failed.push_back(&act);
    if (act.kind == ActKind::kReconfigured) router.changes.push_back(&act);
    if (act.kind == ActKind::kGotAddress) router.addresses.push_back(&act);
  }
  for (const auto& [device, router] : routers) {
    std::map<ThingId, std::vector<const Act*>> logins;  // by address: as several users
    for (const Act* act : router.logins) logins[act->from].push_back(act);
    for (const auto& [from, acts] : logins) {
      Shown taken;
      std::set<int32_t> days;
      for (const Act* act : acts) {
        days.insert(act->days.begin(), act->days.end());
        taken.places.insert(taken.places.end(), act->places.begin(), act->places.end());
      }
      if (days.size() >= kOwnDays) continue;
      const auto by_time = [](const RecordPlace& a, const RecordPlace& b) { return a.time < b.time; };
      std::stable_sort(taken.places.begin(), taken.places.end(), by_time);
      const int64_t first = taken.places.front().time, last = taken.places.back().time;
      Shown tried;
      for (const Act* act : router.failed) {
        if (act->from != from) continue;
        for (const RecordPlace& place : act->places) {
          if (place.time <= last && place.time >= first - kBefore) tried.places.push_back(place);
        }
      }
      const size_t entered = taken.places.size();
      for (const Act* act : router.changes) {
        for (const RecordPlace& place : act->places) {
          const bool after = std::any_of(
              taken.places.begin(), taken.places.begin() + static_cast<int64_t>(entered),
              [&](const RecordPlace& login) { return place.time >= login.time && place.time <= login.time + kAfter; });
          if (after && taken.places.size() < kMaxPlaces) taken.places.push_back(place);
        }
      }
      const bool changed = taken.places.size() > entered;
      taken.weight = 2 + (tried.places.empty() ? 0 : 1.5) + (changed ? 1 : 0);
      if (taken.weight < kEnough) continue;
      std::stable_sort(taken.places.begin(), taken.places.end(), by_time);
      const auto finish = [&, device = device, from = from](Shown* shown) {
        shown->about = shown->host = device;
        shown->addresses = {{from, shown->places.front()}};
        shown->place = shown->places.front();
        shown->time = shown->places.front().time;
        shown->last = shown->places.back().time;
        shown->summary = fmt::format("from {}, {} record{}", world.things()[from].name, shown->places.size(),
                                     shown->places.size() == 1 ? "" : "s");
      };
      Mark(world.things()[from].name, {(tried.places.empty() ? taken : tried).places.front().time}, &result.marked);
      if (!tried.places.empty()) {
        std::stable_sort(tried.places.begin(), tried.places.end(), by_time);
        finish(&tried);
        tried.title = "Logins to a router tried from outside";
        tried.techniques = {"T1595.002"};
        tried.tactics = {"reconnaissance"};
        tried.weight = 1;
        result.shown.push_back(std::move(tried));
      }
      finish(&taken);
      taken.title = changed ? "Router entered from outside, and changed" : "Router entered from outside";
      taken.techniques = {"T1584.008"};
      taken.tactics = {"resource-development"};
      for (const Act* act : router.addresses) {
        if (act->on == kNoThing || IsPrivate(world.things()[act->on].name)) continue;
        taken.addresses.emplace_back(act->on, act->places.front());
        Mark(world.things()[act->on].name, {taken.time, true}, &result.marked);
      }
      result.shown.push_back(std::move(taken));
    }
  }
  return result;
}

}  // namespace spoor
