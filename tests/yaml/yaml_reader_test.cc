#include "yaml/yaml_reader.h"

#include <gtest/gtest.h>

#include "base/message.h"

namespace spoor {
namespace {

// All documents of a text in one line each: {k: v}, [a, b], scalars with their type; "!line:column: …" for
// problems.
std::string Text(const YamlTree& tree, const YamlNode& node) {
  std::string out;
  if (node.kind == YamlNode::Kind::kScalar) {
    const Scalar scalar = ResolveScalar(node);
    switch (scalar.type) {
      case ScalarType::kNull:
        return "null";
      case ScalarType::kBool:
        return scalar.truth ? "true" : "false";
      case ScalarType::kInteger:
        return "int " + std::to_string(static_cast<int64_t>(scalar.number));
      case ScalarType::kFloat:
        return "float " + std::to_string(scalar.number);
      case ScalarType::kText:
        return "'" + std::string(node.text) + "'";
    }
  }
  const bool map = node.kind == YamlNode::Kind::kMap;
  for (uint32_t i = 0; i < (map ? YamlTree::PairCount(node) : node.count); ++i) {
    if (i > 0) out += ", ";
    if (map) out += std::string(tree.Key(node, i).text) + ": ";
    out += Text(tree, map ? tree.Value(node, i) : tree.Child(node, i));
  }
  return map ? "{" + out + "}" : "[" + out + "]";
}

std::string Read(std::string_view yaml) {
  YamlReader reader(yaml);
  YamlTree tree;
  std::string out;
  while (reader.Next(&tree)) {
    if (!out.empty()) out += " | ";
    if (tree.problem()) {
      const YamlProblem& problem = *tree.problem();
      out += Cat("!", problem.line, ":", problem.column, ": ", problem.message);
    } else {
      out += tree.root() ? Text(tree, *tree.root()) : "nothing";
    }
  }
  return out;
}

TEST(Yaml, CoreSchema) {
  EXPECT_EQ(Read("[~, null, Null, NULL, 'null', nULL, \"\"]"), "[null, null, null, null, 'null', 'nULL', '']");
  EXPECT_EQ(Read("a:\nb: ~\n"), "{a: null, b: null}");
  EXPECT_EQ(Read("[true, True, TRUE, false, tRue, 'true']"), "[true, true, true, false, 'tRue', 'true']");
  EXPECT_EQ(Read("[yes, no, on, off, y, n]"), "['yes', 'no', 'on', 'off', 'y', 'n']");
  EXPECT_EQ(Read("[0, 010, -7, +7, 0x1F, 0o17, 4688]"), "[int 0, int 10, int -7, int 7, int 31, int 15, int 4688]");
  EXPECT_EQ(Read("[-0x1F, 0x, 0b11, 1_000, 12:30]"), "['-0x1F', '0x', '0b11', '1_000', '12:30']");
  EXPECT_EQ(Read("[1.5, .5, 1., 1e3, -.inf]"),
            "[float 1.500000, float 0.500000, float 1.000000, float 1000.000000, "
            "float -inf]");
  EXPECT_EQ(Read("[., -, 1.2.3, 2026-01-02, '5', !!str 5]"), "['.', '-', '1.2.3', '2026-01-02', '5', '5']");
}

TEST(Yaml, CollectionsAndStyles) {
  EXPECT_EQ(Read("a: [1, {b: c}]\nd:\n  - e\n  - - f\n"), "{a: [int 1, {b: 'c'}], d: ['e', ['f']]}");
  EXPECT_EQ(Read("a: |\n  x\n  y\nb: >\n  x\n  y\n"), "{a: 'x\ny\n', b: 'x y\n'}");
  EXPECT_EQ(Read("a: \"\\x41\\n\"\nb: 'it''s \\n'\n"), "{a: 'A\n', b: 'it's \\n'}");
}

TEST(Yaml, AnchorsAndAliases) {
  EXPECT_EQ(Read("a: &x [1]\nb: *x\nc: &y z\nd: *y"), "{a: [int 1], b: [int 1], c: 'z', d: 'z'}");
  EXPECT_EQ(Read("a: *x"), "!1:4: alias '*x' has no anchor '&x' before it; a text that begins with '*' needs quotes");
  EXPECT_EQ(Read("a: &x [*x]"), "!1:8: alias '*x' stands inside itself");
  EXPECT_EQ(Read("--- &x a\n--- *x\n"),
            "'a' | !2:5: alias '*x' has no anchor '&x' before it; a text that begins with '*' needs quotes");
}

TEST(Yaml, AliasesAreBounded) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    laughs += Cat("a", i, ": &a", i, " [*a", i - 1);
    for (int k = 0; k < 9; ++k) laughs += Cat(", *a", i - 1);
    laughs += "]\n";
  }
  EXPECT_EQ(Read(laughs), "!6:5: more than 524288 values");
}

TEST(Yaml, DepthIsBounded) {
  EXPECT_EQ(Read(std::string(48, '[') + std::string(48, ']')).substr(0, 3), "[[[");
  EXPECT_EQ(Read(std::string(49, '[') + std::string(49, ']')), "!1:49: nested deeper than 48 levels");
  std::string deep = "- &a0 [[[[[[[[[[x]]]]]]]]]]\n";
  for (int i = 1; i < 9; ++i) deep += Cat("- &a", i, " [[[[[[[*a", i - 1, "]]]]]]]\n");
  EXPECT_EQ(Read(deep), "!7:13: nested deeper than 48 levels");
}

