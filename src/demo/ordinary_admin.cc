// Administrators of an organisation: accounts for new colleagues, passwords, software, new versions of the web site.
#include <fmt/format.h>

#include "demo/ordinary.h"

namespace spoor::demo {
namespace {

// The help desk on the domain controller: a session, some work, its end.
struct Session {
  WindowsHost* host;
  Logon logon;
  Process explorer;
};

Session RemoteDesktop(Estate* estate, const Act& act, int64_t time, const Tenant& t, WindowsHost* host, const Who& who,
                      const std::string& from) {
  estate->Host(t.number, HostRole::kDomain).Kerberos(act, time - 150'000, who, from, host->spec());
  Session s{host, host->LogOn(act, time, who, 10, from, ""), {}};
  s.explorer = host->Desktop(act, time + kSecond, s.logon);
  return s;
}

void NewColleague(Estate* estate, Random* r, const Tenant& t, int day, bool administrator) {
  const World& world = estate->world;
  WindowsHost& dc = estate->Host(t.number, HostRole::kDomain);
  const Person& admin = world.people[t.admins[0]];
  const int64_t time = At(*estate, t, day, 9.2, r, 360);
  const Act act = Innocent(estate, r, time, t, dc.spec().name, AccountOf(world, admin),
                           administrator ? "new administrator, with a ticket" : "account for a new colleague",
                           "the help desk at work, in usual hours and from its usual place");
  Session s = RemoteDesktop(estate, act, time, t, &dc, WhoIs(world, admin), fmt::format("{}.10.{}", t.net, 101));
  const Process console =
      dc.Start(act, time + 40 * kSecond, s.explorer, "C:\\Windows\\System32\\mmc.exe",
               "\"C:\\Windows\\system32\\mmc.exe\" \"C:\\Windows\\system32\\dsa.msc\"", s.logon, "High");
  const size_t colleague = t.people[20 + static_cast<size_t>(day) * 7 % (t.people.size() - 30)];
  const Person& p = world.people[colleague];
  Who account{fmt::format("{}-{}", t.sid, 7000 + day), administrator ? "adm-" + p.user : p.user + "n", t.netbios,
              false};
  dc.CreateAccount(act, time + 90 * kSecond, s.logon, account, p.name);
  dc.AddToGroup(act, time + 130 * kSecond, s.logon, account, administrator ? "Administrators" : "Staff");
  dc.End(act, time + 6 * kMinute, console);
  dc.LogOff(act, time + 7 * kMinute, s.logon);
}

void Password(Estate* estate, Random* r, const Tenant& t, int day) {
  const World& world = estate->world;
  WindowsHost& dc = estate->Host(t.number, HostRole::kDomain);
  const Act act{r};
  const int64_t time = At(*estate, t, day, 9, r, 420);
  const std::string from = fmt::format("{}.10.{}", t.net, 101);
  const Logon logon = dc.LogOn(act, time, WhoIs(world, world.people[t.admins[0]]), 3, from, "");
  dc.ResetPassword(act, time + 3 * kSecond, logon, WhoIs(world, world.people[r->Of(t.people)]));
  dc.LogOff(act, time + 20 * kSecond, logon);
}

// A new version of the web site: many files at once, by the account that deploys.
void Deployment(Estate* estate, Random* r, const Tenant& t, int day) {
  WindowsHost& web = estate->Host(t.number, HostRole::kWeb);
  if (web.spec().role != HostRole::kWeb) return;
  const int64_t time = At(*estate, t, day, 10, r, 300);
  const Act act = Innocent(estate, r, time, t, web.spec().name, t.netbios + "\\svc-deploy",
                           "deployment to the web root", "many files at once, by the account that always deploys");
  const Who who{t.sid + "-1187", "svc-deploy", t.netbios, true};
  const Logon logon = web.LogOn(act, time, who, 3, t.net + ".1.30", "");
  const Process deploy =
      web.Start(act, time + 2 * kSecond, web.Standing("services"),
                "C:\\Program Files\\IIS\\Microsoft Web Deploy V3\\MsDepSvc.exe",
                "\"C:\\Program Files\\IIS\\Microsoft Web Deploy V3\\MsDepSvc.exe\" -runService", logon, "High");
  static constexpr const char* kFiles[] = {"Default.aspx",         "Search.aspx",        "Contact.aspx",
                                           "api\\status.ashx",     "bin\\Site.Core.dll", "bin\\Site.Web.dll",
                                           "scripts\\site.min.js", "styles\\site.css",   "web.config",
                                           "Views\\Start.aspx",    "Views\\News.aspx",   "favicon.ico"};
  int64_t at = time + 4 * kSecond;
  for (const char* file : kFiles) {
    web.WriteFile(act, at, deploy, std::string("C:\\inetpub\\wwwroot\\") + file);
    at += r->Between(20, 900) * 1000;
  }
  web.End(act, at + kSecond, deploy);
  web.LogOff(act, at + 2 * kSecond, logon);
  for (int i = 0; i < 4; ++i) {
    Request q;
    q.client = t.net + ".1.30";
    q.agent = "deploy-check/2.0";
    q.path = i % 2 == 0 ? "/Default.aspx" : "/api/status.ashx";
    q.method = i == 3 ? "POST" : "GET";
    Serve(estate, act, at + (5 + 3 * i) * kSecond, t.number, q);
  }
}

// A program installed by its installer on a workstation: a user's process that leads to one of the system.
void Installer(Estate* estate, Random* r, const Tenant& t, int day) {
  const World& world = estate->world;
  for (const size_t number : t.hosts) {
    const HostSpec& spec = world.hosts[number];
    if (spec.owner == kNobody || !r->Percent(30)) continue;
    WindowsHost& host = *estate->hosts[number];
    const int64_t time = At(*estate, t, day, 12, r, 200);
    const Act act = Innocent(estate, r, time, t, spec.name, "SYSTEM", "installer",
                             "a signed package of the software catalogue installs a service and its own libraries");
    const Process msi = host.Start(act, time, host.Standing("services"), "C:\\Windows\\System32\\msiexec.exe",
                                   "C:\\Windows\\system32\\msiexec.exe /V", host.system());
    const std::string folder = "C:\\Program Files\\Scandesk\\";
    for (const char* file : {"scanhelper.exe", "version.dll", "scancore.dll"})
      host.WriteFile(act, time + r->Between(2, 9) * kSecond, msi, folder + file);
    host.InstallService(act, time + 11 * kSecond, host.system(), "ScanHelper", "\"" + folder + "scanhelper.exe\"",
                        "auto start");
    const Process service = host.Start(act, time + 13 * kSecond, host.Standing("services"), folder + "scanhelper.exe",
                                       "\"" + folder + "scanhelper.exe\"", host.system());
    host.LoadModule(act, time + 13 * kSecond + 80'000, service, folder + "version.dll", true);
    host.ServiceState(act, time + 14 * kSecond, "Scan Helper", "running");
    host.End(act, time + kMinute, msi);
  }
}

}  // namespace

void AdministratorsAtWork(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  if (!world.Workday(day)) return;
  Random r = world.Chance("administrators at work", t.number, static_cast<uint64_t>(day));
  for (int n = 0; n < world.options.noise; ++n) {
    const uint64_t dice = r.Below(100);
    if (dice < 9) NewColleague(estate, &r, t, day, false);
    if (dice >= 9 && dice < 11) NewColleague(estate, &r, t, day, true);
    if (dice >= 20 && dice < 45) Password(estate, &r, t, day);
    if (dice >= 45 && dice < 58) Deployment(estate, &r, t, day);
    if (dice >= 60 && dice < 63) Installer(estate, &r, t, day);
    if (dice >= 11 && dice < 13) break;
  }
}

}  // namespace spoor::demo
