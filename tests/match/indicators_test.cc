// What a list's lines mean, and that looking words up finds what looking for each indicator by itself finds.
#include "match/indicators.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "base/text.h"

namespace spoor {
namespace {

struct List {
  explicit List(std::string_view bytes) {
    indicators.AddList(bytes, &problems);
    indicators.Seal();
  }
  std::set<std::string> In(std::string_view text) const {
    std::set<std::string> found;
    indicators.Find(Folded(text), [&](uint32_t n) {
      found.emplace(indicators.text(n));
      return true;
    });
    return found;
  }
  Indicators indicators;
  std::vector<Indicators::Problem> problems;
};

using Found = std::set<std::string>;

TEST(Indicators, ALineShowsWhatItIs) {
  const auto kind = [](std::string_view line) -> std::string {
    const List list(line);
    if (list.indicators.size() != 1) return list.problems.empty() ? "nothing" : list.problems[0].message;
    return Indicators::KindName(list.indicators.kind(0));
  };
  EXPECT_EQ(kind("203.0.113.7"), "address");
  EXPECT_EQ(kind("203[.]0[.]113[.]7:8443"), "address");
  EXPECT_EQ(kind("2001:db8::1"), "address");
  EXPECT_EQ(kind("203.0.113.0/24"), "network");
  EXPECT_EQ(kind("2001:db8::/32"), "network");
  EXPECT_EQ(kind("evil.example"), "domain");
  EXPECT_EQ(kind("*.evil.example"), "domain");
  EXPECT_EQ(kind("m\xc3\xbcnchen.example"), "domain");
  EXPECT_EQ(kind("D41D8CD98F00B204E9800998ECF8427E"), "hash");
  EXPECT_EQ(kind("imphash=d41d8cd98f00b204e9800998ecf8427e"), "hash");
  EXPECT_EQ(kind("a+b@evil.example"), "mail");
  EXPECT_EQ(kind("hxxp://evil.example"), "url");
  EXPECT_EQ(kind("evil.example/drop"), "url");
  EXPECT_EQ(kind("203.0.113.7/a.bin"), "url");
  EXPECT_EQ(kind("svc.exe"), "text");
  EXPECT_EQ(kind("domain:svc.exe"), "domain");
  EXPECT_EQ(kind("file:evil.zip"), "text");
  EXPECT_EQ(kind("/tmp/.x"), "text");
  EXPECT_EQ(kind("C:\\Windows\\Temp\\a.dll"), "text");
  EXPECT_EQ(kind("# nothing"), "nothing");
  EXPECT_EQ(kind("ab"), "'ab' is too short to be looked for");
  EXPECT_EQ(kind("1.2.3.4/40"), "'1.2.3.4/40': a network's length is 0 to 32, of IPv6 0 to 128");
  EXPECT_EQ(kind("md5: 12"), "'12' is no hash: 32 to 128 hexadecimal digits");
  EXPECT_EQ(kind("ip: here"), "'here' is no address and no network");
  EXPECT_EQ(kind("url:"), "nothing stands behind the ':'");
}

TEST(Indicators, AListMayBeUtf16AndSayWhatItKnows) {
  std::string utf16 = "\xff\xfe";
  for (const char c : std::string_view("evil.example\twhat is known\r\n")) utf16 += {c, '\0'};
  const List list(utf16);
  ASSERT_EQ(list.indicators.size(), 1u);
  EXPECT_EQ(list.indicators.text(0), "evil.example");
  EXPECT_EQ(list.indicators.note(0), "what is known");
}

TEST(Indicators, TheFirstOfTwoLinesStays) {
  const List list("evil.example # one\nEVIL.example. # two\n1.2.3.4\n::ffff:1.2.3.4\n");
  ASSERT_EQ(list.indicators.size(), 2u);
  EXPECT_EQ(list.indicators.note(0), "one");
}

TEST(Indicators, StandByThemselves) {
  const List list(
      "10.1.2.3\n2001:db8::1\nevil.example\nrun.exe\nhttp://a.example/b\nd41d8cd98f00b204e9800998ecf8427e\n");
  EXPECT_EQ(list.In("10.1.2.3"), Found{"10.1.2.3"});
  EXPECT_EQ(list.In("::ffff:10.1.2.3"), Found{"10.1.2.3"});
  EXPECT_EQ(list.In("src=10.1.2.3;dst=10.1.2.4"), Found{"10.1.2.3"});
  EXPECT_EQ(list.In("tcp:10.1.2.3:80"), Found{"10.1.2.3"});
  EXPECT_EQ(list.In("10.1.2.30 110.1.2.3 10.1.2.3.4 010.1.2.3a"), Found{});
  EXPECT_EQ(list.In("fe80::1 2001:0DB8:0:0:0:0:0:1"), Found{"2001:db8::1"});
  EXPECT_EQ(list.In("[2001:db8::1%eth0]:80"), Found{"2001:db8::1"});
  EXPECT_EQ(list.In("2001:db8::11"), Found{});
  EXPECT_EQ(list.In("Ask www.EVIL.example."), Found{"evil.example"});
  EXPECT_EQ(list.In("user@evil.example"), Found{"evil.example"});
  EXPECT_EQ(list.In("http://evil.example:8080/x"), Found{"evil.example"});
  EXPECT_EQ(list.In("evil.example.com xevil.example evil.example-x"), Found{});
  EXPECT_EQ(list.In("C:\\run.exe"), Found{"run.exe"});
  EXPECT_EQ(list.In("prerun.exe run.exec overrun.exe run.exe"), Found{"run.exe"});
  EXPECT_EQ(list.In("prerun.exe run.exec"), Found{});
  EXPECT_EQ(list.In("see <https://a.example/b?c=d>"), Found{"http://a.example/b"});
  EXPECT_EQ(list.In("https://r.example/?u=http://a.example/b/"), Found{"http://a.example/b"});
  EXPECT_EQ(list.In("https://a.example/bc"), Found{});
  EXPECT_EQ(list.In("MD5=D41D8CD98F00B204E9800998ECF8427E,IMPHASH=0"), Found{"d41d8cd98f00b204e9800998ecf8427e"});
  EXPECT_EQ(list.In("d41d8cd98f00b204e9800998ecf8427e0"), Found{});
}

TEST(Indicators, WordsLookedUpAreWordsLookedFor) {
  std::mt19937_64 random(5);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  const auto label = [&] {
    std::string text;
    for (size_t n = 1 + below(3); n > 0; --n) text += "abx1"[below(4)];
    return text;
  };
  const auto name = [&] { return label() + "." + label() + ".test"; };
  const auto address = [&] {
    return std::to_string(below(3)) + "." + std::to_string(below(12)) + ".0." + std::to_string(below(12));
  };
  for (int round = 0; round < 300; ++round) {
    std::set<std::string> listed;
    for (int i = 0; i < 30; ++i)
      listed.insert(below(2) == 0 ? name() : below(2) == 0 ? address() : label() + "-file.exe");
    std::string lines;
    for (const std::string& one : listed) lines += one + "\n";
    const List list(lines);
    std::string text;
    for (int i = 0; i < 40; ++i) {
      text += below(3) == 0 ? name() : below(2) == 0 ? address() : label() + "-file.exe";
      text += std::string_view(" ,;/=()\":@x-")[below(12)];
    }
    Found plain;
    const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
    for (const std::string& one : listed) {
      const bool file = one.ends_with(".exe"), number = one.find_first_not_of("0123456789.") == std::string::npos;
      for (size_t at = 0; (at = text.find(one, at)) != std::string::npos; ++at) {
        const size_t end = at + one.size();
        if (at > 0 && (word(text[at - 1]) || (number && text[at - 1] == '.'))) continue;
        if (end < text.size() && word(text[end])) continue;
        if (!file && end + 1 < text.size() && text[end] == '.' && word(text[end + 1])) continue;
        plain.insert(one);
      }
    }
    ASSERT_EQ(list.In(text), plain) << text << "\n" << lines;
  }
}

}  // namespace
}  // namespace spoor
