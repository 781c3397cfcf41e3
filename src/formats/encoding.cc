#include "formats/encoding.h"

#include <algorithm>

#include "base/text.h"

namespace spoor {
namespace {

// UTF-16 units that the first `size` bytes of decoded text came from. REQUIRES: a character begins or ends there.
size_t UnitsOf(std::string_view decoded) {
  size_t units = 0;
  for (const char c : decoded) {
    const auto byte = static_cast<uint8_t>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

class Decoder : public Cutter {
 public:
  Decoder(TextEncoding encoding, std::unique_ptr<Cutter> inner) : encoding_(encoding), inner_(std::move(inner)) {}

  Cut Next(const uint8_t* data, size_t size, bool last) override {
    text_.clear();
    // The first half of a pair waits for the second.
    size_t whole = size & ~size_t{1};
    const auto high = [&](size_t at) { return data[at + (encoding_ == TextEncoding::kUtf16Le ? 1 : 0)]; };
    if (!last && whole >= 2 && (high(whole - 2) & 0xfc) == 0xd8) whole -= 2;
    AppendDecoded(encoding_, data, whole, &text_);
    const auto* bytes = reinterpret_cast<const uint8_t*>(text_.data());
    // A record that is too long as it is may be short enough as text, which has half as many bytes; an empty cut asks
    // for more of it.
    Cut cut = inner_->Next(bytes, text_.size(), last);
    const size_t decoded = cut.size;
    cut.size = last && decoded == text_.size() ? size : 2 * UnitsOf(std::string_view(text_).substr(0, decoded));
    if (cut.discard && !discarding_) discard_begin_ = offset_;
    if (cut.damage != nullptr) {
      if (cut.discard) {
        cut.damage_offset = discard_begin_;
        cut.damage_bytes = offset_ + cut.size - discard_begin_;
      } else {
        const uint64_t before = std::min<uint64_t>(cut.damage_offset - inner_offset_, text_.size());
        const size_t raw = 2 * UnitsOf(std::string_view(text_).substr(0, before));
        cut.damage_offset = offset_ + raw;
        cut.damage_bytes = cut.size - std::min(cut.size, raw);
      }
    }
    discarding_ = cut.discard && cut.damage == nullptr;
    offset_ += cut.size;
    inner_offset_ += decoded;
    return cut;
  }

 private:
  const TextEncoding encoding_;
  std::unique_ptr<Cutter> inner_;
  std::string text_;
  uint64_t offset_ = 0, inner_offset_ = 0;  // of the next piece, in the file and decoded
  bool discarding_ = false;
  uint64_t discard_begin_ = 0;
};

// Gives events the offsets they have in the file.
class Reader : public PieceReader, public Sink {
 public:
  Reader(TextEncoding encoding, std::unique_ptr<PieceReader> inner) : encoding_(encoding), inner_(std::move(inner)) {}

  void Read(const PieceBytes& piece, Sink* sink) override {
    text_.clear();
    AppendDecoded(encoding_, piece.data, piece.size, &text_);
    size_ = text_.size();
    text_.append(kPiecePadding, '\0');
    sink_ = sink;
    begin_ = piece.offset;
    at_ = units_ = 0;
    PieceBytes decoded = piece;
    decoded.data = reinterpret_cast<const uint8_t*>(text_.data());
    decoded.size = size_;
    inner_->Read(decoded, this);
  }

  void OnEvent(const Event& event) override {
    Event moved = event;
    moved.offset = InFile(event.offset);
    sink_->OnEvent(moved);
  }
  void OnDamage(const Damage& damage) override {
    Damage moved = damage;
    moved.offset = InFile(damage.offset);
    moved.bytes = InFile(damage.offset + damage.bytes) - moved.offset;
    sink_->OnDamage(moved);
  }
  void ShapesDropped() override { sink_->ShapesDropped(); }

 private:
  uint64_t InFile(uint64_t offset) {
    const size_t to = std::min<uint64_t>(offset - std::min(offset, begin_), size_);
    if (to < at_) at_ = units_ = 0;
    units_ += UnitsOf(std::string_view(text_).substr(at_, to - at_));
    at_ = to;
    return begin_ + 2 * units_;
  }

  const TextEncoding encoding_;
  std::unique_ptr<PieceReader> inner_;
  std::string text_;
  size_t size_ = 0;  // of the text, without its padding
  Sink* sink_ = nullptr;
  uint64_t begin_ = 0;         // of the piece, in the file
  size_t at_ = 0, units_ = 0;  // a place in the text, and the units before it
};

}  // namespace

TextEncoding DetectEncoding(const uint8_t* head, size_t size) {
  if (size < 4) return TextEncoding::kAsItIs;
  if (head[0] == 0xff && head[1] == 0xfe) return TextEncoding::kUtf16Le;
  if (head[0] == 0xfe && head[1] == 0xff) return TextEncoding::kUtf16Be;
  const size_t looked = std::min<size_t>(size, 256) & ~size_t{1};
  if (looked < 16) return TextEncoding::kAsItIs;
  size_t zeros[2] = {0, 0}, texts[2] = {0, 0};
  for (size_t i = 0; i < looked; ++i) {
    zeros[i % 2] += head[i] == 0;
    texts[i % 2] += (head[i] >= 0x20 && head[i] < 0x7f) || head[i] == '\t' || head[i] == '\n' || head[i] == '\r';
  }
  if (zeros[1] == looked / 2 && texts[0] == looked / 2) return TextEncoding::kUtf16Le;
  if (zeros[0] == looked / 2 && texts[1] == looked / 2) return TextEncoding::kUtf16Be;
  return TextEncoding::kAsItIs;
}

void AppendDecoded(TextEncoding encoding, const uint8_t* data, size_t size, std::string* out) {
  out->reserve(out->size() + size);
  const auto unit = [&](size_t at) -> uint32_t {
    return encoding == TextEncoding::kUtf16Le ? data[at] | data[at + 1] << 8 : data[at] << 8 | data[at + 1];
  };
  for (size_t at = 0; at + 1 < size; at += 2) {
    uint32_t c = unit(at);
    if (c < 0x80) {
      *out += static_cast<char>(c);
      continue;
    }
    if (c >= 0xd800 && c < 0xdc00 && at + 3 < size && (unit(at + 2) & 0xfc00) == 0xdc00) {
      c = 0x10000 + ((c - 0xd800) << 10) + (unit(at + 2) - 0xdc00);
      at += 2;
    } else if (c >= 0xd800 && c < 0xe000) {
      c = 0xfffd;
    }
    AppendUtf8(c, out);
  }
}

std::unique_ptr<Cutter> DecodingCutter(TextEncoding encoding, std::unique_ptr<Cutter> inner) {
  return std::make_unique<Decoder>(encoding, std::move(inner));
}
std::unique_ptr<PieceReader> DecodingReader(TextEncoding encoding, std::unique_ptr<PieceReader> inner) {
  return std::make_unique<Reader>(encoding, std::move(inner));
}

}  // namespace spoor
