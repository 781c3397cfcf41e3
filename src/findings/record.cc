#include "findings/record.h"

#include <algorithm>
#include <cstring>

namespace spoor {
namespace {

constexpr size_t kMaxDetail = 300;  // bytes of what matched, where not all is wanted

// Numbers and texts one after the other; the reader knows the order.
void Put(uint64_t number, std::string* out) { out->append(reinterpret_cast<const char*>(&number), sizeof number); }
void Put(std::string_view text, std::string* out) {
  Put(uint64_t{text.size()}, out);
  out->append(text);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  uint64_t Number() {
    uint64_t number;
    std::memcpy(&number, text_.data(), sizeof number);
    text_.remove_prefix(sizeof number);
    return number;
  }
  std::string_view Text() {
    const size_t size = Number();
    const std::string_view text = text_.substr(0, size);
    text_.remove_prefix(size);
    return text;
  }

 private:
  std::string_view text_;
};

// No more than `most` bytes, and no half character.
std::string_view Front(std::string_view text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

class RecordRenderer : public Renderer {
 public:
  explicit RecordRenderer(bool whole) : whole_(whole) {}

  size_t Render(const Finding& f, std::string* out) const override {
    const size_t at = out->size();
    Put(uint64_t{0}, out);
    Put(static_cast<uint64_t>(f.time), out);
    Put(uint64_t{f.rule_number}, out);
    Put(static_cast<uint64_t>(f.rule->level), out);
    Put(f.rule->id, out);
    Put(f.rule->title, out);
    Put(uint64_t{f.rule->tags.size()}, out);
    for (const std::string& tag : f.rule->tags) Put(tag, out);
    for (const std::string_view text : {f.path, f.tenant, f.host, f.user, f.source}) Put(text, out);
    Put(f.event_id ? uint64_t{*f.event_id} : UINT64_MAX, out);
    for (const uint64_t number : {f.record, f.offset, uint64_t{f.carved}}) Put(number, out);
    const auto put = [&](const auto& matched, size_t most) {
      Put(matched.field, out);
      Put(Front(matched.value, most), out);
      Put(matched.pattern, out);
    };
    if (whole_ || f.matched.empty()) {
      Put(uint64_t{f.matched.size()}, out);
      for (const auto& matched : f.matched) put(matched, SIZE_MAX);
    } else {
      Put(uint64_t{1}, out);
      put(*std::max_element(f.matched.begin(), f.matched.end(),
                            [](const auto& a, const auto& b) { return a.value.size() < b.value.size(); }),
          kMaxDetail);
    }
    Put(uint64_t{whole_ ? f.event.size() : 0}, out);
    for (size_t i = 0; whole_ && i < f.event.size(); ++i) {
      Put(f.event[i].name, out);
      Put(f.event[i].value, out);
    }
    const uint64_t size = out->size() - at - sizeof size;
    std::memcpy(out->data() + at, &size, sizeof size);
    return kNoGap;
  }

 private:
  const bool whole_;
};

void Read(std::string_view text, FindingRecord* r) {
  Reader in(text);
  r->time = static_cast<int64_t>(in.Number());
  r->rule_number = static_cast<uint32_t>(in.Number());
  r->level = static_cast<sigma::Level>(in.Number());
  r->rule_id = in.Text();
  r->title = in.Text();
  r->tags.resize(in.Number());
  for (std::string_view& tag : r->tags) tag = in.Text();
  for (std::string_view* part : {&r->path, &r->tenant, &r->host, &r->user, &r->source}) *part = in.Text();
  const uint64_t id = in.Number();
  r->event_id = id == UINT64_MAX ? std::nullopt : std::optional(static_cast<uint32_t>(id));
  r->record = in.Number();
  r->offset = in.Number();
  r->carved = in.Number() != 0;
  r->matched.resize(in.Number());
  for (Matched& m : r->matched) {
    m.field = in.Text();
    m.value = in.Text();
    m.pattern = in.Text();
  }
  r->event.resize(in.Number());
  for (FieldText& field : r->event) {
    field.name = in.Text();
    field.value = in.Text();
  }
}

}  // namespace

std::unique_ptr<Renderer> MakeRecordRenderer(bool whole) { return std::make_unique<RecordRenderer>(whole); }

absl::Status RecordOutput::Write(std::string_view bytes) {
  rest_ += bytes;
  std::string_view text = rest_;
  absl::Status status;
  for (uint64_t size; status.ok() && text.size() >= sizeof size; text.remove_prefix(sizeof size + size)) {
    std::memcpy(&size, text.data(), sizeof size);
    if (text.size() - sizeof size < size) break;
    Read(text.substr(sizeof size, size), &record_);
    status = take_(record_);
  }
  rest_.erase(0, rest_.size() - text.size());
  return status;
}

}  // namespace spoor
