// Every modifier, from the rule's text to the patterns.
#include <gtest/gtest.h>

#include "helpers.h"
#include "sigma/encode.h"
#include "sigma/network.h"

namespace spoor::sigma {
namespace {

TEST(Modifier, Place) {
  EXPECT_EQ(Field("A: b"), "A is: b\n");
  EXPECT_EQ(Field("A|contains: b"), "A contains: b\n");
  EXPECT_EQ(Field("A|startswith: b"), "A starts with: b\n");
  EXPECT_EQ(Field("A|endswith: '\\b.exe'"), "A ends with: \\b.exe\n");
  EXPECT_EQ(Field("A|contains: 'b*c'"), "A like: *b*c*\n");
  EXPECT_EQ(Field("A|startswith: '*b'"), "A contains: b\n");
  EXPECT_EQ(Field("A|endswith: 'b*'"), "A contains: b\n");
  EXPECT_EQ(Field("A|endswith: 'b?'"), "A like: *b?\n");
  EXPECT_EQ(Field("A|contains: ''"), "A any value\n");
}

TEST(Modifier, ListsAndAll) {
  EXPECT_EQ(Field("A|contains: [b, c]"), "A\n  contains: b\n  contains: c\n");
  EXPECT_EQ(Field("A|contains|all: [b, c]"), "and\n  A contains: b\n  A contains: c\n");
  EXPECT_EQ(Field("A|contains|all: [b, c]\nD: e"), "and\n  A contains: b\n  A contains: c\n  D is: e\n");
  EXPECT_EQ(Field("A|all: [b]"), "A is: b\n");
  EXPECT_EQ(Field("A|all: b"), "warning 5:5: selection 's': A|all: 'all' does nothing for one value\nA is: b\n");
}

TEST(Modifier, Scalars) {
  EXPECT_EQ(Field("A: null"), "A null\n");
  EXPECT_EQ(Field("A:"), "A null\n");
  EXPECT_EQ(Field("A: ''"), "A is: \n");
  EXPECT_EQ(Field("A: '*'"), "A any value\n");
  EXPECT_EQ(Field("A: '?*'"), "A like: ?*\n");
  EXPECT_EQ(Field("A: [True, 'x', null]"), "A\n  is: true\n  is: x\n  null\n");
  EXPECT_EQ(Field("A: yes"), "A is: yes\n");
}

TEST(Modifier, NumbersKeepTheirText) {
  const auto pattern = [](std::string_view value) {
    const RuleSet set =
        Parse("title: T\nlogsource: {product: windows}\ndetection: {s: {A: " + std::string(value) + "}, condition: s}");
    return set.rules.at(0).detection.items.at(0).any_of.at(0);
  };
  EXPECT_EQ(pattern("4688").text, "4688");
  EXPECT_EQ(pattern("4688").number, 4688);
  EXPECT_EQ(pattern("0x1F").text, "0x1F");
  EXPECT_EQ(pattern("0x1F").number, 31);
  EXPECT_EQ(pattern("010").number, 10);
  EXPECT_EQ(pattern("1.50").text, "1.50");
  EXPECT_EQ(pattern("1.50").number, 1.5);
  EXPECT_EQ(pattern("'4688'").number, std::nullopt);
  EXPECT_EQ(pattern(".inf").number, std::nullopt);
  EXPECT_EQ(pattern("46*").op, Operator::kStartsWith);
}

TEST(Modifier, Regex) {
  EXPECT_EQ(Field("A|re: '^a\\d+$'"), "A re: ^a\\d+$\n");
  EXPECT_EQ(Field("A|re|i: 'a\\\\*'"), "A re|i: a\\\\*\n");
  EXPECT_EQ(Field("A|re|i|m|s: a"), "A re|ims: a\n");
  EXPECT_EQ(Field("A|re: 'a(?=b)'"), "A re: a(?=b)\n");  // PCRE2
  EXPECT_EQ(Field("A|re: '(a)\\1'"), "A re: (a)\\1\n");  // PCRE2
  EXPECT_EQ(Field("A|re|all: [a, b]"), "and\n  A re: a\n  A re: b\n");
  EXPECT_EQ(Field("A|re: 'a(b'"),
            "error 5:11: selection 's': A|re: not a regular expression: missing closing parenthesis (at "
            "character 4 "
            "of it)\n");
}

TEST(Modifier, Cidr) {
  EXPECT_EQ(Field("A|cidr: 10.0.0.0/8"), "A 10.0.0.0/8\n");
  EXPECT_EQ(Field("A|cidr: [192.168.0.0/16, 'fe80::/10']"), "A\n  192.168.0.0/16\n  fe80::/10\n");
  EXPECT_EQ(Field("A|cidr: 10.1.2.3/8"),
            "warning 5:13: selection 's': A|cidr: '10.1.2.3/8' has host bits set; taken as 10.0.0.0/8\n"
            "A 10.0.0.0/8\n");
}

TEST(Modifier, NetworksAreNormalised) {
  bool masked = false;
  const auto normal = [&](std::string_view text) { return NormaliseNetwork(text, &masked).value_or("error"); };
  EXPECT_EQ(normal("127.0.0.1"), "127.0.0.1/32");
  EXPECT_EQ(normal("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(normal("2001:DB8:0:0::/32"), "2001:db8::/32");
  EXPECT_FALSE(masked);
  EXPECT_EQ(normal("2001:db8::1/33"), "2001:db8::/33");
  EXPECT_TRUE(masked);
  EXPECT_EQ(normal("::1"), "::1/128");
  EXPECT_EQ(normal("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  EXPECT_EQ(normal("::ffff:0:0/90"), "::ffc0:0:0/90");
  for (const char* bad : {"", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "fe80::/129", "10.*",
                          "010.0.0.1/8", "fe80::1%eth0/64"}) {
    EXPECT_EQ(normal(bad), "error") << bad;
  }
}

TEST(Modifier, Base64) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("\xff\xfe\xfd"), "//79");
  EXPECT_EQ(Field("A|base64: 'http://'"), "A is: aHR0cDovLw==\n");
  EXPECT_EQ(Field("A|base64|contains: 'a\\*b'"), "A contains: YSpi\n");  // the escape is not encoded
}

// What the three forms promise: wherever the text stands, one of them is in the Base64 of the whole.
TEST(Modifier, Base64OffsetFindsTheTextAnywhere) {
  for (const std::string text : {"ab", "foo", "http", "IEX (New", "\xc3\xa9t\xc3\xa9"}) {
    const auto forms = Base64Offsets(text);
    for (size_t before = 0; before < 7; ++before) {
      for (size_t behind = 0; behind < 4; ++behind) {
        for (char filler : {'\0', 'x', '\xff'}) {
          const std::string whole = Base64(std::string(before, filler) + text + std::string(behind, filler));
          EXPECT_NE(whole.find(forms[before % 3]), std::string::npos) << text << " " << before << " " << behind;
        }
      }
    }
  }
  EXPECT_EQ(Field("A|base64offset|contains: 'foobar'"),
            "A\n  contains: Zm9vYmFy\n  contains: Zvb2Jhc\n  contains: mb29iYX\n");
}

TEST(Modifier, Utf16) {
  EXPECT_EQ(Utf16Bytes("ab", Utf16Form::kLittle), std::string("a\0b\0", 4));
  EXPECT_EQ(Utf16Bytes("ab", Utf16Form::kBig), std::string("\0a\0b", 4));
  EXPECT_EQ(Utf16Bytes("a", Utf16Form::kMarked), std::string("\xff\xfe"
                                                             "a\0",
                                                             4));
  EXPECT_EQ(Utf16Bytes("\xf0\x9f\x98\x80", Utf16Form::kLittle), std::string("\x3d\xd8\x00\xde", 4));
  EXPECT_EQ(Field("A|wide|base64: 'ab'"), "A is: YQBiAA==\n");
  EXPECT_EQ(Field("A|utf16le|base64: 'ab'"), "A is: YQBiAA==\n");
  EXPECT_EQ(Field("A|utf16be|base64: 'ab'"), "A is: AGEAYg==\n");
  EXPECT_EQ(Field("A|utf16|base64: 'ab'"), "A is: //5hAGIA\n");
  EXPECT_EQ(Field("A|wide|base64offset|contains: 'ab'"), "A\n  contains: YQBiA\n  contains: EAYg\n  contains: hAGIA\n");
  EXPECT_EQ(Field("A|wide|contains: 'ab'"), "A contains: a\\x00b\\x00\n");
}

TEST(Modifier, Windash) {
  EXPECT_EQ(Field("A|windash|contains: ' -f'"),
            "A\n  contains:  -f\n  contains:  /f\n  contains:  –f\n  contains:  —f\n  contains:  ―f\n");
  EXPECT_EQ(Field("A|contains|windash: 'a-b - c-'"), "A contains: a-b - c-\n");  // no dash before a word
  std::vector<GlobParts> out;
  EXPECT_TRUE(DashVariants(ParseWildcards("-a*/b"), 100, 1000, &out));
  EXPECT_EQ(out.size(), 25u);
  EXPECT_EQ(Escape(out[0]), "-a*-b");
  EXPECT_EQ(Escape(out[6]), "/a*/b");
  EXPECT_FALSE(DashVariants(ParseWildcards("-a -b -c"), 100, 1000, &out));
  const std::string both = Field("A|contains|all|windash: ['-f', 'x']");
  EXPECT_EQ(both.substr(0, 10), "and\n  A\n  ");
  EXPECT_NE(both.find("\n  A contains: x\n"), std::string::npos);
}

TEST(Modifier, FieldReferences) {
  EXPECT_EQ(Field("A|fieldref: B"), "A is field: B\n");
  EXPECT_EQ(Field("A|fieldref|startswith: B"), "A starts with field: B\n");
  EXPECT_EQ(Field("A|endswith|fieldref: B"), "A ends with field: B\n");
  EXPECT_EQ(Field("A|fieldref|contains: B"), "A contains field: B\n");
  EXPECT_EQ(Field("A|fieldref|neq: B"), "not\n  A is field: B\n");
}

TEST(Modifier, ExistsCasedComparisonsNeq) {
  EXPECT_EQ(Field("A|exists: true"), "A exists\n");
  EXPECT_EQ(Field("A|exists: false"), "A does not exist\n");
  EXPECT_EQ(Field("A|cased: B"), "A is exactly: B\n");
  EXPECT_EQ(Field("A|contains|cased: B"), "A contains exactly: B\n");
  EXPECT_EQ(Field("A|lt: 5\nB|lte: 0x10\nC|gt: -1.5\nD|gte: '7'"), "and\n  A < 5\n  B <= 0x10\n  C > -1.5\n  D >= 7\n");
  EXPECT_EQ(Field("A|neq: b"), "not\n  A is: b\n");
  EXPECT_EQ(Field("A|neq: [b, c]"), "not\n  A\n    is: b\n    is: c\n");
  EXPECT_EQ(Field("A|neq|all: [b, c]"), "not\n  and\n    A is: b\n    A is: c\n");
  EXPECT_EQ(Field("A|neq:"), "not\n  A null\n");
}

TEST(Modifier, Expand) {
  LoadOptions options;
  options.placeholders["admins"] = {"anna", "b*"};
  options.placeholders["none"] = {};
  EXPECT_EQ(Field("A|expand: '%admins%'", options), "A\n  is: anna\n  starts with: b\n");
  EXPECT_EQ(Field("A|contains|expand: 'x%admins%-%admins%'", options),
            "A\n  contains: xanna-anna\n  contains: xanna-b\n  like: *xb*-anna*\n  like: *xb*-b*\n");
  EXPECT_EQ(Field("A|expand: '100%'", options), "A is: 100%\n");
  EXPECT_EQ(Field("A|expand: '\\%admins\\%'", options), "A is: %admins%\n");
  EXPECT_EQ(Field("A: '%admins%'", options), "A is: %admins%\n");
}

TEST(Modifier, PlaceholdersWithoutValuesNeverHold) {
  EXPECT_EQ(Field("A|expand: '%who%'"),
            "warning 5:15: selection 's': A|expand: placeholder %who% has no value: this comparison never holds\n"
            "false\n");
  const auto last = [](const std::string& text) { return text.substr(text.find('\n') + 1); };
  EXPECT_EQ(last(Field("A|expand: ['%who%', b]")), "A is: b\n");
  EXPECT_EQ(last(Field("A|expand|all: ['%who%', b]")), "and\n  false\n  A is: b\n");
  EXPECT_EQ(last(Field("A|expand|neq: '%who%'")), "false\n");
}

// Small files that would come to gigabytes of patterns.
TEST(Modifier, PatternsAreBounded) {
  const std::string large(900000, 'x');
  EXPECT_NE(Field("A|windash: '-a -b -c " + large + "'").find("patterns or 4 MiB of this value"), std::string::npos);
  EXPECT_NE(Field("A: '" + large + large + "'").find("a value longer than 1048576 bytes"), std::string::npos);
  LoadOptions options;
  options.placeholders["p"] = std::vector<std::string>(60, large);
  EXPECT_NE(Field("A|expand: '%p%'", options).find("4 MiB of this value"), std::string::npos);
  std::string many = "A|windash:\n";
  for (int i = 0; i < 100; ++i) many += "- '-a -b -c -d -e " + std::to_string(i) + "'\n";
  EXPECT_NE(Field(many).find("the rule comes to more than 262144 patterns or 4 MiB"), std::string::npos);
}

TEST(Modifier, Keywords) {
  EXPECT_EQ(Detect("k: evil\ncondition: k"), "(any value) contains: evil\n");
  EXPECT_EQ(Detect("k: [evil, 'b*d', 7]\ncondition: k"),
            "(any value)\n  contains: evil\n  like: *b*d*\n  contains: 7\n");
  EXPECT_EQ(Field("'|all': [a, b]"), "and\n  (any value) contains: a\n  (any value) contains: b\n");
  EXPECT_EQ(Field("'|re': 'a+'"), "(any value) re: a+\n");
  EXPECT_EQ(Field("'|startswith': a"), "(any value) starts with: a\n");
  EXPECT_EQ(Field("'|cased': a"), "(any value) contains exactly: a\n");
}

}  // namespace
}  // namespace spoor::sigma
