// Lines of a file read in pieces are the lines of the file.
#include "formats/lines.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace spoor {
namespace {

struct CountDamage : Sink {
  int damage = 0;
  void OnEvent(const Event&) override {}
  void OnDamage(const Damage&) override { ++damage; }
  void ShapesDropped() override {}
};

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

std::vector<Line> InPieces(const std::string& text, const std::vector<size_t>& cuts, CountDamage* sink) {
  std::vector<Line> lines;
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  uint64_t before = 0;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const size_t size = cuts[i + 1] - cuts[i];
    const size_t ahead = std::min(kMaxLine, text.size() - cuts[i + 1]);
    ForEachLine({data + cuts[i], size, cuts[i], ahead, before}, sink,
                [&](std::string_view line, uint64_t offset, uint64_t number) {
                  lines.emplace_back(std::string(line), offset, number);
                });
    before += static_cast<uint64_t>(std::count(text.begin() + static_cast<ptrdiff_t>(cuts[i]),
                                               text.begin() + static_cast<ptrdiff_t>(cuts[i + 1]), '\n'));
  }
  return lines;
}

TEST(Lines, AreTheSameWhereverTheFileIsCut) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t n = random() % 30; n > 0; --n) text += "ab\r\n\n"[random() % 5];
    std::vector<size_t> cuts{0};
    while (cuts.back() < text.size()) cuts.push_back(std::min(text.size(), cuts.back() + 1 + random() % 9));
    CountDamage sink;
    ASSERT_EQ(InPieces(text, cuts, &sink), Naive(text)) << testing::PrintToString(text) << testing::PrintToString(cuts);
  }
}

TEST(Lines, ALineThatIsTooLongIsDamageAndTheNextIsRead) {
  const std::string text = "first\n" + std::string(kMaxLine + 1, 'x') + "\nlast\n";
  CountDamage sink;
  const auto lines = InPieces(text, {0, text.size()}, &sink);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(std::get<0>(lines[1]), "last");
  EXPECT_EQ(sink.damage, 1);
}

}  // namespace
}  // namespace spoor
