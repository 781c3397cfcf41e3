// From the provider into its customers: with its accounts, from its machines, by one of the ways it works itself.
#include <fmt/format.h>

#include "demo/campaign.h"

namespace spoor::demo {
namespace {

const std::string kSystem32 = "C:\\Windows\\System32\\";

}  // namespace

void Campaign::Reach(Random* r, int64_t time, size_t server, const std::string& way) {
  const HostSpec& spec = world_.hosts[server];
  const Tenant& t = world_.tenants[spec.tenant];
  const HostSpec& from = world_.hosts[foothold_];
  WindowsHost& host = *estate_->hosts[server];
  WindowsHost& source = *estate_->hosts[foothold_];
  const Person& person = world_.people[r->Of(thief_)];
  const Who who = ProviderAt(t, person);
  const bool desktop = way == "remote desktop", agent = way == "RMM agent";
  const char* technique = desktop                   ? "T1021.001"
                          : agent                   ? "T1072"
                          : way == "WMI"            ? "T1047"
                          : way == "scheduled task" ? "T1053.005"
                                                    : "T1021.002";
  const Act act = Do(r, time, 10, "reached from the provider", "lateral-movement", technique, spec.tenant, spec.name,
                     agent ? "SYSTEM" : who.full(),
                     fmt::format("from {} of the provider, with an account it has here", from.name), way);
  bool provider_path = true;
  for (const PathTruth& p : estate_->truth.paths) provider_path &= p.customer != t.slug;
  if (provider_path)
    estate_->truth.paths.push_back({t.slug, from.name, agent ? "SYSTEM (agent)" : who.full(), way, time, act.step});
  const bool compromised = spec.tenant == defence_ || r->Percent(60);
  estate_->truth.Host(t.slug, spec.name, RoleName(spec.role), true, HostState::kReached, time, act.step, true);
  if (!agent) estate_->truth.Account({t.slug, who.full(), "used", person.name, time, act.step});

  Process shell;
  Logon logon = host.system();
  if (agent) {
    // A job of the management server, given by one of the accounts.
    WindowsHost& management = estate_->Host(0, HostRole::kManagement);
    estate_->truth.Host(world_.tenants[0].slug, management.spec().name, RoleName(management.spec().role), true,
                        HostState::kReached, time - 40 * kSecond, act.step, false);
    estate_->truth.Account(
        {world_.tenants[0].slug, AccountOf(world_, person), "used", person.name, time - 40 * kSecond, act.step});
    const Logon job = management.LogOn(act, time - 40 * kSecond, WhoIs(world_, person), 3, from.ip, from.name);
    management.WriteFile(act, time - 20 * kSecond, management.Standing("services"),
                         "C:\\ProgramData\\ManageBeacon\\Jobs\\" + r->Hex(8) + ".json");
    management.LogOff(act, time - 10 * kSecond, job);
    shell = host.Start(
        act, time, host.Standing("agent"), kSystem32 + "WindowsPowerShell\\v1.0\\powershell.exe",
        "powershell.exe -NoProfile -ExecutionPolicy Bypass -File \"C:\\ProgramData\\ManageBeacon\\Scripts\\" +
            r->Text(8, "abcdef0123456789") + ".ps1\"",
        host.system());
  } else {
    // At the source: the credentials used, the connection made.
    if (const Implant* implant = implants_.empty() ? nullptr : &implants_.front(); implant != nullptr) {
      for (const Implant& i : implants_) {
        if (i.host == foothold_) implant = &i;
      }
      if (implant->host == foothold_) {
        source.UseCredentials(act, time - kSecond, source.system(), who, (desktop ? "TERMSRV/" : "cifs/") + spec.fqdn,
                              implant->process);
        source.Connect(act, time - kSecond + 60'000, implant->process, spec.ip, spec.fqdn,
                       desktop        ? 3389
                       : way == "WMI" ? 135
                                      : 445);
      }
    }
    estate_->Host(spec.tenant, HostRole::kDomain).Kerberos(act, time - 70'000, who, from.ip, spec);
    logon = host.LogOn(act, time, who, desktop ? 10 : 3, from.ip, from.name, way != "remote service");
    if (desktop) {
      const Process explorer = host.Desktop(act, time + kSecond, logon);
      shell = host.Start(act, time + 50 * kSecond, explorer, kSystem32 + "cmd.exe",
                         "\"C:\\Windows\\system32\\cmd.exe\" ", logon, "High");
    } else if (way == "WMI") {
      shell = host.Start(act, time + kSecond, host.Standing("wmi"), kSystem32 + "cmd.exe",
                         fmt::format("cmd.exe /Q /c cd \\ 1> \\\\127.0.0.1\\ADMIN$\\__{}.{} 2>&1", time / kSecond,
                                     r->Between(100000, 999999)),
                         logon, "High");
      host.ShareAccess(act, time + 2 * kSecond, logon, from.ip, "ADMIN$", fmt::format("__{}", time / kSecond));
    } else if (way == "scheduled task") {
      const std::string name = "\\" + r->Text(8, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl");
      host.CreateTask(act, time + kSecond, logon, name, "cmd.exe",
                      fmt::format("/C ipconfig /all > %windir%\\Temp\\{}.tmp 2>&1", name.substr(1)));
      shell = host.Start(act, time + 3 * kSecond, host.Standing("schedule"), kSystem32 + "cmd.exe",
                         fmt::format("cmd.exe /C ipconfig /all > C:\\Windows\\Temp\\{}.tmp 2>&1", name.substr(1)),
                         host.system());
    } else {
      const std::string name = r->Percent(50) ? r->Text(8, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : "WinRMHelper";
      host.ShareAccess(act, time + 500'000, logon, from.ip, "ADMIN$", name + ".exe");
      host.InstallService(act, time + kSecond, logon, name, "%systemroot%\\" + name + ".exe", "demand start");
      const Process service =
          host.Start(act, time + 2 * kSecond, host.Standing("services"), "C:\\Windows\\" + name + ".exe",
                     "C:\\Windows\\" + name + ".exe", host.system());
      host.ServiceState(act, time + 2 * kSecond, name, "running");
      shell = host.Start(act, time + 3 * kSecond, service, kSystem32 + "cmd.exe", "cmd.exe", host.system());
    }
  }
  LookAround(r, time + 2 * kMinute, &host, shell, shell.logon, static_cast<int>(r->Between(2, 5)));
  if (compromised) {
    Install(r, time + 9 * kMinute, &host, shell.logon, shell, true);
    if (spec.role == HostRole::kDomain || r->Percent(50)) Dump(r, time + 21 * kMinute, &host, shell, shell.logon);
  }
  host.End(act, time + 39 * kMinute, shell);
  if (!agent) host.LogOff(act, time + 40 * kMinute, logon);
}

// A machine at which the account is not let in.
void Campaign::TryInVain(Random* r, int64_t time, size_t number) {
  const HostSpec& spec = world_.hosts[number];
  const Tenant& t = world_.tenants[spec.tenant];
  const HostSpec& from = world_.hosts[foothold_];
  const Who who = ProviderAt(t, world_.people[thief_.front()]);
  const Act act = Do(r, time, 10, "tried in vain", "lateral-movement", "T1021", spec.tenant, spec.name, who.full(),
                     "the account is not let in");
  for (int64_t n = r->Between(2, 4); n > 0; --n)
    estate_->hosts[number]->FailLogOn(act, time + n * r->Between(2, 20) * kSecond, who, 3, from.ip, from.name);
  estate_->truth.Host(t.slug, spec.name, RoleName(spec.role), spec.server(), HostState::kTargeted, time, act.step,
                      true);
}

}  // namespace spoor::demo
