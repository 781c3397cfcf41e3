// What a Windows machine's Security and System logs tell: logons, accounts, services, tasks.
#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"
#include "base/time.h"
#include "demo/windows_host.h"

namespace spoor::demo {
namespace {

constexpr const char* kNoGuid = "{00000000-0000-0000-0000-000000000000}";
constexpr const char* kPrivileges =
    "SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeRestorePrivilege\n\t\t\tSeTakeOwnershipPrivilege\n\t\t\t"
    "SeDebugPrivilege\n\t\t\tSeSystemEnvironmentPrivilege\n\t\t\tSeLoadDriverPrivilege\n\t\t\t"
    "SeImpersonatePrivilege\n\t\t\tSeDelegateSessionUserImpersonatePrivilege";

FieldValues Together(FieldValues a, const FieldValues& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string LocalDate(int64_t time) { return FormatTime(time).substr(0, 19); }

}  // namespace

FieldValues WindowsHost::Target(const Who& account) const {
  return {{"TargetUserName", account.user}, {"TargetDomainName", account.domain}, {"TargetSid", account.sid}};
}

Logon WindowsHost::LogOn(const Act& act, int64_t time, const Who& who, int type, const std::string& from,
                         const std::string& from_name, bool kerberos) {
  Logon logon;
  logon.who = who;
  logon.type = type;
  // Ids grow with time: one for every four milliseconds since the machine was started, so that none is given twice.
  const uint64_t id = 0x10000 + static_cast<uint64_t>(time - boot_) / 4096;
  logon.id = fmt::format("0x{:x}", id);
  logon.guid = LogonGuid(time, id);
  logon.session = type == 2 || type == 11 || type == 7 ? 1
                  : type == 10                         ? static_cast<uint32_t>(act.random->Between(2, 5))
                                                       : 0;
  const bool local = type == 2 || type == 5 || type == 7 || type == 10 || type == 11;
  const Process& process = Standing(type == 5                              ? "services"
                                    : type == 2 || type == 7 || type == 11 ? "svchost"
                                                                           : "winlogon");
  const bool ntlm = type == 3 && !kerberos;
  FieldValues subject = local ? Subject(system_)
                              : FieldValues{{"SubjectUserSid", "S-1-0-0"},
                                            {"SubjectUserName", "-"},
                                            {"SubjectDomainName", "-"},
                                            {"SubjectLogonId", "0x0"}};
  Security(act, time, 4624,
           Together(std::move(subject),
                    {{"TargetUserSid", who.sid},
                     {"TargetUserName", who.user},
                     {"TargetDomainName", who.domain},
                     {"TargetLogonId", logon.id},
                     {"LogonType", std::to_string(type)},
                     {"LogonProcessName", type == 5 ? "Advapi  "
                                          : local   ? "User32 "
                                          : ntlm    ? "NtLmSsp "
                                                    : "Kerberos"},
                     {"AuthenticationPackageName", local  ? "Negotiate"
                                                   : ntlm ? "NTLM"
                                                          : "Kerberos"},
                     {"WorkstationName", local  ? spec_.name
                                         : ntlm ? from_name
                                                : "-"},
                     {"LogonGuid", ntlm || type == 5 ? std::string(kNoGuid) : "{" + act.random->Uuid() + "}"},
                     {"LmPackageName", ntlm ? "NTLM V2" : "-"},
                     {"KeyLength", ntlm ? "128" : "0"},
                     {"ProcessId", local ? fmt::format("0x{:x}", process.pid) : "0x0"},
                     {"ProcessName", local ? process.image : "-"},
                     {"IpAddress", type == 2 || type == 7 || type == 11 ? "127.0.0.1" : from},
                     {"IpPort", from == "-" || local ? "0" : std::to_string(act.random->Between(49152, 65535))},
                     {"ElevatedToken", who.admin ? "%%1842" : "%%1843"}}));
  if (who.admin) {
    Security(act, time + 1000, 4672, Together(Subject(logon), {{"PrivilegeList", kPrivileges}}));
  }
  return logon;
}

void WindowsHost::LogOff(const Act& act, int64_t time, const Logon& logon) {
  if (logon.type == 2 || logon.type == 10) {
    Security(act, time - 200 * 1000, 4647,
             {{"TargetUserSid", logon.who.sid},
              {"TargetUserName", logon.who.user},
              {"TargetDomainName", logon.who.domain},
              {"TargetLogonId", logon.id}});
  }
  Security(act, time, 4634,
           {{"TargetUserSid", logon.who.sid},
            {"TargetUserName", logon.who.user},
            {"TargetDomainName", logon.who.domain},
            {"TargetLogonId", logon.id},
            {"LogonType", std::to_string(logon.type)}});
}

void WindowsHost::FailLogOn(const Act& act, int64_t time, const Who& who, int type, const std::string& from,
                            const std::string& from_name, bool unknown_user) {
  const bool local = type == 2 || type == 7;
  FieldValues subject = local ? Subject(system_)
                              : FieldValues{{"SubjectUserSid", "S-1-0-0"},
                                            {"SubjectUserName", "-"},
                                            {"SubjectDomainName", "-"},
                                            {"SubjectLogonId", "0x0"}};
  Security(act, time, 4625,
           Together(std::move(subject), {{"TargetUserName", who.user},
                                         {"TargetDomainName", who.domain},
                                         {"SubStatus", unknown_user ? "0xc0000064" : "0xc000006a"},
                                         {"LogonType", std::to_string(type)},
                                         {"LogonProcessName", local ? "User32 " : "NtLmSsp "},
                                         {"AuthenticationPackageName", local ? "Negotiate" : "NTLM"},
                                         {"WorkstationName", local ? spec_.name : from_name},
                                         {"IpAddress", local ? "127.0.0.1" : from},
                                         {"IpPort", local ? "0" : std::to_string(act.random->Between(49152, 65535))}}));
}

void WindowsHost::UseCredentials(const Act& act, int64_t time, const Logon& logon, const Who& as,
                                 const std::string& server, const Process& process) {
  Security(act, time, 4648,
           Together(Subject(logon), {{"LogonGuid", kNoGuid},
                                     {"TargetUserName", as.user},
                                     {"TargetDomainName", as.domain},
                                     {"TargetLogonGuid", kNoGuid},
                                     {"TargetServerName", server},
                                     {"TargetInfo", server},
                                     {"ProcessId", fmt::format("0x{:x}", process.pid)},
                                     {"ProcessName", process.image}}));
}

void WindowsHost::InstallService(const Act& act, int64_t time, const Logon& by, const std::string& name,
                                 const std::string& path, const std::string& start) {
  LogEvent event = MakeEvent(WindowsEvent("System", 7045), {{"ServiceName", name},
                                                            {"ImagePath", path},
                                                            {"ServiceType", "user mode service"},
                                                            {"StartType", start},
                                                            {"AccountName", "LocalSystem"}});
  event.process = Standing("services").pid;
  event.thread = static_cast<uint32_t>(act.random->Between(200, 2000) * 4);
  event.user = by.who.sid;
  logbook_->Add(system_log_, time + skew_ + 700, std::move(event), act.step);
  Security(act, time, 4697,
           Together(Subject(by), {{"ServiceName", name},
                                  {"ServiceFileName", path},
                                  {"ServiceStartType", start == "auto start" ? "2" : "3"},
                                  {"ServiceAccount", "LocalSystem"}}));
  SetValue(act, time, Standing("services"), "HKLM\\System\\CurrentControlSet\\Services\\" + name + "\\ImagePath", path);
}

void WindowsHost::ServiceState(const Act& act, int64_t time, const std::string& display, const std::string& state) {
  LogEvent event = MakeEvent(WindowsEvent("System", 7036), {{"param1", display}, {"param2", state}});
  event.process = Standing("services").pid;
  event.thread = static_cast<uint32_t>(act.random->Between(200, 2000) * 4);
  logbook_->Add(system_log_, time + skew_, std::move(event), act.step);
}

void WindowsHost::CreateTask(const Act& act, int64_t time, const Logon& by, const std::string& name,
                             const std::string& command, const std::string& arguments) {
  const std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" "
      "xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <RegistrationInfo>\r\n    "
      "<Date>{0}</Date>\r\n    "
      "<Author>{1}</Author>\r\n    <URI>{2}</URI>\r\n  </RegistrationInfo>\r\n  <Triggers>\r\n    "
      "<CalendarTrigger>\r\n      "
      "<StartBoundary>{0}</StartBoundary>\r\n      <Enabled>true</Enabled>\r\n      <ScheduleByDay>\r\n        "
      "<DaysInterval>1</DaysInterval>\r\n      </ScheduleByDay>\r\n    </CalendarTrigger>\r\n  </Triggers>\r\n  "
      "<Principals>\r\n    <Principal id=\"Author\">\r\n      <UserId>S-1-5-18</UserId>\r\n      "
      "<RunLevel>HighestAvailable</RunLevel>\r\n    </Principal>\r\n  </Principals>\r\n  <Actions "
      "Context=\"Author\">\r\n    "
      "<Exec>\r\n      <Command>{3}</Command>\r\n      <Arguments>{4}</Arguments>\r\n    </Exec>\r\n  "
      "</Actions>\r\n</Task>",
      LocalDate(time), by.who.full(), name, command, arguments);
  Security(act, time, 4698, Together(Subject(by), {{"TaskName", name}, {"TaskContent", xml}}));
  WriteFile(act, time, Standing("schedule"), "C:\\Windows\\System32\\Tasks" + name);
}

void WindowsHost::ShareAccess(const Act& act, int64_t time, const Logon& logon, const std::string& from,
                              const std::string& share, const std::string& name) {
  const std::string port = std::to_string(act.random->Between(49152, 65535));
  Security(act, time, 5140,
           Together(Subject(logon), {{"IpAddress", from},
                                     {"IpPort", port},
                                     {"ShareName", "\\\\*\\" + share},
                                     {"ShareLocalPath", share == "IPC$"     ? ""
                                                        : share.size() == 2 ? "\\??\\C:\\"
                                                                            : "\\??\\D:\\" + share},
                                     {"AccessList", "%%4416\n\t\t\t\t"}}));
  if (name.empty()) return;
  Security(act, time + 3000, 5145,
           Together(Subject(logon), {{"IpAddress", from},
                                     {"IpPort", port},
                                     {"ShareName", "\\\\*\\" + share},
                                     {"RelativeTargetName", name},
                                     {"AccessMask", "0x2"},
                                     {"AccessList", "%%4417\n\t\t\t\t"}}));
}

void WindowsHost::ListGroup(const Act& act, int64_t time, const Logon& by, const Process& process) {
  Security(act, time, 4799,
           Together(Together({{"TargetUserName", "Administrators"},
                              {"TargetDomainName", "Builtin"},
                              {"TargetSid", "S-1-5-32-544"}},
                             Subject(by)),
                    {{"CallerProcessId", fmt::format("0x{:x}", process.pid)}, {"CallerProcessName", process.image}}));
}

void WindowsHost::ClearLog(const Act& act, int64_t time, const Logon& by, const std::string& channel) {
  const bool security = channel == "Security";
  LogEvent event =
      security
          ? MakeEvent(WindowsEvent("Security", 1102), Subject(by))
          : MakeEvent(WindowsEvent("System", 104),
                      {{"SubjectUserName", by.who.user}, {"SubjectDomainName", by.who.domain}, {"Channel", channel}});
  event.process = Standing("svchost").pid;
  event.thread = static_cast<uint32_t>(act.random->Between(200, 2000) * 4);
  logbook_->Add(security ? security_ : system_log_, time + skew_, std::move(event), act.step);
}

void WindowsHost::CreateAccount(const Act& act, int64_t time, const Logon& by, const Who& account,
                                const std::string& display) {
  const bool local = account.domain == spec_.name;
  const FieldValues common = Together(Target(account), Subject(by));
  Security(act, time, 4720,
           Together(common, {{"SamAccountName", account.user},
                             {"DisplayName", display.empty() ? "%%1793" : display},
                             {"UserPrincipalName", local ? "-" : account.user + "@" + tenant_.ad_domain},
                             {"UserAccountControl", "\n\t\t%%2080\n\t\t%%2082\n\t\t%%2084"}}));
  Security(act, time + 40 * 1000, 4722, common);
  Security(act, time + 60 * 1000, 4724, common);
  Security(act, time + 70 * 1000, 4738,
           Together(common, {{"OldUacValue", "0x15"},
                             {"NewUacValue", "0x10"},
                             {"UserAccountControl", "\n\t\t%%2048\n\t\t%%2050"},
                             {"SamAccountName", "-"},
                             {"DisplayName", "-"},
                             {"UserPrincipalName", "-"},
                             {"PasswordLastSet", FormatTime(time).substr(0, 19)}}));
}

void WindowsHost::AddToGroup(const Act& act, int64_t time, const Logon& by, const Who& account,
                             const std::string& group) {
  const bool builtin = group == "Administrators" || group == "Remote Desktop Users";
  const bool local = account.domain == spec_.name;
  Security(act, time, builtin ? 4732 : 4728,
           Together(Together({{"MemberName", local ? std::string("-")
                                                   : fmt::format("CN={},CN=Users,DC=corp,DC={},DC=example",
                                                                 account.user, tenant_.slug)},
                              {"MemberSid", account.sid},
                              {"TargetUserName", group},
                              {"TargetDomainName", builtin ? "Builtin" : tenant_.netbios},
                              {"TargetSid", group == "Administrators"         ? "S-1-5-32-544"
                                            : group == "Remote Desktop Users" ? "S-1-5-32-555"
                                            : group == "Domain Admins"        ? tenant_.sid + "-512"
                                                                              : tenant_.sid + "-1601"}},
                             Subject(by)),
                    {}));
}

void WindowsHost::ResetPassword(const Act& act, int64_t time, const Logon& by, const Who& account) {
  Security(act, time, 4724, Together(Target(account), Subject(by)));
}

void WindowsHost::Kerberos(const Act& act, int64_t time, const Who& who, const std::string& from,
                           const HostSpec& service) {
  const std::string address = from.find(':') == std::string::npos ? "::ffff:" + from : from;
  const auto port = [&] { return std::to_string(act.random->Between(49152, 65535)); };
  Security(act, time, 4768,
           {{"TargetUserName", who.user},
            {"TargetDomainName", tenant_.ad_domain},
            {"TargetSid", who.sid},
            {"ServiceSid", tenant_.sid + "-502"},
            {"IpAddress", address},
            {"IpPort", port()}});
  std::string realm = tenant_.ad_domain;
  for (char& c : realm) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  Security(act, time + 20 * 1000, 4769,
           {{"TargetUserName", who.user + "@" + realm},
            {"TargetDomainName", realm},
            {"ServiceName", service.name + "$"},
            {"ServiceSid", fmt::format("{}-{}", tenant_.sid, 1000 + service.number)},
            {"IpAddress", address},
            {"IpPort", port()},
            {"LogonGuid", "{" + act.random->Uuid() + "}"}});
}

}  // namespace spoor::demo
