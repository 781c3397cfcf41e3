#include "campaign/world.h"

#include <algorithm>
#include <array>

#include "absl/hash/hash.h"
#include "base/release.h"
#include "base/text.h"
#include "campaign/spelling.h"

namespace spoor {
namespace {

constexpr int64_t kSameStart = 3'000'000;  // microseconds: two logs tell of one start

// The proof of a link, its first record, has the first time.
void Lengthen(int64_t time, Link* link) { link->last = std::max(link->last, time); }

void Widen(int64_t time, int64_t* first, int64_t* last) {
  if (time == 0) return;
  if (*first == 0 || time < *first) *first = time;
  *last = std::max(*last, time);
}

bool IsOtherProgram(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && a != b && Folded(BaseName(a)) != Folded(BaseName(b));
}

static_assert(sizeof(Thing) <= 64);
void AddEvents(uint32_t events, Thing* to) { to->events += std::min(events, ~0u - to->events); }

// What place each text has among all in order; the same have one.
template <typename Text>
std::vector<uint32_t> RanksOf(const std::vector<Text>& texts) {
  std::vector<uint32_t> order(texts.size()), ranks(texts.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return texts[a] < texts[b]; });
  for (size_t i = 1; i < order.size(); ++i) {
    ranks[order[i]] = ranks[order[i - 1]] + (texts[order[i]] == texts[order[i - 1]] ? 0 : 1);
  }
  return ranks;
}

// Domains without a dot ("local", "lan") and those of routers at home are everybody's.
bool IsOfOne(const std::string& domain) {
  return domain.find('.') != std::string::npos && domain != "fritz.box" && domain != "home.arpa";
}

}  // namespace

uint32_t World::TenantNumber(std::string_view tenant) {
  for (uint32_t i = 0; i < tenants_.size(); ++i) {
    if (tenants_[i] == tenant) return i;
  }
  tenants_.emplace_back(tenant);
  return static_cast<uint32_t>(tenants_.size() - 1);
}

bool World::Before(const RecordPlace& a, const RecordPlace& b) const {
  if (a.time != b.time) return a.time != 0 && (b.time == 0 || a.time < b.time);
  if (a.file != b.file) return files_->Before(a.file, b.file);
  return std::tie(a.offset, a.record) < std::tie(b.offset, b.record);
}

size_t World::HashOfThing(ThingKind kind, uint32_t tenant, ThingId host, std::string_view name) const {
  return absl::HashOf(static_cast<int>(kind), tenant, host, name);
}

size_t World::HashOfLink(LinkKind kind, ThingId from, ThingId to) const {
  return absl::HashOf(static_cast<int>(kind), from, to);
}

ThingId World::Add(ThingKind kind, std::string_view tenant, ThingId host, std::string_view name) {
  return Add(kind, TenantNumber(tenant), host, name.substr(0, kMaxText), nullptr);
}

ThingId World::Add(ThingKind kind, uint32_t number, ThingId host, std::string_view name, std::string* taken) {
  const size_t hash = HashOfThing(kind, number, host, name);
  const uint32_t known = by_name_.Find(hash, [&](uint32_t id) {
    const Thing& t = things_[id];
    return t.kind == kind && t.tenant == number && t.host == host && t.name == name;
  });
  if (known != IdIndex::kNone) return known;
  if (things_.size() >= kMaxThings) {
    ++left_out_;
    return kNoThing;
  }
  const auto id = static_cast<ThingId>(things_.size());
  Thing thing{kind, number, host, taken != nullptr ? std::move(*taken) : std::string(name)};
  if (kind == ThingKind::kProcess || kind == ThingKind::kPid) {
    thing.process = static_cast<uint32_t>(processes_.size());
    processes_.emplace_back().thing = id;
  }
  things_.push_back(std::move(thing));
  by_name_.Insert(hash, id, [&](uint32_t of) {
    const Thing& t = things_[of];
    return HashOfThing(t.kind, t.tenant, t.host, t.name);
  });
  return id;
}

void World::Count(ThingId thing, int64_t time) {
  if (thing == kNoThing) return;
  AddEvents(1, &things_[thing]);
  Widen(time, &things_[thing].first, &things_[thing].last);
}

