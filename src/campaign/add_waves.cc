#include "campaign/add_waves.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "campaign/actors.h"
#include "campaign/stages.h"
#include "world/span.h"

namespace spoor {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kHalfYear = 183 * kDay;
constexpr double kSent = 12, kOpened = 4;  // what a wave of weight 1 counts
constexpr size_t kMaxPlaces = 1000;        // of a step
constexpr size_t kActors = 5;

RecordPlace PlaceOf(const MailPlace& place, int64_t time) { return {time, place.file, place.record, place.offset}; }

// What accounts and mailboxes of one person have in common, as far as names go: "jane" of "jane@acme.example" and of
// "acme\jane".
std::string BareName(std::string_view name) {
  std::string bare = Folded(name.substr(0, name.find('@')));
  if (const size_t slash = bare.find('\\'); slash != std::string::npos) bare.erase(0, slash + 1);
  return bare;
}

std::string NameOf(const TrackingWave& wave) {
  if (!wave.outlet.empty()) return wave.outlet;
  if (!wave.names.empty()) return wave.names.front();
  return wave.senders.empty() ? std::string("somebody") : wave.senders.front();
}

class WaveAdder {
 public:
  WaveAdder(World* world, Campaigns* found) : world_(world), found_(found) {
    for (const Campaign& campaign : found->campaigns) {
      std::vector<Taken>& taken = taken_.emplace_back();
      for (const Victim& victim : campaign.victims) {
        if ((victim.kind == VictimKind::kAccount || victim.kind == VictimKind::kMailbox) &&
            victim.state >= VictimState::kCompromised) {
          taken.push_back({victim.tenant, BareName(victim.name), victim.first});
        }
      }
    }
  }

  void Add(const TrackingWave& wave) {
    std::set<std::string> tenants;
    for (const WaveRecipient& r : wave.recipients) tenants.insert(r.tenant);
    Match best;
    for (size_t c = 0; c < found_->campaigns.size(); ++c) {
      const Match match = Compare(wave, tenants, c);
      if (std::tie(match.hit, match.tenants) > std::tie(best.hit, best.tenants)) {
        best = match;
        best.campaign = c;
      }
    }
    Campaign* campaign = nullptr;
    if (best.tenants > 0) {
      campaign = &found_->campaigns[best.campaign];
    } else if (wave.weight * kSent >= found_->enough) {
      campaign = &found_->campaigns.emplace_back();
      campaign->first = wave.first;
      taken_.emplace_back();
      best.campaign = found_->campaigns.size() - 1;
    } else {
      return;
    }
    AddSteps(wave, tenants, campaign);
    // Sorted once, when all waves are added.
    const auto [victims, fresh] = victims_.try_emplace(best.campaign, std::move(campaign->victims));
    AddVictims(wave, &victims->second);
    AddJoin(wave, best, campaign);
  }

  void Finish() {
    for (auto& [c, victims] : victims_) {
      Campaign& campaign = found_->campaigns[c];
      campaign.victims_left_out += victims.left_out();
      campaign.victims = victims.Take();
      std::stable_sort(campaign.steps.begin(), campaign.steps.end(),
                       [](const Step& a, const Step& b) { return a.first < b.first; });
      std::stable_sort(campaign.joins.begin(), campaign.joins.end(),
                       [](const Join& a, const Join& b) { return a.proof.time < b.proof.time; });
      campaign.first = campaign.last = 0;
      double sent = 0, opened = 0;
      for (const Step& step : campaign.steps) {
        if (step.first != 0 && step.weight > 0 && (campaign.first == 0 || step.first < campaign.first))
          campaign.first = step.first;
        campaign.last = std::max(campaign.last, step.last);
        if (step.wave.empty()) continue;
        (step.technique == "T1598.003" ? sent : opened) =
            std::max(step.technique == "T1598.003" ? sent : opened, step.weight);
      }
      campaign.score += sent + opened;
      campaign.observed = ObservedOf(*world_, campaign);
      campaign.actors = GuessActors(campaign.observed, kActors);
    }
    std::stable_sort(found_->campaigns.begin(), found_->campaigns.end(),
                     [](const Campaign& a, const Campaign& b) { return a.score > b.score; });
  }

 private:
  struct Match {
    size_t campaign = 0, hit = 0, tenants = 0;
    std::vector<std::string> who;  // the first of those hit
    int64_t after = 0;             // microseconds until something else happened
  };

  Match Compare(const TrackingWave& wave, const std::set<std::string>& tenants, size_t number) const {
    const Campaign& campaign = found_->campaigns[number];
    Match match;
    int64_t next = 0;  // what happened in one of these organisations after the wave
    std::set<std::string> hit_tenants;
    for (const Step& step : campaign.steps) {
      if (!tenants.contains(step.tenant) || step.last < wave.first || step.first > wave.last + kHalfYear) continue;
      hit_tenants.insert(step.tenant);
      if (step.first >= wave.first && (next == 0 || step.first < next)) next = step.first;
    }
    match.tenants = hit_tenants.size();
    match.after = next == 0 ? 0 : next - wave.first;
    if (match.tenants == 0) return match;
    std::set<std::pair<std::string, std::string>> later;
    for (const Taken& taken : taken_[number]) {
      if (taken.first >= wave.first) later.emplace(taken.tenant, taken.name);
    }
    constexpr size_t kNamed = 3;
    for (const WaveRecipient& r : wave.recipients) {
      if (!later.contains({r.tenant, BareName(r.address)})) continue;
      ++match.hit;
      if (match.who.size() < kNamed) match.who.push_back(r.address);
    }
    return match;
  }

