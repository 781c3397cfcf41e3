#include "evidence/source.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace spoor {
namespace {

absl::Status ReadError(int error) { return absl::UnavailableError(std::strerror(error)); }

}  // namespace

absl::StatusOr<std::unique_ptr<EvidenceSource>> EvidenceSource::Open(const std::string& path) {
  const bool standard = path == "-";
  // Without O_NONBLOCK a named pipe nobody writes to would hang the program.
  const int fd = standard ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return ReadError(errno);
  struct stat info;
  if (fstat(fd, &info) != 0) {
    const int error = errno;
    if (!standard) close(fd);
    return ReadError(error);
  }
  if (!S_ISREG(info.st_mode) && !standard) {
    close(fd);
    return absl::InvalidArgumentError("not a regular file");
  }
  if (S_ISREG(info.st_mode)) posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<EvidenceSource>(
      new EvidenceSource(fd, standard ? kUnknown : static_cast<uint64_t>(info.st_size),
                         standard ? 0 : info.st_mtim.tv_sec * 1'000'000 + info.st_mtim.tv_nsec / 1000, !standard));
}

EvidenceSource::~EvidenceSource() {
  if (owned_) close(fd_);
}

absl::StatusOr<size_t> EvidenceSource::ReadAt(uint64_t offset, uint8_t* to, size_t size) const {
  size_t have = 0;
  while (have < size) {
    const ssize_t n = pread(fd_, to + have, size - have, static_cast<off_t>(offset + have));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ReadError(errno);
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  return have;
}

absl::StatusOr<size_t> EvidenceSource::Next(uint8_t* to, size_t size) {
  size_t have = 0;
  while (have < size) {
    const ssize_t n = read(fd_, to + have, size - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ReadError(errno);
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  return have;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha256(), nullptr);
}
Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

void Sha256::Update(const uint8_t* data, size_t size) {
  EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), data, size);
}

std::string Sha256::Hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest, &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return hex;
}

}  // namespace spoor
