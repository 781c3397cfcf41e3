#include "findings/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "findings/output.h"
#include "fmt/format.h"

namespace spoor {

absl::StatusOr<std::unique_ptr<SpillFile>> SpillFile::Create() {
  const char* folder = getenv("TMPDIR");
  if (folder == nullptr || *folder == '\0') folder = "/tmp";
  int fd = -1;
#ifdef O_TMPFILE
  fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
  if (fd < 0) {  // not every file system knows files without a name
    std::string name = fmt::format("{}/spoor.XXXXXX", folder);
    fd = mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return absl::ErrnoToStatus(errno, fmt::format("creating a temporary file in {}", folder));
    unlink(name.c_str());
  }
  return std::unique_ptr<SpillFile>(new SpillFile(fd));
}

SpillFile::~SpillFile() { close(fd_); }

absl::Status SpillFile::Append(std::string_view bytes) {
  if (absl::Status status = WriteAll(fd_, bytes, "temporary file"); !status.ok()) return status;
  size_ += bytes.size();
  return absl::OkStatus();
}

absl::Status SpillFile::Read(uint64_t offset, size_t size, char* to) const {
  while (size > 0) {
    const ssize_t n = pread(fd_, to, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, "reading temporary file");
    if (n == 0) return absl::DataLossError("temporary file is shorter than what was written to it");
    to += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

void SpillFile::Forget(uint64_t offset, uint64_t size) {
#ifdef FALLOC_FL_PUNCH_HOLE
  (void)fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                  static_cast<off_t>(size));
#else
  (void)offset, (void)size;
#endif
}

}  // namespace spoor
