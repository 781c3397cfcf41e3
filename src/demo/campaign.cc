#include "demo/campaign.h"

#include <fmt/format.h>

#include <algorithm>

namespace spoor::demo {
namespace {

constexpr const char* kWays[] = {"remote service", "WMI", "scheduled task", "RMM agent", "remote desktop"};
constexpr const char* kPrograms[][3] = {{"scanhelper.exe", "version.dll", "ScanHelperSvc"},
                                        {"vpnui.exe", "wtsapi32.dll", "HarborUpdate"},
                                        {"acrord32.exe", "cryptbase.dll", "ReaderAssist"},
                                        {"onedrive.exe", "secur32.dll", "SyncHostSvc"}};
constexpr const char* kFolders[] = {"C:\\ProgramData\\Scandesk\\", "C:\\ProgramData\\Intel\\Tools\\",
                                    "C:\\Users\\Public\\Libraries\\", "C:\\Windows\\Help\\Corporate\\"};
constexpr const char* kLookAlikes[] = {"update-windows-cdn.test", "office-cdn-static.test", "teams-telemetry.test",
                                       "arkcloud-vault.test"};
constexpr const char* kAccounts[] = {"svc_health", "iisadmin", "support_388", "backupop", "sqlmaint"};
constexpr const char* kShells[][2] = {
    {"/aspnet_client/system_web/", "C:\\inetpub\\wwwroot\\aspnet_client\\system_web\\"},
    {"/uploads/", "C:\\inetpub\\wwwroot\\uploads\\"},
    {"/", "C:\\inetpub\\wwwroot\\"},
    {"/api/", "C:\\inetpub\\wwwroot\\api\\"}};
constexpr const char* kShellNames[] = {"error_log.aspx", "Thumb.ashx", "status2.aspx", "iisstart_.aspx", "help.aspx"};

}  // namespace

Campaign::Campaign(Estate* estate) : estate_(estate), world_(estate->world) {
  ChoosePlaces();
  ChooseRecipients();
  Schedule();
}

void Campaign::ChoosePlaces() {
  Random r = world_.Chance("campaign: places");
  for (size_t t = 1; t <= kCustomersReached; ++t) {
    order_.push_back(t);
    if (world_.tenants[t].kind == "defence") defence_ = t;
  }
  r.Shuffle(&order_);
  // Fifteen servers on seven networks: one on each, and the contractor's web server among them; then wherever there are
  // more.
  std::vector<size_t> more;
  std::vector<std::vector<size_t>> by_customer(world_.tenants.size());
  for (const size_t t : order_) {
    std::vector<size_t> servers;
    for (const size_t h : world_.tenants[t].hosts) {
      if (world_.hosts[h].server()) servers.push_back(h);
    }
    r.Shuffle(&servers);
    if (t == defence_) {
      std::stable_partition(servers.begin(), servers.end(),
                            [&](size_t h) { return world_.hosts[h].role == HostRole::kWeb; });
    }
    by_customer[t].push_back(servers.front());
    more.insert(more.end(), servers.begin() + 1, servers.end());
  }
  r.Shuffle(&more);
  for (size_t i = 0; i < kServersReached - kCustomersReached; ++i)
    by_customer[world_.hosts[more[i]].tenant].push_back(more[i]);
  for (const size_t t : order_) servers_.insert(servers_.end(), by_customer[t].begin(), by_customer[t].end());

  std::vector<size_t> admins = world_.tenants[0].admins;
  r.Shuffle(&admins);
  thief_.assign(admins.begin(), admins.begin() + r.Between(1, 2));
  for (int64_t n = r.Between(4, 6); n > 0; --n)
    relays_.push_back(fmt::format("198.51.100.{}", 151 + 15 * n + static_cast<int64_t>(r.Below(14))));
  for (const std::string& relay : relays_) estate_->truth.infrastructure.emplace_back("relay", relay);
  channel_ = static_cast<Channel>(r.Below(3));
  domain_ = kLookAlikes[r.Below(std::size(kLookAlikes))];
  domain_ip_ = fmt::format("192.0.2.{}", 200 + r.Below(27));
  storage_ = "content.dropvault.example";
  const auto& program = kPrograms[r.Below(std::size(kPrograms))];
  program_ = program[0], library_ = program[1], service_ = program[2];
  folder_ = kFolders[r.Below(std::size(kFolders))];
  account_name_ = kAccounts[r.Below(std::size(kAccounts))];
  const auto& place = kShells[r.Below(std::size(kShells))];
  const std::string name = kShellNames[r.Below(std::size(kShellNames))];
  shell_path_ = place[0] + name, shell_file_ = place[1] + name;
  if (channel_ == Channel::kLookAlike) {
    estate_->truth.infrastructure.emplace_back("c2 domain", domain_);
    estate_->truth.infrastructure.emplace_back("c2 address", domain_ip_);
  } else if (channel_ == Channel::kCloudStorage) {
    estate_->truth.infrastructure.emplace_back("c2 by a cloud service", storage_);
  }
  // Whose mail is read: of those with Microsoft 365, parliament and newsroom always among them.
  for (const size_t t : order_) {
    const Tenant& tenant = world_.tenants[t];
    if (tenant.mail != MailKind::kMicrosoft365) continue;
    std::vector<size_t> staff(tenant.staff.begin() + 3, tenant.staff.end());
    r.Shuffle(&staff);
    const int64_t count = tenant.kind == "parliament" ? r.Between(3, 5) : r.Between(1, 3);
    mailboxes_.insert(mailboxes_.end(), staff.begin(), staff.begin() + count);
  }
  reading_.resize(mailboxes_.size());
}

void Campaign::At(double part, int hour, const std::string& topic, Todo todo) {
  const int day = std::min(world_.options.days - 1, static_cast<int>(part * world_.options.days));
  Random r = world_.Chance("campaign: when, " + topic);
  Later(world_.Day(day) + hour * kHour + r.Between(0, 3300) * kSecond, topic, std::move(todo));
}

void Campaign::Later(int64_t time, const std::string& topic, Todo todo) {
  plan_.push_back({time, {topic, std::move(todo)}});
}

void Campaign::Schedule() {
  Random r = world_.Chance("campaign: schedule");
  const double step = 1.0 / world_.options.days;
  // Parts of the time, a little different with each seed.
  const auto about = [&](double part) { return part + static_cast<double>(r.Between(-15, 15)) / 1000; };

  const double first_wave = about(0.05);
  for (size_t w = 0; w < waves_.size(); ++w) {
    At(first_wave + static_cast<double>(w) * std::max(step, 0.014), static_cast<int>(r.Between(6, 11)),
       fmt::format("wave {}", w), [this, w](Random* random, int64_t time) { Wave(random, time, w); });
  }
  std::vector<size_t> routers(world_.routers.size());
  for (size_t i = 0; i < routers.size(); ++i) routers[i] = i;
  // Only routers of people the campaign is after.
  std::erase_if(routers, [&](size_t i) { return world_.people[world_.routers[i].person].tenant > kCustomersReached; });
  r.Shuffle(&routers);
  for (size_t i = 0; i < std::min<size_t>(3, routers.size()); ++i) {
    At(about(0.13), static_cast<int>(r.Between(0, 22)), fmt::format("router {}", i),
       [this, router = routers[i]](Random* random, int64_t time) { TakeRouter(random, time, router); });
  }
  At(about(0.17), static_cast<int>(r.Between(1, 21)), "web server",
     [this](Random* random, int64_t time) { EnterWebServer(random, time); });
  At(about(0.24), static_cast<int>(r.Between(1, 21)), "provider",
     [this](Random* random, int64_t time) { EnterProvider(random, time); });

  // One customer after the other, some servers a night.
  double part = about(0.45);
  size_t customer = ~size_t{0};
  std::string way;
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (world_.hosts[servers_[i]].tenant != customer) {
      customer = world_.hosts[servers_[i]].tenant;
      way = kWays[r.Below(std::size(kWays))];
      part += 0.021;
    }
    At(part, static_cast<int>(r.Percent(70) ? r.Between(20, 23) : r.Between(1, 15)), fmt::format("server {}", i),
       [this, server = servers_[i], way](Random* random, int64_t time) { Reach(random, time, server, way); });
  }
  for (const size_t t : order_) {
    if (!r.Percent(40)) continue;
    for (const size_t h : world_.tenants[t].hosts) {
      if (world_.hosts[h].server()) continue;
      At(about(0.62), 21, fmt::format("in vain {}", h),
         [this, h](Random* random, int64_t time) { TryInVain(random, time, h); });
      break;
    }
  }
  for (size_t i = 0; i < mailboxes_.size(); ++i) {
    static constexpr const char* kMailWays[] = {"forwarding rule", "consent", "permission", "sign-in"};
    const std::string how = kMailWays[r.Below(std::size(kMailWays))];
    At(about(0.30), static_cast<int>(r.Between(4, 22)), fmt::format("mailbox {}", i),
       [this, person = mailboxes_[i], how](Random* random, int64_t time) { TakeMailbox(random, time, person, how); });
    for (double at = 0.32 + static_cast<double>(r.Between(10, 60)) / 1000; at < 0.97;
         at += std::max(step, static_cast<double>(r.Between(15, 60)) / 1000)) {
      if (at > 0.58 && at < 0.64) continue;  // nobody reads for a while
      At(at, static_cast<int>(r.Between(2, 22)), fmt::format("reading {} {}", i, at),
         [this, person = mailboxes_[i]](Random* random, int64_t time) { ReadMailbox(random, time, person); });
    }
  }
  for (const size_t t : order_) {
    if (world_.tenants[t].kind == "telecom")
      At(about(0.69), 2, "call records", [this](Random* random, int64_t time) { CallRecords(random, time); });
    if (r.Percent(60))
      At(about(0.26), 5, fmt::format("accounts {}", t),
         [this, t](Random* random, int64_t time) { TryAccounts(random, time, t); });
  }
  for (size_t i = 0; i < servers_.size(); ++i) {
    const HostRole role = world_.hosts[servers_[i]].role;
    const bool wanted = world_.hosts[servers_[i]].tenant == defence_ || role == HostRole::kFiles;
    if (wanted)
      At(about(0.76), static_cast<int>(r.Between(0, 4)), fmt::format("theft {}", i),
         [this, h = servers_[i]](Random* random, int64_t time) { Steal(random, time, h); });
  }
  // Talking: most days, but for weeks of silence.
  for (int day = static_cast<int>(0.18 * world_.options.days); day < world_.options.days; ++day) {
    const double at = static_cast<double>(day) / world_.options.days;
    if ((at > 0.30 && at < 0.43) || (at > 0.85 && at < 0.94) || r.Percent(45)) continue;
    Later(world_.Day(day) + r.Between(0, 20) * kHour, fmt::format("talk {}", day),
          [this](Random* random, int64_t time) { Talk(random, time); });
  }
  for (int n = 0; n < 5; ++n) {
    At(about(0.64 + 0.04 * n), static_cast<int>(r.Between(0, 22)), fmt::format("work {}", n),
       [this](Random* random, int64_t time) {
         if (!implants_.empty()) Work(random, time, random->Below(implants_.size()), random->Percent(30));
       });
  }
  cleared_ = servers_[r.Below(servers_.size())];
  At(about(0.965), 23, "clear", [this](Random* random, int64_t time) { ClearTraces(random, time, cleared_); });
  cleared_at_ = plan_.back().first + 7 * kSecond;
  const HostSpec& spec = world_.hosts[cleared_];
  const uint32_t gap = estate_->truth.AddGap(
      {world_.tenants[spec.tenant].slug, spec.name, "Security", "emptied by the intruder", 0, cleared_at_});
  estate_->logbook.Lose(estate_->Host(spec).security_log(), 0, cleared_at_, gap);

  std::stable_sort(plan_.begin(), plan_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
}

void Campaign::Day(int day) {
  const int64_t from = world_.Day(day), to = world_.Day(day + 1);
  // Steps may plan further ones; those go behind and are found, too.
  for (size_t i = 0; i < plan_.size(); ++i) {
    if (plan_[i].first < from || plan_[i].first >= to) continue;
    Random random = world_.Chance("campaign: " + plan_[i].second.first, static_cast<uint64_t>(day));
    const Todo todo = plan_[i].second.second;
    todo(&random, plan_[i].first);
  }
}

Act Campaign::Do(Random* random, int64_t time, int stage, const std::string& name, const std::string& tactic,
                 const std::string& technique, size_t tenant, const std::string& host, const std::string& account,
                 const std::string& text, const std::string& variant) {
  Step step;
  step.stage = stage;
  step.name = name, step.tactic = tactic, step.technique = technique, step.variant = variant;
  step.tenant = world_.tenants[tenant].slug, step.host = host, step.account = account, step.text = text;
  step.time = time;
  return {random, estate_->truth.Add(std::move(step))};
}

const std::string& Campaign::Relay(Random* random) const { return random->Of(relays_); }

}  // namespace spoor::demo
