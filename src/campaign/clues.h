// What a hunt found, as a trace keeps it: each finding once, small, with its place in the evidence.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "campaign/world.h"
#include "findings/output.h"
#include "findings/renderer.h"
#include "sigma/rule.h"

namespace spoor {

struct Clue {
  uint32_t rule = 0;  // as in the set that was hunted with; correlations behind all rules
  sigma::Level level = sigma::Level::kInformational;
  int64_t time = 0;
  uint32_t path = 0;  // Clues::paths
  uint64_t record = 0, offset = 0;
  uint32_t event_id = 0;
  std::string host, user, source, detail;  // `detail`: what matched, for people
  // Set by the second pass. `file`: of its table.
  uint32_t file = 0;
  ThingId about = kNoThing, at = kNoThing;  // `at`: the host
  std::vector<ThingId> with;                // the event's other things
};

struct ClueRule {
  std::string id, title;
  sigma::Level level = sigma::Level::kInformational;
  std::vector<std::string> tags;
  uint64_t findings = 0;
  std::string source;
};

// Takes what Hunt writes with its renderer. Findings past kMaxClues of one rule are counted, not kept.
class Clues : public Output {
 public:
  static constexpr size_t kMaxOfRule = 20'000, kMaxClues = 2'000'000;
  Clues();
  ~Clues() override;

  const Renderer& renderer() const;
  absl::Status Write(std::string_view bytes) override;
  absl::Status Commit() override { return absl::OkStatus(); }

  std::vector<Clue> clues;                  // in order of time, path, offset, rule
  std::vector<ClueRule> rules;              // by rule number
  std::vector<std::string> paths, tenants;  // of the evidence; by path its tenant
  uint64_t left_out = 0;

  // The clues of a record; of its path, which PathNumber told.
  uint32_t PathNumber(std::string_view path, std::string_view tenant) const;  // ~0u: nothing was found there
  const std::vector<uint32_t>* At(uint32_t path, uint64_t offset, uint64_t record) const;

 private:
  class ClueRenderer;
  void Take(std::string_view text);
  std::unique_ptr<ClueRenderer> renderer_;
  std::string rest_;  // the beginning of a clue
  absl::flat_hash_map<std::string, uint32_t> path_numbers_;
  absl::flat_hash_map<std::tuple<uint32_t, uint64_t, uint64_t>, std::vector<uint32_t>> at_;
};

}  // namespace spoor
