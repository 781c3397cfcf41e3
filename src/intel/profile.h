// Profiles of actors: what is known beyond ATT&CK, each statement with how certain it is and where it comes from.
//
// YAML, one actor a file (intel/actors/*.yml; docs/attribution.md describes the keys). The program's own are compiled
// into it; users bring theirs in a folder. A profile whose id is a group of ATT&CK adds to that group; any other id is
// an actor of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "intel/attack.h"

namespace spoor {

// A person, a company, a piece of software: all its spellings, the first the one to show.
struct ProfileName {
  std::vector<std::string> names;
  double certainty = 1;  // that it belongs to the actor, 0 to 1
  std::string note;
};

struct ProfileSoftware {
  std::vector<std::string> names;
  std::string attack;    // its identifier in ATT&CK, where it has one
  double certainty = 1;  // that the actor uses it
  bool shared = false;   // others are known to use it, too, though ATT&CK may not say so
  std::string note;
};

struct ProfileTechnique {
  uint32_t technique;  // position in Attack::techniques()
  double certainty = 1;
  std::string note;
};

// Infrastructure and targets: something that can be observed and that is neither a technique nor software.
struct ProfileTrait {
  std::string kind;  // "sector", "country", "domain", …
  std::string value;
  double certainty = 1;    // that it is the actor's
  double elsewhere = 0.1;  // how often somebody else shows the same: 0.5 for "attacks ministries", 0.001 for a domain
  std::string note;
};

// Letters' case, blanks and hyphens mean nothing.
bool SameTrait(const ProfileTrait& trait, std::string_view kind, std::string_view value);

struct Profile {
  std::string file;  // where it was read, for messages
  std::string id, name;
  std::vector<std::string> aliases;
  std::vector<ProfileName> persons, companies;
  std::vector<ProfileSoftware> software;
  std::vector<ProfileTechnique> techniques;
  std::vector<ProfileTrait> traits;
  std::vector<std::string> sources;
};

// Limits of one file, which may come from anywhere.
inline constexpr size_t kMaxProfileBytes = 4u << 20;
inline constexpr size_t kMaxProfileEntries = 10'000;  // of any list

// One profile. Every mistake is an error with its line: an unknown key, a certainty that is no number between 0 and 1,
// a technique that ATT&CK never had (one that it gave up becomes what replaced it).
absl::StatusOr<Profile> ParseProfile(std::string_view yaml, const std::string& file, const Attack& attack);
// Those compiled into the program. Techniques are positions in `attack`.
std::vector<Profile> BuiltInProfiles(const Attack& attack);

}  // namespace spoor
