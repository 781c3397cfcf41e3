// Flows as nfdump prints them: those of a file, wherever it is cut, and whatever became of its lines.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/time.h"
#include "formats/nfdump/format.h"
#include "support/collect_texts.h"

namespace spoor {
namespace {

using test::CollectTexts;

constexpr char kNames[] =
    "Date first seen          Duration Proto      Src IP Addr:Port          Dst IP Addr:Port   Packets    Bytes "
    "Flows\n";
constexpr char kFlow[] =
    "2026-03-02 08:00:01.123     0.512 TCP         192.0.2.7:50000 ->     203.0.113.9:443         12    1.2 M     1\n";

TEST(Nfdump, FormsAreToldByTheRow) {
  const auto event = [](const std::string& row) {
    const CollectTexts got = test::ReadTexts(nfdump::kFormat, row);
    return got.events.empty() ? got.damage.at(0) : got.events[0];
  };
  EXPECT_EQ(event(kFlow),
            "ts=2026-03-02 08:00:01.123;td=0.512;pr=TCP;sa=192.0.2.7;sp=50000;da=203.0.113.9;dp=443;ipkt=12;ibyt=1.2 "
            "M;fl=1;");
  EXPECT_EQ(
      event("2026-03-02 08:00:01.123 0.512 UDP 2001:db8::7.53 <-> 2001:db8::9.4000 ........ 0 1 2 3\n"),
      "ts=2026-03-02 08:00:01.123;td=0.512;pr=UDP;sa=2001:db8::7;sp=53;da=2001:db8::9;dp=4000;flg=........;stos=0;"
      "ipkt=1;ibyt=2;fl=3;");
  EXPECT_EQ(
      event("2026-03-02 08:00:01.123 0.512 TCP 192.0.2.7:1 -> 192.0.2.8:2 .AP.SF 0 1 2 G 3 4 K 5 6\n"),
      "ts=2026-03-02 08:00:01.123;td=0.512;pr=TCP;sa=192.0.2.7;sp=1;da=192.0.2.8;dp=2;flg=.AP.SF;stos=0;ipkt=1;ibyt=2 "
      "G;pps=3;bps=4 K;bpp=5;fl=6;");
  for (const char* row : {"2026-03-02 08:00:01.123 0.512 TCP 192.0.2.7:1 -> 192.0.2.8:2 1 2\n",
                          "2026-03-02 08:00:01.123 0.512 TCP 192.0.2.7 -> 192.0.2.8 1 2 3\n",
                          "2026-03-02 08:00:01.123 0.512 TCP 192.0.2.7:1 -> 192.0.2.8:2 1 x 3\n",
                          "M M M M M M M M M M M M M M M M M M M M M M M M M M M M M M M M\n"}) {
    EXPECT_EQ(event(row), "0 nfdump_line_unknown") << row;
  }
}

TEST(Nfdump, TimesAreThoseOfTheMachineItRanOn) {
  FormatOptions options;
  options.utc_offset = 3600;
  EXPECT_EQ(FormatTime(test::ReadTexts(nfdump::kFormat, kFlow, options).times.at(0)), "2026-03-02T07:00:01.123000Z");
}

TEST(Nfdump, DamageIsTheSameWhereverTheFileIsCut) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    std::string text = kNames;
    for (size_t n = random() % 5; n > 0; --n) text += kFlow;
    text += "Summary: total flows: 3\n";
    for (size_t n = random() % 5; n > 0; --n) text[random() % text.size()] = static_cast<char>(random());
    text.resize(random() % text.size() + 1);
    const CollectTexts whole = test::ReadTexts(nfdump::kFormat, text);
    const CollectTexts pieces = test::ReadInPieces(nfdump::kFormat, text, 1 + seed % 90);
    ASSERT_EQ(pieces.events, whole.events) << seed;
    ASSERT_EQ(pieces.damage, whole.damage) << seed;
  }
}

TEST(Nfdump, IsRecognisedByItsColumnsOrItsFlows) {
  EXPECT_TRUE(test::RecognisedAs(nfdump::kFormat, std::string(kNames) + "No matched flows\n"));
  EXPECT_TRUE(test::RecognisedAs(nfdump::kFormat, kFlow));
  EXPECT_FALSE(test::RecognisedAs(nfdump::kFormat, "Date first seen  Duration Proto  Src IP Addr  Flows(%)\n"));
  EXPECT_FALSE(test::RecognisedAs(nfdump::kFormat, "2026-03-02 08:00:01.123 INFO a -> b 1 2 3\n"));
}

}  // namespace
}  // namespace spoor
