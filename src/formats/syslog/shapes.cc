#include "formats/syslog/shapes.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace spoor::syslog {
namespace {

constexpr const char* kEnvelopeNames[kEnvelopeFields] = {
    "host", "program", "pid", "facility", "severity", "message_id", "structured_data", "repeated", "message", "raw"};

// The keys of these payloads stand in the line as they are; in the others they may have been escaped.
bool IsQuoted(Payload payload) { return payload != Payload::kSysmon && payload != Payload::kCef; }

// Windows events in structured data, as NXLog writes them (to_syslog_ietf): every field of the event by its name, but
// for these.
constexpr std::string_view kNxlog = "[NXLOG@";
constexpr std::pair<std::string_view, std::string_view> kNxlogNames[] = {{"SourceName", "Provider_Name"},
                                                                         {"ProviderGuid", "Provider_Guid"},
                                                                         {"RecordNumber", "EventRecordID"},
                                                                         {"host", "Computer"}};

int FieldOf(const Shape& shape, std::string_view name) {
  for (size_t i = 0; i < shape.fields.size(); ++i) {
    if (shape.fields[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

void MakeWindows(Shape* shape) {
  const int channel = FieldOf(*shape, "Channel"), event_id = FieldOf(*shape, "EventID");
  if (channel < 0 || event_id < 0) return;
  for (const auto& [name, alias] : kNxlogNames) {
    const int at = FieldOf(*shape, name);
    if (at < 0) continue;
    Field field = shape->fields[static_cast<size_t>(at)];
    field.name = alias;
    field.alias = field.quoted = true;
    shape->fields.push_back(std::move(field));
  }
  shape->source = {};
  shape->key = {channel, FieldOf(*shape, "Provider_Name"), event_id, FieldOf(*shape, "Computer")};
}

}  // namespace

void MakeShape(const ProgramRules& program, int kind, int message, Structured structured,
               const std::vector<std::string>& keys, Shape* shape) {
  shape->source = kind >= 0 ? program.kinds[static_cast<size_t>(kind)].second : program.source;
  const auto add = [&](const std::string& name, FieldPart part, bool quoted) {
    Field field{name, {part}};
    field.quoted = quoted;
    shape->fields.push_back(std::move(field));
  };
  uint32_t next = 0;
  for (; next < kEnvelopeFields; ++next) add(kEnvelopeNames[next], {FieldPart::kValue, next}, next != kRaw);
  shape->fields[kRaw].alias = true;
  if (message >= 0) {
    const MessageRule& rule = program.messages[static_cast<size_t>(message)];
    if (!rule.category.empty()) shape->source.category = rule.category;
    for (const std::string& name : rule.pattern.fields()) add(name, {FieldPart::kValue, next++}, true);
    for (const auto& [name, text] : rule.set) shape->constant_bytes += text;
    size_t offset = 0;
    for (const auto& [name, text] : rule.set) {
      add(name, {FieldPart::kConstant, static_cast<uint32_t>(shape->constants.size())}, true);
      shape->constants.push_back({reinterpret_cast<const uint8_t*>(shape->constant_bytes.data()) + offset,
                                  static_cast<uint32_t>(text.size()), ValueType::kUtf8});
      offset += text.size();
    }
  }
  // A parameter has its own name, and for rules that must tell whose it is the element's before it. Names of the
  // envelope's fields are not a parameter's to take.
  size_t key = 0;
  bool nxlog = false;
  if (structured != Structured::kNone) {
    std::string id;
    for (; key < keys.size() && keys[key] != "]"; ++key) {
      if (keys[key].starts_with('[')) {
        id = keys[key].substr(1);
        nxlog |= keys[key].starts_with(kNxlog);
        continue;
      }
      const bool taken =
          std::find(std::begin(kEnvelopeNames), std::end(kEnvelopeNames), keys[key]) != std::end(kEnvelopeNames);
      const FieldPart part{FieldPart::kValue, next++};
      if (!taken) add(keys[key], part, structured == Structured::kPlain);
      add(id + '.' + keys[key], part, structured == Structured::kPlain || !taken);
      shape->fields.back().alias = !taken;
    }
    ++key;
    shape->fields[kStructured].alias = true;
  }
  for (; key < keys.size(); ++key) add(keys[key], {FieldPart::kValue, next++}, IsQuoted(program.payload));
  shape->value_count = next;
  const size_t own = shape->fields.size();
  for (const auto& [name, alias] : program.aliases) {
    for (size_t i = 0; i < own; ++i) {
      if (shape->fields[i].name != name) continue;
      Field field = shape->fields[i];
      field.name = alias;
      field.alias = field.quoted = true;
      shape->fields.push_back(std::move(field));
    }
  }
  for (size_t i = 0; i < shape->fields.size(); ++i) {
    if (shape->host < 0 && shape->fields[i].name == program.host) shape->host = static_cast<int>(i);
    if (shape->user < 0 && shape->fields[i].name == program.user) shape->user = static_cast<int>(i);
  }
  if (nxlog) MakeWindows(shape);
}

}  // namespace spoor::syslog
