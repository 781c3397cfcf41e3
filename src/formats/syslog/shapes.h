// The shapes of syslog's events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/event.h"
#include "formats/syslog/programs.h"

namespace spoor::syslog {

// The values that every event has, before those of its pattern and its keys; null where a line lacks them.
enum EnvelopeField : uint8_t {
  kHost,
  kProgram,
  kPid,
  kFacility,
  kSeverity,
  kMessageId,
  kStructured,
  kRepeated,
  kMessage,
  kRaw,
  kEnvelopeFields
};

// Whether events have structured data. Then their keys begin with its ids ("[id@123") and the names behind each, up to
// "]". kEscaped: some of its values are not in the line as they are.
enum class Structured : uint8_t { kNone, kPlain, kEscaped };

// Fills in the shape of the events of a program that are of one kind (an index into its kinds; -1: none), fit one
// message rule (an index, or -1) and have these keys. Their values: those of the envelope, of the pattern, of
// structured data, of the keys.
void MakeShape(const ProgramRules& program, int kind, int message, Structured structured,
               const std::vector<std::string>& keys, Shape* shape);

}  // namespace spoor::syslog
