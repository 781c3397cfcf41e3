#include "formats/syslog/shapes.h"

namespace spoor::syslog {
namespace {

constexpr const char* kEnvelopeNames[kEnvelopeFields] = {
    "host", "program", "pid", "facility", "severity", "message_id", "structured_data", "repeated", "message", "raw"};

// The keys of these payloads stand in the line as they are; in the others they may have been escaped.
bool IsQuoted(Payload payload) { return payload != Payload::kSysmon && payload != Payload::kCef; }

}  // namespace

void MakeShape(const ProgramRules& program, int kind, int message, const std::vector<std::string>& keys, Shape* shape) {
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
  for (const std::string& key : keys) add(key, {FieldPart::kValue, next++}, IsQuoted(program.payload));
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
}

}  // namespace spoor::syslog
