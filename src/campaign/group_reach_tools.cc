// Tools and contacts that only machines of a campaign have (see group_reach.cc).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/grouper.h"
#include "campaign/reach.h"
#include "campaign/stages.h"
#include "world/spelling.h"

namespace spoor {

using namespace reach;

namespace {

constexpr uint64_t kMuch = 1'000'000;  // bytes sent outside
constexpr double kNamed = 1;           // least weight of what names a tool in its command line

// Who comes back again and again has a program there.
bool Keeps(uint64_t times, int64_t first, int64_t last) { return times >= 8 && last - first >= 48 * kHour; }

}  // namespace

// The same program, service or task, which no others have.
void Grouper::ReachTools() {
  using Name = std::pair<ThingKind, std::string>;
  std::map<Name, Spread> spread;
  std::map<Name, std::map<uint32_t, RecordPlace>> cause;  // nodes of campaigns
  struct Use {
    Name name;
    ThingId about;
    int64_t time;
    RecordPlace place;
    std::string text;
  };
  std::vector<Use> uses;
  const auto use = [&](ThingKind kind, std::string name, ThingId about, int64_t time, const RecordPlace& place,
                       std::string_view text, uint32_t node) {
    Name key(kind, std::move(name));
    Spread& of = spread[key];
    of.all.insert(At(about).host);
    if (IsCore(node)) {
      of.core.insert(At(about).host);
      cause[key].try_emplace(node, place);
    } else {
      uses.push_back({std::move(key), about, time, place, std::string(text)});
    }
  };
  for (const Process& process : world_.processes()) {
    if (process.image.empty() || IsInstalled(process.image)) continue;
    use(ThingKind::kFile, Folded(process.image), process.thing, process.start.time, process.start, process.image,
        NodeOf(process.thing));
  }
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kUsed &&
        (At(link.from).kind == ThingKind::kService || At(link.from).kind == ThingKind::kTask)) {
      const std::string program = ProgramOf(At(link.to).name);
      if (!IsInstalled(program)) {
        use(ThingKind::kFile, program, link.from, link.first(), link.proof,
            At(link.from).name + ": " + At(link.to).name, NodeOf(link.from));
      }
    } else if (link.kind == LinkKind::kCreated) {
      use(At(link.to).kind, At(link.to).name, link.from, link.first(), link.proof, At(link.to).name, NodeOf(link.from));
    }
  }
  theirs_.clear();
  for (const auto& [name, of] : spread) {
    if (name.first == ThingKind::kFile && of.is_theirs()) theirs_.insert(name.second);
  }
  for (const auto& [name, nodes] : cause) {
    if (!spread[name].is_theirs()) continue;
    for (const auto& [node, place] : nodes) {
      Unite(nodes.begin()->first, node, LinkKind::kRan, "both have " + name.second + ", which no others have", 0.8,
            place);
    }
  }
  // Who wrote it, and whose command line names it.
  std::map<std::string, uint32_t> of_program;
  for (const std::string& program : theirs_)
    of_program[program] = cause[Name(ThingKind::kFile, program)].begin()->first;
  const auto belongs = [&](ThingId process, const std::string& program, const RecordPlace& place, const char* how) {
    const uint32_t node = NodeOf(process);
    if (node != ~0u && nodes_[node].weight >= kNamed) {
      Unite(of_program[program], node, LinkKind::kRan, how + program + ", which only the intruder's machines have", 0.8,
            place);
    }
  };
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kWrote && of_program.contains(At(link.to).name)) {
      belongs(link.from, At(link.to).name, link.proof, "it wrote ");
    }
  }
  for (const Process& process : world_.processes()) {
    if (NodeOf(process.thing) == ~0u || process.command.empty()) continue;
    const std::string command = Folded(process.command);
    for (const auto& [program, node] : of_program) {
      if (command.find(program) != std::string::npos) belongs(process.thing, program, process.start, "it names ");
    }
  }
  for (const Use& of : uses) {
    if (!spread[of.name].is_theirs()) continue;
    const uint32_t node = cause[of.name].begin()->first;
    const bool file = of.name.first == ThingKind::kFile && world_.FindProcess(of.about) != nullptr;
    Shown shown;
    shown.title = file ? "A program that only the intruder's machines have"
                       : "A service or task that only the intruder's machines have";
    shown.summary = of.text;
    shown.techniques = {file                                                                         ? "T1105"
                        : At(of.about).kind == ThingKind::kTask || of.name.first == ThingKind::kTask ? "T1053.005"
                                                                                                     : "T1543.003"};
    shown.tactics = {file ? "command-and-control" : "persistence"};
    shown.about = of.about;
    shown.host = At(of.about).host;
    shown.time = of.time;
    shown.weight = kTool;
    shown.place = of.place;
    shown.together = true;
    Add(std::move(shown), node, file ? LinkKind::kRan : LinkKind::kCreated, "the same program, which no others have",
        0.8);
  }
}

