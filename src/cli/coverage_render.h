// The forms of what `spoor rules coverage` says. docs/coverage.md describes them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/file_table.h"
#include "hunt/coverage.h"

namespace spoor {

// What there is to render. Refers to all of it.
struct CoverageReport {
  const Seen& seen;
  const Coverage& coverage;
  const sigma::SwitchOn& known;
  const FileTable& files;
};

// For people, most important first; 100 columns. Text from evidence is made visible.
std::string CoverageText(const CoverageReport& report, bool color);
// One JSON object and a line end, passed to `write` in pieces: of thousands of logs it may have hundreds of megabytes.
void CoverageJson(const CoverageReport& report, const std::function<void(std::string_view)>& write);
// A layer of the MITRE ATT&CK Navigator (layer format 4.5).
std::string CoverageNavigator(const CoverageReport& report);

}  // namespace spoor
