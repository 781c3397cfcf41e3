// The provider at its customers: by remote desktop from the jump host, by its agent, in usual hours, and now and then
// at night.
#include <fmt/format.h>

#include "demo/ordinary.h"

namespace spoor::demo {
namespace {

void WorkOnServer(Estate* estate, const Act& act, int64_t time, const Tenant& t, WindowsHost* host,
                  const Person& admin) {
  const World& world = estate->world;
  WindowsHost& jump = estate->Host(0, HostRole::kJump);
  const Who there = ProviderAt(t, admin), here = WhoIs(world, admin);
  // Out of the jump host …
  const Logon on_jump = jump.LogOn(act, time - 50 * kSecond, here, 10, world.tenants[0].net + ".10.68", "");
  const Process desktop = jump.Desktop(act, time - 48 * kSecond, on_jump);
  const Process client = jump.Start(act, time - 5 * kSecond, desktop, "C:\\Windows\\System32\\mstsc.exe",
                                    "\"C:\\Windows\\system32\\mstsc.exe\" /v:" + host->spec().fqdn, on_jump);
  jump.UseCredentials(act, time - 2 * kSecond, on_jump, there, "TERMSRV/" + host->spec().fqdn, client);
  jump.Connect(act, time - kSecond, client, host->spec().ip, host->spec().fqdn, 3389);
  // … into the customer's server.
  estate->Host(t.number, HostRole::kDomain).Kerberos(act, time - 80'000, there, jump.spec().ip, host->spec());
  const Logon logon = host->LogOn(act, time, there, 10, jump.spec().ip, jump.spec().name);
  const Process explorer = host->Desktop(act, time + kSecond, logon);
  static constexpr const char* kConsoles[] = {"compmgmt.msc", "services.msc", "eventvwr.msc", "dsa.msc"};
  const Process mmc = host->Start(
      act, time + 20 * kSecond, explorer, "C:\\Windows\\System32\\mmc.exe",
      fmt::format("\"C:\\Windows\\system32\\mmc.exe\" \"C:\\Windows\\system32\\{}\"", kConsoles[act.random->Below(4)]),
      logon, "High");
  if (act.random->Percent(35)) {
    const Process cmd = host->Start(act, time + 70 * kSecond, explorer, "C:\\Windows\\System32\\cmd.exe",
                                    "\"C:\\Windows\\system32\\cmd.exe\" ", logon, "High");
    host->Start(act, time + 80 * kSecond, cmd, "C:\\Windows\\System32\\systeminfo.exe", "systeminfo  ", logon, "High");
  }
  const int64_t end = time + act.random->Between(4, 35) * kMinute;
  host->End(act, end - 5 * kSecond, mmc);
  host->LogOff(act, end, logon);
  jump.LogOff(act, end + 10 * kSecond, on_jump);
}

// The provider rolls out a program to all servers of a customer: a new service on each, within the hour.
void RollOut(Estate* estate, const Tenant& t, int day) {
  Random r = estate->world.Chance("roll-out", t.number, static_cast<uint64_t>(day));
  const int64_t time = At(*estate, t, day, 19.5, &r, 60);
  const Person& admin = estate->world.people[estate->world.tenants[0].admins[1]];
  const Act act = Innocent(estate, &r, time, t, "", t.netbios + "\\" + ProviderUser(admin), "roll-out by the provider",
                           "an announced maintenance: the same signed agent becomes a service on each server");
  int64_t at = time;
  for (const size_t number : t.hosts) {
    if (!estate->world.hosts[number].server()) continue;
    WindowsHost& host = *estate->hosts[number];
    const std::string from = estate->world.HostOf(estate->world.tenants[0], HostRole::kManagement).ip;
    const Who who = ProviderAt(t, admin);
    const Logon logon = host.LogOn(act, at, who, 3, from, "");
    host.ShareAccess(act, at + 400'000, logon, from, "C$", "Program Files\\Arkstone\\ArkUpdater.exe");
    host.InstallService(act, at + 3 * kSecond, logon, "ArkUpdater",
                        "\"C:\\Program Files\\Arkstone\\ArkUpdater.exe\" --service", "auto start");
    host.Start(act, at + 4 * kSecond, host.Standing("services"), "C:\\Program Files\\Arkstone\\ArkUpdater.exe",
               "\"C:\\Program Files\\Arkstone\\ArkUpdater.exe\" --service", host.system());
    host.ServiceState(act, at + 5 * kSecond, "Arkstone Updater", "running");
    host.LogOff(act, at + 30 * kSecond, logon);
    at += r.Between(90, 900) * kSecond;
  }
}

}  // namespace

void ProviderAtWork(Estate* estate, const Tenant& t, int day) {
  const World& world = estate->world;
  Random r = world.Chance("provider at work", t.number, static_cast<uint64_t>(day));
  const Tenant& provider = world.tenants[0];
  const int first_roll_out = 20 + static_cast<int>(world.Chance("roll-out day").Below(15));
  if (day >= first_roll_out && (day - first_roll_out) % 56 == static_cast<int>(t.number) % 3) RollOut(estate, t, day);
  if (!world.Workday(day)) return;
  for (int n = 0; n < world.options.noise; ++n) {
    if (!r.Percent(45)) continue;
    // A customer has its own administrator at the provider; the others stand in.
    const size_t usual = r.Percent(75) ? t.number % provider.admins.size() : r.Below(provider.admins.size());
    WindowsHost& host = *estate->hosts[t.hosts[r.Below(4)]];
    const bool night = day % 28 == 15 && r.Percent(50);
    const int64_t time = At(*estate, t, day, night ? 20.5 : 8.5, &r, night ? 120 : 480);
    Act act{&r};
    if (night) {
      act = Innocent(estate, &r, time, t, host.spec().name,
                     t.netbios + "\\" + ProviderUser(world.people[provider.admins[usual]]),
                     "maintenance in the evening", "patch day, announced");
    }
    WorkOnServer(estate, act, time, t, &host, world.people[provider.admins[usual]]);
  }
}

}  // namespace spoor::demo
