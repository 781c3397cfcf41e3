// Web servers: visitors, search engines, scanners that get errors, a scan the organisation ordered itself.
#include <fmt/format.h>

#include "demo/ordinary.h"

namespace spoor::demo {
namespace {

constexpr const char* kPages[] = {"/",
                                  "/Default.aspx",
                                  "/News.aspx",
                                  "/Contact.aspx",
                                  "/styles/site.css",
                                  "/scripts/site.min.js",
                                  "/favicon.ico",
                                  "/Search.aspx",
                                  "/Jobs.aspx",
                                  "/robots.txt"};
constexpr const char* kProbes[] = {"/.env",
                                   "/wp-login.php",
                                   "/phpmyadmin/index.php",
                                   "/autodiscover/autodiscover.json",
                                   "/owa/auth/logon.aspx",
                                   "/cgi-bin/luci",
                                   "/.git/config",
                                   "/admin/config.php",
                                   "/aspnet_client/shell.aspx",
                                   "/uploads/cmd.aspx",
                                   "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
                                   "/remote/login"};

}  // namespace

void WebAtWork(Estate* estate, const Tenant& t, int day) {
  if (t.kind == "provider") return;
  const World& world = estate->world;
  Random r = world.Chance("web at work", t.number, static_cast<uint64_t>(day));
  const Act act{&r};
  for (int64_t n = world.options.noise * r.Between(8, world.Workday(day) ? 18 : 11); n > 0; --n) {
    Request q;
    q.client = r.Percent(30) ? fmt::format("198.51.100.{}", r.Between(2, 158))
               : r.Percent(80)
                   ? AddressOf("visitor" + std::to_string(r.Below(400)))
                   : fmt::format("2001:db8:{:x}:{:x}::{:x}", r.Between(0x200, 0x240), r.Below(64), r.Between(2, 60000));
    q.agent = world.people[r.Below(world.people.size())].agent;
    q.path = kPages[r.Below(std::size(kPages))];
    q.status = r.Percent(70) ? 200 : r.Percent(70) ? 304 : 404;
    q.milliseconds = static_cast<int>(r.Between(2, 400));
    if (q.path == "/Search.aspx") q.query = "q=" + r.Text(6, "abcdefghijklmnoprstuvw");
    if (q.path == "/Contact.aspx" && r.Percent(40)) q.method = "POST", q.status = 200;
    Serve(estate, act, At(*estate, t, day, 0, &r, 1439), t.number, q);
  }
  if (r.Percent(50)) {  // somebody scans the whole world
    const int64_t time = At(*estate, t, day, 0, &r, 1400);
    const std::string client = AddressOf("scanner" + std::to_string(r.Below(60)));
    const Act scan = Innocent(estate, &r, time, t, world.HostOf(t, HostRole::kWeb).name, "", "scanner",
                              "asks for what is not there; nothing but errors");
    for (int64_t n = r.Between(3, 9); n > 0; --n) {
      Request q;
      q.client = client;
      q.agent = r.Percent(50) ? "python-requests/2.31.0" : "Mozilla/5.0 zgrab/0.x";
      q.path = kProbes[r.Below(std::size(kProbes))];
      if (q.path == "/autodiscover/autodiscover.json")
        q.query = "@probe.test/owa/&Email=autodiscover/autodiscover.json%3F@probe.test";
      q.method = r.Percent(20) ? "POST" : "GET";
      q.status = r.Percent(85) ? 404 : r.Percent(50) ? 400 : 403;
      q.win32 = q.status == 404 ? 2 : 0;
      Serve(estate, scan, time + r.Between(0, 90'000) * 1000, t.number, q);
    }
  }
}

}  // namespace spoor::demo