uint32_t World::FindLink(LinkKind kind, ThingId from, ThingId to) const {
  return by_ends_.Find(HashOfLink(kind, from, to), [&](uint32_t id) {
    const Link& link = links_[id];
    return link.from == from && link.to == to && link.kind == kind;
  });
}

void World::Join(LinkKind kind, ThingId from, ThingId to, const RecordPlace& place) {
  if (from == kNoThing || to == kNoThing || from == to) return;
  uint32_t id = FindLink(kind, from, to);
  if (id == IdIndex::kNone) {
    if (links_.size() >= kMaxLinks) {
      ++left_out_;
      return;
    }
    id = static_cast<uint32_t>(links_.size());
    links_.push_back({kind, from, to, 0, 0, place});
    by_ends_.Insert(HashOfLink(kind, from, to), id,
                    [&](uint32_t of) { return HashOfLink(links_[of].kind, links_[of].from, links_[of].to); });
  }
  Link& link = links_[id];
  ++link.events;
  Lengthen(place.time, &link);
  if (Before(place, link.proof)) link.proof = place;
  const bool inside = things_[to].kind == ThingKind::kHost || IsPrivate(things_[to].name);
  if (kind == LinkKind::kConnected && inside) AddMoment(from, to, place);
}

// The earliest, so that it means nothing who tells what first.
void World::AddMoment(ThingId from, ThingId to, const RecordPlace& place) {
  if (moments_.size() >= kMaxThings) return;
  std::vector<RecordPlace>& moments = moments_[{from, to}];
  const auto at = std::lower_bound(moments.begin(), moments.end(), place,
                                   [&](const RecordPlace& a, const RecordPlace& b) { return Before(a, b); });
  if (at == moments.end() && moments.size() >= kMaxMoments) return;
  if (at != moments.end() && !Before(place, *at)) return;  // it is there
  moments.insert(at, place);
  if (moments.size() > kMaxMoments) moments.pop_back();
}

const std::vector<RecordPlace>& World::Moments(const Link& link) const {
  static const std::vector<RecordPlace>* const none = new std::vector<RecordPlace>;
  const auto it = link.kind == LinkKind::kConnected ? moments_.find({link.from, link.to}) : moments_.end();
  return it == moments_.end() ? *none : it->second;
}

// Of several names of an identifier that which stands first in order of bytes.
void World::AddSid(ThingId account, ThingId sid) {
  const auto [it, fresh] = sids_.try_emplace(sid, account);
  if (!fresh && things_[account].name < things_[it->second].name) it->second = account;
}

void World::AddLogon(ThingId session, uint32_t type, const RecordPlace& place) {
  const auto [it, fresh] = by_session_.try_emplace(session, static_cast<uint32_t>(logons_.size()));
  if (fresh) {
    logons_.push_back({session, type, place});
  } else if (Before(place, logons_[it->second].place)) {
    logons_[it->second] = {session, type, place};
  }
}

void World::AddFlow(const Flow& flow) {
  if (flow.source == kNoThing || flow.destination == kNoThing) return;
  const auto [it, fresh] = by_flow_.try_emplace(std::make_tuple(flow.source, flow.destination, flow.port), 0);
  if (fresh) {
    if (flows_.size() >= kMaxFlows) {
      by_flow_.erase(it);
      ++left_out_;
      return;
    }
    it->second = static_cast<uint32_t>(flows_.size());
    flows_.push_back(flow);
    return;
  }
  Combine(&flows_[it->second], flow);
}

void World::Combine(Flow* into, const Flow& flow) const {
  Flow& mine = *into;
  mine.count += flow.count;
  mine.sent += flow.sent;
  mine.received += flow.received;
  Widen(flow.first, &mine.first, &mine.last);
  Widen(flow.last, &mine.first, &mine.last);
  if (Before(flow.first_place, mine.first_place)) mine.first_place = flow.first_place;
  if (flow.longest > mine.longest || (flow.longest == mine.longest && Before(flow.longest_place, mine.longest_place))) {
    mine.longest = flow.longest;
    mine.longest_place = flow.longest_place;
  }
  if (flow.most_sent > mine.most_sent ||
      (flow.most_sent == mine.most_sent && Before(flow.most_sent_place, mine.most_sent_place))) {
    mine.most_sent = flow.most_sent;
    mine.most_sent_place = flow.most_sent_place;
  }
}

