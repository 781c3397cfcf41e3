// IIS: W3C extended log, one file a month ("u_ex2503.log").
#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "demo/estate.h"

namespace spoor::demo {
namespace {

constexpr const char* kFields =
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    "sc-status "
    "sc-substatus sc-win32-status time-taken\n";

std::string Plus(std::string text) {
  if (text.empty()) return "-";
  std::replace(text.begin(), text.end(), ' ', '+');
  return text;
}

}  // namespace

void Serve(Estate* estate, const Act& act, int64_t time, size_t tenant, const Request& r) {
  const std::string when = FormatTime(time);  // 2025-03-02T08:00:01.5Z
  const HostSpec& web = estate->world.HostOf(estate->world.tenants[tenant], HostRole::kWeb);
  const std::string file =
      fmt::format("{}/iis/W3SVC1/u_ex{}{}.log", estate->Folder(tenant), when.substr(2, 2), when.substr(5, 2));
  auto [it, is_new] = estate->logs[tenant].iis.emplace(file, 0);
  if (is_new) {
    it->second = estate->logbook.Text(
        file,
        fmt::format("#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: {} {}\n{}",
                    when.substr(0, 7) + "-01", "00:00:00", kFields),
        "IIS");
  }
  estate->logbook.Add(it->second, time,
                      fmt::format("{} {} {} {} {} {} 443 {} {} {} {} {} {} {} {}", when.substr(0, 10),
                                  when.substr(11, 8), web.ip, r.method, r.path, Plus(r.query), Plus(r.user), r.client,
                                  Plus(r.agent), Plus(r.referer), r.status, r.substatus, r.win32, r.milliseconds),
                      act.step);
}

}  // namespace spoor::demo
