// The cloud: accounts tried, mailboxes taken and read for months, call records.
#include <fmt/format.h>

#include "base/text.h"
#include "demo/campaign.h"

namespace spoor::demo {
namespace {

constexpr const char* kBrowser =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36";
const std::string kAppId = "5b1c0d3e-8a54-4d0e-9c1f-7e2d4b90a6c3", kAppName = "Mail Insights";

SignIn Foreign(size_t person, const std::string& address) {
  SignIn s;
  s.person = person;
  s.address = address;
  s.agent = kBrowser;
  s.country = "GB", s.city = "Leeds";  // relays are chosen near their victims
  s.managed = false;
  return s;
}

}  // namespace

void Campaign::TryAccounts(Random* r, int64_t time, size_t tenant) {
  const Tenant& t = world_.tenants[tenant];
  const Act act = Do(r, time, 11, "accounts tried", "credential-access", "T1110.003", tenant, "", "",
                     "one password, many accounts");
  const std::string from = Relay(r);
  for (const size_t person : t.staff) {
    SignIn s = Foreign(person, from);
    s.error = 50126;
    CloudSignIn(estate_, act, time, s);
    estate_->truth.Account({t.slug, world_.people[person].mail, "tried", world_.people[person].name, time, act.step});
    time += r->Between(20, 900) * kSecond;
  }
}

void Campaign::TakeMailbox(Random* r, int64_t time, size_t person, const std::string& way) {
  const Person& p = world_.people[person];
  const Tenant& t = world_.tenants[p.tenant];
  const std::string from = Relay(r);
  const Act act = Do(r, time, 11, "sign-in from a new network", "initial-access", "T1078.004", p.tenant, "", p.mail,
                     "a sign-in from a home that is not the account's", way);
  CloudSignIn(estate_, act, time, Foreign(person, from));
  estate_->truth.Account({t.slug, p.mail, "used", p.name, time, act.step});
  time += r->Between(3, 30) * kMinute;
  if (way == "forwarding rule") {
    const std::string to = fmt::format("archive{}@{}", r->Between(10, 99), "collectbox.test");
    estate_->truth.infrastructure.emplace_back("forwarding address", to);
    const Act rule = Do(r, time, 11, "forwarding rule", "collection", "T1114.003", p.tenant, "", p.mail,
                        "mail is forwarded outside");
    Audit(estate_, rule, time, p.tenant, p.mail, "New-InboxRule", 1, "Exchange", from + ":49817",
          fmt::format(",\"ObjectId\":\"{}\\\\.\",\"ExternalAccess\":false,\"OrganizationName\":\"{}\",\"Parameters\":[{"
                      "{\"Name\":\"Name\",\"Value\":\".\"}},{{\"Name\":\"ForwardTo\",\"Value\":\"{}\"}},{{\"Name\":"
                      "\"SubjectOrBodyContainsWords\",\"Value\":\"committee;export;delegation\"}}]",
                      p.user, t.domain, to));
  } else if (way == "consent") {
    const Act consent =
        Do(r, time, 11, "consent", "persistence", "T1098", p.tenant, "", p.mail, "an application is let read mail");
    estate_->truth.infrastructure.emplace_back("application", kAppId);
    Audit(estate_, consent, time, p.tenant, p.mail, "Consent to application.", 8, "AzureActiveDirectory", from,
          fmt::format(",\"ObjectId\":\"{0}\",\"AzureActiveDirectoryEventType\":1,\"ExtendedProperties\":[{{\"Name\":"
                      "\"additionalDetails\",\"Value\":\"{{}}\"}}],\"ModifiedProperties\":[{{\"Name\":\"ConsentContext."
                      "IsAdminConsent\",\"NewValue\":\"False\",\"OldValue\":\"\"}},{{\"Name\":\"ConsentAction."
                      "Permissions\",\"NewValue\":\"Scope: Mail.Read "
                      "offline_access\",\"OldValue\":\"\"}}],\"Actor\":[{{\"ID\":\"{1}\",\"Type\":5}}],\"Target\":[{{"
                      "\"ID\":\"{2}\",\"Type\":1}}]",
                      kAppId, p.mail, kAppName));
  } else if (way == "permission") {
    const Act permission = Do(r, time, 11, "permission on a mailbox", "persistence", "T1098.002", p.tenant, "", p.mail,
                              "another may read the mailbox");
    Audit(estate_, permission, time, p.tenant, p.mail, "Add-MailboxPermission", 1, "Exchange", from + ":49817",
          fmt::format(",\"ObjectId\":\"{}\",\"ExternalAccess\":false,\"OrganizationName\":\"{}\",\"Parameters\":[{{"
                      "\"Name\":\"Identity\",\"Value\":\"{}\"}},{{\"Name\":\"User\",\"Value\":\"{}\"}},{{\"Name\":"
                      "\"AccessRights\",\"Value\":\"FullAccess\"}}]",
                      p.user, t.domain, p.user, world_.people[t.staff.back()].mail));
  }
}

void Campaign::ReadMailbox(Random* r, int64_t time, size_t person) {
  const Person& p = world_.people[person];
  const Tenant& t = world_.tenants[p.tenant];
  size_t place = 0;
  while (mailboxes_[place] != person) ++place;
  if (reading_[place] == 0) {
    reading_[place] =
        Do(r, time, 11, "mail read for months", "collection", "T1114.002", p.tenant, "", p.mail, "from relays in homes")
            .step;
    estate_->truth.Account({t.slug, p.mail, "read", p.name, time, reading_[place]});
    bool known = false;
    for (MailboxTruth& m : estate_->truth.mailboxes) {
      if (m.mailbox == p.mail) m.read = known = true;
    }
    if (!known) estate_->truth.mailboxes.push_back({t.slug, p.mail, "work", p.name, false, false, false, true, time});
  }
  const Act act{r, reading_[place]};
  const std::string from = Relay(r);
  if (r->Percent(60)) CloudSignIn(estate_, act, time, Foreign(person, from));
  for (int64_t n = r->Between(1, 4); n > 0; --n) {
    time += r->Between(20, 500) * kSecond;
    MailRead(estate_, act, time, person, p.mail, from,
             r->Percent(50) ? "Client=OWA;Action=ViaProxy" : "Client=REST;Client=RESTSystem;",
             r->Percent(85) ? "Bind" : "Sync", static_cast<int>(r->Between(4, 20)));
  }
}

void Campaign::CallRecords(Random* r, int64_t time) {
  for (const Tenant& t : world_.tenants) {
    if (t.kind != "telecom") continue;
    const std::string from = Relay(r), agent = "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64.debian.12";
    const Act act = Do(r, time, 11, "call records", "collection", "T1530", t.number, "", "billing-batch",
                       "the archive of call records is listed and fetched, with the key of a program");
    estate_->truth.Account({t.slug, "billing-batch", "used", "", time, act.step});
    CloudTrail(estate_, act, time, t.number, "billing-batch", "sts", "GetCallerIdentity", from, agent, "null");
    CloudTrail(estate_, act, time + 20 * kSecond, t.number, "billing-batch", "s3", "ListBuckets", from, agent, "null");
    for (int64_t n = r->Between(25, 60); n > 0; --n) {
      time += r->Between(2, 30) * kSecond;
      CloudTrail(estate_, act, time + kMinute, t.number, "billing-batch", "s3", "GetObject", from, agent,
                 fmt::format("{{\"bucketName\":\"{}-cdr-archive\",\"key\":\"cdr/{}/part-{:05}.parquet\"}}", t.slug,
                             r->Between(0, 60), r->Below(40)));
    }
  }
}

}  // namespace spoor::demo
