// What of a campaign's steps a person reads together: visits to machines, and the lines of each. For the story alone.
//
// Views of the campaign's steps: it must outlive them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/result.h"

namespace spoor {

// What was done on one machine without a long pause, and behind that how somebody came to the machine that it was
// reached from, if right before. What an account of a cloud was used for, and what was tried on
// organisations as a whole, has no pauses; a wave of tracking mails is one. What was tried in vain from one machine on
// others, a week between two at most, is one.
struct StoryAct {
  int64_t first = 0, last = 0;
  std::vector<const Step*> steps;  // in order of time; the way to it last
  std::string contact = {};        // of several machines: the machine outside that they reached, and nothing else
  ThingId tried_from = kNoThing;   // of several machines that let nobody in: the one that it was tried from
};

// In order of time.
std::vector<StoryAct> ActsOf(const Campaign& campaign);

// A line: what was done of one stage, and of others that are told with it (Stage::told_with); of an account all, under
// the stage that it came to.
struct StoryLine {
  int stage = -1;  // of Stages()
  std::vector<const Step*> steps;
};
// What shows no technique of its own is left out where anything else does.
std::vector<StoryLine> LinesOf(const StoryAct& act);

// Where a step was: its machine; where there is none, in a cloud, the account.
inline const std::string& PlaceOf(const Step& step) { return step.host_name.empty() ? step.account : step.host_name; }

}  // namespace spoor
