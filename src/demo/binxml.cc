#include "demo/binxml.h"

#include <cstring>

namespace spoor::demo {

namespace {

constexpr uint8_t kText = 0x01, kU8 = 0x04, kU16 = 0x06, kU32 = 0x08, kU64 = 0x0a, kGuid = 0x0f, kFileTime = 0x11,
                  kSid = 0x13, kHex64 = 0x15, kXml = 0x21;
// Values of <System>, by number, as the service of Windows 10 orders them.
enum Slot : uint16_t {
  kLevel,
  kOpcode,
  kTask,
  kId,
  kQualifiers,
  kKeywords,
  kTime,
  kActivity,
  kProcess,
  kThread,
  kRecord,
  kVersion,
  kUser,
  kRelated,
  kProviderName,
  kProviderGuid,
  kChannel,
  kBody,
  kSlots
};
constexpr std::string_view kNamespace = "http://schemas.microsoft.com/win/2004/08/events/event";
constexpr std::string_view kClearedNamespace = "http://manifests.microsoft.com/win/2004/08/windows/eventlog";
constexpr uint64_t kClassicQualifiers = 0x4000;

template <typename T>
std::string Little(T value) {
  std::string out;
  for (size_t i = 0; i < sizeof(T); ++i)
    out.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i) & 255));
  return out;
}

// The hash of names, and over 16-bit words of GUIDs: h = h * 65599 + c.
uint32_t Hash(std::string_view words) {
  uint32_t h = 0;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    h = h * 65599 + (static_cast<uint8_t>(words[i]) | static_cast<uint32_t>(static_cast<uint8_t>(words[i + 1])) << 8);
  }
  return h;
}

// A GUID for a template, made of what it is of.
std::string TemplateGuid(std::string_view key) {
  uint64_t a = 0xcbf29ce484222325, b = 0x9ae16a3b2f90404f;
  for (const char c : key) {
    a = (a ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    b = (b + static_cast<uint8_t>(c)) * 0x9e3779b97f4a7c15;
    b ^= b >> 29;
  }
  return Little(a) + Little(b);
}

uint8_t TypeNumber(const EventField& field) {
  std::string bytes;
  const uint8_t type = EncodeField(field, field.type == "sid" ? "S-1-5-18" : "0", &bytes);
  return type;
}

}  // namespace

void ChunkXml::Reset() {
  bytes_.assign(kChunkHeaderBytes, '\0');
  state_ = {};
  names_.clear(), templates_.clear(), name_order_.clear(), template_order_.clear();
  Mark();
}

void ChunkXml::Mark() {
  mark_ = state_;
  mark_.size = bytes_.size();
  mark_.name_count = name_order_.size();
  mark_.template_count = template_order_.size();
}

void ChunkXml::Rollback() {
  bytes_.resize(mark_.size);
  for (; name_order_.size() > mark_.name_count; name_order_.pop_back()) names_.erase(name_order_.back());
  for (; template_order_.size() > mark_.template_count; template_order_.pop_back()) {
    templates_.erase(template_order_.back());
  }
  // A list's head may have been written over; entries before the mark do not point behind it.
  state_ = mark_;
}

void ChunkXml::SetU32(size_t at, uint64_t v) {
  for (size_t i = 0; i < 4; ++i) bytes_[at + i] = static_cast<char>(v >> (8 * i) & 255);
}

void ChunkXml::Name(std::string_view name) {
  if (const auto found = names_.find(std::string(name)); found != names_.end()) return U32(found->second);
  const auto offset = static_cast<uint32_t>(bytes_.size() + 4);
  const std::string wide = Utf16(name);
  const uint32_t hash = Hash(wide);
  U32(offset);
  U32(state_.names[hash % 64]);
  U16(hash & 0xffff);
  U16(wide.size() / 2);
  bytes_ += wide;
  U16(0);
  state_.names[hash % 64] = offset;
  names_.emplace(name, offset);
  name_order_.emplace_back(name);
}

size_t ChunkXml::Open(std::string_view name, bool attributes, uint16_t depends) {
  U8(attributes ? 0x41 : 0x01);
  U16(depends);
  const size_t size_at = bytes_.size();
  U32(0);
  Name(name);
  return size_at;
}

void ChunkXml::Close(size_t size_at) {
  U8(0x04);
  SetU32(size_at, bytes_.size() - size_at - 4);
}

