#include "world/note_facts.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/number.h"
#include "base/text.h"
#include "formats/evtx_xml/scanner.h"
#include "hunt/host_field.h"
#include "world/spelling.h"

namespace spoor {
namespace {

constexpr int64_t kSlice = 600'000'000;  // microseconds in which a process number means one process

// Field names' case differs between producers (SourceProcessGUID, SourceProcessGuid).
std::vector<int> FindAll(const Shape& shape, const std::vector<std::string>& names) {
  std::vector<int> found;
  for (const std::string& name : names) {
    if (const int field = FindField(shape, name); field >= 0) found.push_back(field);
  }
  return found;
}

uint32_t ParsePid(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  uint32_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid, hex ? 16 : 10);
  return error == std::errc() && end == text.data() + text.size() ? pid : 0;
}

bool IsNothing(std::string_view text) {
  return text.empty() || text == "-" || text == "N/A" || text == "(null)" || text == "0x0";
}

// The texts of the first elements of these names, one after the other; "": there are none.
void AppendElements(std::string_view xml, const std::vector<std::string>& names, std::string* out) {
  for (const std::string& name : names) {
    evtx_xml::Scanner scanner(xml);
    bool within = false;
    for (auto token = scanner.Next();; token = scanner.Next()) {
      if (token == evtx_xml::Scanner::Token::kEnd || token == evtx_xml::Scanner::Token::kBroken) break;
      if (token == evtx_xml::Scanner::Token::kElement) within = scanner.name() == name;
      if (within && token == evtx_xml::Scanner::Token::kClosed) break;
      if (!within || token != evtx_xml::Scanner::Token::kText) continue;
      if (!out->empty()) *out += ' ';
      evtx_xml::AppendUnescaped(scanner.text(), out);
      break;
    }
  }
}

// "*" at either end of a pattern stands for any text. Both in lower case.
bool Matches(std::string_view text, std::string_view pattern) {
  const bool begins = pattern.starts_with('*'), ends = pattern.size() > 1 && pattern.ends_with('*');
  if (begins) pattern.remove_prefix(1);
  if (ends) pattern.remove_suffix(1);
  if (begins && ends) return text.find(pattern) != std::string_view::npos;
  return begins ? text.ends_with(pattern) : ends ? text.starts_with(pattern) : text == pattern;
}

bool IsNoGuid(std::string_view guid) { return guid.find_first_not_of("{}0-") == std::string_view::npos; }

}  // namespace

void FactNoter::Read(const Piece& piece) {
  file_ = piece.file;
  tenant_ = files_[file_].tenant;
  path_ = clues_.PathNumber(files_[file_].path, tenant_);
  if (path_ == ~0u && silent_.Has(files_, file_)) return;
  piece_host_ = piece.facts != nullptr ? std::string_view(piece.facts->host) : std::string_view();
  readers_->Read(piece, this);
}

FactNoter::Plan FactNoter::MakePlan(const Shape& shape, const EventFacts* facts) const {
  Plan plan;
  plan.facts = facts;
  if (facts == nullptr) return plan;
  for (const RoleFacts& role : facts->roles) {
    Role& mine = plan.roles.emplace_back();
    for (size_t part = 0; part < RoleFacts::kParts; ++part) {
      mine.fields[part] = FindAll(shape, role.fields[part]);
      mine.there |= !mine.fields[part].empty();
    }
  }
  for (const EventFacts::OwnAddress& own : facts->own_addresses) {
    plan.own_addresses.emplace_back(FindField(shape, own.field), FindField(shape, own.when));
  }
  for (const EventFacts::Named& named : facts->named) {
    Plan::Named mine{FindAll(shape, named.address), FindAll(shape, named.name), FindAll(shape, named.account)};
    if (!mine.address.empty() && mine.name.size() + mine.account.size() > 0) plan.named.push_back(std::move(mine));
  }
  if (facts->flow) {
    plan.port = FindAll(shape, facts->flow->port);
    plan.sent = FindAll(shape, facts->flow->sent);
    plan.received = FindAll(shape, facts->flow->received);
    plan.duration = FindAll(shape, facts->flow->duration);
  }
  if (!facts->type.empty()) plan.type = FindField(shape, facts->type);
  for (const EventFacts::ActCase& act : facts->acts) {
    std::vector<Plan::When> all;
    for (const EventFacts::ActCase::When& when : act.when) all.push_back({FindAll(shape, when.fields), &when.values});
    const bool can = std::all_of(all.begin(), all.end(), [](const Plan::When& w) { return !w.fields.empty(); });
    if (can) plan.acts.emplace_back(&act, std::move(all));
  }
  plan.agent = FindAll(shape, facts->agent);
  for (const EventFacts::ActCase::When& when : facts->vouched) {
    plan.vouched.push_back({FindAll(shape, when.fields), &when.values});
  }
  return plan;
}

