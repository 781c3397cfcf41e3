// Kinds of events of Windows logs, and events as the scenario means them.
//
// Kinds are data (data/windows_events.tsv): provider, numbers, and the fields with their types. A value is kept as the
// text that a viewer shows ("0x3e7", "{…}", "S-1-5-18"); evtx_file.cc turns it into the bytes Windows stores.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spoor::demo {

struct EventField {
  std::string name, type, fallback;
};

struct EventType {
  std::string log, provider, guid, source, channel, body;
  uint16_t id = 0, task = 0;
  uint8_t version = 0, level = 0, opcode = 0;
  uint64_t keywords = 0;
  std::vector<EventField> fields;
};

// The kind of a log ("Security", "System", "Sysmon", "PowerShell") and event id. REQUIRES: there is such a row.
const EventType& WindowsEvent(std::string_view log, uint16_t id);

using FieldValues = std::vector<std::pair<std::string_view, std::string>>;

struct LogEvent {
  const EventType* type = nullptr;
  std::vector<std::string> values;  // in order of the type's fields
  uint32_t process = 0, thread = 0;
  std::string user;  // SID of <Security UserID>; "" none
};

// Fields that are not given have the type's fallback. REQUIRES: the type has all that are given.
LogEvent MakeEvent(const EventType& type, FieldValues values);

}  // namespace spoor::demo
