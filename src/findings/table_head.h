// The part of a table above the findings. See table_head.cc.
#pragma once

#include <string>

#include "findings/renderer.h"

namespace spoor {

// What was read, counts by level, when, which rules, which hosts. Ends with an empty line.
std::string TableOverview(const Summary& summary, const HuntFacts& facts, const TableOptions& options);

// In place of findings where there are none: what was looked at, and reasons why nothing may have been found.
std::string TableNoFindings(const HuntFacts& facts, const TableOptions& options);

}  // namespace spoor
