// Archives and compressed files as a flat list of what lies in them, read front to back, once.
//
// Read through libarchive: zip, 7z, tar, cpio, ar, cab, rar, iso, and what is compressed with gzip, bzip2, xz, zstd,
// lz4, lzip or compress, in each other to a bounded depth. An entry that is itself a container is not handed out: what
// lies in it is, under a path that names the way ("inner.zip!/logs/Security.evtx"). A file that is merely compressed
// ("auth.log.2.gz") holds one entry, whose path is the name without the ending; one that holds a tar or cpio archive
// ("logs.tar.gz") is one container with it.
//
// Evidence is hostile: nothing is ever written under a name that an archive gives, names are only shown. Limits stop
// what would fill memory or never end; what was read before stays read, and what stands behind a bomb is still read
// where there is a way past it. docs/formats/archives.md tells the whole of it.
//
// Not thread-safe; may move between threads between calls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "evidence/container_kind.h"

namespace spoor {

struct ContainerOptions {
  std::vector<std::string> passwords;  // tried in order for each encrypted archive
  int max_depth = 5;                   // containers in each other; "x.tar.gz" is one
  uint64_t max_entries = 1'000'000;    // of the outermost container, with all in it, folders and links too
  uint64_t max_names = 96 << 20;       // bytes of the paths of all that is handed out: they are kept as long as the run
  // All bytes that come out, of containers in containers too, may be so many times those that went in, beyond the
  // first max_free. Deflate reaches 1,032, so a bomb made with it is beyond 1,000 only just; logs reach 10 to 100.
  uint64_t max_ratio = 200;
  uint64_t max_free = uint64_t{256} << 20;
  uint64_t max_bytes = uint64_t{4} << 40;  // that come out of the outermost container
};

// What could not be read, and why, in words for the user that say what to do.
struct ContainerProblem {
  std::string path;    // of the entry, as ContainerEntry::path; empty: the container itself
  std::string reason;  // free of control characters
};

struct ContainerEntry {
  // Within the outermost container; no leading '/', control characters as they are, ".." too. Of several entries of
  // one name the second ends with "#2", the third with "#3".
  std::string path;
  uint64_t size = 0;     // bytes, as the archive says; 0: it does not say
  int64_t modified = 0;  // microseconds since 1970 UTC, as the archive says; 0: it does not say
};

class Container {
 public:
  // Reads the container's bytes: up to `size` at `offset`; fewer only at the end. Offsets mostly ascend; an archive
  // that keeps its list of contents at its end (zip, 7z) is read from there first. For what cannot be read anywhere but
  // in order (a pipe), give `size` kUnknown; offsets then ascend without gaps, and a zip or 7z is put aside first.
  using ReadAt = std::function<absl::StatusOr<size_t>(uint64_t offset, uint8_t* to, size_t size)>;
  static constexpr uint64_t kUnknown = ~uint64_t{0};

  // The first bytes of a file look like a container. kHead of them tell all kinds, 512 all but ISO 9660.
  static constexpr size_t kHead = kContainerHead;
  static bool Recognise(const uint8_t* head, size_t size) {
    return RecogniseContainer(head, size) != ContainerKind::kNone;
  }

  // `name`: of the file, without folders; what an entry of a merely compressed file is called is made of it. Nothing
  // is read yet: what is wrong with it stands in problems() after the first Next.
  static std::unique_ptr<Container> Open(ReadAt read, uint64_t size, std::string name, ContainerOptions options);
  ~Container();

  // Moves to the next entry that is a regular file, skipping what is left of the present one. nullptr: there is none
  // left. The entry is valid until the next call.
  const ContainerEntry* Next();
  // Reads the next bytes of the entry; fewer only at its end. After an error the entry is over, and the error also
  // stands in problems(); bytes before it are handed out first. REQUIRES: Next gave an entry.
  absl::StatusOr<size_t> Read(uint8_t* to, size_t size);

  // What could not be read so far, in order. Grows with Next and Read; at most kMaxProblems, then one that says so.
  static constexpr size_t kMaxProblems = 10'000;
  const std::vector<ContainerProblem>& problems() const;
  // Bytes of the container read so far, for progress.
  uint64_t consumed() const;

 private:
  struct Impl;
  explicit Container(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor
