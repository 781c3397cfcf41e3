#include "evidence/unpacker.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cstring>

#include "evidence/seven_zip_list.h"
#include "fmt/format.h"

namespace spoor {
namespace {

constexpr int kOurError = -1;  // an errno for archive_set_error; only the text is used
constexpr size_t kBlockAfterJump = 32 << 10;
constexpr int kMaxEmptyBlocks = 100'000;     // in a row
constexpr uint64_t kCompressedNothing = 32;  // bytes that nothing may be compressed to
constexpr size_t kMaxName = 4096;            // bytes; longer names are cut

// libarchive turns names that are UTF-16 or marked as UTF-8 into the locale's encoding, and gives nothing where that
// cannot be. The program itself runs in the C locale. Only the present thread is changed.
class Utf8Locale {
 public:
  Utf8Locale() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 != nullptr) before_ = uselocale(utf8);
  }
  ~Utf8Locale() {
    if (before_ != nullptr) uselocale(before_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t before_ = nullptr;
};

// Turns on one format or filter. A filter libarchive was built without would call a program instead: its answer is
// then ARCHIVE_WARN, which is refused.
int Support(ContainerKind kind, bool in_order, archive* a) {
  switch (kind) {
    case ContainerKind::kZip:
      return in_order ? archive_read_support_format_zip_streamable(a) : archive_read_support_format_zip_seekable(a);
    case ContainerKind::kSevenZip:
      return archive_read_support_format_7zip(a);
    case ContainerKind::kTar:
      return archive_read_support_format_tar(a);
    case ContainerKind::kCpio:
      return archive_read_support_format_cpio(a);
    case ContainerKind::kAr:
      return archive_read_support_format_ar(a);
    case ContainerKind::kCab:
      return archive_read_support_format_cab(a);
    case ContainerKind::kRar4:
      return archive_read_support_format_rar(a);
    case ContainerKind::kRar5:
      return archive_read_support_format_rar5(a);
    case ContainerKind::kIso:
      return archive_read_support_format_iso9660(a);
    case ContainerKind::kBzip2:
      return archive_read_append_filter(a, ARCHIVE_FILTER_BZIP2);
    case ContainerKind::kZstd:
      return archive_read_append_filter(a, ARCHIVE_FILTER_ZSTD);
    case ContainerKind::kLz4:
      return archive_read_append_filter(a, ARCHIVE_FILTER_LZ4);
    case ContainerKind::kCompress:  // reads when it is appended, which it must not do before there is a source
      return archive_read_support_filter_compress(a);
    case ContainerKind::kGzip:
    case ContainerKind::kXz:
    case ContainerKind::kLzip:
    case ContainerKind::kNone:
      break;
  }
  return ARCHIVE_FATAL;
}

std::string Name(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) return {};
  return std::string(name, strnlen(name, kMaxName));
}

// When an entry was last written; 0 where that is unknown, or no year of four digits.
int64_t TimeOf(archive_entry* e) {
  constexpr int64_t kYear10000 = 253'402'300'800;
  if (archive_entry_mtime_is_set(e) == 0) return 0;
  const int64_t seconds = archive_entry_mtime(e);
  return seconds > 0 && seconds < kYear10000 ? seconds * 1'000'000 : 0;
}

}  // namespace

struct Unpacker::Callbacks {
  static la_ssize_t Read(archive* a, void* self, const void** to) {
    auto& u = *static_cast<Unpacker*>(self);
    const bool zip_list = u.listing_ && u.kind_ == ContainerKind::kZip && !u.in_order_;
    if (zip_list) {
      if (u.taken_.bytes >= u.room_.bytes) {
        u.list_problem_ = fmt::format("its list of contents is longer than {} MiB", u.room_.bytes >> 20);
        archive_set_error(a, kOurError, "%s", u.list_problem_.c_str());
        return ARCHIVE_FATAL;
      }
    }
    if (u.buffer_.empty()) u.buffer_.resize(ByteSource::kBlock);
    absl::StatusOr<size_t> n = u.source_.read(u.offset_, u.buffer_.data(), u.next_block_);
    u.next_block_ = std::min(u.next_block_ * 2, ByteSource::kBlock);
    if (!n.ok()) {
      u.source_error_ = n.status();
      archive_set_error(a, kOurError, "%s", std::string(n.status().message()).c_str());
      return ARCHIVE_FATAL;
    }
    u.offset_ += *n;
    if (zip_list) u.taken_.bytes += *n;
    *to = u.buffer_.data();
    return static_cast<la_ssize_t>(*n);
  }

