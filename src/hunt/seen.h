// What logs there are in the evidence: for every host and log its events, kinds of events, hours and record numbers,
// and the events that tell of a log itself (cleared, stopped, clock changed …).
//
// Workers read pieces (hunt/feed.h) and note what is in one; the notes of a piece are put into the whole under a lock.
// What comes out does not depend on the order in which that happens, nor on the number of workers.
//
// Memory is bounded whatever the input, by the limits below. Each says what happens when it is reached, and SeenLimits
// tells that it was: counts of what is left out, or how coarse what is kept became.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "event/event.h"
#include "evidence/files.h"
#include "hunt/activity.h"
#include "hunt/hunt.h"
#include "hunt/record_numbers.h"
#include "sigma/switch_on.h"

namespace spoor {

// Of more logs than this those are kept whose keys come first; the events of the others are counted.
inline constexpr size_t kMaxLogs = 16'384;
// Kinds of events of all logs together, likewise.
inline constexpr size_t kMaxKinds = 65'536;
// Fields known of a kind, and of all kinds together: shared out evenly among those there are. Of a kind with more than
// its share, every field counts as filled.
inline constexpr size_t kMaxKindFields = 256;
inline constexpr size_t kMaxFields = 4 << 20;
// Runs of record numbers (32 bytes) and active hours (24 bytes) of all logs together. They are shared out evenly: with
// more than its share a log's are coarsened (coarsened.h), so that small holes or short silences are no longer seen.
inline constexpr size_t kMaxRuns = 1 << 20;
inline constexpr size_t kMaxActiveHours = 2 << 20;
// Events kept that tell of a log, of each kind; those that come first. All are counted.
inline constexpr size_t kMaxLogEvents = 2000;
// Bytes of a name or a value from evidence; what is over is cut off.
inline constexpr size_t kMaxSeenText = 192;

// One log of one host. `source` is empty for Windows event logs.
struct LogKey {
  std::string host;     // empty: the events do not say
  std::string channel;  // Windows; empty: the events do not say what they are
  SourceTag source;
  bool of_windows() const { return source.is_windows_log() && !channel.empty(); }
  // "Security", "linux/auditd", "(of no source known)"
  std::string Name() const;
  auto Order() const { return std::tie(host, source.product, source.service, source.category, channel); }
  bool operator<(const LogKey& other) const { return Order() < other.Order(); }
};

struct KindKey {
  LogKey log;
  std::string provider;
  uint32_t event_id = 0;
  bool has_event_id = false;
  auto Order() const { return std::tuple_cat(log.Order(), std::tie(provider, has_event_id, event_id)); }
  bool operator<(const KindKey& other) const { return Order() < other.Order(); }
};

// The hash under which a kind knows a field: the same for "Threat Name", "Threat_Name" and "ThreatName".
uint64_t FieldHash(std::string_view name);

struct SeenKind {
  uint64_t events = 0;
  std::vector<uint64_t> fields;  // FieldHash of those that had a value (not empty) in some event; sorted
  bool any_field = false;        // more than its share
  // Some events have further fields of these names (match/program.h, SourceKey).
  bool more_channels = false, more_providers = false, more_event_ids = false;
  bool HasValueIn(std::string_view field) const;
};

struct SeenLog {
  uint64_t events = 0, undated = 0;
  int64_t first = INT64_MAX, last = INT64_MIN;  // times; of undated events alone: as they stand here
  // Numbers that the log gave its records; events of formats without such numbers have none.
  uint64_t numbered = 0, first_record = UINT64_MAX, last_record = 0;
  Coarsened<RecordRun> runs;  // of dated, numbered records
  Coarsened<ActiveHour> hours;
};

// An event that tells of a log.
struct SeenLogEvent {
  int64_t time = 0;
  LogKey log;
  uint32_t event_id = 0;
  uint64_t record = 0;
  uint32_t what = 0;             // index into SwitchOn::log_events
  std::string detail;            // "user ACME\jane, log Security"
  std::optional<int64_t> shift;  // microseconds the clock was set forward (or back: negative), where the event says
  uint32_t file = 0;             // the first of the files it stands in
  auto Order() const {
    return std::tuple_cat(std::tie(time), log.Order(), std::tie(event_id, record, what, detail, shift));
  }
  bool operator<(const SeenLogEvent& other) const { return Order() < other.Order(); }
};

struct SeenLimits {
  uint64_t logs_left_out_events = 0;    // events of logs beyond kMaxLogs
  bool kinds_left_out = false;          // more than kMaxKinds
  int runs_level = 0, hours_level = 0;  // the coarsest of all logs; 0: exact
};

struct Seen {
  std::map<LogKey, SeenLog> logs;
  std::map<KindKey, SeenKind> kinds;
  std::map<std::string, std::set<SeenLogEvent>> log_events;  // by LogEvent::kind
  std::map<std::string, uint64_t> log_event_counts;          // likewise; copies of an event count each
  uint64_t small_clock_changes = 0;                          // of less than kSmallClockChange; not among the others
  SeenLimits limits;
  uint64_t events = 0, files = 0, bytes = 0, damage = 0;
  std::shared_ptr<const FileTable> table;  // of the evidence, with the files in archives
  std::vector<DamageAt> damaged;           // one of each file and kind of damage, at most kMaxDamage
  std::vector<Unread> unread;
  bool partial = false;
};

// Clock changes of less than this are those of keeping time; they are counted alone.
inline constexpr int64_t kSmallClockChange = int64_t{60} * 1'000'000;

struct SeenOptions {
  ContainerOptions container;
  FormatOptions format;
  unsigned jobs = 1;  // changes nothing but speed
};

// Reads all of the evidence. `stop` and `progress` as in Hunt. REQUIRES: all arguments outlive the call.
Seen CollectSeen(const EvidenceList& evidence, const sigma::SwitchOn& known, const SeenOptions& options,
                 const std::atomic<bool>& stop, const std::function<void(const HuntProgress&)>& progress);

}  // namespace spoor
