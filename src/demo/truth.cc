#include "demo/truth.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/time.h"

namespace spoor::demo {
namespace {

const char* StateName(HostState state) {
  switch (state) {
    case HostState::kTargeted:
      return "targeted";
    case HostState::kReached:
      return "reached";
    case HostState::kCompromised:
      return "compromised";
  }
  return "";
}

// An object being written: `Key` for texts, `Raw` for what is JSON already. Empty texts are left out.
class Object {
 public:
  Object& Key(const char* key, const std::string& text) { return text.empty() ? *this : Raw(key, JsonString(text)); }
  Object& Time(const char* key, int64_t time) { return time == 0 ? *this : Raw(key, JsonString(FormatTime(time))); }
  Object& Raw(const char* key, const std::string& json) {
    out_ += fmt::format("{}\"{}\":{}", out_.size() > 1 ? "," : "", key, json);
    return *this;
  }
  Object& Raw(const char* key, uint64_t number) { return Raw(key, std::to_string(number)); }
  std::string End() const { return out_ + "}"; }

 private:
  std::string out_ = "{";
};

template <typename List, typename Render>
std::string Lines(const List& list, Render&& render) {
  std::string out = "[";
  for (const auto& item : list) {
    const std::string json = render(item);
    if (json.empty()) continue;
    out += (out.size() > 1 ? ",\n  " : "\n  ") + json;
  }
  return out + "]";
}

}  // namespace

StepId Truth::Add(Step step) {
  step.id = static_cast<StepId>(steps_.size() + 1);
  steps_.push_back(std::move(step));
  return steps_.back().id;
}

void Truth::Host(const std::string& tenant, const std::string& host, const std::string& role, bool server,
                 HostState state, int64_t time, StepId step, bool from_provider) {
  for (HostTruth& h : hosts_) {
    if (h.tenant != tenant || h.host != host) continue;
    h.state = std::max(h.state, state);
    h.from_provider |= from_provider;
    if (time < h.first) h.first = time, h.step = step;
    return;
  }
  hosts_.push_back({tenant, host, role, server, state, time, step, from_provider});
}

void Truth::Account(AccountTruth account) {
  for (const AccountTruth& a : accounts_) {
    if (a.tenant == account.tenant && a.account == account.account && a.state == account.state) return;
  }
  accounts_.push_back(std::move(account));
}

uint32_t Truth::File(const std::string& path) {
  const auto [it, is_new] = file_numbers_.emplace(path, static_cast<uint32_t>(files_.size()));
  if (is_new) files_.push_back(path);
  return it->second;
}

uint32_t Truth::AddGap(Gap gap) {
  gaps_.push_back(std::move(gap));
  return static_cast<uint32_t>(gaps_.size() - 1);
}

std::string Truth::StepJson(const Step& step) const {
  Object o;
  o.Raw("id", step.id);
  if (step.stage != 0) o.Raw("stage", static_cast<uint64_t>(step.stage));
  o.Key("name", step.name).Key("tactic", step.tactic).Key("technique", step.technique).Key("variant", step.variant);
  o.Time("time", step.time).Key("tenant", step.tenant).Key("host", step.host).Key("account", step.account);
  o.Key("text", step.text);
  // Those of one kind in one file together.
  std::map<std::pair<std::string, std::string>, std::string> records;
  for (const StepRecord& r : step.records) {
    std::string& numbers = records[{files_[r.file], r.what}];
    numbers += fmt::format("{}{}", numbers.empty() ? "" : ",", r.record);
  }
  std::string lists = "[";
  for (const auto& [where, numbers] : records) {
    lists += fmt::format("{}{{\"path\":{},\"what\":{},\"numbers\":[{}]}}", lists.size() > 1 ? "," : "",
                         JsonString(where.first), JsonString(where.second), numbers);
  }
  o.Raw("records", lists + "]");
  if (!step.lost.empty()) {
    std::string lost = "[";
    for (const auto& [gap, count] : step.lost) {
      lost += fmt::format("{}{{\"missing\":{},\"records\":{}}}", lost.size() > 1 ? "," : "", gap, count);
    }
    o.Raw("lost", lost + "]");
  }
  return o.End();
}

std::string Truth::Json() const {
  std::string out = "{\"version\":1";
  for (const auto& [key, json] : options) out += fmt::format(",\n\"{}\":{}", key, json);
  // Patient zero of a tenant: what of it was the intruder's first.
  std::map<std::string, const HostTruth*> zero;
  for (const HostTruth& h : hosts_) {
    if (h.state == HostState::kTargeted) continue;
    const HostTruth*& z = zero[h.tenant];
    if (z == nullptr || h.first < z->first) z = &h;
  }
  out += ",\n\"tenants\":" + Lines(tenants, [](const auto& t) { return t.second; });
  const auto step = [&](bool innocent) {
    return Lines(steps_,
                 [&, innocent](const Step& s) { return (s.stage == 0) == innocent ? StepJson(s) : std::string(); });
  };
  out += ",\n\"steps\":" + step(false);
  out += ",\n\"hosts\":" + Lines(hosts_, [this](const HostTruth& h) {
           const auto address = addresses.find({h.tenant, h.host});
           return Object()
               .Key("tenant", h.tenant)
               .Key("host", h.host)
               .Key("address", address == addresses.end() ? "" : address->second)
               .Key("role", h.role)
               .Raw("server", h.server ? "true" : "false")
               .Key("state", StateName(h.state))
               .Time("first", h.first)
               .Raw("step", h.step)
               .Raw("from_provider", h.from_provider ? "true" : "false")
               .End();
         });
  out += ",\n\"accounts\":" + Lines(accounts_, [](const AccountTruth& a) {
           return Object()
               .Key("tenant", a.tenant)
               .Key("account", a.account)
               .Key("state", a.state)
               .Key("person", a.person)
               .Time("first", a.first)
               .Raw("step", a.step)
               .End();
         });
  out += ",\n\"patient_zero\":" + Lines(zero, [](const auto& z) {
           return Object()
               .Key("tenant", z.first)
               .Key("host", z.second->host)
               .Time("time", z.second->first)
               .Raw("step", z.second->step)
               .End();
         });
  out += ",\n\"paths\":" + Lines(paths, [](const PathTruth& p) {
           return Object()
               .Key("customer", p.customer)
               .Key("from_host", p.from_host)
               .Key("account", p.account)
               .Key("how", p.how)
               .Time("first", p.first)
               .Raw("step", p.step)
               .End();
         });
  out += ",\n\"infrastructure\":" + Lines(infrastructure, [](const auto& i) {
           return Object().Key("kind", i.first).Key("value", i.second).End();
         });
  uint64_t gap = 0;
  out += ",\n\"missing\":" + Lines(gaps_, [&gap](const Gap& g) {
           return Object()
               .Raw("id", gap++)
               .Key("tenant", g.tenant)
               .Key("host", g.host)
               .Key("log", g.log)
               .Time("from", g.from)
               .Time("to", g.to)
               .Key("why", g.why)
               .End();
         });
  out += ",\n\"innocent\":" + step(true);
  out += ",\n\"files\":" +
         Lines(counts, [](const auto& c) { return Object().Key("path", c.first).Raw("records", c.second).End(); });
  const auto truth = [](bool b) { return std::string(b ? "true" : "false"); };
  out += ",\n\"mailboxes\":" + Lines(mailboxes, [&](const MailboxTruth& m) {
           return Object()
               .Key("tenant", m.tenant)
               .Key("mailbox", m.mailbox)
               .Key("kind", m.kind)
               .Key("person", m.person)
               .Raw("targeted", truth(m.targeted))
               .Raw("opened", truth(m.opened))
               .Raw("opening_seen", truth(m.seen_opening))
               .Raw("read", truth(m.read))
               .Time("first", m.first)
               .End();
         });
  // A person is targeted, has opened, was read where one of their mailboxes is.
  std::map<std::string, MailboxTruth> persons;
  for (const MailboxTruth& m : mailboxes) {
    MailboxTruth& p = persons[m.person];
    p.tenant = m.tenant;
    p.targeted |= m.targeted, p.opened |= m.opened, p.read |= m.read;
    if (p.first == 0 || m.first < p.first) p.first = m.first;
  }
  out += ",\n\"persons\":" + Lines(persons, [&](const auto& p) {
           return Object()
               .Key("person", p.first)
               .Key("tenant", p.second.tenant)
               .Raw("targeted", truth(p.second.targeted))
               .Raw("opened", truth(p.second.opened))
               .Raw("read", truth(p.second.read))
               .Time("first", p.second.first)
               .End();
         });
  return out + "}\n";
}

}  // namespace spoor::demo
