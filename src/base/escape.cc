// Text on its way out: as JSON, as CSV, on a terminal.
//
// Evidence is text an intruder may have chosen. Besides what each format itself demands, three kinds of
// characters are never passed on raw, because they act on whoever looks at the output: control characters
// (C0, DEL, C1: escape sequences of terminals), bidirectional controls (they make text read as what it is
// not) and the line separators U+2028 and U+2029. JSON has an escape for them that keeps the value the same;
// CSV and terminals show them as
// "\x1b" or "\u202e".
//
// JSON is the hot one: sixteen bytes at a time are copied and looked at; only at a byte that needs care is
// the copy cut short and that byte written by hand. Windows paths make the backslash the usual one.
//
// width_table.inc lists {first, last, columns} for the code points that do not take one column: none for
// general categories Mn, Me and Cf, two for East Asian Width W and F (UnicodeData.txt and EastAsianWidth.txt
// of Unicode 15.0, as ICU 72 reports them).
#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/bytes.h"
#include "base/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace spoor {
namespace {

constexpr char kHex[] = "0123456789abcdef";

struct WidthRow {
  uint32_t first, last;
  int columns;
};
constexpr WidthRow kWidthRows[] = {
#include "base/width_table.inc"
};

constexpr bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// Controls the direction or the line breaks of what is shown.
constexpr bool IsLayoutControl(char32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

// "\u" and four hex digits. All characters treated so lie in the basic plane.
size_t PutUnicodeEscape(char32_t c, char* p) {
  p[0] = '\\';
  p[1] = 'u';
  for (int i = 0; i < 4; ++i) p[2 + i] = kHex[(c >> (12 - 4 * i)) & 15];
  return 6;
}

// Writes the JSON form of the ASCII character c to p (room for 6 bytes).
inline size_t PutJsonAscii(unsigned char c, char* p) {
  p[0] = '\\';
  switch (c) {
    case '\\':
      p[1] = '\\';
      return 2;
    case '"':
      p[1] = '"';
      return 2;
    case '\n':
      p[1] = 'n';
      return 2;
    case '\r':
      p[1] = 'r';
      return 2;
    case '\t':
      p[1] = 't';
      return 2;
    case '\b':
      p[1] = 'b';
      return 2;
    case '\f':
      p[1] = 'f';
      return 2;
    default:
      if (IsControl(c)) return PutUnicodeEscape(c, p);
      p[0] = static_cast<char>(c);
      return 1;
  }
}

#ifdef __SSE2__
// The first `size` (1 to 16) bytes at p, then zeros. Reads no other bytes, in two overlapping halves.
inline __m128i LoadUpTo16(const char* p, size_t size) {
  uint64_t low = 0, high = 0;
  if (size >= 16) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  } else if (size > 8) {
    low = Load64(p);
    high = Load64(p + size - 8) >> (8 * (16 - size));
  } else if (size >= 4) {
    low = Load32(p) | static_cast<uint64_t>(Load32(p + size - 4)) << (8 * (size - 4));
  } else {
    const auto at = [p](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(p[i])); };
    low = at(0) | at(size / 2) << (8 * (size / 2)) | at(size - 1) << (8 * (size - 1));
  }
  return _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
}
#endif

// Of the first `size` (1 to 16) bytes at p, how many from the start can be copied as they are. Writes 16
// bytes to `to`.
inline size_t CopyPlain(const char* p, size_t size, char* to) {
#ifdef __SSE2__
  const __m128i v = LoadUpTo16(p, size);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), v);
  // As signed numbers everything from 0x80 on is below 0x20 too.
  const __m128i care =
      _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))),
                   _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
  const unsigned mask = static_cast<unsigned>(_mm_movemask_epi8(care)) | 0x10000u;
  return std::min<size_t>(size, static_cast<size_t>(__builtin_ctz(mask)));
#else
  size_t i = 0;
  for (; i < size; ++i) {
    const auto c = static_cast<unsigned char>(p[i]);
    if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') break;
    to[i] = p[i];
  }
  return i;
#endif
}

