#include "demo/ordinary.h"

namespace spoor::demo {

int64_t At(const Estate& estate, const Tenant& tenant, int day, double hour, Random* random, int minutes) {
  return estate.world.Day(day) + static_cast<int64_t>((hour - tenant.utc_offset) * static_cast<double>(kHour)) +
         random->Between(0, static_cast<int64_t>(minutes) * 60'000) * 1000 + random->Between(0, 999'999);
}

Act Innocent(Estate* estate, Random* random, int64_t time, const Tenant& tenant, const std::string& host,
             const std::string& account, const std::string& name, const std::string& text) {
  Step step;
  step.name = name;
  step.tenant = tenant.slug;
  step.host = host;
  step.account = account;
  step.text = text;
  step.time = time;
  return {random, estate->truth.Add(std::move(step))};
}

void OrdinaryDay(Estate* estate, int day) {
  if (estate->world.options.noise == 0) return;
  for (const Tenant& t : estate->world.tenants) {
    PeopleAtWork(estate, t, day);
    ServersAtWork(estate, t, day);
    AdministratorsAtWork(estate, t, day);
    if (t.number > 0) ProviderAtWork(estate, t, day);
    WebAtWork(estate, t, day);
    MailAtWork(estate, t, day);
    CloudAtWork(estate, t, day);
    LinuxAtWork(estate, t, day);
  }
}

}  // namespace spoor::demo
