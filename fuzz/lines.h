// Any bytes as a format that has a cutter, as one piece and in many small ones: the same events must come out.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "formats/format.h"

namespace spoor {

struct CollectTexts : Sink {
  std::vector<std::string> events;
  void OnEvent(const Event& event) override {
    std::string text =
        std::to_string(event.offset) + ' ' + std::to_string(event.record) + ' ' + std::to_string(event.time);
    for (const Field& field : event.shape->fields) {
      text += field.name;
      AppendFieldText(event, field, &text);
    }
    events.push_back(std::move(text));
  }
  void OnDamage(const Damage& d) override { events.push_back(std::to_string(d.offset) + std::string(d.kind)); }
  void ShapesDropped() override {}
};

// Reads what a cutter makes of the bytes when it is given so many at first.
inline void ReadCut(const Format& format, const uint8_t* data, size_t size, size_t room, Sink* sink) {
  const auto reader = format.make_reader({});
  const auto cutter = format.make_cutter();
  std::vector<uint8_t> piece;
  for (size_t at = 0; at < size;) {
    size_t given = std::min(size - at, room);
    Cut cut;
    while ((cut = cutter->Next(data + at, given, at + given == size)).size == 0) {
      if (at + given == size || given > kMaxRecord) __builtin_trap();
      given = std::min(size - at, given + room);
    }
    if (cut.size > given) __builtin_trap();
    piece.assign(data + at, data + at + cut.size);
    piece.resize(cut.size + kPiecePadding);
    if (!cut.discard) reader->Read({piece.data(), cut.size, at, cut.records_before, cut.header, nullptr}, sink);
    if (cut.damage != nullptr) sink->OnDamage({cut.damage_offset, cut.damage_bytes, cut.damage});
    at += cut.size;
  }
}

// The first byte says how small the pieces are.
inline void FuzzLines(const Format& format, const uint8_t* data, size_t size) {
  if (size < 2 || size > kMaxRecord) return;
  const size_t room = 1 + data[0];
  ++data;
  --size;
  (void)format.recognise(data, size);
  CollectTexts whole, parts;
  ReadCut(format, data, size, size, &whole);
  ReadCut(format, data, size, room, &parts);
  if (whole.events == parts.events) return;
  for (size_t i = 0; i < std::max(whole.events.size(), parts.events.size()); ++i) {
    const auto text = [i](const std::vector<std::string>& events) { return i < events.size() ? events[i] : "(none)"; };
    if (text(whole.events) == text(parts.events)) continue;
    std::fprintf(stderr, "event %zu\nin one piece:  %s\nin pieces: %s\n", i, text(whole.events).c_str(),
                 text(parts.events).c_str());
    break;
  }
  __builtin_trap();
}

}  // namespace spoor