void World::Merge(Process* into, const Process& from) {
  const auto take = [&](std::string_view* mine, bool* mine_at_start, std::string_view theirs, bool theirs_at_start) {
    if (theirs.empty()) return;
    const bool better =
        mine->empty() || theirs_at_start > *mine_at_start || (theirs_at_start == *mine_at_start && theirs < *mine);
    if (!better) return;
    *mine = *texts_.Put(theirs);
    *mine_at_start = theirs_at_start;
  };
  take(&into->image, &into->image_at_start, from.image, from.image_at_start);
  take(&into->command, &into->command_at_start, from.command, from.command_at_start);
  take(&into->hash, &into->hash_at_start, from.hash, from.hash_at_start);
  if (into->pid == 0 || (from.pid != 0 && from.pid < into->pid)) into->pid = from.pid;
  if (from.started != into->started ? from.started : Before(from.start, into->start)) into->start = from.start;
  into->started |= from.started;
}

void World::Tell(const Process& told) {
  Process& mine = processes_[things_[told.thing].process];
  if (mine.told) {
    Merge(&mine, told);
  } else {
    mine = told;
    for (std::string_view* text : {&mine.image, &mine.command, &mine.hash}) *text = *texts_.Put(*text);
    mine.told = true;
  }
}

std::vector<ThingId> World::Take(World&& other) {
  std::vector<ThingId> to(other.things_.size(), kNoThing);
  if (things_.empty()) {
    for (ThingId i = 0; i < to.size(); ++i) to[i] = i;
    *this = std::move(other);
    other = World(*files_);
    return to;
  }
  // What was taken is let go at once: each part of both worlds is large.
  Release(&other.by_name_);
  Release(&other.by_ends_);
  Release(&other.by_flow_);
  // At once what may be needed, and not twice of it: what is never written to takes no memory.
  things_.reserve(std::min(kMaxThings, things_.size() + other.things_.size()));
  processes_.reserve(processes_.size() + other.processes_.size());
  links_.reserve(std::min(kMaxLinks, links_.size() + other.links_.size()));
  flows_.reserve(std::min(kMaxFlows, flows_.size() + other.flows_.size()));
  std::vector<uint32_t> tenants;
  for (const std::string& tenant : other.tenants_) tenants.push_back(TenantNumber(tenant));
  // A thing's host may stand behind it: hosts first.
  for (const bool hosts : {true, false}) {
    for (ThingId i = 0; i < other.things_.size(); ++i) {
      Thing& thing = other.things_[i];
      if ((thing.host == kNoThing) != hosts) continue;
      const ThingId host = thing.host == kNoThing ? kNoThing : to[thing.host];
      to[i] = Add(thing.kind, tenants[thing.tenant], host, thing.name, &thing.name);
      std::string().swap(thing.name);
      if (to[i] == kNoThing) continue;
      Thing& mine = things_[to[i]];
      AddEvents(thing.events, &mine);
      Widen(thing.first, &mine.first, &mine.last);
      Widen(thing.last, &mine.first, &mine.last);
    }
  }
  Release(&other.things_);
  const auto known = [&](ThingId thing) { return thing != kNoThing && to[thing] != kNoThing; };
  for (const Process& process : other.processes_) {
    if (!known(process.thing) || !process.told) continue;
    Process mine = process;
    mine.thing = to[process.thing];
    Tell(mine);
  }
  Release(&other.processes_);
  Release(&other.texts_);
  for (const Link& link : other.links_) {
    if (!known(link.from) || !known(link.to)) continue;
    Join(link.kind, to[link.from], to[link.to], link.proof);
    if (const uint32_t id = FindLink(link.kind, to[link.from], to[link.to]); id != IdIndex::kNone) {
      Link& mine = links_[id];
      mine.events += link.events - 1;
      Lengthen(link.last, &mine);
    }
  }
  Release(&other.links_);
  for (const auto& [ends, moments] : other.moments_) {
    if (!known(ends.first) || !known(ends.second)) continue;
    for (const RecordPlace& moment : moments) AddMoment(to[ends.first], to[ends.second], moment);
  }
  Release(&other.moments_);
  for (const Logon& logon : other.logons_) {
    if (known(logon.session)) AddLogon(to[logon.session], logon.type, logon.place);
  }
  for (const Flow& flow : other.flows_) {
    Flow mine = flow;
    mine.source = to[flow.source];
    mine.destination = to[flow.destination];
    AddFlow(mine);
  }
  Release(&other.flows_);
  for (const auto& [mine, theirs] : {std::pair(&addresses_, &other.addresses_), {&members_, &other.members_}}) {
    for (const auto& [pair, events] : *theirs) {
      if (known(pair.first) && known(pair.second)) (*mine)[{to[pair.first], to[pair.second]}] += events;
    }
  }
  for (auto& [host, domain] : other.domains_) {
    if (known(host)) AddDomain(to[host], std::move(domain));
  }
  for (const auto& [sid, account] : other.sids_) {
    if (known(sid) && known(account)) AddSid(to[account], to[sid]);
  }
  acts.Take(other.acts, to);
  left_out_ += other.left_out_;
  other = World(*files_);
  return to;
}