FactNoter::ShapePlans& FactNoter::PlansOf(const Shape& shape) {
  std::unique_ptr<ShapePlans>& plans = plans_[&shape];
  if (plans != nullptr) return *plans;
  plans = std::make_unique<ShapePlans>();
  plans->host = FindHost(shape);
  plans->is_windows = shape.source.is_windows_log();
  if (!plans->is_windows) plans->plain = MakePlan(shape, Facts::BuiltIn().OfSource(shape.source));
  return *plans;
}

const FactNoter::Plan* FactNoter::PlanOf(ShapePlans* plans, const Event& event) {
  constexpr size_t kMaxPlans = 512;  // hostile: names without end
  if (!plans->is_windows) return &plans->plain;
  const auto part = [&](int field) -> const Value* {
    if (field < 0) return nullptr;
    const Field& of = event.shape->fields[static_cast<size_t>(field)];
    return of.parts.size() == 1 ? &event.Part(of.parts[0]) : nullptr;
  };
  const auto same = [](const Value& value, const std::string& bytes, ValueType type) {
    return value.type == type && AsText(value.data, value.size) == bytes;
  };
  const KeyFields& key = event.shape->key;
  const Value *const channel_value = part(key.channel), *const id_value = part(key.event_id);
  const bool simple = channel_value != nullptr && id_value != nullptr;
  if (simple && plans->last != nullptr && same(*channel_value, plans->last_channel, plans->last_types[0]) &&
      same(*id_value, plans->last_id, plans->last_types[1])) {
    return plans->last;
  }
  const std::string_view channel = TextOf(event, key.channel, &text_);
  const uint32_t id = ParsePid(TextOf(event, key.event_id, &more_));
  const Plan* found = nullptr;
  for (const auto& [known, plan] : plans->of_windows) {
    if (known.second == id && known.first == channel) found = plan.get();
  }
  if (found == nullptr) {
    if (plans->of_windows.size() >= kMaxPlans) plans->of_windows.clear();
    plans->of_windows.emplace_back(
        std::pair(std::string(channel), id),
        std::make_unique<Plan>(MakePlan(*event.shape, Facts::BuiltIn().OfWindows(channel, id))));
    found = plans->of_windows.back().second.get();
  }
  plans->last = simple ? found : nullptr;
  if (simple) {
    plans->last_channel = AsText(channel_value->data, channel_value->size);
    plans->last_id = AsText(id_value->data, id_value->size);
    plans->last_types[0] = channel_value->type;
    plans->last_types[1] = id_value->type;
  }
  return found;
}

std::string_view FactNoter::TextOf(const Event& event, int field, std::string* to) const {
  to->clear();
  if (field >= 0) AppendFieldText(event, event.shape->fields[static_cast<size_t>(field)], to);
  return *to;
}

std::string_view FactNoter::TextOf(const Event& event, const std::vector<int>& fields, std::string* to) const {
  for (const int field : fields) {
    if (const std::string_view text = TextOf(event, field, to); !IsNothing(text)) return text;
  }
  to->clear();
  return {};
}

ThingId FactNoter::HostOf(const Event& event, const ShapePlans& plans) {
  std::string_view host = TextOf(event, plans.host, &text_);
  if (IsNothing(host)) host = piece_host_;
  if (host.empty()) return kNoThing;
  // The next event's is nearly always the same.
  if (host_ == kNoThing || host != host_text_ || tenant_ != host_tenant_) {
    host_text_ = host;
    host_tenant_ = tenant_;
    host_ = MachineOf(host_text_);
    if (host_text_.find('.') != std::string::npos) world.AddDomain(host_, MachineDomain(host_text_));
  }
  return host_;
}

ThingId FactNoter::MachineOf(std::string_view text) {
  key_ = MachineName(text);
  if (key_.empty()) return kNoThing;
  return world.Add(IsAddress(key_) ? ThingKind::kAddress : ThingKind::kHost, tenant_, kNoThing, key_);
}

// Whose machine a full name means is known when all is read (World::Settle).
ThingId FactNoter::NamedMachine(std::string_view text) {
  key_ = MachineName(text);
  if (key_.empty()) return kNoThing;
  if (IsAddress(key_)) return world.Add(ThingKind::kAddress, tenant_, kNoThing, key_);
  if (const std::string domain = MachineDomain(text); !domain.empty()) key_ += "." + domain;
  return world.Add(ThingKind::kHost, tenant_, kNoThing, key_);
}

