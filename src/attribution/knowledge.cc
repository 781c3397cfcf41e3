#include "attribution/knowledge.h"

#include <algorithm>
#include <utility>

namespace spoor {
namespace {

// What a group is known for through a campaign alone was seen in one intrusion, which is the group's as far as the
// attribution is right.
constexpr double kByCampaign = 0.7;

// Adds to a list in order of item; what is there keeps the greater weight.
void Put(std::vector<Known>* list, Known known) {
  const auto at = std::lower_bound(list->begin(), list->end(), known.item,
                                   [](const Known& k, uint32_t item) { return k.item < item; });
  if (at != list->end() && at->item == known.item) {
    at->weight = std::max(at->weight, known.weight);
    at->listed = at->listed || known.listed;
  } else {
    list->insert(at, known);
  }
}

bool Contains(const std::vector<uint32_t>& list, uint32_t item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

Knowledge::Knowledge(const Attack& attack, const std::vector<Profile>& profiles, const LeftOut& left_out)
    : attack_(attack) {
  AddGroups(left_out);
  for (const Profile& profile : profiles) {
    if (left_out.group.empty() || profile.id != left_out.group) AddProfile(profile);
  }
  std::sort(actors_.begin(), actors_.end(), [](const Actor& a, const Actor& b) { return a.id < b.id; });
}

void Knowledge::AddGroups(const LeftOut& left_out) {
  const AttackCampaign* without = left_out.campaign.empty() ? nullptr : attack_.FindCampaign(left_out.campaign);
  for (const Group& group : attack_.groups()) {
    if (group.id == left_out.group) continue;
    const uint32_t number = attack_.NumberOf(group);
    const bool strict = left_out.shared_software && without != nullptr && Contains(without->groups, number);
    Actor& actor = actors_.emplace_back();
    actor.id = group.id;
    actor.name = group.name;
    actor.aliases.assign(group.aliases.begin(), group.aliases.end());
    for (const uint32_t t : group.techniques) Put(&actor.techniques, {t, 1});
    for (const uint32_t s : group.software) {
      if (!strict || !Contains(without->software, s)) Put(&actor.software, {s, 1});
    }
    for (const AttackCampaign& campaign : attack_.campaigns()) {
      if (&campaign == without || !Contains(campaign.groups, number)) continue;
      for (const uint32_t t : campaign.techniques) Put(&actor.techniques, {t, kByCampaign, false});
      for (const uint32_t s : campaign.software) Put(&actor.software, {s, kByCampaign, false});
    }
  }
}

void Knowledge::AddProfile(const Profile& profile) {
  auto at = std::find_if(actors_.begin(), actors_.end(), [&](const Actor& a) { return a.id == profile.id; });
  if (at == actors_.end()) {
    at = actors_.insert(actors_.end(), Actor{});
    at->id = profile.id;
    at->name = profile.name;
  }
  Actor& actor = *at;
  const auto call = [&](const std::string& name) {
    if (name != actor.name && std::find(actor.aliases.begin(), actor.aliases.end(), name) == actor.aliases.end()) {
      actor.aliases.push_back(name);
    }
  };
  // The profile's name is the one to show, ATT&CK's is one more alias.
  if (actor.name != profile.name) {
    std::erase(actor.aliases, profile.name);
    actor.aliases.insert(actor.aliases.begin(), std::exchange(actor.name, profile.name));
  }
  for (const std::string& alias : profile.aliases) call(alias);
  for (const ProfileTechnique& t : profile.techniques) Put(&actor.techniques, {t.technique, t.certainty});
  for (const ProfileSoftware& s : profile.software) {
    uint32_t number = s.attack.empty() ? kNone : FindSoftware(s.attack);
    for (const std::string& name : s.names) {
      if (number == kNone) number = FindSoftware(name);
    }
    if (number == kNone) {
      number = static_cast<uint32_t>(software_count());
      own_software_.push_back(s.names.front());
    }
    for (const std::string& name : s.names) {
      if (FindSoftware(name) == kNone) by_name_.emplace(PlainName(name), number);
    }
    Put(&actor.software, {number, s.certainty});
    if (s.shared) shared_.push_back(number);
  }
  actor.traits.insert(actor.traits.end(), profile.traits.begin(), profile.traits.end());
}

std::string_view Knowledge::SoftwareName(uint32_t number) const {
  const size_t known = attack_.software().size();
  return number < known ? attack_.software()[number].name : std::string_view(own_software_[number - known]);
}

std::string_view Knowledge::SoftwareId(uint32_t number) const {
  return number < attack_.software().size() ? attack_.software()[number].id : std::string_view();
}

uint32_t Knowledge::FindSoftware(std::string_view what) const {
  if (const Software* software = attack_.FindSoftware(what)) return attack_.NumberOf(*software);
  const auto found = by_name_.find(PlainName(what));
  return found == by_name_.end() ? kNone : found->second;
}

}  // namespace spoor
