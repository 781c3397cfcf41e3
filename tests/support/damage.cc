// See damage.h. Random numbers are splitmix64, so that they are the same with every standard library.
#include "support/damage.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "support/evtx_writer.h"

namespace spoor::test {
namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  size_t Below(size_t n) { return n == 0 ? 0 : Next() % n; }

 private:
  uint64_t state_;
};

std::string ChunkAt(const std::string& file, size_t chunk) {
  return file.substr(Damager::ChunkOffset(chunk), kChunkBytes);
}

std::string Number(size_t n) { return std::to_string(n); }

}  // namespace

uint32_t Damager::Get32(size_t offset) const {
  uint32_t v = 0;
  if (offset + 4 <= file_.size()) std::memcpy(&v, file_.data() + offset, 4);
  return v;
}

Damager& Damager::FlipByte(size_t offset, uint8_t mask) {
  if (offset < file_.size()) file_[offset] = static_cast<char>(file_[offset] ^ mask);
  return *this;
}

Damager& Damager::SetByte(size_t offset, uint8_t v) {
  if (offset < file_.size()) file_[offset] = static_cast<char>(v);
  return *this;
}

Damager& Damager::Set16(size_t offset, uint16_t v) {
  if (offset + 2 <= file_.size()) std::memcpy(file_.data() + offset, &v, 2);
  return *this;
}

Damager& Damager::Set32(size_t offset, uint32_t v) {
  if (offset + 4 <= file_.size()) std::memcpy(file_.data() + offset, &v, 4);
  return *this;
}

Damager& Damager::Set64(size_t offset, uint64_t v) {
  if (offset + 8 <= file_.size()) std::memcpy(file_.data() + offset, &v, 8);
  return *this;
}

Damager& Damager::ZeroRange(size_t offset, size_t size) {
  if (offset < file_.size()) std::memset(file_.data() + offset, 0, std::min(size, file_.size() - offset));
  return *this;
}

Damager& Damager::Copy(size_t from, size_t to, size_t size) {
  if (from + size <= file_.size() && to + size <= file_.size()) {
    std::memmove(file_.data() + to, file_.data() + from, size);
  }
  return *this;
}

Damager& Damager::Truncate(size_t size) {
  file_.resize(std::min(size, file_.size()));
  return *this;
}

Damager& Damager::Append(std::string_view bytes) {
  file_.append(bytes);
  return *this;
}

Damager& Damager::SwapChunks(size_t a, size_t b) {
  assert(std::max(a, b) < chunk_count());
  std::swap_ranges(file_.begin() + static_cast<long>(ChunkOffset(a)),
                   file_.begin() + static_cast<long>(ChunkOffset(a) + (a == b ? 0 : kChunkBytes)),
                   file_.begin() + static_cast<long>(ChunkOffset(b)));
  return *this;
}

Damager& Damager::RemoveChunk(size_t chunk) {
  assert(chunk < chunk_count());
  file_.erase(ChunkOffset(chunk), kChunkBytes);
  return *this;
}

Damager& Damager::SetLengthMax(size_t chunk, size_t record) {
  const size_t at = RecordOffset(chunk, record);
  const size_t copy = at + Get32(at + 4) - 4;
  Set32(at + 4, 0xffffffff);
  if (copy < ChunkOffset(chunk + 1)) Set32(copy, 0xffffffff);
  return *this;
}

Damager& Damager::SetFreeSpaceOffset(size_t chunk, uint32_t v) { return Set32(ChunkOffset(chunk) + 48, v); }

Damager& Damager::FixChecksums(size_t chunk) {
  assert(chunk < chunk_count());
  const size_t at = ChunkOffset(chunk);
  const std::string_view view = std::string_view(file_).substr(at, kChunkBytes);
  const size_t end = std::clamp<size_t>(Get32(at + 48), kChunkHeaderBytes, kChunkBytes);
  Set32(at + 52, Crc32(view.substr(kChunkHeaderBytes, end - kChunkHeaderBytes)));
  return Set32(at + 124, Crc32(view.substr(128, 384), Crc32(view.substr(0, 120))));
}

