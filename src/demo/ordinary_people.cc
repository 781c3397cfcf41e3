// People at their machines: signing in, programs, surfing, locking, signing out.
#include <fmt/format.h>

#include "demo/ordinary.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

constexpr const char* kDocuments[] = {"minutes", "draft-2", "budget", "travel",  "notes",
                                      "report",  "letter",  "offer",  "annex-3", "agenda"};

struct Program {
  std::string image, command, site;
};

const std::vector<Program>& Programs(const std::string& who) {
  static std::map<std::string, std::vector<Program>> by_who;
  std::vector<Program>& list = by_who[who];
  if (list.empty()) {
    const Table& table = ProcessesTable();
    for (size_t row = 0; row < table.rows(); ++row) {
      if (table.At(row, "who") == who)
        list.push_back({table.At(row, "image"), table.At(row, "command"), table.At(row, "site")});
    }
  }
  return list;
}

void SurfSomewhere(Estate* estate, const Act& act, int64_t time, const Tenant& t, const WindowsHost& host,
                   const Person& p) {
  const Table& sites = SitesTable();
  const size_t row = act.random->Below(sites.rows());
  Visit v;
  v.client = host.spec().ip;
  v.user = t.netbios + "\\" + p.user;
  v.agent = p.agent;
  v.url = (act.random->Percent(88) ? "https://" : "http://") + sites.At(row, "host") + sites.At(row, "path");
  v.received = act.random->Between(900, 400'000);
  v.sent = act.random->Between(400, 3000);
  v.milliseconds = act.random->Between(20, 4000);
  if (act.random->Percent(4)) v.status = 404;
  Surf(estate, act, time, t.number, v);
}

// One program, what it talks to, and its end.
void RunProgram(Estate* estate, const Act& act, int64_t time, const Tenant& t, WindowsHost* host, const Process& parent,
                const Logon& logon, const Person& p, const std::string& who) {
  const Program& program = act.random->Of(Programs(who));
  const HostSpec& server = estate->world.hosts[t.hosts[act.random->Below(4)]];
  const Table& sites = SitesTable();
  const std::string site = Filled(program.site, {{"site", sites.At(act.random->Below(sites.rows()), "host")}});
  const std::string command =
      Filled(program.command, {{"user", p.user},
                               {"document", kDocuments[act.random->Below(std::size(kDocuments))]},
                               {"server", server.name},
                               {"n", std::to_string(act.random->Between(10000, 60000))}});
  const Process process = host->Start(act, time, parent, program.image, command, logon, who == "admin" ? "High" : "");
  if (!site.empty()) {
    host->Resolve(act, time + 2 * kSecond, process, site, AddressOf(site));
    host->Connect(act, time + 2 * kSecond + 90'000, process, AddressOf(site), site, 443);
    Visit v;
    v.client = host->spec().ip;
    v.user = t.netbios + "\\" + p.user;
    v.agent = p.agent;
    v.url = "https://" + site + "/";
    v.received = act.random->Between(2000, 90'000);
    Surf(estate, act, time + 2 * kSecond + 95'000, t.number, v);
  }
  if (who == "admin" && program.image.find("cmd.exe") != std::string::npos) {
    for (int64_t i = act.random->Between(1, 3); i > 0; --i) {
      RunProgram(estate, act, time + (4 - i) * act.random->Between(8, 50) * kSecond, t, host, process, logon, p,
                 "admincmd");
    }
  }
  if (who == "admin" && program.image.find("powershell.exe") != std::string::npos) {
    const std::vector<std::string> scripts = ScriptsTable().Column("text", "who", "admin");
    host->Script(act, time + 20 * kSecond, process,
                 Filled(act.random->Of(scripts), {{"user", p.user}, {"server", server.name}, {"name", p.name}}), "");
  }
  host->End(act, time + act.random->Between(5, 1500) * kSecond, process);
}

}  // namespace

void PeopleAtWork(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  if (!world.Workday(day)) return;
  for (const size_t number : t.hosts) {
    const HostSpec& spec = world.hosts[number];
    if (spec.owner == kNobody) continue;
    Random r = world.Chance("people at work", number, static_cast<uint64_t>(day));
    if (r.Percent(12)) continue;  // ill, on leave, travelling
    const Act act{&r};
    WindowsHost& host = *estate->hosts[number];
    const Person& p = world.people[spec.owner];
    const Who who = WhoIs(world, p);
    const int64_t begin = At(*estate, t, day, 7.6, &r, 75), end = At(*estate, t, day, 16.4, &r, 110);
    if (r.Percent(9)) host.FailLogOn(act, begin - 9 * kSecond, who, 2, "127.0.0.1", spec.name);
    const Logon logon = host.LogOn(act, begin, who, 2, "127.0.0.1", spec.name);
    estate->Host(t.number, HostRole::kDomain).Kerberos(act, begin - 200'000, who, spec.ip, spec);
    const Process explorer = host.Desktop(act, begin + kSecond, logon);
    const bool admin = who.admin;
    const int64_t programs = world.options.noise * r.Between(1, 3);
    for (int64_t i = 0; i < programs; ++i) {
      const int64_t time = begin + kMinute + r.Between(0, (end - begin - 30 * kMinute) / 1000) * 1000;
      RunProgram(estate, act, time, t, &host, explorer, logon, p, admin && r.Percent(45) ? "admin" : "user");
    }
    for (int64_t i = world.options.noise * r.Between(3, 6); i > 0; --i) {
      SurfSomewhere(estate, act, begin + kMinute + r.Between(0, (end - begin - kHour) / 1000) * 1000, t, host, p);
    }
    if (r.Percent(55)) {
      const Logon unlock =
          host.LogOn(act, begin + 4 * kHour + r.Between(0, 3600) * kSecond, who, 7, "127.0.0.1", spec.name);
      host.LogOff(act, begin + 4 * kHour + 3700 * kSecond, unlock);
    }
    host.LogOff(act, end, logon);
  }
  // The others of the staff, whose machines were not collected, are seen at the border.
  Random r = world.Chance("others surfing", t.number, static_cast<uint64_t>(day));
  const Act act{&r};
  for (size_t i = 5; i < t.staff.size(); ++i) {
    const Person& p = world.people[t.staff[i]];
    for (int64_t n = world.options.noise * r.Between(1, 4); n > 0; --n) {
      const Table& sites = SitesTable();
      const size_t row = r.Below(sites.rows());
      Visit v;
      v.client = fmt::format("{}.10.{}", t.net, 100 + i);
      v.user = t.netbios + "\\" + p.user;
      v.agent = p.agent;
      v.url = (r.Percent(85) ? "https://" : "http://") + sites.At(row, "host") + sites.At(row, "path");
      v.received = r.Between(900, 500'000);
      v.milliseconds = r.Between(20, 3000);
      Surf(estate, act, At(*estate, t, day, 8, &r, 540), t.number, v);
    }
  }
}

}  // namespace spoor::demo