// The node of a program of the intruder's on the same machine that reaches that machine outside; ~0u: there is none.
uint32_t Grouper::UserOf(ThingId source, ThingId contact, const std::set<std::pair<ThingId, ThingId>>& told) const {
  const ThingId host = world_.HostOf(source);
  if (host == kNoThing || !used_.contains({At(contact).kind, At(contact).name})) return ~0u;
  for (const auto& [about, reached] : told) {
    if (HostAt(about) == host && At(reached).name == At(contact).name && IsCore(NodeOf(about))) return NodeOf(about);
  }
  return ~0u;
}

// The same machine or name outside, which no others reach; and whatever else a program reaches that only they have.
void Grouper::ReachContacts() {
  using Name = std::pair<ThingKind, std::string>;
  std::map<Name, Spread> spread;
  std::map<Name, std::map<uint32_t, RecordPlace>> cause;  // nodes of campaigns
  const auto host_of = [&](ThingId machine) {
    return machine == kNoThing || world_.HostOf(machine) == kNoThing ? machine : world_.HostOf(machine);
  };
  const auto is_outside = [&](ThingId machine) {
    const Thing& to = At(machine);
    if (to.kind == ThingKind::kDomain) return to.name.find('.') != std::string::npos;
    return to.kind == ThingKind::kAddress && !IsPrivate(to.name) && world_.HostOf(machine) == kNoThing;
  };
  const auto known = [&](ThingId machine, uint32_t node, ThingId host, const RecordPlace& place) {
    const Name name(At(machine).kind, At(machine).name);
    spread[name].core.insert(host);
    cause[name].try_emplace(node, place);
  };
  used_.clear();
  for (const uint32_t n : Core()) {
    for (const uint32_t h : nodes_[n].hints) {
      if (hints_[h].shown == ~0u) continue;
      const Shown& shown = shown_[hints_[h].shown];
      const ThingId contact = shown.contact != kNoThing ? shown.contact : shown.other;
      if (contact != kNoThing && is_outside(contact) && !IsPublic(At(contact).name))
        known(contact, n, host_of(shown.host), shown.place);
    }
  }
  const auto find = [&](ThingId machine) {
    return is_outside(machine) ? spread.find(Name(At(machine).kind, At(machine).name)) : spread.end();
  };
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    if (const auto it = find(link.to); it != spread.end()) it->second.all.insert(host_of(HostAt(link.from)));
  }
  for (const Flow& flow : world_.flows()) {
    if (const auto it = find(flow.destination); it != spread.end()) it->second.all.insert(host_of(flow.source));
  }
  for (const auto& [name, nodes] : cause) {
    if (!spread[name].is_theirs()) continue;
    for (const auto& [node, place] : nodes) {
      Unite(nodes.begin()->first, node, LinkKind::kReached,
            "both reached " + name.second + ", which hardly any other did", 0.8, place);
    }
  }
  const auto reached = [&](ThingId about, ThingId contact, const RecordPlace& place, bool kept, std::string summary) {
    const auto it = find(contact);
    if (it == spread.end() || !it->second.is_theirs()) return;
    Shown shown;
    shown.title = "It reached a machine outside that hardly any but the intruder's programs reach";
    shown.summary = std::move(summary);
    shown.techniques = {"T1071"};
    shown.tactics = {"command-and-control"};
    shown.about = about;
    shown.host = host_of(HostAt(about));
    shown.time = place.time;
    shown.weight = kept ? kKept : kContact;
    shown.place = place;
    shown.contact = contact;
    shown.together = true;
    Add(std::move(shown), cause[it->first].begin()->first, LinkKind::kReached,
        "both reached a machine outside that hardly any others do", 0.8);
  };
  std::set<std::pair<ThingId, ThingId>> told;
  for (const Shown& shown : shown_) {
    if (shown.contact != kNoThing) told.emplace(shown.about, shown.contact);
  }
  // What others reach, too, counts where a program that only the intruder has reaches it.
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    const uint32_t node = NodeOf(link.from);
    if (!IsCore(node) || !is_outside(link.to) || !theirs_.contains(Folded(ImageOf(link.from)))) continue;
    if (told.contains({link.from, link.to})) continue;
    Shown shown;
    shown.title = "A program that only the intruder's machines have reached a machine outside";
    shown.summary = std::string(BaseName(ImageOf(link.from))) + " to " + At(link.to).name;
    shown.techniques = {"T1102"};
    shown.tactics = {"command-and-control"};
    shown.about = link.from;
    shown.contact = link.to;
    used_.emplace(At(link.to).kind, At(link.to).name);
    shown.host = HostAt(link.from);
    shown.time = link.first();
    shown.weight = kContact;
    shown.place = link.proof;
    shown.together = true;
    told.emplace(link.from, link.to);
    Add(std::move(shown), node, LinkKind::kConnected, "", 0);
  }
  for (const Link& link : world_.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    if (IsCore(NodeOf(link.from)) || !is_outside(link.to)) continue;
    const std::string_view program = BaseName(ImageOf(link.from));
    reached(link.from, link.to, link.proof, Keeps(link.events, link.first(), link.last),
            (program.empty() ? At(link.from).name : std::string(program)) + " to " + At(link.to).name);
  }
  for (const Flow& flow : world_.flows()) {
    if (!is_outside(flow.destination)) continue;
    reached(flow.source, flow.destination, flow.first_place, Keeps(flow.count, flow.first, flow.last),
            At(flow.source).name + " to " + At(flow.destination).name);
    const auto it = find(flow.destination);
    if (flow.sent < kMuch || flow.sent < 4 * flow.received) continue;
    const bool rare = it != spread.end() && it->second.is_theirs();
    // Others reach it, too: of machines on which the intruder's programs do.
    const uint32_t user = rare ? ~0u : UserOf(flow.source, flow.destination, told);
    if (!rare && user == ~0u) continue;
    Shown shown;
    shown.title = "Much sent to a machine outside that the intruder's programs reach";
    shown.summary =
        At(flow.source).name + " to " + At(flow.destination).name + ", " + std::to_string(flow.sent) + " bytes";
    shown.techniques = {rare ? "T1041" : "T1567.002"};
    shown.tactics = {"exfiltration"};
    shown.about = flow.source;
    shown.host = host_of(flow.source);
    shown.time = flow.most_sent_place.time;
    shown.weight = kSent;
    shown.place = flow.most_sent_place;
    shown.other = flow.destination;
    Add(std::move(shown), rare ? cause[it->first].begin()->first : user, LinkKind::kReached,
        "both reached a machine outside that hardly any others do", 0.8);
  }
}

