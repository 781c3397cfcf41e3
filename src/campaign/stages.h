// Which stage of a campaign a step belongs to: data (data/stages.yml), compiled into the program.
//
// Immutable; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spoor {

struct Stage {
  std::string name;
  std::vector<std::string> techniques;  // "T1003", for its sub-techniques too, or "T1550.001"
  std::vector<std::string> tactics;     // "credential-access"
  std::vector<int> told_with = {};      // the stages with which a story tells it in one line: the first that is there
  bool told_of_process = false;         // it is told with whatever else is told of the same process
};

// In order of the campaign.
const std::vector<Stage>& Stages();
// The number of the stage in Stages(); -1: none. `technique` may be empty.
int StageOf(std::string_view technique, const std::vector<std::string>& tactics);

// What a rule's tags say: "attack.t1003.001" is T1003.001, "attack.credential-access" (or _) a tactic.
// Where a technique has had another number, both are there.
struct AttackTags {
  std::vector<std::string> techniques, tactics;
};
AttackTags ReadAttackTags(const std::vector<std::string>& tags);

// True for a program that starts what has nothing else in common. `image`: a path or a name, in any case.
bool IsStarter(std::string_view image);

// True for a name that machines of all kinds ask for. `name`: of a host, in lower case.
bool IsPublic(std::string_view name);

}  // namespace spoor
