// Any bytes as a format of lines, as one piece and cut in two: the same events must come out.
#pragma once

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

inline void FuzzLines(const Format& format, const uint8_t* data, size_t size) {
  if (size < 2 || size > kMaxLine) return;
  (void)format.recognise(data, size);
  CollectTexts whole, parts;
  format.make_reader({})->Read({data, size, 0, 0, 0}, &whole);
  const size_t cut = 1 + data[0] % (size - 1);
  uint64_t lines = 0;
  for (size_t i = 0; i < cut; ++i) lines += data[i] == '\n';
  const auto reader = format.make_reader({});
  reader->Read({data, cut, 0, size - cut, 0}, &parts);
  reader->Read({data + cut, size - cut, cut, 0, lines}, &parts);
  if (whole.events != parts.events) __builtin_trap();
}

}  // namespace spoor
