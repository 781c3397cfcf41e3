// What the graph itself shows, without any rule: steps that are made of how things are joined.
#pragma once

#include <string>
#include <vector>

#include "campaign/world.h"

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
  bool together = false;       // all of one title on one machine are one step
};

// Who a session is of, and which machine opened it from outside; by session.
struct SessionFacts {
  ThingId owner = kNoThing;  // an account, rather a person's than a machine's
  ThingId from = kNoThing;   // another machine, or its address
  uint32_t type = 0;         // World::Logon
  const Link* opened = nullptr;
};
std::vector<SessionFacts> SessionsOf(const World& world);

// Processes, services and tasks that somebody made from another machine. What the same account does from the same
// machine again and again weighs less each time: that is how networks are run.
std::vector<Shown> ShownByGraph(const World& world, const std::vector<SessionFacts>& sessions);

}  // namespace spoor
