// What really happened, as the generator knows it: truth.json.
//
// A step is one action of the intruder (or, in `innocent`, of somebody whose work looks like it). Every record written
// on its account is noted with file and number as it is written; what a log did not keep is counted, with which gap it
// fell into. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace spoor::demo {

// Number of a step; 0: nobody's, an ordinary day.
using StepId = uint32_t;

struct StepRecord {
  uint32_t file;  // number of the file in Truth::files
  uint64_t record;
  std::string what;  // "Security 4624", "squid", …
};

struct Step {
  StepId id = 0;
  int stage = 0;  // 1 … 13; 0: innocent
  std::string name, tactic, technique, tenant, host, account, text, variant;
  int64_t time = 0;  // microseconds since 1970; of its first action, whether a log kept it or not
  std::vector<StepRecord> records;
  std::map<uint32_t, uint64_t> lost;  // gap -> records that would have been
};

// A log that is not there, or not for all the time: on purpose.
struct Gap {
  std::string tenant, host, log, why;  // host "": of no single machine
  int64_t from = 0, to = 0;
};

enum class HostState : uint8_t { kTargeted, kReached, kCompromised };

struct HostTruth {
  std::string tenant, host, role;
  bool server = false;
  HostState state = HostState::kTargeted;
  int64_t first = 0;
  StepId step = 0;
  bool from_provider = false;  // an intruder coming from the provider reached it
};

struct AccountTruth {
  std::string tenant, account, state, person;  // state: used, created, tried, read
  int64_t first = 0;
  StepId step = 0;
};

struct MailboxTruth {
  std::string tenant, mailbox, kind;  // kind: work, private
  std::string person;
  bool targeted = false, opened = false, seen_opening = false, read = false;
  int64_t first = 0;
};

struct PathTruth {  // provider -> customer
  std::string customer, from_host, account, how;
  int64_t first = 0;
  StepId step = 0;
};

class Truth {
 public:
  // `step` without id and records. Its number.
  StepId Add(Step step);
  // The host is at least in that state from `time` on.
  void Host(const std::string& tenant, const std::string& host, const std::string& role, bool server, HostState state,
            int64_t time, StepId step, bool from_provider);
  void Account(AccountTruth account);
  Step& At(StepId id) { return steps_[id - 1]; }

  uint32_t File(const std::string& path);
  uint32_t AddGap(Gap gap);

  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<HostTruth>& hosts() const { return hosts_; }
  const std::vector<std::string>& files() const { return files_; }

  // The whole of it, as JSON (docs/demo.md says what the keys mean).
  std::string Json() const;

  std::vector<std::pair<std::string, std::string>> options;  // key, JSON
  std::vector<MailboxTruth> mailboxes;
  std::vector<PathTruth> paths;
  std::vector<std::pair<std::string, std::string>> infrastructure;       // kind, value
  std::map<std::string, std::string> tenants;                            // tenant -> JSON of what it is
  std::map<std::string, uint64_t> counts;                                // file -> records written
  std::map<std::pair<std::string, std::string>, std::string> addresses;  // tenant and host -> inside

 private:
  std::string StepJson(const Step& step) const;
  std::vector<Step> steps_;
  std::vector<HostTruth> hosts_;
  std::vector<AccountTruth> accounts_;
  std::vector<Gap> gaps_;
  std::vector<std::string> files_;
  std::map<std::string, uint32_t> file_numbers_;
};

}  // namespace spoor::demo
