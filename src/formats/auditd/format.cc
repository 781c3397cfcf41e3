#include "formats/auditd/format.h"

#include <algorithm>

#include "formats/auditd/chains.h"
#include "formats/auditd/event_maker.h"
#include "formats/lines.h"

namespace spoor::auditd {
namespace {

class EventReader : public PieceReader {
 public:
  explicit EventReader(const FormatOptions& options) : maker_(options.utc_offset) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    chains_.Clear();
    places_.clear();
    damage_.clear();
    ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
      RecordHead head;
      if (ReadHead(line, &head)) {
        chains_.Add(head, number);
        places_.push_back(offset);
      } else if (line.find_first_not_of(" \t") != std::string_view::npos && !IsNoise(line)) {
        damage_.push_back({offset, line.size(), "audit_line_without_record"});
      }
    });
    size_t damaged = 0;
    const auto& records = chains_.records();
    for (uint32_t r = 0; r < records.size(); ++r) {
      for (; damaged < damage_.size() && damage_[damaged].offset < places_[r]; ++damaged)
        sink->OnDamage(damage_[damaged]);
      if (!records[r].first) continue;
      maker_.Tidy(sink);
      Event event;
      event.record = records[r].number;
      event.offset = places_[r];
      maker_.Make(chains_, r, {}, &event);
      sink->OnEvent(event);
    }
    for (; damaged < damage_.size(); ++damaged) sink->OnDamage(damage_[damaged]);
  }

 private:
  // What ausearch writes between events.
  static bool IsNoise(std::string_view line) {
    return line.starts_with("----") || line.starts_with("time->") || line == "<no matches>";
  }

  Chains chains_;
  EventMaker maker_;
  std::vector<uint64_t> places_;  // offsets of the records' lines
  std::vector<Damage> damage_;
};

// At least half of the first lines begin as a record does.
bool IsAuditLog(const uint8_t* head, size_t size) {
  const std::string_view text = AsText(head, std::min<size_t>(size, kPieceHead));
  if (text.find("audit(") == std::string_view::npos) return false;
  int with = 0, without = 0;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    RecordHead record;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.starts_with("----") ||
        line.starts_with("time->")) {
      return true;
    }
    const bool begins = line.starts_with("type=") || line.starts_with("node=");
    ++(begins && ReadHead(line, &record) ? with : without);
    return true;
  });
  return with > 0 && with >= without;
}

}  // namespace

const Format kFormat = {
    "auditd",
    IsAuditLog,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> { return std::make_unique<EventReader>(options); },
    CutEvents,
};

}  // namespace spoor::auditd
