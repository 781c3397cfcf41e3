// Implants: a signed program with a library of the intruder's beside it, kept by a service or a task; how they talk;
// what is done by them on a machine.
#include <fmt/format.h>

#include "demo/campaign.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

const std::string kSystem32 = "C:\\Windows\\System32\\";

}  // namespace

void Campaign::Install(Random* r, int64_t time, WindowsHost* host, const Logon& logon, const Process& parent,
                       bool from_provider) {
  const HostSpec& spec = host->spec();
  const Tenant& t = world_.tenants[spec.tenant];
  for (const Implant& i : implants_) {
    if (i.host == spec.number) return;
  }
  const bool task = r->Percent(35);
  const std::string program = folder_ + program_, library = folder_ + library_;
  const Act act = Do(r, time, 7, "implant", "persistence", task ? "T1053.005" : "T1543.003", spec.tenant, spec.name,
                     logon.who.full(),
                     fmt::format("{} with {} beside it, kept by a {}", program, library_, task ? "task" : "service"),
                     task ? "scheduled task" : "service");
  host->WriteFile(act, time, parent, program);
  host->WriteFile(act, time + r->Between(1, 9) * kSecond, parent, library);
  int64_t at = time + r->Between(20, 120) * kSecond;
  if (task) {
    const std::string name = "\\Microsoft\\Windows\\" + service_;
    host->Start(act, at, parent, kSystem32 + "schtasks.exe",
                fmt::format("schtasks  /create /tn \"{}\" /tr \"{}\" /sc onstart /ru SYSTEM /f", name, program), logon,
                "High");
    host->CreateTask(act, at + 300'000, logon, name, program, "");
  } else {
    host->Start(act, at, parent, kSystem32 + "sc.exe",
                fmt::format("sc  create {} binpath= \"{}\" start= auto", service_, program), logon, "High");
    host->InstallService(act, at + 300'000, logon, service_, program, "auto start");
    host->ServiceState(act, at + 9 * kSecond, service_, "running");
  }
  at += 10 * kSecond;
  Implant implant;
  implant.host = spec.number;
  implant.since = at;
  implant.process = host->Start(act, at, host->Standing(task ? "schedule" : "services"), program,
                                fmt::format("\"{}\"", program), host->system());
  host->LoadModule(act, at + 150'000, implant.process, library, false);
  if (r->Percent(30)) {
    const Process victim = host->Start(act, at + 2 * kSecond, implant.process, kSystem32 + "svchost.exe",
                                       "C:\\Windows\\System32\\svchost.exe -k netsvcs", host->system());
    host->RemoteThread(act, at + 2 * kSecond + 90'000, implant.process, victim);
  }
  static constexpr const char* kTechniques[] = {"T1071.001", "T1102.002", "T1090.002"};
  static constexpr const char* kChannels[] = {"look-alike domain", "cloud storage", "relay in a home"};
  const auto channel = static_cast<size_t>(channel_);
  implant.step = Do(r, at + kMinute, 8, "command and control", "command-and-control", kTechniques[channel], spec.tenant,
                    spec.name, "SYSTEM", "the implant asks for orders", kChannels[channel])
                     .step;
  estate_->truth.Host(t.slug, spec.name, RoleName(spec.role), spec.server(), HostState::kCompromised, time, act.step,
                      from_provider);
  implants_.push_back(std::move(implant));
}

// A day on which the implants are awake: each asks a few times, at the same distance.
void Campaign::Talk(Random* r, int64_t time) {
  for (const Implant& i : implants_) {
    if (i.since > time || r->Percent(40)) continue;
    WindowsHost& host = *estate_->hosts[i.host];
    const Act act{r, i.step};
    const std::string relay = Relay(r);
    const std::string name = channel_ == Channel::kLookAlike      ? domain_
                             : channel_ == Channel::kCloudStorage ? storage_
                                                                  : relay;
    const std::string address = channel_ == Channel::kLookAlike      ? domain_ip_
                                : channel_ == Channel::kCloudStorage ? AddressOf(storage_)
                                                                     : relay;
    const int64_t distance = r->Between(10, 40) * kMinute;
    int64_t at = time + r->Between(0, 3600) * kSecond;
    for (int64_t n = r->Between(2, 5); n > 0; --n) {
      if (channel_ != Channel::kRelay) host.Resolve(act, at, i.process, name, address);
      host.Connect(act, at + 70'000, i.process, address, channel_ == Channel::kRelay ? "" : name, 443);
      Visit v;
      v.client = host.spec().ip;
      v.agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Trident/7.0; rv:11.0) like Gecko";
      v.method = n % 3 == 0 ? "GET" : "POST";
      v.url = fmt::format("https://{}{}", name,
                          channel_ == Channel::kCloudStorage ? "/2/files/list_folder" : "/owa/service.svc");
      v.server = address;
      v.sent = r->Between(300, 900);
      v.received = r->Between(200, 2600);
      v.type = channel_ == Channel::kCloudStorage ? "application/json" : "text/html";
      Surf(estate_, act, at + 75'000, host.spec().tenant, v);
      at += distance + r->Between(-20, 20) * kSecond;
    }
  }
}

void Campaign::LookAround(Random* r, int64_t time, WindowsHost* host, const Process& shell, const Logon& logon,
                          int commands) {
  const std::vector<std::string> images = CommandsTable().Column("image", "purpose", "recon"),
                                 lines = CommandsTable().Column("command", "purpose", "recon");
  const Act act = Do(r, time, 9, "looking around", "discovery", "T1082", host->spec().tenant, host->spec().name,
                     logon.who.full(), "the machine, its network, its administrators");
  const size_t first = r->Below(images.size());
  for (int i = 0; i < commands; ++i) {
    const size_t which = (first + static_cast<size_t>(i) * 5) % images.size();
    const Process p =
        host->Start(act, time, shell, kSystem32 + images[which], lines[which], logon, "", shell.directory);
    if (lines[which].find("administrators") != std::string::npos) host->ListGroup(act, time + 60'000, logon, p);
    host->End(act, time + 2 * kSecond, p);
    time += r->Between(3, 70) * kSecond;
  }
  if (!r->Percent(35)) return;
  const Process ps = host->Start(act, time, shell, kSystem32 + "WindowsPowerShell\\v1.0\\powershell.exe",
                                 "powershell  -nop -w hidden", logon, "High");
  const std::vector<std::string> scripts = ScriptsTable().Column("text", "who", "intruder");
  host->Script(act, time + kSecond, ps,
               Filled(r->Of(scripts), {{"word", r->Text(5, "abcdefghijklmnop")},
                                       {"server", world_.hosts[world_.tenants[host->spec().tenant].hosts[1]].name}}),
               "");
  host->End(act, time + 40 * kSecond, ps);
}

void Campaign::Dump(Random* r, int64_t time, WindowsHost* host, const Process& shell, const Logon& logon) {
  const bool dc = host->spec().role == HostRole::kDomain;
  const std::string purpose = dc ? "ntds" : r->Percent(70) ? "dump" : "hive";
  const std::vector<std::string> images = CommandsTable().Column("image", "purpose", purpose),
                                 lines = CommandsTable().Column("command", "purpose", purpose);
  const size_t which = r->Below(images.size());
  const std::string word = r->Text(6, "abcdefghijklmnopqrstuvwxyz");
  const Act act =
      Do(r, time, 9, "credentials", "credential-access",
         dc                  ? "T1003.003"
         : purpose == "dump" ? "T1003.001"
                             : "T1003.002",
         host->spec().tenant, host->spec().name, logon.who.full(), "credentials are read from the machine", purpose);
  const Process& lsass = host->Standing("lsass");
  const std::string image =
      images[which] == "procdump64.exe" ? "C:\\Windows\\Temp\\" + images[which] : kSystem32 + images[which];
  const Process p =
      host->Start(act, time, shell, image, Filled(lines[which], {{"lsass", std::to_string(lsass.pid)}, {"word", word}}),
                  logon, "High");
  if (purpose == "dump") {
    host->Access(act, time + 400'000, p, lsass, images[which] == "procdump64.exe" ? "0x1fffff" : "0x1410");
    host->WriteFile(act, time + 600'000, p, "C:\\Windows\\Temp\\" + word + ".dmp");
  } else {
    host->WriteFile(
        act, time + 900'000, p,
        dc ? "C:\\Windows\\Temp\\" + word + "\\Active Directory\\ntds.dit" : "C:\\Windows\\Temp\\" + word + ".hiv");
  }
  host->End(act, time + 6 * kSecond, p);
}

// Later work by an implant that is there already.
void Campaign::Work(Random* r, int64_t time, size_t implant, bool dump) {
  const Implant& i = implants_[implant];
  WindowsHost& host = *estate_->hosts[i.host];
  const Act act{r, i.step};
  const Process shell =
      host.Start(act, time - kSecond, i.process, kSystem32 + "cmd.exe", "cmd.exe /c cmd", host.system());
  LookAround(r, time, &host, shell, host.system(), static_cast<int>(r->Between(2, 5)));
  if (dump) Dump(r, time + 10 * kMinute, &host, shell, host.system());
}

}  // namespace spoor::demo
