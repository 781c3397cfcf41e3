#include "demo/windows_host.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"
#include "base/time.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

std::string Pid(uint32_t pid) { return fmt::format("0x{:x}", pid); }

// "2025-03-03 08:00:01.123", as Sysmon writes times.
std::string UtcTime(int64_t time) {
  std::string text = FormatTime(time).substr(0, 23);
  text[10] = ' ';
  return text;
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.find_last_of('\\');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

const char* Label(const std::string& integrity) {
  if (integrity == "System") return "S-1-16-16384";
  if (integrity == "High") return "S-1-16-12288";
  if (integrity == "Low") return "S-1-16-4096";
  return "S-1-16-8192";
}

// What the version resource of a known program says; row of programs.tsv, or none.
FieldValues VersionInfo(const std::string& image) {
  const Table& table = ProgramsTable();
  const std::string name = AsciiLower(BaseName(image));
  for (size_t row = 0; row < table.rows(); ++row) {
    if (table.At(row, "image") != name) continue;
    return {{"FileVersion", table.At(row, "version")},
            {"Description", table.At(row, "description")},
            {"Product", table.At(row, "product")},
            {"Company", table.At(row, "company")},
            {"OriginalFileName", table.At(row, "original")}};
  }
  return {};
}

}  // namespace

std::string Hashes(const std::string& image, uint64_t salt) {
  Random random(salt, AsciiLower(BaseName(image)));
  std::string out = "MD5=" + random.UpperHex(32);
  out += ",SHA256=" + random.UpperHex(64);
  out += ",IMPHASH=" + random.UpperHex(32);
  return out;
}

WindowsHost::WindowsHost(const World& world, const HostSpec& spec, Logbook* logbook, const std::string& folder)
    : world_(world), spec_(spec), tenant_(world.tenants[spec.tenant]), logbook_(logbook) {
  Random random = world.Chance("machine", spec.number);
  boot_ = world.start - random.Between(2, 30) * kDay - random.Between(0, 86399) * kSecond;
  skew_ = random.Between(-2500, 2500) * 1000;
  machine_ = random.UpperHex(8);
  sysmon_pid_ = static_cast<uint32_t>(random.Between(500, 1200) * 4);
  const auto log = [&](const char* name) {
    return logbook->Evtx(fmt::format("{}/{}/{}.evtx", folder, spec.name, name), spec.fqdn,
                         static_cast<uint64_t>(random.Between(4000, 400000)));
  };
  security_ = log("Security");
  system_log_ = log("System");
  if (spec.sysmon) sysmon_ = log("Microsoft-Windows-Sysmon%4Operational");
  if (spec.powershell) powershell_ = log("Microsoft-Windows-PowerShell%4Operational");

  system_.who = {"S-1-5-18", spec.name + "$", tenant_.netbios, true};
  system_.id = "0x3e7";
  system_.guid = LogonGuid(boot_, 0x3e7);
  system_.type = 0;
  const std::string sys = "C:\\Windows\\System32\\";
  struct Row {
    const char *name, *image, *command;
  };
  static constexpr Row kRows[] = {
      {"wininit", "wininit.exe", "wininit.exe"},
      {"services", "services.exe", "C:\\Windows\\system32\\services.exe"},
      {"lsass", "lsass.exe", "C:\\Windows\\system32\\lsass.exe"},
      {"winlogon", "winlogon.exe", "winlogon.exe"},
      {"dcom", "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k DcomLaunch -p"},
      {"svchost", "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k netsvcs -p"},
      {"schedule", "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule"},
      {"dnscache", "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k NetworkService -p -s Dnscache"},
      {"spoolsv", "spoolsv.exe", "C:\\Windows\\System32\\spoolsv.exe"},
      {"wmi", "wbem\\WmiPrvSE.exe", "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding"}};
  int order = 1;
  for (const Row& row : kRows) standing_.emplace_back(row.name, Stand(sys + row.image, row.command, order++));
  Process kernel = Stand("System", "", 0);
  kernel.pid = 4;
  standing_.emplace_back("System", kernel);
  const std::string agent = "C:\\Program Files (x86)\\ManageBeacon\\Agent\\BeaconAgent.exe";
  standing_.emplace_back("agent", Stand(agent, "\"" + agent + "\" --service", order++));
  const std::string iis = "C:\\Windows\\System32\\inetsrv\\w3wp.exe";
  Process worker = Stand(iis,
                         "c:\\windows\\system32\\inetsrv\\w3wp.exe -ap \"DefaultAppPool\" -v \"v4.0\" -l "
                         "\"webengine4.dll\" -a \\\\.\\pipe\\iisipm7f0d2c14-9f10-4a6d-8a52-61f1e6c1a2b0 -h "
                         "\"C:\\inetpub\\temp\\apppools\\DefaultAppPool\\DefaultAppPool.config\" -w \"\" -m 0",
                         order++);
  worker.logon.who = {"S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415", "DefaultAppPool", "IIS APPPOOL",
                      false};
  worker.logon.id = fmt::format("0x{:x}", random.Between(0x20000, 0x90000));
  worker.logon.guid = LogonGuid(boot_ + 40 * kSecond, std::strtoull(worker.logon.id.c_str(), nullptr, 16));
  worker.integrity = "High";
  standing_.emplace_back("w3wp", worker);
}

