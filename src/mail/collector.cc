#include "mail/collector.h"

#include <algorithm>
#include <initializer_list>

#include "base/text.h"
#include "mail/link_shape.h"

namespace spoor {
namespace {

constexpr size_t kMaxText = 512;  // bytes of a text kept
constexpr int64_t kDay = 86'400'000'000;

// The field of the first of these names that a shape has; -1: none.
int FieldOf(const Shape& shape, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (size_t i = 0; i < shape.fields.size(); ++i) {
      if (shape.fields[i].name == name) return static_cast<int>(i);
    }
  }
  return -1;
}

constexpr double kSlack = 1.25;  // how far a worker is above the bounds before it drops what is

// `to` keeps its memory from one event to the next.
const std::string& TextOf(const Event& event, int field, std::string* to) {
  to->clear();
  if (field >= 0 && HasField(event, event.shape->fields[static_cast<size_t>(field)])) {
    AppendFieldText(event, event.shape->fields[static_cast<size_t>(field)], to);
  }
  if (*to == "-" || *to == "(empty)") to->clear();
  return *to;
}
std::string TextOf(const Event& event, int field) {
  std::string text;
  TextOf(event, field, &text);
  return text;
}

template <typename Fn>
void ForEachText(const Event& event, int field, Fn&& fn) {
  if (field < 0 || !HasField(event, event.shape->fields[static_cast<size_t>(field)])) return;
  std::string text;
  ForEachElement(event.Part(event.shape->fields[static_cast<size_t>(field)].parts[0]), [&](const Value& value) {
    text.clear();
    AppendText(value, &text);
    fn(std::string_view(text));
  });
}

std::string DomainOf(std::string_view address) {
  const size_t sign = address.rfind('@');
  return sign == std::string_view::npos ? std::string() : AsciiLower(address.substr(sign + 1));
}

// "<id@host>" without brackets; an address in lower case.
std::string Bare(std::string_view text) {
  while (text.starts_with('<') || text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with('>') || text.ends_with(' ')) text.remove_suffix(1);
  return AsciiLower(text.substr(0, kMaxText));
}

bool IsAddress(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// A name that was asked for, in lower case; empty: none that a link could lead to.
std::string HostName(std::string_view text) {
  if (text.starts_with("http://") || text.starts_with("https://")) text.remove_prefix(text.find("://") + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  text = text.substr(0, text.find(':'));
  while (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > 253 || text.find('.') == std::string_view::npos || text.find(' ') != std::string_view::npos) {
    return {};
  }
  return AsciiLower(text);
}

// "ACME\jane", "jane@acme.example" as "jane".
std::string UserName(std::string_view text) {
  if (const size_t slash = text.rfind('\\'); slash != std::string_view::npos) text.remove_prefix(slash + 1);
  return AsciiLower(text.substr(0, std::min(text.find('@'), kMaxText)));
}

}  // namespace

struct WaveCollector::Plan {
  enum Kind : uint8_t { kNothing, kMessage, kGateway, kQueueLine, kRequest } kind = kNothing;
  // Of mails.
  int sender = -1, envelope = -1, name = -1, domain = -1, subject = -1, id = -1, to = -1, cc = -1, delivered_to = -1;
  int unsubscribe = -1, list_id = -1, precedence = -1, reply = -1, dkim_domain = -1, dmarc = -1, dkim = -1;
  int urls = -1, images = -1, hidden = -1;
  int recipient = -1, queue = -1;
  // Of requests.
  int url = -1, host = -1, path = -1, query = -1, client = -1, user = -1, answers = -1, address = -1;
};

WaveCollector::WaveCollector() : kept_(std::make_unique<Kept>()) {}
WaveCollector::~WaveCollector() = default;
WaveCollector::WaveCollector(WaveCollector&&) noexcept = default;
WaveCollector& WaveCollector::operator=(WaveCollector&&) noexcept = default;

const WaveCollector::Plan& WaveCollector::PlanOf(const Shape& shape) {
  std::unique_ptr<Plan>& found = plans_[&shape];
  if (found != nullptr) return *found;
  found = std::make_unique<Plan>();
  Plan& p = *found;
  const auto field = [&](std::initializer_list<std::string_view> names) { return FieldOf(shape, names); };
  const SourceTag& source = shape.source;
  if (source.product == "mail" && source.service == "message") {
    p = {.kind = Plan::kMessage,
         .sender = field({"From"}),
         .envelope = field({"ReturnPath"}),
         .name = field({"FromName"}),
         .domain = field({"FromDomain"}),
         .subject = field({"Subject"}),
         .id = field({"MessageId"}),
         .to = field({"To"}),
         .cc = field({"Cc"}),
         .delivered_to = field({"DeliveredTo"}),
         .unsubscribe = field({"ListUnsubscribe"}),
         .list_id = field({"ListId"}),
         .precedence = field({"Precedence"}),
         .reply = field({"InReplyTo"}),
         .dkim_domain = field({"DkimDomain"}),
         .dmarc = field({"DMARC"}),
         .dkim = field({"DKIM"}),
         .urls = field({"Urls"}),
         .images = field({"ImageUrls"}),
         .hidden = field({"HiddenImageUrls"})};
    return p;
  }
  p.sender = field({"sender-address", "SenderAddress"});
  p.envelope = field({"return-path"});
  p.recipient = field({"recipient-address", "RecipientAddress"});
  p.subject = field({"message-subject", "Subject"});
  p.id = field({"message-id", "MessageId"});
  if (p.sender >= 0 && p.recipient >= 0 && p.id >= 0 && source.service.starts_with("messagetrac")) {
    p.kind = Plan::kGateway;
    return p;
  }
  p.queue = field({"queue_id"});
  p.sender = field({"sender"});
  p.recipient = field({"recipient"});
  p.id = field({"mail_id"});
  if (p.queue >= 0) {
    if (p.sender >= 0 || p.recipient >= 0 || p.id >= 0) p.kind = Plan::kQueueLine;
    return p;
  }
  p.url = field({"c-uri", "cs-uri", "http.url", "url", "RemoteUrl"});
  p.path = field({"uri", "cs-uri-stem"});
  p.query =
      p.path >= 0 && shape.fields[static_cast<size_t>(p.path)].name == "cs-uri-stem" ? field({"cs-uri-query"}) : -1;
  p.host =
      field({"cs-host", "server_name", "tls.sni", "http.hostname", "dns.rrname", "QueryName", "DestinationHostname"});
  if (p.host < 0 && p.path >= 0) p.host = field({"host"});  // Zeek's; elsewhere it is the machine that writes
  if (p.host < 0 && SourceTag::Fits("dns", source.category)) p.host = field({"query"});
  p.client = field({"c-ip", "id.orig_h", "src_ip", "SourceIp", "ClientIP", "client_ip"});
  p.user = field({"cs-username", "User", "user"});
  p.answers = field({"answers", "QueryResults", "dns.answers"});
  p.address = field({"r-ip", "id.resp_h", "dst_ip", "dest_ip", "DestinationIp"});
  if (p.client >= 0 && (p.host >= 0 || p.url >= 0 || p.address >= 0)) p.kind = Plan::kRequest;
  if (p.host >= 0 && p.answers >= 0)
    p.kind = Plan::kRequest;  // Sysmon's names asked for have no client: it is the host
  return p;
}

void WaveCollector::Take(const Event& event, uint32_t file, std::string_view tenant) {
  if (event.shape != last_) {
    last_ = event.shape;
    last_plan_ = &PlanOf(*event.shape);
  }
  const Plan& plan = *last_plan_;
  switch (plan.kind) {
    case Plan::kNothing:
      return;
    case Plan::kMessage:
      TakeMessage(event, plan, file, tenant);
      break;
    case Plan::kGateway:
      TakeGateway(event, plan, file, tenant);
      break;
    case Plan::kQueueLine:
      TakeQueueLine(event, plan, file, tenant);
      break;
    case Plan::kRequest:
      TakeRequest(event, plan, file, tenant);
      break;
  }
  kept_->Prune(kSlack);
}

void WaveCollector::Keep(KeptMail mail, std::string_view tenant) {
  if (mail.time == 0 || mail.recipient->empty()) return;
  ++kept_->taken;
  mail.rank = RankOf(mail.place, RankOf(*mail.recipient));
  const auto [begin, is_new] = kept_->mail_begins.try_emplace(std::string(tenant), mail.time);
  begin->second = std::min(begin->second, mail.time);
  if (!mail.domain->empty()) {
    SenderSeen& sender = kept_->senders[*mail.domain];
    sender.first = std::min(sender.first, mail.time);
    sender.last = std::max(sender.last, mail.time);
    const auto day = static_cast<int32_t>(mail.time / kDay);
    const auto at = std::lower_bound(sender.days.begin(), sender.days.end(), day);
    if (at == sender.days.end() || *at != day) sender.days.insert(at, day);
    if (sender.days.size() > SenderSeen::kMaxDays) sender.days.pop_back();
  }
  if (const std::string domain = DomainOf(*mail.recipient); !domain.empty()) {
    SenderSeen& written_to = kept_->senders[domain];
    written_to.written_to = std::min(written_to.written_to, mail.time);
  }
  kept_->Keep(std::move(mail));
}

void WaveCollector::TakeMessage(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant) {
  TextSet& pool = kept_->pool;
  const auto text = [&](int field) { return pool.Put(std::string_view(TextOf(event, field)).substr(0, kMaxText)); };
  KeptMail mail;
  mail.time = event.time;
  mail.place = {file, event.record, event.offset};
  mail.tenant = pool.Put(tenant);
  mail.sender = pool.Put(Bare(TextOf(event, plan.sender)));
  mail.domain = text(plan.domain);
  mail.name = text(plan.name);
  mail.subject = text(plan.subject);
  const std::string id = Bare(TextOf(event, plan.id));
  mail.id = id.empty() ? 0 : RankOf(id);
  mail.id_domain = pool.Put(DomainOf(id));
  mail.envelope = pool.Put(EnvelopeShape(Bare(TextOf(event, plan.envelope))));
  mail.can_unsubscribe = !TextOf(event, plan.unsubscribe).empty() || !TextOf(event, plan.list_id).empty();
  const std::string precedence = AsciiLower(TextOf(event, plan.precedence));
  mail.bulk = precedence == "bulk" || precedence == "list";
  mail.reply = !TextOf(event, plan.reply).empty();
  const std::string signer = TextOf(event, plan.dkim_domain);
  mail.other_signer = !signer.empty() && signer != *mail.domain && !mail.domain->ends_with("." + signer) &&
                      !signer.ends_with("." + *mail.domain);
  mail.failed = IsOneOf(TextOf(event, plan.dmarc), {"fail", "none"}) || TextOf(event, plan.dkim) == "fail";

  // What tells most first: images nobody sees, images, links; of each shape one.
  std::vector<std::string> urls[3];
  ForEachText(event, plan.hidden, [&](std::string_view url) { urls[0].emplace_back(url); });
  ForEachText(event, plan.images, [&](std::string_view url) { urls[1].emplace_back(url); });
  ForEachText(event, plan.urls, [&](std::string_view url) { urls[2].emplace_back(url); });
  for (int kind = 0; kind < 3; ++kind) {
    for (const std::string& url : urls[kind]) {
      if (mail.links.size() >= kMaxLinksKept) break;
      const LinkShape shape = ShapeOf(url);
      if ((!shape.token && shape.name.empty()) || shape.host.empty()) continue;
      const KeptLink link = {pool.Put(shape.host), pool.Put(std::string_view(shape.shape).substr(0, kMaxText)),
                             shape.token ? RankOf(Asked(url)) : RankOf(shape.name), kind < 2, kind == 0};
      const bool known = std::any_of(mail.links.begin(), mail.links.end(), [&](const KeptLink& other) {
        return other.asked == link.asked || (other.host == link.host && other.shape == link.shape);
      });
      if (!known) mail.links.push_back(link);
    }
  }

  std::vector<std::string> recipients;
  const auto add = [&](std::string_view address) {
    std::string bare = Bare(address);
    if (bare.find('@') == std::string::npos || recipients.size() >= kMaxRecipientsKept) return;
    if (std::find(recipients.begin(), recipients.end(), bare) == recipients.end())
      recipients.push_back(std::move(bare));
  };
  ForEachText(event, plan.to, add);
  ForEachText(event, plan.cc, add);
  if (recipients.empty()) ForEachText(event, plan.delivered_to, add);  // blind copies
  for (const std::string& recipient : recipients) {
    mail.recipient = pool.Put(recipient);
    Keep(mail, tenant);
  }
}

void WaveCollector::TakeGateway(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant) {
  TextSet& pool = kept_->pool;
  KeptMail mail;
  mail.gateway = true;
  mail.time = event.time;
  mail.place = {file, event.record, event.offset};
  mail.tenant = pool.Put(tenant);
  const std::string sender = Bare(TextOf(event, plan.sender));
  mail.sender = pool.Put(sender);
  mail.domain = pool.Put(DomainOf(sender));
  mail.name = pool.Put("");
  mail.subject = pool.Put(std::string_view(TextOf(event, plan.subject)).substr(0, kMaxText));
  const std::string id = Bare(TextOf(event, plan.id));
  mail.id = id.empty() ? 0 : RankOf(id);
  mail.id_domain = pool.Put(DomainOf(id));
  mail.envelope = pool.Put(EnvelopeShape(Bare(TextOf(event, plan.envelope))));
  const std::string all = TextOf(event, plan.recipient);
  size_t count = 0;
  for (size_t at = 0; at < all.size() && count < kMaxRecipientsKept; ++count) {
    const size_t stop = std::min(all.find(';', at), all.size());
    const std::string_view one = std::string_view(all).substr(at, stop - at);
    at = stop + 1;
    mail.recipient = pool.Put(Bare(one.substr(0, one.find("##"))));  // "jane@acme.example##Receive, Deliver"
    Keep(mail, tenant);
  }
}

void WaveCollector::TakeQueueLine(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant) {
  const std::string queue = TextOf(event, plan.queue);
  for (const auto& [field, kind] : {std::pair{plan.sender, QueueLine::kSender},
                                    {plan.recipient, QueueLine::kRecipient},
                                    {plan.id, QueueLine::kId}}) {
    const std::string value = Bare(TextOf(event, field));
    if (value.empty() || queue.empty() || event.time == 0) continue;
    ++kept_->taken;
    QueueLine line;
    line.kind = kind;
    line.time = event.time;
    line.place = {file, event.record, event.offset};
    line.tenant = kept_->pool.Put(tenant);
    line.queue = kept_->pool.Put(queue);
    line.value = kept_->pool.Put(value);
    line.rank = RankOf(*line.tenant + '\n' + queue);
    kept_->Keep(line);
  }
}

void WaveCollector::TakeRequest(const Event& event, const Plan& plan, uint32_t file, std::string_view tenant) {
  if (event.time == 0) return;
  Texts& t = texts_;
  TextOf(event, plan.url, &t.url);
  std::string host = HostName(TextOf(event, plan.host, &t.text));
  if (host.empty() && !t.url.empty()) host = HostName(t.url);
  TextOf(event, plan.address, &t.address);
  const bool named = !host.empty();
  if (!named) host = AsciiLower(t.address);
  if (host.empty()) return;
  TextOf(event, plan.path, &t.path);
  if (!t.path.empty() && !TextOf(event, plan.query, &t.text).empty()) (t.path += '?') += t.text;

  const auto [begin, is_new] = kept_->web_begins.try_emplace(std::string(tenant), event.time);
  begin->second = std::min(begin->second, event.time);
  const std::string key = named ? HostShape(host) : host;
  HostSeen& seen = kept_->hosts[key];
  seen.first = std::min(seen.first, event.time);
  seen.last = std::max(seen.last, event.time);
  ++seen.count;
  const auto resolved = [&](std::string_view text) {
    std::vector<std::string>& all = seen.addresses;
    if (!IsAddress(text)) return;
    const auto at = std::lower_bound(all.begin(), all.end(), text);
    if (at == all.end() || *at != text) all.insert(at, std::string(text));
    if (all.size() > HostSeen::kMaxAddresses) all.pop_back();
  };
  const bool dns = plan.answers >= 0;
  ForEachText(event, plan.answers, resolved);
  if (named && !dns) resolved(t.address);

  TextOf(event, plan.client, &t.client);
  const std::string user = UserName(TextOf(event, plan.user, &t.text));
  if (RankOf(key) < kept_->fetch_bound) {
    Fetch fetch;
    fetch.time = event.time;
    fetch.place = {file, event.record, event.offset};
    fetch.rank = RankOf(fetch.place, 0);
    fetch.tenant = kept_->pool.Put(tenant);
    fetch.client = kept_->pool.Put(t.client);
    fetch.user = kept_->pool.Put(user);
    if (key != host) fetch.name = RankOf(host);
    if (t.url.find("://") != std::string::npos) {
      fetch.asked = RankOf(Asked(t.url));
    } else if (named && !t.path.empty()) {
      fetch.asked = RankOf(Asked(host, t.path));
    }
    kept_->Keep(fetch, &seen);
  }
  if (!t.client.empty() && !user.empty()) {
    t.text.assign(tenant).append(1, '\n').append(t.client);
    const auto [at, fresh] = kept_->clients.try_emplace(t.text, user);
    if (!fresh && at->second != user) at->second.clear();
  }
}

void WaveCollector::ShareBounds(const WaveCollector& other) { kept_->counts = other.kept_->counts; }

void WaveCollector::ShapesDropped() {
  plans_.clear();
  last_ = nullptr;
}

void WaveCollector::Add(WaveCollector&& other) { kept_->Add(std::move(*other.kept_)); }

TrackingWaves WaveCollector::FindWaves() {
  kept_->Prune(1);
  JoinQueueLines(kept_.get());
  return spoor::FindWaves(*kept_);
}

}  // namespace spoor
