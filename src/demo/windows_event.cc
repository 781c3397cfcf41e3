#include "demo/windows_event.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "demo/table.h"

namespace spoor::demo {
namespace {

constexpr std::pair<std::string_view, std::string_view> kChannels[] = {
    {"Security", "Security"},
    {"System", "System"},
    {"Sysmon", "Microsoft-Windows-Sysmon/Operational"},
    {"PowerShell", "Microsoft-Windows-PowerShell/Operational"}};

EventField ReadField(std::string_view text) {
  const size_t equals = text.find('='), colon = text.find(':');
  EventField field{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1, equals - colon - 1)), ""};
  if (equals != std::string_view::npos) field.fallback = text.substr(equals + 1);
  return field;
}

using Types = std::map<std::pair<std::string, uint16_t>, EventType, std::less<>>;

Types ReadTypes() {
  Types types;
  const Table& table = WindowsEventsTable();
  for (size_t row = 0; row < table.rows(); ++row) {
    const auto number = [&](std::string_view column) {
      return std::strtoull(table.At(row, column).c_str(), nullptr, 0);
    };
    EventType type;
    type.log = table.At(row, "log");
    type.provider = table.At(row, "provider");
    type.guid = table.At(row, "guid");
    type.source = table.At(row, "source");
    type.body = table.At(row, "body");
    type.id = static_cast<uint16_t>(number("id"));
    type.task = static_cast<uint16_t>(number("task"));
    type.version = static_cast<uint8_t>(number("version"));
    type.level = static_cast<uint8_t>(number("level"));
    type.opcode = static_cast<uint8_t>(number("opcode"));
    type.keywords = number("keywords");
    for (const auto& [log, channel] : kChannels) {
      if (log == type.log) type.channel = channel;
    }
    for (const std::string& field : Split(table.At(row, "fields"), ' ')) type.fields.push_back(ReadField(field));
    auto key = std::make_pair(type.log, type.id);
    types.emplace(std::move(key), std::move(type));
  }
  return types;
}

}  // namespace

const EventType& WindowsEvent(std::string_view log, uint16_t id) {
  static const Types types = ReadTypes();
  const auto found = types.find(std::make_pair(std::string(log), id));
  if (found == types.end()) {
    std::fprintf(stderr, "spoor: the scenario knows no event %u of %s\n", id, std::string(log).c_str());
    std::abort();
  }
  return found->second;
}

LogEvent MakeEvent(const EventType& type, FieldValues values) {
  LogEvent event;
  event.type = &type;
  event.values.reserve(type.fields.size());
  size_t used = 0;
  for (const EventField& field : type.fields) {
    std::string value = field.fallback;
    for (auto& [name, given] : values) {
      if (name == field.name) value = std::move(given), ++used;
    }
    event.values.push_back(std::move(value));
  }
  if (used != values.size()) {
    std::fprintf(stderr, "spoor: event %u of %s has not all fields it is given\n", type.id, type.log.c_str());
    std::abort();
  }
  return event;
}

}  // namespace spoor::demo
