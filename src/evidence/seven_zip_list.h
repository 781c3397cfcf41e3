// How much a 7z's list of contents holds, found out before libarchive reads it.
//
// libarchive believes the numbers in the list: it takes 87 bytes of memory for each file that is named by number alone,
// which costs the file a bit, and as much for folders and streams, and unpacks a packed list to whatever size. So the
// list is walked here first, counting only. The form of the list is 7zFormat.txt's of the LZMA SDK, as far as
// libarchive reads it (archive_read_support_format_7zip.c, read_Header).
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "evidence/byte_source.h"

namespace spoor {

struct SevenZipLimits {
  uint64_t list_bytes = 0;  // of the list, unpacked
  uint64_t entries = 0;     // files; and as many folders, as many streams
};

struct SevenZipList {
  uint64_t bytes = 0, files = 0;
};

// Ok: libarchive may read the list, *list is what it holds. ResourceExhausted: it is more than the limits allow.
// DataLoss: damaged, or packed in a way that 7z programs do not pack lists. Where the list is encrypted or the file
// ends before it, libarchive may have it, which then takes nothing of it. REQUIRES: the source is seekable.
absl::Status MeasureSevenZipList(const ByteSource& source, const SevenZipLimits& limits, SevenZipList* list);

}  // namespace spoor
