// Home routers: of somebody who opened a mail, or of their family. What is taken becomes a relay.
#include <fmt/format.h>

#include "demo/campaign.h"

namespace spoor::demo {

void Campaign::TakeRouter(Random* r, int64_t time, size_t router) {
  const HomeRouter& home = world_.routers[router];
  const Person& p = world_.people[home.person];
  const std::string from = Relay(r);
  const Act attempt = Do(r, time, 2, "router tried", "reconnaissance", "T1595.002", p.tenant, "router of " + p.user, "",
                         "logins to a router at home, from outside");
  for (int64_t n = r->Between(1, 3); n > 0; --n)
    RouterLine(estate_, attempt, time - n * r->Between(40, 400) * kSecond, router, RouterEvent::kAdminFailed, from);
  const Act act =
      Do(r, time, 2, "router taken", "resource-development", "T1584.008", p.tenant, "router of " + p.user, "",
         "a login from outside, and the router is another's", r->Percent(50) ? "port forward" : "DNS change");
  RouterLine(estate_, act, time + 20 * kSecond, router, RouterEvent::kAdminFromOutside, from);
  RouterLine(
      estate_, act, time + 110 * kSecond, router,
      estate_->truth.At(act.step).variant == "port forward" ? RouterEvent::kPortForward : RouterEvent::kDnsChange,
      from);
  if (estate_->truth.At(act.step).variant == "DNS change") {
    estate_->truth.infrastructure.emplace_back("dns server", "192.0.2.227");
  }
  relays_.push_back(home.address);
  estate_->truth.infrastructure.emplace_back("relay, in a home whose people use it, too", home.address);
}

}  // namespace spoor::demo
