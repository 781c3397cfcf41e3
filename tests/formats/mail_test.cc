// Mail: messages are found wherever a file is cut, whatever is in them; what they say is what Python's mail library
// reads; what is too much is told, and costs no more than itself.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "formats/mail/bounded.h"
#include "formats/mail/cutter.h"
#include "formats/mail/format.h"
#include "formats/mail/headers.h"
#include "formats/mail/html.h"
#include "formats/mail/links.h"
#include "formats/mail/message.h"
#include "support/collect_texts.h"

namespace spoor {
namespace {

using test::CollectTexts;

std::string FieldOf(const std::string& event, const std::string& name) {
  size_t at = event.starts_with(name + "=") ? 0 : event.find(";" + name + "=");
  if (at == std::string::npos) return "";
  at = event.find('=', at) + 1;
  return event.substr(at, event.find(';', at) - at);
}

const std::string kPlain =
    "From: Jane <jane@a.example>\nTo: b@b.example\nSubject: Hello\nDate: Mon, 2 Mar 2026 08:00:01 +0100\n"
    "Message-ID: <1@a.example>\n\nText\n";

struct Mbox {
  std::string text;
  std::vector<std::string> subjects;
  std::vector<uint64_t> offsets;
};

// As mboxrd writers do: lines ">*From " get one '>' more.
Mbox RandomMbox(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](size_t n) { return random() % n; };
  const char* const lines[] = {
      "Text",    "",    "From here on",      "From x@y.example Mon Mar  2 08:00:01 2026", "Subject: none", ">From me",
      "From: x", "--b", "http://a.example/x"};
  const bool cr = below(2) == 0, lengths = below(2) == 0;
  const std::string end = cr ? "\r\n" : "\n";
  Mbox out;
  for (size_t n = 1 + below(6), i = 0; i < n; ++i) {
    std::string body;
    for (size_t k = below(8); k > 0; --k) {
      std::string line = lines[below(std::size(lines))];
      if (line.substr(std::min(line.find_first_not_of('>'), line.size())).starts_with("From ")) line.insert(0, ">");
      body += line + end;
    }
    out.offsets.push_back(out.text.size());
    out.subjects.push_back("number " + std::to_string(i));
    out.text += "From a@b.example Mon Mar  2 08:00:0" + std::to_string(i) + " 2026" + end + "From: a@b.example" + end +
                "Subject: " + out.subjects.back() + end;
    if (lengths) out.text += "Content-Length: " + std::to_string(below(4) == 0 ? below(99) : body.size()) + end;
    out.text += end + body + end;
  }
  return out;
}

TEST(Mail, MessagesOfAnMboxAreFoundWhereverItIsCut) {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    const Mbox mbox = RandomMbox(seed);
    const CollectTexts whole = test::ReadTexts(mail::kFormat, mbox.text);
    ASSERT_TRUE(test::RecognisedAs(mail::kFormat, mbox.text)) << mbox.text;
    std::vector<std::string> subjects;
    for (const std::string& event : whole.events) subjects.push_back(FieldOf(event, "Subject"));
    ASSERT_EQ(subjects, mbox.subjects) << seed << "\n" << mbox.text;
    ASSERT_EQ(whole.offsets, mbox.offsets) << seed;
    for (size_t i = 0; i < whole.records.size(); ++i) ASSERT_EQ(whole.records[i], i + 1);
    const CollectTexts pieces = test::ReadInPieces(mail::kFormat, mbox.text, 1 + seed % 97);
    ASSERT_EQ(pieces.events, whole.events) << seed;
    ASSERT_EQ(pieces.offsets, whole.offsets) << seed;
    ASSERT_EQ(pieces.records, whole.records) << seed;
  }
}

TEST(Mail, DamageIsTheSameWhereverTheFileIsCut) {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    std::mt19937 random(seed);
    std::string text = RandomMbox(seed).text;
    for (size_t n = random() % 6; n > 0; --n) text[random() % text.size()] = static_cast<char>(random());
    text.resize(random() % text.size() + 1);
    const CollectTexts whole = test::ReadTexts(mail::kFormat, text);
    const CollectTexts pieces = test::ReadInPieces(mail::kFormat, text, 1 + seed % 97);
    ASSERT_EQ(pieces.events, whole.events) << seed << "\n" << text;
    ASSERT_EQ(pieces.offsets, whole.offsets) << seed;
    ASSERT_EQ(pieces.damage, whole.damage) << seed;
  }
}

