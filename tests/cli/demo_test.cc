// The program writes long scenarios in bounded memory: days are written as they are made.
#include <filesystem>

#include "gtest/gtest.h"
#include "support/read_events.h"
#include "support/run_program.h"

namespace spoor::test {
namespace {

// Bytes of all files below a folder.
uint64_t Size(const std::string& folder) {
  uint64_t size = 0;
  for (const std::string& path : FilesBelow(folder, "")) size += std::filesystem::file_size(path);
  return size;
}

TEST(DemoMemory, DoesNotGrowWithTheScenario) {
  const TemporaryFolder folder;
  const Ran brief = RunProgram(SPOOR_BINARY, {"demo", folder / "brief", "--days", "40", "--noise", "2", "-q"}, 120);
  const Ran lengthy = RunProgram(SPOOR_BINARY, {"demo", folder / "long", "--days", "240", "--noise", "2", "-q"}, 240);
  ASSERT_EQ(brief.code, 0) << brief.Text();
  ASSERT_EQ(lengthy.code, 0) << lengthy.Text();
  EXPECT_GT(Size(folder / "long"), 3 * Size(folder / "brief"));
  if (!kMemoryCounts) GTEST_SKIP() << "memory under a sanitizer says nothing";
  EXPECT_LT(lengthy.peak, kMaxMemory / 2);
  EXPECT_LT(lengthy.peak, brief.peak + brief.peak / 2);
}

}  // namespace
}  // namespace spoor::test
