#include "demo/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/message.h"

namespace spoor::demo {
namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

absl::Status Write(const std::string& path, const char* mode, uint64_t offset, std::string_view bytes) {
  std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), mode));
  if (file != nullptr && (offset == 0 || std::fseek(file.get(), static_cast<long>(offset), SEEK_SET) == 0) &&
      std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size() && std::fclose(file.release()) == 0) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(Cat(path, ": ", std::string(std::strerror(errno))));
}

}  // namespace

absl::Status WriteNew(const std::string& path, std::string_view bytes) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return absl::UnavailableError(Cat(path, ": ", error.message()));
  return Write(path, "wb", 0, bytes);
}

absl::Status AppendTo(const std::string& path, std::string_view bytes) { return Write(path, "ab", 0, bytes); }

absl::Status WriteAt(const std::string& path, uint64_t offset, std::string_view bytes) {
  return Write(path, "r+b", offset, bytes);
}

}  // namespace spoor::demo
