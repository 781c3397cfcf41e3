// JSON Lines: the form that other programs read, and the hot one.
//
// A finding is built in a thread's scratch memory, whose size is bounded beforehand by what every text could
// become at worst (six bytes a byte), so that nothing below checks for room; then it is copied once. Key
// order and meaning are the contract in docs/findings.md.
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "base/time.h"
#include "findings/json_fields.h"
#include "findings/renderer.h"
#include "findings/scratch.h"

namespace spoor {
namespace {

// Keys, punctuation, numbers and time of one finding: about 300 bytes.
constexpr size_t kFixedRoom = 512;

template <size_t N>
inline char* Put(const char (&literal)[N], char* p) {
  std::memcpy(p, literal, N - 1);
  return p + N - 1;
}

inline char* PutNumber(uint64_t value, char* p) { return std::to_chars(p, p + 20, value).ptr; }

size_t Room(const Finding& f) {
  size_t room = kFixedRoom + JsonRoom(f.rule->id) + JsonRoom(f.rule->title) + JsonRoom(f.tenant) + JsonRoom(f.host) +
                JsonRoom(f.user) + JsonRoom(f.source) + JsonRoom(f.path);
  for (const std::string& tag : f.rule->tags) room += JsonRoom(tag) + 1;
  for (const Matched& m : f.matched) {
    room += JsonRoom(m.field) + JsonRoom(m.value) + JsonRoom(m.pattern) + 40;
  }
  return room + FieldsRoom(f.event) + EventsRoom(f.events);
}

// ,"key":"value" unless the value is empty. `key` comes with its punctuation.
template <size_t N>
inline char* PutText(const char (&key)[N], std::string_view value, char* p) {
  if (value.empty()) return p;
  return WriteJsonString(value, Put(key, p));
}

char* PutTime(int64_t time, char* p) {
  if (time == 0) return p;
  thread_local std::string text;
  text.clear();
  AppendTime(time, &text);
  p = Put("\"time\":\"", p);
  std::memcpy(p, text.data(), text.size());
  return Put("\",", p + text.size());
}

char* PutLevel(sigma::Level level, char* p) {
  const char* name = sigma::LevelName(level);
  const size_t size = std::strlen(name);
  p = Put("\"level\":\"", p);
  std::memcpy(p, name, size);
  p[size] = '"';
  return p + size + 1;
}

char* PutRule(const sigma::Rule& rule, char* p) {
  p = PutLevel(rule.level, p);
  p = PutText(",\"rule_id\":", rule.id, p);
  p = PutText(",\"title\":", rule.title, p);
  if (rule.tags.empty()) return p;
  p = Put(",\"tags\":", p);
  char separator = '[';
  for (const std::string& tag : rule.tags) {
    *p++ = separator;
    p = WriteJsonString(tag, p);
    separator = ',';
  }
  *p++ = ']';
  return p;
}

char* PutMatched(const std::vector<Matched>& matched, char* p) {
  if (matched.empty()) return p;
  p = Put(",\"matched\":", p);
  char separator = '[';
  for (const Matched& m : matched) {
    *p++ = separator;
    separator = ',';
    p = WriteJsonString(m.field, Put("{\"field\":", p));
    p = WriteJsonString(m.value, Put(",\"value\":", p));
    p = WriteJsonString(m.pattern, Put(",\"pattern\":", p));
    *p++ = '}';
  }
  *p++ = ']';
  return p;
}

class JsonLines final : public Renderer {
 public:
  // A hunt that was stopped says so in a last line.
  std::string Tail(const Summary&, const HuntFacts& facts) const override {
    return facts.partial ? "{\"partial\":true,\"reason\":\"stopped before all evidence was read\"}\n" : "";
  }
  size_t Render(const Finding& f, std::string* out) const override {
    thread_local Scratch scratch;
    char* const start = scratch.Room(Room(f));
    char* p = start;
    *p++ = '{';
    p = PutTime(f.time, p);
    p = PutRule(*f.rule, p);
    p = PutText(",\"tenant\":", f.tenant, p);
    p = PutText(",\"host\":", f.host, p);
    p = PutText(",\"user\":", f.user, p);
    p = PutText(",\"source\":", f.source, p);
    if (f.event_id) p = PutNumber(*f.event_id, Put(",\"event_id\":", p));
    p = PutNumber(f.record, Put(",\"record\":", p));
    if (f.carved) p = Put(",\"carved\":true", p);
    p = WriteJsonString(f.path, Put(",\"evidence\":{\"path\":", p));
    const size_t gap = static_cast<size_t>(p - start);
    p = PutNumber(f.offset, Put(",\"offset\":", p));
    *p++ = '}';
    p = PutMatched(f.matched, p);
    if (!f.event.empty()) p = WriteFields(f.event, Put(",\"event\":", p));
    if (!f.events.empty()) p = WriteEvents(f.events, Put(",\"events\":", p));
    p = Put("}\n", p);
    out->append(start, static_cast<size_t>(p - start));
    return gap;
  }
  std::string_view DigestPrefix() const override { return ",\"sha256\":\""; }
  std::string_view DigestSuffix() const override { return "\""; }
};

}  // namespace

std::unique_ptr<Renderer> MakeJsonLinesRenderer() { return std::make_unique<JsonLines>(); }

}  // namespace spoor
