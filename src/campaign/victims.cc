#include "campaign/victims.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "campaign/result.h"
#include "campaign/shown.h"
#include "sigma/data_file.h"
#include "world/spelling.h"

namespace spoor {

namespace data {
extern const std::string_view victims;  // data/victims.yml
}

namespace {

constexpr double kProves = 3;  // weight of a step that proves more than that somebody came by
constexpr const char* kKinds[] = {"person", "account", "mailbox", "host", "tenant"};
constexpr const char* kStates[] = {"targeted", "reached", "compromised", "data read", "data taken"};

struct StateFacts {
  VictimState state;
  std::vector<std::string> techniques, tactics, of;
};
struct VictimFacts {
  std::vector<StateFacts> states;
  std::set<std::string, std::less<>> domains, common;
};

const VictimFacts& AllFacts() {
  static const auto* const facts = [] {
    auto* all = new VictimFacts;
    YamlTree tree;
    sigma::ReadDataFile(data::victims, &tree);
    sigma::CheckKeys(tree, *tree.root(), {"states", "nobody", "common"});
    for (const YamlNode* entry : sigma::Values(tree, *tree.Find(*tree.root(), "states"))) {
      sigma::CheckKeys(tree, *entry, {"state", "techniques", "tactics", "of"});
      const std::string state = sigma::TextOr(tree, *entry, "state");
      const auto* const known = std::find(std::begin(kStates), std::end(kStates), state);
      sigma::Check(known != std::end(kStates), *entry, "a state that there is not");
      all->states.push_back({static_cast<VictimState>(known - std::begin(kStates)),
                             sigma::Texts(tree, *entry, "techniques"), sigma::Texts(tree, *entry, "tactics"),
                             sigma::Texts(tree, *entry, "of")});
    }
    for (std::string& name : sigma::Texts(tree, *tree.Find(*tree.root(), "nobody"), "domains")) {
      all->domains.insert(std::move(name));
    }
    for (std::string& name : sigma::Texts(tree, *tree.root(), "common")) all->common.insert(std::move(name));
    return all;
  }();
  return *facts;
}

bool Before(const RecordPlace& a, const RecordPlace& b) { return a.time < b.time; }

void Widen(const Victim& by, Victim* victim) {
  if (by.first != 0 && (victim->first == 0 || by.first < victim->first)) victim->first = by.first;
  victim->last = std::max(victim->last, by.last);
}

int64_t ProvenAt(const Victim& victim) { return victim.records.empty() ? victim.first : victim.records.front().time; }

class VictimFinder {
 public:
  VictimFinder(const World& world, const Clues& clues, const std::vector<SessionFacts>& sessions,
               const Campaign& campaign)
      : world_(world), clues_(clues), sessions_(sessions), campaign_(campaign) {}

  VictimList Run() {
    for (const Step& step : campaign_.steps) {
      if (step.weight == 0) continue;  // what others came from
      if (step.host != kNoThing) AddHost(step);
      AddAccount(step);
      AddMade(step);
      AddChanged(step);
      AddMailbox(step);
      if (step.from != kNoThing && world_.things()[step.from].kind == ThingKind::kHost) {
        Add(VictimKind::kHost, world_.tenant(world_.things()[step.from]), world_.things()[step.from].name,
            VictimState::kReached, step, "it came from here: " + step.title);
      }
    }
    for (const Join& join : campaign_.joins) AddUser(join);
    return std::move(list_);
  }

 private:
  void Add(VictimKind kind, const std::string& tenant, const std::string& name, VictimState state, const Step& step,
           std::string why) {
    list_.Add({kind, tenant, name, state, step.first, step.last, std::move(why),
               RecordsOf(step, clues_, Victim::kMaxRecords)});
  }

  void AddHost(const Step& step) {
    const Thing& host = world_.things()[step.host];
    VictimState state = VictimState::kReached, told = state;
    const bool ran = world_.FindProcess(step.about) != nullptr;
    if (ran && step.weight >= kProves) state = VictimState::kCompromised;
    if (StateByTechnique(step.technique, step.tactic, VictimKind::kHost, &told)) {
      if (told > state && step.weight >= kProves) state = told;
      if (told == VictimState::kTargeted && !ran) state = told;
    }
    Add(VictimKind::kHost, world_.tenant(host), host.name, state, step, step.title);
  }

  // In whose process or session it happened, or at whom it was aimed.
  void AddAccount(const Step& step) {
    const std::string name = AccountName(step.account, "", step.host_name);
    if (name.empty() || IsNobody(name) || step.about == kNoThing) return;
    const ThingKind about = world_.things()[step.about].kind;
    if (about == ThingKind::kProcess || about == ThingKind::kPid || about == ThingKind::kSession) {
      const std::string where = step.host_name.empty() ? "" : " on " + step.host_name;
      Add(VictimKind::kAccount, step.tenant, name,
          step.theirs || step.weight >= kProves ? VictimState::kCompromised : VictimState::kReached, step,
          "it was used" + where + ": " + step.title);
    } else if (about == ThingKind::kAccount) {
      VictimState state = VictimState::kReached;
      const bool told = StateByTechnique(step.technique, step.tactic, VictimKind::kAccount, &state);
      // What the graph shows of an account in a cloud somebody else did who was in it.
      if (!told && !step.places.empty() && step.weight >= kProves) state = VictimState::kCompromised;
      Add(VictimKind::kAccount, step.tenant, world_.things()[step.about].name, state, step, step.title);
    }
  }

