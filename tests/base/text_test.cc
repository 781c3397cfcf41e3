// Text conversion against slow and obvious decoders, exhaustively where that is possible.
#include "base/text.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace spoor {
namespace {

// What encoding a code point in UTF-8 means, written down once more, from the table of RFC 3629.
std::string SlowUtf8(char32_t c) {
  std::string s;
  if (c >= 0xd800 && c < 0xe000) c = 0xfffd;
  if (c < 0x80) return s += static_cast<char>(c), s;
  const int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  const int lead[] = {0, 0xc0, 0xe0, 0xf0};
  s += static_cast<char>(lead[tail] | (c >> (6 * tail)));
  for (int i = tail - 1; i >= 0; --i) s += static_cast<char>(0x80 | ((c >> (6 * i)) & 63));
  return s;
}

std::vector<uint8_t> Utf16Bytes(const std::u16string& units) {
  std::vector<uint8_t> bytes(units.size() * 2);
  std::memcpy(bytes.data(), units.data(), bytes.size());
  return bytes;
}

std::string SlowUtf16(const std::u16string& units, bool fold) {
  std::string out;
  for (size_t i = 0; i < units.size(); ++i) {
    char32_t c = units[i];
    if (c >= 0xd800 && c < 0xdc00 && i + 1 < units.size() && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000) {
      c = 0x10000 + ((c - 0xd800) << 10) + (units[++i] - 0xdc00);
    }
    out += SlowUtf8(fold ? FoldCodePoint(c) : c);
  }
  return out;
}

std::string Utf16(const std::u16string& units) {
  std::string out;
  const std::vector<uint8_t> bytes = Utf16Bytes(units);
  AppendUtf16(bytes.data(), bytes.size(), &out);
  return out;
}

std::string Utf16Folded(const std::u16string& units) {
  std::string out;
  const std::vector<uint8_t> bytes = Utf16Bytes(units);
  AppendUtf16Folded(bytes.data(), bytes.size(), &out);
  return out;
}

std::string Visible(std::string_view s) {
  std::string out;
  AppendVisible(s, &out);
  return out;
}
std::string Csv(std::string_view s) {
  std::string out;
  AppendCsvField(s, &out);
  return out;
}
std::string Valid(std::string_view s) {
  std::string out;
  AppendValidUtf8(s, &out);
  return out;
}

TEST(Utf16, EveryCodePointRoundTrips) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::u16string units;
    if (c < 0x10000) {
      units += static_cast<char16_t>(c);
    } else {
      units += static_cast<char16_t>(0xd800 + ((c - 0x10000) >> 10));
      units += static_cast<char16_t>(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
    const std::string text = Utf16(units);
    ASSERT_EQ(text, SlowUtf8(c)) << static_cast<uint32_t>(c);
    size_t pos = 0;
    ASSERT_EQ(DecodeUtf8(text, &pos), c);
    ASSERT_EQ(pos, text.size());
  }
}

TEST(Utf16, LoneSurrogatesBecomeReplacementCharacters) {
  EXPECT_EQ(Utf16(u"a\xd83d"
                  u"b"),
            "a\uFFFDb");
  EXPECT_EQ(Utf16(u"a\xde00"
                  u"b"),
            "a\uFFFDb");
  EXPECT_EQ(Utf16(u"\xd83d"), "\uFFFD");
  EXPECT_EQ(Utf16(u"\xd83d\xd83d\xde00"), "\uFFFD😀");
  EXPECT_EQ(Utf16(u"\xde00\xd83d"), "\uFFFD\uFFFD");
}

TEST(Utf16, AnOddLastByteIsIgnored) {
  const uint8_t bytes[] = {'a', 0, 'b', 0, 'c'};
  std::string out = "kept ";
  AppendUtf16(bytes, sizeof bytes, &out);
  EXPECT_EQ(out, "kept ab");
  AppendUtf16(bytes, 0, &out);
  EXPECT_EQ(out, "kept ab");
}

// All lengths around the block sizes, with one odd unit at every place.
TEST(Utf16, EveryPlaceInEveryBlockAgreesWithTheSlowDecoder) {
  for (size_t length = 0; length < 70; ++length) {
    for (size_t place = 0; place < length; ++place) {
      for (const char16_t unit :
           {u'\x7f', u'\x80', u'\xff', u'É', u'\x7ff', u'\x800', u'\xd800', u'\xdc00', u'\xffff'}) {
        std::u16string units(length, u'Q');
        units[place] = unit;
        ASSERT_EQ(Utf16(units), SlowUtf16(units, false)) << length << " " << place;
        ASSERT_EQ(Utf16Folded(units), SlowUtf16(units, true)) << length << " " << place;
      }
    }
  }
}

TEST(Utf16, RandomTextsAgreeWithTheSlowDecoder) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::u16string units(random() % 1500, 0);
    const unsigned odd = 1 + random() % 40;  // one unit in so many is no ASCII
    for (char16_t& unit : units) unit = static_cast<char16_t>(random() % odd == 0 ? random() : random() % 128);
    ASSERT_EQ(Utf16(units), SlowUtf16(units, false));
    ASSERT_EQ(Utf16Folded(units), SlowUtf16(units, true));
    ASSERT_EQ(Folded(Utf16(units)), Utf16Folded(units));
  }
}

