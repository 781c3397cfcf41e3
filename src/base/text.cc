// UTF-16 and UTF-8, and simple case folding.
//
// Log text is nearly always ASCII, so every loop here has two gears: sixteen characters at a time while all
// of them are ASCII (SSE2, the baseline of x86-64), one code point at a time otherwise. Output goes through a
// small block on the stack and is appended to the string block by block, because a std::string cannot be
// grown without being cleared first.
//
// Folding follows CaseFolding.txt of Unicode 15.0, status C and S: one code point to one code point ("ß"
// stays, the Turkish pair of dotted and dotless i stays). fold_table.inc holds it in rows {first, last,
// delta, stride}: the code points first, first + stride, … last fold to themselves plus delta. The table is
// what ICU 72's u_foldCase(c, U_FOLD_CASE_DEFAULT) says of every code point from U+0080 on, with neighbours
// of equal delta at distance one or two put into one row; tests/base/text_test.cc holds a
// checksum of ICU's answer for every code point.
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "base/bytes.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace spoor {
namespace {

constexpr char32_t kReplacement = 0xfffd;

struct FoldRow {
  uint32_t first, last;
  int32_t delta;
  uint32_t stride;
};
constexpr FoldRow kFoldRows[] = {
#include "base/fold_table.inc"
};

constexpr char32_t FoldBySearch(char32_t c) {
  const FoldRow* row = std::upper_bound(std::begin(kFoldRows), std::end(kFoldRows), c,
                                        [](char32_t value, const FoldRow& r) { return value < r.first; });
  if (row == std::begin(kFoldRows)) return c;
  --row;
  if (c > row->last || (c - row->first) % row->stride != 0) return c;
  return static_cast<char32_t>(static_cast<int64_t>(c) + row->delta);
}

// Latin, Greek, Cyrillic, Armenian, Hebrew: where nearly all folding happens, by direct look-up.
constexpr size_t kDirect = 0x600;
constexpr std::array<uint16_t, kDirect> kDirectFold = [] {
  std::array<uint16_t, kDirect> table{};
  for (char32_t c = 0; c < kDirect; ++c) {
    table[c] = static_cast<uint16_t>(c >= 'A' && c <= 'Z' ? c + 32 : FoldBySearch(c));
  }
  return table;
}();

// Encodes c at p (room for four bytes) and returns the number of bytes. Surrogates and values past U+10FFFF
// become U+FFFD.
size_t Encode(char32_t c, char* p) {
  if (c < 0x80) {
    p[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    p[0] = static_cast<char>(0xc0 | (c >> 6));
    p[1] = static_cast<char>(0x80 | (c & 0x3f));
    return 2;
  }
  if ((c >= 0xd800 && c < 0xe000) || c > 0x10ffff) c = kReplacement;
  if (c < 0x10000) {
    p[0] = static_cast<char>(0xe0 | (c >> 12));
    p[1] = static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    p[2] = static_cast<char>(0x80 | (c & 0x3f));
    return 3;
  }
  p[0] = static_cast<char>(0xf0 | (c >> 18));
  p[1] = static_cast<char>(0x80 | ((c >> 12) & 0x3f));
  p[2] = static_cast<char>(0x80 | ((c >> 6) & 0x3f));
  p[3] = static_cast<char>(0x80 | (c & 0x3f));
  return 4;
}

// Decodes the code point at p and returns its length, or 0 where the bytes are not valid UTF-8 (overlong
// forms, surrogates and values past U+10FFFF are not). REQUIRES: p < end.
size_t Decode(const unsigned char* p, const unsigned char* end, char32_t* c) {
  const unsigned lead = p[0];
  const auto tail = [&](ptrdiff_t i) { return end - p > i && (p[i] & 0xc0) == 0x80; };
  if (lead < 0x80) {
    *c = lead;
    return 1;
  }
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) {
    if (!tail(1)) return 0;
    *c = (lead & 0x1f) << 6 | (p[1] & 0x3f);
    return 2;
  }
  if (lead < 0xf0) {
    if (!tail(1) || !tail(2)) return 0;
    *c = (lead & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    return *c < 0x800 || (*c >= 0xd800 && *c < 0xe000) ? 0 : 3;
  }
  if (lead < 0xf5) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    *c = (lead & 0x07) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    return *c < 0x10000 || *c > 0x10ffff ? 0 : 4;
  }
  return 0;
}

// Output on its way: Room() before a write of up to kStep bytes at at().
class Stage {
 public:
  static constexpr size_t kStep = 16;
  explicit Stage(std::string* out) : out_(out) {}
  ~Stage() { out_->append(block_, used_); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  char* Room() {
    if (used_ + kStep > sizeof block_) {
      out_->append(block_, used_);
      used_ = 0;
    }
    return block_ + used_;
  }
  void Wrote(size_t bytes) { used_ += bytes; }
  void Put(char32_t c) { Wrote(Encode(c, Room())); }

 private:
  std::string* out_;
  size_t used_ = 0;
  char block_[512];
};

#ifdef __SSE2__
// Lower case of sixteen ASCII bytes.
inline __m128i LowerAscii(__m128i v) {
  const __m128i upper =
      _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('A' - 1)), _mm_cmplt_epi8(v, _mm_set1_epi8('Z' + 1)));
  return _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
}

