#include <algorithm>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "formats/format.h"

namespace spoor {
namespace {

class LineCutter : public Cutter {
 public:
  Cut Next(const uint8_t* data, size_t size, bool last) override {
    Cut cut;
    cut.records_before = lines_;
    if (too_long_ > 0) {  // on with the line
      const auto* end = static_cast<const uint8_t*>(std::memchr(data, '\n', size));
      cut.size = end == nullptr ? size : static_cast<size_t>(end - data) + 1;
      Discard(&cut, end != nullptr || last);
      return cut;
    }
    if (last && size <= kMaxRecord) {
      cut.size = size;
    } else if (const void* end = memrchr(data, '\n', size)) {
      cut.size = static_cast<size_t>(static_cast<const uint8_t*>(end) - data) + 1;
    } else if (size > kMaxRecord) {
      cut.size = size;
      Discard(&cut, last);
      return cut;
    }
    lines_ += static_cast<uint64_t>(std::count(data, data + cut.size, '\n'));
    offset_ += cut.size;
    return cut;
  }

 private:
  void Discard(Cut* cut, bool end) {
    cut->discard = true;
    too_long_ += cut->size;
    offset_ += cut->size;
    if (!end) return;
    cut->damage = "line_too_long";
    cut->damage_bytes = too_long_;
    cut->damage_offset = offset_ - too_long_;
    too_long_ = 0;
    ++lines_;
  }

  uint64_t offset_ = 0, lines_ = 0;
  uint64_t too_long_ = 0;  // bytes so far of a line that is too long; 0: none
};

}  // namespace

std::unique_ptr<Cutter> CutLines() { return std::make_unique<LineCutter>(); }

void ReadText(PieceReader* reader, std::string_view text, Sink* sink) {
  std::string padded;
  padded.reserve(text.size() + kPiecePadding);
  padded.append(text).append(kPiecePadding, '\0');
  PieceBytes piece;
  piece.data = reinterpret_cast<const uint8_t*>(padded.data());
  piece.size = text.size();
  reader->Read(piece, sink);
}

void ReadWhole(const Format& format, const FormatOptions& options, const uint8_t* data, size_t size, Sink* sink) {
  const std::unique_ptr<PieceReader> reader = format.make_reader(options);
  const std::unique_ptr<Cutter> cutter = format.make_cutter != nullptr ? format.make_cutter() : nullptr;
  std::vector<uint8_t> piece;
  for (size_t at = 0; at < size;) {
    const size_t room = at == 0 ? kPieceHead + kPieceSize : kPieceSize;
    size_t given = std::min(size - at, room);
    Cut cut;
    cut.size = given;
    if (cutter != nullptr) {
      while ((cut = cutter->Next(data + at, given, at + given == size)).size == 0) {
        given = std::min(size - at, given + kPieceSize);
      }
    }
    if (!cut.discard) {
      piece.assign(data + at, data + at + cut.size);
      piece.resize(cut.size + kPiecePadding);
      reader->Read({piece.data(), cut.size, at, cut.records_before, cut.header, nullptr}, sink);
    }
    if (cut.damage != nullptr) sink->OnDamage({cut.damage_offset, cut.damage_bytes, cut.damage});
    at += cut.size;
  }
}

}  // namespace spoor
