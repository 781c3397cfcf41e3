// A block of the table is one record, whatever number of rules it satisfies, and the records that say the
// same:
//
//     2026-01-02 03:04:05  high           Account added by command line
//                          medium         Account management by net.exe
//         ×3, last 2026-01-02 05:00:00 · WS1 · ACME\jane and 1 other user
//         net user mallory Kx81 /add
//         C:\Windows\System32\net.exe, started by C:\Windows\System32\cmd.exe
//         CommandLine         contains: net user · /add
//         logs/Sysmon.evtx · windows/sysmon 1 · record 4711
//
// Records say the same if the same rules hold for them on the same host and their stories (without a story:
// their matched values) are the same. Of the records for which the same rules hold on the same host, with
// different stories, the first kMostAlike are shown where there are more blocks than may be shown; so one
// rule that holds for everything leaves room for others.
//
// Everything here depends on the drafts and their order alone, so the table is the same whatever the threads.
#include "findings/table_blocks.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "findings/layout.h"
#include "fmt/format.h"

namespace spoor {
namespace {

constexpr int kIndent = 4;
constexpr int kFieldColumns = 18;  // columns a row's field takes at least
constexpr int kMostFieldColumns = 26;
constexpr int kNameColumns = 30;  // columns a tenant, host or user takes
constexpr int kTitleAt = 36;      // column of a rule's title
constexpr size_t kTitleLines = 2;
constexpr size_t kMostAlike = 5;
constexpr size_t kMostRules = 6;  // rules shown of a block
constexpr size_t kMostRows = 5;   // rows shown of a block
constexpr size_t kPatternLines = 2;
constexpr int kKindColumns = 40;

// A record and the rules that hold for it.
struct Event {
  std::vector<const Draft*> findings;  // the most severe first, none twice
};

struct Block {
  const Event* first = nullptr;
  uint64_t events = 0, findings = 0;
  int64_t last = 0;
  absl::flat_hash_set<std::string_view> users;
  // Of blocks like this one that are not shown: counted in the last one that is.
  uint64_t hidden = 0, hidden_findings = 0;
  int64_t hidden_last = 0;
};

std::vector<Event> Events(const std::vector<Draft>& drafts) {
  std::vector<Event> events;
  absl::flat_hash_map<std::tuple<uint32_t, uint64_t, uint64_t, int64_t>, size_t> places;
  for (const Draft& d : drafts) {
    const auto [at, is_new] = places.try_emplace({d.file, d.offset, d.record, d.time}, events.size());
    if (is_new) events.emplace_back();
    events[at->second].findings.push_back(&d);
  }
  return events;
}

// Which rules, on which host: what makes two records alike.
std::string Likeness(const Event& event) {
  const Draft& d = *event.findings.front();
  std::string key = d.tenant + '\0' + Folded(d.host) + '\0';
  for (const Draft* f : event.findings) key.append(std::to_string(f->rule)).push_back(' ');
  return key;
}

std::string Sameness(const Event& event) {
  const Draft& d = *event.findings.front();
  std::string key = Likeness(event) + '\0' + d.kind + '\0' + std::to_string(d.essence);
  // Beside the hash what a reader will see: nothing that looks different can hide behind a collision.
  for (const std::string& line : d.story) key.append(1, '\0').append(line);
  for (const DraftRow& row : d.rows) key.append(1, '\0').append(row.value);
  return key;
}

std::vector<Block> Blocks(const std::vector<Event>& events) {
  std::vector<Block> blocks;
  absl::flat_hash_map<std::string, size_t> places;
  for (const Event& event : events) {
    const auto [at, is_new] = places.try_emplace(Sameness(event), blocks.size());
    if (is_new) blocks.emplace_back().first = &event;
    Block& block = blocks[at->second];
    ++block.events;
    block.findings += event.findings.size();
    block.last = std::max(block.last, event.findings.front()->time);
    if (!event.findings.front()->user.empty()) block.users.insert(event.findings.front()->user);
  }
  return blocks;
}

// Leaves at most kMostAlike blocks of a kind.
void HideAlike(std::vector<Block>* blocks) {
  struct Kind {
    size_t shown = 0, last = 0;
  };
  absl::flat_hash_map<std::string, Kind> kinds;
  std::vector<Block> kept;
  for (Block& block : *blocks) {
    Kind& kind = kinds[Likeness(*block.first)];
    if (kind.shown < kMostAlike) {
      ++kind.shown;
      kind.last = kept.size();
      kept.push_back(std::move(block));
      continue;
    }
    Block& last = kept[kind.last];
    ++last.hidden;
    last.hidden_findings += block.findings;
    last.hidden_last = std::max(last.hidden_last, block.last);
  }
  *blocks = std::move(kept);
}

class BlockWriter {
 public:
  // `cut_level`: findings of this level may be missing among the drafts, and counts of them be too low.
  BlockWriter(const TableOptions& options, std::optional<sigma::Level> cut_level, std::string* out)
      : width_(options.width), paint_(options.color), cut_level_(cut_level), out_(out) {}