TEST(Fold, IsSimpleCaseFolding) {
  EXPECT_EQ(Folded("CMD.EXE /C Ärger ΣΑΣ ПРИВЕТ"), "cmd.exe /c ärger σασ привет");
  EXPECT_EQ(Folded("ς"), "σ");                // final sigma
  EXPECT_EQ(Folded("\u212A \u017F"), "k s");  // Kelvin sign, long s: fold to ASCII
  EXPECT_EQ(Folded("ß İ ı"), "ß İ ı");        // no simple folding
  EXPECT_EQ(Folded("ẞ"), "ß");                // status S
  EXPECT_EQ(Folded("𐐀"), "𐐨");                // Deseret, past the basic plane
  EXPECT_EQ(Folded("Ꭰ ꭰ"), "Ꭰ Ꭰ");        // Cherokee folds to its capitals
}

// The checksum (FNV-1a over the 32-bit results) was made from ICU 72, Unicode 15.0.
TEST(Fold, EveryCodePointIsAsUnicodeHasIt) {
  uint64_t sum = 1469598103934665603u;
  for (char32_t c = 0; c < 0x110000; ++c) sum = (sum ^ FoldCodePoint(c)) * 1099511628211u;
  EXPECT_EQ(sum, 0x1f96a7c45386d3a6u);
}

TEST(Fold, KeepsInvalidBytes) {
  EXPECT_EQ(Folded("A\xff"
                   "B\xc3"),
            "a\xff"
            "b\xc3");
  EXPECT_EQ(Folded("\xed\xa0\x80 \xc0\x80"), "\xed\xa0\x80 \xc0\x80");
}

