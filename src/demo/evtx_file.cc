#include "demo/evtx_file.h"

#include <cstring>

#include "base/message.h"
#include "demo/file.h"

namespace spoor::demo {
namespace {

// A record that ends at the chunk's last byte is not seen by every reader; Windows leaves some room, too.
constexpr size_t kLargestChunk = kChunkBytes - 8;
constexpr uint64_t kTicksAt1970 = 116444736000000000;

uint32_t Crc32(std::string_view bytes, uint32_t seed = 0) {
  static const auto table = [] {
    std::array<uint32_t, 256> t{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = (c & 1) != 0 ? 0xedb88320u ^ (c >> 1) : c >> 1;
      t[i] = c;
    }
    return t;
  }();
  uint32_t crc = ~seed;
  for (const char b : bytes) crc = table[(crc ^ static_cast<uint8_t>(b)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

template <typename T>
void Set(std::string* bytes, size_t at, T value) {
  std::memcpy(bytes->data() + at, &value, sizeof value);
}

template <typename T>
void Append(T value, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

bool EvtxFile::TryAdd(const LogEvent& event, int64_t time) {
  xml_.Mark();
  std::string& bytes = xml_.bytes();
  const size_t start = bytes.size();
  // Ticks of 100 ns; the last digit, which a microsecond does not have, is made of the record's number.
  const uint64_t ticks = static_cast<uint64_t>(time) * 10 + kTicksAt1970 + next_ % 10;
  Append<uint32_t>(0x00002a2a, &bytes);
  Append<uint32_t>(0, &bytes);
  Append<uint64_t>(next_, &bytes);
  Append<uint64_t>(ticks, &bytes);
  if (!xml_.Append(event, {next_, ticks})) return false;
  while ((bytes.size() - start + 4) % 8 != 0) bytes += '\0';
  const auto size = static_cast<uint32_t>(bytes.size() - start + 4);
  Append<uint32_t>(size, &bytes);
  Set<uint32_t>(&bytes, start + 4, size);
  if (bytes.size() > kLargestChunk) {
    xml_.Rollback();
    return false;
  }
  last_record_at_ = start;
  return true;
}

absl::StatusOr<uint64_t> EvtxFile::Add(const LogEvent& event, int64_t time) {
  if (first_in_chunk_ == 0) first_in_chunk_ = next_;
  if (!TryAdd(event, time)) {
    if (absl::Status status = EndChunk(); !status.ok()) return status;
    first_in_chunk_ = next_;
    if (!TryAdd(event, time)) return absl::InternalError(Cat(path_, ": an event does not fit into a chunk"));
  }
  ++records_;
  return next_++;
}

absl::Status EvtxFile::EndChunk() {
  if (first_in_chunk_ == 0 || first_in_chunk_ == next_) return absl::OkStatus();
  std::string& bytes = xml_.bytes();
  const size_t end = bytes.size();
  bytes.resize(kChunkBytes);
  std::memcpy(bytes.data(), "ElfChnk\0", 8);
  for (const size_t at : {8, 24}) {
    Set<uint64_t>(&bytes, at, first_in_chunk_);
    Set<uint64_t>(&bytes, at + 8, next_ - 1);
  }
  Set<uint32_t>(&bytes, 40, 128);
  Set<uint32_t>(&bytes, 44, static_cast<uint32_t>(last_record_at_));
  Set<uint32_t>(&bytes, 48, static_cast<uint32_t>(end));
  Set<uint32_t>(&bytes, 52, Crc32(std::string_view(bytes).substr(kChunkHeaderBytes, end - kChunkHeaderBytes)));
  Set<uint32_t>(&bytes, 120, 1);
  std::memcpy(bytes.data() + 128, xml_.name_buckets().data(), 256);
  std::memcpy(bytes.data() + 384, xml_.template_buckets().data(), 128);
  const std::string_view view = bytes;
  Set<uint32_t>(&bytes, 124, Crc32(view.substr(128, 384), Crc32(view.substr(0, 120))));

  ++chunks_;
  absl::Status status = chunks_ == 1 ? WriteNew(path_, std::string(4096, '\0') + bytes) : AppendTo(path_, bytes);
  xml_.Reset();
  first_in_chunk_ = 0;
  return status;
}

std::string EvtxFile::FileHeader() const {
  std::string header(4096, '\0');
  std::memcpy(header.data(), "ElfFile\0", 8);
  Set<uint64_t>(&header, 8, 0);
  Set<uint64_t>(&header, 16, chunks_ - 1);
  Set<uint64_t>(&header, 24, next_);
  Set<uint32_t>(&header, 32, 128);
  Set<uint16_t>(&header, 36, 1);
  Set<uint16_t>(&header, 38, 3);
  Set<uint16_t>(&header, 40, 4096);
  Set<uint16_t>(&header, 42, static_cast<uint16_t>(chunks_));
  Set<uint32_t>(&header, 124, Crc32(std::string_view(header).substr(0, 120)));
  return header;
}

absl::Status EvtxFile::Close() {
  if (records_ == 0) return absl::OkStatus();
  if (absl::Status status = EndChunk(); !status.ok()) return status;
  return WriteAt(path_, 0, FileHeader());
}

}  // namespace spoor::demo