  void Write(const Block& block) {
    const Draft& first = *block.first->findings.front();
    WriteRules(block);
    Line(Where(block, first));
    for (const std::string& text : first.story) {
      for (const std::string& line : Wrap(text, width_ - kIndent, kStoryLines)) Line(line);
    }
    WriteRows(block);
    WriteRecord(first);
    if (block.hidden > 0) {
      Line(Fit(fmt::format("… and {} more of the same rules on this host, last {}", WithCommas(block.hidden_findings),
                           ShortTime(block.hidden_last)),
               width_ - kIndent));
    }
    out_->push_back('\n');
  }

 private:
  void Line(std::string_view line) { out_->append(kIndent, ' ').append(line).push_back('\n'); }

  void WriteRules(const Block& block) {
    const std::vector<const Draft*>& findings = block.first->findings;
    std::string time = ShortTime(findings.front()->time);
    for (size_t i = 0; i < std::min(kMostRules, findings.size()); ++i) {
      const Draft& f = *findings[i];
      std::string level = paint_.Level(f.level, fmt::format("{:<13}", sigma::LevelName(f.level)));
      for (const std::string& line : Wrap(f.title, width_ - kTitleAt, kTitleLines)) {
        out_->append(fmt::format("{:<19}  {}  {}\n", time, level, line));
        time.clear();
        level.assign(13, ' ');
      }
    }
    if (findings.size() > kMostRules) {
      out_->append(fmt::format("{:<{}}… and {}\n", "", kTitleAt, Plural(findings.size() - kMostRules, "more rule")));
    }
  }

  // "×3, last 2026-01-02 05:00:00 · acme · WS1 · ACME\jane and 1 other user · carved"
  std::string Where(const Block& block, const Draft& first) const {
    std::string where;
    const auto add = [&](std::string_view part) {
      if (part.empty()) return;
      if (!where.empty()) where.append(" · ");
      where.append(part);
    };
    if (block.events > 1) {
      const bool may_be_more = cut_level_ && *cut_level_ == first.level;
      add(fmt::format("×{}{}, last {}", WithCommas(block.events), may_be_more ? " or more" : "",
                      ShortTime(block.last)));
    }
    add(Fit(first.tenant, kNameColumns));
    add(Fit(first.host, kNameColumns));
    add(Fit(first.user, kNameColumns));
    if (!first.user.empty() && block.users.size() > 1) {
      where.append(fmt::format(" and {}", Plural(block.users.size() - 1, "other user")));
    }
    if (first.carved) add("carved");
    return Fit(where, width_ - kIndent);
  }

  // The rows of all rules, those of the most severe first; a field with the same value stands there once.
  void WriteRows(const Block& block) {
    std::vector<DraftRow> rows;
    size_t left_out = 0;
    for (const Draft* f : block.first->findings) {
      for (const DraftRow& row : f->rows) left_out += !Merge(row, &rows);
      left_out += f->more_rows;
    }
    int field_columns = kFieldColumns;
    for (const DraftRow& row : rows) field_columns = std::max(field_columns, DisplayWidth(row.field));
    for (const DraftRow& row : rows) WriteRow(row, std::min(field_columns, kMostFieldColumns));
    if (left_out > 0) Line(paint_.Dim(fmt::format("… and {}", Plural(left_out, "more matching field"))));
  }

