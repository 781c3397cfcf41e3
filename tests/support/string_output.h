// Output into a string.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "findings/output.h"

namespace spoor::test {

// Fails after `room` bytes. Not thread-safe.
class StringOutput final : public Output {
 public:
  explicit StringOutput(size_t room = static_cast<size_t>(-1)) : room_(room) {}
  absl::Status Write(std::string_view bytes) override {
    if (text.size() + bytes.size() > room_) return absl::ResourceExhaustedError("full");
    text.append(bytes);
    if (on_write) on_write();
    return absl::OkStatus();
  }
  absl::Status Commit() override { return absl::OkStatus(); }

  std::string text;
  std::function<void()> on_write;  // called behind each Write that did not fail

 private:
  size_t room_;
};

}  // namespace spoor::test
