#include "demo/world.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

constexpr size_t kStaff = 12, kAdmins = 3;
constexpr const char* kCustomerKinds[kCustomersReached] = {"defence", "parliament", "newsroom", "university",
                                                           "law",     "telecom",    "energy"};
constexpr const char* kAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 "
    "Edg/124.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Mobile/15E148 Safari/604.1"};
constexpr const char* kPrivateDomains[] = {"postbox.example", "freemail.example", "webpost.test", "mailhaus.example"};
constexpr const char* kMakers[] = {"fritzbox", "asus", "openwrt"};

// People with names that nobody else has, and mail addresses made of them.
class Naming {
 public:
  explicit Naming(Random random) : random_(random) {
    const Table& names = NamesTable();
    given_ = names.Column("given"), family_ = names.Column("family");
  }
  Person Make(const std::string& family = "") {
    Person p;
    do {
      p.given = random_.Of(given_);
      p.family = family.empty() ? random_.Of(family_) : family;
      p.name = p.given + " " + p.family;
    } while (!taken_.insert(p.name).second);
    p.agent = kAgents[random_.Below(std::size(kAgents))];
    return p;
  }
  std::string PrivateMail(const Person& p) {
    std::string mail;
    do {
      mail = AsciiLower(p.given) + (random_.Percent(50) ? "." : "") + AsciiLower(p.family) +
             (random_.Percent(60) ? std::to_string(random_.Between(1, 99)) : "") + "@" +
             kPrivateDomains[random_.Below(std::size(kPrivateDomains))];
    } while (!taken_.insert(mail).second);
    return mail;
  }
  std::string User(const Person& p, size_t tenant) {
    const std::string base = AsciiLower(p.given.substr(0, 1) + p.family);
    std::string user = base;
    for (int n = 2; !taken_.insert(fmt::format("{}/{}", tenant, user)).second; ++n) user = base + std::to_string(n);
    return user;
  }
  Random& random() { return random_; }

 private:
  Random random_;
  std::vector<std::string> given_, family_;
  std::set<std::string> taken_;
};

std::vector<size_t> RowsOfKind(const std::string& kind) {
  std::vector<size_t> rows;
  for (size_t row = 0; row < TenantsTable().rows(); ++row) {
    if (TenantsTable().At(row, "kind") == kind) rows.push_back(row);
  }
  return rows;
}

void MakeTenants(World* world) {
  Random random = world->Chance("tenants");
  std::vector<std::string> kinds(kCustomerKinds, kCustomerKinds + kCustomersReached);
  random.Shuffle(&kinds);
  kinds.insert(kinds.begin(), "provider");
  kinds.resize(world->options.tenants, "other");
  std::map<std::string, std::vector<size_t>> rows;
  for (const std::string& kind : kinds) {
    std::vector<size_t>& left = rows[kind];
    if (left.empty()) left = RowsOfKind(kind), random.Shuffle(&left);
    const size_t row = left.back();
    left.pop_back();
    Tenant t;
    t.number = world->tenants.size();
    t.kind = kind;
    t.slug = TenantsTable().At(row, "slug");
    t.name = TenantsTable().At(row, "name");
    t.netbios = TenantsTable().At(row, "netbios");
    t.domain = t.slug + ".example";
    t.ad_domain = "corp." + t.domain;
    t.sid = fmt::format("S-1-5-21-{}-{}-{}", random.Between(400000000, 3999999999),
                        random.Between(400000000, 3999999999), random.Between(400000000, 3999999999));
    t.net = fmt::format("10.{}", 20 + t.number);
    t.public_ip = fmt::format("203.0.113.{}", 8 + 12 * t.number);
    t.web_ip = fmt::format("203.0.113.{}", 9 + 12 * t.number);
    t.tenant_id = random.Uuid();
    t.utc_offset = static_cast<int>(random.Between(0, 2));
    t.zeek = t.number % 2 == 1;
    t.mail = static_cast<MailKind>((t.number + world->options.seed) % 3);
    if (kind == "parliament" || kind == "newsroom") t.mail = MailKind::kMicrosoft365;
    const auto people = std::strtoull(TenantsTable().At(row, "people").c_str(), nullptr, 10);
    t.people.resize(people);
    world->tenants.push_back(std::move(t));
  }
}

