// One worker's part of collecting (seen.h): notes what is in a piece of evidence.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hunt/feed.h"
#include "hunt/seen.h"

namespace spoor {

// What of a log is in one piece. Bounded as the piece is.
struct LogNotes {
  uint64_t events = 0, undated = 0, numbered = 0;
  int64_t first = INT64_MAX, last = INT64_MIN;
  uint64_t first_record = UINT64_MAX, last_record = 0;
  std::vector<RecordRun> runs;
  std::map<int64_t, ActiveHour> hours;  // by hour
  ActiveHour* hour = nullptr;           // the one last used
  int64_t hour_number = 0;
};

struct PieceNotes {
  std::map<LogKey, LogNotes> logs;
  std::map<KindKey, SeenKind> kinds;
  std::vector<SeenLogEvent> log_events;
  uint64_t events = 0;
};

// The first damage of each file and kind; of more than kMaxDamage those of the first files are kept.
class DamageByKind {
 public:
  void Add(const DamageAt& damage);
  void Add(const DamageByKind& other);
  std::vector<DamageAt> InOrder() const;

 private:
  std::map<std::pair<uint32_t, std::string_view>, DamageAt> damage_;
};

// Reads pieces. Not thread-safe, but for `events`.
class Noter : public Sink {
 public:
  // REQUIRES: `known` outlives the object.
  Noter(const sigma::SwitchOn& known, const FormatOptions& options) : known_(known), readers_(options) {}

  std::atomic<uint64_t> events{0};  // may be read at any time
  uint64_t damage = 0;
  DamageByKind damaged;

  void Read(const Piece& piece);
  // Of the piece read last; may be moved from.
  PieceNotes* notes() { return &notes_; }

  void OnEvent(const Event& event) override;
  void OnDamage(const Damage& d) override;
  void ShapesDropped() override { shapes_.clear(); }

 private:
  struct ShapeNotes;
  // Where the events of a shape go that have these values in its key fields.
  struct Place {
    const ShapeNotes* shape = nullptr;
    std::string host, channel, provider, event_id;  // as texts
    const LogKey* key = nullptr;
    LogNotes* log = nullptr;
    SeenKind* kind = nullptr;
    int log_event = -1;              // index into known_.log_events(); -1: none
    std::vector<uint32_t> unfilled;  // fields of the shape that had no value so far
  };
  struct ShapeNotes {
    int host = -1, number = -1;
    std::vector<std::unique_ptr<Place>> places;  // the one last used first
  };

  Place& PlaceOf(const Event& event);
  std::unique_ptr<Place> MakePlace(const Event& event, const ShapeNotes& notes);
  int FindLogEvent(const KindKey& key) const;
  void NoteLogEvent(const Event& event, const Place& place, uint64_t record);
  std::string DetailOf(const Event& event, const sigma::LogEvent& about) const;
  std::string InWords(const std::string& text) const;

  const sigma::SwitchOn& known_;
  PieceReaders readers_;
  std::unordered_map<const Shape*, ShapeNotes> shapes_;
  PieceNotes notes_;
  std::string scratch_;
  uint32_t file_ = 0;
};

}  // namespace spoor
