// The cloud and what stands about: sign-ins from the office, from home and from journeys; mail read by its owners and
// by the backup product; rules people make; the gateway's Linux; routers at home.
#include <fmt/format.h>

#include "base/text.h"
#include "demo/ordinary.h"

namespace spoor::demo {
namespace {

struct Country {
  const char *code, *city;
};
constexpr Country kAbroad[] = {{"FR", "Lyon"},   {"IT", "Turin"}, {"SE", "Malmo"},
                               {"US", "Denver"}, {"JP", "Osaka"}, {"CA", "Ottawa"}};
constexpr const char* kOutlook = "Client=OutlookService;Outlook/16.0.17328;";

// A week abroad: the address of a hotel, if somebody travels on that day; else "".
std::string Journey(const World& world, size_t person, int day, const Country** where) {
  Random r = world.Chance("journey", person, static_cast<uint64_t>(day / 7));
  if (!r.Percent(3)) return "";
  *where = &kAbroad[r.Below(std::size(kAbroad))];
  return r.Percent(30) ? fmt::format("2001:db8:{:x}:7::{:x}", r.Between(0x300, 0x340), r.Between(2, 60000))
                       : AddressOf("hotel" + std::to_string(r.Below(300)));
}

void PersonInCloud(Estate* estate, Random* r, const Tenant& t, size_t person, int day) {
  const World& world = estate->world;
  const Person& p = world.people[person];
  const Country* where = nullptr;
  const std::string hotel = Journey(world, person, day, &where);
  static constexpr const char* kAppNames[] = {"Office 365 Exchange Online", "Microsoft Teams",
                                              "Office 365 SharePoint Online", "Microsoft Office"};
  for (int64_t n = world.options.noise * r->Between(0, 3) / 2; n > 0; --n) {
    SignIn s;
    s.person = person;
    s.app = kAppNames[r->Below(std::size(kAppNames))];
    s.country = "GB", s.city = "Bristol";
    const bool home = r->Percent(25);
    s.address = home ? p.home : t.public_ip;
    s.managed = !home;
    Act act{r};
    const int64_t time = home ? At(*estate, t, day, 18, r, 240) : At(*estate, t, day, 8, r, 540);
    if (!hotel.empty()) {
      s.address = hotel, s.country = where->code, s.city = where->city;
      act = Innocent(estate, r, time, t, "", p.mail, "traveller",
                     "signs in from a network that is new to the account, with the machine it always has");
      s.managed = true;
    }
    if (r->Percent(4)) s.error = r->Percent(50) ? 50126 : 50076;
    CloudSignIn(estate, act, time, s);
    if (s.error == 0 && r->Percent(35))
      MailRead(estate, act, time + r->Between(10, 900) * kSecond, person, p.mail, s.address, kOutlook,
               r->Percent(70) ? "Sync" : "Bind", static_cast<int>(r->Between(1, 3)));
    if (s.error == 0 && r->Percent(20)) {
      Audit(estate, act, time + r->Between(60, 1800) * kSecond, t.number, p.mail,
            r->Percent(70) ? "FileAccessed" : "FileDownloaded", 6, "SharePoint", s.address,
            fmt::format(",\"ObjectId\":\"https://{0}.sharepoint.example/sites/team/Shared "
                        "Documents/minutes-{1}.docx\",\"SiteUrl\":\"https://{0}.sharepoint.example/sites/team/"
                        "\",\"SourceFileName\":\"minutes-{1}.docx\",\"ItemType\":\"File\",\"EventSource\":"
                        "\"SharePoint\",\"UserAgent\":{2}",
                        t.slug, day, JsonString(p.agent)));
    }
  }
}

// A product reads mailboxes in bulk, night for night, by an application of its own.
void MailBackup(Estate* estate, const Tenant& t, int day) {
  if (t.mail != MailKind::kMicrosoft365) return;
  Random r = estate->world.Chance("mail backup", t.number, static_cast<uint64_t>(day));
  const int64_t time = At(*estate, t, day, 2, &r, 20);
  const Act act = Innocent(estate, &r, time, t, "", "arkstone-mail@" + t.domain, "mail backup",
                           "reads mailboxes in bulk every night, from its own address");
  for (size_t i = 3; i < 6; ++i) {
    MailRead(estate, act, time + static_cast<int64_t>(i) * 40 * kSecond, t.staff[i], "arkstone-mail@" + t.domain,
             AddressOf("vault3.arkcloud.example"), "Client=REST;Client=RESTSystem;ArkstoneBackup/12.1;", "Bind",
             static_cast<int>(r.Between(1, 5)));
  }
}

void InboxRule(Estate* estate, Random* r, const Tenant& t, int day) {
  const Person& p = estate->world.people[r->Of(t.staff)];
  const int64_t time = At(*estate, t, day, 9, r, 420);
  const Act act = Innocent(estate, r, time, t, "", p.mail, "inbox rule", "sorts newsletters into a folder");
  Audit(estate, act, time, t.number, p.mail, "New-InboxRule", 1, "Exchange", t.public_ip + ":52110",
        fmt::format(",\"ObjectId\":\"{0}\\\\newsletters\",\"ExternalAccess\":false,\"OrganizationName\":\"{1}\","
                    "\"Parameters\":[{{\"Name\":\"Name\",\"Value\":\"newsletters\"}},{{\"Name\":\"From\",\"Value\":"
                    "\"news@energyweek.example\"}},{{\"Name\":\"MoveToFolder\",\"Value\":\"Newsletters\"}}]",
                    p.user, t.domain));
}

}  // namespace

void CloudAtWork(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  MailBackup(estate, t, day);
  Random r = world.Chance("cloud at work", t.number, static_cast<uint64_t>(day));
  if (t.kind == "telecom") {
    const Act act{&r};
    for (int64_t n = r.Between(2, 4); n > 0; --n) {
      CloudTrail(estate, act, At(*estate, t, day, 3, &r, 90), t.number, "billing-batch", "s3", "GetObject", t.public_ip,
                 "aws-sdk-java/2.25.31",
                 fmt::format("{{\"bucketName\":\"{}-cdr-archive\",\"key\":\"cdr/{}/part-{:05}.parquet\"}}", t.slug, day,
                             r.Below(40)));
    }
  }
  if (!world.Workday(day)) return;
  for (const size_t person : t.staff) PersonInCloud(estate, &r, t, person, day);
  if (r.Percent(5)) InboxRule(estate, &r, t, day);
}

void LinuxAtWork(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  Random r = world.Chance("linux at work", t.number, static_cast<uint64_t>(day));
  const Act act{&r};
  for (int hour = 0; hour < 24; hour += 6) {
    LinuxLine(estate, act, At(*estate, t, day, hour + 0.28, &r, 0), t.number,
              fmt::format("CRON[{}]", r.Between(1000, 60000)),
              "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)");
  }
  for (int64_t n = r.Between(1, 4); n > 0; --n) {
    const std::string from = AddressOf("brute" + std::to_string(r.Below(200)));
    const int64_t pid = r.Between(1000, 60000), time = At(*estate, t, day, 0, &r, 1400);
    static constexpr const char* kUsers[] = {"admin", "test", "oracle", "ubuntu", "pi"};
    const std::string user = kUsers[r.Below(std::size(kUsers))];
    LinuxLine(estate, act, time, t.number, fmt::format("sshd[{}]", pid),
              fmt::format("Invalid user {} from {} port {}", user, from, r.Between(30000, 60000)));
    LinuxLine(
        estate, act, time + 2 * kSecond, t.number, fmt::format("sshd[{}]", pid),
        fmt::format("Failed password for invalid user {} from {} port {} ssh2", user, from, r.Between(30000, 60000)));
  }
  if (world.Workday(day) && r.Percent(40)) {
    const Person& admin = world.people[t.admins[r.Below(t.admins.size())]];
    const int64_t pid = r.Between(1000, 60000), time = At(*estate, t, day, 9, &r, 420);
    LinuxLine(estate, act, time, t.number, fmt::format("sshd[{}]", pid),
              fmt::format("Accepted publickey for {} from {}.10.{} port {} ssh2: ED25519 SHA256:{}", admin.user, t.net,
                          r.Between(100, 111), r.Between(49152, 65535),
                          r.Text(43, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")));
    LinuxLine(estate, act, time + kSecond, t.number, fmt::format("sshd[{}]", pid),
              fmt::format("pam_unix(sshd:session): session opened for user {}(uid=1000) by (uid=0)", admin.user));
    LinuxLine(estate, act, time + 40 * kSecond, t.number, "sudo",
              fmt::format("   {} : TTY=pts/0 ; PWD=/home/{} ; USER=root ; COMMAND=/usr/bin/apt-get update", admin.user,
                          admin.user));
    LinuxLine(estate, act, time + 400 * kSecond, t.number, fmt::format("sshd[{}]", pid),
              fmt::format("pam_unix(sshd:session): session closed for user {}", admin.user));
  }
  for (size_t i = 0; i < world.routers.size(); ++i) {
    if (world.people[world.routers[i].person].tenant != t.number) continue;
    Random dice = world.Chance("router", i, static_cast<uint64_t>(day));
    const Act at_home{&dice};
    if (dice.Percent(15))
      RouterLine(estate, at_home, At(*estate, t, day, 3, &dice, 60), i, RouterEvent::kOnline, world.routers[i].address);
    if (dice.Percent(3))
      RouterLine(estate, at_home, At(*estate, t, day, 19, &dice, 120), i, RouterEvent::kAdminFromHome,
                 "192.168.178.24");
    if (dice.Percent(6))
      RouterLine(estate, at_home, At(*estate, t, day, 0, &dice, 1400), i, RouterEvent::kAdminFailed,
                 AddressOf("brute" + std::to_string(dice.Below(200))));
    if (dice.Percent(1)) RouterLine(estate, at_home, At(*estate, t, day, 4, &dice, 60), i, RouterEvent::kFirmware, "");
  }
}

}  // namespace spoor::demo
