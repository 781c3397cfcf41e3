// Waves of tracking mails, and what looks like them and is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "mail/collector.h"
#include "mail/link_shape.h"

namespace spoor {
namespace {

constexpr int64_t kHour = 3'600'000'000, kDay = 24 * kHour;
const int64_t kStart = *ParseTime("2026-03-01T00:00:00Z");

// Events of named fields; a value with '|' is a list.
struct Made {
  SourceTag source;
  std::vector<std::pair<std::string, std::string>> fields;
  int64_t time = 0;
  uint64_t record = 0;
  std::string tenant = "acme";
};

void Give(const Made& made, WaveCollector* to) {
  Shape shape;
  shape.source = made.source;
  std::vector<Value> values;
  std::vector<std::string> lists(made.fields.size());
  for (size_t i = 0; i < made.fields.size(); ++i) {
    const auto& [name, text] = made.fields[i];
    shape.fields.push_back({name, {{FieldPart::kValue, static_cast<uint32_t>(i)}}});
    if (text.find('|') == std::string::npos) {
      values.push_back(
          {reinterpret_cast<const uint8_t*>(text.data()), static_cast<uint32_t>(text.size()), ValueType::kUtf8});
      continue;
    }
    for (size_t at = 0; at <= text.size();) {
      const size_t stop = std::min(text.find('|', at), text.size());
      AppendUtf8Element(text.substr(at, stop - at), &lists[i]);
      at = stop + 1;
    }
    values.push_back({reinterpret_cast<const uint8_t*>(lists[i].data()), static_cast<uint32_t>(lists[i].size()),
                      static_cast<ValueType>(static_cast<uint8_t>(ValueType::kUtf8) | kArrayFlag)});
  }
  shape.value_count = static_cast<uint32_t>(values.size());
  Event event;
  event.shape = &shape;
  event.values = values.data();
  event.time = made.time;
  event.record = made.record;
  event.offset = made.record * 100;
  to->Take(event, 1, made.tenant);
  to->ShapesDropped();
}

class Days {
 public:
  std::vector<Made> events;

  // A mail to somebody; `link` with '*' for what is the recipient's own.
  Made& Mail(int64_t time, const std::string& from, const std::string& name, int who, const std::string& link,
             bool hidden = true) {
    const std::string url = Own(link, who);
    const std::string domain = from.substr(from.find('@') + 1);
    Made mail;
    mail.source = {"mail", "message", ""};
    mail.time = time;
    mail.fields = {{"From", from},
                   {"FromName", name},
                   {"FromDomain", domain},
                   {"Subject", "Letter"},
                   {"MessageId", std::to_string(next_) + "@" + domain},
                   {"To", Person(who)},
                   {"DKIM", "pass"},
                   {"DkimDomain", domain},
                   {"DMARC", "pass"}};
    if (!url.empty()) mail.fields.emplace_back("Urls", url);
    if (hidden && !url.empty()) mail.fields.emplace_back("HiddenImageUrls", url);
    return Add(std::move(mail));
  }
  Made& Asked(int64_t time, const std::string& url, const std::string& client, const std::string& user) {
    Made asked;
    asked.source = {"", "", "proxy"};
    asked.time = time;
    asked.fields = {{"c-uri", url}, {"c-ip", client}, {"cs-username", user}};
    return Add(std::move(asked));
  }
  Made& Gateway(int64_t time, const std::string& from, const std::string& to, const std::string& subject) {
    Made row;
    row.source = {"m365", "messagetrace", ""};
    row.time = time;
    row.fields = {{"SenderAddress", from},
                  {"RecipientAddress", to},
                  {"Subject", subject},
                  {"MessageId", "<g" + std::to_string(next_) + "@" + from.substr(from.find('@') + 1) + ">"}};
    return Add(std::move(row));
  }
  // Mails between people, so that there is a past, and of a paper that is asked for.
  void Ordinary() {
    for (int day = 0; day < 40; ++day) {
      Mail(kStart + day * kDay, "lee@partner.example", "Lee", day % 5, "");
      Mail(kStart + day * kDay, "desk@harbourpost.example", "Harbour Post", day % 7, "");
      Asked(kStart + day * kDay, "https://www.harbourpost.example/", "10.0.0.1", "ACME\\p1");
    }
  }
  // As it should be found: nine mails at once, one opened.
  void Wave() {
    for (int who = 0; who < 9; ++who) {
      Mail(kStart + 10 * kDay + who * kHour / 60, "nils@harbourpost-news.test", "Nils Drexler, Harbour Post", who,
           "https://img.harbourpost-news.test/*/head.png");
    }
    Asked(kStart + 10 * kDay + 5 * kHour, Own("https://img.harbourpost-news.test/*/head.png", 4), "10.0.0.4",
          "ACME\\somebody");
    Asked(kStart + 10 * kDay + 6 * kHour, "https://img.harbourpost-news.test/", "10.0.0.5", "ACME\\p5");
  }

