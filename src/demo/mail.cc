// Mail as its gateway logs it, and as it lies in the mailboxes that were collected.
//
// Gateways: Postfix (syslog, five lines a message), Exchange's message tracking (CSV with #Fields), Microsoft 365's
// message trace. Mailboxes: mbox (RFC 4155, "From " lines quoted) or a folder of messages. Messages follow RFC 5322;
// what the gateway found out about the sender stands in Authentication-Results (RFC 8601).
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "demo/estate.h"
#include "demo/table.h"

namespace spoor::demo {
namespace {

constexpr const char* kDays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // 1970-01-01 was a Thursday
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string DayOfWeek(int64_t time) { return kDays[time / kDay % 7]; }
std::string Month(int64_t time) { return kMonths[std::stoi(FormatTime(time).substr(5, 2)) - 1]; }

// "Mon, 3 Mar 2025 08:00:01 +0000"
std::string MailDate(int64_t time) {
  const std::string t = FormatTime(time);
  return fmt::format("{}, {} {} {} {} +0000", DayOfWeek(time), std::stoi(t.substr(8, 2)), Month(time), t.substr(0, 4),
                     t.substr(11, 8));
}

std::string Csv(const std::string& text) {
  std::string out;
  AppendCsvField(text, &out);
  return out;
}

std::string DomainOf(const std::string& address) { return address.substr(address.find('@') + 1); }

// The header and body as they lie in a mailbox.
std::string Whole(const Tenant& t, const Act& act, int64_t time, const Message& m, const std::string& envelope) {
  Random* r = act.random;
  std::string out = fmt::format("Return-Path: <{}>\n", envelope);
  out += fmt::format("Received: from mx1.{0} (mx1.{0} [{1}.1.25])\n\tby mail.{0} with LMTP id {2}\n\tfor <{3}>; {4}\n",
                     t.domain, t.net, r->UpperHex(12), m.to_address, MailDate(time + 2 * kSecond));
  out += fmt::format(
      "Received: from {} ({} [{}])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n\tby mx1.{} "
      "(Postfix) with ESMTPS id {}\n\tfor <{}>; {}\n",
      m.helo, m.helo, m.client, t.domain, r->UpperHex(10), m.to_address, MailDate(time));
  const bool signed_by = !m.dkim_domain.empty();
  out +=
      fmt::format("Authentication-Results: mx1.{}; spf=pass smtp.mailfrom={};\n\tdkim={}{}; dmarc={} header.from={}\n",
                  t.domain, DomainOf(envelope), signed_by ? "pass header.d=" : "none", m.dkim_domain,
                  m.dmarc ? "pass" : "fail", DomainOf(m.from));
  if (signed_by) {
    out += fmt::format(
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=s{};\n\tt={}; "
        "h=from:to:subject:date:message-id;\n\tbh={}=;\n\tb={}==\n",
        m.dkim_domain, r->Between(1, 9), time / kSecond, r->Text(43, kBase64), r->Text(86, kBase64));
  }
  out += fmt::format("From: {} <{}>\nTo: <{}>\nSubject: {}\nDate: {}\nMessage-ID: <{}>\n", m.from_name, m.from,
                     m.to_address, m.subject, MailDate(time - r->Between(1, 20) * kSecond), m.id);
  if (!m.unsubscribe.empty()) out += fmt::format("List-Unsubscribe: <{}>\nPrecedence: bulk\n", m.unsubscribe);
  if (!m.mailer.empty()) out += fmt::format("X-Mailer: {}\n", m.mailer);
  out += "MIME-Version: 1.0\n";
  if (m.html.empty())
    return out + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + m.text + "\n";
  const std::string boundary = "=_" + r->Hex(24);
  return out +
         fmt::format(
             "Content-Type: multipart/alternative; boundary=\"{0}\"\n\n--{0}\nContent-Type: text/plain; charset=utf-8\n"
             "Content-Transfer-Encoding: 8bit\n\n{1}\n\n--{0}\nContent-Type: text/html; "
             "charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{2}\n\n--{0}--\n",
             boundary, m.text, m.html);
}

void ToMailbox(Estate* estate, const Act& act, int64_t time, const Message& m, const std::string& envelope) {
  const Person& p = estate->world.people[m.to];
  TenantLogs& l = estate->logs[p.tenant];
  const auto mbox = l.mailboxes.find(m.to);
  const auto folder = l.messages.find(m.to);
  if (mbox == l.mailboxes.end() && folder == l.messages.end()) return;
  const std::string whole = Whole(estate->world.tenants[p.tenant], act, time, m, envelope);
  if (folder != l.messages.end()) {
    const std::string path =
        fmt::format("{}/mail/mailboxes/{}/{}.eml", estate->Folder(p.tenant), p.user, m.id.substr(0, m.id.find('@')));
    ++folder->second;
    estate->status.Update(estate->logbook.AddFile(path, whole, "message", act.step));
    return;
  }
  const std::string t = FormatTime(time);
  std::string text = fmt::format("From {} {} {} {:>2} {} {}\n", envelope, DayOfWeek(time), Month(time),
                                 std::stoi(t.substr(8, 2)), t.substr(11, 8), t.substr(0, 4));
  for (const std::string& line : Split(whole, '\n')) text += (line.rfind("From ", 0) == 0 ? ">" : "") + line + "\n";
  estate->logbook.AddMessage(mbox->second, time, std::move(text), act.step);
}

void Postfix(Estate* estate, const Act& act, int64_t time, const Tenant& t, const Message& m,
             const std::string& envelope, int64_t size) {
  const std::string queue = act.random->UpperHex(10);
  const auto line = [&](int64_t after, const char* program, const std::string& text) {
    std::string when = FormatTime(time + after * 1000);
    when.replace(when.size() - 1, 1, "+00:00");
    estate->logbook.Add(estate->logs[t.number].mail, time + after * 1000,
                        fmt::format("{} mx1 postfix/{}[{}]: {}", when, program, 900 + act.random->Below(30000), text),
                        act.step);
  };
  line(0, "smtpd", fmt::format("{}: client={}[{}]", queue, m.helo, m.client));
  line(90, "cleanup", fmt::format("{}: message-id=<{}>", queue, m.id));
  line(130, "qmgr", fmt::format("{}: from=<{}>, size={}, nrcpt=1 (queue active)", queue, envelope, size));
  line(420, "lmtp",
       fmt::format("{}: to=<{}>, relay=mail.{}[{}.1.26]:24, delay=0.42, delays=0.11/0.01/0.05/0.25, dsn=2.0.0, "
                   "status=sent (250 2.0.0 <{}> Saved)",
                   queue, m.to_address, t.domain, t.net, m.to_address));
  line(425, "qmgr", fmt::format("{}: removed", queue));
}

}  // namespace

void Deliver(Estate* estate, const Act& act, int64_t time, const Message& m) {
  const std::string& envelope = m.envelope.empty() ? m.from : m.envelope;
  const int64_t size = m.size != 0 ? m.size : static_cast<int64_t>(1900 + m.text.size() + m.html.size());
  const Person& p = estate->world.people[m.to];
  if (m.to_address != p.mail) {  // a private account
    const size_t tenant = p.tenant != kNobody ? p.tenant : estate->world.people[p.related].tenant;
    estate->logbook.Add(
        estate->logs[tenant].private_mail, time,
        fmt::format("{},{},{},{},{},{}", FormatTime(time), m.to_address, m.from, m.client, Csv(m.subject), m.id),
        act.step);
    return;
  }
  const Tenant& t = estate->world.tenants[p.tenant];
  switch (t.mail) {
    case MailKind::kPostfix:
      Postfix(estate, act, time, t, m, envelope, size);
      break;
    case MailKind::kExchange: {
      const std::string when = FormatTime(time).substr(0, 23) + "Z", network = act.random->Uuid();
      estate->logbook.Add(estate->logs[t.number].mail, time,
                          fmt::format("{},{},{},{}.1.25,MX1,08DD{};{};0,MX1\\Default Frontend "
                                      "MX1,SMTP,RECEIVE,{},<{}>,{},{},,{},1,,,{},{},{},0cI:,Incoming,,{},{}.1.25,S:"
                                      "FirstForestHop=MX1,Email,{},15.02.1544.004",
                                      when, m.client, m.helo, t.net, act.random->UpperHex(12), when,
                                      act.random->Between(100000, 999999), m.id, network, m.to_address, size,
                                      Csv(m.subject), m.from, envelope, m.client, t.net, act.random->Uuid()),
                          act.step);
      estate->logbook.Add(estate->logs[t.number].mail, time + 800 * 1000,
                          fmt::format("{},,MX1,,MX1,,,STOREDRIVER,DELIVER,{},<{}>,{},{},,{},1,,,{},{},{},,Incoming,,{},"
                                      "{}.1.25,,Email,{},15.02.1544.004",
                                      FormatTime(time + 800 * 1000).substr(0, 23) + "Z",
                                      act.random->Between(100000, 999999), m.id, network, m.to_address, size,
                                      Csv(m.subject), m.from, envelope, m.client, t.net, act.random->Uuid()),
                          act.step);
      break;
    }
    case MailKind::kMicrosoft365:
      estate->logbook.Add(estate->logs[t.number].mail, time,
                          fmt::format("{},{},{},{},Delivered,,{},{},<{}>,{}", FormatTime(time).substr(0, 19) + "Z",
                                      m.from, m.to_address, Csv(m.subject), m.client, size, m.id, act.random->Uuid()),
                          act.step);
      break;
  }
  ToMailbox(estate, act, time, m, envelope);
}

}  // namespace spoor::demo
