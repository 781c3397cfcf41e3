#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/text.h"
#include "base/time.h"
#include "formats/json/format.h"
#include "support/damage.h"
#include "support/read_events.h"

namespace spoor {
namespace {

// Events as "field=value;…" in the order of their fields; no value as "field=null", elements of a list apart by '|'.
struct Collect : Sink {
  std::vector<std::string> events, damage;
  std::vector<int64_t> times;
  std::vector<uint64_t> records, shapes;
  int dropped = 0;
  void OnEvent(const Event& event) override {
    std::string text;
    for (const Field& field : event.shape->fields) {
      text += field.name + '=';
      const Value& value = event.Part(field.parts[0]);
      EXPECT_TRUE(HasField(event, field)) << field.name;
      bool first = true;
      ForEachElement(value, [&](const Value& element) {
        if (!std::exchange(first, false)) text += '|';
        AppendText(element, &text);
      });
      if (first) text += "null";
      text += ';';
    }
    events.push_back(std::move(text));
    times.push_back(event.time);
    records.push_back(event.record);
    shapes.push_back(event.shape->number);
  }
  void OnDamage(const Damage& d) override { damage.push_back(std::to_string(d.offset) + " " + std::string(d.kind)); }
  void ShapesDropped() override { ++dropped; }
};

Collect Read(std::string_view text, const FormatOptions& options = {}) {
  Collect sink;
  ReadWhole(json::kFormat, options, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &sink);
  return sink;
}

std::string ReadOne(std::string_view line) {
  const Collect sink = Read(line);
  if (sink.events.size() == 1 && sink.damage.empty()) return sink.events[0];
  return sink.damage.empty() ? "nothing" : sink.damage[0];
}

bool Recognised(std::string_view text) {
  return json::kFormat.recognise(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

TEST(Json, ValuesKeepTheirText) {
  EXPECT_EQ(ReadOne(R"({"a":"x","b":12,"c":-1.50e3,"d":true,"e":false,"f":null})"),
            "a=x;b=12;c=-1.50e3;d=true;e=false;f=null;");
  EXPECT_EQ(ReadOne(R"({"big":123456789012345678901234567890})"), "big=123456789012345678901234567890;");
  EXPECT_EQ(ReadOne(R"({"":"no name","a b":"","a.b":"dots"})"), "=no name;a b=;a.b=dots;");
  EXPECT_EQ(ReadOne("{}"), "");
}

TEST(Json, KeysOfObjectsAreJoinedByDots) {
  EXPECT_EQ(ReadOne(R"({"a":{"b":{"c":"1"},"d":"2"},"e":"3","f":{}})"), "a.b.c=1;a.d=2;e=3;");
}

TEST(Json, ListsAreOneFieldOfSeveralValues) {
  EXPECT_EQ(ReadOne(R"({"a":["x",2,true,null,["y"]],"b":[]})"), "a=x|2|true|y;b=null;");
  EXPECT_EQ(ReadOne(R"({"a":["x\u0000y",""]})"), std::string("a=x\0y|;", 7));
}

TEST(Json, ObjectsInListsShareTheirFields) {
  EXPECT_EQ(ReadOne(R"({"r":[{"t":"user","n":1},{"t":"group","d":{"x":2}},"odd"],"z":0})"),
            "r=odd;r.t=user|group;r.n=1;r.d.x=2;z=0;");
  const Collect sink = Read("{\"r\":[{\"t\":1}]}\n{\"r\":[{\"t\":1},{\"t\":2},{\"t\":3}]}\n");
  EXPECT_EQ(sink.shapes[0], sink.shapes[1]) << "the shape does not depend on how many there are";
}

TEST(Json, EscapesInKeysAndValues) {
  EXPECT_EQ(ReadOne(R"({"a\"b\u00e9":"\\\/\b\f\n\r\t\u20ac\ud83d\ude00"})"), "a\"bé=\\/\b\f\n\r\t€😀;");
  EXPECT_EQ(ReadOne(R"({"half":"x\ud83dy"})"), "half=x\xef\xbf\xbdy;");
  EXPECT_EQ(ReadOne(R"({"a\ud83d":1})"), "a\xef\xbf\xbd=1;");
}

TEST(Json, WhatIsNearlyJsonIsRead) {
  EXPECT_EQ(ReadOne("{\"a\":\"tab\there\"}"), "a=tab\there;");
  EXPECT_EQ(ReadOne("{\"a\":\"\xff\",\"b\":\"\\\\\x01\"}"), "a=\xef\xbf\xbd;b=\\\x01;");
}

TEST(Json, TheSameKeyTwiceIsTwoFields) { EXPECT_EQ(ReadOne(R"({"a":1,"a":2})"), "a=1;a=2;"); }

TEST(Json, DamagedLinesAreNamedAndTheOthersRead) {
  const Collect sink = Read("{\"a\":1}\n{\"a\":\n\n{\"a\":2}x\n[1]\n{\"a\":01}\n{\"a\":tru}\n{\"a\":\"x}\n{\"a\":3}");
  EXPECT_EQ(sink.events, (std::vector<std::string>{"a=1;", "a=3;"}));
  EXPECT_EQ(sink.records, (std::vector<uint64_t>{1, 9}));
  EXPECT_EQ(sink.damage,
            (std::vector<std::string>{"8 json_line_invalid", "15 json_line_invalid", "24 json_line_not_an_object",
                                      "28 json_line_invalid", "37 json_line_invalid", "47 json_line_invalid"}));
}

TEST(Json, DepthAndKeysAreBounded) {
  std::string deep, many = "{";
  for (int i = 0; i < 500; ++i) deep += "{\"a\":";
  EXPECT_EQ(ReadOne(deep + "1" + std::string(500, '}')), "0 json_line_too_deep");
  EXPECT_EQ(ReadOne("{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}"), "0 json_line_too_deep");
  for (int i = 0; i < 5000; ++i) many += "\"k" + std::to_string(i) + "\":1,";
  EXPECT_EQ(ReadOne(many + "\"z\":1}"), "0 json_line_too_many_keys");
}

TEST(Json, ShapesAreDroppedWhenTheyAreTooMany) {
  std::string text;
  for (int i = 0; i < 60000; ++i) text += "{\"some-key-that-is-new-" + std::to_string(i) + "\":1}\n";
  const Collect sink = Read(text);
  EXPECT_EQ(sink.events.size(), 60000u);
  EXPECT_GE(sink.dropped, 1);
  EXPECT_EQ(sink.events.back(), "some-key-that-is-new-59999=1;");
}

TEST(Json, TimesUnderTheUsualKeys) {
  const int64_t time = *ParseTime("2026-01-02T03:04:05Z");
  for (const char* line :
       {R"({"@timestamp":"2026-01-02T03:04:05Z"})", R"({"EventTime":"2026-01-02 03:04:05"})", R"({"ts":1767323045})",
        R"({"ts":1767323045.000})", R"({"timestamp":1767323045000})", R"({"time":"2026-01-02T05:04:05+02:00"})",
        R"({"_time":1767323045000000})", R"({"timestamp":1767323045000000000})",
        R"({"timestamp":"soon","eventTime":"2026-01-02T03:04:05Z"})", R"({"time":"2026-01-02 05:04:05 +0200"})"}) {
    EXPECT_EQ(Read(line).times[0], time) << line;
  }
  for (const char* line : {R"({"a":"2026-01-02T03:04:05Z"})", R"({"time":null})", R"({"time":-5})", R"({"time":1e300})",
                           R"({"time":["2026-01-02T03:04:05Z"]})"}) {
    EXPECT_EQ(Read(line).times[0], 0) << line;
  }
}

TEST(Json, IsRecognisedByHowItBegins) {
  EXPECT_TRUE(Recognised("{\"a\":1}\n"));
  EXPECT_TRUE(Recognised("\xef\xbb\xbf\n { \"a\":1}\r\nrest"));
  EXPECT_TRUE(Recognised("{}"));
  EXPECT_TRUE(Recognised("{\"a\":\"cut by our own loo"));
  EXPECT_TRUE(Recognised("{\n  \"a\": 1\n}\n"));
  EXPECT_TRUE(Recognised("[{\"a\":1}]"));
  EXPECT_FALSE(Recognised("[1, 2]"));
  EXPECT_TRUE(Recognised("Record 1\n{\n  \"a\": 1\n}\n"));
  EXPECT_FALSE(Recognised("Record of things\n{\"a\": 1}\n"));
  EXPECT_FALSE(Recognised("{a:1}\n"));
  EXPECT_FALSE(Recognised(""));
}

// Objects at random, written and read back.
struct Maker {
  std::mt19937 random{11};
  std::string expected;

  std::string Text() {
    static const char* const kPieces[] = {"a", "B", "0", " ", "\\", "\"", "\n", "é", "😀", "x.y", "/", "\x1f"};
    std::string text;
    for (size_t n = random() % 6; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    return text;
  }
  std::string Quoted(const std::string& text) {
    std::string out;
    AppendJsonString(text, &out);
    return out;
  }
  std::string Scalar(std::string* value) {
    switch (random() % 4) {
      case 0:
        return *value = std::to_string(static_cast<int>(random()));
      case 1:
        return *value = random() % 2 ? "true" : "false";
      case 2:
        return *value = "null";
      default:
        *value = Text();
        return Quoted(*value);
    }
  }
  std::string Object(const std::string& prefix, int depth) {
    std::string out = "{";
    for (size_t n = random() % 5, i = 0; i < n; ++i) {
      if (i > 0) out += random() % 2 ? "," : " , ";
      const std::string key = Text();
      out += Quoted(key) + (random() % 2 ? ":" : " : ");
      if (depth < 4 && random() % 4 == 0) {
        out += Object(prefix + key + '.', depth + 1);
        continue;
      }
      std::string value;
      if (random() % 5 == 0) {
        out += '[';
        std::string all;
        bool any = false;
        for (size_t m = random() % 4, e = 0; e < m; ++e) {
          if (e > 0) out += ',';
          std::string element;
          const std::string written = Scalar(&element);
          out += written;
          if (written == "null") continue;
          if (any) all += '|';
          all += element;
          any = true;
        }
        out += ']';
        value = any ? all : "null";
      } else {
        out += Scalar(&value);
      }
      expected += prefix + key + '=' + value + ';';
    }
    return out + "}";
  }
};

TEST(Json, ReadsBackWhateverWasWritten) {
  Maker maker;
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {
    maker.expected.clear();
    text += maker.Object("", 0) + "\n";
    expected.push_back(maker.expected);
  }
  const Collect sink = Read(text);
  EXPECT_TRUE(sink.damage.empty());
  ASSERT_EQ(sink.events.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(sink.events[i], expected[i]);
}

TEST(Json, DamagedFilesAreReadAsFarAsTheyGo) {
  Maker maker;
  std::string text;
  for (int i = 0; i < 50; ++i) text += maker.Object("", 0) + "\n";
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = text;
    for (size_t n = 1 + random() % 4; n > 0; --n) damaged[random() % damaged.size()] = static_cast<char>(random());
    damaged.resize(random() % 3 ? damaged.size() : random() % damaged.size());
    const Collect sink = Read(damaged);
    EXPECT_LE(sink.damage.size(), 9u);
    // Damage to the first byte may make the file another one.
    if (damaged.size() == text.size() && damaged[0] == '{') EXPECT_GE(sink.events.size(), 40u);
  }
}

}  // namespace
}  // namespace spoor
