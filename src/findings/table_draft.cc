// What of a finding goes into the table: the story of the event (telling_fields.h) and the matched fields,
// each value once with all its patterns. A field whose whole value stands in the story already is not
// repeated.
//
// EventID, Channel and Provider_Name are true of every event the rule could mean, and say nothing a reader
// does not see in the line of the record: they are shown only where there is nothing else.
#include "findings/table_draft.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/text.h"
#include "findings/layout.h"
#include "findings/telling_fields.h"
#include "fmt/format.h"

namespace spoor {
namespace {

constexpr size_t kMostRows = 3;      // matched fields shown of a finding
constexpr size_t kMostPatterns = 3;  // patterns shown of a row
constexpr int kTitleColumns = 200, kNameColumns = 60, kPathColumns = 300;

bool SaysOnlyTheKind(std::string_view field) {
  return field == "EventID" || field == "Channel" || field == "Provider_Name";
}

// A pattern that names the whole value: the value need not be shown beside it.
bool SaysValue(const Matched& m) {
  const size_t colon = m.pattern.find(": ");
  return m.pattern.substr(0, 2) == "is" && colon != std::string_view::npos &&
         EqualsIgnoreAsciiCase(m.pattern.substr(colon + 2), m.value);
}

bool Told(const std::vector<FieldText>& told, const Matched& m) {
  return std::any_of(told.begin(), told.end(),
                     [&](const FieldText& t) { return t.name == m.field && t.value == m.value; });
}

// Groups the matched fields to rows.
class Rows {
 public:
  Rows(const std::vector<FieldText>& told, const DraftShape& shape, Draft* draft)
      : told_(told), shape_(shape), draft_(draft) {}

  void Add(const Matched& m) {
    for (size_t i = 0; i < of_.size(); ++i) {
      if (of_[i]->field != m.field || of_[i]->value != m.value) continue;
      AddPattern(m, i);
      return;
    }
    if (of_.size() == kMostRows) {
      ++draft_->more_rows;
      return;
    }
    of_.push_back(&m);
    DraftRow row;
    row.field = Fit(m.field.empty() ? "(any field)" : m.field, kNameColumns);
    if (!Told(told_, m) && !SaysValue(m)) {
      row.value = Excerpt(m.value, m.pattern, shape_.row_columns * static_cast<int>(kValueLines));
    }
    draft_->rows.push_back(std::move(row));
    AddPattern(m, of_.size() - 1);
  }

 private:
  void AddPattern(const Matched& m, size_t at) {
    DraftRow& row = draft_->rows[at];
    if (row.patterns.size() == kMostPatterns) {
      ++row.more_patterns;
    } else {
      row.patterns.push_back(Fit(m.pattern, shape_.row_columns));
    }
  }

  const std::vector<FieldText>& told_;
  const DraftShape& shape_;
  Draft* draft_;
  std::vector<const Matched*> of_;  // the first of each row
};

// Keys that are no secrets: digits of the golden ratio, and multiples of it.
constexpr HashKeys kSameEveryRun = {{0x9e3779b97f4a7c15u, 0x3c6ef372fe94f82au, 0xdaa66d2c7ddf743fu, 0x78dde6e5fd29f054u,
                                     0x1715609f7c746c69u, 0xb54cda58fbbee87eu}};

uint64_t Mixed(std::string_view text, uint64_t hash) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  return MixHash(HashBytes128(bytes, text.size(), 0, kSameEveryRun).low ^ kSameEveryRun.k[0],
                 hash ^ kSameEveryRun.k[1]);
}

// The same in every run, as it decides between drafts that are otherwise the same.
uint64_t Essence(const Finding& f, const std::vector<FieldText>& told) {
  uint64_t hash = 1;
  for (const FieldText& t : told) hash = Mixed(t.value, Mixed(t.name, hash));
  if (!told.empty()) return hash;
  for (const Matched& m : f.matched) hash = Mixed(m.value, Mixed(m.field, hash));
  return hash;
}

// Walks over a draft's members; what a packer writes an unpacker reads.
template <typename Archive, typename AnyDraft>
void Walk(Archive& archive, AnyDraft& d) {
  archive.Number(d.file);
  archive.Number(d.offset);
  archive.Number(d.record);
  archive.Number(d.time);
  archive.Number(d.rule);
  archive.Number(d.level);
  archive.Number(d.carved);
  archive.Number(d.more_rows);
  for (auto* text : {&d.title, &d.tenant, &d.host, &d.user, &d.kind, &d.path}) archive.Text(*text);
  archive.Size(d.story);
  for (auto& line : d.story) archive.Text(line);
  archive.Size(d.rows);
  for (auto& row : d.rows) {
    archive.Text(row.field);
    archive.Text(row.value);
    archive.Size(row.patterns);
    for (auto& pattern : row.patterns) archive.Text(pattern);
    archive.Number(row.more_patterns);
  }
  archive.Number(d.essence);
}

struct Packer {
  template <typename T>
  void Number(const T& n) {
    out->append(reinterpret_cast<const char*>(&n), sizeof n);
  }
  void Text(const std::string& text) {
    Number(static_cast<uint32_t>(text.size()));
    out->append(text);
  }
  template <typename T>
  void Size(const std::vector<T>& list) {
    Number(static_cast<uint32_t>(list.size()));
  }
  std::string* out;
};

struct Unpacker {
  template <typename T>
  void Number(T& n) {
    std::memcpy(&n, rest.data(), sizeof n);
    rest.remove_prefix(sizeof n);
  }
  void Text(std::string& text) {
    uint32_t size = 0;
    Number(size);
    text.assign(rest, 0, size);
    rest.remove_prefix(size);
  }
  template <typename T>
  void Size(std::vector<T>& list) {
    uint32_t size = 0;
    Number(size);
    list.resize(size);
  }
  std::string_view rest;
};

}  // namespace

Draft MakeDraft(const Finding& f, const DraftShape& shape) {
  Draft d;
  d.file = f.file;
  d.offset = f.offset;
  d.record = f.record;
  d.time = f.time;
  d.rule = f.rule_number;
  d.level = f.rule->level;
  d.carved = f.carved;
  d.title = Fit(f.rule->title, kTitleColumns);
  d.tenant = Fit(f.tenant, kNameColumns);
  d.host = Fit(f.host, kNameColumns);
  d.user = Fit(f.user, kNameColumns);
  d.kind = Fit(f.event_id ? fmt::format("{} {}", f.source, *f.event_id) : std::string(f.source), kNameColumns);
  d.path = FitEnd(f.path, kPathColumns);

  const auto show = [&](std::string_view field, std::string_view value) {
    std::string_view pattern;
    for (const Matched& m : f.matched) {
      if (m.field == field && pattern.empty()) pattern = m.pattern;
    }
    return Excerpt(value, pattern, shape.columns * static_cast<int>(kStoryLines - 1));
  };
  std::vector<FieldText> told;
  if (f.event_id) d.story = TellStory(StoryOf(f.source, *f.event_id), f, show, &told);
  d.essence = Essence(f, told);

  Rows rows(told, shape, &d);
  for (const Matched& m : f.matched) {
    if (!SaysOnlyTheKind(m.field)) rows.Add(m);
  }
  if (!d.story.empty() || !d.rows.empty()) return d;
  for (const Matched& m : f.matched) rows.Add(m);
  return d;
}

void Pack(const Draft& draft, std::string* out) {
  Packer packer{out};
  Walk(packer, draft);
}

Draft Unpack(std::string_view bytes) {
  Draft draft;
  Unpacker unpacker{bytes};
  Walk(unpacker, draft);
  return draft;
}

}  // namespace spoor
