// What the first pass says of files: in which nothing is stated, so that they need not be read again.
#include "world/first_look.h"

#include <gtest/gtest.h>

#include <memory>

#include "hunt/feed.h"

namespace spoor {
namespace {

class FirstLookTest : public testing::Test {
 protected:
  FirstLookTest() : files_({{"mails.eml", "acme"}, {"proxy.log", "acme"}, {"both.jsonl", "acme"}, {"empty", "acme"}}) {
    looks_.push_back(std::make_unique<FirstLook>());
    looks_.push_back(std::make_unique<FirstLook>());
    mail_.source = {"mail", "message", ""};
    proxy_.source = {"squid", "access", "proxy"};
  }
  void Give(size_t look, uint32_t file, const Shape& shape) {
    Piece piece;
    piece.file = file;
    looks_[look]->Begin(piece, files_[file].tenant);
    Event event;
    event.shape = &shape;
    looks_[look]->OnEvent(event);
    looks_[look]->ShapesDropped();
  }
  bool IsSilent(uint32_t file) const { return SilentFiles(files_, looks_).Has(files_, file); }

  FileTable files_;
  std::vector<std::unique_ptr<FirstLook>> looks_;
  Shape mail_, proxy_, windows_;  // of Windows logs nothing is said by the source
};

TEST_F(FirstLookTest, OfMailsNothingIsStatedOfProxiesAndWindowsThereIs) {
  Give(0, 0, mail_);
  Give(0, 1, proxy_);
  Give(1, 2, windows_);
  EXPECT_TRUE(IsSilent(0));
  EXPECT_FALSE(IsSilent(1));
  EXPECT_FALSE(IsSilent(2));
  EXPECT_TRUE(IsSilent(3));
}

TEST_F(FirstLookTest, AFileIsReadAgainIfAnyWorkerSawSomethingInIt) {
  Give(0, 2, mail_);
  Give(1, 2, proxy_);
  Give(0, 2, mail_);
  EXPECT_FALSE(IsSilent(2));
}

// A container may have several files of one path; none of them is passed over if one of them tells.
TEST_F(FirstLookTest, FilesOfContainersAreKnownByTheirPath) {
  const uint32_t mail = files_.Add({"a.zip!/mail", "acme"}), twice = files_.Add({"a.zip!/log", "acme"}),
                 again = files_.Add({"a.zip!/log", "acme"}), other = files_.Add({"a.zip!/log", "globex"});
  Give(0, mail, mail_);
  Give(0, twice, mail_);
  Give(1, again, proxy_);
  Give(1, other, mail_);
  const SilentFiles silent(files_, looks_);
  FileTable second({{"mails.eml", "acme"}, {"proxy.log", "acme"}, {"both.jsonl", "acme"}, {"empty", "acme"}});
  const uint32_t log = second.Add({"a.zip!/log", "acme"}), others = second.Add({"a.zip!/log", "globex"}),
                 mails = second.Add({"a.zip!/mail", "acme"}), unseen = second.Add({"a.zip!/new", "acme"});
  EXPECT_FALSE(silent.Has(second, log));
  EXPECT_TRUE(silent.Has(second, others));
  EXPECT_TRUE(silent.Has(second, mails));
  EXPECT_FALSE(silent.Has(second, unseen));
}

TEST(SameFiles, AreKnownByPathTenantAndOrder) {
  FileTable first({{"a.zip", "x"}, {"b.zip", "y"}}), second({{"a.zip", "x"}, {"b.zip", "y"}});
  first.Add({"b.zip!/m", "y"});   // 2
  first.Add({"a.zip!/m", "x"});   // 3
  first.Add({"a.zip!/m", "x"});   // 4
  first.Add({"a.zip!/n", "x"});   // 5
  second.Add({"a.zip!/m", "x"});  // 2
  second.Add({"b.zip!/m", "y"});  // 3
  second.Add({"a.zip!/m", "x"});  // 4
  EXPECT_EQ(SameFiles(first, second), (std::vector<uint32_t>{0, 1, 3, 2, 4, ~0u}));
}

}  // namespace
}  // namespace spoor
