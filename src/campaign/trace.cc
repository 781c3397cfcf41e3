#include "campaign/trace.h"

#include <malloc.h>

#include <algorithm>

#include "base/time.h"
#include "campaign/add_waves.h"
#include "hunt/workers.h"
#include "world/first_look.h"
#include "world/note_facts.h"

namespace spoor {
namespace {

// The second pass. What the clues are about is put into them.
std::unique_ptr<World> NoteFacts(const HuntOptions& options, Clues* clues, FileTable* files, const SilentFiles& silent,
                                 const std::atomic<bool>& stop, const TellStage& tell) {
  const unsigned jobs = std::max(1u, options.jobs);
  std::vector<std::unique_ptr<FactNoter>> noters;
  for (unsigned i = 0; i < jobs; ++i) {
    noters.push_back(std::make_unique<FactNoter>(*files, *clues, silent, options));
  }
  const auto events = [&] {
    uint64_t all = 0;
    for (const auto& noter : noters) all += noter->events.load(std::memory_order_relaxed);
    return all;
  };
  {
    Feed feed(files, {jobs, false, options.container}, nullptr, nullptr);
    ReadAll(
        &feed, jobs, stop, [&](unsigned i, const Piece& piece) { noters[i]->Read(piece); }, events,
        [&](const HuntProgress& p) { tell(TraceStage::kFacts, p); });
  }
  tell(TraceStage::kJoin, {});
  for (const auto& noter : noters) noter->Done();

  auto world = std::make_unique<World>(*files);
  std::vector<std::vector<ThingId>> taken;
  taken.reserve(noters.size());
  for (const auto& noter : noters) taken.push_back(world->Take(std::move(noter->world)));
  const std::vector<ThingId> settled = world->Settle();
  for (unsigned i = 0; i < jobs; ++i) {
    const auto now = [&](ThingId thing) {
      if (thing == kNoThing || taken[i][thing] == kNoThing) return kNoThing;
      return settled[taken[i][thing]];
    };
    for (const FoundAt& found : noters[i]->found) {
      Clue& clue = clues->clues[found.clue];
      clue.about = now(found.about);
      clue.at = now(found.host);
      if (clue.at != kNoThing && world->HostOf(clue.at) != kNoThing) clue.at = world->HostOf(clue.at);
      clue.file = found.file;
      clue.with.clear();
      for (const ThingId thing : found.with) clue.with.push_back(now(thing));
      std::erase(clue.with, kNoThing);
    }
  }
  return world;
}

// Places in files of the first pass to the same in those of the second.
void Renumber(const std::vector<uint32_t>& files, TrackingWaves* waves) {
  const auto renumber = [&](std::vector<MailPlace>* places) {
    for (MailPlace& place : *places) place.file = files[place.file];
    std::erase_if(*places, [](const MailPlace& place) { return place.file == ~0u; });  // the second pass was stopped
  };
  for (TrackingWave& wave : waves->waves) {
    for (WaveRecipient& recipient : wave.recipients) renumber(&recipient.places);
    for (WaveOpening& opening : wave.openings) renumber(&opening.places);
  }
}

}  // namespace

TraceResult Trace(const EvidenceList& evidence, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                  const HuntOptions& given, const JoinOptions& join, const std::atomic<bool>& stop,
                  const TellStage& progress) {
  TraceResult result;
  HuntOptions options = given;
  std::vector<std::unique_ptr<FirstLook>> looks;
  for (unsigned i = 0; i < std::max(1u, options.jobs); ++i) {
    looks.push_back(std::make_unique<FirstLook>());
    looks.back()->waves.ShareBounds(looks.front()->waves);
    options.observers.push_back(looks.back().get());
  }
  result.clues = std::make_unique<Clues>();
  const TellStage tell = [&](TraceStage stage, const HuntProgress& p) {
    if (progress) progress(stage, p);
  };
  RecordOutput taker([&](const FindingRecord& finding) {
    result.clues->Add(finding);
    return absl::OkStatus();
  });
  result.hunt = Hunt(evidence, rules, sources, options, *MakeRecordRenderer(false), &taker, stop,
                     [&](const HuntProgress& p) { tell(TraceStage::kHunt, p); });
  if (!result.hunt.status.ok()) return result;
  options.since = result.hunt.since;
  options.until = result.hunt.until;
  tell(TraceStage::kWaves, {});
  // Waves before the world: neither then stands beside the other at its largest.
  const SilentFiles silent(*result.hunt.files, looks);
  for (size_t i = 1; i < looks.size(); ++i) looks[0]->waves.Add(std::move(looks[i]->waves));
  result.waves = looks[0]->waves.FindWaves();
  looks.clear();
  malloc_trim(0);  // what the rules took is free, too: not to be counted beside what the graph takes
  double start = MonotonicSeconds();
  const auto files = std::make_shared<FileTable>(evidence.files);
  result.world = NoteFacts(options, result.clues.get(), files.get(), silent, stop, tell);
  result.files = files;
  Renumber(SameFiles(*result.hunt.files, *files), &result.waves);
  result.second_pass_seconds = MonotonicSeconds() - start;
  start = MonotonicSeconds();
  result.found = FindCampaigns(*result.world, *result.clues, join);
  AddWaves(result.waves, result.world.get(), &result.found);
  result.join_seconds = MonotonicSeconds() - start;
  return result;
}

}  // namespace spoor
