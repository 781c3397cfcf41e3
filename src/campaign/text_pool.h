// Texts of which many are the same (paths of programs, command lines): each once.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace spoor {

// Not thread-safe.
class TextPool {
 public:
  // Valid as long as the pool, and wherever it is moved.
  std::string_view Keep(std::string_view text) {
    if (text.empty()) return {};
    if (const auto it = known_.find(text); it != known_.end()) return *it;
    if (text.size() > left_) {
      const size_t size = text.size() > kBlock ? text.size() : kBlock;
      blocks_.push_back(std::make_unique<char[]>(size));
      next_ = blocks_.back().get();
      left_ = size;
    }
    std::memcpy(next_, text.data(), text.size());
    const std::string_view kept(next_, text.size());
    next_ += text.size();
    left_ -= text.size();
    known_.insert(kept);
    return kept;
  }

 private:
  static constexpr size_t kBlock = 64 << 10;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
  absl::flat_hash_set<std::string_view> known_;
};

}  // namespace spoor
