#pragma once

#include "base/bytes.h"

namespace spoor {

// Bytes of one element of a fixed-size type; 0 for types without a fixed size.
inline uint32_t FixedSize(ValueType type) {
  switch (type) {
    case ValueType::kInt8:
    case ValueType::kUInt8:
      return 1;
    case ValueType::kInt16:
    case ValueType::kUInt16:
      return 2;
    case ValueType::kInt32:
    case ValueType::kUInt32:
    case ValueType::kFloat:
    case ValueType::kBool:
    case ValueType::kHex32:
      return 4;
    case ValueType::kInt64:
    case ValueType::kUInt64:
    case ValueType::kDouble:
    case ValueType::kFileTime:
    case ValueType::kHex64:
    case ValueType::kSize:
      return 8;
    case ValueType::kGuid:
    case ValueType::kSystemTime:
      return 16;
    default:
      return 0;
  }
}

template <typename Fn>
void ForEachElement(const Value& value, Fn&& fn) {
  if (!value.is_array()) {
    fn(value);
    return;
  }
  const ValueType type = value.element_type();
  const uint8_t* const end = value.data + value.size;
  if (type == ValueType::kUtf16) {
    for (const uint8_t* at = value.data; end - at >= 2;) {
      const uint8_t* stop = at;
      while (end - stop >= 2 && Load16(stop) != 0) stop += 2;
      fn(Value{at, static_cast<uint32_t>(stop - at), type});
      at = stop + 2;
      if (end - stop < 2) break;
    }
  } else if (type == ValueType::kAnsi) {
    for (const uint8_t* at = value.data; at < end;) {
      const uint8_t* stop = at;
      while (stop < end && *stop != 0) ++stop;
      fn(Value{at, static_cast<uint32_t>(stop - at), type});
      at = stop + 1;
      if (stop == end) break;
    }
  } else if (type == ValueType::kUtf8) {
    for (const uint8_t* at = value.data; end - at >= 4;) {
      const uint32_t size = Load32(at);
      at += 4;
      if (static_cast<size_t>(end - at) < size) break;
      fn(Value{at, size, type});
      at += size;
    }
  } else if (type == ValueType::kSid) {
    // A SID tells its own length: 8 bytes and 4 for each sub-authority ([MS-DTYP] 2.4.2.2).
    for (const uint8_t* at = value.data; end - at >= 8;) {
      const uint32_t size = 8 + 4 * at[1];
      if (static_cast<size_t>(end - at) < size) break;
      fn(Value{at, size, type});
      at += size;
    }
  } else if (const uint32_t size = FixedSize(type); size != 0) {
    for (const uint8_t* at = value.data; static_cast<size_t>(end - at) >= size; at += size) {
      fn(Value{at, size, type});
    }
  } else {
    fn(Value{value.data, value.size, type});
  }
}

}  // namespace spoor
