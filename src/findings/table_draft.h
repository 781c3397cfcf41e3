// A finding as the table keeps it until it is known which findings belong together.
//
// Everything in it is already fit for the terminal (control characters visible) and cut to what may be shown,
// so that a draft takes a few hundred bytes (a few kB at most), whatever the event holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "findings/finding.h"

namespace spoor {

// A field that satisfied patterns.
struct DraftRow {
  std::string field;
  std::string value;  // empty: it stands in the story, or the pattern says it
  std::vector<std::string> patterns;
  uint32_t more_patterns = 0;  // patterns left out
};

struct Draft {
  // Which record: findings that agree in these four are about the same one.
  uint32_t file = 0;
  uint64_t offset = 0, record = 0;
  int64_t time = 0;
  uint32_t rule = 0;  // its number
  sigma::Level level = sigma::Level::kInformational;
  bool carved = false;
  uint64_t essence = 0;  // hash of what happened, uncut: what differs only behind a cut is not the same
  std::string title, tenant, host, user, kind, path;  // kind: "windows/sysmon 1"
  std::vector<std::string> story;                     // lines that say what happened
  std::vector<DraftRow> rows;                         // why the rule holds
  uint32_t more_rows = 0;                             // rows left out
};

// Shape of the table that a draft must know.
struct DraftShape {
  int columns;      // of a line of the story
  int row_columns;  // of a line of a row's value
};
inline constexpr size_t kStoryLines = 4;  // terminal lines a line of the story may take
inline constexpr size_t kValueLines = 3;  // terminal lines a row's value may take

Draft MakeDraft(const Finding& finding, const DraftShape& shape);

// As bytes, and back. REQUIRES: Unpack gets what Pack appended, whole.
void Pack(const Draft& draft, std::string* out);
Draft Unpack(std::string_view bytes);

}  // namespace spoor
