// What a campaign's programs did, and where they are else, that no rule knows. For group_reach*.cc alone.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "campaign/groups.h"

namespace spoor {

namespace reach {

inline constexpr int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
inline constexpr int64_t kBefore = 2 * kSecond, kAfter = 20 * kSecond;  // of a connection: the logon that comes of it
inline constexpr double kLogon = 4, kTool = 4, kContact = 1, kKept = 3, kDone = 0.5, kSent = 4,
                        kRefused = 1;  // weights

// Whose machines have something: those of campaigns, and all.
struct Spread {
  std::set<ThingId> core, all;
  // At least half of the machines are of a campaign.
  bool is_theirs() const { return !core.empty() && core.size() * 2 >= all.size(); }
};

}  // namespace reach

// What is found is part of the campaign and may lead on, so that all is looked at again until nothing is new.
class Reach {
 public:
  explicit Reach(Groups* groups) : g_(*groups) {}
  // True: something was found.
  bool Once(double enough);

 private:
  // group_reach_sessions.cc
  class Arrivals;
  void ReachSessions();
  void ReachInSessions();
  void ReachBack();
  void ReachStarted();
  void RunInSession(ThingId process, ThingId account, ThingId from, uint32_t cause);
  // group_reach_agents.cc
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
  // group_reach_tools.cc
  void ReachTools();
  void ReachContacts();
  void ReachNewContacts();
  uint32_t UserOf(ThingId source, ThingId contact, const std::set<std::pair<ThingId, ThingId>>& told) const;
  // group_reach_scripts.cc
  void ReachScripts();
  // group_reach_web.cc
  void ReachByWeb();
  void ReachWayIn();
  bool HasWayIn(const GroupNode& node) const;
  // group_reach.cc
  void ReachRefused();
  void ReachFrom();
  void ReachEmptied();
  void ReachAccounts();
  void ReachUp();
  // Makes a hint of what is shown, of a node of its own or of the one that its thing is in, and joins that with
  // `cause`. False: it is there already.
  bool Add(Shown shown, uint32_t cause, LinkKind kind, const char* why, double strength);

  Groups& g_;
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
