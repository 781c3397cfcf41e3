#include "support/read_events.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "formats/registry.h"

namespace spoor::test {

namespace fs = std::filesystem;

std::vector<std::string> FilesBelow(const std::string& folder, const std::string& ending) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().string().ends_with(ending)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::abort();
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteAll(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

bool ReadEventsOf(std::string_view bytes, Sink* sink) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const Format* format = Recognise(data, bytes.size());
  if (format == nullptr) return false;
  ReadWhole(*format, {}, data, bytes.size(), sink);
  return true;
}

bool ReadEvents(const std::string& path, Sink* sink) { return ReadEventsOf(ReadAll(path), sink); }

TemporaryFolder::TemporaryFolder() {
  std::string path = (fs::temp_directory_path() / "spoor_test.XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) std::abort();
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace spoor::test