  // False if there is no room for it.
  static bool Merge(const DraftRow& row, std::vector<DraftRow>* rows) {
    for (DraftRow& known : *rows) {
      if (known.field != row.field || known.value != row.value) continue;
      for (const std::string& pattern : row.patterns) {
        if (std::find(known.patterns.begin(), known.patterns.end(), pattern) == known.patterns.end()) {
          known.patterns.push_back(pattern);
        }
      }
      known.more_patterns += row.more_patterns;
      return true;
    }
    if (rows->size() == kMostRows) return false;
    rows->push_back(row);
    return true;
  }

  // "contains: whoami · ipconfig · ends with: .exe": how is said once for neighbours.
  static std::string Patterns(const DraftRow& row) {
    std::string text;
    std::string_view how;
    for (const std::string_view pattern : row.patterns) {
      const size_t colon = pattern.find(": ");
      const std::string_view front = colon == std::string_view::npos ? "" : pattern.substr(0, colon + 2);
      if (!text.empty()) text.append(" · ");
      text.append(!front.empty() && front == how ? pattern.substr(front.size()) : pattern);
      how = front;
    }
    if (row.more_patterns > 0) text.append(" · …");
    return text;
  }

  void WriteRow(const DraftRow& row, int field_columns) {
    const int columns = width_ - kIndent - field_columns - 2;
    const std::string blank(static_cast<size_t>(field_columns) + 2, ' ');
    const std::string patterns = Patterns(row);
    std::string lead = FitPadded(row.field, field_columns) + "  ";
    if (!row.value.empty()) {
      const std::vector<std::string> lines = Wrap(row.value, columns, kValueLines);
      const std::string beside = fmt::format("  ({})", patterns);
      const bool fits = DisplayWidth(lines.back()) + DisplayWidth(beside) <= columns;
      for (size_t i = 0; i < lines.size(); ++i) {
        Line(lead + lines[i] + (fits && i + 1 == lines.size() ? paint_.Dim(beside) : ""));
        lead = blank;
      }
      if (fits) return;
    }
    for (const std::string& line : Wrap(patterns, columns, kPatternLines)) {
      Line(lead + paint_.Dim(line));
      lead = blank;
    }
  }

  void WriteRecord(const Draft& d) {
    const std::string record =
        fmt::format(" · {} · record {}", Fit(d.kind, std::min(kKindColumns, width_ / 3)), d.record);
    const int columns = std::max(1, width_ - kIndent - DisplayWidth(record));
    Line(paint_.Dim(FitEnd(d.path, columns) + record));
  }

  int width_;
  Paint paint_;
  std::optional<sigma::Level> cut_level_;
  std::string* out_;
};

}  // namespace

DraftShape ShapeOf(const TableOptions& options) {
  return {options.width - kIndent, options.width - kIndent - kMostFieldColumns - 2};
}

std::string TableBlocks(const std::vector<std::string>& packed, uint64_t findings, const TableOptions& options) {
  std::vector<Draft> drafts;
  drafts.reserve(packed.size());
  for (const std::string& bytes : packed) drafts.push_back(Unpack(bytes));
  const std::vector<Event> events = Events(drafts);
  std::vector<Block> blocks = Blocks(events);
  if (blocks.size() > options.limit) HideAlike(&blocks);
  if (blocks.size() > options.limit) blocks.resize(options.limit);

  std::optional<sigma::Level> cut_level;
  if (drafts.size() < findings && !drafts.empty()) cut_level = drafts.back().level;
  std::string out;
  BlockWriter writer(options, cut_level, &out);
  uint64_t told = 0;
  for (const Block& block : blocks) {
    writer.Write(block);
    told += block.findings + block.hidden_findings;
  }
  if (told < findings) {
    out.append(fmt::format("… and {} more; use -f jsonl or --min-level high\n", WithCommas(findings - told)));
  }
  return out;
}

}  // namespace spoor
