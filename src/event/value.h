// One value of an event, where it lies, in the form the evidence has it.
//
// The type numbers below 0x40 are those of Windows binary XML ([MS-EVEN6] 2.2.12 "BinXml", libevtx documentation
// "Windows XML Event Log (EVTX) format", section "Value types"), so that the reader need not translate; the
// others are spoor's own for text formats. kArrayFlag marks an array of the type below it: fixed-size elements lie
// side by side, texts are separated by their terminator; each element of a kUtf8 array has its size as 32 bits before
// it. An array without elements is no value: the field is there, and has none (null in JSON).
//
// A Value owns nothing: `data` points into the piece of evidence being read (or into the reader's scratch memory)
// and is valid until the reader is asked for its next event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spoor {

enum class ValueType : uint8_t {
  kNull = 0x00,
  kUtf16 = 0x01,  // UTF-16LE code units, `size` in bytes; may end with NULs that are no part of the text
  kAnsi = 0x02,   // bytes in a code page nobody recorded; read as Windows-1252
  kInt8 = 0x03,
  kUInt8 = 0x04,
  kInt16 = 0x05,
  kUInt16 = 0x06,
  kInt32 = 0x07,
  kUInt32 = 0x08,
  kInt64 = 0x09,
  kUInt64 = 0x0a,
  kFloat = 0x0b,   // IEEE 754 single
  kDouble = 0x0c,  // IEEE 754 double
  kBool = 0x0d,    // 32 bits, zero is false; some producers write 8 bits
  kBinary = 0x0e,
  kGuid = 0x0f,        // 16 bytes, the first three groups little-endian
  kSize = 0x10,        // 32 or 64 bits, shown in hexadecimal
  kFileTime = 0x11,    // 100 ns ticks since 1601-01-01 UTC
  kSystemTime = 0x12,  // eight 16-bit numbers, UTC
  kSid = 0x13,
  kHex32 = 0x14,
  kHex64 = 0x15,
  kHandle = 0x20,
  kBinXml = 0x21,  // never reaches an event: the reader unfolds it
  kEvtXml = 0x23,
  kUtf8 = 0x40,  // bytes of UTF-8 text, not necessarily valid
};
inline constexpr uint8_t kArrayFlag = 0x80;

struct Value {
  const uint8_t* data = nullptr;
  uint32_t size = 0;  // bytes
  ValueType type = ValueType::kNull;

  bool is_array() const { return (static_cast<uint8_t>(type) & kArrayFlag) != 0; }
  ValueType element_type() const { return static_cast<ValueType>(static_cast<uint8_t>(type) & 0x7f); }
};

// Appends the value as text (UTF-8). Integers are decimal, kHex* and kSize "0x" and lower-case hexadecimal, GUIDs
// "{XXXXXXXX-XXXX-…}" in upper case, SIDs "S-1-…", times RFC 3339 UTC with 100 ns digits, kBool "true"/"false",
// kBinary upper-case hexadecimal digits. Invalid UTF-16 becomes U+FFFD. Array elements are joined by ", ".
void AppendText(const Value& value, std::string* out);

// The value as a number, where its type is numeric.
std::optional<double> AsNumber(const Value& value);

// Appends an element to the bytes of a kUtf8 array.
void AppendUtf8Element(std::string_view text, std::string* bytes);

// Calls fn(Value) for each element of an array value, once for any other.
template <typename Fn>
void ForEachElement(const Value& value, Fn&& fn);

}  // namespace spoor

#include "event/value-inl.h"
