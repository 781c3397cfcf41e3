#include "world/world.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "base/release.h"
#include "world/span.h"
#include "world/spelling.h"

namespace spoor {

static_assert(sizeof(Thing) <= 64);

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
  things_[thing].AddEvents(1);
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
  link.Lengthen(place.time);
  if (Before(place, link.proof)) link.proof = place;
  const Thing& end = things_[to];
  const bool inside = kind == LinkKind::kConnected && (end.kind == ThingKind::kHost || IsPrivate(end.name));
  const bool by_name = kind == LinkKind::kUsed && end.kind == ThingKind::kAccount;
  if (inside || by_name) AddMoment(from, to, place);
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
  const bool has = link.kind == LinkKind::kConnected || link.kind == LinkKind::kUsed;
  const auto it = has ? moments_.find({link.from, link.to}) : moments_.end();
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
      mine.AddEvents(thing.events);
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
      mine.Lengthen(link.last);
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

void World::AddDomain(ThingId host, std::string domain) {
  if (host == kNoThing || domain.empty()) return;
  const auto [it, fresh] = domains_.try_emplace(host, std::move(domain));
  if (!fresh && domain < it->second) it->second = std::move(domain);
}

ThingId World::HostOf(ThingId address) const {
  const auto it = host_of_.find(address);
  if (it != host_of_.end()) return it->second;
  return things_[address].kind == ThingKind::kHost ? address : kNoThing;
}

}  // namespace spoor
