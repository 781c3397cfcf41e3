// Servers: tasks of the system, tickets of machines, people's shares, the provider's agent, the nightly backup.
#include <fmt/format.h>

#include "demo/ordinary.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

constexpr const char* kServices[] = {"Windows Update",
                                     "Windows Modules Installer",
                                     "Software Protection",
                                     "WinHTTP Web Proxy Auto-Discovery Service",
                                     "Background Intelligent Transfer Service",
                                     "Windows Error Reporting Service"};
constexpr const char* kAgentPath = "C:\\Program Files\\Arkstone\\ArkAgent.exe";

void Tasks(Estate* estate, const Act& act, const Tenant& t, WindowsHost* host, int day) {
  const Table& table = ProcessesTable();
  std::vector<size_t> rows;
  for (size_t row = 0; row < table.rows(); ++row) {
    if (table.At(row, "who") == "system") rows.push_back(row);
  }
  for (int64_t n = estate->world.options.noise * act.random->Between(0, 2); n > 0; --n) {
    const size_t row = act.random->Of(rows);
    const int64_t time = At(*estate, t, day, 0, act.random, 1430);
    const Process& parent = host->Standing(act.random->Percent(50) ? "schedule" : "services");
    const Process p = host->Start(act, time, parent, table.At(row, "image"), table.At(row, "command"), host->system());
    if (const std::string& site = table.At(row, "site"); !site.empty()) {
      host->Resolve(act, time + kSecond, p, site, AddressOf(site));
      host->Connect(act, time + kSecond + 50'000, p, AddressOf(site), site, 443);
    }
    host->End(act, time + act.random->Between(4, 400) * kSecond, p);
  }
  if (act.random->Percent(40)) {
    const std::string service = kServices[act.random->Below(std::size(kServices))];
    const int64_t time = At(*estate, t, day, 1, act.random, 1300);
    host->ServiceState(act, time, service, "running");
    host->ServiceState(act, time + act.random->Between(120, 900) * kSecond, service, "stopped");
  }
}

void Shares(Estate* estate, const Act& act, const Tenant& t, WindowsHost* files, int day) {
  for (int64_t n = estate->world.options.noise * act.random->Between(1, 2); n > 0; --n) {
    const Person& p = estate->world.people[t.staff[3 + act.random->Below(t.staff.size() - 3)]];
    const std::string from = fmt::format("{}.10.{}", t.net, act.random->Between(100, 111));
    const int64_t time = At(*estate, t, day, 8, act.random, 540);
    const Who who = WhoIs(estate->world, p);
    estate->Host(t.number, HostRole::kDomain).Kerberos(act, time - 30'000, who, from, files->spec());
    const Logon logon = files->LogOn(act, time, who, 3, from, "");
    files->ShareAccess(act, time + 20'000, logon, from, "share",
                       act.random->Percent(50) ? "projects\\minutes.docx" : "");
    files->LogOff(act, time + act.random->Between(20, 900) * kSecond, logon);
  }
}

void Backup(Estate* estate, const Act& act, const Tenant& t, WindowsHost* host, int day) {
  const int64_t time = At(*estate, t, day, 1, act.random, 90);
  const Who who{t.sid + "-1190", "svc-backup", t.netbios, true};
  const Logon logon = host->LogOn(act, time, who, 5, "-", "");
  const Process p = host->Start(act, time + kSecond, host->Standing("services"), kAgentPath,
                                fmt::format("\"{}\" run --job nightly-{}", kAgentPath, day % 7), logon, "High");
  const std::string store = "vault3.arkcloud.example";
  host->Resolve(act, time + 3 * kSecond, p, store, AddressOf(store));
  host->Connect(act, time + 3 * kSecond + 40'000, p, AddressOf(store), store, 443);
  Visit v;
  v.client = host->spec().ip;
  v.agent = "ArkAgent/12.1";
  v.method = "PUT";
  v.url = fmt::format("https://{}/v1/{}/chunk/{}", store, t.slug, act.random->Hex(12));
  v.sent = act.random->Between(20'000'000, 900'000'000);
  v.received = 5000;
  v.milliseconds = act.random->Between(60'000, 1'500'000);
  v.type = "application/octet-stream";
  Surf(estate, act, time + 4 * kSecond, t.number, v);
  host->End(act, time + 25 * kMinute, p);
  host->LogOff(act, time + 25 * kMinute + kSecond, logon);
}

void AgentRun(Estate* estate, const Act& act, const Tenant& t, WindowsHost* host, int day) {
  const Table& table = ProcessesTable();
  std::vector<size_t> rows;
  for (size_t row = 0; row < table.rows(); ++row) {
    if (table.At(row, "who") == "agent") rows.push_back(row);
  }
  const size_t row = act.random->Of(rows);
  const int64_t time = At(*estate, t, day, 5, act.random, 60);
  const Process p =
      host->Start(act, time, host->Standing("agent"), table.At(row, "image"), table.At(row, "command"), host->system());
  if (p.image.find("powershell") != std::string::npos) {
    const std::vector<std::string> scripts = ScriptsTable().Column("text", "who", "agent");
    host->Script(act, time + 2 * kSecond, p, act.random->Of(scripts),
                 "C:\\ProgramData\\ManageBeacon\\Scripts\\patch-inventory.ps1");
  }
  host->End(act, time + act.random->Between(3, 60) * kSecond, p);
}

// A machine asks its domain for tickets, too: with an account of its own.
void Tickets(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  WindowsHost& domain = estate->Host(t.number, HostRole::kDomain);
  for (const size_t number : t.hosts) {
    const HostSpec& spec = world.hosts[number];
    if (spec.role == HostRole::kDomain) continue;
    Random r = world.Chance("tickets of machines", number, static_cast<uint64_t>(day));
    if (!r.Percent(40)) continue;  // they keep for a while, and logs are thinned out
    const Who who{fmt::format("{}-{}", t.sid, 1000 + spec.number), spec.name + "$", t.netbios};
    domain.Kerberos({&r}, At(*estate, t, day, 0, &r, 1430), who, spec.ip, domain.spec());
  }
}

}  // namespace

void ServersAtWork(Estate* estate, const Tenant& t, int day) {
  Tickets(estate, t, day);
  for (const size_t number : t.hosts) {
    const HostSpec& spec = estate->world.hosts[number];
    if (!spec.server()) continue;
    Random r = estate->world.Chance("servers at work", number, static_cast<uint64_t>(day));
    const Act act{&r};
    WindowsHost& host = *estate->hosts[number];
    Tasks(estate, act, t, &host, day);
    if (t.number > 0 && r.Percent(35)) AgentRun(estate, act, t, &host, day);
    if (spec.role == HostRole::kFiles && estate->world.Workday(day)) Shares(estate, act, t, &host, day);
    if (spec.role == HostRole::kFiles || spec.role == HostRole::kBackup) Backup(estate, act, t, &host, day);
  }
}

}  // namespace spoor::demo
