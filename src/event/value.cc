#include "event/value.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "base/time.h"

namespace spoor {
namespace {

constexpr char kUpper[] = "0123456789ABCDEF";

template <typename T>
void AppendInteger(T v, std::string* out) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  out->append(buffer, end);
}

void AppendHex(uint64_t v, std::string* out) {
  char buffer[24] = {'0', 'x'};
  const auto end = std::to_chars(buffer + 2, buffer + sizeof buffer, v, 16).ptr;
  out->append(buffer, end);
}

void AppendHexBytes(const uint8_t* data, size_t size, std::string* out) {
  for (size_t i = 0; i < size; ++i) {
    out->push_back(kUpper[data[i] >> 4]);
    out->push_back(kUpper[data[i] & 15]);
  }
}

void AppendGuid(const uint8_t* d, std::string* out) {
  // Data1, Data2 and Data3 are little-endian, the rest is bytes in order ([MS-DTYP] 2.3.4.2).
  static constexpr int8_t kOrder[] = {3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15};
  out->push_back('{');
  for (const int8_t i : kOrder) {
    if (i < 0) {
      out->push_back('-');
    } else {
      out->push_back(kUpper[d[i] >> 4]);
      out->push_back(kUpper[d[i] & 15]);
    }
  }
  out->push_back('}');
}

// S-revision-authority-sub… ([MS-DTYP] 2.4.2.1): the authority is 48 bits big-endian, the rest 32 bits little-endian.
void AppendSid(const uint8_t* d, size_t size, std::string* out) {
  if (size < 8 || size < 8 + 4u * d[1]) {
    AppendHexBytes(d, size, out);
    return;
  }
  out->append("S-");
  AppendInteger(static_cast<unsigned>(d[0]), out);
  uint64_t authority = 0;
  for (int i = 2; i < 8; ++i) authority = authority << 8 | d[i];
  out->push_back('-');
  AppendInteger(authority, out);
  for (unsigned i = 0; i < d[1]; ++i) {
    out->push_back('-');
    AppendInteger(Load32(d + 8 + size_t{4} * i), out);
  }
}

void AppendReal(double v, std::string* out) {
  char buffer[40];
  const int n = std::snprintf(buffer, sizeof buffer, "%f", v);
  if (n > 0 && n < static_cast<int>(sizeof buffer)) {
    out->append(buffer, n);
  } else {
    out->append(buffer, std::snprintf(buffer, sizeof buffer, "%g", v));
  }
}

uint64_t LoadUpTo8(const uint8_t* data, size_t size) {
  uint64_t v = 0;
  std::memcpy(&v, data, size < 8 ? size : 8);
  return v;
}

int64_t SignExtend(uint64_t v, size_t size) {
  if (size >= 8) return static_cast<int64_t>(v);
  const int shift = 64 - 8 * static_cast<int>(size);
  return shift == 64 ? 0 : static_cast<int64_t>(v << shift) >> shift;
}

void AppendScalar(const Value& value, std::string* out) {
  const uint8_t* d = value.data;
  const size_t size = value.size;
  if (value.type == ValueType::kNull) return;
  // A fixed-size type of another size is a producer's slip or damage: integers are read as wide as they are, the
  // rest is shown as bytes.
  const uint32_t want = FixedSize(value.type);
  switch (value.type) {
    case ValueType::kUtf16:
    case ValueType::kEvtXml: {
      size_t n = size & ~size_t{1};
      while (n >= 2 && Load16(d + n - 2) == 0) n -= 2;
      AppendUtf16(d, n, out);
      return;
    }
    case ValueType::kAnsi: {
      size_t n = size;
      while (n > 0 && d[n - 1] == 0) --n;
      AppendAnsi(d, n, out);
      return;
    }
    case ValueType::kUtf8:
      AppendValidUtf8(AsText(d, size), out);
      return;
    case ValueType::kInt8:
    case ValueType::kInt16:
    case ValueType::kInt32:
    case ValueType::kInt64:
      if (size == 0 || size > 8) break;
      AppendInteger(SignExtend(LoadUpTo8(d, size), size), out);
      return;
    case ValueType::kUInt8:
    case ValueType::kUInt16:
    case ValueType::kUInt32:
    case ValueType::kUInt64:
      if (size == 0 || size > 8) break;
      AppendInteger(LoadUpTo8(d, size), out);
      return;
    case ValueType::kHex32:
    case ValueType::kHex64:
    case ValueType::kSize:
    case ValueType::kHandle:
      if (size == 0 || size > 8) break;
      AppendHex(LoadUpTo8(d, size), out);
      return;
    case ValueType::kBool:
      if (size == 0 || size > 8) break;
      out->append(LoadUpTo8(d, size) != 0 ? "true" : "false");
      return;
    case ValueType::kFloat:
      if (size != want) break;
      {
        float f;
        std::memcpy(&f, d, 4);
        AppendReal(f, out);
      }
      return;
    case ValueType::kDouble:
      if (size != want) break;
      {
        double f;
        std::memcpy(&f, d, 8);
        AppendReal(f, out);
      }
      return;
    case ValueType::kGuid:
      if (size != want) break;
      AppendGuid(d, out);
      return;
    case ValueType::kFileTime:
      if (size != want) break;
      AppendFileTime(Load64(d), out);
      return;
    case ValueType::kSystemTime: {
      if (size != want) break;
      const auto t = FromSystemTime(d);
      if (!t) break;
      AppendTime(*t, out);
      return;
    }
    case ValueType::kSid:
      AppendSid(d, size, out);
      return;
    default:
      break;
  }
  AppendHexBytes(d, size, out);
}

}  // namespace

void AppendText(const Value& value, std::string* out) {
  if (!value.is_array()) {
    AppendScalar(value, out);
    return;
  }
  bool first = true;
  ForEachElement(value, [&](const Value& element) {
    if (!first) out->append(", ");
    first = false;
    AppendScalar(element, out);
  });
}

void AppendUtf8Element(std::string_view text, std::string* bytes) {
  const auto size = static_cast<uint32_t>(text.size());
  bytes->append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes->append(text);
}

std::optional<double> AsNumber(const Value& value) {
  const size_t size = value.size;
  if (size == 0 || size > 8) return std::nullopt;
  switch (value.type) {
    case ValueType::kInt8:
    case ValueType::kInt16:
    case ValueType::kInt32:
    case ValueType::kInt64:
      return static_cast<double>(SignExtend(LoadUpTo8(value.data, size), size));
    case ValueType::kUInt8:
    case ValueType::kUInt16:
    case ValueType::kUInt32:
    case ValueType::kUInt64:
    case ValueType::kHex32:
    case ValueType::kHex64:
    case ValueType::kSize:
    case ValueType::kHandle:
      return static_cast<double>(LoadUpTo8(value.data, size));
    case ValueType::kFloat: {
      if (size != 4) return std::nullopt;
      float f;
      std::memcpy(&f, value.data, 4);
      return f;
    }
    case ValueType::kDouble: {
      if (size != 8) return std::nullopt;
      double f;
      std::memcpy(&f, value.data, 8);
      return f;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace spoor