// A machine outside that hardly any other reaches, first reached right after the intruder came.
void Grouper::ReachNewContacts() {
  constexpr size_t kFew = 2;
  std::map<ThingId, std::vector<std::pair<int64_t, uint32_t>>> came;  // by machine: when, and the node
  for (const uint32_t n : Core()) {
    for (const uint32_t h : nodes_[n].hints) {
      if (hints_[h].weight >= hot_ && hints_[h].host != kNoThing) came[hints_[h].host].emplace_back(hints_[h].first, n);
    }
  }
  const auto began = [&](ThingId source, ThingId contact, int64_t first, const RecordPlace& place, bool known) {
    const auto it = came.find(world_.HostOf(source));
    if (it == came.end()) return;
    const Thing& to = At(contact);
    for (const auto& [time, node] : it->second) {
      if (first < time - kMinute || (!known && first > time + kHour)) continue;
      Shown shown;
      shown.title =
          known
              ? "A machine outside that the intruder's programs reach elsewhere, first reached after the intruder came"
              : "A machine outside that hardly any other reaches, first reached right after the intruder came";
      shown.summary = At(source).name + " to " + to.name;
      shown.techniques = {known ? "T1102" : "T1071"};
      shown.tactics = {"command-and-control"};
      shown.about = source;
      shown.host = it->first;
      shown.time = first;
      shown.weight = kContact;
      shown.place = place;
      shown.contact = contact;
      shown.together = true;
      Add(std::move(shown), node, LinkKind::kReached, "first reached after the intruder came", 0.5);
      return;
    }
  };
  std::map<ThingId, int64_t> earliest;
  for (const auto& [machine, list] : came) earliest[machine] = std::min_element(list.begin(), list.end())->first;
  // Known to the machine before anybody came: what it does anyway.
  const auto is_new = [&](ThingId source, int64_t first) {
    const auto it = earliest.find(world_.HostOf(source));
    return it != earliest.end() && first >= it->second - kMinute;
  };
  std::map<std::pair<ThingId, ThingId>, std::pair<int64_t, RecordPlace>> firsts;  // machine and what it reached
  const auto note = [&](ThingId source, ThingId contact, int64_t first, const RecordPlace& place) {
    if (!used_.contains({At(contact).kind, At(contact).name})) return;
    const auto [it, fresh] = firsts.try_emplace({source, contact}, first, place);
    if (!fresh && first < it->second.first) it->second = {first, place};
  };
  for (const Link& link : world_.links()) {
    if (link.kind == LinkKind::kAsked && world_.FindProcess(link.from) == nullptr) {
      note(link.from, link.to, link.first(), link.proof);
    }
  }
  for (const Flow& flow : world_.flows()) note(flow.source, flow.destination, flow.first, flow.first_place);
  for (const auto& [ends, first] : firsts) {
    if (is_new(ends.first, first.first)) began(ends.first, ends.second, first.first, first.second, true);
  }
  std::map<std::string_view, std::set<ThingId>> users;
  for (const Flow& flow : world_.flows()) users[At(flow.destination).name].insert(flow.source);
  for (const Flow& flow : world_.flows()) {
    const Thing& to = At(flow.destination);
    if (to.kind != ThingKind::kAddress || IsPrivate(to.name) || world_.HostOf(flow.destination) != kNoThing) continue;
    if (users[to.name].size() > kFew) continue;
    began(flow.source, flow.destination, flow.first, flow.first_place, false);
  }
}

}  // namespace spoor