inline bool AllBelow0x80(__m128i units) {
  const __m128i high = _mm_and_si128(units, _mm_set1_epi16(static_cast<int16_t>(0xff80)));
  return _mm_movemask_epi8(_mm_cmpeq_epi16(high, _mm_setzero_si128())) == 0xffff;
}
#endif

// Where the ASCII that begins at `at` ends.
size_t AsciiRun(std::string_view text, size_t at) {
#ifdef __SSE2__
  for (; text.size() - at >= 16; at += 16) {
    const int high = _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at)));
    if (high != 0) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(high)));
  }
#endif
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

// Copies whole blocks of ASCII from *p, as far as they go. `units` is moved down with it.
template <bool kFold>
inline void CopyAsciiUnits(const uint8_t** p, size_t* units, Stage* stage) {
#ifdef __SSE2__
  while (*units >= 16) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(*p));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(*p + 16));
    if (!AllBelow0x80(_mm_or_si128(low, high))) return;
    __m128i bytes = _mm_packus_epi16(low, high);
    if (kFold) bytes = LowerAscii(bytes);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(stage->Room()), bytes);
    stage->Wrote(16);
    *p += 32;
    *units -= 16;
  }
  if (*units >= 8) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(*p));
    if (!AllBelow0x80(low)) return;
    __m128i bytes = _mm_packus_epi16(low, low);
    if (kFold) bytes = LowerAscii(bytes);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(stage->Room()), bytes);
    stage->Wrote(8);
    *p += 16;
    *units -= 8;
  }
#else
  (void)p, (void)units, (void)stage;
#endif
}

template <bool kFold>
void Transcode(const uint8_t* p, size_t bytes, std::string* out) {
  size_t units = bytes / 2;
  Stage stage(out);
  while (units > 0) {
    CopyAsciiUnits<kFold>(&p, &units, &stage);
    // A few by hand, then the fast gear is tried again.
    for (int i = 0; i < 8 && units > 0; ++i) {
      char32_t c = Load16(p);
      p += 2;
      --units;
      if (c >= 0xd800 && c < 0xdc00 && units > 0) {
        const char32_t low = Load16(p);
        if (low >= 0xdc00 && low < 0xe000) {
          c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
          p += 2;
          --units;
        }
      }
      stage.Put(kFold ? FoldCodePoint(c) : c);  // what is still a surrogate is encoded as U+FFFD
    }
  }
}

// What the bytes 0x80..0x9f mean in Windows-1252. The five that mean nothing are C1 controls, as Windows has
// it.
constexpr char16_t kAnsiHigh[32] = {0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
                                    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

}  // namespace

size_t FindText(std::string_view text, std::string_view what, size_t from) {
#ifdef __SSE2__
  if (what.size() < 2 || text.size() < from || text.size() - from < what.size()) return text.find(what, from);
  const size_t between = what.size() - 1;
  const size_t last_place = text.size() - what.size();
  const __m128i first = _mm_set1_epi8(what.front()), last = _mm_set1_epi8(what.back());
  const char* const p = text.data();
  size_t at = from;
  for (; at + 15 <= last_place; at += 16) {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at + between));
    auto places =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last))));
    for (; places != 0; places &= places - 1) {
      const size_t place = at + static_cast<size_t>(__builtin_ctz(places));
      if (std::memcmp(p + place + 1, what.data() + 1, between - 1) == 0) return place;
    }
  }
  for (; at <= last_place; ++at) {
    if (p[at] == what.front() && std::memcmp(p + at, what.data(), what.size()) == 0) return at;
  }
  return std::string_view::npos;
