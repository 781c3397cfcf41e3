// One rule against one event, the plain way, with what each part of the condition came to and why: for people who ask.
//
// Says the same as the engine (tests hold one against the other) and takes its time.
#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "sigma/rule.h"
#include "sigma/sources.h"

namespace spoor {

// A node of a condition and what it came to.
struct NodeVerdict {
  bool holds = false;
  std::string what;   // "and", "not", "selection", "Image ends with: \cmd.exe"
  std::string value;  // of a comparison: the value that made it so, as `Field = text`, or "Field is missing"
  std::vector<NodeVerdict> children;
};

struct RuleVerdict {
  bool meant = false;     // the event is one that the rule's log source means
  std::string source;     // what kind of event it is: "Security 4688"
  bool holds = false;     // meant, and the condition holds
  NodeVerdict condition;  // also where the event is not meant, with the rule's own field names
};

// REQUIRES: the rule was loaded, so that its expressions can be compiled.
RuleVerdict Evaluate(const sigma::Rule& rule, const sigma::SourceMap& sources, const Event& event);

}  // namespace spoor
