// Any bytes as Cisco messages, as one piece and cut in two: the same events must come out.
#include <string>
#include <vector>

#include "base/bytes.h"
#include "formats/cisco/format.h"

namespace {

struct Collect : spoor::Sink {
  std::vector<std::string> events;
  void OnEvent(const spoor::Event& event) override {
    std::string text =
        std::to_string(event.offset) + ' ' + std::to_string(event.record) + ' ' + std::to_string(event.time);
    for (const spoor::Field& field : event.shape->fields) spoor::AppendFieldText(event, field, &text);
    events.push_back(std::move(text));
  }
  void OnDamage(const spoor::Damage& d) override { events.push_back(std::to_string(d.offset) + std::string(d.kind)); }
  void ShapesDropped() override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > spoor::kMaxLine) return 0;
  (void)spoor::cisco::kFormat.recognise(data, size);
  Collect whole, parts;
  spoor::cisco::kFormat.make_reader({})->Read({data, size, 0, 0, 0}, &whole);
  const size_t cut = 1 + data[0] % (size - 1);
  uint64_t lines = 0;
  for (size_t i = 0; i < cut; ++i) lines += data[i] == '\n';
  const auto reader = spoor::cisco::kFormat.make_reader({});
  reader->Read({data, cut, 0, size - cut, 0}, &parts);
  reader->Read({data + cut, size - cut, cut, 0, lines}, &parts);
  if (whole.events != parts.events) __builtin_trap();
  return 0;
}
