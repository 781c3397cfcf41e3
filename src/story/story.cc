#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "campaign/stages.h"
#include "story/render.h"
#include "story/story_acts.h"
#include "world/spelling.h"

namespace spoor {
namespace {

// As much of a text as fits.
std::string Fit(std::string text, size_t width) {
  if (text.size() <= width) return text;
  while (width > 3 && (text[width - 3] & 0xc0) == 0x80) --width;
  return text.substr(0, width - 3) + "...";
}

void AddNew(const std::string& text, std::vector<std::string>* to) {
  if (!text.empty() && std::find(to->begin(), to->end(), text) == to->end()) to->push_back(text);
}

std::string Minute(int64_t time) { return time == 0 ? std::string("(no time)") : FormatTime(time).substr(0, 19); }

class Story {
 public:
  Story(const TraceResult& result, const StoryOptions& options) : r_(result), options_(options) {}

  std::string Write() {
    if (r_.found.campaigns.empty()) out_ += "No campaign.\n";
    for (const Campaign& campaign : r_.found.campaigns) Tell(campaign);
    TellAlone();
    return std::move(out_);
  }

 private:
  // All that the evidence says goes through here.
  std::string Visible(std::string_view text) const {
    std::string out;
    AppendVisible(options_.redact == nullptr ? std::string(text) : options_.redact->Text(text), &out);
    return out;
  }
  // With its organisation, where there are several.
  static std::string Of(const std::string& tenant, const std::string& host) {
    return tenant.empty() || host.empty() ? tenant + host : tenant + "/" + host;
  }
  std::string HostName(ThingId host) const {
    const Thing& thing = r_.world->things()[host];
    return Of(r_.world->tenant(thing), thing.name);
  }
  std::string Bold(const std::string& text) const { return options_.color ? "\x1b[1m" + text + "\x1b[0m" : text; }

  void Tell(const Campaign& campaign) {
    const size_t number = static_cast<size_t>(&campaign - r_.found.campaigns.data()) + 1;
    out_ += Bold(fmt::format("Campaign C{}", number)) +
            fmt::format("  {} to {}  score {:.0f}\n", Minute(campaign.first), Minute(campaign.last), campaign.score);
    for (const HostHit& hit : campaign.hosts) {
      out_ += fmt::format("  {:<12} {:<28} from {}  {}\n", HostStateName(hit.state), Visible(HostName(hit.host)),
                          Minute(hit.first), Visible(hit.why));
    }
    TellActs(campaign);
    TellFirstDays(campaign);
    TellPaths(campaign);
    TellVictims(campaign);
    TellChain(campaign);
    if (!campaign.joins.empty()) out_ += "\n  What joins it\n";
    for (const Join& join : campaign.joins) out_ += fmt::format("    {:.1f}  {}\n", join.strength, Visible(join.why));
    TellGaps(campaign);
    TellActors(campaign);
    out_ += '\n';
  }

  static std::string OrganisationsOf(const StoryAct& act) {
    constexpr size_t kNamed = 3;
    std::set<std::string> tenants;
    for (const Step* step : act.steps) tenants.insert(step->tenant);
    if (tenants.size() > kNamed) return fmt::format("{} organisations", tenants.size());
    std::string names;
    for (const std::string& tenant : tenants) names += (names.empty() ? "" : ", ") + tenant;
    return names.empty() ? "no machine" : names;
  }

  void TellActs(const Campaign& campaign) {
    size_t shown = 0;
    const std::vector<StoryAct> acts = ActsOf(campaign);
    for (const StoryAct& act : acts) {
      if (shown++ == options_.acts) {
        out_ += fmt::format("\n  ... and {} more visits to machines (--format json has all)\n",
                            acts.size() - options_.acts);
        break;
      }
      if (!act.contact.empty()) {
        TellTogether(act, act.contact, "reached from");
        continue;
      }
      if (act.tried_from != kNoThing) {
        TellTogether(act, HostName(act.tried_from), "let in nowhere:");
        continue;
      }
      std::string from, account, way;
      for (const Step* step : act.steps) {
        if (from.empty() && step->from != kNoThing) from = HostName(step->from);
        if (step->host != act.steps.front()->host && step->from != kNoThing) way = HostName(step->from);
        if (account.empty() && !IsOfMachine(Folded(step->account))) account = step->account;
      }
      const Step& first = *act.steps.front();
      out_ += fmt::format(
          "\n  {}  {}{}{}\n", Minute(act.first),
          Bold(Visible(!first.wave.empty() || PlaceOf(first).empty() ? OrganisationsOf(act)
                                                                     : Of(first.tenant, PlaceOf(first)))),
          from.empty() ? "" : "  from " + Visible(from) + (way.empty() ? "" : ", there from " + Visible(way)),
          account.empty() || first.host_name.empty() ? "" : "  as " + Visible(account));
      for (const StoryLine& line : LinesOf(act)) TellLine(line);
    }
  }

