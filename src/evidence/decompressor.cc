#include "evidence/decompressor.h"

#include <algorithm>
#include <limits>

#include "fmt/format.h"

namespace spoor {
namespace {

constexpr char kCutOff[] = "the file ends before its data does";

}  // namespace

Decompressor::Decompressor(ContainerKind kind, const ByteSource* source)
    : kind_(kind), source_(source), buffer_(ByteSource::kBlock) {
  bool ready = false;
  if (kind == ContainerKind::kGzip) {
    ready = inflateInit2(&zlib_, 16 + MAX_WBITS) == Z_OK;  // 16: gzip alone
  } else if (kind == ContainerKind::kXz) {
    ready = lzma_stream_decoder(&lzma_, kMaxMemory, LZMA_CONCATENATED) == LZMA_OK;
  } else {
    ready = lzma_lzip_decoder(&lzma_, kMaxMemory, LZMA_CONCATENATED) == LZMA_OK;
  }
  if (!ready) error_ = absl::ResourceExhaustedError("no memory to unpack it");
}

Decompressor::~Decompressor() {
  if (kind_ == ContainerKind::kGzip) inflateEnd(&zlib_);
  lzma_end(&lzma_);
}

absl::Status Decompressor::Fill() {
  if (left_ > 0 || source_ended_) return absl::OkStatus();
  const absl::StatusOr<size_t> n = source_->read(offset_, buffer_.data(), buffer_.size());
  if (!n.ok()) return source_error_ = n.status();
  source_ended_ = *n == 0;
  offset_ += *n;
  at_ = buffer_.data();
  left_ = *n;
  return absl::OkStatus();
}

absl::StatusOr<size_t> Decompressor::Read(uint8_t* to, size_t size) {
  uint8_t* const begin = to;
  size_t room = size;
  while (room > 0 && !ended_ && error_.ok()) {
    error_ = Fill();
    if (error_.ok()) error_ = kind_ == ContainerKind::kGzip ? StepGzip(&to, &room) : StepLzma(&to, &room);
  }
  if (to == begin && !error_.ok()) return error_;
  return static_cast<size_t>(to - begin);
}

absl::Status Decompressor::StepGzip(uint8_t** to, size_t* room) {
  if (between_) {  // another member may follow, zeros that fill a block of a tape, a line end of some transfer
    while (left_ > 0 && (*at_ == '\0' || *at_ == '\n' || *at_ == '\r')) ++at_, --left_;
    if (left_ == 0) {
      ended_ = source_ended_;
      return absl::OkStatus();
    }
    if (*at_ != 0x1f) return absl::DataLossError("what stands behind its end is no gzip and was left out");
    if (inflateReset(&zlib_) != Z_OK) return absl::InternalError("zlib failed");
    between_ = false;
  }
  if (left_ == 0 && source_ended_) return absl::DataLossError(kCutOff);
  zlib_.next_in = const_cast<uint8_t*>(at_);  // zlib does not write there
  zlib_.avail_in = static_cast<uInt>(left_);
  zlib_.next_out = *to;
  zlib_.avail_out = static_cast<uInt>(std::min<size_t>(*room, std::numeric_limits<uInt>::max()));
  const uInt given = zlib_.avail_out;
  const int result = inflate(&zlib_, Z_NO_FLUSH);
  at_ = zlib_.next_in;
  left_ = zlib_.avail_in;
  *to += given - zlib_.avail_out;
  *room -= given - zlib_.avail_out;
  if (result == Z_STREAM_END) {
    between_ = true;
  } else if (result != Z_OK && result != Z_BUF_ERROR) {
    return absl::DataLossError(zlib_.msg != nullptr ? zlib_.msg : "zlib cannot unpack it");
  }
  return absl::OkStatus();
}

absl::Status Decompressor::StepLzma(uint8_t** to, size_t* room) {
  lzma_.next_in = at_;
  lzma_.avail_in = left_;
  lzma_.next_out = *to;
  lzma_.avail_out = *room;
  const lzma_ret result = lzma_code(&lzma_, source_ended_ ? LZMA_FINISH : LZMA_RUN);
  at_ = lzma_.next_in;
  left_ = lzma_.avail_in;
  *to = lzma_.next_out;
  *room = lzma_.avail_out;
  switch (result) {
    case LZMA_OK:
      return absl::OkStatus();
    case LZMA_STREAM_END:
      ended_ = true;
      if (left_ > 0) return absl::DataLossError("what stands behind its end was left out");
      return absl::OkStatus();
    case LZMA_MEMLIMIT_ERROR:
      return absl::ResourceExhaustedError(
          fmt::format("it needs {} MiB of memory to be unpacked, more than {} MiB: unpack it yourself",
                      (lzma_memusage(&lzma_) >> 20) + 1, kMaxMemory >> 20));
    case LZMA_BUF_ERROR:
      return absl::DataLossError(kCutOff);
    case LZMA_FORMAT_ERROR:
      return absl::DataLossError("what stands there is none of it");
    case LZMA_OPTIONS_ERROR:
      return absl::DataLossError("it uses what this program cannot unpack");
    case LZMA_MEM_ERROR:
      return absl::ResourceExhaustedError("no memory to unpack it");
    default:
      return absl::DataLossError("its data or checksum is wrong");
  }
}

}  // namespace spoor