TEST(Utf8, InvalidFormsAreReplacedByteByByte) {
  EXPECT_EQ(Valid("ok"), "ok");
  EXPECT_EQ(Valid("\xff"), "\uFFFD");
  EXPECT_EQ(Valid("a\xc3"), "a\uFFFD");                              // cut off
  EXPECT_EQ(Valid("\xc0\x80"), "\uFFFD\uFFFD");                      // overlong
  EXPECT_EQ(Valid("\xe0\x9f\xbf"), "\uFFFD\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(Valid("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");            // surrogate
  EXPECT_EQ(Valid("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // past U+10FFFF
  EXPECT_EQ(Valid("\xf0\x9f\x98x"), "\uFFFD\uFFFD\uFFFDx");
  EXPECT_EQ(Valid("\xe2\x82\xac"), "€");
}

TEST(Ansi, IsWindows1252) {
  const uint8_t bytes[] = {'a', 0x80, 0x93, 0xe9, 0xff, 0x81};
  std::string out;
  AppendAnsi(bytes, sizeof bytes, &out);
  EXPECT_EQ(out, "a€“éÿ\u0081");
}

TEST(Json, EscapesWhatItMust) {
  EXPECT_EQ(JsonString(""), R"("")");
  EXPECT_EQ(JsonString("plain"), R"("plain")");
  EXPECT_EQ(JsonString(R"(C:\Windows\System32\cmd.exe /c "a")"), R"("C:\\Windows\\System32\\cmd.exe /c \"a\"")");
  EXPECT_EQ(JsonString("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(JsonString(std::string_view("\0\x1b\x7f", 3)), R"("\u0000\u001b\u007f")");
  EXPECT_EQ(JsonString("Ünïcode 😀"), "\"Ünïcode 😀\"");
}

TEST(Json, WhatActsOnATerminalIsEscapedToo) {
  EXPECT_EQ(JsonString("\u009b31m"), R"("\u009b31m")");
  EXPECT_EQ(JsonString("gpj\u202e.exe"), R"("gpj\u202e.exe")");
  EXPECT_EQ(JsonString("a\u2028b"), R"("a\u2028b")");
}

TEST(Json, InvalidUtf8IsReplaced) {
  EXPECT_EQ(JsonString("a\xff"
                       "b\xe2\x82"),
            "\"a\uFFFDb\uFFFD\uFFFD\"");
}

std::string SlowJson(std::string_view s) {
  std::string out = "\"";
  for (size_t pos = 0; pos < s.size();) {
    const char32_t c = DecodeUtf8(s, &pos);
    const std::string_view short_form = "\b\f\n\r\t\"\\";
    const size_t at = c < 0x80 ? short_form.find(static_cast<char>(c)) : short_form.npos;
    if (at != short_form.npos) {
      out += std::string("\\") + "bfnrt\"\\"[at];
    } else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
               (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) {
      char text[8];
      snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
      out += text;
    } else {
      AppendUtf8(c, &out);
    }
  }
  return out + "\"";
}

TEST(Json, RandomTextsAgreeWithTheSlowEscaper) {
  std::mt19937 random(2);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    const size_t length = random() % 2500;
    const unsigned odd = 1 + random() % 50;
    while (text.size() < length) {
      if (random() % odd != 0) {
        text += static_cast<char>(32 + random() % 96);
      } else if (random() % 2) {
        text += static_cast<char>(random());
      } else {
        AppendUtf8(random() % 2 ? 0x2000 + random() % 0x70 : random() % 0x110000, &text);
      }
    }
    const std::string expected = SlowJson(text);
    ASSERT_EQ(JsonString(text), expected);
    std::string memory(JsonRoom(text), 'x');
    memory.resize(static_cast<size_t>(WriteJsonString(text, memory.data()) - memory.data()));
    ASSERT_EQ(memory, expected);
  }
}

TEST(Csv, QuotesAndDefusesFormulas) {
  EXPECT_EQ(Csv("plain text"), "plain text");
  EXPECT_EQ(Csv("a,b"), "\"a,b\"");
  EXPECT_EQ(Csv("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(Csv("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(Csv("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
  EXPECT_EQ(Csv("+1"), "'+1");
  EXPECT_EQ(Csv("-1"), "'-1");
  EXPECT_EQ(Csv("@SUM(1,2)"), "\"'@SUM(1,2)\"");
  EXPECT_EQ(Csv("\t=1"), "'\t=1");
  EXPECT_EQ(Csv("\r=1"), "\"'\r=1\"");
  EXPECT_EQ(Csv("a=1"), "a=1");
  EXPECT_EQ(Csv(std::string_view("a\0b\x1b[31m", 8)), "a\\x00b\\x1b[31m");
  EXPECT_EQ(Csv("a\xff"), "a\uFFFD");
}

TEST(Visible, ShowsWhatActsOnATerminal) {
  EXPECT_EQ(Visible("plain \\ text"), "plain \\ text");
  EXPECT_EQ(Visible("\x1b]0;owned\x07"), R"(\x1b]0;owned\x07)");
  EXPECT_EQ(Visible("a\r\nb\tc\x7f"), R"(a\x0d\x0ab\x09c\x7f)");
  EXPECT_EQ(Visible("\u009b"), R"(\x9b)");
  EXPECT_EQ(Visible("gpj\u202e.exe\u2066"), R"(gpj\u202e.exe\u2066)");
  EXPECT_EQ(Visible("Übergröße 日本"), "Übergröße 日本");
  EXPECT_EQ(Visible("a\xff"
                    "b"),
            "a\uFFFDb");
  EXPECT_EQ(Visible("real \uFFFD"), "real \uFFFD");
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);  // combining accent
  EXPECT_EQ(DisplayWidth("…·é"), 3);
  EXPECT_EQ(DisplayWidth("😀"), 2);
}

// The checksum was made from ICU 72, Unicode 15.0, by the rule in escape.cc.
TEST(DisplayWidth, EveryCodePointIsAsUnicodeHasIt) {
  uint64_t sum = 1469598103934665603u;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string text;
    AppendUtf8(c, &text);
    sum = (sum ^ static_cast<uint64_t>(DisplayWidth(text))) * 1099511628211u;
  }
  EXPECT_EQ(sum, 0xd7023dd1e6397aa2u);
}

TEST(FindText, FindsWhatFindFinds) {
  std::mt19937 random(3);
  const auto word = [&](size_t most) {
    std::string s(random() % (most + 1), 'a');
    for (char& c : s) c = static_cast<char>('a' + random() % 2);
    return s;
  };
  for (int round = 0; round < 20000; ++round) {
    const std::string text = word(80), what = word(round % 2 == 0 ? 4 : 12);
    const size_t from = random() % 90;
    ASSERT_EQ(FindText(text, what, from), text.find(what, from)) << text << " " << what << " " << from;
    ASSERT_EQ(FindLastText(text, what, from), text.rfind(what, from)) << text << " " << what << " " << from;
  }
}

TEST(Utf8, BlocksOfAsciiAgreeWithSingleBytes) {
  for (size_t length = 0; length < 40; ++length) {
    for (size_t place = 0; place <= length; ++place) {
      std::string text(length, 'Q');
      if (place < length) text[place] = '\xe9';
      std::string valid, folded(length, 'q');
      for (size_t i = 0; i < length; ++i) valid += i == place ? "\uFFFD" : "Q";
      if (place < length) folded[place] = '\xe9';
      ASSERT_EQ(Valid(text), valid);
      ASSERT_EQ(Folded(text), folded);
      ASSERT_EQ(IsAscii(text), place == length);
    }
  }
}

TEST(Ascii, LowerAndEquals) {
  EXPECT_EQ(AsciiLower("ABC É z"), "abc É z");
  EXPECT_TRUE(EqualsIgnoreAsciiCase("Sysmon", "SYSMON"));
  EXPECT_FALSE(EqualsIgnoreAsciiCase("Sysmon", "Sysmo"));
  EXPECT_FALSE(EqualsIgnoreAsciiCase("@", "`"));
}

}  // namespace
}  // namespace spoor
