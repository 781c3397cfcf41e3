// What is wrong, or looks wrong, with rule files: for authors and for CI (`spoor rules check`).
//
// Errors are what loading refuses, and conditions that can never hold. Warnings are what loads and does not do what its
// author may think. Each has a stable code, a place, and says how to mend it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sigma/load.h"
#include "sigma/sources.h"

namespace spoor::sigma {

struct Problem {
  enum class Severity : uint8_t { kWarning, kError };
  Severity severity = Severity::kWarning;
  std::string_view code;  // "unused-selection"; static
  std::string path;
  uint32_t line = 0, column = 0;  // from 1; 0: the file, the line as a whole
  std::string rule;               // title or id as far as known
  std::string message;
};

struct CheckCode {
  std::string_view code, meaning;
};
// All codes, for lists of what is checked.
const std::vector<CheckCode>& CheckCodes();

struct CheckResult {
  std::vector<Problem> problems;  // in order of path, line, column, code
  size_t files = 0, rules = 0, errors = 0, warnings = 0;
};

// Loads files and folders, and looks at each document once more.
CheckResult CheckRules(const std::vector<std::string>& paths, const LoadOptions& options, const SourceMap& sources);

}  // namespace spoor::sigma
