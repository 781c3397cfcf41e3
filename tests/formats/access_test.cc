// Access and error logs of web servers.
#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <string>

#include "base/time.h"
#include "formats/access/format.h"
#include "formats/web/request.h"
#include "support/collect_texts.h"

namespace spoor {
namespace {

using test::CollectTexts;

std::string One(const std::string& line) {
  const CollectTexts got = test::ReadTexts(access::kFormat, line);
  return got.events.size() == 1 && got.damage.empty() ? got.events[0] : got.damage.empty() ? "nothing" : got.damage[0];
}

TEST(Access, PartsOfALine) {
  EXPECT_EQ(One(R"(192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326)"),
            "c-ip=192.0.2.1;time=10/Oct/2000:13:55:36 -0700;cs-method=GET;cs-uri=/a.gif;cs-uri-stem=/a.gif;"
            "cs-version=HTTP/1.0;sc-status=200;sc-bytes=2326;");
  EXPECT_EQ(
      One(R"(w.example:80 192.0.2.1 id me [10/Oct/2000:13:55:36 -0700] "POST /?a=\x22 HTTP/1.1" 500 - "r" "u\"a" x "y")"),
      "c-ip=192.0.2.1;ident=id;cs-username=me;time=10/Oct/2000:13:55:36 -0700;cs-method=POST;cs-uri=/?a=\";"
      "cs-uri-stem=/;cs-uri-query=a=\";cs-version=HTTP/1.1;sc-status=500;cs-referer=r;cs-user-agent=u\"a;"
      "cs-host=w.example;s-port=80;more=x \"y\";");
  EXPECT_EQ(One(R"(192.0.2.1 ident user [10/Oct/2000:13:55:36 -0700] "-" 408 0 "-" "-")"),
            "c-ip=192.0.2.1;ident=ident;cs-username=user;time=10/Oct/2000:13:55:36 -0700;sc-status=408;sc-bytes=0;");
  EXPECT_EQ(One(R"(192.0.2.1 - [x] [10/Oct/2000:13:55:36 -0700] "GET /" 200 1)"),
            "c-ip=192.0.2.1;cs-username=[x];time=10/Oct/2000:13:55:36 -0700;cs-method=GET;cs-uri=/;cs-uri-stem=/;"
            "sc-status=200;sc-bytes=1;");
  EXPECT_EQ(One("nothing of the kind"), "0 access_line_unknown");
}

TEST(Access, TimesAreInUtc) {
  const CollectTexts got = test::ReadTexts(
      access::kFormat,
      "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"x\" 1 2\n1.2.3.4 - - [10/Oct/2000:13:55:36 +0530] \"x\" 1 2\n"
      "1.2.3.4 - - [10/Foo/2000:13:55:36 +0530] \"x\" 1 2\n1.2.3.4 - - [29/Feb/2001:13:55:36 +0530] \"x\" 1 2\n");
  ASSERT_EQ(got.times.size(), 4u);
  EXPECT_EQ(FormatTime(got.times[0]), "2000-10-10T20:55:36.000000Z");
  EXPECT_EQ(FormatTime(got.times[1]), "2000-10-10T08:25:36.000000Z");
  EXPECT_EQ(got.times[2], 0);
  EXPECT_EQ(got.times[3], 0);
}

// The expression that most tools use for combined logs finds the same in lines it fits.
TEST(Access, AgreesWithARegularExpression) {
  const std::regex combined(
      R"re(^(\S+) (\S+) (.+?) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d+) (\d+) "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"$)re");
  std::mt19937 random(3);
  const auto pick = [&](std::initializer_list<const char*> texts) {
    return *(texts.begin() + random() % texts.size());
  };
  std::string all;
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    const auto add = [&](const std::string& part) { text += part; };
    add(pick({"192.0.2.1", "2001:db8::7", "host.example"}));
    add(" - ");
    add(pick({"-", "jane", "Jane Doe"}));
    add(" [0" + std::to_string(1 + random() % 9) + "/Mar/2026:08:00:01 +0000] \"");
    add(pick({"GET /a?b=c HTTP/1.1", "GET / HTTP/1.1", "HEAD /x y z", "HEAD /\\\" HTTP/1.0", "a\\\\b"}));
    add("\" 20" + std::to_string(random() % 10) + " " + std::to_string(random() % 100000) + " \"");
    add(pick({"", "x", "https://a/?q=\\\"b\\\" c", "\\\\"}));
    add("\" \"");
    add(pick({"", "Mozilla/5.0 (X11) a", "\\\"", "${jndi:x}"}));
    add("\"");
    std::smatch m;
    ASSERT_TRUE(std::regex_match(text, m, combined)) << text;
    const CollectTexts got = test::ReadTexts(access::kFormat, text);
    ASSERT_EQ(got.events.size(), 1u) << text;
    const auto plain = [](std::string escaped) {
      return std::regex_replace(escaped, std::regex(R"(\\(["\\]))"), "$1");
    };
    const auto has = [&](const std::string& name, const std::string& value) {
      if (value == "-") return;
      EXPECT_NE((";" + got.events[0]).find(";" + name + "=" + value + ";"), std::string::npos) << text << got.events[0];
    };
    has("c-ip", m[1]);
    has("cs-username", m[3]);
    has("time", m[4]);
    has("sc-status", m[6]);
    has("sc-bytes", m[7]);
    has("cs-referer", plain(m[8]));
    has("cs-user-agent", plain(m[9]));
    all += text + "\n";
  }
  const CollectTexts whole = test::ReadTexts(access::kFormat, all);
  for (const size_t room : {1, 100, 999}) {
    const CollectTexts pieces = test::ReadInPieces(access::kFormat, all, room);
    EXPECT_EQ(pieces.events, whole.events);
    EXPECT_EQ(pieces.records, whole.records);
    EXPECT_EQ(pieces.offsets, whole.offsets);
  }
}

