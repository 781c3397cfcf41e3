#include "formats/mapping/mapping.h"

#include <gtest/gtest.h>

#include "formats/json/format.h"

namespace spoor {
namespace {

struct Collect : Sink {
  std::string text;
  void OnEvent(const Event& event) override {
    const SourceTag& s = event.shape->source;
    text += s.product + "/" + s.service + "/" + s.category + " ";
    for (const Field& field : event.shape->fields) {
      if (!HasField(event, field)) continue;
      text += (field.alias ? "~" : "") + field.name + "=";
      AppendFieldText(event, field, &text);
      text += ";";
    }
    text += "\n";
  }
  void OnDamage(const Damage& d) override { text += std::string(d.kind) + "\n"; }
  void ShapesDropped() override {}
};

std::string Read(const std::string& yaml, const std::string& json) {
  const auto mappings = Mappings::Parse(yaml, "m.yml");
  if (!mappings.ok()) return std::string(mappings.status().message());
  FormatOptions options;
  options.mappings = &*mappings;
  Collect sink;
  ReadWhole(json::kFormat, options, reinterpret_cast<const uint8_t*>(json.data()), json.size(), &sink);
  return sink.text;
}

TEST(Mapping, NamesByPatternAndBeginnings) {
  EXPECT_EQ(Read("- {name: m, source: {product: p}, keys: [a.x.y*], rename: {'a.{e}.{n}': '{e}_{N}', b.c: d}, "
                 "strip: [z.*., z.]}",
                 R"({"a":{"x":{"yes":1},"q":2},"b":{"c":3},"z":{"k":{"v":4},"w":5}})"),
            "p// x_Yes=1;a.q=2;d=3;v=4;w=5;\n");
}

TEST(Mapping, WhatARecordLiesInIsTakenOff) {
  EXPECT_EQ(Read("- {name: m, source: {product: p}, keys: [a, 'b|c'], under: [in.]}", R"({"a":0,"in":{"a":1,"c":2}})"),
            "p// a (outside)=0;a=1;c=2;\n");
}

TEST(Mapping, FurtherFields) {
  EXPECT_EQ(
      Read("- {name: m, source: {product: p}, keys: [a, b], also: {A: a, O: o}, "
           "make: {M: ['{no}', '<{a}|{b}>'], C: constant}, join: {J: l}, derive: {D: {a: {'1': one, '*': other}}}, "
           "values: {b: {'x*': 'long-*'}}}",
           R"({"a":"1","b":"xy","l":["p","q r"],"o":{"k":[{"v":1}]}})"),
      "p// a=1;b=long-y;l=p, q r;o.k.v=1;M=<1|long-y>;C=constant;~A=1;~O={\"k\":[{\"v\":1}]};~D=one;J=p q r;\n");
}

TEST(Mapping, TextsThatAreJsonOrXmlAreUnfolded) {
  const std::string yaml = "- {name: m, source: {product: p}, keys: [t], unfold: [t, t.u], strip: [t.]}";
  EXPECT_EQ(Read(yaml, R"({"t":"{\"a\":1,\"u\":\"{\\\"b\\\":[2,3]}\"}"})"),
            "p// ~t={\"a\":1,\"u\":\"{\\\"b\\\":[2,3]}\"};a=1;u={\"b\":[2,3]};u.b=2, 3;\n");
  EXPECT_EQ(Read(yaml, R"({"t":"[{\"a\":1},{\"a\":2}]"})"), "p// ~t=[{\"a\":1},{\"a\":2}];a=1, 2;\n");
  EXPECT_EQ(Read(yaml, R"({"t":"<EventData><Data Name='X'>&lt;</Data></EventData>"})"),
            "p// ~t=<EventData><Data Name='X'>&lt;</Data></EventData>;X=<;\n");
  for (const char* text : {"{cut", "[1,", "<Event>", "<html/>", "plain", ""}) {
    EXPECT_EQ(Read(yaml, std::string("{\"t\":\"") + text + "\"}"), std::string("p// t=") + text + ";\n");
  }
  EXPECT_EQ(Read(yaml, R"({"t":null})"), "p// t=;\n");
}

TEST(Mapping, SourcesBySeveralFields) {
  const std::string yaml =
      "- {name: m, source: {product: p}, keys: [a, b], by: [a, b], sources: {x 1: {service: s|t}, '*': {category: c}}}";
  EXPECT_EQ(Read(yaml, "{\"a\":\"x\",\"b\":1}\n{\"a\":\"x\",\"b\":2}\n"), "p/s|t/ a=x;b=1;\np//c a=x;b=2;\n");
  EXPECT_TRUE(SourceTag::Fits("t", "s|t"));
  EXPECT_TRUE(SourceTag::Fits("", "s|t"));
  EXPECT_FALSE(SourceTag::Fits("s|", "s|t"));
  EXPECT_FALSE(SourceTag::Fits("x", ""));
}

TEST(Mapping, MistakesAreNamed) {
  EXPECT_EQ(Read("- {name: m, keys: [a], derive: {x: y}}", "{}"), "m.yml:1: a map expected ('field: {text: text}')");
  EXPECT_EQ(Read("- {name: m, keys: [a], unfolded: [x]}", "{}").substr(0, 32), "m.yml:1: unknown key 'unfolded';");
}

}  // namespace
}  // namespace spoor