TEST(Mail, ContentLengthIsBelievedWhereAMessageFollows) {
  const std::string quoted = "From x@y.example Mon Mar  2 08:00:01 2026\nSubject: quoted\n\ninner\n";
  const auto mbox = [&](size_t length) {
    return "From a@b.example Mon Mar  2 08:00:01 2026\nSubject: one\nContent-Length: " + std::to_string(length) +
           "\n\n" + quoted + "\nFrom a@b.example Mon Mar  2 08:00:02 2026\nSubject: two\n\nx\n";
  };
  EXPECT_EQ(test::ReadTexts(mail::kFormat, mbox(quoted.size())).events.size(), 2u);
  EXPECT_EQ(test::ReadTexts(mail::kFormat, mbox(quoted.size() - 5)).events.size(), 3u);
  EXPECT_EQ(test::ReadTexts(mail::kFormat, mbox(99999)).events.size(), 3u);
}

TEST(Mail, OfAMessageThatIsTooLongTheBeginningIsRead) {
  const std::string head =
      "From a@b.example Mon Mar  2 08:00:01 2026\nFrom: a@b.example\nSubject: big\nMIME-Version: 1.0\n"
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhttp://a.example/first\n"
      "--b\nContent-Type: text/x-small; name=s\nContent-Disposition: attachment\n\nsmall\n"
      "--b\nContent-Type: application/zip; name=z.zip\nContent-Transfer-Encoding: base64\n\n";
  std::string attachment;
  while (attachment.size() < 3 * kMaxRecord) attachment += "UEsDBBQAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
  const std::string second = "From a@b.example Mon Mar  2 08:00:02 2026\nSubject: two\n\nx\n";
  const std::string text = head + attachment + "\n--b--\n\n" + second;
  const CollectTexts whole = test::ReadTexts(mail::kFormat, text);
  ASSERT_EQ(whole.events.size(), 2u);
  EXPECT_EQ(FieldOf(whole.events[0], "Subject"), "big");
  EXPECT_EQ(FieldOf(whole.events[0], "Urls"), "http://a.example/first");
  EXPECT_EQ(FieldOf(whole.events[0], "AttachmentNames"), "s|z.zip");
  EXPECT_EQ(FieldOf(whole.events[0], "AttachmentSha256").size(), 64u);  // of the small one; of the other is no whole
  EXPECT_EQ(FieldOf(whole.events[1], "Subject"), "two");
  EXPECT_EQ(whole.records, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(whole.offsets[1], text.size() - second.size());
  EXPECT_EQ(whole.damage, std::vector<std::string>{std::to_string(mail::kMaxMessage) + " mail_message_too_long"});
  for (const size_t room : {5000, 300000, 2000000}) {
    const CollectTexts pieces = test::ReadInPieces(mail::kFormat, text, room);
    EXPECT_EQ(pieces.events, whole.events);
    EXPECT_EQ(pieces.damage, whole.damage);
  }
}

TEST(Mail, IsRecognisedByItsHeaders) {
  EXPECT_TRUE(test::RecognisedAs(mail::kFormat, kPlain));
  EXPECT_TRUE(test::RecognisedAs(mail::kFormat, "\xef\xbb\xbf\r\nReceived: x\r\n\tby y\r\nMessage-ID: <x>\r\n\r\nx"));
  for (const char* text :
       {"from: a\nto: b\nversion: 3\n", "Subject: x\n\nFrom: jane@a.example\n", "Date: x\nServer: nginx\nFrom: 1\n",
        "From: jane@a.example\nthis is a letter\nSubject: x\nDate: y\n",
        "From here on, Mon Mar 2 2026 08:00, all is\nnew.\n", "name: From\nMessage-ID: 1\n"}) {
    EXPECT_FALSE(test::RecognisedAs(mail::kFormat, text)) << text;
  }
}

TEST(Mail, LinksOfHtmlAreThoseAPersonCanClickAndAReaderFetches) {
  std::vector<mail::Link> links;
  std::string text;
  EXPECT_TRUE(mail::ReadHtml(
      "<!-- <a href=http://no.example/>x</a> --><!--[if mso]><a "
      "href='https://mso.example/?a=1&amp;b=2'>x</a><![endif]-->"
      "<style>a{background:url(http://css.example/i.png)}</style><script>'<a href=http://s.example>'</script>"
      "<A\nHREF = \"http&#58;//q.example/a\nb\" title='>'>http://shown.example/</a> see http://text.example/x."
      "<img src=//pix.example/1.gif width=1 height=\"1\"><img src='http://big.example/2.gif' width=600 height=1>"
      "<img src=http://css-hidden.example/ style='DISPLAY : none'><img src=http://spacer.example width=0>"
      "<td background=http://bg.example/x><a href=mailto:x@y>m</a><a href=\"http://open.example",
      100, &links, &text));
  std::vector<std::string> found;
  for (const mail::Link& link : links) {
    found.push_back(std::string(link.kind == mail::Link::kLink    ? ""
                                : link.kind == mail::Link::kImage ? "i "
                                                                  : "h ") +
                    link.url);
  }
  // Those of the text come where its block ends.
  EXPECT_EQ(found,
            (std::vector<std::string>{"https://mso.example/?a=1&b=2", "i http://css.example/i.png",
                                      "http://q.example/ab", "h http://pix.example/1.gif", "i http://big.example/2.gif",
                                      "h http://css-hidden.example/", "h http://spacer.example",
                                      "http://text.example/x", "i http://bg.example/x", "http://open.example"}));
  EXPECT_EQ(text, "xhttp://shown.example/ see http://text.example/x. m");
}

TEST(Mail, HostsAndRewrittenLinks) {
  EXPECT_EQ(mail::HostOf("https://user:x@Evil.Example.:8443/a@b"), "evil.example");
  EXPECT_EQ(mail::HostOf("http://[2001:DB8::1]:80/"), "2001:db8::1");
  EXPECT_EQ(mail::HostOf("mailto:x"), "");
  EXPECT_EQ(mail::Unwrapped("https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2Fa.example%2Fx&data=y"),
            "http://a.example/x");
  EXPECT_EQ(mail::Unwrapped("https://a.example/?url=http%3A%2F%2Fb.example"), "");
}

TEST(Mail, WhatServersSayOfAMessage) {
  mail::Message message;
  mail::ReadMessage(
      "Received: from mx1.acme.example (mx1.acme.example [10.0.0.1]) by mail.acme.example with LMTP\n"
      "\tfor <jane@acme.example>; Mon, 2 Mar 2026 08:00:05 +0000\n"
      "Received: from a.acme.example (a.acme.example [198.51.100.7]) by mx1.acme.example; x\n"
      "Received: from out.send.example (unknown [IPv6:2001:db8::5]) by a.acme.example (x)\n"
      "Authentication-Results: mx1; dkim=fail header.d=no.example; dkim=pass (ok) header.d=Send.Example;\n"
      " spf=pass smtp.mailfrom=x; dmarc=none\n"
      "From: \"=?utf-8?B?w4RydGU=?=\" <News@Daily.Example>\nSubject: =?utf-8?B?w4Q=?= =?utf-8?B?cnp0ZQ==?=\n"
      "To: undisclosed-recipients:;\nCc: Team: a@x.example, \"B\" <b@x.example>;, A@x.example\nMessage-ID: <1@x>\n\n",
      false, &message);
  EXPECT_EQ(message.received_from, "2001:db8::5");
  EXPECT_EQ(message.delivered_to, std::vector<std::string>{"jane@acme.example"});
  EXPECT_EQ(message.spf + ' ' + message.dkim + ' ' + message.dmarc + ' ' + message.dkim_domain,
            "pass pass none send.example");
  EXPECT_EQ(message.from + ' ' + message.from_name + ' ' + message.from_domain,
            "News@Daily.Example \xc3\x84rte daily.example");
  EXPECT_EQ(message.subject, "\xc3\x84rzte");
  EXPECT_TRUE(message.to.empty());
  EXPECT_EQ(message.cc, (std::vector<std::string>{"a@x.example", "b@x.example"}));
  EXPECT_EQ(message.time, 1772438405000000);  // of the last hop: there is no Date
  EXPECT_FALSE(message.left_out);
}

TEST(Mail, WhatIsTooMuchIsToldAndCostsLittle) {
  std::string deep = "From: a@b.example\nMessage-ID: <1@x>\nMIME-Version: 1.0\n", flat = deep, rcpt = deep,
              links = deep;
  std::string attached = deep, quotes = deep;
  for (int i = 0; i < 8000; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    deep += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
    attached += "Content-Type: message/rfc822\n\n";
  }
  flat += "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 60000; ++i) flat += "--b\n\nx\n";
  rcpt += "To: ";
  for (int i = 0; i < 30000; ++i) rcpt += "u" + std::to_string(i) + "@x.example,\n ";
  links += "Content-Type: text/html\n\n";
  for (int i = 0; i < 30000; ++i) links += "<a href=http://a.example/" + std::to_string(i) + ">";
  quotes += "Content-Type: text/html\n\n";
  for (int i = 0; i < 100000; ++i) quotes += i % 2 == 0 ? "<a b=\"<!--" : "<style x='";
  for (const std::string* text : {&deep, &attached, &flat, &rcpt, &links, &quotes}) {
    const auto begin = std::chrono::steady_clock::now();
    const CollectTexts read = test::ReadTexts(mail::kFormat, text->substr(0, 900000));
    EXPECT_EQ(read.events.size(), 1u);
    if (text != &quotes) EXPECT_EQ(read.damage, std::vector<std::string>{"0 mail_message_too_much"});
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));  // sanitizers are slow
  }
}

