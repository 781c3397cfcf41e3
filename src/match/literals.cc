#include "match/literals.h"

#include <fcntl.h>
#include <hs.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace spoor {
namespace {

// A cache file: this magic, the SHA-256 of the rest, the serialised database.
constexpr char kMagic[] = "spoor literals 1";
constexpr size_t kMagicSize = sizeof kMagic - 1;
constexpr size_t kDigestSize = 32;
constexpr off_t kMaxCacheFile = 256 << 20;   // larger files are none of ours
constexpr size_t kWorthCaching = 200;        // literals; smaller databases are built faster than a file is opened

std::string& CacheOverride() {
  static auto* folder = new std::string("?");  // "?": not set
  return *folder;
}

std::string Sha256(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<char*>(digest), size);
}

std::string CachePath(const std::vector<std::string_view>& literals) {
  const std::string folder = CacheFolder();
  if (folder.empty() || literals.size() < kWorthCaching) return "";
  std::string key = absl::StrCat(kMagic, "\n", hs_version(), "\n");
  hs_platform_info platform;
  if (hs_populate_platform(&platform) != HS_SUCCESS) return "";
  absl::StrAppend(&key, platform.tune, " ", platform.cpu_features, "\n");
  for (const std::string_view literal : literals) {
    absl::StrAppend(&key, literal.size(), ":");
    key += literal;
  }
  return absl::StrCat(folder, "/", absl::BytesToHexString(Sha256(key)).substr(0, 40), ".literals");
}

hs_database* Load(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  struct stat info;
  std::string bytes;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 && info.st_size <= kMaxCacheFile) {
    bytes.resize(info.st_size);
    size_t have = 0;
    while (have < bytes.size()) {
      const ssize_t n = read(fd, bytes.data() + have, bytes.size() - have);
      if (n <= 0) break;
      have += n;
    }
    bytes.resize(have);
  }
  close(fd);
  if (bytes.size() < kMagicSize + kDigestSize || std::memcmp(bytes.data(), kMagic, kMagicSize) != 0) return nullptr;
  const std::string_view body = std::string_view(bytes).substr(kMagicSize + kDigestSize);
  if (Sha256(body) != std::string_view(bytes).substr(kMagicSize, kDigestSize)) return nullptr;
  hs_database_t* database = nullptr;
  if (hs_deserialize_database(body.data(), body.size(), &database) != HS_SUCCESS) return nullptr;
  return database;
}

// A cache that cannot be written is no error: the next start is slower.
void Store(const std::string& path, const hs_database* database) {
  char* bytes = nullptr;
  size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return;
  const std::string_view body(bytes, size);
  const std::string head = kMagic + Sha256(body);
  const std::string folder = CacheFolder();
  for (size_t at = 1; at <= folder.size(); ++at) {  // mkdir -p
    if (at == folder.size() || folder[at] == '/') mkdir(folder.substr(0, at).c_str(), 0700);
  }
  std::string temporary = path + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd >= 0) {
    const bool written = write(fd, head.data(), head.size()) == static_cast<ssize_t>(head.size()) &&
                         write(fd, body.data(), body.size()) == static_cast<ssize_t>(body.size());
    close(fd);
    if (!written || rename(temporary.c_str(), path.c_str()) != 0) unlink(temporary.c_str());
  }
  std::free(bytes);
}

}  // namespace

void SetCacheFolder(const std::string& folder) { CacheOverride() = folder; }

std::string CacheFolder() {
  if (CacheOverride() != "?") return CacheOverride();
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/') {
    return absl::StrCat(xdg, "/spoor");
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    return absl::StrCat(home, "/.cache/spoor");
  }
  return "";
}

LiteralScratch::~LiteralScratch() {
  if (scratch_ != nullptr) hs_free_scratch(scratch_);
}

LiteralDatabase::~LiteralDatabase() {
  if (database_ != nullptr) hs_free_database(database_);
}

absl::StatusOr<std::unique_ptr<LiteralDatabase>> LiteralDatabase::Make(
    const std::vector<std::string_view>& literals) {
  std::unique_ptr<LiteralDatabase> made(new LiteralDatabase());
  const std::string path = CachePath(literals);
  if (!path.empty()) made->database_ = Load(path);
  if (made->database_ != nullptr) return made;
  std::vector<const char*> texts;
  std::vector<unsigned> flags(literals.size(), 0), ids;
  std::vector<size_t> sizes;
  for (const std::string_view literal : literals) {
    texts.push_back(literal.data());
    sizes.push_back(literal.size());
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(), static_cast<unsigned>(texts.size()),
                           HS_MODE_BLOCK, nullptr, &made->database_, &error) != HS_SUCCESS) {
    const std::string message = error != nullptr ? error->message : "unknown error";
    hs_free_compile_error(error);
    return absl::InternalError(absl::StrCat("cannot build the literal matcher: ", message));
  }
  if (!path.empty()) Store(path, made->database_);
  return made;
}

absl::Status LiteralDatabase::Prepare(LiteralScratch* scratch) const {
  if (hs_alloc_scratch(database_, &scratch->scratch_) != HS_SUCCESS) {
    return absl::ResourceExhaustedError("no memory for the literal matcher's scratch space");
  }
  return absl::OkStatus();
}

void LiteralDatabase::Scan(std::string_view text, LiteralScratch* scratch,
                           absl::FunctionRef<void(uint32_t)> fn) const {
  const auto on_match = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
    (*static_cast<absl::FunctionRef<void(uint32_t)>*>(context))(id);
    return 0;
  };
  hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch->scratch_, on_match, &fn);
}

}  // namespace spoor
