// A Windows machine as its logs tell of it: Security, System, Sysmon, PowerShell.
//
// Each call is one thing that happens there, and writes what the machine's logs write of it: a process is Sysmon 1 and,
// where processes are audited, Security 4688; a logon is 4624 and, for administrators, 4672. Identifiers hold together
// as they do on a real machine: a ProcessGuid contains its machine and the second it began, logon ids grow with time, a
// parent was started before or stood when the log began. Times are true ones; the machine's clock is off by some
// seconds. Not thread-safe.
#pragma once

#include <string>

#include "demo/logbook.h"
#include "demo/random.h"
#include "demo/world.h"

namespace spoor::demo {

// On whose account something happens: the stream of chance to draw from, and the step it belongs to (0: none).
struct Act {
  Random* random;
  StepId step = 0;
};

// An account, as one machine sees it.
struct Who {
  std::string sid, user, domain;
  bool admin = false;
  std::string full() const { return domain + "\\" + user; }
};

struct Logon {
  Who who;
  std::string id, guid;  // "0x1f3a2", Sysmon's GUID
  int type = 0;
  uint32_t session = 0;
};

struct Process {
  std::string guid, image, command, directory, integrity;
  uint32_t pid = 0;
  Logon logon;
};

class WindowsHost {
 public:
  // Logs are made in `folder` of the logbook. All are left to the caller's care and outlive this.
  WindowsHost(const World& world, const HostSpec& spec, Logbook* logbook, const std::string& folder);

  const HostSpec& spec() const { return spec_; }

  // What stands since the machine was started: "System", "services", "lsass", "winlogon", "svchost" (netsvcs), "dcom",
  // "schedule", "spoolsv", "wmi", "agent" (of the provider's remote management).
  const Process& Standing(std::string_view name) const;
  const Logon& system() const { return system_; }

  // Type 2, 3, 5, 7, 10, 11 (Microsoft's numbers). `from`: address of the source, "-" none.
  Logon LogOn(const Act& act, int64_t time, const Who& who, int type, const std::string& from,
              const std::string& from_name, bool kerberos = true);
  void LogOff(const Act& act, int64_t time, const Logon& logon);
  void FailLogOn(const Act& act, int64_t time, const Who& who, int type, const std::string& from,
                 const std::string& from_name, bool unknown_user = false);
  // 4648: somebody here uses another account for another machine.
  void UseCredentials(const Act& act, int64_t time, const Logon& logon, const Who& as, const std::string& server,
                      const Process& process);

  Process Start(const Act& act, int64_t time, const Process& parent, const std::string& image,
                const std::string& command, const Logon& logon, const std::string& integrity = "",
                const std::string& directory = "");
  void End(const Act& act, int64_t time, const Process& process);
  // userinit and explorer, as a desktop begins. The explorer.
  Process Desktop(const Act& act, int64_t time, const Logon& logon);

  void WriteFile(const Act& act, int64_t time, const Process& process, const std::string& path);
  void LoadModule(const Act& act, int64_t time, const Process& process, const std::string& path, bool is_signed);
  void Connect(const Act& act, int64_t time, const Process& process, const std::string& to, const std::string& to_name,
               int port);
  void Resolve(const Act& act, int64_t time, const Process& process, const std::string& name,
               const std::string& result);
  void SetValue(const Act& act, int64_t time, const Process& process, const std::string& key,
                const std::string& details);
  void Access(const Act& act, int64_t time, const Process& process, const Process& target, const std::string& mask);
  void RemoteThread(const Act& act, int64_t time, const Process& process, const Process& target);

  // 7045, 4697, the registry; "demand start" or "auto start".
  void InstallService(const Act& act, int64_t time, const Logon& by, const std::string& name, const std::string& path,
                      const std::string& start);
  void ServiceState(const Act& act, int64_t time, const std::string& display, const std::string& state);
  void CreateTask(const Act& act, int64_t time, const Logon& by, const std::string& name, const std::string& command,
                  const std::string& arguments);
  void Script(const Act& act, int64_t time, const Process& process, const std::string& text, const std::string& path);
  void ShareAccess(const Act& act, int64_t time, const Logon& logon, const std::string& from, const std::string& share,
                   const std::string& name);
  void ListGroup(const Act& act, int64_t time, const Logon& by, const Process& process);
  // A log is emptied: 1102 for Security, 104 for others.
  void ClearLog(const Act& act, int64_t time, const Logon& by, const std::string& channel);

  // Account management, logged on domain controllers (or, for local accounts, here).
  void CreateAccount(const Act& act, int64_t time, const Logon& by, const Who& account, const std::string& display);
  void AddToGroup(const Act& act, int64_t time, const Logon& by, const Who& account, const std::string& group);
  void ResetPassword(const Act& act, int64_t time, const Logon& by, const Who& account);
  // 4768 and 4769 of somebody's logon at another machine.
  void Kerberos(const Act& act, int64_t time, const Who& who, const std::string& from, const HostSpec& service);

  LogId security_log() const { return security_; }
  LogId sysmon_log() const { return sysmon_; }

 private:
  void Security(const Act& act, int64_t time, uint16_t id, FieldValues values);
  void Sysmon(const Act& act, int64_t time, uint16_t id, FieldValues values);
  std::string ProcessGuid(int64_t time, Random* random) const;
  std::string LogonGuid(int64_t time, uint64_t id) const;
  Process Stand(const std::string& image, const std::string& command, int order);
  FieldValues Subject(const Logon& logon) const;
  FieldValues Target(const Who& account) const;

  const World& world_;
  const HostSpec& spec_;
  const Tenant& tenant_;
  Logbook* logbook_;
  int64_t boot_, skew_;
  std::string machine_;  // first group of GUIDs
  uint32_t sysmon_pid_;
  Logon system_;
  std::vector<std::pair<std::string, Process>> standing_;
  LogId security_, system_log_, sysmon_ = 0, powershell_ = 0;
};

// "SHA256=…": of a program that is the same wherever it is, given by its path's last part and a salt.
std::string Hashes(const std::string& image, uint64_t salt = 0);

}  // namespace spoor::demo
