// Waves of tracking mails as part of campaigns: whom they were sent to, and who opened them.
#pragma once

#include "campaign/result.h"
#include "mail/wave.h"

namespace spoor {

// A wave belongs to the campaign that hit most of those it was sent to, or else of the organisations, in the half year
// after it; how sure that is, is told by the join. One that belongs to none is a campaign of its own, together with
// those sent to the same organisations, if it weighs enough for one.
//
// `world`: gets a thing for each wave's host. REQUIRES: places of the waves are those of its files.
void AddWaves(const TrackingWaves& waves, World* world, Campaigns* found);

}  // namespace spoor
