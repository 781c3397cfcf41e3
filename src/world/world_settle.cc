// How a world is settled: what two logs call by two names is one thing, and all is numbered in an order of its own.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "world/span.h"
#include "world/spelling.h"
#include "world/world.h"

namespace spoor {
namespace {

constexpr int64_t kSameStart = 3'000'000;  // microseconds: two logs tell of one start

bool IsOtherProgram(std::string_view a, std::string_view b) {
  return !a.empty() && !b.empty() && a != b && Folded(BaseName(a)) != Folded(BaseName(b));
}

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
  // By host and number, each in order of start: processes with an identifier; and (of few numbers, so a map of their
  // own) numbers that are no such process, those whose start is told and others.
  using Starts = std::vector<Start>;
  absl::flat_hash_map<std::pair<ThingId, uint32_t>, Starts> identified;
  absl::flat_hash_map<std::pair<ThingId, uint32_t>, std::array<Starts, 2>> bare;
  std::vector<Start> numbers;
  for (const Process& process : processes_) {
    const Thing& thing = things_[process.thing];
    const Start start{process.start.time, process.thing, process.started};
    if (thing.kind != ThingKind::kProcess) {
      numbers.push_back(start);
    } else if (process.pid != 0) {
      identified[{thing.host, process.pid}].push_back(start);
    }
  }
  const auto earlier = [&](const Start& a, const Start& b) {
    if (a.time != b.time) return a.time < b.time;
    return things_[a.thing].name < things_[b.thing].name;
  };
  for (auto& [key, list] : identified) std::sort(list.begin(), list.end(), earlier);
  // First those whose start some other log tells of: they are the same, or new ones.
  std::sort(numbers.begin(), numbers.end(),
            [&](const Start& a, const Start& b) { return a.started != b.started ? a.started : earlier(a, b); });
  const auto is_same = [&](const Start& s, const Process& process) {  // else the number was given anew
    return !IsOtherProgram(FindProcess(s.thing)->image, process.image);
  };
  // The last in time that may be the same; nullptr: none.
  const auto last_in = [&](const Starts& list, const Process& process) -> const Start* {
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
  const auto nearest = [&](const std::pair<ThingId, uint32_t>& key, const Process& process) -> ThingId {
    const Start *found = nullptr, *first = nullptr;
    const auto look = [&](const Starts& list) {
      const Start* const last = last_in(list, process);
      if (last != nullptr && (found == nullptr || earlier(*found, *last))) found = last;
      if (!list.empty() && (first == nullptr || earlier(list.front(), *first))) first = &list.front();
    };
    if (const auto it = identified.find(key); it != identified.end()) look(it->second);
    if (const auto it = bare.find(key); it != bare.end()) std::for_each(it->second.begin(), it->second.end(), look);
    if (found != nullptr) return found->thing;
    const bool begun_before = !process.started && first != nullptr && !first->started;
    return begun_before && is_same(*first, process) ? first->thing : kNoThing;
  };
  for (const Start& number : numbers) {
    const Process& process = *FindProcess(number.thing);
    const std::pair key(things_[number.thing].host, process.pid);
    const ThingId found = nearest(key, process);
    if (found != kNoThing) {
      same[number.thing] = found;
    } else {
      bare[key][number.started ? 0 : 1].push_back(number);
    }
  }
  for (ThingId& s : same) {
    while (same[s] != s) s = same[s];
  }
  return same;
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
    mine.AddEvents(things_[old].events);
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
      mine.Lengthen(link.last);
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

}  // namespace spoor
