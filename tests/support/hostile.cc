// See hostile.h. Random numbers are mt19937_64's, which every standard library makes the same.
#include "support/hostile.h"

#include <lzma.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "base/hash.h"
#include "support/evtx_writer.h"

namespace spoor::test {
namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : numbers_(seed) {}
  size_t Below(size_t n) { return n == 0 ? 0 : static_cast<size_t>(numbers_() % n); }

 private:
  std::mt19937_64 numbers_;
};

// Replaces a part of a sample's text.
Variant Replaced(const std::string& text, size_t from, size_t to, std::string_view by, std::string what) {
  Variant v;
  v.what = std::move(what) + " at " + std::to_string(from);
  v.text = text;
  v.text.replace(from, to - from, by);
  v.from = from;
  v.to = to;
  v.clean = by.empty() ? from == 0 || text[from - 1] == '\n' : by.back() == '\n';
  return v;
}

std::string Visible(std::string_view bytes) {
  std::string out;
  for (const char c : bytes.substr(0, 12)) {
    char digits[8];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    out += digits;
  }
  return out;
}

// What does harm where it does not belong.
constexpr std::string_view kPieces[] = {
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "<",
    "</Event>",
    ",",
    "\t",
    "\n",
    "\r",
    std::string_view("\0", 1),
    std::string_view("\0\0\0\0\0\0\0\0", 8),
    "\xff\xfe",
    "\xc3",
    "\xc0\xaf",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\x1b[2J\x1b]0;x\x07",
    "\xe2\x80\xae",
    "\x7f\x08\x08\x08",
    "%n%s%x",
    "&#x0;&#55555555555;",
};

constexpr std::string_view kNumbers[] = {
    "99999999999999999999999999999999999999",
    "1000000000000000000000000000000",
    "1e30",
    "1e999999999",
    "-1",
    "-9223372036854775808",
    "18446744073709551616",
    "00000000000000000000000000000000000000001",
    "0",
    "4294967296",
    "0x7fffffffffffffffffff",
    "NaN",
};

constexpr std::string_view kYears[] = {"30000", "0000", "-2026", "1000000000000000000000000000000", "99999", "20", ""};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits around or behind a place, but for those of the needle.
bool DigitsAt(const std::string& text, size_t at, size_t* from, size_t* to) {
  *from = text.find_first_of("0123456789", at);
  if (*from == std::string::npos) return false;
  *to = *from;
  while (*to < text.size() && IsDigit(text[*to])) ++*to;
  return *from < 6 || text.compare(*from - 6, 6, "needle") != 0;
}

std::string Number7z(uint64_t n) {
  std::string out(1, '\xff');
  for (int i = 0; i < 8; ++i) out += static_cast<char>(n >> 8 * i);
  return out;
}

std::string LittleEndian(uint64_t n, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(n >> 8 * i);
  return out;
}