void MakePeople(World* world) {
  Naming naming(world->Chance("people"));
  Random& random = naming.random();
  for (Tenant& t : world->tenants) {
    for (size_t i = 0; i < t.people.size(); ++i) {
      Person p = naming.Make();
      p.tenant = t.number;
      p.user = naming.User(p, t.number);
      p.mail = p.user + "@" + t.domain;
      p.rid = static_cast<uint32_t>(1104 + 3 * i);
      p.entra_id = random.Uuid();
      const bool staff = i < kStaff, admin = i < kAdmins;
      p.role = admin                    ? (t.kind == "provider" ? "provider administrator"
                                           : i == 0             ? "help desk"
                                                                : "administrator")
               : t.kind == "parliament" ? (i % 5 == 3 ? "member" : "staff")
               : t.kind == "newsroom"   ? (i % 3 == 0 ? "journalist" : "staff")
               : t.kind == "defence"    ? (i % 4 == 0 ? "engineer" : "staff")
               : t.kind == "university" ? (i % 4 == 0 ? "professor" : "staff")
                                        : "staff";
      if (staff)
        p.home = i % 3 == 2 ? fmt::format("2001:db8:{:x}:{:x}::{:x}", 0x100 + t.number, i, random.Between(16, 65000))
                            : fmt::format("198.51.100.{}", 2 + (t.number * kStaff + i) % 150);
      if (staff || random.Percent(18)) p.private_mail = naming.PrivateMail(p);
      t.people[i] = world->people.size();
      if (staff) t.staff.push_back(t.people[i]);
      if (admin) t.admins.push_back(t.people[i]);
      world->people.push_back(std::move(p));
    }
  }
  // Families, of those who matter to somebody.
  static const std::vector<std::string> kRelations = {"spouse", "spouse", "spouse", "child", "parent", "sibling"};
  const size_t workers = world->people.size();
  for (size_t i = 0; world->people.size() < workers + 2600; i = (i + 1) % workers) {
    const Person& of = world->people[i];
    const bool wanted =
        of.role == "member" || of.role == "journalist" || of.role == "engineer" || of.role == "professor";
    if (!wanted && !random.Percent(6)) continue;
    if (!random.Percent(70)) continue;
    const std::string relation = random.Of(kRelations);
    Person p = naming.Make(relation == "sibling" || random.Percent(75) ? of.family : "");
    p.role = "family";
    p.related = i;
    p.relation = relation;
    p.private_mail = naming.PrivateMail(p);
    p.home = of.home;
    world->people.push_back(std::move(p));
  }
}