Process WindowsHost::Stand(const std::string& image, const std::string& command, int order) {
  Process p;
  Random random(world_.options.seed, "standing", spec_.number, static_cast<uint64_t>(order));
  p.guid = ProcessGuid(boot_ + order * kSecond, &random);
  p.image = image;
  p.command = command;
  p.integrity = "System";
  p.directory = "C:\\Windows\\system32\\";
  p.pid = static_cast<uint32_t>(random.Between(100, 400) * 4);
  p.logon = system_;
  return p;
}

const Process& WindowsHost::Standing(std::string_view name) const {
  for (const auto& [n, process] : standing_) {
    if (n == name) return process;
  }
  return standing_.front().second;
}

std::string WindowsHost::ProcessGuid(int64_t time, Random* random) const {
  const auto seconds = static_cast<uint32_t>((time + skew_) / kSecond);
  return fmt::format("{{{}-{:04X}-{:04X}-{:04X}-00000000{:02X}00}}", machine_, seconds & 0xffff, seconds >> 16,
                     random->Below(0xffff) + 1, 1 + spec_.number % 40);
}

std::string WindowsHost::LogonGuid(int64_t time, uint64_t id) const {
  const auto seconds = static_cast<uint32_t>((time + skew_) / kSecond);
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += fmt::format("{:02X}", id >> (8 * i) & 255);
  return fmt::format("{{{}-{:04X}-{:04X}-{}-{}}}", machine_, seconds & 0xffff, seconds >> 16, bytes.substr(0, 4),
                     bytes.substr(4));
}

FieldValues WindowsHost::Subject(const Logon& logon) const {
  return {{"SubjectUserSid", logon.who.sid},
          {"SubjectUserName", logon.who.user},
          {"SubjectDomainName", logon.who.domain},
          {"SubjectLogonId", logon.id}};
}

void WindowsHost::Security(const Act& act, int64_t time, uint16_t id, FieldValues values) {
  LogEvent event = MakeEvent(WindowsEvent("Security", id), std::move(values));
  event.process = id == 4688 || id == 4689 ? 4 : Standing("lsass").pid;
  event.thread = static_cast<uint32_t>(act.random->Between(20, 900) * 4);
  logbook_->Add(security_, time + skew_ + act.random->Between(200, 900), std::move(event), act.step);
}

void WindowsHost::Sysmon(const Act& act, int64_t time, uint16_t id, FieldValues values) {
  if (!spec_.sysmon) return;
  values.emplace_back("UtcTime", UtcTime(time + skew_));
  LogEvent event = MakeEvent(WindowsEvent("Sysmon", id), std::move(values));
  event.process = sysmon_pid_;
  event.thread = sysmon_pid_ + 4 * static_cast<uint32_t>(act.random->Between(20, 60));
  event.user = "S-1-5-18";
  logbook_->Add(sysmon_, time + skew_ + act.random->Between(900, 9000), std::move(event), act.step);
}

