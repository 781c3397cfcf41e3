#include "hunt/seen.h"

#include <algorithm>
#include <memory>

#include "base/hash.h"
#include "hunt/feed.h"
#include "hunt/noter.h"
#include "hunt/seen_whole.h"
#include "hunt/workers.h"

namespace spoor {

std::string LogKey::Name() const {
  if (!channel.empty()) return channel;
  const std::string name = source.Name();
  return name.empty() ? "(of no source known)" : name;
}

uint64_t FieldHash(std::string_view name) {
  std::string joined;
  for (const char c : name) {
    if (c != ' ' && c != '_') joined += c;
  }
  return HashBytes128(reinterpret_cast<const uint8_t*>(joined.data()), joined.size(), 0).low;
}

bool SeenKind::HasValueIn(std::string_view field) const {
  return any_field || std::binary_search(fields.begin(), fields.end(), FieldHash(field));
}

Seen CollectSeen(const EvidenceList& evidence, const sigma::SwitchOn& known, const SeenOptions& options,
                 const std::atomic<bool>& stop, const std::function<void(const HuntProgress&)>& progress) {
  const unsigned jobs = std::max(1u, options.jobs);
  const auto files = std::make_shared<FileTable>(evidence.files);
  SeenWhole whole(known, *files);
  Feed feed(files.get(), {jobs, false, options.container}, nullptr, nullptr);
  std::vector<std::unique_ptr<Noter>> noters;
  for (unsigned i = 0; i < jobs; ++i) noters.push_back(std::make_unique<Noter>(known, options.format));
  const auto read = [&](unsigned i, const Piece& piece) {
    noters[i]->Read(piece);
    whole.Take(noters[i]->notes());
  };
  const auto events = [&] {
    uint64_t sum = 0;
    for (const auto& n : noters) sum += n->events.load(std::memory_order_relaxed);
    return sum;
  };
  ReadAll(&feed, jobs, stop, read, events, progress);

  Seen seen = whole.Finish();
  seen.table = files;
  seen.partial = stop.load();
  seen.files = feed.files_read();
  seen.bytes = feed.bytes_read();
  DamageByKind damaged;
  for (const auto& n : noters) {
    seen.damage += n->damage;
    damaged.Add(n->damaged);
  }
  seen.damaged = damaged.InOrder();
  std::stable_sort(seen.damaged.begin(), seen.damaged.end(), [&files](const DamageAt& a, const DamageAt& b) {
    return a.file != b.file && files->Before(a.file, b.file);
  });
  seen.unread = AllUnread(evidence, feed);
  return seen;
}

}  // namespace spoor