  // An account that a command line makes; of a domain its name is not there.
  void AddMade(const Step& step) {
    const bool makes = std::any_of(step.techniques.begin(), step.techniques.end(),
                                   [](const std::string& t) { return t.starts_with("T1136"); });
    const Process* const process = step.about == kNoThing ? nullptr : world_.FindProcess(step.about);
    if (!makes || process == nullptr || step.host == kNoThing) return;
    const MadeAccount made = AccountMadeBy(process->command);
    const std::string& host = world_.things()[step.host].name;
    const std::string name = AccountName(made.name, made.of_domain ? "" : host, host);
    if (name.empty() || IsNobody(name)) return;
    Add(VictimKind::kAccount, step.tenant, name, VictimState::kCompromised, step, step.title);
  }

  // Accounts that a step made, changed or guessed at: named in its records, and not those that did it.
  void AddChanged(const Step& step) {
    VictimState state;
    if (!StateByTechnique(step.technique, step.tactic, VictimKind::kAccount, &state)) return;
    std::set<ThingId> told;
    for (size_t i = 0; i < step.clues.size() && told.size() < 1000; ++i) {
      const Clue& clue = clues_.clues[step.clues[i]];
      const ThingId by = clue.about == kNoThing ? kNoThing : sessions_[clue.about].owner;
      for (const ThingId with : clue.with) {
        const Thing& thing = world_.things()[with];
        if (thing.kind != ThingKind::kAccount || with == by || IsNobody(thing.name) || !told.insert(with).second) {
          continue;
        }
        if (!IsChanged(clue, with) && state != VictimState::kTargeted) continue;
        list_.Add({VictimKind::kAccount,
                   world_.tenant(thing),
                   thing.name,
                   state,
                   clue.time,
                   clue.time,
                   step.title,
                   {{clue.time, clue.file, clue.record, clue.offset}}});
      }
    }
  }
  // A session of the record changed it.
  bool IsChanged(const Clue& clue, ThingId account) {
    if (changed_.empty()) {
      for (const Link& link : world_.links()) {
        if (link.kind == LinkKind::kChanged) changed_.insert({link.from, link.to});
      }
      changed_.insert({kNoThing, kNoThing});
    }
    if (changed_.contains({clue.about, account})) return true;
    return std::any_of(clue.with.begin(), clue.with.end(), [&](ThingId with) {
      return changed_.contains({with, account});
    });
  }

  // What is told of a mailbox without any machine.
  void AddMailbox(const Step& step) {
    const std::string name = Folded(step.account);
    VictimState state;
    if (step.host != kNoThing || name.find('@') == std::string::npos || !step.technique.starts_with("T1114")) return;
    if (!StateByTechnique(step.technique, step.tactic, VictimKind::kMailbox, &state) || step.weight < kProves) return;
    Add(VictimKind::kMailbox, step.tenant, name, state, step, step.title);
  }

  // As whom somebody went on to another machine.
  void AddUser(const Join& join) {
    constexpr double kSure = 0.7;
    if (join.kind != LinkKindName(LinkKind::kOpenedSession) || join.strength < kSure) return;
    const ThingId owner = sessions_[join.to].owner;
    if (owner == kNoThing) return;
    const Thing& account = world_.things()[owner];
    if (IsNobody(account.name)) return;
    const ThingId host = world_.things()[join.to].host;
    const std::string where = host == kNoThing ? "" : " on " + world_.things()[host].name;
    list_.Add({VictimKind::kAccount,
               world_.tenant(account),
               account.name,
               VictimState::kCompromised,
               join.proof.time,
               join.proof.time,
               "it was used" + where + ": " + join.why,
               {join.proof}});
  }