#else
  return text.find(what, from);
#endif
}

size_t FindLastText(std::string_view text, std::string_view what, size_t from) {
  if (what.empty() || what.size() > text.size()) return text.rfind(what, from);
  size_t room = std::min(from, text.size() - what.size()) + 1;
  while (room > 0) {
    const void* const found = memrchr(text.data(), what.front(), room);
    if (found == nullptr) break;
    const auto place = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    if (std::memcmp(text.data() + place, what.data(), what.size()) == 0) return place;
    room = place;
  }
  return std::string_view::npos;
}

bool IsAscii(std::string_view text) { return AsciiRun(text, 0) == text.size(); }

void AppendUtf16(const uint8_t* data, size_t bytes, std::string* out) { Transcode<false>(data, bytes, out); }

void AppendUtf16Folded(const uint8_t* data, size_t bytes, std::string* out) { Transcode<true>(data, bytes, out); }

void AppendAnsi(const uint8_t* data, size_t bytes, std::string* out) {
  Stage stage(out);
  size_t i = 0;
  while (i < bytes) {
#ifdef __SSE2__
    while (bytes - i >= 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + i));
      if (_mm_movemask_epi8(v) != 0) break;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(stage.Room()), v);
      stage.Wrote(16);
      i += 16;
    }
#endif
    for (int n = 0; n < 16 && i < bytes; ++n, ++i) {
      const uint8_t b = data[i];
      stage.Put(b >= 0x80 && b < 0xa0 ? kAnsiHigh[b - 0x80] : b);
    }
  }
}

char32_t FoldCodePoint(char32_t c) { return c < kDirect ? kDirectFold[c] : FoldBySearch(c); }

void AppendFolded(std::string_view utf8, std::string* out) {
  const auto* p = reinterpret_cast<const unsigned char*>(utf8.data());
  const unsigned char* const end = p + utf8.size();
  Stage stage(out);
  while (p < end) {
#ifdef __SSE2__
    while (end - p >= 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      if (_mm_movemask_epi8(v) != 0) break;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(stage.Room()), LowerAscii(v));
      stage.Wrote(16);
      p += 16;
    }
    // What is left, if it is ASCII too, as part of a block.
    if (const auto left = static_cast<size_t>(end - p); left < 16) {
      char block[16] = {};
      std::memcpy(block, p, left);
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
      if (_mm_movemask_epi8(v) == 0) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(stage.Room()), LowerAscii(v));
        stage.Wrote(left);
        return;
      }
    }
#endif
    for (int i = 0; i < 16 && p < end; ++i) {
      char32_t c;
      const size_t length = Decode(p, end, &c);
      if (length == 0) {
        *stage.Room() = static_cast<char>(*p++);
        stage.Wrote(1);
      } else {
        stage.Put(FoldCodePoint(c));
        p += length;
      }
    }
  }
}

std::string Folded(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  AppendFolded(utf8, &out);
  return out;
}

void AppendUtf8(char32_t c, std::string* out) {
  char bytes[4];
  out->append(bytes, Encode(c, bytes));
}

char32_t DecodeUtf8(std::string_view utf8, size_t* pos) {
  const auto* p = reinterpret_cast<const unsigned char*>(utf8.data());
  char32_t c;
  const size_t length = Decode(p + *pos, p + utf8.size(), &c);
  *pos += length == 0 ? 1 : length;
  return length == 0 ? kReplacement : c;
}

void AppendValidUtf8(std::string_view text, std::string* out) {
  size_t clean = 0;  // start of what is valid and not yet copied
  size_t pos = 0;
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  while ((pos = AsciiRun(text, pos)) < text.size()) {
    char32_t c;
    const size_t length = Decode(p + pos, p + text.size(), &c);
    if (length == 0) {
      out->append(text, clean, pos - clean);
      AppendUtf8(kReplacement, out);
      clean = ++pos;
    } else {
      pos += length;
    }
  }
  out->append(text, clean, pos - clean);
}

std::string AsciiLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

bool EqualsIgnoreAsciiCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace spoor