  static std::string Person(int who) { return "p" + std::to_string(who) + "@acme.example"; }
  static std::string Own(std::string link, int who) {
    if (const size_t at = link.find('*'); at != std::string::npos) {
      char token[33];
      std::snprintf(token, sizeof token, "%08x%08x%08x%08x", 0x9ba0d227u + static_cast<unsigned>(who), 0x6da6a7e9u,
                    0x9a96b756u, 0x042b899au);
      link.replace(at, 1, token);
    }
    return link;
  }

  TrackingWaves Find() const {
    WaveCollector collector;
    for (const Made& event : events) Give(event, &collector);
    return collector.FindWaves();
  }

 private:
  Made& Add(Made made) {
    made.record = next_++;
    return events.emplace_back(std::move(made));
  }
  uint64_t next_ = 1;
};

std::string Text(const TrackingWaves& found) {
  std::string out = std::to_string(found.left_out) + "\n";
  for (const TrackingWave& wave : found.waves) {
    out += FormatTime(wave.first) + " " + std::to_string(wave.messages) + " " + std::to_string(wave.weight) + " " +
           wave.outlet + " " + wave.imitated;
    for (const std::string& text : wave.senders) out += " " + text;
    for (const std::string& text : wave.link_hosts) out += " " + text;
    for (const WaveReason& reason : wave.reasons) out += "\n " + std::to_string(reason.points) + reason.text;
    for (const WaveRecipient& to : wave.recipients) {
      out += "\n " + to.tenant + " " + to.address + " " + FormatTime(to.time);
      for (const MailPlace& place : to.places) out += " " + std::to_string(place.record);
    }
    for (const WaveOpening& opening : wave.openings) {
      out += "\n opened " + opening.recipient + " " + opening.client + " " + std::to_string(opening.joined);
      for (const MailPlace& place : opening.places) out += " " + std::to_string(place.record);
    }
    out += '\n';
  }
  return out;
}

TEST(Waves, ManyMailsWithAnImageOfTheirOwnFromNowhere) {
  Days days;
  days.Ordinary();
  days.Wave();
  const TrackingWaves found = days.Find();
  ASSERT_EQ(found.waves.size(), 1u) << Text(found);
  const TrackingWave& wave = found.waves[0];
  EXPECT_EQ(wave.senders, std::vector<std::string>{"nils@harbourpost-news.test"});
  EXPECT_EQ(wave.outlet, "Harbour Post");
  EXPECT_EQ(wave.imitated, "harbourpost.example");
  EXPECT_EQ(wave.link_hosts, std::vector<std::string>{"img.harbourpost-news.test"});
  EXPECT_EQ(wave.recipients.size(), 9u);
  EXPECT_EQ(wave.messages, 9u);
  EXPECT_GT(wave.weight, 0.8);
  ASSERT_EQ(wave.openings.size(), 2u) << Text(found);
  EXPECT_EQ(wave.openings[0].recipient, Days::Person(4));  // by the link, whoever was at the machine
  EXPECT_EQ(wave.openings[0].joined, WaveOpening::kByLink);
  EXPECT_EQ(wave.openings[1].recipient, Days::Person(5));
  EXPECT_EQ(wave.openings[1].joined, WaveOpening::kByUser);
}

TEST(Waves, TheNameOfTheHostMayTellTheRecipient) {
  Days days;
  days.Ordinary();
  for (int who = 0; who < 9; ++who) {
    days.Mail(kStart + 10 * kDay + who, "nils@harbourpost-news.test", "Nils Drexler, Harbour Post", who,
              "https://*.harbourpost-news.test/logo.gif");
  }
  Made asked;  // a name server was asked; nothing else is known
  asked.source = {"zeek", "dns", "dns"};
  asked.time = kStart + 11 * kDay;
  asked.fields = {
      {"id.orig_h", "10.0.0.3"}, {"query", Days::Own("*.harbourpost-news.test", 6)}, {"answers", "192.0.2.1"}};
  asked.record = 9999;
  days.events.push_back(asked);
  const TrackingWaves found = days.Find();
  ASSERT_EQ(found.waves.size(), 1u) << Text(found);
  EXPECT_EQ(found.waves[0].link_hosts, std::vector<std::string>{"*.harbourpost-news.test"});
  ASSERT_EQ(found.waves[0].openings.size(), 1u);
  EXPECT_EQ(found.waves[0].openings[0].recipient, Days::Person(6));
}

TEST(Waves, ANewsletterIsNone) {
  Days days;
  days.Ordinary();
  for (int day = 0; day < 40; day += 3) {
    for (int who = 0; who < 9; ++who) {
      days.Mail(kStart + day * kDay, "news@weekly.example", "The Weekly", who,
                "https://t.weekly.example/*/" + std::to_string(day) + ".gif")
          .fields.emplace_back("ListUnsubscribe", "<mailto:x@weekly.example>");
    }
  }
  EXPECT_TRUE(days.Find().waves.empty()) << Text(days.Find());
}

TEST(Waves, ANewNewsletterIsNone) {
  Days days;
  days.Ordinary();
  for (int who = 0; who < 9; ++who) {
    days.Mail(kStart + 38 * kDay, "news@weekly.example", "The Weekly", who, "https://t.weekly.example/*.gif")
        .fields.emplace_back("ListUnsubscribe", "<mailto:x@weekly.example>");
  }
  EXPECT_TRUE(days.Find().waves.empty()) << Text(days.Find());
}

TEST(Waves, MarketingThatTracksElsewhereIsNone) {
  Days days;
  days.Ordinary();
  for (int day = 0; day < 40; day += 5) {
    for (int who = 0; who < 9; ++who) {
      Made& mail = days.Mail(kStart + day * kDay, "offers@shop.example", "Shop", who,
                             "https://click.mailer.example/*/" + std::to_string(day));
      mail.fields.emplace_back("ListUnsubscribe", "<https://click.mailer.example/u>");
      for (auto& [name, value] : mail.fields) {
        if (name == "DkimDomain") value = "mailer.example";
      }
    }
    days.Asked(kStart + day * kDay + kHour, "https://click.mailer.example/x", "10.0.0.9", "p9");
  }
  EXPECT_TRUE(days.Find().waves.empty()) << Text(days.Find());
}

TEST(Waves, PeopleWhoWriteToEachOtherAreNone) {
  Days days;
  days.Ordinary();
  for (int who = 0; who < 9; ++who) {
    days.Mail(kStart + 10 * kDay + who * kHour, "kim@vendor.example", "Kim Vendor", who,
              "https://files.vendor.example/s/*", false)
        .fields.emplace_back("InReplyTo", "1@acme.example");
  }
  days.Mail(kStart + 2 * kDay, Days::Person(1), "P 1", 1, "").fields[5].second = "kim@vendor.example";
  EXPECT_TRUE(days.Find().waves.empty()) << Text(days.Find());
}

TEST(Waves, GatewaysTellWhoElseItWentTo) {
  Days days;
  days.Ordinary();
  days.Wave();
  for (int who = 0; who < 30; ++who) {
    Made& row = days.Gateway(kStart + 10 * kDay + who * kHour / 60, "nils@harbourpost-news.test",
                             "q" + std::to_string(who) + "@other.example", "Letter");
    row.tenant = "other";
  }
  // … and another sender at that time is not of it.
  days.Gateway(kStart + 10 * kDay, "lee@partner.example", "q1@other.example", "Letter").tenant = "other";
  const TrackingWaves found = days.Find();
  ASSERT_EQ(found.waves.size(), 1u) << Text(found);
  EXPECT_EQ(found.waves[0].recipients.size(), 39u);
  EXPECT_EQ(found.waves[0].senders.size(), 1u);
}

TEST(Waves, TwoThroughOneServiceAreTwo) {
  Days days;
  days.Ordinary();
  const char* const hosts[] = {"https://*.first-paper.test/x.gif", "https://*.second-paper.test/y.gif"};
  for (int wave = 0; wave < 2; ++wave) {
    for (int who = 0; who < 9; ++who) {
      Made& mail = days.Mail(kStart + (10 + 2 * wave) * kDay + who, "jane@service.test", "Jane", who, hosts[wave]);
      mail.fields[3].second = "story " + std::to_string(wave);
      days.Gateway(kStart + (10 + 2 * wave) * kDay + who, "jane@service.test",
                   "q" + std::to_string(who) + "@acme.example",
                   wave == 0 ? "story 0"
                   : who < 5 ? "story 1"
                             : "");
    }
  }
  const TrackingWaves found = days.Find();
  ASSERT_EQ(found.waves.size(), 2u) << Text(found);
  for (const TrackingWave& wave : found.waves) EXPECT_EQ(wave.recipients.size(), 18u) << Text(found);
}

TEST(Waves, GatewaysAloneWeighLittle) {
  Days days;
  days.Ordinary();
  for (int who = 0; who < 40; ++who) {
    days.Gateway(kStart + 10 * kDay + who * kHour / 60, "nils@harbourpost-news.test",
                 "q" + std::to_string(who) + "@acme.example", "Letter");
  }
  const TrackingWaves found = days.Find();
  ASSERT_EQ(found.waves.size(), 1u) << Text(found);
  EXPECT_TRUE(found.waves[0].gateways_only);
  EXPECT_LE(found.waves[0].weight, 0.5);
  EXPECT_EQ(found.waves[0].recipients.size(), 40u);
}

TEST(Waves, LinesOfAMailServerAreOneMessage) {
  Days days;
  days.Ordinary();
  days.Wave();
  const auto line = [&](const std::string& queue, const std::string& field, const std::string& value, int64_t later) {
    Made made;
    made.source = {"linux", "postfix|syslog", ""};
    made.time = kStart + 10 * kDay + later;
    made.fields = {{"queue_id", queue}, {field, value}};
    made.record = 100'000 + days.events.size();
    made.tenant = "third";
    days.events.push_back(made);
  };
  line("A1", "mail_id", "77@harbourpost-news.test", 1);
  line("A1", "sender", "bounce-7@service.example", 2);
  line("A1", "recipient", "jane@third.example", 3);
  line("A1", "recipient", "john@third.example", 4);
  line("B2", "mail_id", "78@else.example", 1);
  line("B2", "sender", "x@else.example", 2);
  line("B2", "recipient", "lee@third.example", 3);
  const TrackingWaves found = days.Find();
  ASSERT_EQ(found.waves.size(), 1u) << Text(found);
  std::vector<std::string> third;
  for (const WaveRecipient& to : found.waves[0].recipients) {
    if (to.tenant == "third") third.push_back(to.address);
  }
  EXPECT_EQ(third, (std::vector<std::string>{"jane@third.example", "john@third.example"})) << Text(found);
}

TEST(Waves, OrderAndWorkersDoNotMatter) {
  Days days;
  days.Ordinary();
  days.Wave();
  for (int who = 0; who < 30; ++who) {
    days.Gateway(kStart + 10 * kDay + who * kHour / 60, "nils@harbourpost-news.test", Days::Person(who), "Letter");
  }
  const std::string expected = Text(days.Find());
  std::mt19937 random(7);
  for (int round = 0; round < 30; ++round) {
    std::shuffle(days.events.begin(), days.events.end(), random);
    std::vector<WaveCollector> workers(1 + random() % 4);
    for (const Made& event : days.events) Give(event, &workers[random() % workers.size()]);
    for (size_t i = 1; i < workers.size(); ++i) workers[0].Add(std::move(workers[i]));
    ASSERT_EQ(Text(workers[0].FindWaves()), expected) << round;
  }
}

TEST(LinkShape, PartsThatTellRecipientsApartAreTakenOut) {
  EXPECT_EQ(ShapeOf("https://Img.A.example:443/fa490c92e39094b94c2b9af1e01bd82b/head.png").shape, "/*/head.png");
  EXPECT_EQ(ShapeOf("https://a.example/p/TI_qm9W4bSHl8btZ5LkV8h.jpg").shape, "/p/*.jpg");
  EXPECT_EQ(ShapeOf("http://a.example/story.gif?uid=9ba0d2276da6a7e99a96b756042b899a&x=1").shape,
            "/story.gif?uid=*&x=1");
  EXPECT_EQ(ShapeOf("http://a.example/?e=jane@acme.example").shape, "/?e=*");
  for (const char* plain : {"https://a.example/what-the-fishermen-saw", "https://a.example/2026/03/report-2026-03.pdf",
                            "https://a.example/news?page=12", "https://a.example/Annual_Report.pdf",
                            "https://a.example/20260302/index.html"}) {
    EXPECT_FALSE(ShapeOf(plain).token) << plain;
  }
  EXPECT_EQ(HostShape("fa490c92e390.a.example"), "*.a.example");
  EXPECT_EQ(HostShape("fa490c92e390.example"), "fa490c92e390.example");
  EXPECT_EQ(HostShape("www.a.example"), "www.a.example");
  EXPECT_EQ(EnvelopeShape("Bounce-4711@send.example"), "bounce-*@send.example");
  EXPECT_EQ(EnvelopeShape("jane-anne@acme.example"), "jane-anne@acme.example");
  EXPECT_EQ(Asked("https://A.example:443/x?y#z"), Asked("a.example", "/x?y"));
  EXPECT_EQ(Asked("http://a.example"), "a.example/");
}

}  // namespace
}  // namespace spoor
