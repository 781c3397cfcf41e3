// Any bytes as an event log: the whole file through the format's reader, every value made text, with carving.
#include <algorithm>
#include <string>

#include "formats/evtx/format.h"

namespace {

class TouchAll : public spoor::Sink {
 public:
  void OnEvent(const spoor::Event& event) override {
    for (const spoor::Field& field : event.shape->fields) {
      text_.clear();
      if (spoor::HasField(event, field)) spoor::AppendFieldText(event, field, &text_);
    }
    for (uint32_t i = 0; i < event.shape->value_count; ++i) {
      spoor::ForEachElement(event.values[i], [&](const spoor::Value& v) {
        text_.clear();
        spoor::AppendText(v, &text_);
        (void)spoor::AsNumber(v);
      });
    }
  }
  void OnDamage(const spoor::Damage&) override {}
  void ShapesDropped() override {}

 private:
  std::string text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const bool checksums : {true, false}) {
    const auto reader = spoor::evtx::kFormat.make_reader({true, checksums});
    TouchAll sink;
    for (size_t at = 0; at < size;) {
      const size_t piece = std::min(size - at, at == 0 ? spoor::kPieceHead + spoor::kPieceSize : spoor::kPieceSize);
      reader->Read({data + at, piece, at}, &sink);
      at += piece;
    }
  }
  return 0;
}