// What each thing is the same as; itself, where it is a thing of its own.
std::vector<ThingId> World::Same(const std::vector<Named>& named) const {
  std::vector<ThingId> same(things_.size());
  for (ThingId i = 0; i < same.size(); ++i) same[i] = i;
  for (const auto& [sid, account] : sids_) same[sid] = account;
  for (const Named& n : named) {
    if (!n.theirs) same[n.name] = n.machine;
  }

  struct Start {
    int64_t time;
    ThingId thing;
    bool started;
  };
  // By host and number: processes with an identifier; numbers that are no such process, whose start is told, and
  // others. Each in order of start.
  using Starts = std::array<std::vector<Start>, 3>;
  absl::flat_hash_map<std::pair<ThingId, uint32_t>, Starts> starts;
  std::vector<Start> numbers;
  for (const Process& process : processes_) {
    const Thing& thing = things_[process.thing];
    const Start start{process.start.time, process.thing, process.started};
    if (thing.kind != ThingKind::kProcess) {
      numbers.push_back(start);
    } else if (process.pid != 0) {
      starts[{thing.host, process.pid}][0].push_back(start);
    }
  }
  const auto earlier = [&](const Start& a, const Start& b) {
    if (a.time != b.time) return a.time < b.time;
    return things_[a.thing].name < things_[b.thing].name;
  };
  for (auto& [key, lists] : starts) std::sort(lists[0].begin(), lists[0].end(), earlier);
  // First those whose start some other log tells of: they are the same, or new ones.
  std::sort(numbers.begin(), numbers.end(),
            [&](const Start& a, const Start& b) { return a.started != b.started ? a.started : earlier(a, b); });
  const auto is_same = [&](const Start& s, const Process& process) {  // else the number was given anew
    return !IsOtherProgram(FindProcess(s.thing)->image, process.image);
  };
  // The last in time that may be the same; nullptr: none.
  const auto last_in = [&](const std::vector<Start>& list, const Process& process) -> const Start* {
    constexpr size_t kMost = 100;  // programs that had the number since
    const int64_t time = process.start.time;
    auto s = std::upper_bound(list.begin(), list.end(), time + kSameStart,
                              [](int64_t at, const Start& one) { return at < one.time; });
    for (size_t looked = 0; s != list.begin() && looked < kMost; ++looked) {
      --s;
      if (process.started && s->time < time - kSameStart) break;
      if ((s->started || !process.started) && is_same(*s, process)) return &*s;
    }
    return nullptr;
  };
  const auto nearest = [&](const Starts& lists, const Process& process) -> ThingId {
    const Start *found = nullptr, *first = nullptr;
    for (const std::vector<Start>& list : lists) {
      const Start* const last = last_in(list, process);
      if (last != nullptr && (found == nullptr || earlier(*found, *last))) found = last;
      if (!list.empty() && (first == nullptr || earlier(list.front(), *first))) first = &list.front();
    }
    if (found != nullptr) return found->thing;
    const bool begun_before = !process.started && first != nullptr && !first->started;
    return begun_before && is_same(*first, process) ? first->thing : kNoThing;
  };
  for (const Start& number : numbers) {
    const Process& process = *FindProcess(number.thing);
    Starts& lists = starts[{things_[number.thing].host, process.pid}];
    const ThingId found = nearest(lists, process);
    if (found != kNoThing) {
      same[number.thing] = found;
    } else {
      lists[number.started ? 1 : 2].push_back(number);
    }
  }
  for (ThingId& s : same) {
    while (same[s] != s) s = same[s];
  }
  return same;
}

