// Rules from a few lines, and what became of them as text.
#pragma once

#include <string>
#include <string_view>

#include "sigma/dump.h"
#include "sigma/load.h"

namespace spoor::sigma {

inline std::string Show(const RuleError& error) {
  return std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message;
}

inline RuleSet Parse(std::string_view yaml, const LoadOptions& options = {}) {
  RuleSet set;
  ParseRules(yaml, "test.yml", options, &set);
  return set;
}

// The expression of a rule whose detection is `detection` (not indented; it begins in line 4 of the file), or
// "error LINE:COLUMN: …". Warnings stand before it, each in a line "warning LINE:COLUMN: …".
inline std::string Detect(std::string_view detection, const LoadOptions& options = {}) {
  std::string yaml = "title: T\nlogsource: {product: windows}\ndetection:\n";
  size_t from = 0;
  while (from < detection.size()) {
    const size_t end = std::min(detection.find('\n', from), detection.size());
    yaml.append("  ").append(detection.substr(from, end - from)).append("\n");
    from = end + 1;
  }
  const RuleSet set = Parse(yaml, options);
  std::string out;
  for (const RuleError& warning : set.warnings) out += "warning " + Show(warning) + "\n";
  for (const RuleError& error : set.errors) out += "error " + Show(error) + "\n";
  for (const Rule& rule : set.rules) out += Dump(rule.detection);
  return out;
}

// The same for one field or several in one selection: Field("A|contains: b").
inline std::string Field(std::string_view fields, const LoadOptions& options = {}) {
  std::string detection = "s:\n";
  size_t from = 0;
  while (from < fields.size()) {
    const size_t end = std::min(fields.find('\n', from), fields.size());
    detection.append("  ").append(fields.substr(from, end - from)).append("\n");
    from = end + 1;
  }
  return Detect(detection + "condition: s", options);
}

}  // namespace spoor::sigma
