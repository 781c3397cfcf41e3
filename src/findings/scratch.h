// Memory in which a thread builds one piece of text whose greatest length it knows beforehand.
#pragma once

#include <cstddef>
#include <memory>

namespace spoor {

// Grows to what was asked for and keeps it for the next text, up to kKeep bytes. Not thread-safe: one per
// thread (thread_local). A pointer got from Room is valid until the next call.
class Scratch {
 public:
  static constexpr size_t kKeep = 1 << 20;
  char* Room(size_t bytes) {
    if (block_ == nullptr || bytes > size_ || (size_ > kKeep && bytes <= kKeep)) {
      size_ = bytes < kFirst ? kFirst : bytes;
      block_.reset(new char[size_]);
    }
    return block_.get();
  }

 private:
  static constexpr size_t kFirst = 16 << 10;
  std::unique_ptr<char[]> block_;
  size_t size_ = 0;
};

}  // namespace spoor
