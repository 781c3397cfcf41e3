// One worker's path from a piece of evidence to findings.
//
// Reads the piece with its format's reader, gives every event to the match worker, and makes a Finding of each rule
// that holds. The texts of an event are made once, however many rules hold, and only if one does.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "findings/sink.h"
#include "findings/stream.h"
#include "hunt/correlate.h"
#include "hunt/feed.h"
#include "hunt/hunt.h"
#include "match/engine.h"

namespace spoor {

class Finder : public Sink, public MatchSink {
 public:
  // `collector` takes the findings; without one they are rendered into the piece (see TakeRendered).
  // `engine` may be null: then events are only counted and dated.
  Finder(const FileTable& files, const HuntOptions& options, const sigma::SourceMap& sources, Engine* engine,
         Collector* collector, const Renderer* renderer);
  // Also notes the matches that correlations are made of, as this worker of the notes'.
  void NoteMatches(CorrelationNotes* notes, unsigned worker) {
    notes_ = notes;
    notes_worker_ = worker;
  }

  // Gives every finding to that collector, too.
  void AlsoTo(Collector* also) { also_ = also; }
  // Gives every event to that observer, too.
  void ObservedBy(Observer* observer) { observer_ = observer; }

  void Read(const Piece& piece);
  RenderedPiece TakeRendered() { return std::move(rendered_); }

  // What this worker saw.
  std::atomic<uint64_t> events{0}, findings{0};  // may be read at any time
  int64_t first_event = INT64_MAX, last_event = INT64_MIN;
  uint64_t damaged = 0, carved = 0;
  std::vector<DamageAt> damage;
  Summary summary;  // counted here only where there is no collector
  absl::Status status;
  Worker* worker() { return worker_.get(); }

  void OnEvent(const Event& event) override;
  void OnDamage(const Damage& damage) override;
  void ShapesDropped() override;
  void OnMatch(const Event& event, uint32_t rule, const sigma::Target& target, Worker* worker) override;

 private:
  // Of all fields, or of those that notes need.
  void MakeTexts(const Event& event, const sigma::Target* notes_for);
  const std::vector<uint32_t>& FieldsForNotes(const Event& event, const sigma::Target& target);
  std::string_view TextOf(std::string_view field) const;
  std::string_view HostOf(const Event& event);
  std::string_view UserOf(const Event& event) const;
  std::optional<uint32_t> EventIdOf() const;
  void AddIndicators(const Reason& reason);
  void SetSource(const Event& event);
  void NoteMatch(const Event& event, uint32_t rule, const sigma::Target& target);

  const FileTable& files_;
  const HuntOptions& options_;
  const sigma::SourceMap& sources_;
  Engine* engine_;
  Collector* collector_;
  Collector* also_ = nullptr;
  Observer* observer_ = nullptr;
  const Renderer* renderer_;
  CorrelationNotes* notes_ = nullptr;
  unsigned notes_worker_ = 0;
  RuleMatch match_;  // its lists keep their memory
  std::unique_ptr<Worker> worker_;
  PieceReaders readers_;
  uint32_t file_ = 0;
  const FileFacts* facts_ = nullptr;
  RenderedPiece rendered_;
  uint64_t count_ = 0, found_ = 0;

  // The texts of the event whose findings are being made.
  bool texts_made_ = false;                   // of all fields
  const sigma::Target* notes_for_ = nullptr;  // of those that notes need, with its names
  absl::flat_hash_map<std::pair<const Shape*, const sigma::Target*>, std::vector<uint32_t>> fields_for_notes_;
  absl::flat_hash_map<const Shape*, int> host_fields_;  // -1: it has none
  std::string texts_;
  struct Text {
    const std::string* name;
    size_t at, size;
    bool alias;
  };
  std::vector<Text> fields_;
  std::string user_, channel_, source_name_;
  std::vector<Reason> reasons_;
  Finding finding_;                                                   // its lists keep their memory
  std::unordered_map<const sigma::Pattern*, std::string> described_;  // patterns that matched; texts do not move
  std::map<std::pair<const Indicators*, uint32_t>, std::string> indicators_;  // likewise
};

}  // namespace spoor