void World::AddDomain(ThingId host, std::string domain) {
  if (host == kNoThing || domain.empty()) return;
  const auto [it, fresh] = domains_.try_emplace(host, std::move(domain));
  if (!fresh && domain < it->second) it->second = std::move(domain);
}

// Machines that have logs of their own.
std::vector<bool> World::WithLogs() const {
  std::vector<bool> own(things_.size());
  for (const Thing& thing : things_) {
    if (thing.host != kNoThing) own[thing.host] = true;
  }
  return own;
}

// Which machines full names mean.
std::vector<World::Named> World::FindNamed() {
  const std::vector<bool> own = WithLogs();
  constexpr uint32_t kSeveral = ~0u;
  absl::flat_hash_map<std::string, uint32_t> of_tenant;  // by domain
  for (const auto& [host, domain] : domains_) {
    if (!own[host] || !IsOfOne(domain)) continue;
    const uint32_t tenant = things_[host].tenant;
    const auto [it, fresh] = of_tenant.try_emplace(domain, tenant);
    if (!fresh && it->second != tenant) it->second = kSeveral;
  }
  std::vector<Named> found;
  for (ThingId i = 0, all = static_cast<ThingId>(things_.size()); i < all; ++i) {
    if (things_[i].kind != ThingKind::kHost) continue;
    const std::string name = things_[i].name;
    const size_t dot = name.find('.');
    if (dot == std::string::npos) continue;
    const auto it = of_tenant.find(absl::string_view(name.data() + dot + 1, name.size() - dot - 1));
    const uint32_t mine = things_[i].tenant;
    const uint32_t tenant = it == of_tenant.end() || it->second == kSeveral ? mine : it->second;
    const ThingId machine = Add(ThingKind::kHost, std::string(tenants_[tenant]), kNoThing, name.substr(0, dot));
    if (machine != kNoThing) found.push_back({i, machine, tenant != mine});
  }
  domains_.clear();
  return found;
}

// Of things that stay: by organisation, kind, the name of their host and their own.
std::vector<ThingId> World::Order(const std::vector<ThingId>& same) const {
  const std::vector<uint32_t> tenants = RanksOf(tenants_);
  std::vector<ThingId> hosts;
  for (const Thing& thing : things_) {
    if (thing.host != kNoThing) hosts.push_back(thing.host);
  }
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  std::vector<std::string_view> names;
  names.reserve(hosts.size());
  for (const ThingId host : hosts) names.push_back(things_[host].name);
  const std::vector<uint32_t> ranks = RanksOf(names);
  absl::flat_hash_map<ThingId, uint32_t> rank_of;
  for (size_t i = 0; i < hosts.size(); ++i) rank_of[hosts[i]] = ranks[i] + 1;

  struct Key {
    uint64_t tenant_and_kind;
    uint32_t host;  // 0: none
    ThingId thing;
  };
  std::vector<Key> keys;
  for (ThingId i = 0; i < things_.size(); ++i) {
    if (same[i] != i) continue;
    const Thing& t = things_[i];
    keys.push_back(
        {uint64_t{tenants[t.tenant]} << 8 | static_cast<uint8_t>(t.kind), t.host == kNoThing ? 0 : rank_of[t.host], i});
  }
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    if (a.tenant_and_kind != b.tenant_and_kind) return a.tenant_and_kind < b.tenant_and_kind;
    return a.host != b.host ? a.host < b.host : things_[a.thing].name < things_[b.thing].name;
  });
  std::vector<ThingId> order;
  order.reserve(keys.size());
  for (const Key& key : keys) order.push_back(key.thing);
  return order;
}

