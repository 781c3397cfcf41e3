#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "evidence/files.h"
#include "evidence/source.h"
#include "support/read_events.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

std::string Paths(const EvidenceList& list, const std::string& below) {
  std::string out;
  for (const EvidenceFile& f : list.files) {
    std::string path = f.path;
    if (path.starts_with(below)) path = path.substr(below.size() + 1);
    out += (out.empty() ? "" : " ") + path + (f.tenant.empty() ? "" : "@" + f.tenant);
  }
  return out;
}

class ListTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"b/z", "b/a", "b.txt", "a/1/2/3", "é", "B"}) {
      fs::create_directories(fs::path(folder_ / name).parent_path());
      test::WriteAll(folder_ / name, "x");
    }
  }
  test::TemporaryFolder folder_;
};

TEST_F(ListTest, IsInOrderOfPathByteByByte) {
  const auto list = ListEvidence({folder_.path()}, {});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Paths(*list, folder_.path()), "B a/1/2/3 b.txt b/a b/z é");
  EXPECT_TRUE(list->unread.empty());
}

TEST_F(ListTest, WhatIsNamedTwiceStandsOnce) {
  const auto list = ListEvidence({folder_ / "b", folder_ / "b/a", "-", folder_ / "b"}, {});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Paths(*list, folder_.path()), "b/a b/z -");
}

TEST_F(ListTest, TenantsKeepTheirFiles) {
  const auto list = ListEvidence({folder_ / "b.txt"}, {{"acme", folder_ / "b"}, {"other", folder_ / "a"}});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Paths(*list, folder_.path()), "a/1/2/3@other b.txt b/a@acme b/z@acme");
}

TEST_F(ListTest, WhatIsNotThereIsAnError) {
  const auto list = ListEvidence({folder_ / "b", folder_ / "none"}, {});
  EXPECT_EQ(list.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(list.status().message().find("none"), std::string::npos);
}

TEST_F(ListTest, LinksToFoldersAreFollowedOnlyWhereNamed) {
  fs::create_directory_symlink(folder_.path(), folder_ / "a/loop");
  fs::create_symlink(folder_ / "b.txt", folder_ / "a/link");
  fs::create_symlink(folder_ / "gone", folder_ / "a/dangling");
  auto list = ListEvidence({folder_ / "a"}, {});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Paths(*list, folder_.path()), "a/1/2/3 a/link");
  fs::create_directory_symlink(folder_ / "b", folder_ / "named");
  list = ListEvidence({folder_ / "named"}, {});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Paths(*list, folder_.path()), "named/a named/z");
}

TEST_F(ListTest, PipesAndSuchInFoldersArePassedOver) {
  ASSERT_EQ(mkfifo((folder_ / "b/pipe").c_str(), 0600), 0);
  const auto list = ListEvidence({folder_ / "b"}, {});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(Paths(*list, folder_.path()), "b/a b/z");
}

TEST_F(ListTest, AFolderThatCannotBeListedIsNamed) {
  if (geteuid() == 0) GTEST_SKIP() << "root may list everything";
  ASSERT_EQ(chmod((folder_ / "b").c_str(), 0), 0);
  const auto list = ListEvidence({folder_.path()}, {});
  chmod((folder_ / "b").c_str(), 0700);
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->unread.size(), 1u);
  EXPECT_EQ(list->unread[0].path, folder_ / "b");
}

TEST_F(ListTest, DeepFoldersAreNoTrap) {
  fs::path deep = folder_ / "deep";
  for (int i = 0; i < 300; ++i) deep /= "d";
  fs::create_directories(deep);
  test::WriteAll((deep / "file").string(), "x");
  const auto list = ListEvidence({folder_ / "deep"}, {});
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->files.size(), 1u);
}

std::string Hex(std::string_view text, size_t step = SIZE_MAX) {
  Sha256 sha;
  for (size_t at = 0; at < text.size(); at += std::min(step, text.size())) {
    const std::string_view part = text.substr(at, step);
    sha.Update(reinterpret_cast<const uint8_t*>(part.data()), part.size());
  }
  return sha.Hex();
}

// FIPS 180-2, appendix B.
TEST(Digest, KnownAnswers) {
  EXPECT_EQ(Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(Hex(std::string(1'000'000, 'a'), 777), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Source, ReadsAnywhereAndEndsWhereTheFileDoes) {
  test::TemporaryFolder folder;
  test::WriteAll(folder / "f", "0123456789");
  const auto source = EvidenceSource::Open(folder / "f");
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->size(), 10u);
  uint8_t bytes[20];
  EXPECT_EQ(*(*source)->ReadAt(7, bytes, 20), 3u);
  EXPECT_EQ(bytes[0], '7');
  EXPECT_EQ(*(*source)->ReadAt(10, bytes, 20), 0u);
  EXPECT_EQ(*(*source)->ReadAt(1'000'000, bytes, 20), 0u);
  ASSERT_EQ(truncate((folder / "f").c_str(), 2), 0);
  EXPECT_EQ(*(*source)->ReadAt(1, bytes, 20), 1u);
}

TEST(Source, WhatIsNoFileIsRefusedAtOnce) {
  test::TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(EvidenceSource::Open(folder / "pipe").ok());  // and does not wait for a writer
  EXPECT_FALSE(EvidenceSource::Open(folder.path()).ok());
  EXPECT_FALSE(EvidenceSource::Open(folder / "none").ok());
}

}  // namespace
}  // namespace spoor
