// Any bytes as a container, from a file and from a pipe, with small limits: it must end, within its limits.
#include <algorithm>
#include <cstring>
#include <vector>

#include "evidence/collection.h"
#include "evidence/container.h"

namespace {

constexpr uint64_t kMaxBytes = 8 << 20;

void ReadAll(const uint8_t* data, size_t size, bool pipe) {
  spoor::ContainerOptions options;
  options.passwords = {"infected", "x"};
  options.max_depth = 3;
  options.max_entries = 2000;
  options.max_bytes = kMaxBytes;
  options.max_free = 4 << 20;
  uint64_t expected = 0;
  const auto read = [&](uint64_t offset, uint8_t* to, size_t wanted) -> absl::StatusOr<size_t> {
    if (pipe && offset != expected) __builtin_trap();
    if (offset >= size) return size_t{0};
    const size_t n = std::min(wanted, size - static_cast<size_t>(offset));
    std::memcpy(to, data + offset, n);
    expected = offset + n;
    return n;
  };
  const auto container = spoor::Container::Open(read, pipe ? spoor::Container::kUnknown : size, "x.gz", options);
  std::vector<uint8_t> buffer(64 << 10);
  uint64_t total = 0;
  while (const spoor::ContainerEntry* entry = container->Next()) {
    if (entry->path.empty() || entry->path.front() == '/') __builtin_trap();
    (void)spoor::HostFromPath(entry->path);
    if (entry->path.size() % 3 == 0) continue;  // passed over
    while (true) {
      const absl::StatusOr<size_t> n = container->Read(buffer.data(), buffer.size());
      if (!n.ok() || *n == 0) break;
      total += *n;
    }
  }
  if (total > kMaxBytes + buffer.size()) __builtin_trap();
  if (container->problems().size() > spoor::Container::kMaxProblems + 1) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (!spoor::Container::Recognise(data, size)) return 0;
  ReadAll(data, size, false);
  ReadAll(data, size, true);
  return 0;
}
