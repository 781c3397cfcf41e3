// OrderedStream: pieces in any order, digests at any time, the same bytes.
#include "findings/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "findings/sample.h"
#include "support/string_output.h"

namespace spoor {
namespace {

using test::StringOutput;

class TagRenderer : public Renderer {
 public:
  size_t Render(const Finding& f, std::string* out) const override {
    const size_t start = out->size();
    out->append("record ").append(std::to_string(f.record));
    const size_t gap = out->size() - start;
    out->append(" of file ").append(std::to_string(f.file)).append("\n");
    return gap;
  }
  std::string_view DigestPrefix() const override { return "["; }
  std::string_view DigestSuffix() const override { return "]"; }
  std::string Head(const Summary&, const HuntFacts&) const override { return "head\n"; }
  std::string Tail(const Summary&, const HuntFacts& facts) const override {
    return facts.partial ? "partial\n" : "tail\n";
  }
};

// Piece `number` of 4 in each file; every third holds nothing.
RenderedPiece MakePiece(uint64_t number, const Renderer& renderer) {
  RenderedPiece piece;
  piece.file = static_cast<uint32_t>(number / 4);
  if (number % 3 == 2) return piece;
  for (uint64_t i = 0; i <= number % 5; ++i) {
    Finding f = SampleFinding();
    f.file = piece.file;
    f.record = number * 100 + i;
    piece.Add(renderer, f);
  }
  return piece;
}

std::string DigestName(uint32_t file) { return file % 3 == 1 ? "" : "digest" + std::to_string(file); }

std::string Expected(uint64_t pieces, bool digests) {
  std::string out = "head\n";
  for (uint64_t number = 0; number < pieces; ++number) {
    if (number % 3 == 2) continue;
    for (uint64_t i = 0; i <= number % 5; ++i) {
      const std::string digest = DigestName(static_cast<uint32_t>(number / 4));
      out += "record " + std::to_string(number * 100 + i);
      if (digests && !digest.empty()) out += "[" + digest + "]";
      out += " of file " + std::to_string(number / 4) + "\n";
    }
  }
  return out + "tail\n";
}

TEST(Stream, AnyOrderOfPiecesAndDigestsGivesTheSameBytes) {
  constexpr uint64_t kPieces = 60, kFiles = 15;
  const TagRenderer renderer;
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const bool digests = round % 4 != 0;
    const size_t memory = round % 3 == 0 ? 0 : round % 3 == 1 ? 500 : 1 << 20;
    // Numbers below kPieces are pieces, then come digests, then ends of slots.
    std::vector<uint64_t> steps(kPieces + 2 * kFiles);
    std::iota(steps.begin(), steps.end(), 0);
    std::shuffle(steps.begin(), steps.end(), random);
    StringOutput output;
    OrderedStream stream(&renderer, &output, memory, digests);
    for (const uint64_t step : steps) {
      if (step < kPieces) {
        ASSERT_TRUE(stream.Finish(static_cast<uint32_t>(step / 4), step % 4, MakePiece(step, renderer)).ok());
      } else if (step >= kPieces + kFiles) {
        ASSERT_TRUE(stream.EndSlot(static_cast<uint32_t>(step - kPieces - kFiles), 4).ok());
      } else {
        const auto file = static_cast<uint32_t>(step - kPieces);
        ASSERT_TRUE(stream.DigestKnown(file, DigestName(file)).ok());
      }
    }
    ASSERT_TRUE(stream.Close(Summary(), HuntFacts()).ok());
    ASSERT_EQ(output.text, Expected(kPieces, digests)) << round;
  }
}

TEST(Stream, APieceIsWrittenAsSoonAsItCanBe) {
  const TagRenderer renderer;
  StringOutput output;
  OrderedStream stream(&renderer, &output, 1 << 20, /*digests=*/true);
  EXPECT_EQ(output.text, "head\n");
  RenderedPiece piece;
  Finding f = SampleFinding();
  f.record = 1;
  piece.Add(renderer, f);
  ASSERT_TRUE(stream.Finish(0, 1, piece).ok());
  ASSERT_TRUE(stream.DigestKnown(0, "d").ok());
  EXPECT_EQ(output.text, "head\n");
  ASSERT_TRUE(stream.Finish(0, 0, RenderedPiece()).ok());
  EXPECT_EQ(output.text, "head\nrecord 1[d] of file 0\n");
}

TEST(Stream, AHuntThatWasStoppedWritesWhatItHas) {
  const TagRenderer renderer;
  StringOutput output;
  OrderedStream stream(&renderer, &output, 0, /*digests=*/true);
  for (const uint64_t number : {0, 5, 3}) {  // pieces 1, 2, 4 never come, nor any digest
    ASSERT_TRUE(stream.Finish(0, number, MakePiece(number == 5 ? 6 : number, renderer)).ok());
  }
  HuntFacts facts;
  facts.partial = true;
  ASSERT_TRUE(stream.Close(Summary(), facts).ok());
  EXPECT_EQ(output.text,
            "head\nrecord 0 of file 0\nrecord 300 of file 0\nrecord 301 of file 0\nrecord 302 of file 0\n"
            "record 303 of file 0\nrecord 600 of file 1\nrecord 601 of file 1\npartial\n");
}

TEST(Stream, ThreadsMayFinishPiecesAtTheSameTime) {
  constexpr uint64_t kPieces = 2000;
  const TagRenderer renderer;
  StringOutput output;
  OrderedStream stream(&renderer, &output, 5000, /*digests=*/true);
  std::vector<std::thread> workers;
  for (uint64_t w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      for (uint64_t i = w; i < kPieces; i += 4) {
        (void)stream.Finish(0, i, MakePiece(i, renderer));
        if (i % 4 == 3)
          (void)stream.DigestKnown(static_cast<uint32_t>(i / 4), DigestName(static_cast<uint32_t>(i / 4)));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  ASSERT_TRUE(stream.Close(Summary(), HuntFacts()).ok());
  EXPECT_EQ(output.text, Expected(kPieces, true));
}

// A large file that is not hashed yet: joined pieces of a megabyte and more are spilled.
TEST(Stream, AFileThatWaitsForItsDigestIsSpilledInLargeParts) {
  const TagRenderer renderer;
  StringOutput output;
  OrderedStream stream(&renderer, &output, 0, /*digests=*/true);
  std::string expected = "head\n";
  uint64_t record = 0;
  for (uint64_t number = 0; number < 300; ++number) {
    RenderedPiece piece;
    for (int i = 0; i < 500; ++i) {
      Finding f = SampleFinding();
      f.record = record++;
      piece.Add(renderer, f);
      expected += "record " + std::to_string(f.record) + "[d] of file 0\n";
    }
    ASSERT_TRUE(stream.Finish(0, number, std::move(piece)).ok());
  }
  EXPECT_EQ(output.text, "head\n");
  ASSERT_TRUE(stream.DigestKnown(0, "d").ok());
  EXPECT_TRUE(output.text == expected);
}

TEST(Stream, MistakesAndErrorsStay) {
  const TagRenderer renderer;
  StringOutput output;
  OrderedStream twice(&renderer, &output, 0, false);
  EXPECT_TRUE(twice.Finish(0, 0, RenderedPiece()).ok());
  EXPECT_EQ(twice.Finish(0, 0, RenderedPiece()).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(twice.Close(Summary(), HuntFacts()).ok());

  StringOutput small(8);
  OrderedStream full(&renderer, &small, 0, false);
  EXPECT_EQ(full.Finish(0, 0, MakePiece(0, renderer)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(full.Finish(0, 1, RenderedPiece()).code(), absl::StatusCode::kResourceExhausted);

  const std::unique_ptr<Renderer> table = MakeTableRenderer({});
  OrderedStream unfit(table.get(), &output, 0, false);
  EXPECT_EQ(unfit.Finish(0, 0, RenderedPiece()).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace spoor
