// What `spoor trace -f json` writes is what docs/trace.schema.json says.
//
// Of JSON Schema (draft 2020-12) as much is understood as that file uses; any other word in it fails the test.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <string>

#include "cli/builtin_rules.h"
#include "simdjson.h"
#include "story/render.h"

namespace spoor {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// By value: what simdjson's results refer to goes with them.
simdjson::dom::array ArrayOf(element value) {
  simdjson::dom::array array;
  EXPECT_FALSE(value.get(array)) << value << " is no list";
  return array;
}
object ObjectOf(element value) {
  object map;
  EXPECT_FALSE(value.get(map)) << value << " is no object";
  return map;
}
std::string TextOf(element value) {
  std::string_view text;
  EXPECT_FALSE(value.get(text)) << value << " is no text";
  return std::string(text);
}
element At(element value, const std::string& key) {
  element member;
  EXPECT_FALSE(value[key].get(member)) << "no " << key;
  return member;
}

class SchemaChecker {
 public:
  explicit SchemaChecker(element schema) : root_(schema) {}

  void Check(element value, object schema, const std::string& at) {
    for (const auto& [word, meaning] : schema) {
      const std::string_view key = word;
      if (key == "$ref") {
        Check(value, ObjectOf(At(At(root_, "$defs"), TextOf(meaning).substr(8))), at);  // behind "#/$defs/"
      } else if (key == "type") {
        EXPECT_TRUE(IsOf(value, TextOf(meaning))) << at << " is no " << meaning;
      } else if (key == "properties") {
        CheckMembers(value, schema, at);
      } else if (key == "required") {
        for (const element name : ArrayOf(meaning)) {
          EXPECT_FALSE(value[TextOf(name)].error()) << at << " has no " << name;
        }
      } else if (key == "items") {
        size_t number = 0;
        for (const element item : ArrayOf(value)) {
          Check(item, ObjectOf(meaning), at + "[" + std::to_string(number++) + "]");
        }
      } else if (key == "enum") {
        bool found = false;
        for (const element one : ArrayOf(meaning)) found |= TextOf(one) == TextOf(value);
        EXPECT_TRUE(found) << at << " is " << value;
      } else {
        const std::set<std::string_view> told = {"$schema", "$defs",   "title",   "description", "additionalProperties",
                                                 "format",  "pattern", "minimum", "maximum"};
        EXPECT_TRUE(told.contains(key)) << "the test does not know " << key;
      }
    }
  }

 private:
  static bool IsOf(element value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    return type == "number" && value.is_number();
  }

  void CheckMembers(element value, object schema, const std::string& at) {
    const object properties = ObjectOf(schema["properties"]);
    for (const auto& [key, member] : ObjectOf(value)) {
      object meaning;
      if (properties.at_key(key).get(meaning)) {
        ADD_FAILURE() << at << " has " << key << ", which the schema does not know";
        continue;
      }
      Check(member, meaning, at + "." + std::string(key));
    }
  }

  element root_;
};

std::string TraceAll(const std::string& path) {
  HuntOptions options;
  options.digest = false;
  options.jobs = 2;
  const std::atomic<bool> stop{false};
  return TraceJson(Trace(*ListEvidence({path}, {}), LoadBuiltInRules({}, {}), sigma::SourceMap::BuiltIn(), options, {},
                         stop, nullptr));
}

void CheckAll(const std::string& path) {
  simdjson::dom::parser schemas, parser;
  const element schema = schemas.load(std::string(SPOOR_SOURCE_DIR) + "/docs/trace.schema.json").value();
  const std::string json = TraceAll(path);
  const element value = parser.parse(json).value();
  EXPECT_GT(ArrayOf(At(value, "campaigns")).size(), 0u);
  SchemaChecker(schema).Check(value, ObjectOf(schema), "$");
}

TEST(TraceSchema, HoldsForTheTextCases) { CheckAll(std::string(SPOOR_SOURCE_DIR) + "/tests/cases"); }

TEST(TraceSchema, HoldsForConnections) {
  const std::string path =
      std::string(SPOOR_SHARED_DATA) + "/security-datasets/compound/apt29/day1/zeek/combined_zeek.log";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  CheckAll(path);
}

}  // namespace
}  // namespace spoor
