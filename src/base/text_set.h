// Texts of which many are the same (paths of programs, command lines, addresses of mail): each once.
#pragma once

#include <string>
#include <string_view>

#include "absl/container/node_hash_set.h"
#include "absl/strings/string_view.h"

namespace spoor {

// Not thread-safe.
class TextSet {
 public:
  // Never null; valid as long as the set, and wherever that is moved.
  const std::string* Put(std::string_view text) {
    const auto found = texts_.find(absl::string_view(text.data(), text.size()));
    // To emplace is to make the text before it is looked for.
    return found != texts_.end() ? &*found : &*texts_.emplace(text).first;
  }
  size_t size() const { return texts_.size(); }

 private:
  absl::node_hash_set<std::string> texts_;
};

}  // namespace spoor
