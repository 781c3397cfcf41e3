// CSV for spreadsheets: RFC 4180 with LF line ends and a header line. Columns are the contract in
// docs/findings.md.
#include "base/text.h"
#include "base/time.h"
#include "findings/json_fields.h"
#include "findings/renderer.h"
#include "findings/scratch.h"

namespace spoor {
namespace {

constexpr char kHeader[] =
    "time,level,title,rule_id,tags,tenant,host,user,source,event_id,record,path,sha256,offset,carved,matched,"
    "event,events\n";

class Csv final : public Renderer {
 public:
  size_t Render(const Finding& f, std::string* out) const override {
    const size_t start = out->size();
    std::string joined;
    const auto column = [&](std::string_view value) {
      AppendCsvField(value, out);
      out->push_back(',');
    };
    if (f.time != 0) AppendTime(f.time, out);
    out->push_back(',');
    column(sigma::LevelName(f.rule->level));
    column(f.rule->title);
    column(f.rule->id);
    for (const std::string& tag : f.rule->tags) {
      if (!joined.empty()) joined.push_back(' ');
      joined.append(tag);
    }
    column(joined);
    column(f.tenant);
    column(f.host);
    column(f.user);
    column(f.source);
    column(f.event_id ? std::to_string(*f.event_id) : "");
    column(std::to_string(f.record));
    column(f.path);
    const size_t gap = out->size() - start;
    out->push_back(',');
    column(std::to_string(f.offset));
    column(f.carved ? "true" : "");
    joined.clear();
    for (const Matched& m : f.matched) {
      if (!joined.empty()) joined.append("; ");
      joined.append(m.field).push_back('=');
      joined.append(m.value);
    }
    column(joined);
    if (!f.event.empty()) {
      thread_local Scratch scratch;
      char* const event = scratch.Room(FieldsRoom(f.event));
      const char* const end = WriteFields(f.event, event);
      AppendCsvField({event, static_cast<size_t>(end - event)}, out);
    }
    out->push_back(',');
    if (!f.events.empty()) {
      thread_local Scratch scratch;
      char* const events = scratch.Room(EventsRoom(f.events));
      const char* const end = WriteEvents(f.events, events);
      AppendCsvField({events, static_cast<size_t>(end - events)}, out);
    }
    out->push_back('\n');
    return gap;
  }
  std::string Head(const Summary&, const HuntFacts&) const override { return kHeader; }
  // A hunt that was stopped says so in a last row, under `title`.
  std::string Tail(const Summary&, const HuntFacts& facts) const override {
    return facts.partial ? ",,PARTIAL: stopped before all evidence was read,,,,,,,,,,,,,,,\n" : "";
  }
};

}  // namespace

std::unique_ptr<Renderer> MakeCsvRenderer() { return std::make_unique<Csv>(); }

}  // namespace spoor