  // What many machines have to do with one, and nothing else.
  void TellTogether(const StoryAct& act, const std::string& with, const char* what) {
    std::vector<std::string> techniques, machines;
    for (const Step* step : act.steps) {
      AddNew(step->technique, &techniques);
      AddNew(Of(step->tenant, PlaceOf(*step)), &machines);
    }
    out_ += fmt::format("\n  {}  {}  until {}\n", Minute(act.first), Bold(Visible(with)), Minute(act.last));
    const std::string names = machines.size() == 1
                                  ? machines.front()
                                  : fmt::format("{} machines: {}", machines.size(), fmt::join(machines, ", "));
    TellLine(act.steps.front()->stage, fmt::format("{} {}", what, Visible(names)), techniques, act.steps.size());
  }

  void TellLine(const StoryLine& of) {
    const Step* most = nullptr;  // of its own stage
    size_t recipients = 0, openings = 0;
    std::vector<std::string> techniques;
    for (const Step* step : of.steps) {
      if (!step->wave.empty()) (step->technique == "T1598.003" ? recipients : openings) += step->things;
      if (step->stage == of.stage && (most == nullptr || step->weight > most->weight)) most = step;
      AddNew(step->technique, &techniques);
    }
    std::string line = Visible(most->title);
    if (!most->wave.empty()) {
      line += fmt::format(": {} recipient{}, opened {} time{}, links to {}", recipients, recipients == 1 ? "" : "s",
                          openings, openings == 1 ? "" : "s", Visible(most->wave));
    } else if (!most->summary.empty()) {
      line += ": " + Visible(most->summary);
    }
    TellLine(most->stage, std::move(line), techniques, of.steps.size());
  }

  void TellLine(int stage, std::string line, const std::vector<std::string>& techniques, size_t steps) {
    std::string more;
    for (const std::string& technique : techniques) more += (more.empty() ? "" : " ") + technique;
    if (steps > 1) more += fmt::format("{}{} steps", more.empty() ? "" : ", ", steps);
    if (!more.empty()) more = "  [" + more + "]";
    const auto width = static_cast<size_t>(options_.width);
    const size_t column = width >= 120 ? 23 : 15;  // of the stage: "mail and cloud accounts", or most
    const size_t before = 6 + column + 1, least = 28;
    const size_t left = width > more.size() + before + least ? width - more.size() - before : least;
    out_ += fmt::format("      {:<{}} {}{}\n", stage < 0 ? "" : Stages()[static_cast<size_t>(stage)].name, column,
                        Fit(std::move(line), left), more);
  }

  void TellPaths(const Campaign& campaign) {
    if (!campaign.paths.empty()) out_ += "\n  From one organisation into another\n";
    std::string before;
    for (const TenantPath& path : campaign.paths) {
      if (path.from_tenant != before) out_ += "    " + Visible(path.from_tenant) + "\n";
      before = path.from_tenant;
      out_ += "      -> " + Visible(path.to_tenant) + "\n";
      for (const PathHost& host : path.hosts) {
        out_ += fmt::format("         {:<24} {}  from {}\n", Visible(r_.world->things()[host.host].name),
                            Minute(host.first), Visible(r_.world->things()[host.from].name));
      }
      std::string accounts;
      for (const std::string& account : path.accounts) accounts += (accounts.empty() ? "as " : ", ") + Visible(account);
      if (!accounts.empty()) out_ += "         " + accounts + "\n";
    }
  }

  void TellFirstDays(const Campaign& campaign) {
    constexpr double kDay = 86'400'000'000;
    if (!campaign.first_days.empty()) out_ += "\n  How it began\n";
    for (const FirstDay& day : campaign.first_days) {
      out_ += fmt::format("    {}  {:<24} {}{}\n", Minute(day.time), Visible(HostName(day.host)),
                          day.how.empty() ? "no record shows how they came in" : Visible(day.how),
                          day.account.empty() ? "" : ", as " + Visible(day.account));
      for (const OtherBeginning& other : day.alternatives) {
        out_ += fmt::format("      or {} from {}: {}\n", Visible(HostName(other.host)), Minute(other.time),
                            Visible(other.why));
      }
    }
    const Dwell& dwell = campaign.dwell;
    if (dwell.last - dwell.first < static_cast<int64_t>(kDay)) return;
    out_ += fmt::format("    {:.0f} days to the last step, {:.0f} of them silent from {} on\n",
                        static_cast<double>(dwell.last - dwell.first) / kDay,
                        static_cast<double>(dwell.silent_until - dwell.silent_from) / kDay, Minute(dwell.silent_from));
  }

  // The first of each state and kind; the rest is counted.
  void TellVictims(const Campaign& campaign) {
    constexpr size_t kShown = 12;
    if (!campaign.victims.empty()) out_ += "\n  Victims by state\n";
    for (size_t i = 0; i < campaign.victims.size();) {
      const VictimState state = campaign.victims[i].state;
      out_ += fmt::format("    {}\n", VictimStateName(state));
      while (i < campaign.victims.size() && campaign.victims[i].state == state) {
        const VictimKind kind = campaign.victims[i].kind;
        size_t of_kind = 0;
        for (; i < campaign.victims.size() && campaign.victims[i].state == state && campaign.victims[i].kind == kind;
             ++i) {
          if (of_kind++ < kShown) Tell(campaign.victims[i]);
        }
        if (of_kind > kShown) {
          out_ += fmt::format("      ... and {} more of the kind {}\n", of_kind - kShown, VictimKindName(kind));
        }
      }
    }
  }