ThingId FactNoter::ProcessOf(const Event& event, const Role& role, bool started, ThingId host) {
  const std::string guid(TextOf(event, role.fields[RoleFacts::kGuid], &text_));
  const uint32_t pid = ParsePid(TextOf(event, role.fields[RoleFacts::kPid], &text_));
  ThingId thing;
  if (!IsNoGuid(guid)) {
    thing = world.Add(ThingKind::kProcess, tenant_, host, Folded(guid));
  } else if (pid != 0) {
    thing = world.Add(ThingKind::kPid, tenant_, host, std::to_string(pid) + " " + std::to_string(event.time / kSlice));
  } else {
    return kNoThing;
  }
  if (thing == kNoThing) return thing;
  Process process;
  process.thing = thing;
  const auto text = [&](RoleFacts::Part part, std::string* to) {
    return TextOf(event, role.fields[part], to).substr(0, World::kMaxText);
  };
  process.image = text(RoleFacts::kImage, &image_);
  process.command = text(RoleFacts::kCommand, &command_);
  process.hash = text(RoleFacts::kHash, &hash_);
  process.pid = pid;
  process.started = process.image_at_start = process.command_at_start = process.hash_at_start = started;
  process.start = {event.time, file_, event.record, event.offset};
  world.Tell(process);
  return thing;
}

ThingId FactNoter::AccountOf(const Event& event, const Role& role, ThingId host) {
  const std::string sid(TextOf(event, role.fields[RoleFacts::kSid], &text_));
  std::string name(TextOf(event, role.fields[RoleFacts::kText], &text_));
  const std::string_view domain = TextOf(event, role.fields[RoleFacts::kDomain], &text_);
  const std::string_view host_name = host == kNoThing ? std::string_view() : world.things()[host].name;
  name = AccountName(name, domain, host_name);
  const ThingId by_sid =
      sid.starts_with("S-1-5-21-") ? world.Add(ThingKind::kAccount, tenant_, kNoThing, sid) : kNoThing;
  if (name.empty()) return by_sid;
  const ThingId by_name = world.Add(ThingKind::kAccount, tenant_, kNoThing, name);
  if (by_sid != kNoThing && by_name != kNoThing) world.AddSid(by_name, by_sid);
  return by_name;
}

// Routers at home are called alike, and some say no name at all: each log is of one.
ThingId FactNoter::DeviceOf(std::string_view host) {
  if (log_ != file_) {
    log_ = file_;
    log_name_ = LogName(files_[file_].path);
  }
  const std::string name = IsNothing(host) ? log_name_ : MachineName(host) + " in " + log_name_;
  return world.Add(ThingKind::kDevice, tenant_, kNoThing, name);
}

ThingId FactNoter::ThingOf(const Event& event, const RoleFacts& facts, const Role& role, ThingId host) {
  if (facts.here) return host;
  if (facts.kind == ThingKind::kDevice) return DeviceOf(TextOf(event, role.fields[RoleFacts::kText], &more_));
  if (!role.there) return kNoThing;
  if (facts.kind == ThingKind::kProcess) return ProcessOf(event, role, facts.started, host);
  if (facts.kind == ThingKind::kAccount) return AccountOf(event, role, host);
  std::string_view text = TextOf(event, role.fields[RoleFacts::kText], &more_);
  if (!facts.elements.empty()) {
    image_.clear();
    AppendElements(text, facts.elements, &image_);
    text = image_;
  }
  if (IsNothing(text)) return kNoThing;
  switch (facts.kind) {
    case ThingKind::kAddress:
      return NamedMachine(text);
    case ThingKind::kSession: {
      const std::string id = Folded(text);
      if (IsNoGuid(id) || id == "0x0") return kNoThing;
      return world.Add(facts.kind, tenant_, host, id);
    }
    case ThingKind::kScript: {
      const std::string shape = ScriptShape(text);
      return shape.empty() ? kNoThing : world.Add(facts.kind, tenant_, kNoThing, shape);
    }
    case ThingKind::kDomain:
      if (IsAddress(text)) return MachineOf(text);
      [[fallthrough]];
    case ThingKind::kHash:
    case ThingKind::kMailbox:
    case ThingKind::kObject:
      return world.Add(facts.kind, tenant_, kNoThing, Folded(text));
    default:
      return world.Add(facts.kind, tenant_, host, Folded(text));
  }
}

