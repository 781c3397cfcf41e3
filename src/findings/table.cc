// The table: what a person reads on a terminal. First the overview (table_head.cc), then the findings, worst
// first:
//
//     2026-01-02 03:04:05  high           Suspicious Encoded PowerShell
//         WS1 · ACME\jane · windows/sysmon 1 · record 4711
//         logs/Sysmon.evtx
//         CommandLine  powershell -enc JABz…
//                      contains: -enc
//
// Every text that comes from evidence or rules goes through Fit or Wrap, which make control characters
// visible.
#include <algorithm>

#include "findings/layout.h"
#include "findings/renderer.h"
#include "findings/table_head.h"
#include "fmt/format.h"

namespace spoor {
namespace {

constexpr int kNarrowest = 60, kWidest = 1000;
constexpr int kNameColumns = 30;
constexpr size_t kMostMatched = 2;  // fields shown of those that matched
constexpr size_t kValueLines = 3;   // lines a value may take
constexpr int kFieldColumns = 18;   // columns a field's name takes before its value is moved right

class Table final : public Renderer {
 public:
  explicit Table(const TableOptions& options) : options_(options), paint_(options.color) {
    options_.width = std::clamp(options_.width, kNarrowest, kWidest);
  }

  size_t Render(const Finding& f, std::string* out) const override {
    const std::string level = fmt::format("{:<13}", sigma::LevelName(f.rule->level));
    out->append(fmt::format("{:<19}  {}  {}\n", ShortTime(f.time), paint_.Level(f.rule->level, level),
                            paint_.Bold(Fit(f.rule->title, options_.width - 36))));
    AppendLine(Fit(Where(f), options_.width - kIndent), out);
    AppendLine(paint_.Dim(FitEnd(f.path, options_.width - kIndent)), out);
    for (size_t i = 0; i < std::min(kMostMatched, f.matched.size()); ++i) AppendMatched(f.matched[i], out);
    if (f.matched.size() > kMostMatched) {
      AppendLine(fmt::format("… and {}", Plural(f.matched.size() - kMostMatched, "more matching field")),
                 out);
    }
    out->push_back('\n');
    return kNoGap;
  }

  std::string Head(const Summary& summary, const HuntFacts& facts) const override {
    return summary.findings() == 0 ? TableNoFindings(facts, options_)
                                   : TableOverview(summary, facts, options_);
  }
  std::string Tail(const Summary& summary, const HuntFacts&) const override {
    if (summary.findings() <= options_.limit) return "";
    return fmt::format("… and {} more; use -f jsonl or --min-level high\n",
                       WithCommas(summary.findings() - options_.limit));
  }
  bool severe_first() const override { return true; }
  bool needs_summary() const override { return true; }
  size_t limit() const override { return options_.limit; }

 private:
  static constexpr int kIndent = 4;

  static void AppendLine(std::string_view line, std::string* out) {
    out->append(kIndent, ' ').append(line).push_back('\n');
  }

  // "acme · WS1 · ACME\jane · windows/sysmon 1 · record 4711 · carved"
  static std::string Where(const Finding& f) {
    std::string where;
    const auto add = [&](std::string_view part) {
      if (part.empty()) return;
      if (!where.empty()) where.append(" · ");
      where.append(part);
    };
    add(Fit(f.tenant, kNameColumns));  // none may push the record out of sight
    add(Fit(f.host, kNameColumns));
    add(Fit(f.user, kNameColumns));
    add(f.event_id ? fmt::format("{} {}", f.source, *f.event_id) : std::string(f.source));
    add(fmt::format("record {}", f.record));
    if (f.carved) add("carved");
    return where;
  }

  void AppendMatched(const Matched& m, std::string* out) const {
    const std::string field = FitPadded(m.field.empty() ? "(any field)" : m.field, kFieldColumns);
    const int columns = options_.width - kIndent - kFieldColumns - 2;
    std::string lead = field + "  ";
    const std::string blank(kFieldColumns + 2, ' ');
    for (const std::string& line : Wrap(m.value, columns, kValueLines)) {
      AppendLine(lead + line, out);
      lead = blank;
    }
    AppendLine(blank + paint_.Dim(Fit(m.pattern, columns)), out);
  }

  TableOptions options_;
  Paint paint_;
};

}  // namespace

std::unique_ptr<Renderer> MakeTableRenderer(const TableOptions& options) {
  return std::make_unique<Table>(options);
}

}  // namespace spoor
