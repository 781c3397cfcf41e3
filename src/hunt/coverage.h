// What the rules could have seen in the evidence, and what not: the judgement over what seen.h collected.
//
// A rule, on a host,
//     has events   where an event was seen that its log source means and whose channel, provider and event id do not
//                  rule the rule out (whether its condition holds is not asked);
//     is ready     where no such event was seen but the setting that gives them is on: another event of the same
//                  setting was seen (switch_on.yml), so there was merely nothing to find;
//     lacks fields where such events were seen (kFewestForFields at least), none of which has a value in the fields the
//                  rule asks about;
//     is blind     in all other cases.
// On the evidence as a whole it is what it is on the host where it is best, in the order above. The first two can fire.
// Correlations take part: of a temporal one all of its rules must be able to fire, of the others one.
//
// Hosts with a Windows event log are judged for the rules about Windows; rules about other products are judged for the
// evidence as a whole.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hunt/seen.h"
#include "sigma/load.h"
#include "sigma/switch_on.h"

namespace spoor {

// Events of a kind on a host, below which no field counts as never filled.
inline constexpr uint64_t kFewestForFields = 20;
// A log begins late or ends early when the host's other logs have events before or after it for longer than its own
// unusual silence (activity.h), and for this long at least.
inline constexpr int64_t kRolledOver = 24 * kHour;
// Hosts named of one setting; all are counted.
inline constexpr size_t kMaxAdviceHosts = 1000;
// A stage is seen when this share of its rules can fire; blind when less than that share can.
inline constexpr double kStageSeen = 0.75, kStageBlind = 0.25;

enum class RuleState : uint8_t { kBlind, kLacksFields, kReady, kHasEvents };  // the best comes last

struct RuleCounts {
  std::array<size_t, 4> by_state{};
  void Add(RuleState state) { ++by_state[static_cast<size_t>(state)]; }
  size_t of(RuleState state) const { return by_state[static_cast<size_t>(state)]; }
  size_t all() const { return by_state[0] + by_state[1] + by_state[2] + by_state[3]; }
  size_t can_fire() const { return of(RuleState::kReady) + of(RuleState::kHasEvents); }
  double share() const { return all() == 0 ? 0 : static_cast<double>(can_fire()) / static_cast<double>(all()); }
};

const char* RuleStateName(RuleState state);  // "blind", "lacks_fields", "ready", "has_events"

enum class StageVerdict : uint8_t { kNoRules, kBlind, kPartly, kSeen };
const char* StageVerdictName(StageVerdict verdict);  // "no rules", "blind", "partly", "seen"
StageVerdict VerdictOf(const RuleCounts& counts);

// A log with all that is amiss with it.
struct LogCoverage {
  const LogKey* key = nullptr;
  const SeenLog* log = nullptr;
  RecordNumbers numbers;
  int runs_level = 0;
  Silences silences;
  int64_t begins_late = 0, ends_early = 0;  // microseconds; 0: it does not
};

struct HostCoverage {
  std::string host;
  bool windows = false;
  uint64_t events = 0;
  size_t logs = 0;
  int64_t first = INT64_MAX, last = INT64_MIN;  // of dated events; first > last: none
  RuleCounts rules;                             // about Windows; of other hosts empty
  std::vector<std::string> lacks;               // expected services without any event
  std::vector<StageVerdict> stages;             // in order of SwitchOn::stages; of Windows hosts only
  Silences silences;                            // of all its logs together
};

// The rules of one log source.
struct SourceCoverage {
  sigma::LogSource source;
  RuleCounts rules;
  std::vector<std::pair<const sigma::Rule*, RuleState>> cannot_fire;  // in order of the rule set
  size_t without_advice = 0;  // of these, rules that no setting known would make fire
};

struct AdviceCoverage {
  const sigma::Advice* advice = nullptr;
  size_t rules = 0;                     // that could fire with it and cannot now, on some host
  std::vector<std::string> techniques;  // of these rules, sorted
  size_t host_count = 0;                // hosts where it gains rules; of other products than Windows none
  std::vector<uint32_t> hosts;          // the first kMaxAdviceHosts of them, as indexes into Coverage::hosts
};

struct StageCoverage {
  const sigma::Stage* stage = nullptr;
  RuleCounts rules;
  StageVerdict verdict = StageVerdict::kNoRules;
  size_t hosts_blind = 0;  // Windows hosts that are blind for the rules about Windows
};

struct TechniqueCoverage {
  std::string technique;
  RuleCounts rules;
};

struct Coverage {
  RuleCounts rules;                 // correlations included, rules that are only part of one not
  std::vector<HostCoverage> hosts;  // in order of name
  size_t windows_hosts = 0;
  std::vector<LogCoverage> logs;              // in order of keys
  std::vector<StageCoverage> stages;          // in order of the data
  std::vector<AdviceCoverage> advice;         // that gain a rule; most rules first
  std::vector<SourceCoverage> sources;        // most rules that cannot fire first
  std::vector<TechniqueCoverage> techniques;  // in order of names
  int64_t first = INT64_MAX, last = INT64_MIN;
};

// REQUIRES: all arguments outlive the result.
Coverage JudgeCoverage(const Seen& seen, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                       const sigma::SwitchOn& known);

// The parts of it: what is amiss with logs and hosts; which rules can fire.
void JudgeLogs(const Seen& seen, const sigma::SourceMap& sources, const sigma::SwitchOn& known, Coverage* coverage);
void JudgeRules(const Seen& seen, const sigma::RuleSet& rules, const sigma::SourceMap& sources,
                const sigma::SwitchOn& known, Coverage* coverage);

}  // namespace spoor
