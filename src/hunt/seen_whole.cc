#include "hunt/seen_whole.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/release.h"

namespace spoor {
namespace {

// Keeps those whose keys come first: what is left in the end was never left out, so it is whole.
template <typename Map>
bool DropLast(Map* map, size_t most) {
  if (map->size() <= most) return false;
  map->erase(std::prev(map->end()));
  return true;
}

}  // namespace

void SeenWhole::Take(PieceNotes* notes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  seen_.events += notes->events;
  for (auto& [key, log] : notes->logs) TakeLog(key, log);
  for (auto& [key, kind] : notes->kinds) TakeKind(key, kind);
  for (SeenLogEvent& event : notes->log_events) TakeLogEvent(std::move(event));
  if (runs_held_ > kMaxRuns + kMaxRuns / 4 || hours_held_ > kMaxActiveHours + kMaxActiveHours / 4) Limit();
}

Seen SeenWhole::Finish() {
  Limit();
  ShareFields();
  for (auto& [key, log] : seen_.logs) {
    seen_.limits.runs_level = std::max(seen_.limits.runs_level, log.runs.level());
    seen_.limits.hours_level = std::max(seen_.limits.hours_level, log.hours.level());
  }
  uint64_t kept = 0;
  for (const auto& [key, log] : seen_.logs) kept += log.events;
  seen_.limits.logs_left_out_events = seen_.events - kept;
  return std::move(seen_);
}

void SeenWhole::TakeLog(const LogKey& key, const LogNotes& notes) {
  SeenLog& log = seen_.logs[key];
  log.events += notes.events;
  log.undated += notes.undated;
  log.numbered += notes.numbered;
  log.first = std::min(log.first, notes.first);
  log.last = std::max(log.last, notes.last);
  log.first_record = std::min(log.first_record, notes.first_record);
  log.last_record = std::max(log.last_record, notes.last_record);
  runs_held_ -= log.runs.size();
  hours_held_ -= log.hours.size();
  for (const RecordRun& run : notes.runs) log.runs.Add(run);
  for (const auto& [number, hour] : notes.hours) log.hours.Add(hour);
  runs_held_ += log.runs.size();
  hours_held_ += log.hours.size();
  if (seen_.logs.size() > kMaxLogs) {
    const SeenLog& last = std::prev(seen_.logs.end())->second;
    runs_held_ -= last.runs.size();
    hours_held_ -= last.hours.size();
    DropLast(&seen_.logs, kMaxLogs);
  }
}

void SeenWhole::TakeKind(const KindKey& key, const SeenKind& notes) {
  SeenKind& kind = seen_.kinds[key];
  kind.events += notes.events;
  kind.more_channels |= notes.more_channels;
  kind.more_providers |= notes.more_providers;
  kind.more_event_ids |= notes.more_event_ids;
  kind.any_field |= notes.any_field;
  fields_held_ -= kind.fields.size();
  if (!kind.any_field &&
      !std::includes(kind.fields.begin(), kind.fields.end(), notes.fields.begin(), notes.fields.end())) {
    std::vector<uint64_t> fields;
    fields.reserve(kind.fields.size() + notes.fields.size());
    std::set_union(kind.fields.begin(), kind.fields.end(), notes.fields.begin(), notes.fields.end(),
                   std::back_inserter(fields));
    fields.shrink_to_fit();
    kind.fields = std::move(fields);
  }
  KeepShare(&kind);
  fields_held_ += kind.fields.size();
  if (seen_.kinds.size() > kMaxKinds) {
    fields_held_ -= std::prev(seen_.kinds.end())->second.fields.size();
    seen_.limits.kinds_left_out |= DropLast(&seen_.kinds, kMaxKinds);
  }
  if (fields_held_ > kMaxFields + kMaxFields / 4) ShareFields();
}

// A share only shrinks, for kinds only become more: a kind that had too many fields before has too many in the end.
void SeenWhole::KeepShare(SeenKind* kind) const {
  const size_t share = std::min(kMaxKindFields, kMaxFields / std::clamp<size_t>(seen_.kinds.size(), 1, kMaxKinds));
  kind->any_field |= kind->fields.size() > share;
  if (kind->any_field) Release(&kind->fields);
}

void SeenWhole::ShareFields() {
  fields_held_ = 0;
  for (auto& [key, kind] : seen_.kinds) {
    KeepShare(&kind);
    fields_held_ += kind.fields.size();
  }
}

void SeenWhole::TakeLogEvent(SeenLogEvent event) {
  if (event.shift && *event.shift > -kSmallClockChange && *event.shift < kSmallClockChange) {
    ++seen_.small_clock_changes;
    return;
  }
  const std::string& kind = known_.log_events()[event.what].kind;
  ++seen_.log_event_counts[kind];
  std::set<SeenLogEvent>& events = seen_.log_events[kind];
  if (const auto it = events.find(event); it != events.end()) {
    if (files_.Before(it->file, event.file)) event.file = it->file;
    events.erase(it);
  }
  events.insert(std::move(event));
  if (events.size() > kMaxLogEvents) events.erase(std::prev(events.end()));
}

void SeenWhole::Limit() {
  const size_t logs = std::max<size_t>(1, seen_.logs.size());
  runs_held_ = hours_held_ = 0;
  for (auto& [key, log] : seen_.logs) {
    log.runs.Limit(kMaxRuns / logs);
    log.hours.Limit(kMaxActiveHours / logs);
    runs_held_ += log.runs.size();
    hours_held_ += log.hours.size();
  }
}

}  // namespace spoor
