// Tools and contacts that only machines of a campaign have (see group_reach.cc).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "campaign/group_reach.h"
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
void Reach::ReachTools() {
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
    of.all.insert(g_.At(about).host);
    if (g_.IsCore(node)) {
      of.core.insert(g_.At(about).host);
      cause[key].try_emplace(node, place);
    } else {
      uses.push_back({std::move(key), about, time, place, std::string(text)});
    }
  };
  for (const Process& process : g_.world.processes()) {
    if (process.image.empty() || IsInstalled(process.image)) continue;
    use(ThingKind::kFile, Folded(process.image), process.thing, process.start.time, process.start, process.image,
        g_.NodeOf(process.thing));
  }
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kUsed &&
        (g_.At(link.from).kind == ThingKind::kService || g_.At(link.from).kind == ThingKind::kTask)) {
      const std::string program = ProgramOf(g_.At(link.to).name);
      if (!IsInstalled(program)) {
        use(ThingKind::kFile, program, link.from, link.first(), link.proof,
            g_.At(link.from).name + ": " + g_.At(link.to).name, g_.NodeOf(link.from));
      }
    } else if (link.kind == LinkKind::kCreated) {
      use(g_.At(link.to).kind, g_.At(link.to).name, link.from, link.first(), link.proof, g_.At(link.to).name,
          g_.NodeOf(link.from));
    }
  }
  theirs_.clear();
  for (const auto& [name, of] : spread) {
    if (name.first == ThingKind::kFile && of.is_theirs()) theirs_.insert(name.second);
  }
  for (const auto& [name, nodes] : cause) {
    if (!spread[name].is_theirs()) continue;
    for (const auto& [node, place] : nodes) {
      g_.Unite(nodes.begin()->first, node, LinkKind::kRan, "both have " + name.second + ", which no others have", 0.8,
               place);
    }
  }
  // Who wrote it, and whose command line names it.
  std::map<std::string, uint32_t> of_program;
  for (const std::string& program : theirs_)
    of_program[program] = cause[Name(ThingKind::kFile, program)].begin()->first;
  const auto belongs = [&](ThingId process, const std::string& program, const RecordPlace& place, const char* how) {
    const uint32_t node = g_.NodeOf(process);
    if (node != ~0u && g_.nodes[node].weight >= kNamed) {
      g_.Unite(of_program[program], node, LinkKind::kRan, how + program + ", which only the intruder's machines have",
               0.8, place);
    }
  };
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kWrote && of_program.contains(g_.At(link.to).name)) {
      belongs(link.from, g_.At(link.to).name, link.proof, "it wrote ");
    }
  }
  for (const Process& process : g_.world.processes()) {
    if (g_.NodeOf(process.thing) == ~0u || process.command.empty()) continue;
    const std::string command = Folded(process.command);
    for (const auto& [program, node] : of_program) {
      if (command.find(program) != std::string::npos) belongs(process.thing, program, process.start, "it names ");
    }
  }
  for (const Use& of : uses) {
    if (!spread[of.name].is_theirs()) continue;
    const uint32_t node = cause[of.name].begin()->first;
    const bool file = of.name.first == ThingKind::kFile && g_.world.FindProcess(of.about) != nullptr;
    Shown shown;
    shown.title = file ? "A program that only the intruder's machines have"
                       : "A service or task that only the intruder's machines have";
    shown.summary = of.text;
    shown.techniques = {file                                                                            ? "T1105"
                        : g_.At(of.about).kind == ThingKind::kTask || of.name.first == ThingKind::kTask ? "T1053.005"
                                                                                                        : "T1543.003"};
    shown.tactics = {file ? "command-and-control" : "persistence"};
    shown.about = of.about;
    shown.host = g_.At(of.about).host;
    shown.time = of.time;
    shown.weight = kTool;
    shown.place = of.place;
    shown.together = true;
    Add(std::move(shown), node, file ? LinkKind::kRan : LinkKind::kCreated, "the same program, which no others have",
        0.8);
  }
}

