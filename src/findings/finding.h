// What spoor says about one event and one rule, before a writer gives it a form.
//
// A Finding owns nothing; every view in it lives as long as the event and the rule it was made from, that is
// until the next event is read. A writer that keeps it must render it first. Field order and names of the
// JSON form are the contract in docs/findings.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sigma/rule.h"

namespace spoor {

struct Matched {
  std::string_view field;    // by its Sigma name
  std::string_view value;    // the value as text
  std::string_view pattern;  // as sigma::Describe has it
};

struct FieldText {
  std::string_view name, value;
};

// One of the events that together make a finding of a correlation.
struct EventPlace {
  int64_t time = 0;
  const sigma::Rule* rule = nullptr;  // that matched it
  std::string_view path;              // of the evidence file
  uint64_t record = 0, offset = 0;
};

struct Finding {
  int64_t time = 0;  // microseconds since 1970-01-01 UTC
  const sigma::Rule* rule = nullptr;
  uint32_t rule_number = 0;     // place of the rule in its set: last key of the order
  std::string_view tenant;      // empty: left out
  std::string_view host, user;  // empty: left out
  std::string_view source;      // "windows/sysmon"
  std::optional<uint32_t> event_id;
  uint64_t record = 0;    // the record's own number, else its line number
  uint32_t file = 0;      // number of the evidence file: files are numbered in order of path
  std::string_view path;  // of the evidence file
  uint64_t offset = 0;    // bytes from the start of the file to the record
  bool carved = false;    // found in slack space
  std::vector<Matched> matched;
  std::vector<FieldText> event;    // in the event's own order; of a correlation, its group
  std::vector<EventPlace> events;  // of a correlation: those of its window, in order; else empty
};

}  // namespace spoor