  void AddSteps(const TrackingWave& wave, const std::set<std::string>& tenants, Campaign* campaign) {
    const std::string hosts = wave.link_hosts.empty() ? std::string() : ", links to " + wave.link_hosts.front();
    for (const std::string& tenant : tenants) {
      Step sent = MakeStep(wave, tenant, "T1598.003", wave.weight * kSent);
      Step opened = MakeStep(wave, tenant, "T1589.002", wave.weight * kOpened);
      sent.title = "Mails in the name of " + NameOf(wave) + ", " +
                   (wave.gateways_only ? "from a sender without a past" : "each with a link of its own");
      opened.title = "Such mails were opened";
      size_t recipients = 0, openings = 0, named = 0;
      for (const WaveRecipient& r : wave.recipients) {
        if (r.tenant != tenant) continue;
        ++recipients;
        Widen(r.time, &sent.first, &sent.last);
        AddPlaces(r.places, r.time, &sent);
      }
      for (const WaveOpening& o : wave.openings) {
        if (o.tenant != tenant) continue;
        ++openings;
        if (o.joined != WaveOpening::kNot) ++named;
        Widen(o.time, &opened.first, &opened.last);
        AddPlaces(o.places, o.time, &opened);
      }
      sent.things = recipients;
      sent.summary = fmt::format("{} to {} recipients{}", wave.senders.empty() ? "" : "from " + wave.senders.front(),
                                 recipients, hosts);
      campaign->steps.push_back(std::move(sent));
      if (openings == 0) continue;
      opened.things = openings;
      opened.summary =
          fmt::format("{} time{}, in {} of them the record says by whom", openings, openings == 1 ? "" : "s", named);
      campaign->steps.push_back(std::move(opened));
    }
  }

  static Step MakeStep(const TrackingWave& wave, const std::string& tenant, const char* technique, double weight) {
    Step step;
    step.technique = technique;
    step.techniques = {technique};
    step.tactic = "reconnaissance";
    step.stage = StageOf(technique, {step.tactic});
    step.level = sigma::Level::kMedium;
    step.tenant = tenant;
    step.weight = weight;
    step.wave = wave.link_hosts.empty() ? NameOf(wave) : wave.link_hosts.front();
    return step;
  }

  // The first of each, before further ones of some.
  static void AddPlaces(const std::vector<MailPlace>& places, int64_t time, Step* step) {
    for (const MailPlace& place : places) {
      if (step->places.size() < kMaxPlaces) step->places.push_back(PlaceOf(place, time));
    }
  }

  static void AddVictims(const TrackingWave& wave, VictimList* list) {
    const auto records = [](const std::vector<MailPlace>& places, int64_t time) {
      std::vector<RecordPlace> all;
      for (const MailPlace& place : places) {
        if (all.size() < Victim::kMaxRecords) all.push_back(PlaceOf(place, time));
      }
      return all;
    };
    for (const WaveRecipient& r : wave.recipients) {
      Victim victim;
      victim.kind = VictimKind::kMailbox;
      victim.tenant = r.tenant;
      victim.name = r.address;
      victim.state = VictimState::kTargeted;
      victim.first = victim.last = r.time;
      victim.why = "a mail in the name of " + NameOf(wave) + " was sent there";
      victim.records = records(r.places, r.time);
      list->Add(std::move(victim));
    }
    for (const WaveOpening& o : wave.openings) {
      if (o.joined == WaveOpening::kNot || o.recipient.empty()) continue;
      constexpr const char* kHow[] = {"by the link that was this recipient's alone", "by the user whom the log names",
                                      "by the address of a machine that this user used"};
      Victim victim;
      victim.kind = VictimKind::kMailbox;
      victim.tenant = o.tenant;
      victim.name = o.recipient;
      victim.state = VictimState::kReached;
      victim.first = victim.last = o.time;
      victim.why = "the mail in the name of " + NameOf(wave) + " was opened: " + kHow[o.joined];
      victim.records = records(o.places, o.time);
      list->Add(std::move(victim));
    }
  }

  void AddJoin(const TrackingWave& wave, const Match& match, Campaign* campaign) {
    if (match.tenants == 0 || wave.recipients.empty()) return;
    const std::string host = wave.link_hosts.empty() ? NameOf(wave) : wave.link_hosts.front();
    Join join{world_->Add(ThingKind::kDomain, "", kNoThing, host), kNoThing, "sent to", "", 0, {}};
    for (const Step& step : campaign->steps) {
      if (step.wave.empty() && step.about != kNoThing && step.first >= wave.first) {
        join.to = step.about;
        break;
      }
    }
    if (join.from == kNoThing || join.to == kNoThing) return;
    if (match.hit > 0) {
      join.why = fmt::format("mails of this wave went to {} who were hit later: {}", match.hit, match.who.front());
      for (size_t i = 1; i < match.who.size(); ++i) join.why += ", " + match.who[i];
      join.strength = 0.6;
    } else {
      join.why =
          fmt::format("mails of this wave went to {} of its organisations, {:.0f} days before; nothing else ties them",
                      match.tenants, static_cast<double>(match.after) / kDay);
      join.strength = 0.4;
    }
    const WaveRecipient& first = wave.recipients.front();
    if (!first.places.empty()) join.proof = PlaceOf(first.places.front(), first.time);
    campaign->joins.push_back(std::move(join));
  }

  World* world_;
  Campaigns* found_;
  // An account or a mailbox that was taken.
  struct Taken {
    std::string tenant, name;
    int64_t first;
  };
  std::vector<std::vector<Taken>> taken_;  // by campaign
  std::map<size_t, VictimList> victims_;   // of those that got a wave
};

}  // namespace

void AddWaves(const TrackingWaves& waves, World* world, Campaigns* found) {
  WaveAdder adder(world, found);
  for (const TrackingWave& wave : waves.waves) adder.Add(wave);
  adder.Finish();
}

}  // namespace spoor
