#include "demo/demo.h"

#include <fmt/format.h>

#include <optional>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "demo/campaign.h"
#include "demo/file.h"
#include "demo/ordinary.h"

namespace spoor::demo {
namespace {

// A day's events may begin the evening before, where clocks are ahead of UTC.
constexpr int64_t kEarly = 3 * kHour;

constexpr const char* kReadme =
    "Example evidence, written by spoor demo. None of it is real: names, people and addresses are invented, addresses "
    "are of\n"
    "the ranges for documentation. It holds logs and mail only.\n\n"
    "  evidence/TENANT/  what each organisation has; give this to the program:  spoor hunt --tenants evidence\n"
    "  truth.json        what happened, step by step, with the records of each, and what is missing\n"
    "  roster.csv        people, their accounts and families\n";

void DescribeOptions(const World& world, Truth* truth) {
  const DemoOptions& o = world.options;
  truth->options.emplace_back("seed", std::to_string(o.seed));
  truth->options.emplace_back("days", std::to_string(o.days));
  truth->options.emplace_back("noise", std::to_string(o.noise));
  truth->options.emplace_back("attack", o.attack ? "true" : "false");
  truth->options.emplace_back("start", JsonString(FormatTime(world.start)));
  truth->options.emplace_back("end", JsonString(FormatTime(world.end)));
  for (const HostSpec& host : world.hosts) truth->addresses[{world.tenants[host.tenant].slug, host.name}] = host.ip;
  for (const Tenant& t : world.tenants) {
    truth->tenants[t.slug] = fmt::format(
        "{{\"tenant\":{},\"name\":{},\"kind\":{},\"domain\":{},\"network\":\"{}.0.0/"
        "16\",\"public\":\"{}\",\"reached\":{}}}",
        JsonString(t.slug), JsonString(t.name), JsonString(t.kind), JsonString(t.domain), t.net, t.public_ip,
        o.attack && t.number >= 1 && t.number <= kCustomersReached);
  }
}

DemoResult Summary(const Estate& estate) {
  DemoResult result;
  result.files = estate.truth.counts.size();
  result.records = estate.logbook.records();
  result.bytes = estate.logbook.bytes();
  for (const Step& s : estate.truth.steps()) result.steps += s.stage != 0 ? 1 : 0;
  std::set<std::string> networks;
  for (const HostTruth& h : estate.truth.hosts()) {
    if (!h.from_provider || !h.server || h.state == HostState::kTargeted) continue;
    ++result.servers;
    networks.insert(h.tenant);
  }
  result.networks = networks.size();
  return result;
}

}  // namespace

std::string CheckOptions(const DemoOptions& o) {
  if (o.tenants < kMinTenants || o.tenants > kMaxTenants) {
    return fmt::format(
        "the scenario needs {} to {} tenants: the provider, the seven customers that are reached, and any more that "
        "are not",
        kMinTenants, kMaxTenants);
  }
  if (o.days < 30 || o.days > 730) return "the scenario needs 30 to 730 days";
  if (o.noise < 0 || o.noise > 1000) return "noise is 0 to 1000";
  return "";
}

absl::StatusOr<DemoResult> WriteDemo(const DemoOptions& options, const std::string& folder,
                                     const std::function<bool(const DemoProgress&)>& tell) {
  const World world = MakeWorld(options);
  Estate estate(world, folder);
  DescribeOptions(world, &estate.truth);
  std::optional<Campaign> campaign;
  if (options.attack) campaign.emplace(&estate);  // who and where is known from here on
  bool stopped = false;
  for (int day = 0; day < options.days && !stopped; ++day) {
    OrdinaryDay(&estate, day);
    if (campaign) campaign->Day(day);
    if (!estate.status.ok()) return estate.status;
    if (absl::Status status = estate.logbook.FlushBefore(world.Day(day + 1) - kEarly); !status.ok()) return status;
    stopped = !tell({day + 1, options.days, estate.logbook.bytes()});
  }
  if (absl::Status status = estate.logbook.Close(); !status.ok()) return status;
  const std::pair<const char*, std::string> rest[] = {
      {"truth.json", estate.truth.Json()}, {"roster.csv", RosterCsv(world)}, {"README.txt", kReadme}};
  for (const auto& [name, bytes] : rest) {
    if (absl::Status status = WriteNew(folder + "/" + name, bytes); !status.ok()) return status;
  }
  DemoResult result = Summary(estate);
  result.stopped = stopped;
  return result;
}

}  // namespace spoor::demo
