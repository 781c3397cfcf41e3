// The machines and logs of all organisations: what is told here is written there.
//
// Estate owns the logs, the truth and the Windows machines; the functions below it are the other products: the proxy or
// Zeek at a border, web servers, Linux machines and home routers, mail gateways and mailboxes, the clouds. All take
// true times. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "demo/logbook.h"
#include "demo/truth.h"
#include "demo/windows_host.h"
#include "demo/world.h"

namespace spoor::demo {

struct TenantLogs {
  LogId proxy = 0, conn = 0, dns = 0, http = 0, ssl = 0;
  std::map<std::string, LogId> iis;  // by file
  LogId mail = 0, private_mail = 0, linux_auth = 0, signins = 0, audit = 0, cloudtrail = 0;
  bool decrypts = false;                // the proxy looks into TLS
  std::map<size_t, LogId> mailboxes;    // person -> mbox
  std::map<size_t, uint32_t> messages;  // person -> files written so far, where mailboxes are folders of EML
};

class Estate {
 public:
  // Logs go to `root`/evidence/TENANT/…
  Estate(const World& world, const std::string& root);

  const World& world;
  Truth truth;
  Logbook logbook;
  std::vector<std::unique_ptr<WindowsHost>> hosts;  // by HostSpec::number
  std::vector<TenantLogs> logs;                     // by tenant
  std::map<size_t, LogId> routers;                  // by number in world.routers
  absl::Status status;                              // of files written at once

  WindowsHost& Host(const HostSpec& spec) { return *hosts[spec.number]; }
  WindowsHost& Host(size_t tenant, HostRole role) { return Host(world.HostOf(world.tenants[tenant], role)); }
  // The machine of a person, or nullptr.
  WindowsHost* MachineOf(size_t person);
  std::string Folder(size_t tenant) const { return "evidence/" + world.tenants[tenant].slug; }

 private:
  void OpenBorder(const Tenant& tenant);
  void OpenMail(const Tenant& tenant);
  void OpenGaps(const Tenant& tenant);
};

// Who somebody is for Windows.
Who WhoIs(const World& world, const Person& person);
// The provider's person at a customer: the account it has there.
Who ProviderAt(const Tenant& customer, const Person& person);

// The address of a name of the ordinary world.
std::string AddressOf(const std::string& name);

// --- border.cc: the proxy, or Zeek -----------------------------------------------------------------------------------
struct Visit {
  std::string client, user, agent;
  std::string method = "GET", url;  // whole: "https://www.example/x"
  std::string server;               // address; "": AddressOf(host)
  int status = 200;
  int64_t sent = 600, received = 20'000, milliseconds = 120;
  std::string type = "text/html";
};
void Surf(Estate* estate, const Act& act, int64_t time, size_t tenant, const Visit& visit);

// --- web_server.cc: IIS ----------------------------------------------------------------------------------------------
struct Request {
  std::string client, user, agent, method = "GET", path = "/", query, referer;
  int status = 200, substatus = 0, win32 = 0, milliseconds = 15;
};
void Serve(Estate* estate, const Act& act, int64_t time, size_t tenant, const Request& request);

// --- linux.cc: a tenant's gateway, home routers
// ------------------------------------------------------------------------- A line of the gateway's syslog: "sshd[811]:
// Accepted …".
void LinuxLine(Estate* estate, const Act& act, int64_t time, size_t tenant, const std::string& program,
               const std::string& message);
enum class RouterEvent : uint8_t {
  kOnline,
  kAdminFromHome,
  kAdminFailed,
  kAdminFromOutside,
  kPortForward,
  kDnsChange,
  kFirmware
};
// `address`: who did it. Nothing where the router's log was not handed over.
void RouterLine(Estate* estate, const Act& act, int64_t time, size_t router, RouterEvent event,
                const std::string& address);

// --- cloud.cc: Entra, Microsoft 365, AWS
// ----------------------------------------------------------------------------------
struct SignIn {
  size_t person = kNobody;
  std::string address, app = "Office 365 Exchange Online", client = "Browser", agent, country, city;
  int error = 0;
  bool managed = true;
};
void CloudSignIn(Estate* estate, const Act& act, int64_t time, const SignIn& sign_in);
// One record of the unified audit log; `more`: JSON members behind the common ones, each with a comma before it.
void Audit(Estate* estate, const Act& act, int64_t time, size_t tenant, const std::string& user,
           const std::string& operation, int record_type, const std::string& workload, const std::string& address,
           const std::string& more);
// MailItemsAccessed: `count` messages of a folder.
void MailRead(Estate* estate, const Act& act, int64_t time, size_t person, const std::string& reader,
              const std::string& address, const std::string& client, const std::string& access, int count);
void CloudTrail(Estate* estate, const Act& act, int64_t time, size_t tenant, const std::string& user,
                const std::string& service, const std::string& event, const std::string& address,
                const std::string& agent, const std::string& parameters);

// --- mail.cc: gateways, mailboxes
// -----------------------------------------------------------------------------------------
struct Message {
  std::string from_name, from, envelope;  // envelope: "" is from
  size_t to = kNobody;
  std::string to_address, subject, text, html, unsubscribe, client, helo, id, mailer;
  std::string dkim_domain;  // "": not signed
  bool dmarc = true;
  int64_t size = 0;  // 0: of the text
};
// Through the gateway of the recipient's organisation, and into the mailbox where that was collected. Private addresses
// of people who belong to an organisation are in what their mail provider handed over.
void Deliver(Estate* estate, const Act& act, int64_t time, const Message& message);

}  // namespace spoor::demo
