#include "evidence/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "fmt/format.h"

namespace spoor {
namespace {

std::string Folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder == nullptr || *folder == '\0' ? "/tmp" : folder;
}

absl::Status Failed(int error) {
  return absl::ResourceExhaustedError(
      fmt::format("it has to be put aside to be read, and that failed in {}: {} (set TMPDIR to a folder with room)",
                  Folder(), std::strerror(error)));
}

int Open() {
  const std::string folder = Folder();
  int fd = -1;
#ifdef O_TMPFILE
  fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
  if (fd < 0) {  // not every file system knows files without a name
    std::string name = folder + "/spoor.XXXXXX";
    fd = mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) unlink(name.c_str());
  }
  return fd;
}

}  // namespace

Spool::~Spool() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Spool::Append(const uint8_t* data, size_t size) {
  if (fd_ < 0 && size_ + size <= memory_) {
    bytes_.append(reinterpret_cast<const char*>(data), size);
    size_ += size;
    return absl::OkStatus();
  }
  if (fd_ < 0) {
    fd_ = Open();
    if (fd_ < 0) return Failed(errno);
    const std::string so_far = std::move(bytes_);
    bytes_ = std::string();
    size_ = 0;
    if (absl::Status status = ToFile(reinterpret_cast<const uint8_t*>(so_far.data()), so_far.size()); !status.ok()) {
      return status;
    }
  }
  return ToFile(data, size);
}

absl::Status Spool::ToFile(const uint8_t* data, size_t size) {
  while (size > 0) {
    const ssize_t n = pwrite(fd_, data, size, static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Failed(n < 0 ? errno : ENOSPC);
    data += n;
    size -= static_cast<size_t>(n);
    size_ += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Spool::ReadAt(uint64_t offset, uint8_t* to, size_t size) const {
  if (offset >= size_) return size_t{0};
  size = static_cast<size_t>(std::min<uint64_t>(size, size_ - offset));
  if (fd_ < 0) {
    std::memcpy(to, bytes_.data() + offset, size);
    return size;
  }
  size_t have = 0;
  while (have < size) {
    const ssize_t n = pread(fd_, to + have, size - have, static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::UnavailableError(fmt::format("reading a temporary file: {}", std::strerror(errno)));
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  return have;
}

}  // namespace spoor
