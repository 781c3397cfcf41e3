// From findings to groups of them that belong together; what campaign.cc makes campaigns of.
//
//   hints   findings of one rule about one thing; or what the graph shows
//   nodes   a process's tree, a session, an account, a machine: with the hints about it
//   groups  nodes that something joins; each join says why
//
//     group_nodes.cc    hints and nodes
//     group_joins.cc    joins
//     group_reach*.cc   what else the programs of a campaign did, that no rule knows
//     group_relays.cc   accounts, routers and web servers, and the addresses they have in common
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "campaign/result.h"
#include "campaign/shown.h"
#include "campaign/shown_accounts.h"

namespace spoor {

struct Hint {
  uint32_t rule = ~0u;   // of the clues; else
  uint32_t shown = ~0u;  // of Grouper::shown()
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

class Grouper {
 public:
  // Groups whose score is at least `enough` are campaigns: what these reached is looked for. REQUIRES: both outlive it.
  Grouper(const World& world, const Clues& clues, double enough);

  // What hints say together: each technique once, where it weighs most, and of one process the second less than the
  // first, as one act is often found by many rules.
  double Score(const std::vector<uint32_t>& hints) const;

  const std::vector<Hint>& hints() const { return hints_; }
  const std::vector<GroupNode>& nodes() const { return nodes_; }
  const std::vector<Shown>& shown() const { return shown_; }
  const std::vector<Join>& joins() const { return joins_; }
  uint32_t GroupOfJoin(size_t join) const { return GroupOf(join_nodes_[join]); }
  const std::vector<SessionFacts>& sessions() const { return sessions_; }  // by thing
  uint32_t GroupOf(uint32_t node) const;
  // The node that a thing is in; ~0u: none.
  uint32_t NodeOf(ThingId thing) const;
  // Who started a process; kNoThing: not known.
  ThingId ParentOf(ThingId process) const { return process == kNoThing ? kNoThing : parent_[process]; }
  bool IsTop(ThingId process) const { return top_[process] == process; }
  // Who runs a process; kNoThing: not known.
  ThingId AccountOf(ThingId process) const;

 private:
  // group_nodes.cc
  void FindTrees();
  void FindStarters();
  void WeighRules();
  void FindRoutine();
  void MakeHints();
  void MakeNodes();
  int64_t DayOf(ThingId thing, int64_t time) const;
  void AddContacts();
  void AddSession(ThingId session, GroupNode* node) const;
  // group_joins.cc
  void JoinProcesses();
  void JoinStarted();
  void JoinFiles();
  void JoinMachines();
  std::set<ThingId> Rollouts() const;
  void JoinNearby();
  void JoinRare();
  // group_reach.cc
  void Reach(double enough);
  bool ReachOnce(double enough);
  void FindCore(double enough);
  class Arrivals;  // group_reach_sessions.cc
  void ReachSessions();
  void ReachInSessions();
  void ReachBack();
  void ReachStarted();
  void ReachAgents();
  void ReachSameAgent();
  struct HeldLogon {
    const Link* opened;
    ThingId session;
    uint32_t cause;  // a node of the campaign
  };
  std::vector<HeldLogon> LogonsFromHeld() const;
  bool IsRunByAgent(uint32_t node) const;
  ThingId RunByAgent(uint32_t node) const;
  const HeldLogon* OrderedBy(const std::vector<HeldLogon>& logons, int64_t time, uint32_t tenant) const;
  void TellLogonBeforeAgent(const HeldLogon& logon);
  void TellRunByAgent(ThingId process, ThingId server, uint32_t cause);
  void ReachTools();
  void ReachScripts();
  void ReachContacts();
  void ReachNewContacts();
  uint32_t UserOf(ThingId source, ThingId contact, const std::set<std::pair<ThingId, ThingId>>& told) const;
  void ReachRefused();
  void ReachFrom();
  void ReachByWeb();
  void ReachWayIn();
  void ReachEmptied();
  bool HasWayIn(const GroupNode& node) const;
  void ReachAccounts();
  void ReachUp();
  void RunInSession(ThingId process, ThingId account, ThingId from, uint32_t cause);
  ThingId EnsureNode(ThingId about, ThingId host);  // the thing that the node is of
  // Makes a hint of what is shown, of a node of its own or of the one that its thing is in, and joins that with
  // `cause`. False: it is there already.
  bool Add(Shown shown, uint32_t cause, LinkKind kind, const char* why, double strength);
  // The nodes of campaigns.
  std::vector<uint32_t> Core() const;
  // The machines that campaigns hold: since when, by the earliest of their nodes there that weigh.
  struct Since {
    int64_t time;
    uint32_t node;
  };
  std::map<ThingId, Since> Held() const;
  // The machine that a thing is on; a machine is on itself.
  ThingId HostAt(ThingId thing) const { return At(thing).host == kNoThing ? thing : At(thing).host; }
  bool IsCore(uint32_t node) const { return node != ~0u && core_[GroupOf(node)]; }

  // group_relays.cc
  void ShowPlaces();
  void FindPresences();
  void JoinRelays();
  void JoinTunnels();
  void JoinPages();
  std::map<ThingId, RecordPlace> PagesOf(uint32_t node) const;
  std::string Called(uint32_t node) const;
  void Unite(uint32_t a, uint32_t b, LinkKind kind, std::string why, double strength, const RecordPlace& proof);

  const Thing& At(ThingId thing) const { return world_.things()[thing]; }
  std::string_view ImageOf(ThingId thing) const;
  // It starts what has nothing else in common: by its name, or by how it does.
  bool Starts(ThingId process) const { return starts_[process]; }
  bool HasFinding(const GroupNode& node) const;  // of a rule
  bool IsHot(uint32_t node) const { return node != ~0u && nodes_[node].weight >= hot_; }
  RecordPlace PlaceOf(const Hint& hint) const;

  const World& world_;
  const Clues& clues_;
  const double hot_;                    // weight from which on a node may be joined to others
  std::vector<SessionFacts> sessions_;  // by thing
  std::vector<Shown> shown_;
  AccountsShown accounts_;
  std::map<std::tuple<uint32_t, uint64_t, uint64_t>, uint32_t> shown_at_;  // by file, offset and record
  std::set<ThingId> usual_;  // sessions of accounts in a cloud where they always come from
  // Of processes, by thing. Of what somebody else does in an account of a cloud the account is the top.
  std::vector<ThingId> parent_, top_, session_of_;
  std::set<ThingId> agents_;  // that start others by what they start
  std::vector<bool> starts_;  // by thing: Starts
  std::vector<double> rule_weight_;
  std::vector<bool> routine_;  // by clue
  std::vector<Hint> hints_;
  std::vector<GroupNode> nodes_;
  std::vector<uint32_t> node_of_;        // by thing
  mutable std::vector<uint32_t> group_;  // by node
  std::vector<Join> joins_;
  std::vector<uint32_t> join_nodes_;                             // by join: one of the two
  std::vector<bool> core_;                                       // by group: it is a campaign
  std::set<std::tuple<ThingId, ThingId, std::string>> reached_;  // about, host and title of what Add has added
  std::set<std::string> theirs_;                                 // programs that only machines of campaigns have
  std::set<std::pair<ThingKind, std::string>> used_;             // machines and names outside that these reach
  struct Installed {
    ThingId service, from;
  };
  std::vector<Installed> installed_;  // services that came with a connection of such a program
  std::set<ThingId> intruders_;       // sessions that a campaign's program opened
};

}  // namespace spoor
