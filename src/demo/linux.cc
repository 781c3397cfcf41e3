// Linux machines (rsyslog's lines with whole dates) and home routers (their own ways of saying things).
#include <fmt/format.h>

#include "base/time.h"
#include "demo/estate.h"

namespace spoor::demo {
namespace {

constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// "Mar  2 08:00:01"
std::string ShortTime(int64_t time) {
  const std::string t = FormatTime(time);
  return fmt::format("{} {:>2} {}", kMonths[std::stoi(t.substr(5, 2)) - 1], std::stoi(t.substr(8, 2)), t.substr(11, 8));
}

std::string FritzTime(int64_t time) {
  const std::string t = FormatTime(time);
  return fmt::format("{}.{}.{} {}", t.substr(8, 2), t.substr(5, 2), t.substr(2, 2), t.substr(11, 8));
}

std::string Fritz(RouterEvent event, const std::string& address) {
  switch (event) {
    case RouterEvent::kOnline:
      return fmt::format(
          "Internetverbindung wurde erfolgreich hergestellt. IP-Adresse: {}, DNS-Server: 192.0.2.53 und 192.0.2.54, "
          "Gateway: 198.51.100.1",
          address);
    case RouterEvent::kAdminFromHome:
      return fmt::format("Anmeldung des Benutzers admin an der FRITZ!Box-Benutzeroberfläche von IP-Adresse {}.",
                         address);
    case RouterEvent::kAdminFailed:
      return fmt::format(
          "Anmeldung des Benutzers admin an der FRITZ!Box-Benutzeroberfläche von IP-Adresse {} gescheitert (falsches "
          "Kennwort).",
          address);
    case RouterEvent::kAdminFromOutside:
      return fmt::format("Anmeldung des Benutzers ftpuser an der FRITZ!Box-Benutzeroberfläche von IP-Adresse {}.",
                         address);
    case RouterEvent::kPortForward:
      return "Portfreigabe für Gerät PC-Wohnzimmer wurde eingerichtet: TCP 44330.";
    case RouterEvent::kDnsChange:
      return "Die DNS-Server der Internetverbindung wurden geändert.";
    case RouterEvent::kFirmware:
      return "Es wurde ein FRITZ!OS-Update durchgeführt.";
  }
  return "";
}

std::pair<std::string, std::string> Asus(RouterEvent event, const std::string& address) {
  switch (event) {
    case RouterEvent::kOnline:
      return {"WAN Connection", "WAN was restored."};
    case RouterEvent::kAdminFromHome:
    case RouterEvent::kAdminFromOutside:
      return {"httpd", fmt::format("HTTP login: login 'admin' successful from {}:{}", address, 52114)};
    case RouterEvent::kAdminFailed:
      return {"httpd",
              fmt::format("HTTP login: Detect abnormal logins at 5 times. The newest one was from {}.", address)};
    case RouterEvent::kPortForward:
      return {"rc_service", "httpd 1033:notify_rc restart_firewall"};
    case RouterEvent::kDnsChange:
      return {"rc_service", "httpd 1033:notify_rc restart_wan_if 0;restart_dnsmasq"};
    case RouterEvent::kFirmware:
      return {"rc_service", "httpd 1033:notify_rc start_webs_upgrade"};
  }
  return {};
}

std::pair<std::string, std::string> OpenWrt(RouterEvent event, const std::string& address) {
  switch (event) {
    case RouterEvent::kOnline:
      return {"netifd", "Interface 'wan' is now up"};
    case RouterEvent::kAdminFromHome:
      return {"uhttpd", fmt::format("luci: accepted login on / for root from {}", address)};
    case RouterEvent::kAdminFailed:
      return {"uhttpd", fmt::format("luci: failed login on / for root from {}", address)};
    case RouterEvent::kAdminFromOutside:
      return {"dropbear", fmt::format("Password auth succeeded for 'root' from {}:40722", address)};
    case RouterEvent::kPortForward:
      return {"firewall", "Reloading firewall due to ifup of wan (eth1)"};
    case RouterEvent::kDnsChange:
      return {"dnsmasq", "using nameserver 192.0.2.227#53"};
    case RouterEvent::kFirmware:
      return {"sysupgrade", "Commencing upgrade. Closing all shell sessions."};
  }
  return {};
}

}  // namespace

void LinuxLine(Estate* estate, const Act& act, int64_t time, size_t tenant, const std::string& program,
               const std::string& message) {
  std::string when = FormatTime(time);
  when.replace(when.size() - 1, 1, "+00:00");
  estate->logbook.Add(estate->logs[tenant].linux_auth, time, fmt::format("{} gw1 {}: {}", when, program, message),
                      act.step);
}

void RouterLine(Estate* estate, const Act& act, int64_t time, size_t router, RouterEvent event,
                const std::string& address) {
  const auto log = estate->routers.find(router);
  if (log == estate->routers.end()) return;
  const std::string& maker = estate->world.routers[router].maker;
  std::string line;
  if (maker == "fritzbox") {
    line = FritzTime(time) + " " + Fritz(event, address);
  } else {
    const auto [program, message] = maker == "asus" ? Asus(event, address) : OpenWrt(event, address);
    line = fmt::format("{} {} {}: {}", ShortTime(time), maker == "asus" ? "RT-AX58U" : "OpenWrt",
                       maker == "openwrt" ? program + fmt::format("[{}]", 700 + act.random->Below(3000)) : program,
                       message);
  }
  estate->logbook.Add(log->second, time, line, act.step);
}

}  // namespace spoor::demo
