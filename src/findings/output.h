// Where the bytes go: standard output, or a file that appears under its name only when it is complete.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spoor {

// Not thread-safe. Bytes are passed on at once; callers write in large pieces.
class Output {
 public:
  // "" or "-" is standard output. A regular file is written under a temporary name in the same folder and
  // renamed by Commit; without Commit the temporary file is removed and a file of that name stays as it was.
  // What exists and is no regular file (a device, a named pipe) is written to directly. A symbolic link is
  // followed.
  static absl::StatusOr<std::unique_ptr<Output>> Open(const std::string& path);
  virtual ~Output() = default;
  // kCancelled when the reader of a pipe has gone (the program must ignore SIGPIPE); kResourceExhausted when
  // the disk is full. After an error no more should be written.
  virtual absl::Status Write(std::string_view bytes) = 0;
  virtual absl::Status Commit() = 0;
};

// For who wants a hunt's counts and not its findings: takes all and keeps nothing.
class NoOutput final : public Output {
 public:
  absl::Status Write(std::string_view) override { return absl::OkStatus(); }
  absl::Status Commit() override { return absl::OkStatus(); }
};

// Writes all of `bytes` to a descriptor, whatever the portions the system takes. `what` names it in errors.
absl::Status WriteAll(int fd, std::string_view bytes, std::string_view what);

}  // namespace spoor