void MakeHosts(World* world) {
  Random random = world->Chance("hosts");
  for (Tenant& t : world->tenants) {
    const std::string prefix = t.netbios.substr(0, 3);
    std::vector<HostRole> roles = {HostRole::kDomain, HostRole::kFiles, HostRole::kWeb, HostRole::kApplication};
    if (t.kind == "provider") roles = {HostRole::kDomain, HostRole::kManagement, HostRole::kJump, HostRole::kBackup};
    const size_t servers = roles.size();
    for (int i = 0; i < 3; ++i) roles.push_back(HostRole::kWorkstation);
    for (size_t i = 0; i < roles.size(); ++i) {
      static constexpr const char* kShort[] = {"DC", "FS", "WEB", "APP", "RMM", "JUMP", "BKP", "WS"};
      HostSpec h;
      h.tenant = t.number;
      h.number = world->hosts.size();
      h.role = roles[i];
      const bool workstation = h.role == HostRole::kWorkstation;
      h.name = workstation
                   ? fmt::format("{}-WS{:03}", prefix, random.Between(10, 399) / 3 * 3 + static_cast<int64_t>(i % 3))
                   : fmt::format("{}-{}01", prefix, kShort[static_cast<size_t>(h.role)]);
      h.fqdn = h.name + "." + t.ad_domain;
      h.ip = fmt::format("{}.{}.{}", t.net, workstation ? 10 : 1, workstation ? 40 + 7 * i : 10 + i);
      // The provider's first workstations are its administrators'; elsewhere one is an administrator's.
      if (workstation)
        h.owner = t.kind == "provider" ? t.staff[i - servers] : t.staff[i - servers == 0 ? 1 : 2 + i - servers];
      h.sysmon = workstation ? random.Percent(80)
                             : random.Percent(70) || h.role == HostRole::kWeb || h.role == HostRole::kJump;
      h.process_audit = !h.sysmon || random.Percent(15);
      h.powershell = random.Percent(70);
      t.hosts.push_back(h.number);
      world->hosts.push_back(std::move(h));
    }
  }
}

void MakeRouters(World* world) {
  Random random = world->Chance("routers");
  for (const Tenant& t : world->tenants) {
    for (size_t i = 3; i < t.staff.size(); ++i) {
      const Person& p = world->people[t.staff[i]];
      if (p.home.find(':') != std::string::npos || !random.Percent(30)) continue;
      world->routers.push_back({t.staff[i], p.home, kMakers[random.Below(std::size(kMakers))]});
    }
  }
}

}  // namespace

const char* RoleName(HostRole role) {
  static constexpr const char* kNames[] = {"domain controller", "file server", "web server",    "application server",
                                           "management server", "jump host",   "backup server", "workstation"};
  return kNames[static_cast<size_t>(role)];
}

const HostSpec& World::HostOf(const Tenant& tenant, HostRole role) const {
  for (const size_t h : tenant.hosts) {
    if (hosts[h].role == role) return hosts[h];
  }
  return hosts[tenant.hosts.front()];
}

World MakeWorld(const DemoOptions& options) {
  World world;
  world.options = options;
  // Mondays of 2025, so that what is written does not depend on when it is written.
  world.start = *ParseTime("2025-01-06") + static_cast<int64_t>(world.Chance("start").Below(26)) * 7 * kDay;
  world.end = world.Day(options.days);
  MakeTenants(&world);
  MakePeople(&world);
  MakeHosts(&world);
  MakeRouters(&world);
  return world;
}

std::string AccountOf(const World& world, const Person& person) {
  return world.tenants[person.tenant].netbios + "\\" + person.user;
}

std::string SidOf(const World& world, const Person& person) {
  return fmt::format("{}-{}", world.tenants[person.tenant].sid, person.rid);
}

std::string ProviderUser(const Person& person) { return "svc-" + person.user; }

std::string ProviderSid(const Tenant& customer, const Person& person) {
  return fmt::format("{}-{}", customer.sid, 9000 + person.rid % 100);
}

std::string RosterCsv(const World& world) {
  std::string out = "person,organisation,role,account,sid,upn,mail,private_mail,related_to,relation\n";
  for (const Person& p : world.people) {
    const bool works = p.tenant != kNobody;
    const std::string values[] = {p.name,
                                  works ? world.tenants[p.tenant].slug : "",
                                  p.role,
                                  works ? AccountOf(world, p) : "",
                                  works ? SidOf(world, p) : "",
                                  p.mail,
                                  p.mail,
                                  p.private_mail,
                                  p.related == kNobody ? "" : world.people[p.related].name,
                                  p.relation};
    for (size_t i = 0; i < std::size(values); ++i) {
      if (i > 0) out += ',';
      AppendCsvField(values[i], &out);
    }
    out += '\n';
  }
  return out;
}

}  // namespace spoor::demo
