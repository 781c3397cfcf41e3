// Evidence in pieces: each byte handed out once, in whatever order; digests right; what cannot be read named.
#include "hunt/feed.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <set>
#include <thread>

#include "support/event_text.h"
#include "support/read_events.h"

namespace spoor {
namespace {

std::string Digest(std::string_view bytes) {
  Sha256 sha;
  sha.Update(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  return sha.Hex();
}

// A log of `size` bytes, about; its chunks hold nothing.
std::string Log(size_t size, char fill = 'x') {
  std::string log = *test::MakeEvtx("log: L\nprovider: P\nevent 1 2026-01-02T03:04:05Z\n  A: b\n");
  log.resize(std::max(size, size_t{8}), fill);
  return log;
}

struct Fed {
  std::vector<std::map<uint64_t, std::string>> pieces;       // by file: offset -> bytes
  std::vector<std::string> digests;                          // by file
  std::map<uint32_t, std::map<uint64_t, uint64_t>> numbers;  // by slot: number -> offset
  std::map<uint32_t, uint64_t> slots;                        // pieces of each
  std::vector<Unread> unread;
  uint64_t read = 0;
};

// Feeds the files to `jobs` workers; `meanwhile` is called for every piece.
Fed Feeding(const std::vector<EvidenceFile>& listed, unsigned jobs, bool digest = true,
            const std::function<void(const Piece&)>& meanwhile = nullptr) {
  Fed fed;
  fed.pieces.resize(listed.size());
  fed.digests.resize(listed.size());
  std::mutex mutex;
  FileTable files(listed);
  Feed feed(
      &files, {jobs, digest},
      [&](uint32_t file, std::string_view hex) {
        std::lock_guard<std::mutex> lock(mutex);
        fed.digests[file] = hex;
      },
      [&](uint32_t slot, uint64_t pieces) {
        std::lock_guard<std::mutex> lock(mutex);
        EXPECT_TRUE(fed.slots.emplace(slot, pieces).second) << slot;
      });
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < jobs; ++i) {
    threads.emplace_back([&, i] {
      while (auto piece = feed.Take(i)) {
        if (meanwhile) meanwhile(*piece);
        feed.Digest(piece);
        {
          std::lock_guard<std::mutex> lock(mutex);
          fed.pieces[piece->file][piece->offset].assign(reinterpret_cast<char*>(piece->data.get()), piece->cut.size);
          EXPECT_TRUE(fed.numbers[piece->slot].emplace(piece->number, piece->offset).second);
        }
        feed.Done(piece);
      }
    });
  }
  for (auto& t : threads) t.join();
  fed.unread = feed.unread();
  fed.read = feed.files_read();
  for (uint32_t i = 0; i < listed.size(); ++i) {
    if (digest && feed.DigestOf(i).size() == 64) EXPECT_EQ(feed.DigestOf(i), fed.digests[i]);
  }
  return fed;
}

std::string Joined(const std::map<uint64_t, std::string>& pieces) {
  std::string all;
  for (const auto& [offset, bytes] : pieces) {
    EXPECT_EQ(offset, all.size());
    all += bytes;
  }
  return all;
}

// Each slot's numbers run from 0 without a gap and go up with the offset, and it is said how many there are.
void ExpectNumbered(const Fed& fed, size_t slots) {
  EXPECT_EQ(fed.slots.size(), slots);
  for (const auto& [slot, pieces] : fed.slots) {
    const auto numbers = fed.numbers.find(slot);
    if (numbers == fed.numbers.end()) {
      EXPECT_EQ(pieces, 0u);
      continue;
    }
    EXPECT_EQ(numbers->second.size(), pieces);
    EXPECT_EQ(numbers->second.rbegin()->first, pieces - 1);
    uint64_t before = 0;
    for (const auto& [number, offset] : numbers->second) {
      if (number > 0) EXPECT_LT(before, offset);
      before = offset;
    }
  }
}

TEST(Feed, EveryByteOnceWhateverTheWorkers) {
  test::TemporaryFolder folder;
  std::mt19937 random(1);
  std::vector<EvidenceFile> files;
  std::vector<std::string> contents;
  for (size_t size : {size_t{100}, size_t{4096}, kPieceHead + kPieceSize - 1, kPieceHead + kPieceSize,
                      kPieceHead + kPieceSize + 1, kPieceHead + 9 * kPieceSize, size_t{20'000'000}, size_t{70'000}}) {
    const std::string path = folder / ("f" + std::to_string(files.size()));
    contents.push_back(Log(size, static_cast<char>('a' + files.size())));
    test::WriteAll(path, contents.back());
    files.push_back({path, ""});
  }
  for (const unsigned jobs : {1u, 2u, 5u}) {
    for (const bool digest : {true, false}) {
      SCOPED_TRACE(testing::Message() << jobs << " jobs, digest " << digest);
      Fed fed = Feeding(files, jobs, digest, [&](const Piece& p) {
        if (p.number % 3 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      });
      for (size_t i = 0; i < files.size(); ++i) {
        EXPECT_TRUE(Joined(fed.pieces[i]) == contents[i]) << i;
        if (digest) EXPECT_EQ(fed.digests[i], Digest(contents[i])) << i;
      }
      ExpectNumbered(fed, files.size());
      EXPECT_EQ(fed.read, files.size());
      EXPECT_TRUE(fed.unread.empty());
    }
  }
}

TEST(Feed, WhatCannotBeReadIsNamedAndTheRestIsRead) {
  test::TemporaryFolder folder;
  test::WriteAll(folder / "empty", "");
  test::WriteAll(folder / "text", "hello");
  test::WriteAll(folder / "big", std::string(3'000'000, 'x'));
  test::WriteAll(folder / "good", Log(2'000'000));
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  const std::vector<EvidenceFile> files{{folder / "big", ""},  {folder / "empty", ""}, {folder / "gone", ""},
                                        {folder / "good", ""}, {folder / "pipe", ""},  {folder / "text", ""}};
  for (const unsigned jobs : {1u, 4u}) {
    SCOPED_TRACE(jobs);
    Fed fed = Feeding(files, jobs);
    EXPECT_EQ(fed.unread.size(), 5u);
    for (const Unread& u : fed.unread) EXPECT_FALSE(u.reason.empty()) << u.path;
    EXPECT_EQ(Joined(fed.pieces[3]).size(), 2'000'000u);
    EXPECT_EQ(fed.digests[3], Digest(Log(2'000'000)));
    EXPECT_EQ(fed.read, 1u);
    ExpectNumbered(fed, files.size());
  }
}

TEST(Feed, AFileThatShrinksEndsWhereItEnds) {
  test::TemporaryFolder folder;
  const std::string path = folder / "log";
  for (const unsigned jobs : {1u, 3u}) {
    for (const off_t left : {off_t{0}, off_t{600'000}, off_t{4096 + 4 * (512 << 10)}}) {
      SCOPED_TRACE(testing::Message() << jobs << " jobs, " << left << " bytes left");
      const std::string content = Log(12'000'000);
      test::WriteAll(path, content);
      std::atomic<bool> cut{false};
      Fed fed = Feeding({{path, ""}}, jobs, true, [&](const Piece&) {
        if (!cut.exchange(true)) ASSERT_EQ(truncate(path.c_str(), left), 0);
      });
      // What was read before is kept, in order; nothing hangs.
      std::string all;
      for (const auto& [offset, bytes] : fed.pieces[0]) {
        EXPECT_TRUE(content.compare(offset, bytes.size(), bytes) == 0);
        all += bytes;
      }
      ExpectNumbered(fed, 1);
      EXPECT_EQ(fed.digests[0], Digest(all));
    }
  }
}

TEST(Feed, StopHandsOutNothingMore) {
  test::TemporaryFolder folder;
  test::WriteAll(folder / "log", Log(12'000'000));
  const std::vector<EvidenceFile> files{{folder / "log", ""}};
  FileTable table(files);
  Feed feed(&table, {2, true}, nullptr, nullptr);
  auto piece = feed.Take(0);
  ASSERT_NE(piece, nullptr);
  feed.Stop();
  EXPECT_EQ(feed.Take(1), nullptr);
  feed.Digest(piece);
  feed.Done(piece);
  EXPECT_EQ(feed.Take(0), nullptr);
  EXPECT_TRUE(feed.DigestOf(0).empty());
}

TEST(Feed, StandardInputIsReadInOrder) {
  const std::string content = Log(5'000'000);
  for (const size_t size : {content.size(), size_t{4096 + (512 << 10)}, size_t{100}}) {
    for (const unsigned jobs : {1u, 3u}) {
      SCOPED_TRACE(testing::Message() << size << " bytes, " << jobs << " jobs");
      int ends[2];
      ASSERT_EQ(pipe(ends), 0);
      const int saved = dup(0);
      dup2(ends[0], 0);
      close(ends[0]);
      std::thread writer([&] {
        for (size_t at = 0; at < size;) {
          const ssize_t n = write(ends[1], content.data() + at, std::min<size_t>(size - at, 50'001));
          if (n <= 0) break;
          at += static_cast<size_t>(n);
        }
        close(ends[1]);
      });
      Fed fed = Feeding({{"-", ""}}, jobs);
      dup2(saved, 0);
      close(saved);
      writer.join();
      EXPECT_TRUE(Joined(fed.pieces[0]) == content.substr(0, size));
      EXPECT_EQ(fed.digests[0], Digest(std::string_view(content).substr(0, size)));
      ExpectNumbered(fed, 1);
    }
  }
}

}  // namespace
}  // namespace spoor