Process WindowsHost::Start(const Act& act, int64_t time, const Process& parent, const std::string& image,
                           const std::string& command, const Logon& logon, const std::string& integrity,
                           const std::string& directory) {
  Process p;
  p.guid = ProcessGuid(time, act.random);
  p.pid = static_cast<uint32_t>(act.random->Between(300, 7900) * 4);
  p.image = image;
  p.command = command;
  p.logon = logon;
  p.integrity = !integrity.empty() ? integrity : logon.id == "0x3e7" ? "System" : "Medium";
  p.directory = !directory.empty()        ? directory
                : p.integrity == "System" ? "C:\\Windows\\system32\\"
                                          : "C:\\Users\\" + logon.who.user + "\\";
  const auto shown = [](const Logon& l) { return l.id == "0x3e7" ? "NT AUTHORITY\\SYSTEM" : l.who.full(); };
  FieldValues values = VersionInfo(image);
  const FieldValues more = {{"ProcessGuid", p.guid},
                            {"ProcessId", std::to_string(p.pid)},
                            {"Image", image},
                            {"CommandLine", command},
                            {"CurrentDirectory", p.directory},
                            {"User", shown(logon)},
                            {"LogonGuid", logon.guid},
                            {"LogonId", logon.id},
                            {"TerminalSessionId", std::to_string(logon.session)},
                            {"IntegrityLevel", p.integrity},
                            {"Hashes", Hashes(image)},
                            {"ParentProcessGuid", parent.guid},
                            {"ParentProcessId", std::to_string(parent.pid)},
                            {"ParentImage", parent.image},
                            {"ParentCommandLine", parent.command},
                            {"ParentUser", shown(parent.logon)}};
  values.insert(values.end(), more.begin(), more.end());
  Sysmon(act, time, 1, std::move(values));
  if (spec_.process_audit) {
    FieldValues audit = Subject(logon);
    const FieldValues rest = {{"NewProcessId", Pid(p.pid)},
                              {"NewProcessName", image},
                              {"TokenElevationType", p.integrity == "High"     ? "%%1937"
                                                     : p.integrity == "Medium" ? "%%1938"
                                                                               : "%%1936"},
                              {"ProcessId", Pid(parent.pid)},
                              {"CommandLine", command},
                              {"ParentProcessName", parent.image},
                              {"MandatoryLabel", Label(p.integrity)}};
    audit.insert(audit.end(), rest.begin(), rest.end());
    Security(act, time, 4688, std::move(audit));
  }
  return p;
}

void WindowsHost::End(const Act& act, int64_t time, const Process& p) {
  if (spec_.number % 2 == 1) {  // half of the Sysmon configurations log ends
    Sysmon(act, time, 5,
           {{"ProcessGuid", p.guid},
            {"ProcessId", std::to_string(p.pid)},
            {"Image", p.image},
            {"User", p.logon.who.full()}});
  }
}

Process WindowsHost::Desktop(const Act& act, int64_t time, const Logon& logon) {
  const Process init = Start(act, time, Standing("winlogon"), "C:\\Windows\\System32\\userinit.exe",
                             "C:\\Windows\\system32\\userinit.exe", logon);
  Process explorer =
      Start(act, time + 300 * 1000, init, "C:\\Windows\\explorer.exe", "C:\\Windows\\Explorer.EXE", logon);
  End(act, time + 25 * kSecond, init);
  return explorer;
}

void WindowsHost::WriteFile(const Act& act, int64_t time, const Process& p, const std::string& path) {
  Sysmon(act, time, 11,
         {{"ProcessGuid", p.guid},
          {"ProcessId", std::to_string(p.pid)},
          {"Image", p.image},
          {"TargetFilename", path},
          {"CreationUtcTime", UtcTime(time + skew_)},
          {"User", p.logon.who.full()}});
}

void WindowsHost::LoadModule(const Act& act, int64_t time, const Process& p, const std::string& path, bool is_signed) {
  FieldValues values = VersionInfo(path);
  const FieldValues more = {{"ProcessGuid", p.guid},
                            {"ProcessId", std::to_string(p.pid)},
                            {"Image", p.image},
                            {"ImageLoaded", path},
                            {"Hashes", Hashes(path, is_signed ? 0 : world_.options.seed)},
                            {"Signed", is_signed ? "true" : "false"},
                            {"Signature", is_signed ? "Microsoft Windows" : "-"},
                            {"SignatureStatus", is_signed ? "Valid" : "Unavailable"},
                            {"User", p.logon.who.full()}};
  values.insert(values.end(), more.begin(), more.end());
  Sysmon(act, time, 7, std::move(values));
}

void WindowsHost::Connect(const Act& act, int64_t time, const Process& p, const std::string& to,
                          const std::string& to_name, int port) {
  const bool v6 = to.find(':') != std::string::npos;
  Sysmon(act, time, 3,
         {{"ProcessGuid", p.guid},
          {"ProcessId", std::to_string(p.pid)},
          {"Image", p.image},
          {"User", p.logon.who.full()},
          {"SourceIp", spec_.ip},
          {"SourceHostname", spec_.fqdn},
          {"SourcePort", std::to_string(act.random->Between(49152, 65535))},
          {"DestinationIsIpv6", v6 ? "true" : "false"},
          {"DestinationIp", to},
          {"DestinationHostname", to_name.empty() ? "-" : to_name},
          {"DestinationPort", std::to_string(port)},
          {"DestinationPortName", port == 443    ? "https"
                                  : port == 80   ? "http"
                                  : port == 445  ? "microsoft-ds"
                                  : port == 3389 ? "ms-wbt-server"
                                                 : "-"}});
}

