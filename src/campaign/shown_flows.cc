#include "campaign/shown_flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr double kWeight = 4;
constexpr double kLong = 600;           // seconds that a connection stands
constexpr uint64_t kOften = 50;         // connections
constexpr uint64_t kMuch = 1'000'000;   // bytes sent outside, or received from there
constexpr uint64_t kProgram = 100'000;  // bytes sent to a share: a program's size
constexpr size_t kFew = 2;              // machines that reach what few reach
constexpr size_t kServes = 3;           // machines that reach a port of a server

// The network of an address, as far as a guess may go: of IPv4 the first two numbers, of IPv6 the first four groups.
std::string NetworkOf(std::string_view address) {
  size_t at = 0;
  const bool six = address.find(':') != std::string_view::npos;
  for (int parts = six ? 4 : 2; parts > 0 && at != std::string_view::npos; --parts)
    at = address.find(six ? ':' : '.', at + 1);
  return std::string(address.substr(0, at));
}

class FlowReader {
 public:
  explicit FlowReader(const World& world) : world_(world) {
    for (const Flow& flow : world_.flows()) {
      const std::string& name = NameOf(flow.source);
      if (!IsAddress(name) || IsPrivate(name)) own_.insert(NetworkOf(name));
      users_[{flow.destination, flow.port}].insert(flow.source);
      reached_[{flow.source, flow.port}].insert(flow.destination);
      users_of_[NameOf(flow.destination)].insert(flow.source);
    }
  }

  std::vector<Shown> Run() {
    for (const Flow& flow : world_.flows()) {
      if (IsOutside(flow.destination)) {
        if (users_of_[NameOf(flow.destination)].size() <= kFew) Outside(flow);
      } else if (flow.received + flow.sent > 0) {
        Inside(flow);
      }
    }
    return std::move(shown_);
  }

 private:
  const std::string& NameOf(ThingId thing) const { return world_.things()[thing].name; }
  // Nobody of its network is seen to ask for anything.
  bool IsOutside(ThingId machine) const {
    const std::string& name = NameOf(machine);
    if (!IsAddress(name)) return false;
    if (name.starts_with("224.") || name.starts_with("239.") || name.starts_with("255.") || name.starts_with("ff"))
      return false;
    return !own_.contains(NetworkOf(name));
  }

  void Add(const Flow& flow, std::string title, std::vector<std::string> techniques, const char* tactic, double weight,
           const RecordPlace& place) {
    const ThingId host = world_.HostOf(flow.source) == kNoThing ? flow.source : world_.HostOf(flow.source);
    std::string summary = fmt::format("{} to {}:{}, {} connections, {} bytes sent, {} received", NameOf(flow.source),
                                      NameOf(flow.destination), flow.port, flow.count, flow.sent, flow.received);
    if (flow.longest >= kLong) summary += fmt::format(", the longest {:.0f} minutes", flow.longest / 60);
    shown_.push_back({std::move(title),
                      std::move(summary),
                      std::move(techniques),
                      {tactic},
                      flow.source,
                      host,
                      kNoThing,
                      kNoThing,
                      place.time,
                      weight,
                      place});
    shown_.back().other = flow.destination;
  }

  void Outside(const Flow& flow) {
    const bool usual = flow.port == 80 || flow.port == 443 || flow.port == 8080 || flow.port == 8443 || flow.port == 53;
    const char* const technique = usual ? "T1071.001" : "T1571";
    if (flow.longest >= kLong) {
      Add(flow, "Connection that stands for long to a machine outside that few reach", {technique},
          "command-and-control", kWeight, flow.longest_place);
    } else if (flow.count >= kOften && flow.received + flow.sent > 0) {
      Add(flow, "Contact again and again to a machine outside that few reach", {technique}, "command-and-control",
          kWeight, flow.first_place);
    }
    if (flow.received >= kMuch) {
      Add(flow, "Much received from a machine outside that few reach", {"T1105"}, "command-and-control", kWeight / 2,
          flow.first_place);
    }
    if (flow.sent >= kMuch && flow.sent * 20 > flow.received) {
      Add(flow, "Much sent to a machine outside that few reach", {"T1048", "T1041"}, "exfiltration", kWeight,
          flow.most_sent_place);
    }
  }

  void Inside(const Flow& flow) {
    struct Port {
      uint32_t port;
      uint64_t least;  // bytes sent
      const char* technique;
      const char* title;
    };
    constexpr Port kPorts[] = {{5985, 0, "T1021.006", "WinRM from one machine to another"},
                               {5986, 0, "T1021.006", "WinRM from one machine to another"},
                               {445, kProgram, "T1021.002", "Programs' worth of bytes sent to another machine's share"},
                               {3389, 0, "T1021.001", "Remote desktop from one machine to another"},
                               {22, 0, "T1021.004", "SSH from one machine to another"}};
    for (const Port& port : kPorts) {
      if (flow.port != port.port || flow.most_sent < port.least) continue;
      // A server's port, or an administrator's machine.
      const size_t users = users_[{flow.destination, flow.port}].size(),
                   targets = reached_[{flow.source, flow.port}].size();
      if (users >= kServes) continue;
      Add(flow, port.title, {port.technique}, "lateral-movement",
          kWeight / (1 + std::log2(static_cast<double>(targets))), flow.most_sent_place);
    }
  }

  const World& world_;
  std::set<std::string> own_;  // networks
  std::map<std::pair<ThingId, uint32_t>, std::set<ThingId>> users_, reached_;
  std::map<std::string, std::set<ThingId>> users_of_;  // by name: outside, an address is the same for all tenants
  std::vector<Shown> shown_;
};

}  // namespace

std::vector<Shown> ShownByFlows(const World& world) { return FlowReader(world).Run(); }

}  // namespace spoor