std::string Repeated(const std::string& text, size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

TEST(Mail, OfAHeaderThatIsTooMuchTheBeginningIsRead) {
  const std::string head = "From: a@b.example\nCc: " + Repeated("c@d.example,\n ", mail::kMaxSeparators) +
                           "\nSubject: s\n" +
                           "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; name=n\n";
  const std::string content = "\nfirst\n--b\nContent-Type: text/plain; name=m\n";
  mail::Message message;
  mail::ReadMessage(head + content + "\nsecond\n--b--\n", false, &message);
  EXPECT_TRUE(message.left_out);
  EXPECT_EQ(message.cc, (std::vector<std::string>{"c@d.example"}));
  EXPECT_EQ(message.subject, "s");
  EXPECT_EQ(message.attachment_sha256.size(), 2u);
  // Of a part: perhaps that is content, so no hash is told.
  mail::ReadMessage(head + Repeated("x:", mail::kMaxSeparators + 1) + content + "\nsecond\n--b--\n", false, &message);
  EXPECT_TRUE(message.left_out);
  EXPECT_EQ(message.attachment_names, (std::vector<std::string>{"n", "m"}));
  EXPECT_TRUE(message.attachment_sha256.empty());
  // Too many parts: of the last that is seen perhaps the end is missing.
  mail::ReadMessage(head + content + Repeated("\n--b\n", mail::kMaxStructure), false, &message);
  EXPECT_TRUE(message.left_out);
  EXPECT_EQ(message.attachment_names, (std::vector<std::string>{"n", "m"}));
}

TEST(Mail, NoMoreOfAMessageIsLeftOutThanHasTo) {
  std::string room;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const std::string text = RandomMbox(seed).text;
    const mail::Bounded bounded = mail::WithinBounds(text, &room);
    EXPECT_EQ(bounded.text, text);
    EXPECT_FALSE(bounded.left_out || bounded.cut || bounded.parts_changed);
  }
  const std::string most = "To: " + Repeated(",", mail::kMaxSeparators - 1);
  EXPECT_EQ(mail::WithinBounds(most + "\n\n;;", &room).text, most + "\n\n;;");
  EXPECT_EQ(mail::WithinBounds(most + ";:\n a;\r\nb: c\n\n;;", &room).text, most + "\nb: c\n\n;;");
  const std::string body = "a: b\n\n" + Repeated("a:,;\n", 100'000);
  EXPECT_EQ(mail::WithinBounds(body, &room).text, body);
}

TEST(Mail, AMessageWithoutEndOfItsHeadersEndsBeforeTheNext) {
  const std::string from = "From a@b.example Mon Mar  2 08:00:01 2026\nSubject: one\n";
  const std::string second = from + "Content-Length: 2\n\nx\n";
  const CollectTexts read =
      test::ReadTexts(mail::kFormat, from + second + "From c@d.example Mon Mar  2 08:00:01 2026\nTo: x\n");
  EXPECT_EQ(read.offsets, (std::vector<uint64_t>{0, from.size(), from.size() + second.size()}));
}

// Of one folder's messages, by path, number and field.
using Fields = std::map<std::string, std::set<std::string>>;

TEST(Mail, SaysWhatPythonReads) {
  const std::string folder = SPOOR_SHARED_DATA "/mail";
  struct stat info;
  if (stat(folder.c_str(), &info) != 0) GTEST_SKIP() << "no " << folder;
  std::map<std::string, Fields> ours;
  std::map<std::string, std::vector<int64_t>> times;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    ASSERT_TRUE(test::RecognisedAs(mail::kFormat, bytes.str())) << file.path();
    struct Collect : Sink {
      std::vector<Fields> messages;
      std::vector<int64_t> times;
      void OnEvent(const Event& event) override {
        Fields fields;
        for (const Field& field : event.shape->fields) {
          if (!HasField(event, field)) continue;
          ForEachElement(event.Part(field.parts[0]), [&](const Value& v) {
            std::string text;
            AppendText(v, &text);
            fields[field.name].insert(text);
          });
        }
        messages.push_back(fields);
        times.push_back(event.time);
      }
      void OnDamage(const Damage& d) override { ADD_FAILURE() << d.kind; }
      void ShapesDropped() override {}
    } sink;
    const std::string text = bytes.str();
    ReadWhole(mail::kFormat, {}, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &sink);
    for (size_t i = 0; i < sink.messages.size(); ++i) {
      ours[file.path().string() + '\t' + std::to_string(i + 1)] = sink.messages[i];
    }
    times[file.path()] = sink.times;
  }

  FILE* pipe = popen(("python3 " SPOOR_SOURCE_DIR "/tests/support/read_mail.py '" + folder + "'").c_str(), "r");
  std::map<std::string, std::pair<int, int>> agree;  // by field: compared, the same
  std::set<std::string> messages;
  char* line = nullptr;
  size_t room = 0;
  for (ssize_t n; (n = getline(&line, &room, pipe)) > 0;) {
    std::vector<std::string> parts;
    std::stringstream in(std::string(line, static_cast<size_t>(n - 1)));
    for (std::string part; parts.size() < 3 && std::getline(in, part, '\t');) parts.push_back(part);
    std::string value;
    std::getline(in, value, '\0');
    const std::string key = parts[0] + '\t' + parts[1];
    messages.insert(key);
    Fields& fields = ours[key];
    bool same = false;
    if (parts[2] == "Time") {
      const size_t number = std::stoul(parts[1]);
      same = times[parts[0]].size() >= number && std::to_string(times[parts[0]][number - 1]) == value;
    } else if (parts[2] == "Url") {
      same = fields["Urls"].contains(value);
    } else if (parts[2] == "To" || parts[2] == "Cc") {
      std::set<std::string> lower;
      for (const std::string& address : fields[parts[2]]) {
        std::string text = address;
        for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        lower.insert(text);
      }
      std::string joined;
      for (const std::string& address : lower) joined += (joined.empty() ? "" : " ") + address;
      same = joined == value;
    } else {
      same = fields[parts[2]] == std::set<std::string>{value};
    }
    ++agree[parts[2]].first;
    agree[parts[2]].second += same;
  }
  free(line);
  pclose(pipe);
  if (messages.empty()) GTEST_SKIP() << "no python3 to compare with";
  EXPECT_EQ(ours.size(), messages.size());
  // Where they differ: From and To of which neither reading is right, years of three digits.
  const std::map<std::string, double> least = {{"From", 0.985}, {"Subject", 0.99}, {"Time", 0.99},
                                               {"To", 0.97},    {"Cc", 0.97},      {"Url", 0.9999}};
  for (const auto& [field, part] : least) {
    EXPECT_GE(agree[field].second, part * agree[field].first) << field << " of " << agree[field].first;
    EXPECT_GT(agree[field].first, 100) << field;
  }
}

}  // namespace
}  // namespace spoor