void FactNoter::NoteNames(const Event& event, const Plan& plan, ThingId host) {
  for (const Plan::Named& fields : plan.named) {
    const bool by_account = !fields.account.empty();
    std::string_view name = TextOf(event, by_account ? fields.account : fields.name, &more_);
    if (by_account) {  // "WS1$", "WS1$@ACME.EXAMPLE", "WS1$/ACME.EXAMPLE"; most are people's
      const size_t end = name.find('$');
      if (end == std::string_view::npos) continue;
      name = name.substr(0, end);
    }
    const std::string_view at = TextOf(event, fields.address, &text_);
    if (!IsPrivate(MachineName(at))) continue;  // names asked for have no end: those of machines inside are kept
    const ThingId address = MachineOf(at);
    if (address == kNoThing || world.things()[address].kind != ThingKind::kAddress) continue;
    const ThingId named = by_account ? MachineOf(name) : NamedMachine(name);
    if (named == kNoThing || world.things()[named].kind != ThingKind::kHost) continue;
    if (by_account) {
      world.AddMember(named, address);
    } else if (host == kNoThing || MachineName(name) != world.things()[host].name) {
      world.AddAddress(named, address);  // of a remote desktop Windows tells its own name: of that nothing
    }
  }
}

void FactNoter::NoteMore(const Event& event, const Plan& plan, ThingId host, const std::vector<ThingId>& things) {
  const EventFacts& facts = *plan.facts;
  const RecordPlace place{event.time, file_, event.record, event.offset};
  for (size_t i = 0; i < plan.own_addresses.size() && host != kNoThing; ++i) {
    const auto& [field, when] = plan.own_addresses[i];
    if (field < 0 || Folded(TextOf(event, when, &text_)) != Folded(facts.own_addresses[i].is)) continue;
    if (const ThingId address = MachineOf(TextOf(event, field, &more_)); address != kNoThing) {
      world.AddAddress(host, address);
    }
  }
  NoteNames(event, plan, host);
  for (size_t i = 0; i < facts.links.size(); ++i) {
    const LinkFacts& link = facts.links[i];
    const ThingId from = things[link.from], to = things[link.to];
    world.Join(link.kind, from, to, place);
  }
  if (facts.flow) {
    const auto number = [&](const std::vector<int>& fields) {
      return std::max(0.0, ParseNumber(TextOf(event, fields, &text_)).value_or(0));
    };
    constexpr double kMost = 1e18;  // hostile: no number of bytes
    Flow flow{things[facts.flow->source], things[facts.flow->destination],
              static_cast<uint32_t>(std::min(65535.0, number(plan.port)))};
    flow.count = 1;
    flow.sent = flow.most_sent = static_cast<uint64_t>(std::min(kMost, number(plan.sent)));
    flow.received = static_cast<uint64_t>(std::min(kMost, number(plan.received)));
    flow.longest = number(plan.duration);
    flow.first = flow.last = event.time;
    flow.first_place = flow.longest_place = flow.most_sent_place = place;
    world.AddFlow(flow);
  }
  if (plan.type >= 0 && things[0] != kNoThing)
    world.AddLogon(things[0], ParsePid(TextOf(event, plan.type, &text_)), place);
}

bool FactNoter::Holds(const Event& event, const Plan::When& when) {
  const std::string text = Folded(TextOf(event, when.fields, &text_));
  return std::any_of(when.values->begin(), when.values->end(),
                     [&](const std::string& value) { return Matches(text, value); });
}

const EventFacts::ActCase* FactNoter::ActOf(const Event& event, const Plan& plan) {
  for (const auto& [act, all] : plan.acts) {
    if (std::all_of(all.begin(), all.end(), [&](const Plan::When& when) { return Holds(event, when); })) return act;
  }
  return nullptr;
}

// Of events with acts, only things are made that an act is about: names that somebody tries, and what each request
// asks for, have no end.
bool FactNoter::IsWanted(const EventFacts& facts, size_t role, const EventFacts::ActCase* act) const {
  const auto number = static_cast<int>(role);
  if (number == facts.who) return act->kind != ActKind::kFailed && act->kind != ActKind::kAdminFailed;
  if (number == facts.from) return act->kind != ActKind::kAsked;
  return number == act->on || number == facts.device;
}