  static la_int64_t Skip(archive*, void* self, la_int64_t request) {
    auto& u = *static_cast<Unpacker*>(self);
    if (!u.source_.seekable() || request <= 0) return 0;
    const uint64_t left = u.source_.size - std::min(u.source_.size, u.offset_);
    const uint64_t skipped = std::min(static_cast<uint64_t>(request), left);
    u.offset_ += skipped;
    return static_cast<la_int64_t>(skipped);
  }

  static la_int64_t Seek(archive*, void* self, la_int64_t offset, int whence) {
    auto& u = *static_cast<Unpacker*>(self);
    const auto size = static_cast<int64_t>(u.source_.size);
    const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_END ? size : static_cast<int64_t>(u.offset_);
    int64_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) return ARCHIVE_FATAL;
    target = std::min(target, size);
    u.offset_ = static_cast<uint64_t>(target);
    u.next_block_ = kBlockAfterJump;
    return target;
  }
};

Unpacker::Unpacker(ContainerKind kind, ByteSource source, const std::vector<std::string>& passwords, bool in_order,
                   const ListRoom& room)
    : kind_(kind), source_(std::move(source)), in_order_(in_order), room_(room) {
  if (Decompressor::Knows(kind)) {
    decompressor_ = std::make_unique<Decompressor>(kind, &source_);
  } else {
    opened_ = Open(passwords);
  }
}

Unpacker::~Unpacker() { archive_read_free(archive_); }

int Unpacker::Open(const std::vector<std::string>& passwords) {
  const Utf8Locale locale;
  archive_ = archive_read_new();
  archive* a = archive_;
  if (IsMerelyCompressed(kind_)) archive_read_support_format_raw(a);
  if (Support(kind_, in_order_, a) != ARCHIVE_OK) {
    archive_set_error(a, kOurError, "the libarchive at hand was built without it");
    return ARCHIVE_FATAL;
  }
  // What stands behind the end mark of a tar is evidence too.
  if (kind_ == ContainerKind::kTar) archive_read_set_option(a, "tar", "read_concatenated_archives", "1");
  for (const std::string& password : passwords) {
    if (!password.empty()) archive_read_add_passphrase(a, password.c_str());
  }
  archive_read_set_callback_data(a, this);
  archive_read_set_read_callback(a, Callbacks::Read);
  archive_read_set_skip_callback(a, Callbacks::Skip);
  if (source_.seekable()) archive_read_set_seek_callback(a, Callbacks::Seek);
  if (kind_ == ContainerKind::kSevenZip && !MeasureList()) return ARCHIVE_FATAL;
  const int opened = archive_read_open1(a);
  if (opened == ARCHIVE_OK && kind_ == ContainerKind::kCompress && archive_filter_count(a) > 2) {
    archive_set_error(a, kOurError, "it is compressed several times over");
    return ARCHIVE_FATAL;
  }
  return opened;
}

// Of a 7z. False: libarchive must not see it.
bool Unpacker::MeasureList() {
  SevenZipList list;
  const absl::Status status = MeasureSevenZipList(source_, {room_.bytes, room_.files}, &list);
  taken_ = {list.bytes, list.files};
  if (status.ok()) return true;
  if (absl::IsResourceExhausted(status)) {
    list_problem_ = std::string(status.message());
  } else if (!absl::IsDataLoss(status)) {
    source_error_ = status;
  }
  archive_set_error(archive_, kOurError, "%s", std::string(status.message()).c_str());
  return false;
}

void Unpacker::Fail(const char* fallback) {
  const char* said = archive_error_string(archive_);
  message_ = said == nullptr ? fallback : said;
}

