// What a reader made of header lines, kept as long as files with the same ones come.
#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"

namespace spoor {

// Not thread-safe. `Layout` may hold shapes; the sink is told before they go.
template <typename Layout>
class Layouts {
 public:
  static constexpr size_t kMost = 256;  // more, and all are forgotten

  // The layout of a header; `make`, which may return a null pointer, is asked where it is a new one.
  template <typename Make>
  Layout* Get(const std::string& header, Sink* sink, Make&& make) {
    const auto it = made_.find(header);
    if (it != made_.end()) return it->second.get();
    if (made_.size() >= kMost) {
      sink->ShapesDropped();
      made_.clear();
    }
    return made_.emplace(header, make()).first->second.get();
  }

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<Layout>> made_;
};

}  // namespace spoor
