#include "sigma/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/message.h"
#include "sigma/limits.h"

namespace spoor::sigma {

std::string ReadFile(const std::string& path, std::string* text) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Cat("cannot open: ", std::strerror(errno));
  struct stat info;
  std::string reason;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    reason = "not a file";
  } else if (static_cast<uint64_t>(info.st_size) > kMaxRuleFileBytes) {
    reason = Cat("larger than ", kMaxRuleFileBytes >> 20, " MiB");
  } else {
    size_t have = text->size();
    text->resize(have + static_cast<size_t>(info.st_size));
    while (have < text->size()) {
      const ssize_t got = read(fd, text->data() + have, text->size() - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) reason = Cat("cannot read: ", std::strerror(errno));
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    text->resize(have);
  }
  close(fd);
  return reason;
}

}  // namespace spoor::sigma
