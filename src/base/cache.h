// Files that make the next start quicker: things computed from other things, kept under CacheFolder().
//
// An entry is named by the digest of all it was made from (its key) and by its kind, "<40 hex
// digits>.<kind>". It verifies itself: a magic, the kind, the SHA-256 of the body, the body. One that is
// damaged, truncated, made by somebody else or writable for others is as good as none. A cache that cannot be
// read or written is never an error, the start is only slower.
//
// The folder is bounded (kMaxCacheFiles, kMaxCacheBytes): after a new entry is written, those unused for
// longest go. Files of other names are left alone.
//
// All functions may be called from any thread; SetCacheFolder only before others use the folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace spoor {

inline constexpr size_t kMaxCacheFiles = 64;
inline constexpr uint64_t kMaxCacheBytes = uint64_t{512} << 20;  // of all entries
inline constexpr uint64_t kMaxCacheEntry = uint64_t{256} << 20;  // larger files are none of ours

// $XDG_CACHE_HOME/spoor, else ~/.cache/spoor; empty if there is neither, or if SetCacheFolder said so.
std::string CacheFolder();
void SetCacheFolder(const std::string& folder);

// SHA-256: 32 bytes, not hex.
std::string Sha256Of(std::string_view bytes);

// Tells builds of this program and of every library it runs with apart: the build ids that the linker gave
// them. Empty if the program has none; then nothing can tell, and what depends on code should not be cached.
std::string BuildIdentity();

// A verified entry. Owns its bytes.
class CacheEntry {
 public:
  std::string_view body() const { return {bytes_.get() + kHeadSize, size_ - kHeadSize}; }

 private:
  friend std::optional<CacheEntry> ReadCache(std::string_view, std::string_view);
  static constexpr size_t kHeadSize = 64;
  std::unique_ptr<char[]> bytes_;  // a head of kHeadSize bytes, then the body
  size_t size_ = kHeadSize;
};

// The entry of a kind made from `key`, or nothing. `kind` is a lower-case word with a version number
// ("literals1"), of at most 20 bytes; `key` may be of any size and content.
std::optional<CacheEntry> ReadCache(std::string_view kind, std::string_view key);

// Writes an entry, which appears complete or not at all.
void WriteCache(std::string_view kind, std::string_view key, std::string_view body);

}  // namespace spoor