TEST(Yaml, Keys) {
  EXPECT_EQ(Read("a: 1\nb: 2\na: 3\n"), "!3:1: duplicate key 'a' (first in line 1)");
  EXPECT_EQ(Read("[a, b]: 1\n"), "!1:1: a key must be text, not a list");
  EXPECT_EQ(Read("b: &x {a: 1}\nc:\n  <<: *x\n"),
            "!3:3: merge keys ('<<') are no part of YAML 1.2; repeat the entries");
  std::string many;
  for (int i = 0; i < 40; ++i) many += Cat("k", i, ": v\n");
  EXPECT_EQ(Read(many + "k39: w\n"), "!41:1: duplicate key 'k39' (first in line 40)");
}

TEST(Yaml, Documents) {
  EXPECT_EQ(Read(""), "");
  EXPECT_EQ(Read("# nothing\n"), "");
  EXPECT_EQ(Read("a\n---\nb\n...\n---\n---\nc\n"), "'a' | 'b' | null | 'c'");
  EXPECT_EQ(Read("a: 1\na: 2\n---\nb: 1\n"), "!2:1: duplicate key 'a' (first in line 1) | {b: int 1}");
}

TEST(Yaml, GoesOnBehindASyntaxError) {
  EXPECT_EQ(Read("a: 1\n---\nb: [1\n---\nc: 1\n---\n\"d\n---\ne: 1\n"),
            "{a: int 1} | !3:4: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence "
            "(noticed in line 4) | {c: int 1} | !7:1: not valid YAML: found unexpected document indicator while "
            "scanning a quoted scalar (noticed in line 8) | {e: int 1}");
  EXPECT_EQ(
      Read("a: 'x\nb: 1\n--- # another\nb: 2\n"),
      "!1:4: not valid YAML: found unexpected document indicator while scanning a quoted scalar (noticed in line 3) "
      "| {b: int 2}");
  EXPECT_EQ(Read("a: 1\n b: 2\n"), "!2:3: not valid YAML: mapping values are not allowed in this context");
}

TEST(Yaml, SyntaxErrorsAreToldWhereTheyBegin) {
  const std::string flow = "while parsing a flow ";
  EXPECT_EQ(Read("a: [1,\n  2"),
            "!1:4: not valid YAML: did not find expected ',' or ']' " + flow + "sequence (noticed in line 3)");
  EXPECT_EQ(Read("a: {b: 1, c: [2}"), "!1:16: not valid YAML: did not find expected ',' or ']' " + flow + "sequence");
  EXPECT_EQ(Read("a: [1, 'x' 'y']\n"), "!1:12: not valid YAML: did not find expected ',' or ']' " + flow + "sequence");
  EXPECT_EQ(Read("a: [b, [c"),
            "!1:8: not valid YAML: did not find expected ',' or ']' " + flow + "sequence (noticed in line 2)");
  EXPECT_EQ(Read("a: {b:"),
            "!1:4: not valid YAML: did not find expected node content " + flow + "node (noticed in line 2)");
  EXPECT_EQ(Read("a: 1\nb\nc: 2\n"),
            "!2:1: not valid YAML: could not find expected ':' while scanning a simple key (noticed in line 3)");
}

TEST(Yaml, WhatNeedsQuotesIsSaid) {
  const auto needs = [](const std::string& place, const std::string& sign) {
    return "!" + place + ": not valid YAML: a text that begins with '" + sign + "' needs quotes";
  };
  EXPECT_EQ(Read("a: *x*\n"), needs("1:4", "*"));
  EXPECT_EQ(Read("- ok\n- *\n"), needs("2:3", "*"));
  EXPECT_EQ(Read("é: & x\n"), needs("1:4", "&"));
  EXPECT_EQ(Read("\xef\xbb\xbfé: %x%\n"), needs("1:4", "%"));
  EXPECT_EQ(Read("a: 1\n---\nä: ü\nb: @x\n"), "{a: int 1} | " + needs("4:4", "@"));
  EXPECT_EQ(Read("a: `x`\n"), needs("1:4", "`"));
  EXPECT_EQ(Read("a: b: c\n"), "!1:5: not valid YAML: a value with ': ' in it needs quotes");
  const char kTabs[] = ": not valid YAML: YAML takes no tabs for indentation; write spaces";
  EXPECT_EQ(Read("a:\n\tb: 1\n"), std::string("!2:1") + kTabs);
  EXPECT_EQ(Read("a:\r\n  \tb: 1\r\n"), std::string("!2:3") + kTabs);
  EXPECT_EQ(Read("a: 'it's'\n"),
            "!1:8: not valid YAML: something stands behind the closing quote; within single quotes, a single quote is "
            "written twice");
}

TEST(Yaml, EncodingErrorsHaveAPlace) {
  EXPECT_EQ(Read("a: 1\nb: \xff\xfe\n").substr(0, 6), "!2:4: ");
  EXPECT_EQ(Read("\xef\xbb\xbf"
                 "a: 1"),
            "{a: int 1}");
  EXPECT_EQ(Read("a: é ü\n"), "{a: 'é ü'}");
}

TEST(Yaml, TreesAreReused) {
  std::string yaml;
  for (int i = 0; i < 50; ++i) yaml += "--- {a: " + std::string(5000, 'x') + ", b: " + std::to_string(i) + "}\n";
  YamlReader reader(yaml);
  YamlTree tree;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(reader.Next(&tree));
    EXPECT_EQ(tree.Find(*tree.root(), "b")->text, std::to_string(i));
    EXPECT_EQ(tree.Find(*tree.root(), "a")->text.size(), 5000u);
    EXPECT_EQ(tree.Find(*tree.root(), "c"), nullptr);
  }
  EXPECT_FALSE(reader.Next(&tree));
}

}  // namespace
}  // namespace spoor