// Escapes from *pos on until the end of the text, or until fewer than 32 of the `room` bytes at p are left.
// Returns how many bytes were written; up to 16 more may have been scribbled over.
inline size_t EscapeJson(std::string_view utf8, size_t* at, char* p, size_t room) {
  size_t used = 0;
  size_t pos = *at;
  while (pos < utf8.size() && used + 32 <= room) {
    const size_t size = std::min<size_t>(utf8.size() - pos, 16);
    const size_t plain = CopyPlain(utf8.data() + pos, size, p + used);
    used += plain;
    pos += plain;
    if (plain == size) continue;
    const auto c = static_cast<unsigned char>(utf8[pos]);
    if (c < 0x80) {
      used += PutJsonAscii(c, p + used);
      ++pos;
      continue;
    }
    const size_t start = pos;
    const char32_t wide = DecodeUtf8(utf8, &pos);
    if (IsControl(wide) || IsLayoutControl(wide)) {
      used += PutUnicodeEscape(wide, p + used);
    } else if (pos - start == 1) {
      std::memcpy(p + used, "\xef\xbf\xbd", 3);
      used += 3;
    } else {
      std::memcpy(p + used, utf8.data() + start, pos - start);
      used += pos - start;
    }
  }
  *at = pos;
  return used;
}

}  // namespace

char* WriteJsonString(std::string_view utf8, char* p) {
  size_t pos = 0;
  *p++ = '"';
  p += EscapeJson(utf8, &pos, p, static_cast<size_t>(-1));
  *p++ = '"';
  return p;
}

void AppendJsonString(std::string_view utf8, std::string* out) {
  char block[1024];
  block[0] = '"';
  size_t used = 1;
  for (size_t pos = 0; pos < utf8.size();) {
    used += EscapeJson(utf8, &pos, block + used, sizeof block - used);
    if (pos == utf8.size() && used < sizeof block) break;
    out->append(block, used);
    used = 0;
  }
  block[used++] = '"';
  out->append(block, used);
}

std::string JsonString(std::string_view utf8) {
  std::string out;
  AppendJsonString(utf8, &out);
  return out;
}

namespace {

// Shared by terminals and CSV: `keep` names the control characters passed on as they are.
void AppendShown(std::string_view utf8, std::string_view keep, bool double_quotes, std::string* out) {
  size_t clean = 0, pos = 0;  // clean: start of what is fit to be copied and not yet copied
  while (pos < utf8.size()) {
    const size_t start = pos;
    const auto byte = static_cast<unsigned char>(utf8[pos]);
    if (byte >= 0x20 && byte < 0x7f && !(double_quotes && byte == '"')) {
      ++pos;
      continue;
    }
    const char32_t c = DecodeUtf8(utf8, &pos);
    const bool invalid = byte >= 0x80 && pos - start == 1;
    if (!invalid && !IsLayoutControl(c) &&
        (byte >= 0x20 ? !IsControl(c) && byte != '"' : keep.find(static_cast<char>(byte)) != keep.npos)) {
      continue;
    }
    out->append(utf8, clean, start - clean);
    clean = pos;
    if (invalid) {
      out->append("\xef\xbf\xbd");
    } else if (byte == '"') {
      out->append("\"\"");
    } else if (IsControl(c)) {
      const char text[] = {'\\', 'x', kHex[c >> 4], kHex[c & 15]};
      out->append(text, sizeof text);
    } else {
      char text[6];
      out->append(text, PutUnicodeEscape(c, text));
    }
  }
  out->append(utf8, clean, utf8.size() - clean);
}

}  // namespace

void AppendVisible(std::string_view utf8, std::string* out) {
  AppendShown(utf8, /*keep=*/"", /*double_quotes=*/false, out);
}

void AppendCsvField(std::string_view utf8, std::string* out) {
  const bool formula = !utf8.empty() && std::string_view("=+-@\t\r").find(utf8[0]) != std::string_view::npos;
  const bool quoted = utf8.find_first_of(",\"\r\n") != std::string_view::npos;
  if (quoted) out->push_back('"');
  if (formula) out->push_back('\'');
  AppendShown(utf8, /*keep=*/"\t\r\n", /*double_quotes=*/true, out);
  if (quoted) out->push_back('"');
}

int DisplayWidth(std::string_view utf8) {
  int columns = 0;
  for (size_t pos = 0; pos < utf8.size();) {
    const char32_t c = DecodeUtf8(utf8, &pos);
    if (c < 0x300) {
      columns += IsControl(c) ? 0 : 1;
      continue;
    }
    const WidthRow* row = std::lower_bound(std::begin(kWidthRows), std::end(kWidthRows), c,
                                           [](const WidthRow& r, char32_t value) { return r.last < value; });
    columns += row != std::end(kWidthRows) && row->first <= c ? row->columns : 1;
  }
  return columns;
}

}  // namespace spoor
