// Shape and Event: the two types every format is turned into.
//
// A Shape is what all events of one kind have in common: the names of their fields and where each field's value
// comes from. A format makes it once. An Event is one occurrence: a shape and an array of values.
//
// Ownership and lifetime: a Shape is immutable, owned by the reader that made it and valid as long as that reader
// (a reader that drops its shapes for want of memory does so only between events and calls Sink::ShapesDropped first).
// Event::values and everything they point at are valid during the Sink::OnEvent call only.
// Threads: shapes are not shared between threads; every worker has its own reader and its own shapes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "event/value.h"

namespace spoor {

// Where (a part of) a field's value comes from: Event::values[index], or Shape::constants[index].
struct FieldPart {
  enum Kind : uint8_t { kValue, kConstant } kind = kValue;
  uint32_t index = 0;
};

// One field. Usually it has one part. A text made of several pieces (constant text around an inserted value) has
// one part for each: its value is the text of all, joined. A name may occur more than once in a shape.
struct Field {
  std::string name;
  std::vector<FieldPart> parts;
  // Another name of a field that is there under the one its evidence gives it: rules may ask for it, findings do not
  // show it.
  bool alias = false;
  // What it holds also stands in another field, which has the whole record: keywords need not be looked for in both.
  bool quoted = false;
};

// Which of a shape's fields say what an event is about, as an index into `fields`; -1: there is none.
struct KeyFields {
  int channel = -1, provider = -1, event_id = -1, computer = -1;
};

// What kind of log a shape's events are from, in Sigma's words. All empty: Windows event logs, whose kind is told by
// channel, provider and event id. Each may be several names with '|' between them: the event is of all of these (a web
// request is of a proxy's log and of a web server's; a line of sshd is of service sshd and of auth).
struct SourceTag {
  std::string product, service, category;
  bool is_windows_log() const { return product.empty() && service.empty() && category.empty(); }

  // For people: "linux/sshd", of several names the first; empty for Windows event logs.
  std::string Name() const {
    std::string name;
    for (const std::string* part : {&product, &service, &category}) {
      if (part->empty()) continue;
      if (!name.empty()) name += '/';
      name += part->substr(0, part->find('|'));
    }
    return name;
  }

  // True if a rule that says `want` (empty: nothing) means events that say `have`.
  static bool Fits(std::string_view want, std::string_view have) {
    if (want.empty() || want == have) return true;
    for (size_t at = 0; at <= have.size();) {
      const size_t stop = std::min(have.find('|', at), have.size());
      if (have.substr(at, stop - at) == want) return true;
      at = stop + 1;
    }
    return false;
  }
};

class Shape {
 public:
  SourceTag source;
  std::vector<Field> fields;
  std::vector<Value> constants;  // point into `constant_bytes`
  std::string constant_bytes;
  KeyFields key;
  // The fields that name the machine and the acting user, as indices into `fields`; -1: whichever has a usual name.
  int host = -1, user = -1;
  uint32_t value_count = 0;  // length of Event::values
  uint64_t number = 0;       // distinct for every shape a reader makes

  // Slot for whoever plans the matching of this shape; spares a hash look-up per event. Written by the one thread
  // that owns the shape.
  mutable void* plan = nullptr;
  mutable uint64_t plan_epoch =
      0;  // when it was planned: a number of the planner's, which says whether `plan` still is
};

struct Event {
  const Shape* shape = nullptr;
  const Value* values = nullptr;  // shape->value_count of them
  int64_t time = 0;               // microseconds since 1970 UTC; 0: unknown
  uint64_t record = 0;            // the record's own number, else its line
  uint64_t offset = 0;            // of the record, in bytes from the start of its file
  bool carved = false;

  // The one value of a field with one part; for a field of several parts the first.
  const Value& Part(const FieldPart& part) const {
    return part.kind == FieldPart::kValue ? values[part.index] : shape->constants[part.index];
  }
};

// The text of a field: of all its parts, joined.
void AppendFieldText(const Event& event, const Field& field, std::string* out);
// True if the event has the field. A single null value counts as missing; an array without elements is a field that is
// there, without a value.
bool HasField(const Event& event, const Field& field);

// Damage found in evidence: what was lost and where. `kind` is a stable name such as "evtx_chunk_checksum".
struct Damage {
  uint64_t offset = 0;  // bytes from the start of the file
  uint64_t bytes = 0;   // how many could not be used
  std::string_view kind;
};

// Takes what a reader finds. Called on the reader's thread.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void OnEvent(const Event& event) = 0;
  virtual void OnDamage(const Damage& damage) = 0;
  // Shapes made so far are about to be freed: those of one reader, of the several that a sink may take events from. The
  // others' stay, and come again.
  virtual void ShapesDropped() = 0;
};

}  // namespace spoor
