// Where records of a JSON file are: every arrangement of random objects against what they were made of, in pieces of
// every size.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "formats/json/format.h"
#include "support/hostile.h"

namespace spoor {
namespace {

struct Ids : Sink {
  std::vector<std::string> ids;
  std::vector<uint64_t> offsets, records;
  std::vector<std::string> damage;
  void OnEvent(const Event& event) override {
    std::string& id = ids.emplace_back();
    for (const Field& field : event.shape->fields) {
      if (field.name == "id") AppendFieldText(event, field, &id);
    }
    offsets.push_back(event.offset);
    records.push_back(event.record);
  }
  void OnDamage(const Damage& d) override { damage.emplace_back(d.kind); }
  void ShapesDropped() override {}
};

// Reads with pieces of so many bytes at first.
void ReadInPieces(const std::string& text, size_t room, Sink* sink) {
  const auto reader = json::kFormat.make_reader({});
  const auto cutter = json::kFormat.make_cutter();
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  std::vector<uint8_t> piece;
  for (size_t at = 0; at < text.size();) {
    size_t given = std::min(text.size() - at, room);
    Cut cut;
    while ((cut = cutter->Next(data + at, given, at + given == text.size())).size == 0) {
      ASSERT_LT(at + given, text.size());
      given = std::min(text.size() - at, given + room);
    }
    piece.assign(data + at, data + at + cut.size);
    piece.resize(cut.size + kPiecePadding);
    if (!cut.discard) reader->Read({piece.data(), cut.size, at, cut.records_before, cut.header, nullptr}, sink);
    if (cut.damage != nullptr) sink->OnDamage({cut.damage_offset, cut.damage_bytes, cut.damage});
    at += cut.size;
  }
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  size_t Below(size_t n) { return random_() % n; }
  std::string Space(bool lines) {
    static const char* const kSpaces[] = {"", "", " ", "  ", "\n", "\r\n", "\t", "\n    "};
    return kSpaces[Below(lines ? 8 : 4)];
  }
  std::string Text() {
    static const char* const kTexts[] = {"\"\"",     "\"x\"",         "\"}\"",       "\"[{\\\"a\\\":1}]\"",
                                         "\"\\\\\"", "\"\\\\\\\"{\"", "\"Records\"", "\"é\\u00e9\"",
                                         "\"]]}}\"", "\"\\\\\\\\\""};
    return kTexts[Below(10)];
  }
  std::string Value(int depth, bool lines) {
    switch (Below(depth > 3 ? 4 : 7)) {
      case 0:
        return Text();
      case 1:
        return std::to_string(Below(100000));
      case 2:
        return "null";
      case 3:
        return Below(2) == 0 ? "true" : "-1.5e3";
      case 4:
        return "[" + Space(lines) + "]";
      case 5: {
        std::string list = "[";
        for (size_t i = 0, n = Below(3) + 1; i < n; ++i) {
          list += (i > 0 ? "," : "") + Space(lines) + Value(depth + 1, lines) + Space(lines);
        }
        return list + "]";
      }
      default:
        return Members(depth + 1, lines, "");
    }
  }
  std::string Members(int depth, bool lines, const std::string& first) {
    std::string out = "{" + first;
    for (size_t i = 0, n = Below(4); i < n; ++i) {
      if (out.size() > 1) out += ',';
      out += Space(lines) + "\"k" + std::to_string(Below(5)) + "\"" + Space(false) + ":" + Space(false) +
             Value(depth, lines) + Space(lines);
    }
    return out + "}";
  }
  // A record; its key is never one that a list of records may stand under.
  std::string Record(size_t id, bool lines) { return Members(0, lines, "\"id\":" + std::to_string(id)); }

 private:
  std::mt19937 random_;
};

TEST(JsonCutter, FindsTheRecordsOfEveryArrangement) {
  for (unsigned seed = 0; seed < 1500; ++seed) {
    Maker make(seed);
    const size_t kind = make.Below(7);
    const bool lines = kind != 0;
    std::string text = make.Below(4) == 0 ? "\xef\xbb\xbf" : "";
    std::vector<std::string> expected;
    std::vector<uint64_t> offsets;
    const auto record = [&] {
      offsets.push_back(text.size());
      text += make.Record(expected.size(), lines);
      expected.push_back(std::to_string(expected.size()));
    };
    const auto list = [&](size_t least) {
      const size_t n = least + make.Below(6);
      for (size_t i = 0; i < n; ++i) {
        if (i > 0) text += ',';
        text += make.Space(true);
        record();
        text += make.Space(true);
      }
    };
    const size_t n = 1 + make.Below(6);
    switch (kind) {
      case 0:  // lines
        for (size_t i = 0; i < n; ++i) {
          record();
          text += make.Below(3) == 0 ? "\r\n" : "\n";
        }
        break;
      case 1:  // one behind the other, over many lines
        text += "{\"id\":0,\n\"a\":1}\n";
        offsets.push_back(text.find('{'));
        expected.emplace_back("0");
        for (size_t i = 0; i < n; ++i) {
          record();
          text += "\n";
        }
        break;
      case 2:  // evtx_dump
        text.clear();
        for (size_t i = 0; i < n; ++i) {
          text += "Record " + std::to_string(i) + "\n";
          record();
          text += "\n";
        }
        break;
      case 3:  // a list
        text += "[";
        list(1);
        text += "]\n";
        break;
      case 4:  // in an object
        text += make.Below(2) == 0 ? "{\"Records\":[" : "{ \"@odata.context\": \"x\",\n \"value\" : [";
        list(0);
        text += make.Below(2) == 0 ? "]}" : "],\"nextLink\":{\"a\":[{\"b\":1}]}}";
        break;
      case 5:  // several lists
        for (size_t i = 0; i < n; ++i) {
          text += "[";
          list(i == 0 ? 1 : 0);
          text += "]\n";
        }
        break;
      default:  // several objects around lists
        for (size_t i = 0; i < n; ++i) {
          text += "{\"Records\": [";
          list(0);
          text += "]}\n";
        }
        break;
    }
    SCOPED_TRACE(std::to_string(seed) + " kind " + std::to_string(kind) + "\n" + text);
    for (const size_t room : {text.size(), size_t{1}, size_t{7}, size_t{64}, size_t{200}}) {
      Ids found;
      ReadInPieces(text, room, &found);
      EXPECT_EQ(found.ids, expected) << room;
      EXPECT_EQ(found.offsets, offsets) << room;
      EXPECT_EQ(found.damage, std::vector<std::string>()) << room;
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(JsonCutter, SaysWhereAFileEndsWithinARecord) {
  for (const char* text : {"[{\"id\":0},{\"id\":1", "{\"Records\":[{\"id\":0},{\"id\":1,", "{\"id\":0\n}\n{\"id\":1"}) {
    for (const size_t room : {size_t{1}, size_t{5}, size_t{1000}}) {
      Ids found;
      ReadInPieces(text, room, &found);
      EXPECT_EQ(found.ids, std::vector<std::string>{"0"}) << text;
      EXPECT_EQ(found.damage, std::vector<std::string>{"json_ends_within_record"}) << text;
    }
  }
}

TEST(JsonCutter, ABrokenRecordCostsItself) {
  const auto ids = [](const std::string& text) {
    Ids found;
    ReadInPieces(text, text.size(), &found);
    std::string all;
    for (const std::string& id : found.ids) all += id + ' ';
    for (const std::string& kind : found.damage) all += kind + ' ';
    return all;
  };
  EXPECT_EQ(ids("[{\"id\":0},\n{\"id\":1,\"a\":\"x\"y\"},\n{\"id\":2}]"), "0 2 json_record_broken ");
  EXPECT_EQ(ids("[{\"id\":0},{\"id\":1,{\"id\":2}]"), "0 2 json_record_broken ");
  EXPECT_EQ(ids("[{\"id\":0},\"id\":1},{\"id\":2}]"), "0 2 json_between_records ");
  EXPECT_EQ(ids("[{\"id\":0},[{\"id\":1}],{\"id\":2}]"), "0 2 json_between_records ");
  EXPECT_EQ(ids("{\"Records\":[{\"id\":0},{\"id\":1]},{\"id\":2}]}"), "0 2 json_record_broken ");
  EXPECT_EQ(ids("{\"Records\":[{\"id\":0}],{\"id\":2}]}"), "0 2 json_between_records ");
  EXPECT_EQ(ids("{\n\"id\":0,\"a\":[\n}\n{\n\"id\":1\n}\n"), "1 json_record_broken ");
  // Deeper than is compared: left to the reader.
  const std::string deep(70, '[');
  EXPECT_EQ(ids("[{\"id\":0,\"a\":" + deep + "}" + std::string(69, ']') + "},{\"id\":2}]"), "2 json_line_too_deep ");
}

TEST(JsonCutter, DamageIsTheSameInPiecesOfEverySize) {
  const auto record = [](const std::string& needle, size_t n) {
    return "  {\"id\": \"" + needle + "\", \"a\": {\"b\": [1, \"]}\"]}}" + (n < 11 ? ",\n" : "\n");
  };
  const test::TextSample sample = test::MakeSample("list", "json", "[\n", record, "]\n");
  for (const test::Variant& v : test::DamagedVariants(sample, 600, 3)) {
    Ids whole;
    ReadInPieces(v.text, v.text.size(), &whole);
    for (const size_t room : {size_t{1}, size_t{50}, size_t{333}}) {
      Ids found;
      ReadInPieces(v.text, room, &found);
      EXPECT_EQ(found.ids, whole.ids) << v.what << room;
      EXPECT_EQ(found.records, whole.records) << v.what << room;
      EXPECT_EQ(found.damage, whole.damage) << v.what << room;
    }
  }
}

}  // namespace
}  // namespace spoor