TEST(Access, IsRecognisedByMostOfItsFirstLines) {
  const std::string line = "192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326\n";
  EXPECT_TRUE(test::RecognisedAs(access::kFormat, line));
  EXPECT_TRUE(test::RecognisedAs(access::kFormat, "junk\n" + line + line));
  EXPECT_FALSE(test::RecognisedAs(access::kFormat, "junk\n" + line + "junk\n"));
  EXPECT_FALSE(test::RecognisedAs(access::kFormat, "Mar  2 08:00:01 host sshd[1]: Failed password\n"));
  EXPECT_TRUE(test::RecognisedAs(access::kErrorFormat, "[Wed Oct 11 14:32:52 2000] [error] [client 127.0.0.1] x\n"));
  EXPECT_TRUE(test::RecognisedAs(access::kErrorFormat, "2023/01/02 12:34:56 [error] 1#1: x\n"));
  EXPECT_FALSE(test::RecognisedAs(access::kErrorFormat, "[2023-01-02] [error] x\n"));
}

TEST(Access, ErrorsHaveTimesOfTheirServersClock) {
  FormatOptions options;
  options.utc_offset = 3600;
  const CollectTexts got = test::ReadTexts(access::kErrorFormat,
                                           "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] "
                                           "[client 72.15.99.187:1234] File does not exist: /x\n"
                                           "2023/01/02 12:34:56 [warn] 12#13: *5 a, client: ::1, server: s, request: "
                                           "\"GET /y?z HTTP/1.1\", host: \"h\"\n",
                                           options);
  ASSERT_EQ(got.events.size(), 2u);
  EXPECT_EQ(FormatTime(got.times[0]), "2011-09-09T09:42:29.902022Z");
  EXPECT_EQ(FormatTime(got.times[1]), "2023-01-02T11:34:56.000000Z");
  EXPECT_EQ(got.sources[0], "/apache/webserver");
  EXPECT_EQ(got.sources[1], "/nginx/webserver");
  EXPECT_EQ(got.events[0], "message=File does not exist: /x;level=error;module=core;pid=35708;c-ip=72.15.99.187;");
  EXPECT_EQ(got.events[1],
            "message=*5 a, client: ::1, server: s, request: \"GET /y?z HTTP/1.1\", host: \"h\";level=warn;pid=12;"
            "c-ip=::1;cs-method=GET;cs-uri=/y?z;cs-uri-stem=/y;cs-uri-query=z;cs-version=HTTP/1.1;cs-host=h;");
}

TEST(Web, UrisFallApart) {
  const auto parts = [](std::string_view uri) {
    const web::Uri u = web::SplitUri(uri);
    std::string out;
    for (const std::string_view part : {u.host, u.stem, u.query, u.extension}) out += std::string(part) + "|";
    return out;
  };
  EXPECT_EQ(parts("/a/b.jsp?x=1?2"), "|/a/b.jsp|x=1?2|jsp|");
  EXPECT_EQ(parts("http://u:p@h.example:8080/x.tar.gz?y"), "h.example|/x.tar.gz|y|gz|");
  EXPECT_EQ(parts("https://[2001:db8::1]:443"), "[2001:db8::1]||||");
  EXPECT_EQ(parts("h.example:443"), "|h.example:443|||");
  EXPECT_EQ(parts("*"), "|*|||");
  EXPECT_EQ(parts("/?u=http://x/"), "|/|u=http://x/||");
  EXPECT_EQ(parts(""), "||||");
}

}  // namespace
}  // namespace spoor
