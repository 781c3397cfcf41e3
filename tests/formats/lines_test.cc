// Lines of a file read in pieces are the lines of the file.
#include "formats/lines.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace spoor {
namespace {

using Line = std::tuple<std::string, uint64_t, uint64_t>;

std::vector<Line> Naive(const std::string& text) {
  std::vector<Line> lines;
  uint64_t number = 1;
  for (size_t at = 0; at < text.size(); ++number) {
    const size_t stop = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, stop - at);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.emplace_back(line, at, number);
    at = stop + 1;
  }
  return lines;
}

// The lines of the pieces that a cutter makes when it is given as many bytes as `sizes` says, in turn.
std::vector<Line> InPieces(const std::string& text, const std::vector<size_t>& sizes, std::vector<Damage>* damage) {
  std::vector<Line> lines;
  const auto cutter = CutLines();
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  size_t turn = 0;
  for (size_t at = 0; at < text.size();) {
    size_t given = std::min(text.size() - at, sizes[turn++ % sizes.size()]);
    Cut cut;
    while ((cut = cutter->Next(data + at, given, at + given == text.size())).size == 0) {
      EXPECT_LE(given, kMaxRecord);
      EXPECT_LT(at + given, text.size());
      given = std::min(text.size() - at, given + sizes[turn++ % sizes.size()]);
    }
    if (!cut.discard) {
      PieceBytes piece;
      piece.data = data + at;
      piece.size = cut.size;
      piece.offset = at;
      piece.records_before = cut.records_before;
      ForEachLine(piece, [&](std::string_view line, uint64_t offset, uint64_t number) {
        lines.emplace_back(std::string(line), offset, number);
      });
    }
    if (cut.damage != nullptr) damage->push_back({cut.damage_offset, cut.damage_bytes, cut.damage});
    at += cut.size;
  }
  return lines;
}

TEST(Lines, AreTheSameWhereverTheFileIsCut) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t n = random() % 30; n > 0; --n) text += "ab\r\n\n"[random() % 5];
    std::vector<size_t> sizes;
    for (int i = 0; i < 5; ++i) sizes.push_back(1 + random() % 9);
    std::vector<Damage> damage;
    ASSERT_EQ(InPieces(text, sizes, &damage), Naive(text)) << testing::PrintToString(text);
    ASSERT_TRUE(damage.empty());
  }
}

TEST(Lines, ALineThatIsTooLongIsDamageAndTheNextIsRead) {
  for (const size_t more : {kPieceSize, 3 * kMaxRecord}) {
    const std::string text = "first\n" + std::string(kMaxRecord + more, 'x') + "\nlast\n";
    std::vector<Damage> damage;
    const auto lines = InPieces(text, {kPieceSize}, &damage);
    EXPECT_EQ(lines, (std::vector<Line>{{"first", 0, 1}, {"last", text.size() - 5, 3}}));
    ASSERT_EQ(damage.size(), 1u);
    EXPECT_EQ(damage[0].offset, 6u);
    EXPECT_EQ(damage[0].bytes, kMaxRecord + more + 1);
  }
}

TEST(Lines, TheLastMayBeTooLong) {
  const std::string text = "first\n" + std::string(3 * kMaxRecord, 'x');
  std::vector<Damage> damage;
  EXPECT_EQ(InPieces(text, {kPieceSize}, &damage).size(), 1u);
  ASSERT_EQ(damage.size(), 1u);
  EXPECT_EQ(damage[0].bytes, 3 * kMaxRecord);
}

TEST(Lines, AByteOrderMarkIsNoPartOfTheFirst) {
  std::vector<Damage> damage;
  EXPECT_EQ(std::get<0>(InPieces("\xef\xbb\xbf"
                                 "a\nb",
                                 {100}, &damage)[0]),
            "a");
}

}  // namespace
}  // namespace spoor
