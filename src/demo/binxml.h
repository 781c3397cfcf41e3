// Windows binary XML, as the event log service stores it: the bytes of one chunk while it is filled.
//
// An event is two template instances, the outer one with <System>, the inner one with the event's data; what is the
// same for all events of a kind stands once in a chunk, in the template's definition, and what differs are its values.
// Sources: [MS-EVEN6] 2.2.12; libyal, "Windows XML Event Log (EVTX) format"; see docs/formats/evtx.md. Numbers are
// little-endian, offsets count from the chunk's first byte.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "demo/windows_event.h"

namespace spoor::demo {

inline constexpr size_t kChunkBytes = 65536, kChunkHeaderBytes = 512;

// What <System> says besides the event's kind.
struct RecordHead {
  uint64_t number = 0;
  uint64_t time = 0;  // FILETIME
};

// Not thread-safe.
class ChunkXml {
 public:
  explicit ChunkXml(std::string computer) : computer_(std::move(computer)) { Reset(); }

  // An empty chunk: 512 bytes of header, to be filled by the caller.
  void Reset();
  // Appends the binary XML of an event. False: a value is longer than 65,535 bytes; the chunk is as Mark left it.
  bool Append(const LogEvent& event, const RecordHead& head);
  // Rollback takes back all that was appended since the last Mark.
  void Mark();
  void Rollback();

  std::string& bytes() { return bytes_; }
  const std::array<uint32_t, 64>& name_buckets() const { return state_.names; }
  const std::array<uint32_t, 32>& template_buckets() const { return state_.templates; }

 private:
  struct State {
    std::array<uint32_t, 64> names{};
    std::array<uint32_t, 32> templates{};
    size_t size = 0, name_count = 0, template_count = 0;
  };
  struct Value {
    uint8_t type = 0;
    std::string bytes;
  };

  void U8(uint64_t v) { bytes_ += static_cast<char>(v); }
  void U16(uint64_t v) { U8(v & 255), U8(v >> 8 & 255); }
  void U32(uint64_t v) { U16(v & 0xffff), U16(v >> 16 & 0xffff); }
  void SetU32(size_t at, uint64_t v);
  void Name(std::string_view name);
  size_t Open(std::string_view name, bool attributes, uint16_t depends = 0xffff);  // where its size stands
  void Close(size_t size_at);                                                      // </…>
  void CloseEmpty(size_t size_at);                                                 // />
  void Text(std::string_view text);
  void Substitution(uint16_t number, uint8_t type, bool optional);
  void Attribute(std::string_view name, std::string_view text, bool more);
  void Attribute(std::string_view name, uint16_t number, uint8_t type, bool more);
  void TextElement(std::string_view name, std::string_view text);
  void ValueElement(std::string_view name, uint16_t number, uint8_t type);
  void Instance(const std::string& key, const EventType& type, bool outer);
  void OuterDefinition(const EventType& type);
  void BodyDefinition(const EventType& type);
  bool Values(const std::vector<Value>& values, const LogEvent* nested);

  std::string computer_, bytes_;
  State state_, mark_;
  std::unordered_map<std::string, uint32_t> names_, templates_;
  std::vector<std::string> name_order_, template_order_;
};

// The bytes of a value into *out, which is empty. The number of its type ([MS-EVEN6] 2.2.12.4).
uint8_t EncodeField(const EventField& field, const std::string& text, std::string* out);

// UTF-16, little-endian.
std::string Utf16(std::string_view utf8);
// "{8-4-4-4-12}" or without braces; all zero where it is none.
std::string GuidBytes(std::string_view text);
// "S-1-5-21-…"; "" where it is none.
std::string SidBytes(std::string_view text);

}  // namespace spoor::demo