std::vector<ThingId> World::Settle() {
  const std::vector<Named> named = FindNamed();
  const std::vector<ThingId> same = Same(named);
  const std::vector<ThingId> order = Order(same);
  std::vector<ThingId> to(things_.size(), kNoThing);
  for (ThingId i = 0; i < order.size(); ++i) to[order[i]] = i;
  for (ThingId i = 0; i < to.size(); ++i) to[i] = to[same[i]];

  by_name_.Clear();
  by_ends_.Clear();
  SettleThings(order, same, to);
  SettleLinks(to);
  SettleFlows(to);
  std::vector<Logon> logons;
  logons.swap(logons_);
  by_session_.clear();
  for (const Logon& logon : logons) AddLogon(to[logon.session], logon.type, logon.place);
  std::sort(logons_.begin(), logons_.end(), [](const Logon& a, const Logon& b) { return a.session < b.session; });
  by_session_.clear();
  decltype(moments_) moments;
  moments.swap(moments_);
  for (const auto& [ends, places] : moments) {
    for (const RecordPlace& place : places) AddMoment(to[ends.first], to[ends.second], place);
  }
  for (auto* const of : {&addresses_, &members_}) {
    decltype(addresses_) before;
    before.swap(*of);
    for (const auto& [pair, events] : before) (*of)[{to[pair.first], to[pair.second]}] += events;
  }
  sids_.clear();
  for (const Named& n : named) {
    if (n.theirs) host_of_.emplace(to[n.name], to[n.machine]);
  }
  FindHosts();
  acts.Settle(to);
  return to;
}

// Things and then processes, so that only one of the two stands beside what it is made from.
void World::SettleThings(const std::vector<ThingId>& order, const std::vector<ThingId>& same,
                         const std::vector<ThingId>& to) {
  // Which process is told of what thing, by their old numbers.
  std::vector<std::pair<ThingId, uint32_t>> told;
  std::vector<Thing> things;
  things.reserve(order.size());
  uint32_t processes = 0;
  for (const ThingId old : order) {
    // By its new number, whatever its name: two numbers of processes with one name stay two.
    Thing mine = std::move(things_[old]);
    mine.host = mine.host == kNoThing ? kNoThing : to[mine.host];
    if (mine.kind == ThingKind::kPid) mine.kind = ThingKind::kProcess;
    if (mine.process != ~0u) {
      told.emplace_back(old, mine.process);
      mine.process = processes++;
    }
    things.push_back(std::move(mine));
  }
  for (ThingId old = 0; old < things_.size(); ++old) {
    if (same[old] == old) continue;
    Thing& mine = things[to[old]];
    AddEvents(things_[old].events, &mine);
    Widen(things_[old].first, &mine.first, &mine.last);
    Widen(things_[old].last, &mine.first, &mine.last);
    if (things_[old].process != ~0u && mine.process != ~0u) told.emplace_back(old, things_[old].process);
  }
  things_ = std::move(things);
  SettleProcesses(told, processes, to);
}

void World::SettleProcesses(const std::vector<std::pair<ThingId, uint32_t>>& told, uint32_t settled,
                            const std::vector<ThingId>& to) {
  std::vector<Process> processes;
  processes.reserve(settled);
  for (const auto& [old, number] : told) {
    const Process& from = processes_[number];
    if (processes.size() < settled) {  // of things that stay, in their order
      processes.push_back(from);
      processes.back().thing = to[old];
      continue;
    }
    if (!from.told) continue;
    Process& mine = processes[things_[to[old]].process];
    if (mine.told) {
      Merge(&mine, from);
    } else {
      mine = from;
      mine.thing = to[old];
    }
  }
  processes_ = std::move(processes);
}

// By whence, kind and whither. What is sorted is their places, as links are large; then each is moved once.
void World::SortLinks() {
  struct Key {
    ThingId from, to;
    uint32_t kind, link;
  };
  std::vector<Key> keys;
  keys.reserve(links_.size());
  for (const Link& link : links_) {
    keys.push_back({link.from, link.to, static_cast<uint32_t>(link.kind), static_cast<uint32_t>(keys.size())});
  }
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    if (a.from != b.from) return a.from < b.from;
    return a.kind != b.kind ? a.kind < b.kind : a.to < b.to;
  });
  for (uint32_t first = 0; first < keys.size(); ++first) {
    if (keys[first].link == first) continue;
    const Link taken = links_[first];
    uint32_t at = first;
    while (keys[at].link != first) {
      const uint32_t next = keys[at].link;
      links_[at] = links_[next];
      keys[at].link = at;
      at = next;
    }
    links_[at] = taken;
    keys[at].link = at;
  }
}

