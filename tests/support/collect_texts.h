// Events of a text format as plain text, and the text read in pieces of any size.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "formats/registry.h"

namespace spoor::test {

// Events as "field=value;…" in the order of their fields, without those that are not there and without other names of
// fields; elements of a list apart by '|', a list without elements "field=[];".
struct CollectTexts : Sink {
  std::vector<std::string> events, damage, sources;
  std::vector<int64_t> times;
  std::vector<uint64_t> records, offsets;
  bool aliases = false;  // other names, too
  void OnEvent(const Event& event) override {
    std::string text;
    for (const Field& field : event.shape->fields) {
      if ((field.alias && !aliases) || !HasField(event, field)) continue;
      text += field.name + '=';
      bool first = true;
      ForEachElement(event.Part(field.parts[0]), [&](const Value& element) {
        if (!std::exchange(first, false)) text += '|';
        AppendText(element, &text);
      });
      if (first) text += "[]";
      text += ';';
    }
    events.push_back(std::move(text));
    const SourceTag& s = event.shape->source;
    sources.push_back(s.product + '/' + s.service + '/' + s.category);
    times.push_back(event.time);
    records.push_back(event.record);
    offsets.push_back(event.offset);
  }
  void OnDamage(const Damage& d) override { damage.push_back(std::to_string(d.offset) + " " + std::string(d.kind)); }
  void ShapesDropped() override {}
};

inline CollectTexts ReadTexts(const Format& format, std::string_view text, const FormatOptions& options = {}) {
  CollectTexts sink;
  ReadWhole(format, options, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &sink);
  return sink;
}

// Gives the format's cutter `room` bytes at first, and so many more while that is too little.
inline CollectTexts ReadInPieces(const Format& format, std::string_view text, size_t room) {
  CollectTexts sink;
  const auto reader = format.make_reader({});
  const auto cutter = format.make_cutter();
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  std::vector<uint8_t> piece;
  for (size_t at = 0; at < text.size();) {
    size_t given = std::min(text.size() - at, room);
    Cut cut;
    while ((cut = cutter->Next(data + at, given, at + given == text.size())).size == 0) {
      given = std::min(text.size() - at, given + room);
    }
    piece.assign(data + at, data + at + cut.size);
    piece.resize(cut.size + kPiecePadding);
    if (!cut.discard) reader->Read({piece.data(), cut.size, at, cut.records_before, cut.header, nullptr}, &sink);
    if (cut.damage != nullptr) sink.OnDamage({cut.damage_offset, cut.damage_bytes, cut.damage});
    at += cut.size;
  }
  return sink;
}

inline bool RecognisedAs(const Format& format, std::string_view text) {
  const Format* const found = Recognise(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  return found != nullptr && std::string_view(found->name) == format.name;
}

}  // namespace spoor::test