void FactNoter::NoteAct(const Event& event, const Plan& plan, const EventFacts::ActCase& act, ThingId host) {
  const EventFacts& facts = *plan.facts;
  const auto thing = [&](int role) { return role < 0 ? kNoThing : things_[static_cast<size_t>(role)]; };
  Act one{act.kind, thing(facts.who), thing(facts.from), thing(act.on), thing(facts.device)};
  if (one.at == kNoThing) one.at = host;
  uint32_t way = 0;
  if (act.kind == ActKind::kFailed || act.kind == ActKind::kAdminFailed) {
    one.who = kNoThing;
    if (facts.who >= 0) {
      way =
          Fingerprint(TextOf(event, plan.roles[static_cast<size_t>(facts.who)].fields[RoleFacts::kText], &text_), true);
    }
  } else if (act.kind == ActKind::kAsked) {
    one.from = kNoThing;
    way =
        Fingerprint(TextOf(event, plan.roles[static_cast<size_t>(facts.from)].fields[RoleFacts::kText], &text_), true);
  } else {
    way = Fingerprint(TextOf(event, plan.agent, &text_), false);
  }
  const bool vouched = std::any_of(plan.vouched.begin(), plan.vouched.end(),
                                   [&](const Plan::When& when) { return !when.fields.empty() && Holds(event, when); });
  world.acts.Add(one, {event.time, file_, event.record, event.offset}, way, vouched);
}

// What is found about an account that came from somewhere is about both: the same account elsewhere is perhaps its
// owner.
ThingId FactNoter::SignedIn(const Event& event, const EventFacts& facts) {
  if (facts.acts.empty() || facts.who < 0 || facts.from < 0) return kNoThing;
  const ThingId account = things_[static_cast<size_t>(facts.who)], from = things_[static_cast<size_t>(facts.from)];
  if (account == kNoThing || from == kNoThing) return kNoThing;
  const std::string name = world.things()[account].name + " from " + world.things()[from].name;
  const ThingId session = world.Add(ThingKind::kSession, tenant_, kNoThing, name);
  const RecordPlace place{event.time, file_, event.record, event.offset};
  world.Join(LinkKind::kOwns, account, session, place);
  world.Join(LinkKind::kOpenedSession, from, session, place);
  world.Count(session, event.time);
  return session;
}

void FactNoter::Done() {
  ShapesDropped();
  readers_.reset();
  hosts_ = {};
}

void FactNoter::OnEvent(const Event& event) {
  events.store(events.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (!options_.Spans(event.time)) return;
  const std::vector<uint32_t>* const clues = path_ == ~0u ? nullptr : clues_.At(path_, event.offset, event.record);
  ShapePlans& plans = PlansOf(*event.shape);
  const Plan* plan = PlanOf(&plans, event);
  if ((plan->facts == nullptr || plan->facts->only_found) && clues == nullptr) return;
  const bool names_alone = plan->facts != nullptr && plan->facts->roles.empty();
  if (names_alone) NoteNames(event, *plan, HostOf(event, plans));
  if (names_alone && clues == nullptr) return;
  if (plan->facts == nullptr || names_alone) {
    if (plans.otherwise == nullptr) {
      plans.otherwise = std::make_unique<Plan>(MakePlan(*event.shape, &Facts::BuiltIn().otherwise()));
    }
    plan = plans.otherwise.get();
  }
  const EventFacts::ActCase* const act = ActOf(event, *plan);
  const bool acts = !plan->facts->acts.empty();
  if (acts && act == nullptr && clues == nullptr) return;
  const ThingId host = HostOf(event, plans);
  things_.clear();
  for (size_t i = 0; i < plan->roles.size(); ++i) {
    const bool wanted = !acts || clues != nullptr || IsWanted(*plan->facts, i, act);
    things_.push_back(wanted ? ThingOf(event, plan->facts->roles[i], plan->roles[i], host) : kNoThing);
    world.Count(things_.back(), event.time);
  }
  world.Count(host, event.time);
  NoteMore(event, *plan, host, things_);
  if (act != nullptr) NoteAct(event, *plan, *act, host);
  if (clues == nullptr) return;
  ThingId at_host = host;  // else the machine that the event is about
  if (at_host == kNoThing) {
    for (size_t i = 0; i < things_.size() && at_host == kNoThing; ++i) {
      if (plan->facts->roles[i].kind == ThingKind::kAddress) at_host = things_[i];
    }
  }
  const ThingId session = SignedIn(event, *plan->facts);
  if (session != kNoThing && host == kNoThing) at_host = kNoThing;
  FoundAt at{0, file_, session != kNoThing ? session : things_[plan->facts->about], at_host, {}};
  for (const ThingId thing : things_) {
    if (thing == kNoThing) continue;
    if (at.about == kNoThing) at.about = thing;
    at.with.push_back(thing);
  }
  if (at.about == kNoThing) at.about = at_host;
  for (const uint32_t clue : *clues) {
    at.clue = clue;
    found.push_back(at);
  }
}

}  // namespace spoor