void World::SettleLinks(const std::vector<ThingId>& to) {
  for (Link& link : links_) {
    link.from = to[link.from];
    link.to = to[link.to];
  }
  std::erase_if(links_, [](const Link& link) { return link.from == link.to; });
  SortLinks();
  size_t kept = 0;
  for (size_t i = 0; i < links_.size(); ++i) {
    const Link link = links_[i];
    if (kept > 0 && links_[kept - 1].from == link.from && links_[kept - 1].kind == link.kind &&
        links_[kept - 1].to == link.to) {
      Link& mine = links_[kept - 1];
      mine.events += link.events;
      Lengthen(link.last, &mine);
      if (Before(link.proof, mine.proof)) mine.proof = link.proof;
    } else {
      links_[kept++] = link;
    }
  }
  links_.resize(kept);
  links_.shrink_to_fit();
}

void World::SettleFlows(const std::vector<ThingId>& to) {
  for (Flow& flow : flows_) {
    flow.source = to[flow.source];
    flow.destination = to[flow.destination];
  }
  std::sort(flows_.begin(), flows_.end(), [](const Flow& a, const Flow& b) {
    return std::tie(a.source, a.destination, a.port) < std::tie(b.source, b.destination, b.port);
  });
  size_t kept = 0;
  for (size_t i = 0; i < flows_.size(); ++i) {
    const Flow flow = flows_[i];
    if (kept > 0 && flows_[kept - 1].source == flow.source && flows_[kept - 1].destination == flow.destination &&
        flows_[kept - 1].port == flow.port) {
      Combine(&flows_[kept - 1], flow);
    } else {
      flows_[kept++] = flow;
    }
  }
  flows_.resize(kept);
  by_flow_.clear();
}

void World::FindHosts() {
  const std::vector<bool> own = WithLogs();
  for (const auto& [pair, events] : members_) {
    if (own[pair.first]) addresses_[pair] += events;
  }
  members_.clear();
  // The host that most events give an address to.
  absl::flat_hash_map<ThingId, std::pair<uint64_t, ThingId>> best;
  for (const auto& [pair, events] : addresses_) {
    auto& b = best.try_emplace(pair.second, 0, kNoThing).first->second;
    if (events > b.first || (events == b.first && pair.first < b.second)) b = {events, pair.first};
  }
  for (const auto& [address, b] : best) host_of_.emplace(address, b.second);
  // Over all tenants.
  absl::flat_hash_map<std::string, ThingId> by_name, by_address;  // kNoThing: several have it
  const auto add = [](absl::flat_hash_map<std::string, ThingId>* to, const Thing& thing, ThingId host) {
    const auto [it, fresh] = to->try_emplace(thing.name, host);
    if (!fresh && it->second != host) it->second = kNoThing;
  };
  const auto find = [](const absl::flat_hash_map<std::string, ThingId>& in, const Thing& thing) {
    const auto it = in.find(thing.name);
    return it == in.end() ? kNoThing : it->second;
  };
  for (ThingId i = 0; i < things_.size(); ++i) {
    if (things_[i].kind == ThingKind::kHost && own[i]) add(&by_name, things_[i], i);
  }
  for (ThingId i = 0; i < things_.size(); ++i) {
    if (things_[i].kind != ThingKind::kHost || own[i]) continue;
    if (const ThingId host = find(by_name, things_[i]); host != kNoThing) host_of_.emplace(i, host);
  }
  // Addresses: what a name in one tenant means in all goes for the address of that name, too.
  for (ThingId i = 0; i < things_.size(); ++i) {
    if (things_[i].kind != ThingKind::kAddress) continue;
    const auto it = host_of_.find(i);
    if (it == host_of_.end()) continue;
    if (const auto real = host_of_.find(it->second); real != host_of_.end()) it->second = real->second;
    add(&by_address, things_[i], it->second);
  }
  for (ThingId i = 0; i < things_.size(); ++i) {
    if (things_[i].kind != ThingKind::kAddress || host_of_.contains(i)) continue;
    if (const ThingId host = find(by_address, things_[i]); host != kNoThing) host_of_.emplace(i, host);
  }
}

ThingId World::HostOf(ThingId address) const {
  const auto it = host_of_.find(address);
  if (it != host_of_.end()) return it->second;
  return things_[address].kind == ThingKind::kHost ? address : kNoThing;
}

}  // namespace spoor
