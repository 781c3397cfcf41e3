#include "findings/output.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace spoor {
namespace {

namespace fs = std::filesystem;

class OutputTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/spoor-output.XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string Read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  size_t Entries() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  fs::path folder_;
};

TEST_F(OutputTest, AFileAppearsOnlyWhenComplete) {
  auto output = Output::Open(Path("out.jsonl"));
  ASSERT_TRUE(output.ok()) << output.status();
  ASSERT_TRUE((*output)->Write("one\n").ok());
  EXPECT_FALSE(fs::exists(Path("out.jsonl")));
  ASSERT_TRUE((*output)->Write("two\n").ok());
  ASSERT_TRUE((*output)->Commit().ok());
  EXPECT_EQ(Read(Path("out.jsonl")), "one\ntwo\n");
  EXPECT_EQ(Entries(), 1u);
  EXPECT_FALSE((*output)->Write("late").ok());
}

TEST_F(OutputTest, WithoutCommitNothingChanges) {
  std::ofstream(Path("out")) << "old";
  {
    auto output = Output::Open(Path("out"));
    ASSERT_TRUE(output.ok());
    ASSERT_TRUE((*output)->Write("new").ok());
  }
  EXPECT_EQ(Read(Path("out")), "old");
  EXPECT_EQ(Entries(), 1u);
}

TEST_F(OutputTest, ASymbolicLinkIsFollowed) {
  std::ofstream(Path("target")) << "old";
  fs::create_symlink("target", Path("link"));
  auto output = Output::Open(Path("link"));
  ASSERT_TRUE(output.ok());
  ASSERT_TRUE((*output)->Write("new").ok());
  ASSERT_TRUE((*output)->Commit().ok());
  EXPECT_TRUE(fs::is_symlink(Path("link")));
  EXPECT_EQ(Read(Path("target")), "new");
}

TEST_F(OutputTest, ADeviceIsWrittenToDirectly) {
  auto output = Output::Open("/dev/null");
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_TRUE((*output)->Write("gone").ok());
  EXPECT_TRUE((*output)->Commit().ok());
  auto full = Output::Open("/dev/full");
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ((*full)->Write("x").code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(OutputTest, WhatCannotBeWrittenIsRefusedAtOnce) {
  EXPECT_FALSE(Output::Open(folder_.string()).ok());
  EXPECT_FALSE(Output::Open(Path("missing/out")).ok());
  EXPECT_FALSE(Output::Open(Path("new/")).ok());
}

TEST_F(OutputTest, AReaderThatHasGoneIsCancelled) {
  const auto before = signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(WriteAll(ends[1], "x", "pipe").code(), absl::StatusCode::kCancelled);
  close(ends[1]);
  signal(SIGPIPE, before);
}

}  // namespace
}  // namespace spoor
