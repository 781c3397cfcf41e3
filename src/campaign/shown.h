// What the graph itself shows, without any rule: steps that are made of how things are joined.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "world/world.h"

namespace spoor {

struct Shown {
  std::string title, summary;
  std::vector<std::string> techniques, tactics;
  ThingId about, host;
  ThingId from = kNoThing;  // the machine that it came from, of several
  ThingId account = kNoThing;
  int64_t time = 0;
  double weight = 0;
  RecordPlace place;
  ThingId other = kNoThing;    // of a connection: the machine at the other end
  ThingId contact = kNoThing;  // of a process: what it reached outside
  bool in_vain = false;        // the machine did not let it in
  bool led_there = false;      // to what it is joined with, rather than from there
  bool together = false;       // all of one title on one machine are one step
  bool theirs = false;         // in a session that the intruder opened: its account is in his hands
  // Of what an account, a router or a web server's log shows: all of its records, the last of them, the addresses
  // outside that somebody came from, and the process that proves it.
  std::vector<RecordPlace> places;
  int64_t last = 0;
  std::vector<std::pair<ThingId, RecordPlace>> addresses;  // each with the first record that has it
  ThingId because = kNoThing;
};

// Addresses (by name) from which somebody did what an intruder does.
struct Marked {
  int64_t since = 0;
  bool home = false;  // of a router at home: people live there, too
};
using MarkedAddresses = std::map<std::string, Marked>;
inline void Mark(const std::string& address, const Marked& how, MarkedAddresses* marked) {
  const auto [it, fresh] = marked->try_emplace(address, how);
  if (fresh) return;
  if (how.since < it->second.since) it->second.since = how.since;
  it->second.home |= how.home;
}

// Who a session is of, and which machine opened it from outside; by session.
struct SessionFacts {
  ThingId owner = kNoThing;  // an account, rather a person's than a machine's
  ThingId from = kNoThing;   // another machine, or its address
  uint32_t type = 0;         // World::Logon
  const Link* opened = nullptr;
  const Link* within = nullptr;  // by an address of the machine itself
};
std::vector<SessionFacts> SessionsOf(const World& world);

// Processes, services and tasks that somebody made from another machine. What the same account does from the same
// machine again and again weighs less each time: that is how networks are run.
std::vector<Shown> ShownByGraph(const World& world, const std::vector<SessionFacts>& sessions);

}  // namespace spoor