  const World& world_;
  const Clues& clues_;
  const std::vector<SessionFacts>& sessions_;
  const Campaign& campaign_;
  std::set<std::pair<ThingId, ThingId>> changed_;  // by whom (a session) and what
  VictimList list_;
};

}  // namespace

const char* VictimKindName(VictimKind kind) { return kKinds[static_cast<size_t>(kind)]; }
const char* VictimStateName(VictimState state) { return kStates[static_cast<size_t>(state)]; }

bool StateByTechnique(std::string_view technique, std::string_view tactic, VictimKind kind, VictimState* state) {
  const std::string_view whole = technique.substr(0, technique.find('.'));
  for (const StateFacts& facts : AllFacts().states) {
    const std::vector<std::string>& names = technique.empty() ? facts.tactics : facts.techniques;
    const std::string_view name = technique.empty() ? tactic : whole;
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    if (std::find(facts.of.begin(), facts.of.end(), VictimKindName(kind)) == facts.of.end()) continue;
    *state = facts.state;
    return true;
  }
  return false;
}

bool IsNobody(std::string_view account) {
  if (account.empty() || IsOfMachine(account)) return true;
  const size_t slash = account.find('\\');
  return slash != std::string_view::npos && AllFacts().domains.contains(account.substr(0, slash));
}

bool IsCommonName(std::string_view name) { return AllFacts().common.contains(name); }

VictimList::VictimList(std::vector<Victim> known) {
  for (Victim& victim : known) {
    if (victim.kind != VictimKind::kTenant) Add(std::move(victim));
  }
}

void VictimList::Add(Victim victim) {
  if (victim.name.empty()) return;
  std::stable_sort(victim.records.begin(), victim.records.end(), Before);
  if (victim.records.size() > Victim::kMaxRecords) victim.records.resize(Victim::kMaxRecords);
  if (victim.last == 0) victim.last = victim.first;
  const auto key = std::make_tuple(victim.kind, victim.tenant, victim.name, victim.of_roster);
  const auto it = by_name_.find(key);
  if (it == by_name_.end()) {
    if (by_name_.size() >= kMaxVictims) {
      ++left_out_;
    } else {
      by_name_.emplace(key, std::move(victim));
    }
    return;
  }
  Victim& known = it->second;
  if (victim.state > known.state || (victim.state == known.state && ProvenAt(victim) < ProvenAt(known))) {
    known.state = victim.state;
    known.why = std::move(victim.why);
    known.records = std::move(victim.records);
  }
  Widen(victim, &known);
}

void VictimList::JoinBareNames() {
  // By tenant and name without its domain; an account of a machine is not that of a domain.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> full;
  std::vector<Victim> bare;
  for (const auto& [key, victim] : by_name_) {
    if (victim.kind != VictimKind::kAccount || victim.name.find_first_of("@/") != std::string::npos) continue;
    const size_t slash = victim.name.find('\\');
    if (slash == std::string::npos) {
      if (!IsCommonName(victim.name)) bare.push_back(victim);
    } else if (!by_name_.contains({VictimKind::kHost, victim.tenant, victim.name.substr(0, slash), 0})) {
      full[{victim.tenant, victim.name.substr(slash + 1)}].push_back(victim.name);
    }
  }
  for (Victim& victim : bare) {
    const auto it = full.find({victim.tenant, victim.name});
    if (it == full.end() || it->second.size() != 1) continue;
    by_name_.erase({victim.kind, victim.tenant, victim.name, victim.of_roster});
    victim.name = it->second.front();
    Add(std::move(victim));
  }
}

std::vector<Victim> VictimList::Take() {
  JoinBareNames();
  std::map<std::string, Victim> tenants;
  std::map<std::string, VictimKind> kinds;  // by tenant: of whom its state is
  for (const auto& [key, victim] : by_name_) {
    if (victim.tenant.empty() || victim.kind == VictimKind::kPerson) continue;  // persons are what is theirs
    Victim of = victim;
    of.kind = VictimKind::kTenant;
    of.name = victim.tenant;
    of.why = std::string(VictimKindName(victim.kind)) + " " + victim.name + ": " + victim.why;
    of.person = of.organisation = of.role = of.related_to = "";
    of.of_roster = 0;
    const auto [it, fresh] = tenants.try_emplace(victim.tenant, of);
    if (fresh) {
      kinds[victim.tenant] = victim.kind;
      continue;
    }
    // Of what is as strong, a machine tells more than who used it.
    Victim& known = it->second;
    VictimKind& before = kinds[victim.tenant];
    if (of.state > known.state ||
        (of.state == known.state &&
         (victim.kind > before || (victim.kind == before && ProvenAt(of) < ProvenAt(known))))) {
      before = victim.kind;
      Widen(known, &of);
      known = std::move(of);
    } else {
      Widen(of, &known);
    }
  }
  std::vector<Victim> all;
  all.reserve(tenants.size() + by_name_.size());
  for (auto& [name, victim] : tenants) all.push_back(std::move(victim));
  for (auto& [key, victim] : by_name_) all.push_back(std::move(victim));
  by_name_.clear();
  std::stable_sort(all.begin(), all.end(), [](const Victim& a, const Victim& b) {
    if (a.state != b.state) return a.state > b.state;
    return std::tie(a.kind, a.tenant, a.name, a.of_roster) < std::tie(b.kind, b.tenant, b.name, b.of_roster);
  });
  return all;
}

void FindVictims(const World& world, const Clues& clues, const std::vector<SessionFacts>& sessions,
                 Campaign* campaign) {
  VictimList list = VictimFinder(world, clues, sessions, *campaign).Run();
  campaign->victims = list.Take();
  campaign->victims_left_out = list.left_out();
}

std::vector<RecordPlace> RecordsOf(const Step& step, const Clues& clues, size_t most) {
  std::vector<RecordPlace> places = step.places;
  for (size_t i = 0; i < step.clues.size() && i < most; ++i) {
    const Clue& clue = clues.clues[step.clues[i]];
    places.push_back({clue.time, clue.file, clue.record, clue.offset});
  }
  std::stable_sort(places.begin(), places.end(), Before);
  if (places.size() > most) places.resize(most);
  return places;
}

}  // namespace spoor
