// Which container a file is, by its first bytes.
//
// Precise rather than generous: a log that an intruder could write into must never be taken for an archive, since it
// would then not be read as a log. Every magic number that is plain text (tar, cpio, ar, lzip) is backed by a check of
// the header behind it, and all but ASCII cpio demand bytes that no line of text has.
//
// Sources: PKWARE APPNOTE 6.3.10; POSIX.1-2008 pax (ustar, cpio), GNU tar manual "Basic Tar Format"; 7zFormat.txt;
// RFC 1952 (gzip), RFC 8878 (zstd), xz file format 1.1.0, lz4 frame format 1.6.1, lzip manual; [MS-CAB]; RAR 5.0
// technical note; ECMA-119 (ISO 9660).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spoor {

enum class ContainerKind : uint8_t {
  kNone,
  kZip,
  kSevenZip,
  kTar,
  kCpio,
  kAr,
  kCab,
  kRar4,
  kRar5,
  kIso,
  // Merely compressed: one file, no name. kGzip must stay the first of them.
  kGzip,
  kBzip2,
  kXz,
  kZstd,
  kLz4,
  kLzip,
  kCompress,
};

// Bytes of a file's start that tell all kinds. The first 512 tell all but ISO 9660.
constexpr size_t kContainerHead = 0x8007;

ContainerKind RecogniseContainer(const uint8_t* head, size_t size);
inline bool IsMerelyCompressed(ContainerKind kind) { return kind >= ContainerKind::kGzip; }
// What people call it: "zip", "7z", "gzip".
std::string_view ContainerName(ContainerKind kind);

// "auth.log.2.gz" -> "auth.log.2", "x.tgz" -> "x.tar"; a name without such an ending as it is.
std::string WithoutCompressedEnding(std::string_view name);

}  // namespace spoor
