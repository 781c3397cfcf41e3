// Tables in text: the reader against a plain one, and what is a table at all.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/time.h"
#include "formats/csv/format.h"
#include "formats/loose_time.h"
#include "formats/mapping/mapping.h"
#include "support/collect_texts.h"

namespace spoor {
namespace {

using test::CollectTexts;

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// Writes tables by RFC 4180 and says what must come out.
struct Table {
  std::string text;
  std::vector<std::string> events;
  std::vector<uint64_t> lines;
};

Table Make(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return random() % n; };
  Table t;
  const char separator = ",;\t|"[below(4)];
  const std::string end = below(2) == 0 ? "\n" : "\r\n";
  if (below(4) == 0) t.text += "\xef\xbb\xbf";
  uint64_t line = 1;
  const size_t columns = 3 + below(5);
  std::vector<std::string> names;
  for (size_t i = 0; i < columns; ++i) {
    names.push_back("name" + std::to_string(i));
    t.text += (i > 0 ? std::string(1, separator) : "") + (below(3) == 0 ? Quoted(names[i]) : names[i]);
  }
  t.text += end;
  for (size_t rows = below(12); rows > 0; --rows) {
    ++line;
    t.lines.push_back(line);
    std::string event;
    for (size_t i = 0; i < columns; ++i) {
      static const char* kParts[] = {"a", "b ", ",", ";", "\t", "|", "\"", "\n", "\r\n", "x", "\xc3\xa4"};
      std::string value;
      for (size_t n = below(6); n > 0; --n) value += kParts[below(std::size(kParts))];
      const bool plain = value.find_first_of(",;\t|\"\r\n") == std::string::npos && below(3) > 0;
      if (i > 0) t.text += separator;
      t.text += plain ? value : Quoted(value);
      if (!value.empty()) event += names[i] + '=' + value + ';';
      line += static_cast<uint64_t>(std::count(value.begin(), value.end(), '\n'));
    }
    t.events.push_back(event);
    if (rows > 1 || below(2) == 0) t.text += end;
  }
  return t;
}

TEST(Csv, RowsAreWhatWasWritten) {
  for (uint32_t seed = 0; seed < 5000; ++seed) {
    const Table t = Make(seed);
    const CollectTexts got = test::ReadTexts(csv::kFormat, t.text);
    ASSERT_EQ(got.events, t.events) << seed << "\n" << t.text;
    ASSERT_EQ(got.records, t.lines) << seed << "\n" << t.text;
    ASSERT_TRUE(got.damage.empty()) << seed << "\n" << t.text << got.damage[0];
    const CollectTexts pieces = test::ReadInPieces(csv::kFormat, t.text, 1 + seed % 200);
    ASSERT_EQ(pieces.events, t.events) << seed << "\n" << t.text;
    ASSERT_EQ(pieces.records, t.lines) << seed;
    ASSERT_EQ(pieces.offsets, got.offsets) << seed;
  }
}

std::vector<std::string> Events(const std::string& text) { return test::ReadTexts(csv::kFormat, text).events; }

TEST(Csv, TextAboveTheNamesIsPassedOverHoweverTheFileIsCut) {
  const std::string log =
      "\t\tMicrosoft DHCP Service Activity Log\n\n\nEvent ID  Meaning\n00\tThe log was started.\n"
      "10\tA new IP address was leased to a client.\n\nID,Date,Time,Description,IP Address,Host Name,MAC Address\n"
      "10,07/22/26,22:20:25,Assign,192.0.2.120,old.,0013D30C227E,\n";
  const CollectTexts whole = test::ReadTexts(csv::kFormat, log);
  ASSERT_EQ(whole.events.size(), 1u);
  for (const size_t room : {1, 20, 66, 200})
    EXPECT_EQ(test::ReadInPieces(csv::kFormat, log, room).events, whole.events);
}

TEST(Csv, AQuoteThatNothingClosesCostsOneField) {
  EXPECT_EQ(Events("a,b,c\n1,\"x,2\n3,y,4\n"), (std::vector<std::string>{"a=1;b=\"x;c=2;", "a=3;b=y;c=4;"}));
  EXPECT_EQ(Events("a,b,c\n1,x\"y\",2\n"), (std::vector<std::string>{"a=1;b=x\"y\";c=2;"}));
  EXPECT_EQ(Events("a,b,c\n1,\"x\"y,2\n"), (std::vector<std::string>{"a=1;b=\"x\"y;c=2;"}));
}

TEST(Csv, ManyQuotesThatNothingClosesTakeLinearTime) {
  std::string text = "a,b,c\n";
  while (text.size() < 3 * kMaxRecord) text += "1,\"x,2\n";
  const double start = MonotonicSeconds();
  const CollectTexts got = test::ReadTexts(csv::kFormat, text);
  EXPECT_EQ(got.events.size(), (text.size() - 6) / 7);
  EXPECT_LT(MonotonicSeconds() - start, 20.0);
}

TEST(Csv, ARowThatIsTooLongIsDamageAndTheNextIsRead) {
  const std::string text = "a,b,c\n1,2," + std::string(kMaxRecord + 10, 'x') + "\n3,4,5\n";
  const CollectTexts got = test::ReadTexts(csv::kFormat, text);
  EXPECT_EQ(got.events, (std::vector<std::string>{"a=3;b=4;c=5;"}));
  EXPECT_EQ(got.damage, (std::vector<std::string>{"6 csv_row_too_long"}));
}

TEST(Csv, ColumnsWithoutANameOrWithOneTwice) {
  EXPECT_EQ(Events("a,,a,a\n1,2,3,4\n"), (std::vector<std::string>{"a=1;column2=2;a#2=3;a#3=4;"}));
}

TEST(Csv, IsATableOnlyWithAPlausibleFirstLine) {
  EXPECT_TRUE(test::RecognisedAs(csv::kFormat, "time,host,what\n1,2,3\n"));
  EXPECT_TRUE(test::RecognisedAs(csv::kFormat, "sep=;\r\ntime;host;what\r\n1;2;3\r\n"));
  EXPECT_TRUE(test::RecognisedAs(csv::kFormat, "ts,te,sa,da,sp,dp,pr\n"));  // a mapping knows it
  EXPECT_FALSE(test::RecognisedAs(csv::kFormat, "time,host,what\n"));
  EXPECT_FALSE(test::RecognisedAs(csv::kFormat, "time,host\n1,2\n"));
  EXPECT_FALSE(test::RecognisedAs(csv::kFormat, "time,host,host\n1,2,3\n"));
  EXPECT_FALSE(test::RecognisedAs(csv::kFormat, "time,host,what\n1,2\n"));
  EXPECT_FALSE(test::RecognisedAs(csv::kFormat, "1,2,3\n4,5,6\n"));
  EXPECT_FALSE(test::RecognisedAs(csv::kFormat, "Mar  2 08:00:01 h a=1,b=2,c=3\nMar  2 08:00:01 h a=1,b=2,c=3\n"));
  EXPECT_FALSE(test::RecognisedAs(csv::kFormat, "{\"a\":1,\"b\":2,\"c\":3}\n"));
}

TEST(LooseTime, TakesWhatProgramsWrite) {
  const auto time = [](std::string_view text, LooseTimes options = {}) {
    const auto t = ParseLooseTime(text, options);
    return t ? FormatTime(*t) : std::string("none");
  };
  const std::string want = "2026-03-02T08:00:01.000000Z";
  for (const char* text : {"2026-03-02 08:00:01", "2026-03-02T08:00:01Z", "2026/03/02 08:00:01", "3/2/2026 8:00:01 AM",
                           "3/2/26, 8:00:01 AM", "02.03.2026 08:00:01", "02/Mar/2026:08:00:01 +0000",
                           "02/Mar/2026:09:00:01 +0100", "2 Mar 2026 08:00:01 UTC", "Mar 2, 2026 08:00:01",
                           "Mon Mar  2 08:00:01 2026", "20260302 080001", "1772438401", "2026-03-02 08:00:01 GMT",
                           "2026-03-02 08:00:01.000 +00:00", "02-Mar-2026 08:00:01", "March 2, 2026 8:00:01 am"}) {
    EXPECT_EQ(time(text), want) << text;
  }
  EXPECT_EQ(time("2/3/2026 08:00:01", {0, true}), want);
  EXPECT_EQ(time("13/3/2026 08:00"), "2026-03-13T08:00:00.000000Z");
  EXPECT_EQ(time("3/2/2026 12:00:01 AM"), "2026-03-02T00:00:01.000000Z");
  EXPECT_EQ(time("3/2/2026 8:00 PM"), "2026-03-02T20:00:00.000000Z");
  EXPECT_EQ(time("2026-03-02 09:00:01", {3600, false}), want);
  EXPECT_EQ(time("2026-03-02T08:00:01Z", {3600, false}), want);
  EXPECT_EQ(time("2026-03-02 10:00:01 +0200", {3600, false}), want);
  EXPECT_EQ(time("2026-03-02"), "2026-03-02T00:00:00.000000Z");
  for (const char* text : {"", "never", "31/31/2026", "2026-02-30 08:00:00", "3/2/2026 25:00", "1/2", "Foo 2 2026",
                           "a/b/c", "2026-03-02 08:00:01 XYZ"}) {
    EXPECT_EQ(time(text), "none") << text;
  }
}

TEST(Csv, AMappingMayTakeDateAndTimeFromTwoColumns) {
  const auto mappings = Mappings::Parse(
      "- keys: [caller, called]\n  source: {product: telephone}\n  time: [date + clock]\n  day-first: true\n", "m.yml");
  ASSERT_TRUE(mappings.ok()) << mappings.status().message();
  FormatOptions options;
  options.mappings = &*mappings;
  const CollectTexts got = test::ReadTexts(csv::kFormat, "caller,called,date,clock\n1,2,2/3/2026,08:00\n", options);
  ASSERT_EQ(got.times.size(), 1u);
  EXPECT_EQ(FormatTime(got.times[0]), "2026-03-02T08:00:00.000000Z");
  EXPECT_EQ(got.sources[0], "telephone//");
}

}  // namespace
}  // namespace spoor
