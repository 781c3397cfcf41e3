// What a trace says: campaigns with their steps, who was hit, what joins it all, and the findings that stand alone.
//
// Everything owns its texts. Numbers of things and clues are those of the World and the Clues it was made from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/first_day.h"
#include "campaign/victims.h"
#include "world/clues.h"
#include "world/world.h"

namespace spoor {

// Findings about one thing, or what the graph itself shows; what several say of one act is one step.
struct Step {
  int64_t first = 0, last = 0;
  int stage = -1;  // of Stages()
  std::string tactic, technique;
  std::vector<std::string> techniques;  // all of them
  std::string title;                    // of the rule
  std::vector<std::string> also;        // titles of others that say the same
  sigma::Level level = sigma::Level::kInformational;
  ThingId about = kNoThing, host = kNoThing;
  ThingId from = kNoThing;  // the machine it came from, if from another
  std::string tenant, host_name, account, summary;
  std::vector<uint32_t> clues;      // that it is made of
  std::vector<RecordPlace> places;  // of what the graph shows
  size_t things = 1;                // processes that it is about
  double weight = 0;                // what it counts
  bool in_vain = false;             // the machine did not let it in
  bool theirs = false;              // in a session that the intruder opened: its account is in his hands
  std::string contact;              // the machine or name outside that it is about, if it is about nothing else
  std::string wave;                 // of tracking mails: one name for what was sent to several organisations
};

// Why two parts of a campaign belong together.
struct Join {
  ThingId from, to;
  std::string kind, why;
  double strength = 0;  // 0 to 1
  RecordPlace proof;
};

enum class HostState : uint8_t { kTargeted, kReached, kCompromised };
const char* HostStateName(HostState state);  // "targeted", "reached", "compromised"
struct HostHit {
  ThingId host;
  HostState state;
  int64_t first = 0;
  std::string why;
};

// Something that the evidence cannot show.
struct Gap {
  ThingId host;                    // kNoThing: of the whole campaign
  std::string missing;             // "who logged on"
  std::vector<std::string> hides;  // tactics
  int64_t until = 0;               // missing up to then, of which the log tells first; 0: all the time
};

// A machine of one organisation that somebody reached from a machine of another.
struct PathHost {
  ThingId host, from;
  int64_t first = 0;
  RecordPlace proof;
};
struct TenantPath {
  std::string from_tenant, to_tenant;
  std::vector<PathHost> hosts;  // in order of time
  std::vector<std::string> accounts;
};

// A known actor that a campaign may be of.
// What a campaign showed, as attribution takes it.
struct ObservedTechnique {
  std::string id;
  double certainty = 0;  // of the step that shows it best
  std::string how;       // that step's title
};
struct Observed {
  std::vector<ObservedTechnique> techniques;  // that ATT&CK has, in its order
  std::vector<std::string> tactics;           // that the evidence could show, by ATT&CK's short names
};

struct ActorGuess {
  std::string id, name;  // "G0128"; of "none of these" the id is ""
  double probability = 0;
  std::vector<std::string> speaks_for, speaks_against;  // the strongest first
};

// A process among those that a campaign ran.
struct ChainProcess {
  ThingId process;
  uint32_t depth = 0;  // below the first of its tree
  double weight = 0;   // of the heaviest step about it; 0: only others come from it
};

struct Campaign {
  double score = 0;
  int64_t first = 0, last = 0;
  std::vector<Step> steps;  // in order of time
  std::vector<Join> joins;  // in order of time
  std::vector<HostHit> hosts;
  std::vector<ThingId> accounts;
  std::vector<Gap> gaps;
  std::vector<TenantPath> paths;     // by organisation
  Observed observed;                 // what `actors` rests on
  std::vector<ActorGuess> actors;    // the most probable first
  std::vector<ChainProcess> chain;   // parents before what they started
  std::vector<Victim> victims;       // the strongest state first
  uint64_t victims_left_out = 0;     // beyond VictimList::kMaxVictims
  std::vector<FirstDay> first_days;  // of each organisation, by time
  Dwell dwell;
};

// Findings that no campaign has, by rule.
struct Alone {
  uint32_t rule;
  uint64_t findings = 0;
  int64_t first = 0, last = 0;
  std::vector<std::string> hosts;  // at most 5
};

struct Campaigns {
  std::vector<Campaign> campaigns;  // the highest score first
  std::vector<Alone> alone;         // the most severe first
  double enough = 0;                // score from which on a group was a campaign
};

}  // namespace spoor
