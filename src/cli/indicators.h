// --ioc: lists of indicators, each a rule among the others.
#pragma once

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "sigma/load.h"

namespace spoor {

// Adds a rule for each list. False: a list cannot be read or holds nothing, which was told. Lines that are no
// indicators are told and counted in *problems.
bool AddIndicators(const std::vector<std::string>& files, sigma::RuleSet* rules, size_t* problems);

// Adds --ioc FILE to a verb.
void AddIndicatorFlag(CLI::App* app, std::vector<std::string>* files);

}  // namespace spoor
