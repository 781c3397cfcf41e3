// Whom a campaign hit, and how far it came with each: people, accounts, mailboxes, machines, organisations.
//
//     VictimList list(std::move(campaign.victims));   // what is known already
//     list.Add({VictimKind::kMailbox, "acme", "jane@acme.example", VictimState::kTargeted, time, time,
//               "a tracking mail was sent there", {place}});
//     campaign.victims = list.Take();
//
// Which technique says what is data (data/victims.yml), compiled into the program. Everything owns its texts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "entities/names.h"

namespace spoor {

struct Campaign;
class Clues;
struct SessionFacts;
struct Step;
class World;

enum class VictimKind : uint8_t { kPerson, kAccount, kMailbox, kHost, kTenant };
const char* VictimKindName(VictimKind kind);  // "person", …
// In order: who was compromised was also reached.
enum class VictimState : uint8_t { kTargeted, kReached, kCompromised, kDataRead, kDataTaken };
inline constexpr size_t kVictimStates = 5;
const char* VictimStateName(VictimState state);  // "targeted", …, "data read", "data taken"

struct Victim {
  VictimKind kind = VictimKind::kHost;
  std::string tenant, name;
  VictimState state = VictimState::kTargeted;
  int64_t first = 0, last = 0;  // of all that happened to it; 0: nothing has a time
  std::string why;              // of the state
  // That prove it, in order of time, at most kMaxRecords. REQUIRES: files of the trace's table.
  std::vector<RecordPlace> records;
  // What a roster says of who it is (roster.h); of several persons in order, "; " between. "": no roster does.
  std::string person, organisation, role, related_to;
  uint32_t of_roster = 0;  // of persons: the number from 1 of the entry, as names are not one person's alone

  static constexpr size_t kMaxRecords = 10;
};

// Puts together what is told of one victim: the strongest state counts, and of its tellings the first. Bounded by
// kMaxVictims; what is left out beyond is counted.
class VictimList {
 public:
  static constexpr size_t kMaxVictims = 200'000;

  VictimList() = default;
  // Tenants among them are left out: Take makes them anew.
  explicit VictimList(std::vector<Victim> known);
  // Nothing without a name is added.
  void Add(Victim victim);
  uint64_t left_out() const { return left_out_; }
  // The strongest first, then by kind, tenant and name. Each tenant is a victim with the strongest state of its own. An
  // account that a log tells without its domain ("jane", of a VPN) is the one of that name that its tenant's domain has
  // among the victims, if one alone is there.
  std::vector<Victim> Take();

 private:
  void JoinBareNames();

  std::map<std::tuple<VictimKind, std::string, std::string, uint32_t>, Victim> by_name_;
  uint64_t left_out_ = 0;
};

// Sets whom the steps and joins of a campaign hit. `sessions`: SessionsOf(world).
void FindVictims(const World& world, const Clues& clues, const std::vector<SessionFacts>& sessions, Campaign* campaign);

// What a technique, or without one a tactic, says of a victim of a kind. False: nothing.
bool StateByTechnique(std::string_view technique, std::string_view tactic, VictimKind kind, VictimState* state);
// Accounts that are nobody's: those of machines (IsOfMachine) and of what runs on all. REQUIRES: as AccountName has it.
bool IsNobody(std::string_view account);
// A name of accounts that is the same everywhere ("administrator"), folded.
bool IsCommonName(std::string_view name);

// The records of a step, in order of time, at most so many. REQUIRES: the clues it was made from.
std::vector<RecordPlace> RecordsOf(const Step& step, const Clues& clues, size_t most);

}  // namespace spoor
