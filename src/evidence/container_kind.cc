#include "evidence/container_kind.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace spoor {
namespace {

using std::string_view;
using namespace std::literals;

constexpr std::pair<string_view, string_view> kEndings[] = {
    {".gz", ""},      {".bz2", ""},      {".xz", ""},      {".zst", ""},     {".lz4", ""},      {".lz", ""},
    {".z", ""},       {".tgz", ".tar"},  {".taz", ".tar"}, {".tbz", ".tar"}, {".tbz2", ".tar"}, {".tb2", ".tar"},
    {".txz", ".tar"}, {".tzst", ".tar"}, {".tlz", ".tar"}, {".zstd", ""},    {".gzip", ""},     {".bz", ""},
};

// Digits of a base, as many as there are; others are not allowed.
bool AllDigits(string_view text, int base) {
  return std::all_of(text.begin(), text.end(), [base](char c) {
    if (base == 8) return c >= '0' && c <= '7';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

uint32_t Number(string_view digits, int base) {
  uint32_t value = 0;
  for (const char c : digits) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * base + static_cast<uint32_t>(digit);
  }
  return value;
}

// A number in a tar header: spaces, octal digits, then a space or NUL. Returns -1 for anything else.
int64_t TarOctal(string_view field) {
  size_t at = 0;
  while (at < field.size() && field[at] == ' ') ++at;
  int64_t value = 0;
  const size_t first = at;
  for (; at < field.size() && field[at] >= '0' && field[at] <= '7'; ++at) value = value * 8 + (field[at] - '0');
  if (at == first || (at < field.size() && field[at] != ' ' && field[at] != '\0')) return -1;
  return value;
}

// The checksum holds and the header has what a line of text has not. Before POSIX nothing but zeros followed byte 257.
bool IsTar(string_view head) {
  if (head.size() < 512 || head[0] == '\0') return false;
  const string_view header = head.substr(0, 512);
  int64_t sum = 8 * ' ', signed_sum = 8 * ' ';
  for (size_t i = 0; i < 512; ++i) {
    if (i >= 148 && i < 156) continue;
    sum += static_cast<uint8_t>(header[i]);
    signed_sum += static_cast<int8_t>(header[i]);
  }
  const int64_t stated = TarOctal(header.substr(148, 8));
  if (stated != sum && stated != signed_sum) return false;
  if (header.substr(257, 5) == "ustar") return header.find('\0') != header.npos;
  const bool zeros = header.substr(257).find_first_not_of('\0') == header.npos;
  return zeros && header.substr(0, 101).find('\0') != header.npos;
}

// POSIX and SVR4 archives have headers of digits, the old one of 16-bit words in the order of the machine. All of them
// are followed by a name that ends with NUL.
bool IsCpio(string_view head) {
  const auto name_ends = [head](size_t at, size_t size) {
    if (size < 2 || size > 4096 || at + size > head.size()) return false;
    return head.find('\0', at) == at + size - 1;
  };
  if (head.starts_with("070701") || head.starts_with("070702")) {
    return head.size() >= 110 && AllDigits(head.substr(0, 110), 16) && name_ends(110, Number(head.substr(94, 8), 16));
  }
  if (head.starts_with("070707")) {
    return head.size() >= 76 && AllDigits(head.substr(0, 76), 8) && name_ends(76, Number(head.substr(59, 6), 8));
  }
  if (head.starts_with("\xc7\x71"sv) || head.starts_with("\x71\xc7"sv)) {
    if (head.size() < 26) return false;
    const bool little = head[0] == '\xc7';
    const auto word = [&](size_t at) {
      const uint32_t a = static_cast<uint8_t>(head[at]), b = static_cast<uint8_t>(head[at + 1]);
      return little ? a | b << 8 : a << 8 | b;
    };
    const uint32_t type = word(6) >> 12;  // of S_IFMT: fifo, char, folder, block, file, link, socket
    const bool known = type == 1 || type == 2 || type == 4 || type == 6 || type == 8 || type == 10 || type == 12;
    return known && name_ends(26, word(20));
  }
  return false;
}

// Frames that are to be skipped may stand first (pzstd writes them), and lz4 has the same: what follows decides.
ContainerKind ZstdOrLz4(string_view head) {
  size_t at = 0;
  while (at + 8 <= head.size()) {
    const string_view magic = head.substr(at, 4);
    if (magic == "\x28\xb5\x2f\xfd"sv) return ContainerKind::kZstd;
    if (magic == "\x04\x22\x4d\x18"sv || magic == "\x02\x21\x4c\x18"sv) return ContainerKind::kLz4;
    if ((magic[0] & 0xf0) != 0x50 || magic.substr(1) != "\x2a\x4d\x18"sv) break;
    uint32_t size = 0;
    for (size_t i = 0; i < 4; ++i) size |= uint32_t{static_cast<uint8_t>(head[at + 4 + i])} << 8 * i;
    at += 8 + size_t{size};
  }
  return ContainerKind::kNone;
}

// A volume descriptor at sector 16. The 16 sectors before it are the system's own: a boot record or zeros.
bool IsIso(string_view head) {
  if (head.size() < kContainerHead || head.substr(0x8001, 5) != "CD001" || head[0x8006] != 1) return false;
  const auto type = static_cast<uint8_t>(head[0x8000]);
  const bool boot = head[510] == '\x55' && head[511] == '\xaa';
  return (type <= 3 || type == 255) && (boot || head.substr(0, 512).find_first_not_of('\0') == head.npos);
}

bool IsBzip2(string_view head) {
  if (head.size() < 10 || !head.starts_with("BZh") || head[3] < '1' || head[3] > '9') return false;
  const string_view block = head.substr(4, 6);  // pi: a block, or the square root of pi: the end
  return block == "\x31\x41\x59\x26\x53\x59"sv || block == "\x17\x72\x45\x38\x50\x90"sv;
}

}  // namespace

ContainerKind RecogniseContainer(const uint8_t* bytes, size_t size) {
  const string_view head(reinterpret_cast<const char*>(bytes), size);
  if (head.size() < 4) return ContainerKind::kNone;
  const auto byte = [&](size_t i) { return i < size ? bytes[i] : 0xff; };
  if (head.starts_with("PK\3\4"sv) || head.starts_with("PK\5\6"sv) || head.starts_with("PK\7\10PK\3\4"sv) ||
      head.starts_with("PK00PK\3\4"sv)) {
    return ContainerKind::kZip;
  }
  if (head.starts_with("\x1f\x8b\x08"sv)) return byte(3) & 0xe0 ? ContainerKind::kNone : ContainerKind::kGzip;
  if (head.starts_with("7z\xbc\xaf\x27\x1c"sv)) return ContainerKind::kSevenZip;
  if (head.starts_with("\xfd"
                       "7zXZ\0\0"sv))
    return ContainerKind::kXz;
  if (IsBzip2(head)) return ContainerKind::kBzip2;
  if (const ContainerKind kind = ZstdOrLz4(head); kind != ContainerKind::kNone) return kind;
  if (head.starts_with("LZIP") && byte(4) <= 1 && byte(5) >= 12) return ContainerKind::kLzip;
  if (head.starts_with("\x1f\x9d"sv)) {  // 9 to 16 bits a code; two flags have no meaning
    const int bits = byte(2) & 0x1f;
    return bits >= 9 && bits <= 16 && !(byte(2) & 0x60) ? ContainerKind::kCompress : ContainerKind::kNone;
  }
  if (head.starts_with("Rar!\x1a\7\0"sv)) return ContainerKind::kRar4;
  if (head.starts_with("Rar!\x1a\7\1\0"sv)) return ContainerKind::kRar5;
  if (head.starts_with("MSCF\0\0\0\0"sv)) return ContainerKind::kCab;
  if (head.starts_with("!<arch>\n") && byte(66) == '`' && byte(67) == '\n') return ContainerKind::kAr;
  if (IsTar(head)) return ContainerKind::kTar;
  if (IsCpio(head)) return ContainerKind::kCpio;
  if (IsIso(head)) return ContainerKind::kIso;
  return ContainerKind::kNone;
}

string_view ContainerName(ContainerKind kind) {
  static constexpr string_view kNames[] = {"file", "zip",  "7z",    "tar", "cpio", "ar",  "cab",  "rar",     "rar",
                                           "iso",  "gzip", "bzip2", "xz",  "zstd", "lz4", "lzip", "compress"};
  return kNames[static_cast<size_t>(kind)];
}

std::string WithoutCompressedEnding(string_view name) {
  for (const auto& [ending, instead] : kEndings) {
    if (name.size() <= ending.size()) continue;
    const size_t stem = name.size() - ending.size();
    if (EqualsIgnoreAsciiCase(name.substr(stem), ending)) return std::string(name.substr(0, stem)).append(instead);
  }
  return std::string(name);
}

}  // namespace spoor
