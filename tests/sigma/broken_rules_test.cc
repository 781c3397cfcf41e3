// Rules that cannot be loaded, and what is said about each.
#include <gtest/gtest.h>

#include "helpers.h"

namespace spoor::sigma {
namespace {

struct Broken {
  const char* name;
  const char* yaml;
  const char* error;  // line:column: message
};

#define HEAD "title: T\nlogsource: {product: windows}\ndetection:\n"

const Broken kBroken[] = {
    // The document
    {"NoTitle", "logsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n", "1:1: the rule has no title"},
    {"NoLogSource", "title: T\ndetection: {s: {A: 1}, condition: s}\n", "1:1: the rule has no logsource"},
    {"LogSourceText", "title: T\nlogsource: windows\n", "2:12: logsource must be a map, not text"},
    {"LogSourceEmpty", "title: T\nlogsource: {definition: x}\n",
     "2:12: logsource names no category, product or service"},
    {"LogSourceList", "title: T\nlogsource: {product: [windows]}\n",
     "2:22: logsource: product must be text, not a list"},
    {"NoDetection", "title: T\nlogsource: {product: windows}\n", "1:1: the rule has no detection"},
    {"UnknownLevel", "title: T\nlogsource: {product: windows}\nlevel: hihg\n",
     "3:8: unknown level 'hihg'; did you mean 'high'?"},
    {"LevelList", "title: T\nlogsource: {product: windows}\nlevel: [high]\n", "3:8: level must be text, not a list"},
    {"UnknownStatus", "title: T\nstatus: tested\nlogsource: {}\n",
     "2:9: unknown status 'tested'; did you mean 'test'?"},
    {"UnknownTaxonomy", "title: T\nlogsource: {product: windows}\ntaxonomy: ecs\n",
     "3:11: unknown taxonomy 'ecs'; a pipeline (--pipeline) that says taxonomy: ecs can translate it"},
    {"Correlation", "title: T\ncorrelation: {type: event_count}\n", "2:14: correlation: names no rules"},
    {"Filter", "title: T\nfilter: {rules: []}\n", "1:1: the filter has no logsource"},
    {"Action", "action: globel\ntitle: T\n", "1:9: unknown action 'globel'; there are global, reset and repeat"},
    {"RepeatOfNothing", "action: repeat\ntitle: T\n", "1:9: action: repeat has no document before it to repeat"},
    {"DuplicateKey", "title: T\ntitle: U\n", "2:1: duplicate key 'title' (first in line 1)"},
    {"Syntax", "title: T\ndetection: {s: \n",
     "2:12: not valid YAML: did not find expected node content while parsing a flow node (noticed in line 3)"},
    // Selections
    {"DetectionList", HEAD "  - a\n", "4:3: detection must be a map of selections, not a list"},
    {"NoCondition", HEAD "  s: {A: 1}\n", "4:3: detection has no condition"},
    {"NoSelection", HEAD "  condition: s\n", "4:3: detection has no selection"},
    {"EmptySelection", HEAD "  s:\n  condition: s\n", "4:5: selection 's': is empty"},
    {"EmptyMap", HEAD "  s: {}\n  condition: s\n", "4:6: selection 's': is an empty map"},
    {"EmptyList", HEAD "  s: []\n  condition: s\n", "4:6: selection 's': is an empty list"},
    {"EmptyValues", HEAD "  s: {A: []}\n  condition: s\n", "4:10: selection 's': A: the list of values is empty"},
    {"ListInList", HEAD "  s: [[a]]\n  condition: s\n", "4:7: selection 's': a list within a list"},
    {"ListInValues", HEAD "  s: {A: [[a]]}\n  condition: s\n",
     "4:11: selection 's': A: a list of values must not hold a list"},
    {"MapInValues", HEAD "  s: {A: [{b: c}]}\n  condition: s\n",
     "4:11: selection 's': A: a list of values must not hold a map"},
    {"MapAsValue", HEAD "  s: {A: {b: c}}\n  condition: s\n",
     "4:10: selection 's': A: a field takes a value or a list, not a map"},
    {"DuplicateField", HEAD "  s:\n    A: 1\n    A: 2\n  condition: s\n", "6:5: duplicate key 'A' (first in line 5)"},
    {"KeywordForEverything", HEAD "  s: '*'\n  condition: s\n",
     "4:6: selection 's': keyword: this keyword would be found in every event"},
    // Modifiers
    {"UnknownModifier", HEAD "  s: {A|contain: b}\n  condition: s\n",
     "4:7: selection 's': A|contain: unknown modifier 'contain'; did you mean 'contains'?"},
    {"EmptyModifier", HEAD "  s: {A|: b}\n  condition: s\n",
     "4:7: selection 's': A|: a '|' without a modifier behind it"},
    {"TwoPlaces", HEAD "  s: {A|startswith|endswith: b}\n  condition: s\n",
     "4:7: selection 's': A|startswith|endswith: 'endswith' cannot stand together with 'startswith'; "
     "'contains' looks "
     "anywhere"},
    {"RegexAndPlace", HEAD "  s: {A|re|contains: b}\n  condition: s\n",
     "4:7: selection 's': A|re|contains: 'contains' cannot stand together with 're', which searches "
     "anywhere; use ^ "
     "and $ in the expression"},
    {"RegexAndCidr", HEAD "  s: {A|re|cidr: b}\n  condition: s\n",
     "4:7: selection 's': A|re|cidr: 'cidr' cannot stand together with 're'"},
    {"FlagWithoutRegex", HEAD "  s: {A|i: b}\n  condition: s\n",
     "4:7: selection 's': A|i: 'i' is a flag of 're' and must follow it"},
    {"Base64OfWildcard", HEAD "  s: {A|base64: 'a*'}\n  condition: s\n",
     "4:17: selection 's': A|base64: 'base64' cannot encode a wildcard; write \\* or \\? for the character"},
    {"Base64OffsetTooShort", HEAD "  s: {A|base64offset: a}\n  condition: s\n",
     "4:23: selection 's': A|base64offset: 'base64offset' needs a text of at least two bytes"},
    {"BehindBase64Offset", HEAD "  s: {A|base64offset|wide: ab}\n  condition: s\n",
     "4:7: selection 's': A|base64offset|wide: 'wide' cannot stand behind 'base64offset'"},
    {"ModifierTwice", HEAD "  s: {A|wide|utf16le: ab}\n  condition: s\n",
     "4:7: selection 's': A|wide|utf16le: 'utf16le' stands there twice"},
    {"BadNetwork", HEAD "  s: {A|cidr: 10.0.0.0/40}\n  condition: s\n",
     "4:15: selection 's': A|cidr: '10.0.0.0/40' is no network: the length behind '/' must be 0 to 32"},
    {"NotANumber", HEAD "  s: {A|lt: many}\n  condition: s\n",
     "4:13: selection 's': A|lt: lt, lte, gt and gte compare with a number, not with 'many'"},
    {"ExistsMaybe", HEAD "  s: {A|exists: yes}\n  condition: s\n",
     "4:17: selection 's': A|exists: 'exists' takes true or false, not 'yes'"},
    {"NullWithModifier", HEAD "  s: {A|contains: null}\n  condition: s\n",
     "4:19: selection 's': A|contains: null (no value) takes no modifiers but 'neq'; write '' for an empty "
     "text"},
    {"CasedRegex", HEAD "  s: {A|re|cased: a}\n  condition: s\n",
     "4:7: selection 's': A|re|cased: 'cased' is needless with 're', which is case-sensitive without 'i'"},
    {"CidrOfKeyword", HEAD "  s: {'|cidr': 10.0.0.0/8}\n  condition: s\n",
     "4:7: selection 's': |cidr: 'cidr' needs a field before it"},
    {"BadRegex", HEAD "  s: {A|re: '[a'}\n  condition: s\n",
     "4:13: selection 's': A|re: not a regular expression: missing terminating ] for character class (at "
     "character 3 of it)"},
    {"TooManyDashes", HEAD "  s: {A|windash: '-a -b -c -d -e -f'}\n  condition: s\n",
     "4:18: selection 's': A|windash: the modifiers make more than 8192 patterns or 4 MiB of this value"},
    // Conditions
    {"UnknownSelection", HEAD "  sel: {A: 1}\n  condition: sel and slection\n",
     "5:22: condition: there is no selection 'slection'"},
    {"Aggregation", HEAD "  s: {A: 1}\n  condition: s | count() > 5\n",
     "5:16: condition: aggregation expressions (| count() …) were removed from Sigma; write a correlation "
     "rule"},
    {"ConditionMap", HEAD "  s: {A: 1}\n  condition: {a: b}\n", "5:14: condition must be text, not a map"},
    {"ConditionEmptyList", HEAD "  s: {A: 1}\n  condition: []\n", "5:14: condition: the list is empty"},
    {"ConditionEmpty", HEAD "  s: {A: 1}\n  condition:\n", "5:13: condition: the condition is empty"},
    {"Parenthesis", HEAD "  s: {A: 1}\n  condition: (s\n", "5:14: condition: '(' without ')' behind it"},
};

class BrokenRule : public testing::TestWithParam<Broken> {};

TEST_P(BrokenRule, IsReported) {
  const RuleSet set = Parse(GetParam().yaml);
  EXPECT_TRUE(set.rules.empty());
  ASSERT_EQ(set.errors.size(), 1u);
  EXPECT_EQ(Show(set.errors[0]), GetParam().error);
  EXPECT_EQ(set.errors[0].path, "test.yml");
}

INSTANTIATE_TEST_SUITE_P(All, BrokenRule, testing::ValuesIn(kBroken),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace spoor::sigma
