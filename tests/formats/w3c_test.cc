// Extended logs: the reader against a plain one.
#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/time.h"
#include "formats/w3c/format.h"
#include "support/collect_texts.h"

namespace spoor {
namespace {

using test::CollectTexts;

TEST(W3c, EventsAreThoseOfAPlainReader) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](size_t n) { return random() % n; };
    std::string text;
    std::vector<std::string> want;
    for (size_t headers = 1 + below(3); headers > 0; --headers) {
      std::vector<std::string> names = {"date", "time"};
      const size_t columns = 1 + below(6);
      for (size_t i = 0; i < columns; ++i) names.push_back("x-field" + std::to_string(below(2)) + std::to_string(i));
      text += "#Software: test\n#Fields:";
      for (const std::string& name : names) text += ' ' + name;
      text += '\n';
      for (size_t rows = below(6); rows > 0; --rows) {
        std::string event = "date=2026-03-02;time=08:00:01;";
        text += "2026-03-02 08:00:01";
        for (size_t i = 0; i < columns; ++i) {
          static const char* kValues[] = {"-", "a", "b+c", "\"d e\"", "\"f \"\"g\"\"\"", "#h", "i\"j"};
          static const char* kPlain[] = {"", "a", "b+c", "d e", "f \"g\"", "#h", "i\"j"};
          const size_t n = below(std::size(kValues));
          text += std::string(" ") + kValues[n];
          if (n > 0) event += names[i + 2] + '=' + kPlain[n] + ';';
        }
        text += '\n';
        want.push_back(event);
      }
    }
    const CollectTexts got = test::ReadTexts(w3c::kFormat, text);
    ASSERT_EQ(got.events, want) << seed << "\n" << text;
    ASSERT_TRUE(got.damage.empty()) << text << got.damage[0];
    const CollectTexts pieces = test::ReadInPieces(w3c::kFormat, text, 1 + seed % 200);
    ASSERT_EQ(pieces.events, want) << seed << "\n" << text;
    ASSERT_EQ(pieces.records, got.records) << seed;
  }
}

// IIS fills with zeros what it has not written yet. A header behind them counts for what follows, however the file is
// cut.
TEST(W3c, AHeaderBehindZerosCountsInEveryPiece) {
  std::string log = "#Software: Microsoft Internet Information Services 10.0\n" + std::string(200, '\0') +
                    "#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status\n"
                    "2026-03-02 08:00:01 192.0.2.80 GET /a 203.0.113.9 200\n"
                    "2026-03-02 08:00:02 192.0.2.80 GET /b 203.0.113.9 200\n";
  const CollectTexts whole = test::ReadTexts(w3c::kFormat, log);
  ASSERT_EQ(whole.events.size(), 2u);
  EXPECT_TRUE(whole.damage.empty());
  for (const size_t room : {1, 66, 100, 300}) {
    const CollectTexts pieces = test::ReadInPieces(w3c::kFormat, log, room);
    EXPECT_EQ(pieces.events, whole.events) << room;
    EXPECT_TRUE(pieces.damage.empty()) << room;
  }
}

TEST(W3c, TimesAreUtcUnlessTheyAreLocal) {
  FormatOptions options;
  options.utc_offset = 3600;
  const auto time = [&](const std::string& header) {
    return FormatTime(
        test::ReadTexts(w3c::kFormat, header + "#Fields: date time x-a\n2026-03-02 08:00:01 b\n", options).times.at(0));
  };
  EXPECT_EQ(time("#Software: x\n"), "2026-03-02T08:00:01.000000Z");
  EXPECT_EQ(time("#Time Format: Local\n"), "2026-03-02T07:00:01.000000Z");
  EXPECT_EQ(
      FormatTime(
          test::ReadTexts(w3c::kFormat, "#Date: 2026-03-02 00:00:00\n#Fields: time x-a\n08:00:01 b\n").times.at(0)),
      "2026-03-02T08:00:01.000000Z");
}

TEST(W3c, IsRecognisedByItsFields) {
  EXPECT_TRUE(test::RecognisedAs(w3c::kFormat, "#Software: x\n#Fields: date time\n"));
  EXPECT_TRUE(test::RecognisedAs(w3c::kFormat, "\xef\xbb\xbf#Fields: date time\n"));
  EXPECT_TRUE(test::RecognisedAs(w3c::kFormat, "DateTime,a,b\r\n#Software: x\r\n#Fields: DateTime,a,b\r\n"));
  EXPECT_FALSE(test::RecognisedAs(w3c::kFormat, "# a comment\nfields\n"));
  EXPECT_FALSE(test::RecognisedAs(w3c::kFormat, "text\n#Fields: a b\n"));
}

}  // namespace
}  // namespace spoor
