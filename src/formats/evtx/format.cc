#include "formats/evtx/format.h"

#include <libdeflate.h>

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "formats/evtx/reader.h"

namespace spoor::evtx {
namespace {

static_assert(kPieceHead == kFileHeaderSize && kPieceSize % kChunkSize == 0, "pieces are whole chunks");

class EvtxPieceReader : public PieceReader {
 public:
  explicit EvtxPieceReader(const FormatOptions& options) : reader_({options.carve, options.verify_checksums}) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    const auto [data, size, offset] = std::tuple(piece.data, piece.size, piece.offset);
    size_t at = 0;
    if (offset == 0) {
      // Nothing of the header is needed: chunks are found by position, their number in the header is often out of
      // date. A header that is not there is still worth a word.
      const size_t head = std::min(size, kFileHeaderSize);
      if (std::memcmp(data, kFileMagic, std::min<size_t>(8, head)) != 0) {
        sink->OnDamage({0, head, "evtx_file_header"});
      } else if (head < kFileHeaderSize) {
        sink->OnDamage({0, head, "evtx_file_truncated"});
      } else if (libdeflate_crc32(0, data, 120) != Load32(data + 124)) {
        sink->OnDamage({0, 128, "evtx_file_header_checksum"});
      }
      at = head;
    }
    for (; at < size; at += kChunkSize) {
      reader_.ReadChunk(data + at, std::min(kChunkSize, size - at), offset + at, sink);
    }
  }

 private:
  Reader reader_;
};

}  // namespace

const Format kFormat = {
    "evtx",
    IsEventLog,
    [](const FormatOptions& options) -> std::unique_ptr<PieceReader> {
      return std::make_unique<EvtxPieceReader>(options);
    },
};

}  // namespace spoor::evtx
