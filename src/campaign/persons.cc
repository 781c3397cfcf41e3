#include "campaign/persons.h"

#include <set>

#include "base/text.h"

namespace spoor {
namespace {

void AddText(const std::string& text, std::string* list) {
  if (text.empty()) return;
  if (!list->empty()) *list += "; ";
  *list += text;
}

}  // namespace

size_t AddPersons(const Roster& roster, Campaign* campaign) {
  std::vector<Victim> persons;
  std::set<uint32_t> numbers;
  for (Victim& victim : campaign->victims) {
    if (victim.kind != VictimKind::kAccount && victim.kind != VictimKind::kMailbox) continue;
    victim.person = victim.organisation = victim.role = victim.related_to = "";
    for (const uint32_t number : roster.Find(victim.tenant, victim.name)) {
      const RosterPerson& of = roster.persons()[number];
      AddText(of.name, &victim.person);
      AddText(of.organisation, &victim.organisation);
      AddText(of.role, &victim.role);
      AddText(of.Related(), &victim.related_to);
      Victim person = victim;
      person.kind = VictimKind::kPerson;
      // Who works for nobody is of no organisation: what became of a family is not what became of an office.
      person.tenant = Folded(of.organisation) == Folded(victim.tenant) ? victim.tenant : of.organisation;
      person.name = person.person = of.name;
      person.organisation = of.organisation;
      person.role = of.role;
      person.related_to = of.Related();
      person.of_roster = number + 1;
      person.why = std::string(VictimKindName(victim.kind)) + " " + victim.name + ": " + victim.why;
      persons.push_back(std::move(person));
      numbers.insert(number);
    }
  }
  VictimList list(std::move(campaign->victims));
  for (Victim& person : persons) list.Add(std::move(person));
  campaign->victims = list.Take();
  campaign->victims_left_out += list.left_out();
  return numbers.size();
}

}  // namespace spoor
