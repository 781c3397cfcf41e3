// The case file: evidence, findings, things, links and campaigns in one SQLite file (docs/case-file.md).
//
//     auto opened = CaseFile::Open("acme.case");     // made where it is not there
//     (*opened)->Begin(true);                        // what follows is one transaction
//     … Put… …
//     (*opened)->Commit("trace", false);             // now it is in the file; without it, nothing is
//
// Killed at any moment, the file holds the last complete state: SQLite's journal sees to that. Not thread-safe. Errors
// say what to do where that is known; after one, only the destructor may be called.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "campaign/result.h"
#include "campaign/trace.h"
#include "findings/record.h"
#include "store/sqlite.h"

namespace spoor {

// What the user gave: a file or folder of a tenant's ("": nobody's), and the folder it is to be looked for from.
struct CaseInput {
  std::string tenant, path, folder;
  bool operator==(const CaseInput&) const = default;
};

// What a run made of the case, against what it held before.
struct CaseChange {
  uint64_t evidence_new = 0, findings_before = 0, findings = 0;
  std::vector<std::string> lines;  // for people: "now: acme/srv2 compromised"
};

// What attribution takes a campaign of a case for.
struct CaseObserved {
  int64_t campaign = 0;  // 1: the one of the highest score
  double score = 0;
  Observed observed;
};

class CaseFile {
 public:
  // True if the file is there and is a case file, of whichever version.
  static bool IsCase(const std::string& path);
  // Of a case file that is there: its campaigns, the highest score first, with what each showed. Nothing is written.
  static absl::StatusOr<std::vector<CaseObserved>> ReadObserved(const std::string& path);
  // For writing; made where it is not there. A file of another version, or none of spoor's, is an error.
  static absl::StatusOr<std::unique_ptr<CaseFile>> Open(const std::string& path);

  std::vector<CaseInput> inputs() const { return inputs_; }
  // Settings by name: "rules", "timezone", …; a name may be there several times.
  const std::vector<std::pair<std::string, std::string>>& settings() const { return settings_; }

  // What pseudonyms of this case are made with: drawn when it was made.
  const std::string& redact_key() const { return redact_key_; }

  // Begins to write. `anew`: all findings, and all that was made of them, go. Else those of a file go when there is
  // something new of it, and the rest stays as it is.
  absl::Status Begin(bool anew);
  absl::Status PutInputs(const std::vector<CaseInput>& inputs,
                         const std::vector<std::pair<std::string, std::string>>& settings);
  // The findings, by an output for a hunt's records.
  absl::Status PutFinding(const FindingRecord& finding);
  // Files read and not read, with their digests.
  absl::Status PutEvidence(const HuntResult& hunt);
  absl::Status PutTrace(const TraceResult& trace);
  absl::StatusOr<CaseChange> Commit(const char* verb, bool partial);

 private:
  CaseFile() = default;
  static absl::Status CheckVersion(Database* database);
  absl::Status Load();
  absl::Status LoadKey();
  // Takes away what earlier runs found in a file, once.
  absl::Status Forget(int64_t evidence);
  absl::StatusOr<int64_t> EvidenceId(std::string_view tenant, std::string_view path);
  absl::StatusOr<int64_t> RuleId(const FindingRecord& finding);
  absl::Status PutWorld(const TraceResult& trace);
  absl::Status PutCampaign(const TraceResult& trace, const Campaign& campaign, int64_t number);
  absl::Status PutPlace(Statement* statement, const TraceResult& trace, const RecordPlace& place);
  // case_result.cc
  absl::Status PutPaths(const TraceResult& trace, const Campaign& campaign, int64_t number);
  absl::Status PutVictims(const TraceResult& trace, const Campaign& campaign, int64_t number);
  absl::Status PutObserved(const Observed& observed, int64_t number);
  absl::Status PutBeginning(const TraceResult& trace, const Campaign& campaign, int64_t number);
  absl::StatusOr<std::vector<std::string>> Victims();  // "acme/srv2 compromised", "person acme/Jane Doe data read"
  void TellChange(const char* what, const std::vector<std::string>& in, const std::vector<std::string>& not_in);

  std::unique_ptr<Database> database_;
  std::string redact_key_;
  std::vector<CaseInput> inputs_;
  std::vector<std::pair<std::string, std::string>> settings_;
  absl::flat_hash_map<std::string, int64_t> evidence_ids_;  // by tenant, NUL, path
  absl::flat_hash_set<int64_t> known_before_;               // evidence of earlier runs, until it is read anew
  absl::flat_hash_map<uint32_t, int64_t> rule_ids_;         // by number in the run
  std::unique_ptr<Statement> put_finding_;
  std::vector<std::string> victims_before_;
  CaseChange change_;
  uint64_t campaigns_ = 0;
  bool traced_ = false;
};

}  // namespace spoor
