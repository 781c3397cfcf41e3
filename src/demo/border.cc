// The border of a network: Squid's access log, or Zeek's conn, dns, http and ssl.
//
// Squid (native format): time (of the end) elapsed client code/status bytes method URL user hierarchy/peer type. Where
// it does not look into TLS there is one CONNECT for the whole connection. Zeek sees names and sizes of TLS, no paths.
#include <fmt/format.h>

#include <algorithm>

#include "demo/estate.h"

namespace spoor::demo {
namespace {

struct Url {
  std::string host, path;
  bool tls = false;
  int port = 80;
};

Url Parse(const std::string& url) {
  Url out;
  out.tls = url.rfind("https://", 0) == 0;
  const size_t host = url.find("://") + 3, path = url.find('/', host);
  out.host = url.substr(host, path == std::string::npos ? path : path - host);
  out.path = path == std::string::npos ? "/" : url.substr(path);
  out.port = out.tls ? 443 : 80;
  return out;
}

std::string Seconds(int64_t time, int digits) {
  return digits == 3 ? fmt::format("{}.{:03}", time / kSecond, time % kSecond / 1000)
                     : fmt::format("{}.{:06}", time / kSecond, time % kSecond);
}

std::string Escaped(std::string text) {  // Zeek has no tabs in values
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text.empty() ? "-" : text;
}

}  // namespace

void Surf(Estate* estate, const Act& act, int64_t time, size_t tenant, const Visit& v) {
  const TenantLogs& l = estate->logs[tenant];
  const Url url = Parse(v.url);
  const std::string server = v.server.empty() ? AddressOf(url.host) : v.server;
  if (!estate->world.tenants[tenant].zeek) {
    const bool tunnel = url.tls && !l.decrypts;
    const std::string line = fmt::format("{} {:6} {} {}/{:03} {} {} {} {} HIER_DIRECT/{} {}",
                                         Seconds(time + v.milliseconds * 1000, 3), v.milliseconds, v.client,
                                         tunnel            ? "TCP_TUNNEL"
                                         : v.status == 304 ? "TCP_REFRESH_UNMODIFIED"
                                                           : "TCP_MISS",
                                         tunnel ? 200 : v.status, v.received + (tunnel ? v.sent / 4 + 4200 : 0),
                                         tunnel ? "CONNECT" : v.method, tunnel ? url.host + ":443" : v.url,
                                         v.user.empty() ? "-" : v.user, server, tunnel ? "-" : v.type);
    estate->logbook.Add(l.proxy, time + v.milliseconds * 1000, line, act.step);
    return;
  }
  const std::string uid = "C" + act.random->Text(17, "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789");
  const int64_t port = act.random->Between(49152, 65535);
  const std::string ends = fmt::format("{}\t{}\t{}\t{}", v.client, port, server, url.port);
  const std::string resolver = estate->world.tenants[tenant].net + ".1.10";
  const bool v6 = server.find(':') != std::string::npos;
  estate->logbook.Add(
      l.dns, time,
      fmt::format("{}\tC{}\t{}\t{}\t{}\t53\tudp\t{}\t0.0{:05}\t{}\t1\tC_INTERNET\t{}\t{}\t0\tNOERROR\tF\tF\tT\tT\t0\t{}"
                  "\t{}.000000\tF",
                  Seconds(time, 6), act.random->Text(17, "abcdefghijkmnpqrstuvwxyz0123456789"), v.client,
                  act.random->Between(49152, 65535), resolver, act.random->Below(65536), act.random->Below(60000),
                  url.host, v6 ? 28 : 1, v6 ? "AAAA" : "A", server, act.random->Between(60, 3600)),
      act.step);
  const int64_t at = time + act.random->Between(8, 60) * 1000;
  estate->logbook.Add(
      l.conn, at,
      fmt::format("{}\t{}\t{}\ttcp\t{}\t{}\t{}\t{}\tSF\tT\tF\t0\tShADadFf\t{}\t{}\t{}\t{}\t(empty)", Seconds(at, 6),
                  uid, ends, url.tls ? "ssl" : "http", Seconds(v.milliseconds * 1000, 6), v.sent, v.received,
                  6 + v.sent / 1400, v.sent + 40 * (6 + v.sent / 1400), 5 + v.received / 1400,
                  v.received + 40 * (5 + v.received / 1400)),
      act.step);
  if (url.tls) {
    estate->logbook.Add(
        l.ssl, at,
        fmt::format("{}\t{}\t{}\tTLSv13\tTLS_AES_128_GCM_SHA256\tx25519\t{}\tF\t-\th2\tT\tCsiI\t-\t-\t-",
                    Seconds(at, 6), uid, ends, url.host),
        act.step);
    return;
  }
  estate->logbook.Add(
      l.http, at,
      fmt::format(
          "{}\t{}\t{}\t1\t{}\t{}\t{}\t-\t1.1\t{}\t-\t{}\t{}\t{}\t{}\t-\t-\t(empty)\t-\t-\t-\t-\t-\t-\tF{}\t-\t{}",
          Seconds(at, 6), uid, ends, v.method, url.host, Escaped(url.path), Escaped(v.agent),
          v.method == "POST" ? v.sent : 0, v.received, v.status,
          v.status == 200   ? "OK"
          : v.status == 404 ? "Not Found"
                            : "Found",
          act.random->Text(16, "abcdefghijkmnpqrstuvwxyzABCDEFGHJK0123456789"), v.type),
      act.step);
}

}  // namespace spoor::demo
