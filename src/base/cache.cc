// Reading, verifying, writing and bounding the cache folder.
//
// An entry file:
//
//      0  12  "spoor cache\n"
//     12  20  the kind, filled up with NUL
//     32  32  SHA-256 of the body
//     64      the body
//
// The digest guards against damage, not against forgery: whoever can write the user's own folder can do
// anything in the user's name. Hence only regular files that belong to the user and that nobody else may
// write are read. Reading costs one open and one pass of SHA-256, some 1.5 GB/s where the processor helps.
#include "base/cache.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace spoor {
namespace {

constexpr std::string_view kMagic = "spoor cache\n";
constexpr size_t kKindSize = 20, kDigestSize = 32;
constexpr size_t kHeadSize = kMagic.size() + kKindSize + kDigestSize;
constexpr size_t kNameDigits = 40;
constexpr time_t kTouchAfter = 3600;  // seconds; entries in use are marked so, but not at every start

std::string& FolderOverride() {
  static auto* folder = new std::string("?");  // "?": not set
  return *folder;
}

std::string EntryName(std::string_view kind, std::string_view key) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string name;
  for (const unsigned char c : Sha256Of(key).substr(0, kNameDigits / 2)) {
    name += kHex[c >> 4];
    name += kHex[c & 15];
  }
  name += '.';
  name += kind;
  return name;
}

bool IsEntryName(std::string_view name) {
  return name.size() > kNameDigits + 1 && name[kNameDigits] == '.' &&
         name.substr(0, kNameDigits).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string Head(std::string_view kind, std::string_view body) {
  std::string head(kMagic);
  head += kind;
  head.resize(kMagic.size() + kKindSize);
  return head += Sha256Of(body);
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

  bool Read(char* to, size_t size) const {
    while (size > 0) {
      const ssize_t n = read(fd_, to, size);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      to += n;
      size -= static_cast<size_t>(n);
    }
    return true;
  }
  bool Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

 private:
  int fd_;
};

void MakeFolders(const std::string& folder) {
  for (size_t at = 1; at <= folder.size(); ++at) {
    if (at == folder.size() || folder[at] == '/') mkdir(folder.substr(0, at).c_str(), 0700);
  }
}

// Deletes what was used longest ago until the folder is within its bounds. Left-overs of interrupted writes
// bear names that begin as entries do and go the same way.
void Bound(const std::string& folder) {
  struct Old {
    timespec used;
    uint64_t size;
    std::string path;
  };
  std::vector<Old> entries;
  uint64_t bytes = 0;
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) return;
  while (const dirent* entry = readdir(dir)) {
    if (!IsEntryName(entry->d_name)) continue;
    std::string path = folder + "/" + entry->d_name;
    struct stat info;
    if (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    bytes += static_cast<uint64_t>(info.st_size);
    entries.push_back({info.st_mtim, static_cast<uint64_t>(info.st_size), std::move(path)});
  }
  closedir(dir);
  std::sort(entries.begin(), entries.end(), [](const Old& a, const Old& b) {
    return a.used.tv_sec != b.used.tv_sec ? a.used.tv_sec < b.used.tv_sec : a.used.tv_nsec < b.used.tv_nsec;
  });
  size_t left = entries.size();
  for (const Old& old : entries) {
    if (left <= kMaxCacheFiles && bytes <= kMaxCacheBytes) return;
    unlink(old.path.c_str());
    --left;
    bytes -= old.size;
  }
}

// Appends the build ids among the notes of one loaded object (ELF specification, "Note Section": three 32-bit
// words, then name and descriptor, each padded to four bytes; the only notes that pad to eight, program
// properties, have sizes for which that is the same).
int AppendBuildIds(dl_phdr_info* object, size_t, void* data) {
  auto& ids = *static_cast<std::vector<std::string>*>(data);
  std::string id;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    std::string_view notes(reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr), segment.p_memsz);
    const auto padded = [](size_t size) { return (size + 3) & ~size_t{3}; };
    while (notes.size() >= sizeof(ElfW(Nhdr))) {
      ElfW(Nhdr) head;
      notes.copy(reinterpret_cast<char*>(&head), sizeof head);
      notes.remove_prefix(sizeof head);
      if (padded(head.n_namesz) > notes.size() || head.n_descsz > notes.size() - padded(head.n_namesz)) break;
      const std::string_view name = notes.substr(0, head.n_namesz);
      notes.remove_prefix(padded(head.n_namesz));
      if (head.n_type == NT_GNU_BUILD_ID && name == std::string_view("GNU\0", 4)) id += notes.substr(0, head.n_descsz);
      notes.remove_prefix(std::min(padded(head.n_descsz), notes.size()));
    }
  }
  ids.push_back(std::move(id));  // the program's comes first
  return 0;
}

}  // namespace

std::string CacheFolder() {
  if (FolderOverride() != "?") return FolderOverride();
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/') {
    return std::string(xdg) + "/spoor";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return std::string(home) + "/.cache/spoor";
  }
  return "";
}

void SetCacheFolder(const std::string& folder) { FolderOverride() = folder; }

std::string Sha256Of(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<char*>(digest), size);
}

std::string BuildIdentity() {
  std::vector<std::string> ids;
  dl_iterate_phdr(AppendBuildIds, &ids);
  if (ids.empty() || ids[0].empty()) return "";
  std::string identity;
  for (const std::string& id : ids) {
    identity += id;
    identity += '\n';
  }
  return identity;
}

std::optional<CacheEntry> ReadCache(std::string_view kind, std::string_view key) {
  const std::string folder = CacheFolder();
  if (folder.empty()) return std::nullopt;
  const std::string path = folder + "/" + EntryName(kind, key);
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info;
  if (file.fd() < 0 || fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  if (info.st_uid != geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return std::nullopt;
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size < kHeadSize || size > kMaxCacheEntry) return std::nullopt;

  static_assert(CacheEntry::kHeadSize == kHeadSize);
  CacheEntry entry;
  entry.bytes_.reset(new char[size]);
  entry.size_ = size;
  if (!file.Read(entry.bytes_.get(), size)) return std::nullopt;
  if (std::string_view(entry.bytes_.get(), kHeadSize) != Head(kind, entry.body())) return std::nullopt;
  if (std::time(nullptr) - info.st_mtim.tv_sec > kTouchAfter) futimens(file.fd(), nullptr);
  return entry;
}

void WriteCache(std::string_view kind, std::string_view key, std::string_view body) {
  const std::string folder = CacheFolder();
  if (folder.empty() || body.size() > kMaxCacheEntry - kHeadSize) return;
  MakeFolders(folder);
  const std::string path = folder + "/" + EntryName(kind, key);
  std::string temporary = path + ".XXXXXX";
  bool written = false;
  {
    const File file(mkostemp(temporary.data(), O_CLOEXEC));
    if (file.fd() < 0) return;
    written = file.Write(Head(kind, body)) && file.Write(body);
  }
  if (!written || rename(temporary.c_str(), path.c_str()) != 0) {
    unlink(temporary.c_str());
    return;
  }
  Bound(folder);
}

}  // namespace spoor
