// Tracking mails: ten thousand recipients, at work and at home, in a few waves; who opens one has told where they are.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "demo/campaign.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

std::string TokenUrl(Random* r, const std::string& host, int form) {
  const std::string token =
      form == 2 ? r->Text(22, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") : r->Hex(32);
  switch (form) {
    case 0:
      return fmt::format("https://img.{}/{}/head.png", host, token);
    case 1:
      return fmt::format("http://www.{}/story.gif?uid={}", host, token);
    case 2:
      return fmt::format("https://{}/p/{}.jpg", host, token);
    default:
      return fmt::format("http://{}.{}/logo.gif", token.substr(0, 12), host);
  }
}

}  // namespace

void Campaign::ChooseRecipients() {
  Random r = world_.Chance("campaign: recipients");
  std::vector<std::pair<size_t, bool>> first, rest;
  for (size_t i = 0; i < world_.people.size(); ++i) {
    const Person& p = world_.people[i];
    const size_t tenant = p.tenant != kNobody ? p.tenant : world_.people[p.related].tenant;
    if (tenant > kCustomersReached) continue;
    const bool wanted =
        p.role == "member" || p.role == "journalist" || p.role == "family" || p.role == "provider administrator";
    if (!p.mail.empty()) (wanted ? first : rest).emplace_back(i, false);
    if (!p.private_mail.empty()) (wanted ? first : rest).emplace_back(i, true);
  }
  r.Shuffle(&rest);
  first.insert(first.end(), rest.begin(), rest.end());
  first.resize(std::min(first.size(), kWaveRecipients));
  r.Shuffle(&first);
  const auto waves = static_cast<size_t>(r.Between(3, 5));
  waves_.resize(waves);
  for (size_t i = 0; i < first.size(); ++i) waves_[i * waves / first.size()].push_back(first[i]);
}

void Campaign::Wave(Random* r, int64_t time, size_t number) {
  const Table& lures = LuresTable();
  const size_t row = (number + world_.options.seed) % lures.rows();
  const bool merge = r->Percent(35);  // by an ordinary mail-merge service, signed and aligned
  const std::string domain = lures.At(row, "domain"), outlet = lures.At(row, "outlet");
  const std::string service = "send.postmerge.example";
  const std::string author =
      NamesTable().Column("given")[r->Below(100)] + " " + NamesTable().Column("family")[r->Below(100)];
  const std::string server = fmt::format("192.0.2.{}", 228 + number * 5 + r->Below(5));
  const int form = static_cast<int>(r->Below(4));
  estate_->truth.infrastructure.emplace_back("tracking domain", domain);
  estate_->truth.infrastructure.emplace_back("tracking address", server);
  std::vector<std::string> senders;
  for (int i = 0; i < (merge ? 10 : 2); ++i) {
    senders.push_back(
        merge ? fmt::format("{}{}@{}", AsciiLower(author.substr(0, author.find(' '))), i + 1, "postmerge-mail.test")
              : fmt::format("{}@{}", i == 0 ? "newsroom" : AsciiLower(author.substr(0, author.find(' '))), domain));
    estate_->truth.infrastructure.emplace_back("sender", senders.back());
  }
  std::vector<StepId> steps(world_.tenants.size());
  int64_t at = time;
  for (size_t i = 0; i < waves_[number].size(); ++i) {
    const auto& [person, is_private] = waves_[number][i];
    const Person& p = world_.people[person];
    const size_t tenant = p.tenant != kNobody ? p.tenant : world_.people[p.related].tenant;
    if (steps[tenant] == 0) {
      steps[tenant] = Do(r, at, 1, "tracking mail", "reconnaissance", "T1598.003", tenant, "", "",
                         fmt::format("mails in the name of {}, each with an image of its own", outlet),
                         merge ? "mail-merge service" : "look-alike domain")
                          .step;
    }
    const std::string url = TokenUrl(r, domain, form);
    Message m;
    m.to = person;
    m.to_address = is_private ? p.private_mail : p.mail;
    m.from_name = author + ", " + outlet;
    m.from = r->Of(senders);
    m.envelope = merge ? fmt::format("b-{}@{}", r->Hex(10), service) : m.from;
    m.helo = merge ? service : "mail." + domain;
    m.client = merge ? AddressOf(service) : server;
    m.dkim_domain = merge ? "postmerge-mail.test" : domain;
    m.subject = lures.At(row, "subject");
    m.text = fmt::format("Dear {},\n\n{}\n\n{}\n{}", p.name, lures.At(row, "text"), author, outlet);
    m.html = fmt::format(
        "<html><body><p>Dear {},</p><p>{}</p><p><a href=\"{}\">Read the whole story</a></p><p>{}<br>{}</p><img "
        "src=\"{}\" width=\"1\" height=\"1\" border=\"0\"></body></html>",
        p.name, lures.At(row, "text"), url, author, outlet, url);
    m.id = r->Hex(28) + "@" + (merge ? service : domain);
    Deliver(estate_, {r, steps[tenant]}, at, m);
    MailboxTruth truth{world_.tenants[tenant].slug,
                       m.to_address,
                       is_private ? "private" : "work",
                       p.name,
                       true,
                       false,
                       false,
                       false,
                       at};
    truth.opened = r->Percent(is_private ? 16 : 11);
    const int64_t opened = at + r->Between(60, 2 * 86400) * kSecond;
    if (truth.opened && !is_private && r->Percent(80)) {
      truth.seen_opening = true;
      OpenMail(r, opened, tenant, person, url, server, steps[tenant]);
    }
    estate_->truth.mailboxes.push_back(std::move(truth));
    at += r->Between(200, 1900) * 1000;
  }
}

// The image is fetched, at the office.
void Campaign::OpenMail(Random* r, int64_t time, size_t tenant, size_t recipient, const std::string& url,
                        const std::string& server, StepId wave) {
  const Person& p = world_.people[recipient];
  const Tenant& t = world_.tenants[tenant];
  WindowsHost* machine = estate_->MachineOf(recipient);
  const Act act = Do(r, time, 1, "mail opened", "reconnaissance", "T1589.002", tenant,
                     machine == nullptr ? "" : machine->spec().name, p.mail,
                     fmt::format("the image of the mail of step {} was fetched", wave));
  Visit v;
  v.client = machine != nullptr ? machine->spec().ip
                                : fmt::format("{}.{}.{}", t.net, 11 + recipient / 200 % 40, 2 + recipient % 200);
  v.user = t.netbios + "\\" + p.user;
  v.agent = p.agent;
  v.url = url;
  v.server = server;
  v.received = 43;
  v.sent = 480;
  v.type = url.find(".png") != std::string::npos ? "image/png" : "image/gif";
  Surf(estate_, act, time, tenant, v);
}

}  // namespace spoor::demo
