// Reading rule files and folders.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/correlation.h"
#include "sigma/filter.h"
#include "sigma/rule.h"

namespace spoor::sigma {

struct LoadOptions {
  // Values of placeholders for the `expand` modifier: name (without '%') to values. Values may hold
  // wildcards.
  std::map<std::string, std::vector<std::string>> placeholders;
  // Taxonomies, besides Sigma's own, that some pipeline translates (pipeline.h). A rule of another is an error.
  std::vector<std::string> taxonomies;
  // Also keep rules whose status is deprecated or unsupported.
  bool all_statuses = false;
  // Threads that parse files.
  unsigned jobs = 1;
};

// Rules in a stable order: by path as walked (byte-wise sorted within each folder), then by place in the
// file, whatever `jobs` is.
struct RuleSet {
  std::vector<Rule> rules;
  std::vector<Correlation> correlations;  // each behind those it is made of
  std::vector<Filter> filters;            // already put on their rules
  std::vector<RuleError> errors;          // in the same order
  std::vector<RuleError> warnings;        // of rules that were loaded: what in them cannot work as written
  // Documents that are YAML but no Sigma rules (message: why), which folders of rules may well hold. No
  // errors.
  std::vector<RuleError> not_rules;
  size_t files = 0;                         // rule files read
  size_t left_out = 0;                      // deprecated or unsupported rules, not loaded
  std::vector<std::string> left_out_names;  // their ids and names; gone once the set is loaded
};

// Parses the documents of one file's text. Never fails as a whole: what cannot be understood is an error in
// `set->errors`. `path` is used for messages only. Whoever has parsed all files calls
// ResolveReferences (resolve.h).
void ParseRules(std::string_view yaml, const std::string& path, const LoadOptions& options, RuleSet* set);

// The rule files that LoadRules would read, in its order; paths that cannot be read are left out.
std::vector<std::string> RuleFiles(const std::vector<std::string>& paths);

// Loads files and, recursively, folders (*.yml, *.yaml). A path that cannot be read is an error in the set.
// The result for many files is kept in the cache (rule_cache.h) and taken from there when nothing has
// changed; it is the same.
RuleSet LoadRules(const std::vector<std::string>& paths, const LoadOptions& options);

}  // namespace spoor::sigma
