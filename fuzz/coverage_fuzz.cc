// Any bytes of any format as `rules coverage` sees them: what is noted of pieces, put together and judged. Cut into
// many small pieces, noted by two workers in turn, and put together back to front, they give the same.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "formats/registry.h"
#include "hunt/coverage.h"
#include "hunt/noter.h"
#include "hunt/seen_whole.h"

namespace {

using namespace spoor;

std::string TextOf(const Seen& seen) {
  std::string out;
  const auto add = [&](const auto&... numbers) { ((out += ' ' + std::to_string(numbers)), ...); };
  for (const auto& [key, log] : seen.logs) {
    out += '\n' + key.host + '|' + key.Name();
    add(log.events, log.undated, log.first, log.last, log.numbered, log.first_record, log.last_record);
  }
  for (const auto& [key, kind] : seen.kinds) {
    out += '\n' + key.log.host + '|' + key.log.Name() + '|' + key.provider;
    add(key.event_id, kind.events, kind.fields.size(), kind.any_field);
    for (const uint64_t field : kind.fields) add(field);
  }
  for (const auto& [name, events] : seen.log_events) {
    out += '\n' + name;
    for (const SeenLogEvent& e : events) {
      add(e.time, e.event_id, e.record);
      out += e.detail;
    }
  }
  return out;
}

const sigma::RuleSet& Rules() {
  static const sigma::RuleSet* const rules = [] {
    auto* set = new sigma::RuleSet;
    sigma::ParseRules(
        "title: a\nlogsource: {category: process_creation, product: windows}\n"
        "detection: {s: {Image|endswith: 'x', CommandLine: y}, condition: s}\n"
        "---\ntitle: b\nlogsource: {product: linux, service: auditd}\ndetection: {s: {a0: x}, condition: s}\n"
        "---\ntitle: c\nlogsource: {category: webserver}\ndetection: {s: {cs-method: GET}, condition: s}\n",
        "rules.yml", {}, set);
    return set;
  }();
  return *rules;
}

// Reads in pieces that are cut from so many bytes at first.
std::string Collect(const Format& format, const uint8_t* data, size_t size, size_t room, size_t workers) {
  const sigma::SwitchOn& known = sigma::SwitchOn::BuiltIn();
  const FileTable files({{"fuzz", ""}});
  std::vector<std::unique_ptr<Noter>> noters;
  for (size_t i = 0; i < workers; ++i) noters.push_back(std::make_unique<Noter>(known, FormatOptions{}));
  std::vector<PieceNotes> notes;
  const auto cutter = format.make_cutter != nullptr ? format.make_cutter() : nullptr;
  for (size_t at = 0, number = 0; at < size; ++number) {
    size_t given = std::min(size - at, room);
    Piece piece;
    piece.cut.size = given;
    if (cutter != nullptr) {
      while ((piece.cut = cutter->Next(data + at, given, at + given == size)).size == 0) {
        if (at + given == size || given > kMaxRecord) __builtin_trap();
        given = std::min(size - at, given + room);
      }
    }
    piece.offset = at;
    piece.format = &format;
    piece.data = PieceBuffer(new (std::align_val_t(64)) uint8_t[piece.cut.size + kPiecePadding]);
    std::copy_n(data + at, piece.cut.size, piece.data.get());
    std::fill_n(piece.data.get() + piece.cut.size, kPiecePadding, uint8_t{0});
    at += piece.cut.size;
    Noter& noter = *noters[number % workers];
    noter.Read(piece);
    notes.push_back(std::move(*noter.notes()));
  }
  if (workers > 1) std::reverse(notes.begin(), notes.end());
  SeenWhole whole(known, files);
  for (PieceNotes& one : notes) whole.Take(&one);
  const Seen seen = whole.Finish();
  uint64_t events = 0;
  for (const auto& noter : noters) events += noter->events;
  if (seen.events != events) __builtin_trap();
  const Coverage coverage = JudgeCoverage(seen, Rules(), sigma::SourceMap::BuiltIn(), known);
  if (coverage.rules.all() != Rules().rules.size()) __builtin_trap();
  return TextOf(seen);
}

}  // namespace

// The first byte says how small the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > kMaxRecord) return 0;
  const size_t room = 1 + data[0];
  ++data;
  --size;
  const Format* const format = Recognise(data, size);
  if (format == nullptr) return 0;
  const std::string whole = Collect(*format, data, size, kPieceHead + kPieceSize, 1);
  if (format->make_cutter != nullptr && Collect(*format, data, size, room, 2) != whole) __builtin_trap();
  return 0;
}
