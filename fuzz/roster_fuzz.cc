// A roster: what is read has names, and each account and address of a person leads to that person.
#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"
#include "campaign/roster.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string> notes;
  const auto roster = spoor::Roster::Read(spoor::AsText(data, size), "roster", &notes);
  if (notes.size() > spoor::Roster::kMaxNotes + 1) std::abort();
  if (!roster.ok()) return 0;
  for (uint32_t i = 0; i < roster->persons().size(); ++i) {
    const spoor::RosterPerson& person = roster->persons()[i];
    if (person.name.empty()) std::abort();
    for (const std::string& mail : person.mails) {
      const std::vector<uint32_t> found = roster->Find(person.organisation, mail);
      if (std::find(found.begin(), found.end(), i) == found.end()) std::abort();
    }
  }
  return 0;
}
