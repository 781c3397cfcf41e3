#include "hunt/seen.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>

#include "base/hash.h"
#include "hunt/feed.h"
#include "hunt/noter.h"

namespace spoor {
namespace {

// Puts the notes of pieces together. Thread-safe until Finish.
class Whole {
 public:
  Whole(const sigma::SwitchOn& known, const FileTable& files) : known_(known), files_(files) {}

  void Take(PieceNotes* notes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    seen_.events += notes->events;
    for (auto& [key, log] : notes->logs) TakeLog(key, &log);
    for (auto& [key, kind] : notes->kinds) TakeKind(key, kind);
    for (SeenLogEvent& event : notes->log_events) TakeLogEvent(std::move(event));
    if (runs_held_ > 2 * kMaxRuns || hours_held_ > 2 * kMaxActiveHours) Limit();
  }

  Seen Finish() {
    Limit();
    for (auto& [key, log] : seen_.logs) {
      seen_.limits.runs_level = std::max(seen_.limits.runs_level, log.runs.level());
      seen_.limits.hours_level = std::max(seen_.limits.hours_level, log.hours.level());
    }
    uint64_t kept = 0;
    for (const auto& [key, log] : seen_.logs) kept += log.events;
    seen_.limits.logs_left_out_events = seen_.events - kept;
    return std::move(seen_);
  }

 private:
  // Keeps those whose keys come first: what is left in the end was never left out, so it is whole.
  template <typename Map>
  static bool DropLast(Map* map, size_t most) {
    if (map->size() <= most) return false;
    map->erase(std::prev(map->end()));
    return true;
  }

  void TakeLog(const LogKey& key, LogNotes* notes) {
    SeenLog& log = seen_.logs[key];
    log.events += notes->events;
    log.undated += notes->undated;
    log.numbered += notes->numbered;
    log.first = std::min(log.first, notes->first);
    log.last = std::max(log.last, notes->last);
    log.first_record = std::min(log.first_record, notes->first_record);
    log.last_record = std::max(log.last_record, notes->last_record);
    runs_held_ -= log.runs.size();
    hours_held_ -= log.hours.size();
    for (const RecordRun& run : notes->runs) log.runs.Add(run);
    for (const auto& [number, hour] : notes->hours) log.hours.Add(hour);
    runs_held_ += log.runs.size();
    hours_held_ += log.hours.size();
    if (seen_.logs.size() > kMaxLogs) {
      const SeenLog& last = std::prev(seen_.logs.end())->second;
      runs_held_ -= last.runs.size();
      hours_held_ -= last.hours.size();
      DropLast(&seen_.logs, kMaxLogs);
    }
  }

  void TakeKind(const KindKey& key, const SeenKind& notes) {
    SeenKind& kind = seen_.kinds[key];
    kind.events += notes.events;
    std::vector<uint64_t> fields;
    std::set_union(kind.fields.begin(), kind.fields.end(), notes.fields.begin(), notes.fields.end(),
                   std::back_inserter(fields));
    kind.more_channels |= notes.more_channels;
    kind.more_providers |= notes.more_providers;
    kind.more_event_ids |= notes.more_event_ids;
    kind.any_field |= notes.any_field || fields.size() > kMaxKindFields;
    kind.fields = kind.any_field ? std::vector<uint64_t>() : std::move(fields);
    seen_.limits.kinds_left_out |= DropLast(&seen_.kinds, kMaxKinds);
  }

  void TakeLogEvent(SeenLogEvent event) {
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

  void Limit() {
    const size_t logs = std::max<size_t>(1, seen_.logs.size());
    runs_held_ = hours_held_ = 0;
    for (auto& [key, log] : seen_.logs) {
      log.runs.Limit(kMaxRuns / logs);
      log.hours.Limit(kMaxActiveHours / logs);
      runs_held_ += log.runs.size();
      hours_held_ += log.hours.size();
    }
  }

  const sigma::SwitchOn& known_;
  const FileTable& files_;
  std::mutex mutex_;
  Seen seen_;
  size_t runs_held_ = 0, hours_held_ = 0;
};

}  // namespace

std::string LogKey::Name() const {
  if (!channel.empty()) return channel;
  std::string name;
  for (const std::string* part : {&source.product, &source.service, &source.category}) {
    if (!part->empty()) name += (name.empty() ? "" : "/") + *part;
  }
  return name.empty() ? "(of no source known)" : name;
}

uint64_t FieldHash(std::string_view name) {
  std::string joined;
  for (const char c : name) {
    if (c != ' ' && c != '_') joined += c;
  }
  return HashBytes128(reinterpret_cast<const uint8_t*>(joined.data()), joined.size(), 0).low;
}

bool SeenKind::HasValueIn(std::string_view field) const {
  return any_field || std::binary_search(fields.begin(), fields.end(), FieldHash(field));
}

Seen CollectSeen(const EvidenceList& evidence, const sigma::SwitchOn& known, const SeenOptions& options,
                 const std::atomic<bool>& stop, const std::function<void(const HuntProgress&)>& progress) {
  const unsigned jobs = std::max(1u, options.jobs);
  const auto files = std::make_shared<FileTable>(evidence.files);
  Whole whole(known, *files);
  Feed feed(files.get(), {jobs, false, options.container}, nullptr, nullptr);
  std::vector<std::unique_ptr<Noter>> noters;
  for (unsigned i = 0; i < jobs; ++i) noters.push_back(std::make_unique<Noter>(known, options.format));
  const auto work = [&](unsigned i) {
    while (true) {
      if (stop.load(std::memory_order_relaxed)) feed.Stop();
      const std::shared_ptr<Piece> piece = feed.Take(i);
      if (piece == nullptr) break;
      feed.Digest(piece);
      noters[i]->Read(*piece);
      feed.Done(piece);
      whole.Take(noters[i]->notes());
      if (i != 0 || !progress) continue;
      HuntProgress p;
      p.bytes_total = feed.bytes_total();
      p.bytes = feed.bytes_passed();
      for (const auto& n : noters) p.events += n->events.load(std::memory_order_relaxed);
      progress(p);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < jobs; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& t : threads) t.join();

  Seen seen = whole.Finish();
  seen.table = files;
  seen.partial = stop.load();
  seen.files = feed.files_read();
  seen.bytes = feed.bytes_read();
  DamageByKind damaged;
  for (const auto& n : noters) {
    seen.damage += n->damage;
    damaged.Add(n->damaged);
  }
  seen.damaged = damaged.InOrder();
  std::stable_sort(seen.damaged.begin(), seen.damaged.end(), [&files](const DamageAt& a, const DamageAt& b) {
    return a.file != b.file && files->Before(a.file, b.file);
  });
  seen.unread = evidence.unread;
  seen.unread.insert(seen.unread.end(), feed.unread().begin(), feed.unread().end());
  std::sort(seen.unread.begin(), seen.unread.end(),
            [](const Unread& a, const Unread& b) { return std::tie(a.path, a.reason) < std::tie(b.path, b.reason); });
  return seen;
}

}  // namespace spoor
