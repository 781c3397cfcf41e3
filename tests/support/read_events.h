// Reading whole files of events in a test.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "event/event.h"

namespace spoor::test {

// Regular files below a folder whose names end so, sorted.
std::vector<std::string> FilesBelow(const std::string& folder, const std::string& ending);
// The bytes of a file; aborts if it cannot be read.
std::string ReadAll(const std::string& path);
void WriteAll(const std::string& path, std::string_view bytes);
// All events of a file or of a file's bytes, by a reader of its own. False: of no format spoor knows.
bool ReadEvents(const std::string& path, Sink* sink);
bool ReadEventsOf(std::string_view bytes, Sink* sink);

// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace spoor::test
