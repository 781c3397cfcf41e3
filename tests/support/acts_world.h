// A world made by hand of what accounts, routers and web servers did, for tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "campaign/shown.h"
#include "world/world.h"

namespace spoor {

inline constexpr int64_t kOneSecond = 1'000'000, kOneDay = 86'400 * kOneSecond;

class ActsWorld {
 public:
  ActsWorld() : files_({}), world(files_) {}

  ThingId Account(const std::string& name, const std::string& tenant = "acme") {
    return world.Add(ThingKind::kAccount, tenant, kNoThing, name);
  }
  ThingId Address(const std::string& name, const std::string& tenant = "acme") {
    return world.Add(ThingKind::kAddress, tenant, kNoThing, name);
  }
  // On the day, at the second; each call is a record of its own.
  void Do(ActKind kind, ThingId who, ThingId from, int day, int second, ThingId on = kNoThing, ThingId at = kNoThing,
          const std::string& way = "browser", bool vouched = false) {
    const RecordPlace place{(20000 + day) * kOneDay + second * kOneSecond, 0, ++record_, record_ * 100};
    world.acts.Add({kind, who, from, on, at}, place, Fingerprint(way, true), vouched);
  }
  // An account at work: on `days` days from an address, with the machine of its organisation or without.
  void Work(ThingId who, ThingId from, int first, int days, bool vouched = false) {
    for (int day = first; day < first + days; ++day)
      Do(ActKind::kSignedIn, who, from, day, 32'000, kNoThing, kNoThing, "browser", vouched);
  }
  // Passwords tried on accounts of these names.
  void Try(ThingId from, int day, int accounts) {
    for (int i = 0; i < accounts; ++i)
      Do(ActKind::kFailed, kNoThing, from, day, 100 + i, kNoThing, kNoThing, "user" + std::to_string(i));
  }

 private:
  FileTable files_;
  uint64_t record_ = 0;

 public:
  World world;
};

inline const Shown* Find(const std::vector<Shown>& shown, const std::string& technique) {
  const auto it =
      std::find_if(shown.begin(), shown.end(), [&](const Shown& s) { return s.techniques[0] == technique; });
  return it == shown.end() ? nullptr : &*it;
}

}  // namespace spoor
