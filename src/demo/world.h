// Who and what there is, before anything happens: organisations, people, accounts, machines, networks.
//
// Made from the seed alone. A provider (tenant 0) looks after all other tenants; of those the first seven are the ones
// the campaign reaches. Addresses are of the ranges for documentation (RFC 5737, RFC 3849) and of private networks (RFC
// 1918), names below .example, .test and .invalid (RFC 2606).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "demo/random.h"

namespace spoor::demo {

inline constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
inline constexpr size_t kCustomersReached = 7, kServersReached = 15;
inline constexpr size_t kMinTenants = 1 + kCustomersReached, kMaxTenants = 16;
inline constexpr size_t kWaveRecipients = 10'000;

struct DemoOptions {
  uint64_t seed = 1;
  size_t tenants = kMinTenants;  // the provider included
  int days = 120;
  int noise = 1;  // ordinary work, times so much
  bool attack = true;
};

inline constexpr size_t kNobody = ~size_t{0};

struct Person {
  std::string name, given, family, role;
  size_t tenant = kNobody;   // kNobody: works for none of them
  size_t related = kNobody;  // number of the person they are family of
  std::string relation;      // "spouse", "child", …
  std::string user, mail;    // work account and mailbox; "" none
  std::string private_mail;  // ""
  uint32_t rid = 0;          // of the account's SID
  std::string home;          // address of the line at home, "" not known
  std::string agent;         // of the browser
  std::string entra_id;      // object id
};

enum class HostRole : uint8_t { kDomain, kFiles, kWeb, kApplication, kManagement, kJump, kBackup, kWorkstation };
const char* RoleName(HostRole role);

struct HostSpec {
  size_t tenant = 0, number = 0;  // number: among all hosts
  HostRole role = HostRole::kWorkstation;
  std::string name, fqdn, ip;
  size_t owner = kNobody;  // person, of a workstation
  bool sysmon = false, process_audit = false, powershell = false;
  bool server() const { return role != HostRole::kWorkstation; }
};

enum class MailKind : uint8_t { kPostfix, kExchange, kMicrosoft365 };

struct Tenant {
  size_t number = 0;
  std::string slug, name, netbios, kind, domain, ad_domain, sid;
  std::string net;        // first two bytes of the internal network: "10.21"
  std::string public_ip;  // what the world sees of it
  std::string web_ip;     // of its web server
  std::string tenant_id;  // Entra
  int utc_offset = 0;     // hours
  bool zeek = false;      // Zeek at the border, else a proxy (Squid)
  MailKind mail = MailKind::kPostfix;
  std::vector<size_t> people;  // all with a mailbox
  std::vector<size_t> staff;   // those whose days are told: a dozen
  std::vector<size_t> admins;  // of staff
  std::vector<size_t> hosts;
};

struct HomeRouter {
  size_t person = kNobody;
  std::string address, maker;  // fritzbox, asus, openwrt
};

struct World {
  DemoOptions options;
  int64_t start = 0, end = 0;  // midnight UTC, microseconds since 1970; a Monday
  std::vector<Tenant> tenants;
  std::vector<Person> people;
  std::vector<HostSpec> hosts;
  std::vector<HomeRouter> routers;  // whose logs were handed over

  int64_t Day(int day) const { return start + day * kDay; }
  bool Workday(int day) const { return day % 7 < 5; }
  // Of a tenant's host by role; the first one.
  const HostSpec& HostOf(const Tenant& tenant, HostRole role) const;
  Random Chance(std::string_view topic, uint64_t a = 0, uint64_t b = 0) const {
    return Random(options.seed, topic, a, b);
  }
};

World MakeWorld(const DemoOptions& options);

// "DOMAIN\user" of a person; "S-1-5-21-…-rid".
std::string AccountOf(const World& world, const Person& person);
std::string SidOf(const World& world, const Person& person);
// The account by which somebody of the provider works at a customer: its name there and its SID.
std::string ProviderUser(const Person& person);
std::string ProviderSid(const Tenant& customer, const Person& person);

// roster.csv: person, accounts, organisation, role, related to.
std::string RosterCsv(const World& world);

}  // namespace spoor::demo
