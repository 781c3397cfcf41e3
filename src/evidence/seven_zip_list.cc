#include "evidence/seven_zip_list.h"

#include <lzma.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "fmt/format.h"

namespace spoor {
namespace {

using namespace std::literals;

constexpr size_t kSignatureHeader = 32;
constexpr uint64_t kMaxCoders = 64;  // of a folder, and streams of a coder; 7-Zip has the same limit

// What parts of the list begin with.
enum Id : uint8_t {
  kEnd = 0x00,
  kHeader = 0x01,
  kArchiveProperties = 0x02,
  kMainStreamsInfo = 0x04,
  kFilesInfo = 0x05,
  kPackInfo = 0x06,
  kUnpackInfo = 0x07,
  kSubStreamsInfo = 0x08,
  kSize = 0x09,
  kCrc = 0x0a,
  kFolder = 0x0b,
  kCodersUnpackSize = 0x0c,
  kNumUnpackStream = 0x0d,
  kEncodedHeader = 0x17,
};

constexpr std::string_view kCopy("\0", 1), kLzma("\x03\x01\x01"), kLzma2("\x21"), kAes("\x06\xf1\x07\x01");

// How the first folder is packed: by one coder, if it is to be unpacked here.
struct Packing {
  std::string_view method, properties;
  uint64_t coders = 0;
  bool encrypted = false;
  uint64_t unpacked = 0;      // bytes
  uint64_t at = 0, size = 0;  // of its first stream, from the end of the signature header
};

class Walk {
 public:
  Walk(std::string_view bytes, uint64_t most)
      : in_(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()), most_(most) {}

  bool too_many() const { return too_many_; }
  const Packing& packing() const { return packing_; }

  // Behind kHeader.
  bool Header(uint64_t* files) {
    uint8_t id = in_.U8();
    if (id == kArchiveProperties) {
      while (in_.U8() != kEnd && in_.ok()) in_.Skip(Size());
      id = in_.U8();
    }
    if (id == kMainStreamsInfo) {
      if (!Streams()) return false;
      id = in_.U8();
    }
    *files = 0;
    if (id == kFilesInfo) return Count(files);
    return id == kEnd && in_.ok();
  }

  bool Streams() {
    uint8_t id = in_.U8();
    if (id == kPackInfo) {
      if (!PackInfo()) return false;
      id = in_.U8();
    }
    if (id == kUnpackInfo) {
      if (!UnpackInfo()) return false;
      id = in_.U8();
    }
    if (id == kSubStreamsInfo) {
      if (!SubStreams()) return false;
      id = in_.U8();
    }
    return id == kEnd && in_.ok();
  }

 private:
  // As many of the highest bits of the first byte are set as bytes follow; its other bits are the highest of the
  // number.
  uint64_t Number() {
    const uint8_t first = in_.U8();
    uint64_t value = 0;
    uint8_t mask = 0x80;
    for (int i = 0; i < 8; ++i, mask >>= 1) {
      if ((first & mask) == 0) return value | uint64_t{first & (mask - 1u)} << 8 * i;
      value |= uint64_t{in_.U8()} << 8 * i;
    }
    return value;
  }
  // Of bytes that follow, as a size to skip.
  size_t Size() { return static_cast<size_t>(std::min<uint64_t>(Number(), SIZE_MAX)); }
  bool Count(uint64_t* n) {
    *n = Number();
    too_many_ = in_.ok() && *n > most_;
    return in_.ok() && !too_many_;
  }

  bool Digests(uint64_t n) {
    uint64_t defined = n;
    if (in_.U8() == 0) {
      defined = 0;
      uint8_t bits = 0;
      for (uint64_t i = 0; i < n && in_.ok(); ++i, bits = static_cast<uint8_t>(bits << 1)) {
        if (i % 8 == 0) bits = in_.U8();
        defined += bits >> 7;
        defined_.push_back(bits >> 7 != 0);
      }
    } else {
      defined_.assign(n, true);
    }
    return in_.Skip(static_cast<size_t>(defined * 4)) && in_.ok();
  }

  bool PackInfo() {
    packing_.at = Number();
    uint64_t streams = 0;
    if (!Count(&streams)) return false;
    uint8_t id = in_.U8();
    if (id == kSize) {
      for (uint64_t i = 0; i < streams && in_.ok(); ++i) {
        const uint64_t size = Number();
        if (i == 0) packing_.size = size;
      }
      id = in_.U8();
    }
    if (id == kCrc) {
      defined_.clear();
      if (!Digests(streams)) return false;
      id = in_.U8();
    }
    return id == kEnd && in_.ok();
  }

