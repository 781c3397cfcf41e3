// spoor rules list: what there is, as a table or as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <thread>

#include "base/text.h"
#include "cli/builtin_rules.h"
#include "cli/message.h"
#include "cli/verbs.h"
#include "findings/layout.h"
#include "sigma/load.h"
#include "sigma/sources.h"

namespace spoor {
namespace {

struct ListFlags {
  std::vector<std::string> paths;
  std::string format = "table", sort = "path";
  bool all_statuses = false;
};

// What a rule is likely to cost for each event of its log source, in comparisons: those that one look-up answers count
// one, those that every text must be searched for more.
unsigned CostOf(const sigma::Rule& rule) {
  unsigned cost = 0;
  for (const sigma::Item& item : rule.detection.items) {
    unsigned of_item = 0;
    for (const sigma::Pattern& p : item.any_of) {
      switch (p.op) {
        case sigma::Operator::kContains:
          of_item += p.text.size() >= 4 ? 2 : 4;
          break;
        case sigma::Operator::kGlob:
          of_item += 5;
          break;
        case sigma::Operator::kRegex:
          of_item += 20;
          break;
        case sigma::Operator::kCidr:
          of_item += 2;
          break;
        default:
          of_item += 1;
      }
    }
    constexpr unsigned kFieldsOfAnEvent = 20;  // keywords are looked for in each
    cost += item.field.empty() ? kFieldsOfAnEvent * of_item : of_item;
  }
  return cost;
}

struct Line {
  const sigma::Rule* rule;
  std::string kind, source, id;
  std::vector<std::string> fields;
  unsigned cost = 0;
};

std::string SourceOf(const sigma::LogSource& source) {
  std::string out;
  for (const std::string* part : {&source.product, &source.service, &source.category}) {
    if (!part->empty()) out += (out.empty() ? "" : "/") + *part;
  }
  return out;
}

std::vector<Line> Lines(const sigma::RuleSet& set) {
  std::vector<Line> lines;
  for (const sigma::Rule& rule : set.rules) {
    std::set<std::string> fields;
    for (const sigma::Item& item : rule.detection.items) fields.insert(item.field.empty() ? "(any)" : item.field);
    lines.push_back({&rule, "rule", SourceOf(rule.source), rule.id, {fields.begin(), fields.end()}, CostOf(rule)});
  }
  for (const sigma::Correlation& c : set.correlations) {
    Line line{&c.rule, "correlation", sigma::CorrelationTypeName(c.type), c.rule.id, {}, 0};
    for (const auto& field : c.group_by) line.fields.push_back(field.name);
    lines.push_back(std::move(line));
  }
  for (const sigma::Filter& f : set.filters) {
    lines.push_back({&f.rule, "filter", SourceOf(f.rule.source), f.rule.id, {}, 0});
  }
  return lines;
}

std::string JsonList(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + JsonString(text);
  return out + "]";
}

std::string AsJson(const std::vector<Line>& lines) {
  std::string out;
  for (const Line& line : lines) {
    const sigma::Rule& rule = *line.rule;
    out += fmt::format(
        "{{\"kind\":\"{}\",\"id\":{},\"title\":{},\"level\":\"{}\",\"status\":\"{}\",\"source\":{},\"fields\":{},"
        "\"tags\":{},"
        "\"silent\":{},\"cost\":{},\"path\":{},\"line\":{}}}\n",
        line.kind, JsonString(rule.id), JsonString(rule.title), sigma::LevelName(rule.level),
        sigma::StatusName(rule.status), JsonString(line.source), JsonList(line.fields), JsonList(rule.tags),
        rule.silent, line.cost, JsonString(rule.path), rule.line);
  }
  return out;
}

std::string Trimmed(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string AsTable(const std::vector<Line>& lines) {
  std::string out;
  out += fmt::format("{} {} {} {:>5}  {}\n", FitPadded("level", 13), FitPadded("title", 50),
                     FitPadded("log source", 28), "cost", "id");
  for (const Line& line : lines) {
    std::string row = fmt::format(
        "{} {} {} {:>5}  {}", FitPadded(line.kind == "filter" ? "" : sigma::LevelName(line.rule->level), 13),
        FitPadded(line.rule->title, 50),
        FitPadded(line.kind == "rule" ? line.source : line.kind + ": " + line.source, 28),
        line.kind == "rule" ? std::to_string(line.cost) : "-", line.id.empty() ? "-" : FitPadded(line.id, 36));
    out += Trimmed(std::move(row)) + "\n";
  }
  return out;
}

int RunList(const ListFlags& flags) {
  sigma::LoadOptions options;
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  options.all_statuses = flags.all_statuses;
  const sigma::RuleSet set = flags.paths.empty() ? LoadBuiltInRules(options) : sigma::LoadRules(flags.paths, options);
  std::vector<Line> lines = Lines(set);
  if (flags.sort == "cost") {
    std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.cost > b.cost; });
  } else if (flags.sort == "level") {
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.rule->level > b.rule->level; });
  } else if (flags.sort == "title") {
    std::stable_sort(lines.begin(), lines.end(),
                     [](const Line& a, const Line& b) { return a.rule->title < b.rule->title; });
  }
  Print(flags.format == "json" ? AsJson(lines) : AsTable(lines));
  if (!set.errors.empty()) {
    Complain(fmt::format("{} documents could not be loaded; spoor rules check says why", set.errors.size()));
  }
  if (lines.empty()) {
    Complain("no rule there");
    return kCannotStart;
  }
  return set.errors.empty() ? kDone : kPartly;
}

}  // namespace

Run AddRulesList(CLI::App* app) {
  auto f = std::make_shared<ListFlags>();
  app->add_option("PATH", f->paths, "Rule files, folders; default: the built-in rules");
  app->add_option("-f,--format", f->format, "table (default), json (one object a line)")
      ->check(CLI::IsMember({"table", "json"}));
  app->add_option("--sort", f->sort, "path (default), level, title, cost")
      ->check(CLI::IsMember({"path", "level", "title", "cost"}));
  app->add_flag("--all-statuses", f->all_statuses, "Also rules marked deprecated or unsupported");
  app->footer(
      "cost: an estimate, in comparisons for each event of the log source. A value that one look-up answers counts 1, "
      "a\n"
      "text that may stand anywhere 2 to 4, wildcards 5, an expression 20, a keyword 20 times as much as in a field.");
  return [f] { return RunList(*f); };
}

}  // namespace spoor