Damager& Damager::FixFileHeaderChecksum() { return Set32(124, Crc32(std::string_view(file_).substr(0, 120))); }

size_t Damager::chunk_count() const {
  return file_.size() < kFileHeaderBytes ? 0 : (file_.size() - kFileHeaderBytes) / kChunkBytes;
}

size_t Damager::RecordOffset(size_t chunk, size_t record) const {
  size_t at = ChunkOffset(chunk) + kChunkHeaderBytes;
  for (size_t i = 0; i < record; ++i) {
    const uint32_t size = Get32(at + 4);
    if (size == 0 || at + size > file_.size()) return at;
    at += size;
  }
  return at;
}

size_t Damager::RecordCount(size_t chunk) const {
  const size_t end = ChunkOffset(chunk) + std::min<size_t>(Get32(ChunkOffset(chunk) + 48), kChunkBytes);
  size_t count = 0;
  for (size_t at = ChunkOffset(chunk) + kChunkHeaderBytes; at < end; ++count) {
    const uint32_t size = Get32(at + 4);
    if (size == 0 || Get32(at) != 0x2a2a) break;
    at += size;
  }
  return count;
}

std::vector<DamagedFile> DamagedVariants(const std::string& file, size_t count, uint64_t seed) {
  const size_t chunks = Damager(file).chunk_count();
  std::vector<DamagedFile> out;
  for (size_t i = 0; i < count; ++i) {
    Random random(seed * 1000003 + i);
    Damager damage(file);
    std::string what = "seed " + Number(seed) + ", variant " + Number(i) + ": ";
    const size_t chunk = random.Below(chunks);
    switch (chunks == 0 ? 0 : i % 5) {
      case 0: {
        const size_t size = random.Below(file.size());
        damage.Truncate(size);
        what += "cut to " + Number(size) + " bytes";
        break;
      }
      case 1: {
        const size_t flips = 1 + random.Below(20);
        what += "flipped bytes at";
        for (size_t k = 0; k < flips; ++k) {
          const size_t at = random.Below(file.size());
          damage.FlipByte(at, static_cast<uint8_t>(1 + random.Below(255)));
          what += " " + Number(at);
        }
        break;
      }
      case 2: {
        const size_t other = random.Below(chunks);
        damage.SwapChunks(chunk, other);
        what += "chunks " + Number(chunk) + " and " + Number(other) + " swapped";
        break;
      }
      case 3: {
        const size_t at = random.Below(file.size());
        const size_t size = 1 + random.Below(random.Below(4) == 0 ? 3 * kChunkBytes : 4096);
        damage.ZeroRange(at, size);
        what += Number(size) + " bytes zeroed at " + Number(at);
        break;
      }
      case 4: {
        const size_t record = random.Below(damage.RecordCount(chunk));
        damage.SetLengthMax(chunk, record);
        const bool fixed = random.Below(2) == 0;  // half of them with a checksum that agrees
        if (fixed) damage.FixChecksums(chunk);
        what += "length of record " + Number(record) + " of chunk " + Number(chunk) + " at its maximum" +
                (fixed ? ", checksums fixed" : "");
        break;
      }
    }
    DamagedFile variant{damage.bytes(), what, {}};
    for (size_t now = 0; now < damage.chunk_count(); ++now) {
      const std::string bytes = ChunkAt(variant.bytes, now);
      for (size_t was = 0; was < chunks; ++was) {
        // Its own place first; elsewhere only after a swap.
        const size_t candidate = (now + was) % chunks;
        if (bytes.compare(0, kChunkBytes, file, Damager::ChunkOffset(candidate), kChunkBytes) != 0) continue;
        variant.intact.push_back({candidate, Damager::ChunkOffset(now)});
        break;
      }
    }
    out.push_back(std::move(variant));
  }
  return out;
}

}  // namespace spoor::test