void ChunkXml::CloseEmpty(size_t size_at) {
  U8(0x03);
  SetU32(size_at, bytes_.size() - size_at - 4);
}

void ChunkXml::Text(std::string_view text) {
  const std::string wide = Utf16(text);
  U8(0x05), U8(kText), U16(wide.size() / 2);
  bytes_ += wide;
}

void ChunkXml::Substitution(uint16_t number, uint8_t type, bool optional) {
  U8(optional ? 0x0e : 0x0d), U16(number), U8(type);
}

void ChunkXml::Attribute(std::string_view name, std::string_view text, bool more) {
  U8(more ? 0x46 : 0x06);
  Name(name);
  Text(text);
}

void ChunkXml::Attribute(std::string_view name, uint16_t number, uint8_t type, bool more) {
  U8(more ? 0x46 : 0x06);
  Name(name);
  Substitution(number, type, true);
}

void ChunkXml::TextElement(std::string_view name, std::string_view text) {
  const size_t at = Open(name, false);
  U8(0x02);
  Text(text);
  Close(at);
}

void ChunkXml::ValueElement(std::string_view name, uint16_t number, uint8_t type) {
  const size_t at = Open(name, false);
  U8(0x02);
  Substitution(number, type, true);
  Close(at);
}

void ChunkXml::Instance(const std::string& key, const EventType& type, bool outer) {
  const std::string guid = TemplateGuid(key);
  U8(0x0c), U8(1);
  bytes_ += guid.substr(0, 4);
  if (const auto found = templates_.find(key); found != templates_.end()) return U32(found->second);
  const auto offset = static_cast<uint32_t>(bytes_.size() + 4);
  const size_t bucket = Hash(guid) % 32;
  U32(offset);
  U32(state_.templates[bucket]);
  bytes_ += guid;
  const size_t size_at = bytes_.size();
  U32(0);
  U8(0x0f), U8(1), U8(1), U8(0);
  if (outer) {
    OuterDefinition(type);
  } else {
    BodyDefinition(type);
  }
  U8(0);
  SetU32(size_at, bytes_.size() - size_at - 4);
  state_.templates[bucket] = offset;
  templates_.emplace(key, offset);
  template_order_.push_back(key);
}

void ChunkXml::OuterDefinition(const EventType& type) {
  const bool classic = !type.source.empty();
  // An element with attributes: its start, and where the size of the attributes goes.
  const auto with_attributes = [&](std::string_view name, uint16_t depends, auto&& attributes) {
    const size_t at = Open(name, true, depends);
    const size_t list_at = bytes_.size();
    U32(0);
    attributes();
    SetU32(list_at, bytes_.size() - list_at - 4);
    return at;
  };
  const size_t event = with_attributes("Event", kBody, [&] { Attribute("xmlns", kNamespace, false); });
  U8(0x02);
  const size_t system = Open("System", false);
  U8(0x02);
  CloseEmpty(with_attributes("Provider", 0xffff, [&] {
    if (classic) {
      Attribute("Name", type.provider, true);
      Attribute("Guid", type.guid, true);
      Attribute("EventSourceName", type.source, false);
    } else {
      Attribute("Name", kProviderName, kText, true);
      Attribute("Guid", kProviderGuid, kGuid, false);
    }
  }));
  const size_t id = with_attributes("EventID", 0xffff, [&] { Attribute("Qualifiers", kQualifiers, kU16, false); });
  U8(0x02);
  Substitution(kId, kU16, true);
  Close(id);
  ValueElement("Version", kVersion, kU8);
  ValueElement("Level", kLevel, kU8);
  ValueElement("Task", kTask, kU16);
  ValueElement("Opcode", kOpcode, kU8);
  ValueElement("Keywords", kKeywords, kHex64);
  CloseEmpty(with_attributes("TimeCreated", 0xffff, [&] { Attribute("SystemTime", kTime, kFileTime, false); }));
  ValueElement("EventRecordID", kRecord, kU64);
  CloseEmpty(with_attributes("Correlation", 0xffff, [&] {
    Attribute("ActivityID", kActivity, kGuid, true);
    Attribute("RelatedActivityID", kRelated, kGuid, false);
  }));
  CloseEmpty(with_attributes("Execution", 0xffff, [&] {
    Attribute("ProcessID", kProcess, kU32, true);
    Attribute("ThreadID", kThread, kU32, false);
  }));
  if (classic) {
    TextElement("Channel", type.channel);
  } else {
    ValueElement("Channel", kChannel, kText);
  }
  TextElement("Computer", computer_);
  CloseEmpty(with_attributes("Security", 0xffff, [&] { Attribute("UserID", kUser, kSid, false); }));
  Close(system);
  Substitution(kBody, kXml, true);
  Close(event);
}

