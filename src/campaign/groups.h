// Groups of findings that belong together, as they are made; what campaign.cc makes campaigns of.
//
//   hints   findings of one rule about one thing; or what the graph shows
//   nodes   a process's tree, a session, an account, a machine: with the hints about it
//   groups  nodes that something joins; each join says why
//
// What makes them adds to them in turn (group_phases.h); whoever has them const only asks. Of one thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "campaign/result.h"
#include "campaign/shown.h"
#include "campaign/shown_accounts.h"

namespace spoor {

struct Hint {
  uint32_t rule = ~0u;   // of the clues; else
  uint32_t shown = ~0u;  // of Groups::shown
  ThingId about = kNoThing, host = kNoThing;
  double weight = 0;
  int64_t first = 0, last = 0;
  std::vector<uint32_t> clues;
  std::vector<std::string> techniques, tactics;
};

struct GroupNode {
  ThingId thing = kNoThing;  // of a tree its first process
  ThingId host = kNoThing;
  double weight = 0;
  int64_t first = 0, last = 0;
  std::vector<uint32_t> hints;
  std::set<ThingId> sessions, accounts;
};

struct Groups {
  // REQUIRES: both outlive it.
  Groups(const World& of_world, const Clues& of_clues, double weight) : world(of_world), clues(of_clues), hot(weight) {}

  const Thing& At(ThingId thing) const { return world.things()[thing]; }
  std::string_view ImageOf(ThingId thing) const;
  // The machine that a thing is on; a machine is on itself.
  ThingId HostAt(ThingId thing) const { return At(thing).host == kNoThing ? thing : At(thing).host; }
  // Who started a process; kNoThing: not known.
  ThingId ParentOf(ThingId process) const { return process == kNoThing ? kNoThing : parent[process]; }
  bool IsTop(ThingId process) const { return top[process] == process; }
  // Who runs a process; kNoThing: not known.
  ThingId AccountOf(ThingId process) const;
  // It starts what has nothing else in common: by its name, or by how it does.
  bool Starts(ThingId process) const { return starts[process]; }

  // The node that a thing is in; ~0u: none.
  uint32_t NodeOf(ThingId thing) const;
  uint32_t GroupOf(uint32_t node) const;
  uint32_t GroupOfJoin(size_t join) const { return GroupOf(join_nodes[join]); }
  bool IsHot(uint32_t node) const { return node != ~0u && nodes[node].weight >= hot; }
  bool HasFinding(const GroupNode& node) const;  // of a rule
  RecordPlace PlaceOf(const Hint& hint) const;
  // What hints say together: each technique once, where it weighs most, and of one process the second less than the
  // first, as one act is often found by many rules.
  double Score(const std::vector<uint32_t>& of) const;

  // Groups whose score is at least `enough` are campaigns, until the next call.
  void FindCore(double enough);
  bool IsCore(uint32_t node) const { return node != ~0u && core[GroupOf(node)]; }
  std::vector<uint32_t> Core() const;  // the nodes of campaigns
  // The machines that campaigns hold: since when, by the earliest of their nodes there that weigh.
  struct Since {
    int64_t time;
    uint32_t node;
  };
  std::map<ThingId, Since> Held() const;

  void AddSession(ThingId session, GroupNode* node) const;
  ThingId EnsureNode(ThingId about, ThingId host);  // the thing that the node is of
  void Unite(uint32_t a, uint32_t b, LinkKind kind, std::string why, double strength, const RecordPlace& proof);

  const World& world;
  const Clues& clues;
  const double hot;  // weight from which on a node may be joined to others
  // What is shown beside what rules find, and which findings that takes in: by file, offset and record.
  std::vector<Shown> shown;
  std::map<std::tuple<uint32_t, uint64_t, uint64_t>, uint32_t> shown_at;
  AccountsShown accounts;
  // By thing.
  std::vector<SessionFacts> sessions;
  // Of processes. Of what somebody else does in an account of a cloud the account is the top.
  std::vector<ThingId> parent, top, session_of;
  std::vector<bool> starts;       // Starts
  std::vector<uint32_t> node_of;  // of tops: ~0u: none
  std::set<ThingId> agents;       // that start others by what they start
  std::set<ThingId> usual;        // sessions of accounts in a cloud where they always come from

  std::vector<Hint> hints;
  std::vector<GroupNode> nodes;
  mutable std::vector<uint32_t> group;  // by node: one nearer to the first of its group
  std::vector<Join> joins;
  std::vector<uint32_t> join_nodes;  // by join: one of the two
  std::vector<bool> core;            // by group: it is a campaign
};

}  // namespace spoor