void WindowsHost::Resolve(const Act& act, int64_t time, const Process& p, const std::string& name,
                          const std::string& result) {
  Sysmon(act, time, 22,
         {{"ProcessGuid", p.guid},
          {"ProcessId", std::to_string(p.pid)},
          {"QueryName", name},
          {"QueryResults", result.find(':') == std::string::npos ? "::ffff:" + result + ";" : result + ";"},
          {"Image", p.image},
          {"User", p.logon.who.full()}});
}

void WindowsHost::SetValue(const Act& act, int64_t time, const Process& p, const std::string& key,
                           const std::string& details) {
  Sysmon(act, time, 13,
         {{"ProcessGuid", p.guid},
          {"ProcessId", std::to_string(p.pid)},
          {"Image", p.image},
          {"TargetObject", key},
          {"Details", details},
          {"User", p.logon.who.full()}});
}

void WindowsHost::Access(const Act& act, int64_t time, const Process& p, const Process& target,
                         const std::string& mask) {
  Sysmon(act, time, 10,
         {{"SourceProcessGUID", p.guid},
          {"SourceProcessId", std::to_string(p.pid)},
          {"SourceThreadId", std::to_string(act.random->Between(200, 3000) * 4)},
          {"SourceImage", p.image},
          {"TargetProcessGUID", target.guid},
          {"TargetProcessId", std::to_string(target.pid)},
          {"TargetImage", target.image},
          {"GrantedAccess", mask},
          {"CallTrace",
           fmt::format("C:\\Windows\\SYSTEM32\\ntdll.dll+{:x}|C:\\Windows\\System32\\KERNELBASE.dll+{:x}|{}+{:x}",
                       act.random->Between(0x90000, 0xa0000), act.random->Between(0x20000, 0x40000), p.image,
                       act.random->Between(0x1000, 0x9000))},
          {"SourceUser", p.logon.who.full()},
          {"TargetUser", "NT AUTHORITY\\SYSTEM"}});
}

void WindowsHost::RemoteThread(const Act& act, int64_t time, const Process& p, const Process& target) {
  Sysmon(act, time, 8,
         {{"SourceProcessGuid", p.guid},
          {"SourceProcessId", std::to_string(p.pid)},
          {"SourceImage", p.image},
          {"TargetProcessGuid", target.guid},
          {"TargetProcessId", std::to_string(target.pid)},
          {"TargetImage", target.image},
          {"NewThreadId", std::to_string(act.random->Between(200, 3000) * 4)},
          {"StartAddress", fmt::format("0x{:016X}", act.random->Between(0x1a000000000, 0x2b000000000) / 4096 * 4096)},
          {"SourceUser", p.logon.who.full()},
          {"TargetUser", "NT AUTHORITY\\SYSTEM"}});
}

void WindowsHost::Script(const Act& act, int64_t time, const Process& p, const std::string& text,
                         const std::string& path) {
  if (!spec_.powershell) return;
  if (spec_.number % 3 == 0) {  // module logging, too
    const std::string command = text.substr(0, text.find(' '));
    LogEvent event = MakeEvent(
        WindowsEvent("PowerShell", 4103),
        {{"ContextInfo",
          fmt::format(
              "        Severity = Informational\r\n        Host Name = ConsoleHost\r\n        Host Version = "
              "5.1.17763.1\r\n"
              "        Host ID = {}\r\n        Host Application = {}\r\n        Engine Version = 5.1.17763.1\r\n"
              "        Runspace ID = {}\r\n        Pipeline ID = 4\r\n        Command Name = {}\r\n"
              "        Command Type = Cmdlet\r\n        Script Name = {}\r\n        Command Path = \r\n"
              "        Sequence Number = 18\r\n        User = {}\r\n        Connected User = \r\n"
              "        Shell ID = Microsoft.PowerShell\r\n",
              act.random->Uuid(), p.command, act.random->Uuid(), command, path, p.logon.who.full())},
         {"Payload", fmt::format("CommandInvocation({0}): \"{0}\"\r\n", command)}});
    event.process = p.pid;
    event.thread = static_cast<uint32_t>(act.random->Between(200, 3000) * 4);
    event.user = p.logon.who.sid;
    logbook_->Add(powershell_, time + skew_ + 2500, std::move(event), act.step);
  }
  LogEvent event = MakeEvent(WindowsEvent("PowerShell", 4104),
                             {{"ScriptBlockText", text}, {"ScriptBlockId", act.random->Uuid()}, {"Path", path}});
  event.process = p.pid;
  event.thread = static_cast<uint32_t>(act.random->Between(200, 3000) * 4);
  event.user = p.logon.who.sid;
  logbook_->Add(powershell_, time + skew_ + 1500, std::move(event), act.step);
}

}  // namespace spoor::demo
