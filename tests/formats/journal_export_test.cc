// The journal's export format: fields of every kind come back, whatever their bytes; damage costs one entry.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "formats/journal_export/format.h"
#include "support/collect_texts.h"

namespace spoor {
namespace {

using test::CollectTexts;

// As systemd writes it: a value with other than printable characters stands behind its size.
void AppendField(const std::string& name, const std::string& value, std::string* out) {
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  *out += name;
  if (plain) {
    *out += '=' + value + '\n';
    return;
  }
  *out += '\n';
  for (size_t i = 0; i < 8; ++i) *out += static_cast<char>(i < 4 ? value.size() >> (8 * i) & 0xff : 0);
  *out += value + '\n';
}

struct Written {
  std::string text;
  std::vector<std::string> events;
};

Written RandomEntries(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return random() % n; };
  Written out;
  for (size_t entries = 1 + below(5); entries > 0; --entries) {
    std::vector<std::pair<std::string, std::string>> fields = {{"__REALTIME_TIMESTAMP", "1772600761123456"}};
    for (size_t n = below(6); n > 0; --n) {
      std::string value;
      for (size_t size = below(12); size > 0; --size) value += "ab\n\n=\r A"[below(8)];
      fields.emplace_back(std::string(1, "ABC_"[below(4)]) + "X", value);
    }
    std::shuffle(fields.begin(), fields.end(), random);
    for (const auto& [name, value] : fields) AppendField(name, value, &out.text);
    out.text += '\n';
    std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string event;
    for (size_t i = 0; i < fields.size(); ++i) {
      const bool again = i > 0 && fields[i - 1].first == fields[i].first;
      if (again) event.back() = '|';
      event += (again ? "" : fields[i].first + '=') + fields[i].second + ';';
    }
    out.events.push_back(std::move(event));
  }
  return out;
}

TEST(JournalExport, FieldsComeBackWhateverIsInThem) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const Written written = RandomEntries(seed);
    const CollectTexts whole = test::ReadTexts(journal_export::kFormat, written.text);
    ASSERT_EQ(whole.events, written.events) << seed;
    ASSERT_TRUE(whole.damage.empty()) << whole.damage[0];
    const CollectTexts pieces = test::ReadInPieces(journal_export::kFormat, written.text, 1 + seed % 50);
    ASSERT_EQ(pieces.events, written.events) << seed;
    ASSERT_EQ(pieces.records, whole.records) << seed;
    ASSERT_EQ(pieces.offsets, whole.offsets) << seed;
  }
}

TEST(JournalExport, DamageIsTheSameWhereverTheFileIsCut) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text = RandomEntries(seed).text;
    for (size_t n = random() % 4; n > 0; --n) text[random() % text.size()] = static_cast<char>(random());
    text.resize(random() % text.size() + 1);
    const CollectTexts whole = test::ReadTexts(journal_export::kFormat, text);
    const CollectTexts pieces = test::ReadInPieces(journal_export::kFormat, text, 1 + seed % 50);
    ASSERT_EQ(pieces.events, whole.events) << seed;
    ASSERT_EQ(pieces.damage, whole.damage) << seed;
  }
}

TEST(JournalExport, AnEntryThatIsTooLongIsPassedOverWithWhatIsInIt) {
  const std::string first = "__REALTIME_TIMESTAMP=1\nA=1\n\n";
  for (const size_t size : {kMaxRecord + 1, 3 * kMaxRecord}) {
    std::string text = first + "__REALTIME_TIMESTAMP=2\n";
    AppendField("COREDUMP", std::string(size / 4, '\n') + "\n\nA=forged\n\n" + std::string(size, 'x'), &text);
    text += "A=2\n\n__REALTIME_TIMESTAMP=3\nA=3\n\n";
    const CollectTexts got = test::ReadTexts(journal_export::kFormat, text);
    EXPECT_EQ(got.events, (std::vector<std::string>{"A=1;__REALTIME_TIMESTAMP=1;", "A=3;__REALTIME_TIMESTAMP=3;"}));
    EXPECT_EQ(got.records, (std::vector<uint64_t>{1, 3}));
    EXPECT_EQ(got.damage, std::vector<std::string>{std::to_string(first.size()) + " journal_entry_too_long"});
  }
  const std::string line = first + "A=" + std::string(2 * kMaxRecord, 'x') + "\nB=2\n\nA=3\n\n";
  EXPECT_EQ(test::ReadTexts(journal_export::kFormat, line).events,
            (std::vector<std::string>{"A=1;__REALTIME_TIMESTAMP=1;", "A=3;"}));
}

TEST(JournalExport, ASizeNoJournalWroteIsNotBelieved) {
  const std::string text =
      "__REALTIME_TIMESTAMP=1\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\x7fx\n\n__REALTIME_TIMESTAMP=2\n\n";
  const CollectTexts got = test::ReadTexts(journal_export::kFormat, text);
  EXPECT_EQ(got.events, (std::vector<std::string>{"__REALTIME_TIMESTAMP=1;", "__REALTIME_TIMESTAMP=2;"}));
  EXPECT_EQ(got.damage, std::vector<std::string>{"23 journal_field_invalid"});
}

TEST(JournalExport, IsRecognisedByWhatOnlyTheJournalWrites) {
  EXPECT_TRUE(test::RecognisedAs(journal_export::kFormat, "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1\nMESSAGE=x\n\n"));
  EXPECT_TRUE(test::RecognisedAs(journal_export::kFormat, "MESSAGE=x\r\n\r\n__REALTIME_TIMESTAMP=1\r\nMESSAGE=y\r\n"));
  EXPECT_FALSE(test::RecognisedAs(journal_export::kFormat, "PATH=/bin\nHOME=/root\n"));
}

}  // namespace
}  // namespace spoor
