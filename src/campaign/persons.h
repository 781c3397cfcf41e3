// Victims as people: accounts and mailboxes joined by a roster.
#pragma once

#include "campaign/result.h"
#include "campaign/roster.h"

namespace spoor {

// Tells of each account and mailbox whose it is, and adds the persons they are of to the victims, each with the
// strongest state over all that is theirs. Returns how many persons.
size_t AddPersons(const Roster& roster, Campaign* campaign);

}  // namespace spoor
