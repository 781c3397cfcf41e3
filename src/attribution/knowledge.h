// Who is known to use what: the actors that attribution chooses between.
//
// Made of ATT&CK's groups, what the campaigns attributed to them used, and the program's or the user's own profiles. An
// actor's lists are weighted: 1 where ATT&CK says so of the group, 0.7 where only of a campaign attributed to it, the
// certainty where a profile does.
//
// To try the model on a campaign whose author is known, that campaign can be left out; or a whole group; or the
// software that the campaign and its group share, as if it were known from this campaign alone. Immutable: thread-safe.
// Holds on to the Attack, which must live as long.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "intel/attack.h"
#include "intel/profile.h"

namespace spoor {

struct Known {
  uint32_t item;       // a technique: position in Attack::techniques(); software: number of Knowledge
  double weight;       // 0 to 1: how certain that the actor uses it
  bool listed = true;  // written of the actor itself; false: known through a campaign attributed to it alone
};

struct Actor {
  std::string id;  // "G0128", or what a profile says
  std::string name;
  std::vector<std::string> aliases;
  std::vector<Known> techniques, software;  // in order of item
  std::vector<ProfileTrait> traits;
};

struct LeftOut {
  std::string campaign;          // identifier; its relations are not known
  std::string group;             // identifier; the group is not there
  bool shared_software = false;  // nor is what that campaign's software has in common with its groups' software
};

class Knowledge {
 public:
  Knowledge(const Attack& attack, const std::vector<Profile>& profiles, const LeftOut& left_out = {});

  const Attack& attack() const { return attack_; }
  // In order of identifier.
  const std::vector<Actor>& actors() const { return actors_; }
  // ATT&CK's software and then what only profiles name.
  size_t software_count() const { return attack_.software().size() + own_software_.size(); }
  std::string_view SoftwareName(uint32_t number) const;
  std::string_view SoftwareId(uint32_t number) const;  // "" for what only profiles name
  // The number of a piece of software by identifier, name or alias; kNone: nobody knows it.
  uint32_t FindSoftware(std::string_view what) const;
  static constexpr uint32_t kNone = ~0u;
  // Software that a profile says others use, too, though nobody lists them.
  const std::vector<uint32_t>& shared_software() const { return shared_; }

 private:
  void AddGroups(const LeftOut& left_out);
  void AddProfile(const Profile& profile);

  const Attack& attack_;
  std::vector<Actor> actors_;
  std::vector<std::string> own_software_;
  std::vector<uint32_t> shared_;
  absl::flat_hash_map<std::string, uint32_t> by_name_;  // of what profiles name, by PlainName
};

}  // namespace spoor
