// Whether a name occurs twice has to be asked for every event, and the answer is nearly always no. A filter
// of 256 bits over a cheap hash of the names gives that answer without comparing any two of them, for events
// of the usual ten to thirty fields; only where two names fall on the same bit are they compared.
#include "findings/json_fields.h"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "base/text.h"
#include "base/time.h"

namespace spoor {
namespace {

// Up to here names on the same bit of the filter are compared one by one; events with more fields are hashed.
constexpr size_t kFewFields = 64;

uint8_t CheapHash(std::string_view name) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(name[i]); };
  if (name.empty()) return 0;
  const size_t n = name.size();
  const uint32_t mixed = at(0) | at(n / 2) << 8 | at(n - 1) << 16 | static_cast<uint32_t>(at(n / 3)) << 24;
  return static_cast<uint8_t>(((mixed + static_cast<uint32_t>(n) * 0x9e37u) * 0x9e3779b1u) >> 24);
}

bool HasRepeatedName(const std::vector<FieldText>& fields) {
  if (fields.size() > kFewFields) return true;  // for all we know
  uint64_t seen[4] = {};
  for (size_t i = 0; i < fields.size(); ++i) {
    const uint8_t hash = CheapHash(fields[i].name);
    uint64_t& word = seen[hash >> 6];
    const uint64_t bit = uint64_t{1} << (hash & 63);
    if (word & bit) {
      for (size_t j = 0; j < i; ++j) {
        if (fields[j].name == fields[i].name) return true;
      }
    }
    word |= bit;
  }
  return false;
}

char* WriteRepeated(const std::vector<FieldText>& fields, char* p) {
  absl::flat_hash_map<std::string_view, absl::InlinedVector<uint32_t, 2>> places;
  for (uint32_t i = 0; i < fields.size(); ++i) places[fields[i].name].push_back(i);
  bool first = true;
  for (uint32_t i = 0; i < fields.size(); ++i) {
    const auto& all = places[fields[i].name];
    if (all[0] != i) continue;
    if (!first) *p++ = ',';
    first = false;
    p = WriteJsonString(fields[i].name, p);
    *p++ = ':';
    if (all.size() == 1) {
      p = WriteJsonString(fields[i].value, p);
      continue;
    }
    char separator = '[';
    for (const uint32_t place : all) {
      *p++ = separator;
      p = WriteJsonString(fields[place].value, p);
      separator = ',';
    }
    *p++ = ']';
  }
  return p;
}

}  // namespace

size_t FieldsRoom(const std::vector<FieldText>& fields) {
  size_t room = 8;
  for (const FieldText& field : fields) room += JsonRoom(field.name) + JsonRoom(field.value) + 4;
  return room;
}

char* WriteFields(const std::vector<FieldText>& fields, char* p) {
  *p++ = '{';
  if (HasRepeatedName(fields)) {
    p = WriteRepeated(fields, p);
  } else {
    char separator = 0;
    for (const FieldText& field : fields) {
      if (separator != 0) *p++ = separator;
      separator = ',';
      p = WriteJsonString(field.name, p);
      *p++ = ':';
      p = WriteJsonString(field.value, p);
    }
  }
  *p++ = '}';
  return p;
}

size_t EventsRoom(const std::vector<EventPlace>& events) {
  constexpr size_t kFixed = 200;  // keys, punctuation, time, numbers
  size_t room = 2;
  for (const EventPlace& e : events) {
    room += JsonRoom(e.rule->id) + JsonRoom(e.rule->title) + JsonRoom(e.path) + kFixed;
  }
  return room;
}

char* WriteEvents(const std::vector<EventPlace>& events, char* p) {
  const auto put = [&](std::string_view text) {
    std::memcpy(p, text.data(), text.size());
    p += text.size();
  };
  const auto number = [&](uint64_t value) { p = std::to_chars(p, p + 20, value).ptr; };
  std::string time;
  char separator = '[';
  for (const EventPlace& e : events) {
    *p++ = separator;
    separator = ',';
    time.clear();
    AppendTime(e.time, &time);
    put("{\"time\":\"");
    put(time);
    put("\",");
    if (!e.rule->id.empty()) {
      put("\"rule_id\":");
      p = WriteJsonString(e.rule->id, p);
      put(",");
    }
    put("\"title\":");
    p = WriteJsonString(e.rule->title, p);
    put(",\"record\":");
    number(e.record);
    put(",\"evidence\":{\"path\":");
    p = WriteJsonString(e.path, p);
    put(",\"offset\":");
    number(e.offset);
    put("}}");
  }
  if (events.empty()) *p++ = '[';
  *p++ = ']';
  return p;
}

}  // namespace spoor