void ChunkXml::BodyDefinition(const EventType& type) {
  const bool event_data = type.body == "EventData";
  const size_t body = Open(event_data ? "EventData" : "UserData", false);
  U8(0x02);
  size_t inner = 0;
  if (!event_data) {
    inner = Open(type.body, true);
    const size_t list_at = bytes_.size();
    U32(0);
    Attribute("xmlns", kClearedNamespace, false);
    SetU32(list_at, bytes_.size() - list_at - 4);
    U8(0x02);
  }
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const EventField& field = type.fields[i];
    const size_t at = Open(event_data ? "Data" : std::string_view(field.name), event_data);
    if (event_data) {
      const size_t list_at = bytes_.size();
      U32(0);
      Attribute("Name", field.name, false);
      SetU32(list_at, bytes_.size() - list_at - 4);
    }
    U8(0x02);
    Substitution(static_cast<uint16_t>(i), TypeNumber(field), false);
    Close(at);
  }
  if (!event_data) Close(inner);
  Close(body);
}

bool ChunkXml::Values(const std::vector<Value>& values, const LogEvent* nested) {
  const size_t count = values.size() + (nested != nullptr ? 1 : 0);
  U32(count);
  const size_t descriptors = bytes_.size();
  bytes_.resize(bytes_.size() + 4 * count);
  const auto describe = [&](size_t i, size_t size, uint8_t type) {
    bytes_[descriptors + 4 * i] = static_cast<char>(size & 255);
    bytes_[descriptors + 4 * i + 1] = static_cast<char>(size >> 8);
    bytes_[descriptors + 4 * i + 2] = static_cast<char>(type);
  };
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].bytes.size() > 0xffff) return false;
    bytes_ += values[i].bytes;
    describe(i, values[i].bytes.size(), values[i].type);
  }
  if (nested == nullptr) return true;
  const size_t start = bytes_.size();
  const EventType& type = *nested->type;
  U8(0x0f), U8(1), U8(1), U8(0);
  Instance(type.log + ' ' + type.provider + ' ' + std::to_string(type.id), type, false);
  std::vector<Value> inner(type.fields.size());
  for (size_t i = 0; i < inner.size(); ++i) {
    inner[i].type = EncodeField(type.fields[i], nested->values[i], &inner[i].bytes);
  }
  if (!Values(inner, nullptr)) return false;
  U8(0);
  if (bytes_.size() - start > 0xffff) return false;
  describe(values.size(), bytes_.size() - start, kXml);
  return true;
}

bool ChunkXml::Append(const LogEvent& event, const RecordHead& head) {
  const EventType& type = *event.type;
  const bool classic = !type.source.empty();
  std::vector<Value> values(kBody);
  values[kLevel] = {kU8, Little(type.level)};
  values[kOpcode] = {kU8, Little(type.opcode)};
  values[kTask] = {kU16, Little(type.task)};
  values[kId] = {kU16, Little(type.id)};
  if (classic) values[kQualifiers] = {kU16, Little(static_cast<uint16_t>(kClassicQualifiers))};
  values[kKeywords] = {kHex64, Little(type.keywords)};
  values[kTime] = {kFileTime, Little(head.time)};
  values[kProcess] = {kU32, Little(event.process)};
  values[kThread] = {kU32, Little(event.thread)};
  values[kRecord] = {kU64, Little(head.number)};
  values[kVersion] = {kU8, Little(type.version)};
  if (!event.user.empty()) values[kUser] = {kSid, SidBytes(event.user)};
  if (!classic) {
    values[kProviderName] = {kText, Utf16(type.provider)};
    values[kProviderGuid] = {kGuid, GuidBytes(type.guid)};
    values[kChannel] = {kText, Utf16(type.channel)};
  }
  U8(0x0f), U8(1), U8(1), U8(0);
  Instance("System " + type.provider, type, true);
  if (!Values(values, &event)) {
    Rollback();
    return false;
  }
  U8(0);
  return true;
}

}  // namespace spoor::demo
