#include "findings/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <utility>

#include "fmt/format.h"

namespace spoor {
namespace {

absl::Status ErrnoStatus(int error, std::string_view doing, std::string_view what) {
  return absl::ErrnoToStatus(error, fmt::format("{} {}", doing, what));
}

// An open descriptor: standard output, a device, a named pipe.
class DescriptorOutput final : public Output {
 public:
  DescriptorOutput(int fd, bool owned, std::string name) : fd_(fd), owned_(owned), name_(std::move(name)) {}
  ~DescriptorOutput() override {
    if (owned_) close(fd_);
  }
  absl::Status Write(std::string_view bytes) override { return WriteAll(fd_, bytes, name_); }
  absl::Status Commit() override { return absl::OkStatus(); }

 private:
  int fd_;
  bool owned_;
  std::string name_;
};

class FileOutput final : public Output {
 public:
  FileOutput(int fd, std::string path, std::string temporary)
      : fd_(fd), path_(std::move(path)), temporary_(std::move(temporary)) {}
  ~FileOutput() override {
    if (fd_ >= 0) close(fd_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
  }
  absl::Status Write(std::string_view bytes) override {
    if (fd_ < 0) return absl::FailedPreconditionError("written to after Commit");
    return WriteAll(fd_, bytes, path_);
  }
  absl::Status Commit() override {
    if (fd_ < 0) return absl::OkStatus();
    // Network file systems may report a full disk only here.
    if (close(std::exchange(fd_, -1)) != 0) return ErrnoStatus(errno, "writing", path_);
    if (rename(temporary_.c_str(), path_.c_str()) != 0) return ErrnoStatus(errno, "renaming to", path_);
    temporary_.clear();
    return absl::OkStatus();
  }

 private:
  int fd_;
  std::string path_, temporary_;
};

// Creates "<folder>/.<name>.<process>-<n>.partial". open() with mode 0666 lets the umask have its say.
absl::StatusOr<std::unique_ptr<Output>> OpenTemporary(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string name = path.substr(folder.size());
  if (name.empty()) return absl::InvalidArgumentError(fmt::format("{} is a folder", path));
  constexpr int kAttempts = 100;  // names left behind by a process of the same number
  for (int i = 0; i < kAttempts; ++i) {
    std::string temporary =
        fmt::format("{}.{}.{}-{}.partial", folder, name.substr(0, 200), getpid(), counter.fetch_add(1));
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0) return std::make_unique<FileOutput>(fd, path, std::move(temporary));
    if (errno != EEXIST) return ErrnoStatus(errno, "creating", path);
  }
  return ErrnoStatus(EEXIST, "creating", path);
}

}  // namespace

absl::Status WriteAll(int fd, std::string_view bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EPIPE) return absl::CancelledError(fmt::format("{}: the reader has gone", what));
    return ErrnoStatus(errno, "writing", what);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Output>> Output::Open(const std::string& path) {
  if (path.empty() || path == "-") {
    return std::make_unique<DescriptorOutput>(STDOUT_FILENO, /*owned=*/false, "standard output");
  }
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return ErrnoStatus(errno, "opening", path);
    return OpenTemporary(path);
  }
  if (S_ISDIR(info.st_mode)) return absl::InvalidArgumentError(fmt::format("{} is a folder", path));
  if (!S_ISREG(info.st_mode)) {
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return ErrnoStatus(errno, "opening", path);
    return std::make_unique<DescriptorOutput>(fd, /*owned=*/true, path);
  }
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return OpenTemporary(error ? path : real.string());
}

}  // namespace spoor
