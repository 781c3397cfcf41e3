// Which fields of an event tell its story, for the kinds of events a person meets most.
//
// "Event 4732" says little; "S-1-5-21-… → Administrators" says what happened. A story is a few lines, each a
// text with fields in braces:
//
//     {MemberName|MemberSid} → {TargetUserName}     the first field that the event has
//     {>Channel}                                    the last value of a field that occurs more than once
//     {2Data}                                       its second value
//
// The text before a field stands or falls with the field; a line none of whose fields the event has is left
// out. The names on both sides of "|" allow for rules that know a field by another name (NewProcessName,
// Image).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "findings/finding.h"

namespace spoor {

// The story of such events, lines separated by '\n'. Empty where there is none. `source` as in Finding.
std::string_view StoryOf(std::string_view source, uint32_t event_id);

// Makes a value fit to be shown; `field` is its name.
using ShowValue = std::function<std::string(std::string_view field, std::string_view value)>;
// The lines of the story, with the event's values as `show` gives them. Appends to *told the fields that were
// used, with their values as they are (views into `finding`).
std::vector<std::string> TellStory(std::string_view story, const Finding& finding, const ShowValue& show,
                                   std::vector<FieldText>* told);

}  // namespace spoor
