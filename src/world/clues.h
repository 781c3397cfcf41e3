// What a hunt found, as a trace keeps it: each finding once, small, with its place in the evidence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "findings/record.h"
#include "world/world.h"

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

// Findings past kMaxOfRule of one rule, and past kMaxClues of all, are counted, not kept.
class Clues {
 public:
  static constexpr size_t kMaxOfRule = 20'000, kMaxClues = 2'000'000;

  // REQUIRES: they come in order of time, path, offset and rule.
  void Add(const FindingRecord& finding);

  std::vector<Clue> clues;                  // in the order of Add
  std::vector<ClueRule> rules;              // by rule number
  std::vector<std::string> paths, tenants;  // of the evidence; by path its tenant
  uint64_t left_out = 0;

  // The number of a file's path; ~0u: nothing was found there.
  uint32_t PathNumber(std::string_view path, std::string_view tenant) const;
  // The clues of a record; nullptr: there are none.
  const std::vector<uint32_t>* At(uint32_t path, uint64_t offset, uint64_t record) const;

 private:
  absl::flat_hash_map<std::string, uint32_t> path_numbers_;
  absl::flat_hash_map<std::tuple<uint32_t, uint64_t, uint64_t>, std::vector<uint32_t>> at_;
};

}  // namespace spoor