  void Tell(const Victim& victim) {
    const bool told_already = victim.kind == VictimKind::kTenant ||
                              (options_.redact == nullptr && victim.name.starts_with(victim.tenant + "\\"));
    std::string who = Visible(told_already ? victim.name : Of(victim.tenant, victim.name));
    std::string told = victim.role;
    if (!victim.related_to.empty()) told += (told.empty() ? "" : ", ") + victim.related_to;
    if (!victim.person.empty() && victim.kind != VictimKind::kPerson)
      told = victim.person + (told.empty() ? "" : ", ") + told;
    if (!told.empty()) who += " (" + Visible(told) + ")";
    const std::string head =
        fmt::format("      {:<8} {:<32} from {}  ", VictimKindName(victim.kind), who, Minute(victim.first));
    const auto width = static_cast<size_t>(options_.width);
    constexpr size_t kLeast = 60;
    out_ += head + Fit(Visible(victim.why), width > head.size() + kLeast ? width - head.size() : kLeast) + "\n";
  }

  void TellChain(const Campaign& campaign) {
    if (campaign.chain.empty()) return;
    out_ += "\n  Which process started which\n";
    size_t shown = 0;
    ThingId host = kNoThing;
    for (const ChainProcess& of : campaign.chain) {
      if (shown++ == options_.acts) {
        out_ += fmt::format("    ... and {} more processes\n", campaign.chain.size() - options_.acts);
        return;
      }
      const Process& process = *r_.world->FindProcess(of.process);
      const Thing& thing = r_.world->things()[of.process];
      if (thing.host != host && thing.host != kNoThing) out_ += "    " + Visible(HostName(thing.host)) + "\n";
      host = thing.host;
      const std::string text(process.command.empty() ? process.image : process.command);
      const size_t indent = 6 + 2 * std::min<size_t>(of.depth, 20);
      out_ += std::string(indent, ' ') + fmt::format("{} ", of.weight >= 3 ? '*' : '-') +
              Fit(Visible(text), static_cast<size_t>(options_.width) - std::min<size_t>(indent + 4, 60)) + "\n";
    }
  }

  void TellActors(const Campaign& campaign) {
    if (campaign.actors.empty()) return;
    constexpr double kBar = 20;
    out_ += "\n  Whom it resembles (docs/attribution.md says what that is worth)\n";
    for (const ActorGuess& guess : campaign.actors) {
      const auto full = static_cast<size_t>(std::lround(guess.probability * kBar));
      out_ += fmt::format("    {:3.0f} %  {:<20}  {}{}\n", guess.probability * 100, std::string(full, '#'),
                          Visible(guess.name), guess.id.empty() ? "" : " (" + guess.id + ")");
    }
  }

  // What is missing, the machines that miss it together.
  void TellGaps(const Campaign& campaign) {
    constexpr size_t kMost = 12;  // machines named
    std::map<std::string, std::vector<std::string>> hosts;
    std::vector<std::string> order;
    for (const Gap& gap : campaign.gaps) {
      const bool late = gap.until != 0;
      const std::string missing = late ? gap.missing + ", as logs tell of none until then: of " : gap.missing;
      if (hosts.try_emplace(missing).second) order.push_back(missing);
      if (gap.host == kNoThing) continue;
      const std::string host = HostName(gap.host);
      hosts[missing].push_back(late ? host + " (" + FormatTime(gap.until).substr(0, 10) + ")" : host);
    }
    if (!order.empty()) out_ += "\n  What the evidence does not show\n";
    for (const std::string& missing : order) {
      std::string of;
      size_t told = 0;
      for (const std::string& host : hosts[missing]) {
        if (++told > kMost) continue;
        of += (!of.empty() ? ", " : missing.ends_with(' ') ? "" : ": no log of ") + host;
      }
      if (told > kMost) of += fmt::format(" and {} more", told - kMost);
      out_ += "    " + missing + Visible(of) + "\n";
    }
  }

  void TellAlone() {
    if (r_.found.alone.empty()) return;
    uint64_t findings = 0;
    for (const Alone& alone : r_.found.alone) findings += alone.findings;
    out_ += fmt::format("Findings that stand alone: {} of {} rules\n", findings, r_.found.alone.size());
    size_t shown = 0;
    for (const Alone& alone : r_.found.alone) {
      if (shown++ == 10) {
        out_ += fmt::format("  ... and {} more rules\n", r_.found.alone.size() - 10);
        break;
      }
      const ClueRule& rule = r_.clues->rules[alone.rule];
      out_ += fmt::format("  {:<13} {:>6}  {}\n", sigma::LevelName(rule.level), alone.findings, Visible(rule.title));
    }
  }

  const TraceResult& r_;
  const StoryOptions& options_;
  std::string out_;
};

}  // namespace

std::string TraceStory(const TraceResult& result, const StoryOptions& options) {
  return Story(result, options).Write();
}

}  // namespace spoor
