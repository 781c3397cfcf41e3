// Header block, chunks and records around the binary XML.
//
// A record that does not fit into its chunk any more is rolled back, the chunk is closed and the record tried
// again in a fresh one, which knows no names or templates: chunks stand alone.
#include "support/evtx_writer.h"

#include <algorithm>
#include <cstring>

namespace spoor::test {
namespace {

constexpr uint32_t kRecordMagic = 0x00002a2a;
constexpr size_t kRecordOverhead = 24 + 4;  // header, and the size again behind the binary XML
// Windows was not seen to fill a chunk to its last byte (largest free-space offset in 300 files: 65,528), and
// libevtx does not see a record that ends there.
constexpr size_t kLargestFreeSpaceOffset = kChunkBytes - 8;
constexpr uint16_t kMinorVersion = 1, kMajorVersion = 3;

template <typename T>
void Set(std::string* bytes, size_t at, T value) {
  std::memcpy(bytes->data() + at, &value, sizeof(value));
}

}  // namespace

uint32_t Crc32(std::string_view bytes, uint32_t seed) {
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
  for (unsigned char b : bytes) crc = table[(crc ^ b) & 0xff] ^ (crc >> 8);
  return ~crc;
}

bool EvtxWriter::TryAdd(const Record& record, absl::Status* status) {
  places_.push_back({record.number, chunk_.size()});
  chunk_.Mark();
  const size_t start = chunk_.size();
  chunk_.U32(kRecordMagic);
  chunk_.U32(0);
  chunk_.U64(record.number);
  chunk_.U64(record.time);
  *status = chunk_.AppendRecordXml(record.event, record.form);
  while ((chunk_.size() - start + 4) % 8 != 0) chunk_.U8(0);
  const uint32_t size = static_cast<uint32_t>(chunk_.size() - start + 4);
  chunk_.U32(size);
  chunk_.SetU32(start + 4, size);
  if (status->ok() && chunk_.size() <= kLargestFreeSpaceOffset) return true;
  chunk_.Rollback();
  places_.pop_back();
  return false;
}

absl::Status EvtxWriter::Add(const Record& record) {
  if (options_.records_per_chunk && places_.size() >= *options_.records_per_chunk) EndChunk();
  absl::Status status;
  bool done = TryAdd(record, &status);
  if (!done && status.ok() && !places_.empty()) {
    EndChunk();
    done = TryAdd(record, &status);
  }
  if (!done) {
    return status.ok() ? absl::InvalidArgumentError("the event is larger than a chunk (65,024 bytes)") : status;
  }
  ++records_;
  if (!live_) last_number_ = record.number;
  return absl::OkStatus();
}

void EvtxWriter::BeginSlack(size_t gap) {
  if (!live_) {
    live_ = Live{places_.size(), chunk_.size(), chunk_.name_buckets(), chunk_.template_buckets()};
  }
  chunk_.bytes().append(std::min(gap, kChunkBytes - chunk_.size()), '\0');
}

void EvtxWriter::EndChunk() {
  if (places_.empty()) return;
  if (!live_) BeginSlack();
  const size_t live = live_->records;
  const size_t free_at = live_->end;
  std::string& bytes = chunk_.bytes();
  bytes.resize(kChunkBytes);

  std::memcpy(bytes.data(), "ElfChnk\0", 8);
  const bool empty = live == 0;
  const uint64_t first = empty ? 1 : places_.front().number;
  const uint64_t last = empty ? ~uint64_t{0} : places_[live - 1].number;
  Set<uint64_t>(&bytes, 8, first);
  Set<uint64_t>(&bytes, 16, last);
  Set<uint64_t>(&bytes, 24, empty ? ~uint64_t{0} : first);
  Set<uint64_t>(&bytes, 32, last);
  Set<uint32_t>(&bytes, 40, 128);
  Set<uint32_t>(&bytes, 44, empty ? 0 : static_cast<uint32_t>(places_[live - 1].offset));
  Set<uint32_t>(&bytes, 48, static_cast<uint32_t>(free_at));
  const std::string_view view = bytes;
  Set<uint32_t>(&bytes, 52, Crc32(view.substr(kChunkHeaderBytes, free_at - kChunkHeaderBytes)));
  Set<uint32_t>(&bytes, 120, 1);
  std::memcpy(bytes.data() + 128, live_->names.data(), sizeof(live_->names));
  std::memcpy(bytes.data() + 384, live_->templates.data(), sizeof(live_->templates));
  Set<uint32_t>(&bytes, 124, Crc32(view.substr(128, 384), Crc32(view.substr(0, 120))));

  chunks_ += bytes;
  chunk_ = ChunkBuilder();
  places_.clear();
  live_.reset();
}

std::string EvtxWriter::Finish() {
  EndChunk();
  const size_t count = chunks_.size() / kChunkBytes;
  std::string file(kFileHeaderBytes, '\0');
  std::memcpy(file.data(), "ElfFile\0", 8);
  const bool unwritten = options_.header_unwritten;
  Set<uint64_t>(&file, 8, 0);
  Set<uint64_t>(&file, 16, unwritten || count == 0 ? 0 : count - 1);
  Set<uint64_t>(&file, 24, unwritten ? 1 : last_number_ + 1);
  Set<uint32_t>(&file, 32, 128);
  Set<uint16_t>(&file, 36, kMinorVersion);
  Set<uint16_t>(&file, 38, kMajorVersion);
  Set<uint16_t>(&file, 40, kFileHeaderBytes);
  Set<uint16_t>(&file, 42, options_.chunk_count.value_or(static_cast<uint16_t>(unwritten ? 1 : count)));
  Set<uint32_t>(&file, 120, (options_.dirty ? 1u : 0u) | (options_.full ? 2u : 0u));
  Set<uint32_t>(&file, 124, Crc32(std::string_view(file).substr(0, 120)));
  file += chunks_;
  file.append(options_.empty_chunks * kChunkBytes, '\0');
  return file;
}

}  // namespace spoor::test
