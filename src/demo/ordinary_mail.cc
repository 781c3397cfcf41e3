// Mail of ordinary days: between people and organisations, and newsletters, which track their readers, too.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "demo/ordinary.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

std::string Unfolded(std::string text) {  // "\n" of the data file
  for (size_t at = 0; (at = text.find("\\n", at)) != std::string::npos; ++at) text.replace(at, 2, "\n");
  return text;
}

void OneMail(Estate* estate, Random* r, const Tenant& t, int day) {
  const World& world = estate->world;
  static const std::vector<std::string> kSubjects = MailTable().Column("subject", "kind", "subject"),
                                        kTexts = MailTable().Column("text", "kind", "subject");
  const size_t which = r->Below(kSubjects.size());
  const Person& from = world.people[r->Below(world.people.size() * 9 / 10)];
  Message m;
  m.to = r->Percent(70) ? r->Of(t.staff) : r->Of(t.people);
  m.to_address = world.people[m.to].mail;
  m.from_name = from.name;
  m.from = !from.mail.empty() ? from.mail : from.private_mail;
  const std::string domain = m.from.substr(m.from.find('@') + 1);
  m.helo = "mx1." + domain;
  m.client = from.tenant != kNobody ? world.tenants[from.tenant].public_ip : AddressOf(m.helo);
  m.dkim_domain = r->Percent(80) ? domain : "";
  m.dmarc = !m.dkim_domain.empty() || r->Percent(70);
  m.subject = kSubjects[which];
  m.text = Unfolded(kTexts[which]) + "\n\n" + from.given;
  m.mailer = r->Percent(30) ? "Microsoft Outlook 16.0" : "";
  m.id = r->Hex(24) + "@" + m.helo;
  Deliver(estate, {r}, At(*estate, t, day, 7.5, r, 630), m);
}

// One issue of a newsletter to its readers; some open it at once, from their machine.
void Newsletter(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  static const std::vector<std::string> kTitles = MailTable().Column("subject", "kind", "newsletter"),
                                        kDomains = MailTable().Column("text", "kind", "newsletter");
  for (size_t n = 0; n < kTitles.size(); ++n) {
    if (static_cast<size_t>(day) % 7 != n % 5) continue;
    Random r = world.Chance("newsletter", t.number * 100 + n, static_cast<uint64_t>(day));
    const int64_t time = At(*estate, t, day, 6, &r, 40);
    const std::string service = n % 2 == 0 ? "mailrelay.newsletterhub.example" : "send.postmerge.example";
    const Act act = Innocent(estate, &r, time, t, "", "", "newsletter",
                             kTitles[n] + ": tracks each reader, from a sender with a long history");
    for (const size_t reader : t.people) {
      // Who reads it has read it for years: chosen by the reader, not by the day.
      if (!Random(world.options.seed, "reader", reader, n).Percent(t.people.size() > 600 ? 1 : 3)) continue;
      const Person& p = world.people[reader];
      const std::string token = r.Hex(32), image = fmt::format("https://img.{}/o/{}.gif", kDomains[n], token);
      Message m;
      m.to = reader;
      m.to_address = p.mail;
      m.from_name = kTitles[n].substr(0, kTitles[n].find(':'));
      m.from = "news@" + kDomains[n];
      m.envelope = fmt::format("bounce-{}@{}", r.Between(1000000, 9999999), service);
      m.helo = service;
      m.client = AddressOf(service);
      m.dkim_domain = kDomains[n];
      m.subject = kTitles[n];
      m.text = "This week's issue: https://www." + kDomains[n] + "/issue/" + std::to_string(day);
      m.html = fmt::format(
          "<html><body><h1>{}</h1><p><a href=\"https://click.{}/c/{}/1\">Read on</a></p><p><a "
          "href=\"https://click.{}/u/{}\">Unsubscribe</a></p><img src=\"{}\" width=\"1\" height=\"1\" "
          "alt=\"\"></body></html>",
          m.from_name, kDomains[n], token, kDomains[n], token, image);
      m.unsubscribe = fmt::format("https://click.{}/u/{}", kDomains[n], token);
      m.id = token + "@" + service;
      const int64_t sent = time + r.Between(0, 600'000) * 1000;
      Deliver(estate, act, sent, m);
      if (!r.Percent(45)) continue;
      Visit v;
      v.client = fmt::format("{}.10.{}", t.net, r.Between(100, 111));
      v.user = t.netbios + "\\" + p.user;
      v.agent = p.agent;
      v.url = image;
      v.received = 43;
      v.type = "image/gif";
      Surf(estate, act, sent + r.Between(3600, 9 * 3600) * kSecond, t.number, v);
    }
  }
}

}  // namespace

void MailAtWork(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  Random r = world.Chance("mail at work", t.number, static_cast<uint64_t>(day));
  const int64_t mails = world.Workday(day) ? world.options.noise * r.Between(5, 12) : r.Between(0, 2);
  for (int64_t n = 0; n < mails; ++n) OneMail(estate, &r, t, day);
  Newsletter(estate, t, day);
}

}  // namespace spoor::demo
