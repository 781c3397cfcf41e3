// The fields of an event as a JSON object; what JSON Lines and CSV share.
#pragma once

#include <cstddef>
#include <vector>

#include "findings/finding.h"

namespace spoor {

// Room that WriteFields needs at most.
size_t FieldsRoom(const std::vector<FieldText>& fields);

// Writes {"name":"value",…} in the order given and returns the end. A name that occurs more than once stands
// at its first place with all its values in an array: "Data":["a","b"]. REQUIRES: FieldsRoom(fields) bytes at
// p.
char* WriteFields(const std::vector<FieldText>& fields, char* p);

// Likewise the events of a correlation's finding, as an array of objects.
size_t EventsRoom(const std::vector<EventPlace>& events);
char* WriteEvents(const std::vector<EventPlace>& events, char* p);

}  // namespace spoor
