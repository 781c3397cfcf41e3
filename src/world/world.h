// The things that evidence names, and what joins them: a graph, with the record behind each of its parts.
//
// Things of different tenants are different things; addresses, domains and hashes can be compared across (Shared).
// Memory is bounded by kMaxThings and kMaxLinks; what is left out is counted. Not thread-safe: one for each worker, put
// together by Take, in any order: numbers differ then, and Settle gives them an order that does not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/text_set.h"
#include "entities/names.h"
#include "world/acts.h"
#include "world/facts.h"
#include "world/id_index.h"

namespace spoor {

using ThingId = uint32_t;
inline constexpr ThingId kNoThing = ~0u;

// There are millions of them: 64 bytes.
struct Thing {
  ThingKind kind : 8;
  uint32_t tenant : 24;         // number of its text (World::tenant)
  ThingId host = kNoThing;      // of a process, a session, a file …: where
  std::string name;             // lower case where case means nothing
  uint32_t events = 0;          // that name it; the largest number: or more
  uint32_t process = ~0u;       // of a process: its number in World::processes
  int64_t first = 0, last = 0;  // of those with a time; 0: none has

  void AddEvents(uint32_t more) { events += std::min(more, ~0u - events); }
};

struct Process {
  ThingId thing = kNoThing;
  std::string_view image, command, hash;  // of the world's that it is in
  uint32_t pid = 0;                       // 0: not known
  bool started = false;                   // the event of its start is there
  RecordPlace start;                      // that event, else the first that names it
  // Which of the texts are from events of its start.
  bool told = false;  // anything of it
  bool image_at_start = false, command_at_start = false, hash_at_start = false;
};

struct Link {
  LinkKind kind;
  ThingId from, to;
  uint32_t events = 0;
  int64_t last = 0;
  RecordPlace proof;  // the first

  int64_t first() const { return proof.time; }  // 0: none has a time
  void Lengthen(int64_t time) { last = std::max(last, time); }
};

// What a logon was: of a session.
struct Logon {
  ThingId session = kNoThing;
  uint32_t type = 0;  // of Windows: 2 at the machine, 3 over the network, 10 by remote desktop …
  RecordPlace place;
};

// All that passed from one machine to a port of another.
struct Flow {
  ThingId source, destination;
  uint32_t port = 0;
  uint64_t count = 0, sent = 0, received = 0;  // connections; bytes, as the source has it
  double longest = 0;                          // seconds
  int64_t first = 0, last = 0;
  uint64_t most_sent = 0;
  RecordPlace first_place, longest_place, most_sent_place;
};

class World {
 public:
  static constexpr size_t kMaxThings = 4'000'000, kMaxLinks = 6'000'000, kMaxFlows = 2'000'000;
  static constexpr size_t kMaxMoments = 16;  // of a link; of all, as many as there may be things
  static constexpr size_t kMaxText = 2048;   // bytes kept of a command line; other names are shorter

  explicit World(const FileTable& files) : acts(files), files_(&files) {}

  Acts acts;  // goes with the things in Take and Settle

  // kNoThing: there is no room.
  ThingId Add(ThingKind kind, std::string_view tenant, ThingId host, std::string_view name);
  // One more event names it.
  void Count(ThingId thing, int64_t time);
  // Tells more of a process, whose number is the one that `told` has for its thing. Of different texts those count that
  // events of its start have, and then the one that stands first in order of bytes, so that it means nothing who tells
  // what first. REQUIRES: a thing of kind kProcess or kPid.
  void Tell(const Process& told);
  void Join(LinkKind kind, ThingId from, ThingId to, const RecordPlace& place);
  void AddLogon(ThingId session, uint32_t type, const RecordPlace& place);
  // One connection, told as a flow of one.
  void AddFlow(const Flow& flow);
  void AddAddress(ThingId host, ThingId address) { ++addresses_[{host, address}]; }
  // The same by the account that a machine has in its domain; it counts where that machine has logs of its own, as
  // accounts of services are written like those of machines.
  void AddMember(ThingId host, ThingId address) { ++members_[{host, address}]; }
  // The domain in the full name of a machine that has logs of its own. A thing of kind kHost with a full name is, once
  // all is settled, the machine of that short name: of the other organisation whose machines alone are in that domain,
  // or else of its own.
  void AddDomain(ThingId host, std::string domain);
  void AddSid(ThingId account, ThingId sid);