Unpacker::Step Unpacker::Next(Entry* entry) {
  if (decompressor_ != nullptr) {
    if (given_) return Step::kEnd;
    given_ = true;
    *entry = {"", 0, true, false};
    return Step::kEntry;
  }
  const Utf8Locale locale;
  block_left_ = 0;
  block_at_ = 0;
  at_ = 0;
  ended_ = warned_ = false;
  if (opened_ != ARCHIVE_OK) {
    if (IsMerelyCompressed(kind_) && source_error_.ok()) {
      // libarchive takes a file of which nothing can be unpacked for one of no known format.
      if (given_) return Step::kEnd;
      given_ = ended_ = true;
      *entry = {"", 0, true, false};
      if (offset_ <= kCompressedNothing) return Step::kEntry;
      message_ = "the file ends before its data does, or is damaged from its start";
      return Step::kFailed;
    }
    Fail("it cannot be read");
    return Step::kFailed;
  }
  archive_entry* e = nullptr;
  const int result = archive_read_next_header(archive_, &e);
  if (result == ARCHIVE_EOF) return Step::kEnd;
  if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
    Fail("the header of an entry cannot be read");
    return result == ARCHIVE_FATAL ? Step::kFailed : Step::kDamaged;
  }
  listing_ = false;
  entry->name = Name(e);
  entry->size =
      archive_entry_size_is_set(e) ? static_cast<uint64_t>(std::max<la_int64_t>(0, archive_entry_size(e))) : 0;
  entry->modified = TimeOf(e);
  entry->regular = archive_entry_filetype(e) == AE_IFREG;
  // A hard link has no bytes of its own, but in cpio and pax it may have.
  if (archive_entry_hardlink(e) != nullptr && entry->size == 0) entry->regular = false;
  entry->encrypted = archive_entry_is_encrypted(e) != 0;
  return Step::kEntry;
}

absl::StatusOr<size_t> Unpacker::Read(uint8_t* to, size_t size) {
  if (decompressor_ != nullptr) {
    absl::StatusOr<size_t> n = decompressor_->Read(to, size);
    if (!n.ok()) {
      message_ = std::string(n.status().message());
      source_error_ = decompressor_->source_error();
      dead_ = true;
    }
    return n;
  }
  for (int empty = 0; block_left_ == 0 && block_at_ <= at_ && !ended_; ++empty) {
    const void* block = nullptr;
    size_t length = 0;
    la_int64_t offset = static_cast<la_int64_t>(at_);
    const int result = archive_read_data_block(archive_, &block, &length, &offset);
    // A checksum that is wrong, a length: said with the last block, or what lies behind it.
    if (result == ARCHIVE_WARN) {
      Fail("it is damaged");
      warned_ = true;
    }
    if (result == ARCHIVE_EOF) {
      ended_ = true;
      length = 0;
      offset = std::max(offset, static_cast<la_int64_t>(at_));  // a sparse file may end with a hole
    } else if (result < ARCHIVE_OK && result != ARCHIVE_WARN) {
      Fail("it cannot be read");
      dead_ = result == ARCHIVE_FATAL;
      ended_ = true;
      return absl::DataLossError(message_);
    }
    if (offset < 0 || static_cast<uint64_t>(offset) < at_ || empty > kMaxEmptyBlocks) {
      message_ = "its parts are out of order";
      ended_ = true;
      return absl::DataLossError(message_);
    }
    block_ = static_cast<const uint8_t*>(block);
    block_left_ = length;
    block_at_ = static_cast<uint64_t>(offset);
  }
  if (block_at_ > at_) {  // a hole
    const size_t n = static_cast<size_t>(std::min<uint64_t>(size, block_at_ - at_));
    std::memset(to, 0, n);
    at_ += n;
    return n;
  }
  const size_t n = std::min(size, block_left_);
  if (n == 0 && warned_) {
    warned_ = false;
    return absl::DataLossError(message_);
  }
  if (n == 0) return n;
  std::memcpy(to, block_, n);
  block_ += n;
  block_left_ -= n;
  block_at_ += n;
  at_ += n;
  return n;
}

bool Unpacker::list_encrypted() const {
  // Without a format, which is chosen on opening, libarchive 3.6 crashes here.
  return archive_ != nullptr && opened_ == ARCHIVE_OK && archive_read_has_encrypted_entries(archive_) == 1;
}

uint64_t Unpacker::position() const {
  if (decompressor_ != nullptr) return decompressor_->position();
  const la_int64_t at = archive_filter_bytes(archive_, -1);
  return at < 0 ? 0 : static_cast<uint64_t>(at);
}

}  // namespace spoor
