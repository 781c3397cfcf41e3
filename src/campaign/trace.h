// The main path of a trace: evidence -> findings -> things and links -> campaigns.
//
//   pass 1   hunts: rules over all events; collects mails and what was asked for, in which waves are looked for
//   pass 2   notes what events state about things, and what the found ones are about; files in which nothing is
//            stated and nothing was found are passed over
//
// The result is the same whatever the number of workers.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "campaign/campaign.h"
#include "hunt/hunt.h"
#include "mail/wave.h"

namespace spoor {

struct TraceResult {
  HuntResult hunt;
  std::unique_ptr<Clues> clues;
  std::shared_ptr<const FileTable> files;  // of the second pass: RecordPlace::file of the world's
  std::unique_ptr<World> world;
  Campaigns found;
  TrackingWaves waves;  // MailPlace::file: of `files`
  double second_pass_seconds = 0, join_seconds = 0;
};

enum class TraceStage {
  kHunt,   // pass 1
  kWaves,  // looks for waves of tracking mails; told once, as it begins
  kFacts,  // pass 2
  kJoin,   // puts the graph together and joins; told once, as it begins
};

using TellStage = std::function<void(TraceStage, const HuntProgress&)>;

// Arguments as of Hunt.
TraceResult Trace(const EvidenceList& evidence, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                  const HuntOptions& options, const JoinOptions& join, const std::atomic<bool>& stop,
                  const TellStage& progress);

}  // namespace spoor