  // Adds how many unpacked sizes the folder has.
  bool Folder(bool first, uint64_t* sizes) {
    const uint64_t coders = Number();
    if (coders == 0 || coders > kMaxCoders) return false;
    uint64_t in = 0, out = 0;
    for (uint64_t i = 0; i < coders && in_.ok(); ++i) {
      const uint8_t flags = in_.U8();
      if ((flags & 0x80) != 0) return false;
      const uint8_t* const id = in_.Bytes(flags & 0x0f);
      const std::string_view method = id == nullptr ? std::string_view() : AsText(id, flags & 0x0f);
      uint64_t ins = 1, outs = 1;
      if ((flags & 0x10) != 0) {
        ins = Number();
        outs = Number();
        if (ins > kMaxCoders || outs > kMaxCoders) return false;
      }
      in += ins;
      out += outs;
      std::string_view properties;
      if ((flags & 0x20) != 0) {
        const size_t size = Size();
        const uint8_t* const bytes = in_.Bytes(size);
        if (bytes != nullptr) properties = AsText(bytes, size);
      }
      if (!first) continue;
      packing_.encrypted |= method == kAes;
      packing_.method = method;
      packing_.properties = properties;
    }
    if (first) packing_.coders = coders;
    if (!in_.ok() || out == 0 || in < out - 1) return false;
    for (uint64_t i = 0; i < 2 * (out - 1); ++i) Number();
    const uint64_t packed = in - (out - 1);
    for (uint64_t i = 0; packed > 1 && i < packed; ++i) Number();
    *sizes += out;
    return in_.ok();
  }

  bool UnpackInfo() {
    if (in_.U8() != kFolder || !Count(&folders_)) return false;
    if (in_.U8() != 0) return false;  // the folders stand elsewhere
    uint64_t sizes = 0;
    for (uint64_t i = 0; i < folders_; ++i) {
      if (!Folder(i == 0, &sizes)) return false;
      too_many_ = sizes > most_ + kMaxCoders;
      if (too_many_) return false;
    }
    if (in_.U8() != kCodersUnpackSize) return false;
    for (uint64_t i = 0; i < sizes && in_.ok(); ++i) {
      const uint64_t size = Number();
      if (i == 0) packing_.unpacked = size;
    }
    uint8_t id = in_.U8();
    defined_.clear();
    if (id == kCrc) {
      if (!Digests(folders_)) return false;
      id = in_.U8();
    }
    defined_.resize(folders_, false);
    return id == kEnd && in_.ok();
  }

  bool SubStreams() {
    std::vector<uint32_t> counts(folders_, 1);
    uint8_t id = in_.U8();
    if (id == kNumUnpackStream) {
      uint64_t all = 0;
      for (uint32_t& n : counts) {
        uint64_t count = 0;
        if (!Count(&count)) return false;
        n = static_cast<uint32_t>(count);
        all += count;
        too_many_ = all > most_;
        if (too_many_) return false;
      }
      id = in_.U8();
    }
    if (id == kSize) {
      for (const uint32_t n : counts) {
        for (uint32_t i = 1; i < n && in_.ok(); ++i) Number();
      }
      id = in_.U8();
    }
    if (id == kCrc) {
      uint64_t digests = 0;
      for (size_t i = 0; i < counts.size(); ++i) digests += counts[i] != 1 || !defined_[i] ? counts[i] : 0;
      if (!Digests(digests)) return false;
      id = in_.U8();
    }
    return id == kEnd && in_.ok();
  }

