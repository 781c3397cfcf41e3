#include "demo/estate.h"

#include <fmt/format.h>

#include <limits>

#include "base/time.h"

namespace spoor::demo {
namespace {

std::string ZeekHeader(const char* path, const char* fields, const char* types) {
  return fmt::format(
      "#separator "
      "\\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{}\n#fields\tts\tuid\tid.orig_h\t"
      "id.orig_p\tid.resp_h\tid.resp_p\t{}\n#types\ttime\tstring\taddr\tport\taddr\tport\t{}\n",
      path, fields, types);
}

constexpr const char* kConn =
    "proto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_"
    "pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents";
constexpr const char* kConnTypes =
    "enum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]";
constexpr const char* kDns =
    "proto\ttrans_id\trtt\tquery\tqclass\tqclass_name\tqtype\tqtype_name\trcode\trcode_"
    "name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected";
constexpr const char* kDnsTypes =
    "enum\tcount\tinterval\tstring\tcount\tstring\tcount\tstring\tcount\tstring\tbool\tbool\tbool\tbool\tcount\tvector["
    "string]\tvector[interval]\tbool";
constexpr const char* kHttp =
    "trans_depth\tmethod\thost\turi\treferrer\tversion\tuser_agent\torigin\trequest_body_len\tresponse_body_"
    "len\tstatus_code\tstatus_msg\tinfo_code\tinfo_msg\ttags\tusername\tpassword\tproxied\torig_fuids\torig_"
    "filenames\torig_mime_types\tresp_fuids\tresp_filenames\tresp_mime_types";
constexpr const char* kHttpTypes =
    "count\tstring\tstring\tstring\tstring\tstring\tstring\tstring\tcount\tcount\tcount\tstring\tcount\tstring\tset["
    "enum]\tstring\tstring\tset[string]\tvector[string]\tvector[string]\tvector[string]\tvector[string]\tvector[string]"
    "\tvector[string]";
constexpr const char* kSsl =
    "version\tcipher\tcurve\tserver_name\tresumed\tlast_alert\tnext_protocol\testablished\tssl_history\tcert_chain_"
    "fps\tclient_cert_chain_fps\tsni_matches_cert";
constexpr const char* kSslTypes =
    "string\tstring\tstring\tstring\tbool\tstring\tstring\tbool\tstring\tvector[string]\tvector[string]\tbool";
constexpr const char* kTracking =
    "#Fields: "
    "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,"
    "internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,"
    "related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,tenant-"
    "id,"
    "original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version\n";

}  // namespace

Estate::Estate(const World& w, const std::string& root) : world(w), logbook(root, &truth), logs(w.tenants.size()) {
  for (const HostSpec& spec : world.hosts) {
    hosts.push_back(std::make_unique<WindowsHost>(world, spec, &logbook, Folder(spec.tenant) + "/windows"));
  }
  for (const Tenant& t : world.tenants) {
    OpenBorder(t);
    OpenMail(t);
    TenantLogs& l = logs[t.number];
    const std::string folder = Folder(t.number);
    l.linux_auth = logbook.Text(folder + "/linux/gw1/syslog", "", "syslog");
    l.signins = logbook.Text(folder + "/cloud/entra-signins.jsonl", "", "Entra sign-in");
    l.audit = logbook.Text(folder + "/cloud/m365-audit.jsonl", "", "M365 audit");
    if (t.kind == "telecom") l.cloudtrail = logbook.Text(folder + "/cloud/cloudtrail.jsonl", "", "CloudTrail");
    OpenGaps(t);
  }
  for (size_t i = 0; i < world.routers.size(); ++i) {
    const HomeRouter& r = world.routers[i];
    const Person& p = world.people[r.person];
    // A router's log has no years; the date in the name is that of the day it was handed over.
    std::string date = FormatTime(world.end).substr(0, 10);
    std::erase(date, '-');
    routers[i] = logbook.Text(fmt::format("{}/home-routers/{}-{}.log-{}", Folder(p.tenant), p.user, r.maker, date), "",
                              "router syslog");
  }
}

void Estate::OpenBorder(const Tenant& t) {
  TenantLogs& l = logs[t.number];
  const std::string folder = Folder(t.number);
  l.decrypts = world.Chance("decrypts", t.number).Percent(50);
  if (!t.zeek) {
    l.proxy = logbook.Text(folder + "/proxy/access.log", "", "squid");
    return;
  }
  l.conn = logbook.Text(folder + "/zeek/conn.log", ZeekHeader("conn", kConn, kConnTypes), "zeek conn");
  l.dns = logbook.Text(folder + "/zeek/dns.log", ZeekHeader("dns", kDns, kDnsTypes), "zeek dns");
  l.http = logbook.Text(folder + "/zeek/http.log", ZeekHeader("http", kHttp, kHttpTypes), "zeek http");
  l.ssl = logbook.Text(folder + "/zeek/ssl.log", ZeekHeader("ssl", kSsl, kSslTypes), "zeek ssl");
}

void Estate::OpenMail(const Tenant& t) {
  TenantLogs& l = logs[t.number];
  const std::string folder = Folder(t.number) + "/mail";
  switch (t.mail) {
    case MailKind::kPostfix:
      l.mail = logbook.Text(folder + "/maillog", "", "postfix");
      break;
    case MailKind::kExchange:
      l.mail = logbook.Text(
          folder + "/MSGTRK.LOG",
          "#Software: Microsoft Exchange Server\n#Version: 15.02.1544.004\n#Log-type: Message Tracking Log\n"
          "#Date: " +
              FormatTime(world.start).substr(0, 23) + "Z\n" + kTracking,
          "Exchange message tracking");
      break;
    case MailKind::kMicrosoft365:
      l.mail = logbook.Text(
          folder + "/message-trace.csv",
          "Received,SenderAddress,RecipientAddress,Subject,Status,ToIP,FromIP,Size,MessageId,MessageTraceId\n",
          "M365 message trace");
      break;
  }
  l.private_mail = logbook.Text(folder + "/private/handed-over.csv",
                                "time,mailbox,sender,client_ip,subject,message_id\n", "private message trace");
  for (size_t i = 3; i < 9 && i < t.staff.size(); ++i) {
    const size_t person = t.staff[i];
    if (t.mail == MailKind::kMicrosoft365) {
      l.mailboxes[person] =
          logbook.Text(fmt::format("{}/mailboxes/{}.mbox", folder, world.people[person].user), "", "mbox message");
    } else {
      l.messages[person] = 0;
    }
  }
}

// Which logs are missing: some by neglect at each organisation, the same with the attack and without.
void Estate::OpenGaps(const Tenant& t) {
  Random random = world.Chance("gaps", t.number);
  constexpr int64_t kForever = std::numeric_limits<int64_t>::max();
  const auto lose = [&](const std::string& host, const std::string& name, const std::vector<LogId>& files, int64_t from,
                        int64_t to, const std::string& why) {
    const uint32_t gap = truth.AddGap({t.slug, host, name, why, from, to == kForever ? 0 : to});
    for (const LogId file : files) logbook.Lose(file, from, to, gap);
  };
  const int days = world.options.days;
  if (random.Percent(60)) {
    const HostSpec& spec = world.hosts[t.hosts[random.Below(4)]];
    const int64_t kept = world.Day(static_cast<int>(random.Between(days / 3, 2 * days / 3)));
    lose(spec.name, "Security", {Host(spec).security_log()}, 0, kept,
         "overwritten: the log's largest size was reached");
  }
  if (random.Percent(35)) {
    const HostSpec& spec = world.hosts[t.hosts[random.Below(4)]];
    if (spec.sysmon) lose(spec.name, "Sysmon", {Host(spec).sysmon_log()}, 0, kForever, "the file was not collected");
  }
  if (!random.Percent(50)) return;
  const int first = static_cast<int>(random.Between(days / 4, 3 * days / 4));
  const int64_t from = world.Day(first), to = world.Day(first + static_cast<int>(random.Between(2, 12)));
  const TenantLogs& l = logs[t.number];
  if (t.zeek) {
    lose("", "Zeek", {l.conn, l.dns, l.http, l.ssl}, from, to, "the sensor was down");
  } else {
    lose("", "proxy", {l.proxy}, from, to, "the collector's disk was full");
  }
}

WindowsHost* Estate::MachineOf(size_t person) {
  for (const HostSpec& spec : world.hosts) {
    if (spec.owner == person) return hosts[spec.number].get();
  }
  return nullptr;
}

Who WhoIs(const World& world, const Person& person) {
  return {SidOf(world, person), person.user, world.tenants[person.tenant].netbios,
          person.role == "administrator" || person.role == "help desk" || person.role == "provider administrator"};
}

Who ProviderAt(const Tenant& customer, const Person& person) {
  return {ProviderSid(customer, person), ProviderUser(person), customer.netbios, true};
}

std::string AddressOf(const std::string& name) {
  Random random(0, name);
  return fmt::format("192.0.2.{}", 1 + random.Below(199));
}

}  // namespace spoor::demo