// The node of a program of the intruder's on the same machine that reaches that machine outside; ~0u: there is none.
uint32_t Reach::UserOf(ThingId source, ThingId contact, const std::set<std::pair<ThingId, ThingId>>& told) const {
  const ThingId host = g_.world.HostOf(source);
  if (host == kNoThing || !used_.contains({g_.At(contact).kind, g_.At(contact).name})) return ~0u;
  for (const auto& [about, reached] : told) {
    if (g_.HostAt(about) == host && g_.At(reached).name == g_.At(contact).name && g_.IsCore(g_.NodeOf(about)))
      return g_.NodeOf(about);
  }
  return ~0u;
}

// The same machine or name outside, which no others reach; and whatever else a program reaches that only they have.
void Reach::ReachContacts() {
  using Name = std::pair<ThingKind, std::string>;
  std::map<Name, Spread> spread;
  std::map<Name, std::map<uint32_t, RecordPlace>> cause;  // nodes of campaigns
  const auto host_of = [&](ThingId machine) {
    return machine == kNoThing || g_.world.HostOf(machine) == kNoThing ? machine : g_.world.HostOf(machine);
  };
  const auto is_outside = [&](ThingId machine) {
    const Thing& to = g_.At(machine);
    if (to.kind == ThingKind::kDomain) return to.name.find('.') != std::string::npos;
    return to.kind == ThingKind::kAddress && !IsPrivate(to.name) && g_.world.HostOf(machine) == kNoThing;
  };
  const auto known = [&](ThingId machine, uint32_t node, ThingId host, const RecordPlace& place) {
    const Name name(g_.At(machine).kind, g_.At(machine).name);
    spread[name].core.insert(host);
    cause[name].try_emplace(node, place);
  };
  used_.clear();
  for (const uint32_t n : g_.Core()) {
    for (const uint32_t h : g_.nodes[n].hints) {
      if (g_.hints[h].shown == ~0u) continue;
      const Shown& shown = g_.shown[g_.hints[h].shown];
      const ThingId contact = shown.contact != kNoThing ? shown.contact : shown.other;
      if (contact != kNoThing && is_outside(contact) && !IsPublic(g_.At(contact).name))
        known(contact, n, host_of(shown.host), shown.place);
    }
  }
  const auto find = [&](ThingId machine) {
    return is_outside(machine) ? spread.find(Name(g_.At(machine).kind, g_.At(machine).name)) : spread.end();
  };
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    if (const auto it = find(link.to); it != spread.end()) it->second.all.insert(host_of(g_.HostAt(link.from)));
  }
  for (const Flow& flow : g_.world.flows()) {
    if (const auto it = find(flow.destination); it != spread.end()) it->second.all.insert(host_of(flow.source));
  }
  for (const auto& [name, nodes] : cause) {
    if (!spread[name].is_theirs()) continue;
    for (const auto& [node, place] : nodes) {
      g_.Unite(nodes.begin()->first, node, LinkKind::kReached,
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
    shown.host = host_of(g_.HostAt(about));
    shown.time = place.time;
    shown.weight = kept ? kKept : kContact;
    shown.place = place;
    shown.contact = contact;
    shown.together = true;
    Add(std::move(shown), cause[it->first].begin()->first, LinkKind::kReached,
        "both reached a machine outside that hardly any others do", 0.8);
  };
  std::set<std::pair<ThingId, ThingId>> told;
  for (const Shown& shown : g_.shown) {
    if (shown.contact != kNoThing) told.emplace(shown.about, shown.contact);
  }
  // What others reach, too, counts where a program that only the intruder has reaches it.
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    const uint32_t node = g_.NodeOf(link.from);
    if (!g_.IsCore(node) || !is_outside(link.to) || !theirs_.contains(Folded(g_.ImageOf(link.from)))) continue;
    if (told.contains({link.from, link.to})) continue;
    Shown shown;
    shown.title = "A program that only the intruder's machines have reached a machine outside";
    shown.summary = std::string(BaseName(g_.ImageOf(link.from))) + " to " + g_.At(link.to).name;
    shown.techniques = {"T1102"};
    shown.tactics = {"command-and-control"};
    shown.about = link.from;
    shown.contact = link.to;
    used_.emplace(g_.At(link.to).kind, g_.At(link.to).name);
    shown.host = g_.HostAt(link.from);
    shown.time = link.first();
    shown.weight = kContact;
    shown.place = link.proof;
    shown.together = true;
    told.emplace(link.from, link.to);
    Add(std::move(shown), node, LinkKind::kConnected, "", 0);
  }
  for (const Link& link : g_.world.links()) {
    if (link.kind != LinkKind::kConnected && link.kind != LinkKind::kAsked) continue;
    if (g_.IsCore(g_.NodeOf(link.from)) || !is_outside(link.to)) continue;
    const std::string_view program = BaseName(g_.ImageOf(link.from));
    reached(link.from, link.to, link.proof, Keeps(link.events, link.first(), link.last),
            (program.empty() ? g_.At(link.from).name : std::string(program)) + " to " + g_.At(link.to).name);
  }
  for (const Flow& flow : g_.world.flows()) {
    if (!is_outside(flow.destination)) continue;
    reached(flow.source, flow.destination, flow.first_place, Keeps(flow.count, flow.first, flow.last),
            g_.At(flow.source).name + " to " + g_.At(flow.destination).name);
    const auto it = find(flow.destination);
    if (flow.sent < kMuch || flow.sent < 4 * flow.received) continue;
    const bool rare = it != spread.end() && it->second.is_theirs();
    // Others reach it, too: of machines on which the intruder's programs do.
    const uint32_t user = rare ? ~0u : UserOf(flow.source, flow.destination, told);
    if (!rare && user == ~0u) continue;
    Shown shown;
    shown.title = "Much sent to a machine outside that the intruder's programs reach";
    shown.summary =
        g_.At(flow.source).name + " to " + g_.At(flow.destination).name + ", " + std::to_string(flow.sent) + " bytes";
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
void Reach::ReachNewContacts() {
  constexpr size_t kFew = 2;
  std::map<ThingId, std::vector<std::pair<int64_t, uint32_t>>> came;  // by machine: when, and the node
  for (const uint32_t n : g_.Core()) {
    for (const uint32_t h : g_.nodes[n].hints) {
      if (g_.hints[h].weight >= g_.hot && g_.hints[h].host != kNoThing)
        came[g_.hints[h].host].emplace_back(g_.hints[h].first, n);
    }
  }
  const auto began = [&](ThingId source, ThingId contact, int64_t first, const RecordPlace& place, bool known) {
    const auto it = came.find(g_.world.HostOf(source));
    if (it == came.end()) return;
    const Thing& to = g_.At(contact);
    for (const auto& [time, node] : it->second) {
      if (first < time - kMinute || (!known && first > time + kHour)) continue;
      Shown shown;
      shown.title =
          known
              ? "A machine outside that the intruder's programs reach elsewhere, first reached after the intruder came"
              : "A machine outside that hardly any other reaches, first reached right after the intruder came";
      shown.summary = g_.At(source).name + " to " + to.name;
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
    const auto it = earliest.find(g_.world.HostOf(source));
    return it != earliest.end() && first >= it->second - kMinute;
  };
  std::map<std::pair<ThingId, ThingId>, std::pair<int64_t, RecordPlace>> firsts;  // machine and what it reached
  const auto note = [&](ThingId source, ThingId contact, int64_t first, const RecordPlace& place) {
    if (!used_.contains({g_.At(contact).kind, g_.At(contact).name})) return;
    const auto [it, fresh] = firsts.try_emplace({source, contact}, first, place);
    if (!fresh && first < it->second.first) it->second = {first, place};
  };
  for (const Link& link : g_.world.links()) {
    if (link.kind == LinkKind::kAsked && g_.world.FindProcess(link.from) == nullptr) {
      note(link.from, link.to, link.first(), link.proof);
    }
  }
  for (const Flow& flow : g_.world.flows()) note(flow.source, flow.destination, flow.first, flow.first_place);
  for (const auto& [ends, first] : firsts) {
    if (is_new(ends.first, first.first)) began(ends.first, ends.second, first.first, first.second, true);
  }
  std::map<std::string_view, std::set<ThingId>> users;
  for (const Flow& flow : g_.world.flows()) users[g_.At(flow.destination).name].insert(flow.source);
  for (const Flow& flow : g_.world.flows()) {
    const Thing& to = g_.At(flow.destination);
    if (to.kind != ThingKind::kAddress || IsPrivate(to.name) || g_.world.HostOf(flow.destination) != kNoThing) continue;
    if (users[to.name].size() > kFew) continue;
    began(flow.source, flow.destination, flow.first, flow.first_place, false);
  }
}

}  // namespace spoor