  // Number of each of the other's things in this. The other is empty after.
  std::vector<ThingId> Take(World&& other);

  // Puts together what is one thing: a process known by its number and the one with an identifier, an account's name
  // and its security identifier, a machine and its addresses. Numbers all anew, in an order that does not depend on
  // who found what first; returns the new number of each old one.
  std::vector<ThingId> Settle();

  const std::vector<Thing>& things() const { return things_; }
  const std::vector<Process>& processes() const { return processes_; }
  const std::vector<Link>& links() const { return links_; }
  const std::vector<Flow>& flows() const { return flows_; }
  const std::vector<Logon>& logons() const { return logons_; }
  // nullptr: it is no process.
  const Process* FindProcess(ThingId thing) const {
    return things_[thing].process == ~0u ? nullptr : &processes_[things_[thing].process];
  }
  const std::string& tenant(const Thing& thing) const { return tenants_[thing.tenant]; }
  // When a process connected to a machine inside, or used an account by name: the first kMaxMoments times, in order.
  const std::vector<RecordPlace>& Moments(const Link& link) const;
  uint64_t left_out() const { return left_out_ + acts.left_out(); }
  // The host that has an address, or a name: the one most events say; else, where only one of another tenant's hosts
  // has it, that; kNoThing: none. A host is its own.
  ThingId HostOf(ThingId address) const;

 private:
  struct Named {  // by its full name
    ThingId name, machine;
    bool theirs;  // another organisation's
  };
  uint32_t TenantNumber(std::string_view tenant);
  // `taken`: the name, to be had; nullptr: it is copied.
  ThingId Add(ThingKind kind, uint32_t tenant, ThingId host, std::string_view name, std::string* taken);
  bool Before(const RecordPlace& a, const RecordPlace& b) const;
  size_t HashOfThing(ThingKind kind, uint32_t tenant, ThingId host, std::string_view name) const;
  size_t HashOfLink(LinkKind kind, ThingId from, ThingId to) const;
  uint32_t FindLink(LinkKind kind, ThingId from, ThingId to) const;  // IdIndex::kNone: there is none
  void Combine(Flow* into, const Flow& flow) const;
  void SettleThings(const std::vector<ThingId>& order, const std::vector<ThingId>& same,
                    const std::vector<ThingId>& to);
  // `told`: each process's thing and number as they were, first the `settled` ones that stay, in order.
  void SettleProcesses(const std::vector<std::pair<ThingId, uint32_t>>& told, uint32_t settled,
                       const std::vector<ThingId>& to);
  void SortLinks();
  void SettleLinks(const std::vector<ThingId>& to);
  void SettleFlows(const std::vector<ThingId>& to);
  void AddMoment(ThingId from, ThingId to, const RecordPlace& place);
  void Merge(Process* into, const Process& from);
  std::vector<ThingId> Order(const std::vector<ThingId>& same) const;
  std::vector<ThingId> Same(const std::vector<Named>& named) const;
  std::vector<bool> WithLogs() const;  // by thing
  std::vector<Named> FindNamed();
  void FindHosts();

  const FileTable* files_;
  std::vector<std::string> tenants_;
  std::vector<Thing> things_;
  std::vector<Process> processes_;
  std::vector<Link> links_;
  std::vector<Logon> logons_;
  std::vector<Flow> flows_;
  absl::flat_hash_map<std::tuple<ThingId, ThingId, uint32_t>, uint32_t> by_flow_;
  IdIndex by_name_, by_ends_;  // of things and of links
  TextSet texts_;
  absl::flat_hash_map<ThingId, uint32_t> by_session_;
  absl::flat_hash_map<std::pair<ThingId, ThingId>, std::vector<RecordPlace>> moments_;  // by a link's ends
  absl::flat_hash_map<std::pair<ThingId, ThingId>, uint64_t> addresses_, members_;      // host and address: events
  absl::flat_hash_map<ThingId, ThingId> sids_, host_of_;
  absl::flat_hash_map<ThingId, std::string> domains_;  // of machines
  uint64_t left_out_ = 0;
};

}  // namespace spoor