// Packed with a dictionary of 1 MiB; *properties: how, as a 7z says it.
std::string PackLzma(std::string_view bytes, std::string* properties) {
  lzma_options_lzma options;
  if (lzma_lzma_preset(&options, 0)) std::abort();
  options.dict_size = 1 << 20;
  lzma_filter filters[] = {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  properties->resize(5);
  if (lzma_properties_encode(filters, reinterpret_cast<uint8_t*>(properties->data())) != LZMA_OK) std::abort();
  std::string out(bytes.size() + bytes.size() / 2 + 4096, '\0');
  size_t size = 0;
  if (lzma_raw_buffer_encode(filters, nullptr, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                             reinterpret_cast<uint8_t*>(out.data()), &size, out.size()) != LZMA_OK) {
    std::abort();
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string Needle(size_t record) { return "needle" + std::string(record < 10 ? 1 : 0, '0') + std::to_string(record); }

size_t TextSample::Begin(size_t record) const {
  size_t at = head.size();
  for (size_t i = 0; i < record; ++i) at += records[i].size();
  return at;
}

std::string TextSample::Text() const {
  std::string text = head;
  for (const std::string& record : records) text += record;
  return text + tail;
}

TextSample MakeSample(std::string name, std::string ending, std::string head,
                      const std::function<std::string(const std::string& needle, size_t number)>& make,
                      std::string tail, size_t records) {
  TextSample sample;
  sample.name = std::move(name);
  sample.ending = std::move(ending);
  sample.head = std::move(head);
  sample.tail = std::move(tail);
  for (size_t i = 0; i < records; ++i) sample.records.push_back(make(Needle(i), i));
  return sample;
}

std::vector<Variant> DamagedVariants(const TextSample& sample, size_t count, uint64_t seed) {
  const std::string text = sample.Text();
  std::vector<Variant> out;
  for (size_t i = 0; i < count; ++i) {
    Random random(seed * 1000003 + i);
    const size_t at = random.Below(text.size());
    const size_t some = std::min(text.size() - at, 1 + random.Below(random.Below(4) == 0 ? 400 : 12));
    switch (i % 6) {
      case 0:
        out.push_back(Replaced(text, at, text.size(), "", "cut off"));
        break;
      case 1: {
        const char flipped = static_cast<char>(text[at] ^ (1 << random.Below(8)));
        out.push_back(Replaced(text, at, at + 1, std::string(1, flipped), "a bit flipped"));
        break;
      }
      case 2:
        out.push_back(Replaced(text, at, at + some, "", std::to_string(some) + " bytes removed"));
        break;
      case 3:
        out.push_back(Replaced(text, at, at, text.substr(at, some), std::to_string(some) + " bytes doubled"));
        break;
      case 4: {
        const size_t other = std::min(text.size(), at + 2 * some);
        const size_t half = at + (other - at) / 2;
        out.push_back(Replaced(text, at, other, text.substr(half, other - half) + text.substr(at, half - at),
                               std::to_string(other - at) + " bytes turned round"));
        break;
      }
      case 5:
        out.push_back(Replaced(text, at, at + some, std::string(some, '\0'), std::to_string(some) + " bytes zeroed"));
        break;
    }
  }
  return out;
}

std::vector<Variant> HostileVariants(const TextSample& sample, uint64_t seed) {
  const std::string text = sample.Text();
  Random random(seed);
  std::vector<Variant> out;
  for (const std::string_view piece : kPieces) {
    const size_t at = sample.head.size() + random.Below(text.size() - sample.head.size());
    out.push_back(Replaced(text, at, at, piece, "put in " + Visible(piece)));
  }
  for (const std::string_view number : kNumbers) {
    size_t from = 0, to = 0;
    if (!DigitsAt(text, sample.head.size() + random.Below(text.size() - sample.head.size()), &from, &to)) continue;
    out.push_back(Replaced(text, from, to, number, "number " + std::string(number)));
  }
  for (const std::string_view year : kYears) {
    const size_t from = text.find("2026", sample.Begin(3 + random.Below(4)));
    if (from == std::string::npos) continue;
    out.push_back(Replaced(text, from, from + 4, year, "year " + std::string(year)));
  }
  // Between two records.
  const size_t middle = sample.Begin(sample.records.size() / 2);
  const auto between = [&](const std::string& line, const char* what, bool too_much = false) {
    out.push_back(Replaced(text, middle, middle, line + "\n", what));
    out.back().too_much = too_much;
  };
  const std::string& record = sample.records[sample.records.size() / 2 - 1];
  out.push_back(Replaced(text, middle, middle, record, "a record twice"));
  out.push_back(Replaced(text, middle - record.size(), middle, "", "a record removed"));
  between("", "an empty line");
  between(std::string(10'000, '\n'), "10,000 empty lines");
  between(std::string(100'000, ' '), "100,000 spaces");
  between(std::string(100'000, ','), "100,000 commas");
  between(std::string(100'000, '\t'), "100,000 tabs");
  between(std::string(100'000, '"'), "100,000 quotes");
  between(std::string(100'000, '\\'), "100,000 backslashes");
  between(std::string(100'000, '['), "100,000 brackets");
  between(std::string(5'000, '\0'), "5,000 zeros");
  between(std::string(2'500'000, 'x'), "a line of 2.5 million letters", true);
  std::string noise;
  for (int i = 0; i < 700; ++i) noise += static_cast<char>(random.Below(256));
  between(noise, "700 bytes of noise");
  return out;
}

std::string Utf16File(std::string_view utf8) {
  std::string out = "\xff\xfe";
  for (const char c : utf8) {
    out += c;
    out += '\0';
  }
  return out;
}

std::string SevenZipOf(std::string_view list, bool packed) {
  std::string stored, next;
  if (packed) {
    std::string properties;
    stored = PackLzma(list, &properties);
    next = "\x17";                                                        // packed list
    next += "\x06" + Number7z(0) + "\x01\x09" + Number7z(stored.size());  // packed streams
    next += '\0';
    next += std::string("\x07\x0b\x01\0\x01\x23\x03\x01\x01\x05", 10) + properties;  // one folder, one coder: LZMA
    next += "\x0c" + Number7z(list.size());
    next += std::string("\0\0", 2);
  } else {
    next = list;
  }
  std::string start = LittleEndian(stored.size(), 8) + LittleEndian(next.size(), 8) + LittleEndian(Crc32(next), 4);
  return std::string("7z\xbc\xaf\x27\x1c\0\x04", 8) + LittleEndian(Crc32(start), 4) + start + stored + next;
}

std::string SevenZipList(uint64_t files, bool names) {
  std::string list = "\x01\x05" + Number7z(files);
  const std::string bits((files + 7) / 8, '\xff');
  list += "\x0e" + Number7z(bits.size()) + bits;
  list += "\x0f" + Number7z(bits.size()) + bits;
  if (names) {
    list += "\x11" + Number7z(1 + files * 4) + '\0';
    for (uint64_t i = 0; i < files; ++i) list += std::string_view("a\0\0\0", 4);
  }
  return list + std::string("\0\0", 2);
}

}  // namespace spoor::test
