// Typed values written by people: "uint32 4242", "guid {…}", "string[] a, b", or just text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "support/binxml.h"

namespace spoor::test {

struct ParsedValue {
  TypedValue value;
  uint8_t declared = kTypeString;  // what a substitution should name; differs from value.type for null
  std::string as_text;             // for plain binary XML
  bool constant = false;           // "const …": belongs into the template, as text
};

// The grammar is in event_text.h. Text without a type is a string. `terminated` gives strings the NUL that
// some producers count in (Security logs do not, many others do).
absl::StatusOr<ParsedValue> ParseValue(std::string_view text, bool terminated = false);

// "2026-01-02T03:04:05.6789012Z" (fraction and Z optional, UTC) as FILETIME.
std::optional<uint64_t> ParseFileTime(std::string_view text);
// "500ms", "3s", "2m", "1h", "7d", "10us" as FILETIME ticks (100 ns).
std::optional<uint64_t> ParseTicks(std::string_view text);
// "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}", braces optional: 16 bytes.
std::optional<std::string> ParseGuid(std::string_view text);
// "S-1-5-21-1-2-3-500".
std::optional<std::string> ParseSid(std::string_view text);
// Decimal or 0x hexadecimal, with a minus sign where it is below zero, as 64-bit two's complement.
std::optional<uint64_t> ParseInteger(std::string_view text);
std::string_view Trim(std::string_view text);

}  // namespace spoor::test