  Cursor in_;
  const uint64_t most_;
  bool too_many_ = false;
  uint64_t folders_ = 0;
  std::vector<bool> defined_;  // which folders have a digest
  Packing packing_;
};

// Fewer bytes only where the source ends.
absl::StatusOr<std::vector<uint8_t>> ReadAt(const ByteSource& source, uint64_t offset, uint64_t size) {
  std::vector<uint8_t> bytes(static_cast<size_t>(std::min(size, source.size - std::min(source.size, offset))));
  for (size_t have = 0; have < bytes.size();) {
    const absl::StatusOr<size_t> n = source.read(offset + have, bytes.data() + have, bytes.size() - have);
    if (!n.ok()) return n.status();
    if (*n == 0) bytes.resize(have);
    have += *n;
  }
  return bytes;
}

absl::StatusOr<std::vector<uint8_t>> Unpack(const Packing& how, const std::vector<uint8_t>& packed) {
  if (how.method == kCopy) {
    if (how.unpacked == packed.size()) return packed;
    return absl::DataLossError("its list of contents has another size than it says");
  }
  lzma_filter filters[] = {{how.method == kLzma ? LZMA_FILTER_LZMA1 : LZMA_FILTER_LZMA2, nullptr},
                           {LZMA_VLI_UNKNOWN, nullptr}};
  if (lzma_properties_decode(filters, nullptr, reinterpret_cast<const uint8_t*>(how.properties.data()),
                             how.properties.size()) != LZMA_OK) {
    return absl::DataLossError("its list of contents is packed in a way that is unknown");
  }
  // No more is ever looked back to than was unpacked.
  auto* const options = static_cast<lzma_options_lzma*>(filters[0].options);
  options->dict_size = static_cast<uint32_t>(std::clamp<uint64_t>(
      how.unpacked, LZMA_DICT_SIZE_MIN, std::max<uint32_t>(options->dict_size, LZMA_DICT_SIZE_MIN)));
  std::vector<uint8_t> out(static_cast<size_t>(how.unpacked));
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret result = lzma_raw_decoder(&stream, filters);
  stream.next_in = packed.data();
  stream.avail_in = packed.size();
  stream.next_out = out.data();
  stream.avail_out = out.size();
  // An LZMA stream need not say where it ends: the size does.
  while (result == LZMA_OK && stream.avail_out > 0) result = lzma_code(&stream, LZMA_RUN);
  const bool whole = stream.avail_out == 0;
  lzma_end(&stream);
  std::free(options);
  if (!whole) return absl::DataLossError("its list of contents cannot be unpacked");
  return out;
}

std::string_view TextOf(const std::vector<uint8_t>& bytes) { return AsText(bytes.data(), bytes.size()); }

}  // namespace

absl::Status MeasureSevenZipList(const ByteSource& source, const SevenZipLimits& limits, SevenZipList* list) {
  *list = {};
  const auto too_long = [&] {
    return absl::ResourceExhaustedError(
        fmt::format("its list of contents is longer than {} MiB", limits.list_bytes >> 20));
  };
  const auto begin = ReadAt(source, 0, kSignatureHeader);
  if (!begin.ok()) return begin.status();
  if (begin->size() < kSignatureHeader) return absl::OkStatus();
  const uint64_t at = Load64(begin->data() + 12), size = Load64(begin->data() + 20);
  // An archive of nothing has no list, and nothing else.
  if (size == 0 && source.size > kSignatureHeader) return absl::DataLossError("its list of contents is missing");
  if (size == 0 || at >= source.size || source.size - at < kSignatureHeader + 1) return absl::OkStatus();
  if (size > limits.list_bytes) return too_long();
  auto bytes = ReadAt(source, kSignatureHeader + at, size);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() < size) return absl::OkStatus();
  list->bytes = size;
  std::vector<uint8_t> unpacked;
  if ((*bytes)[0] == kEncodedHeader) {
    Walk walk(TextOf(*bytes).substr(1), limits.entries);
    if (!walk.Streams()) return absl::DataLossError("its list of contents is damaged");
    const Packing& how = walk.packing();
    if (how.encrypted) return absl::OkStatus();
    if (how.coders != 1 || (how.method != kCopy && how.method != kLzma && how.method != kLzma2)) {
      return absl::DataLossError("its list of contents is packed in a way that is unknown");
    }
    if (how.unpacked > limits.list_bytes) return too_long();
    if (how.size > limits.list_bytes) return too_long();
    if (how.unpacked == 0 || how.at >= source.size) return absl::DataLossError("its list of contents is damaged");
    const auto packed = ReadAt(source, kSignatureHeader + how.at, how.size);
    if (!packed.ok()) return packed.status();
    auto whole = Unpack(how, *packed);
    if (!whole.ok()) return whole.status();
    unpacked = *std::move(whole);
    list->bytes = std::max(list->bytes, how.unpacked);
  }
  const std::string_view text = TextOf(unpacked.empty() ? *bytes : unpacked);
  if (text[0] != kHeader) return absl::DataLossError("its list of contents is damaged");
  Walk walk(text.substr(1), limits.entries);
  if (walk.Header(&list->files)) return absl::OkStatus();
  if (walk.too_many()) {
    return absl::ResourceExhaustedError(
        fmt::format("its list of contents says that it holds more than {} files", limits.entries));
  }
  return absl::DataLossError("its list of contents is damaged");
}

}  // namespace spoor
