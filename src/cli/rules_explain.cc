// spoor rules explain: why a rule holds for an event, or why not.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include "base/text.h"
#include "base/time.h"
#include "cli/builtin_rules.h"
#include "cli/evidence_flags.h"
#include "cli/message.h"
#include "cli/verbs.h"
#include "hunt/feed.h"
#include "match/evaluate.h"
#include "sigma/load.h"

namespace spoor {
namespace {

struct ExplainFlags {
  std::string rule, format = "text";
  EvidenceFlags evidence;
  std::vector<std::string> paths, rules;
  uint64_t record = 0;
  size_t limit = 5;
};

std::string NodeJson(const NodeVerdict& node) {
  std::string out = fmt::format("{{\"holds\":{},\"what\":{}", node.holds, JsonString(node.what));
  if (!node.value.empty()) out += ",\"value\":" + JsonString(node.value);
  if (!node.children.empty()) {
    out += ",\"parts\":[";
    for (size_t i = 0; i < node.children.size(); ++i) out += (i > 0 ? "," : "") + NodeJson(node.children[i]);
    out += "]";
  }
  return out + "}";
}

void NodeText(const NodeVerdict& node, const std::string& indent, std::string* out) {
  AppendVisible(fmt::format("{:<5} {}{}{}", node.holds ? "true" : "false", indent, node.what,
                            node.value.empty() ? "" : "    [" + node.value + "]"),
                out);
  *out += '\n';
  for (const NodeVerdict& child : node.children) NodeText(child, indent + "  ", out);
}

// Explains the events of the record asked for.
class Explainer : public Sink {
 public:
  Explainer(const ExplainFlags& flags, const sigma::Rule& rule) : flags_(flags), rule_(rule) {}

  std::string path;
  size_t explained = 0;
  std::string out;

  void OnEvent(const Event& event) override {
    if (event.record != flags_.record || explained >= flags_.limit) return;
    ++explained;
    const RuleVerdict verdict = Evaluate(rule_, sigma::SourceMap::BuiltIn(), event);
    if (flags_.format == "json") {
      out += fmt::format(
          "{{\"rule_id\":{},\"title\":{},\"record\":{},\"path\":{},\"offset\":{},\"source\":{},\"meant\":{},"
          "\"holds\":{},\"condition\":{}}}\n",
          JsonString(rule_.id), JsonString(rule_.title), event.record, JsonString(path), event.offset,
          JsonString(verdict.source), verdict.meant, verdict.holds, NodeJson(verdict.condition));
      return;
    }
    std::string source;
    for (const std::string* part : {&rule_.source.product, &rule_.source.service, &rule_.source.category}) {
      if (!part->empty()) source += (source.empty() ? "" : "/") + *part;
    }
    if (explained > 1) out += '\n';
    AppendVisible(fmt::format("The rule \"{}\" {} for record {} of {} ({}{})", rule_.title,
                              verdict.holds ? "holds" : "does not hold", event.record, path, verdict.source,
                              event.time != 0 ? ", " + FormatTime(event.time) : ""),
                  &out);
    out += '\n';
    AppendVisible(verdict.meant ? fmt::format("true  log source {}", source)
                                : fmt::format("false log source {}    [the event is {}]", source, verdict.source),
                  &out);
    out += '\n';
    NodeText(verdict.condition, "", &out);
  }
  void OnDamage(const Damage&) override {}
  void ShapesDropped() override {}

 private:
  const ExplainFlags& flags_;
  const sigma::Rule& rule_;
};

int RunExplain(const ExplainFlags& flags) {
  FormatOptions format;
  ContainerOptions container;
  if (const std::string wrong = flags.evidence.Apply(&format, &container); !wrong.empty()) {
    Complain(wrong);
    return kCannotStart;
  }
  sigma::LoadOptions options;
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  options.all_statuses = true;
  std::vector<std::string> rule_paths = flags.rules;
  const bool is_file = flags.rule.ends_with(".yml") || flags.rule.ends_with(".yaml");
  if (is_file) rule_paths.push_back(flags.rule);
  const sigma::RuleSet set = rule_paths.empty() ? LoadBuiltInRules(options) : sigma::LoadRules(rule_paths, options);
  const sigma::Rule* rule = nullptr;
  const std::string wanted = Folded(flags.rule);
  for (const sigma::Rule& r : set.rules) {
    if (rule == nullptr && (is_file ? r.path == flags.rule : Folded(r.id) == wanted || Folded(r.title) == wanted))
      rule = &r;
  }
  if (rule == nullptr) {
    for (const sigma::RuleError& e : set.errors) {
      if (is_file) Complain(fmt::format("{}:{}:{}: {}", e.path, e.line, e.column, e.message));
    }
    Complain(fmt::format("no rule '{}' there: give its file, or its id or title with --rules PATH", flags.rule));
    return kCannotStart;
  }
  const auto evidence = ListEvidence(flags.paths, {});
  if (!evidence.ok()) {
    Complain(std::string(evidence.status().message()));
    return kCannotStart;
  }
  Explainer explainer(flags, *rule);
  FileTable files(evidence->files);
  Feed feed(&files, {1, false, container}, nullptr, nullptr);
  PieceReaders readers(format);
  while (auto piece = explainer.explained >= flags.limit ? nullptr : feed.Take(0)) {
    feed.Digest(piece);
    explainer.path = files[piece->file].path;
    readers.Read(*piece, &explainer);
    feed.Done(piece);
  }
  Print(explainer.out);
  for (const Unread& u : feed.unread()) Complain(fmt::format("not read: {}: {}", u.path, u.reason));
  if (explainer.explained == 0) {
    Complain(fmt::format("no record {} there", flags.record));
    return kPartly;
  }
  if (explainer.explained == flags.limit && flags.limit > 1) {
    Complain(fmt::format("the first {} records of this number; --limit shows more", flags.limit));
  }
  return kDone;
}

}  // namespace

Run AddRulesExplain(CLI::App* app) {
  auto f = std::make_shared<ExplainFlags>();
  app->add_option("RULE", f->rule, "A rule file, or the id or title of a rule in --rules")->required();
  app->add_option("EVIDENCE", f->paths, "Files, folders, or - for standard input")->required();
  app->add_option("--record", f->record, "The record's number in its log, else its line, as findings have it")
      ->required()
      ->type_name("N");
  app->add_option("-r,--rules", f->rules, "Where the rule is; default: the built-in rules")
      ->type_name("PATH")
      ->allow_extra_args(false);
  f->evidence.AddTo(app);
  app->add_option("-f,--format", f->format, "text (default), json")->check(CLI::IsMember({"text", "json"}));
  app->add_option("--limit", f->limit, "Records of that number to explain, in several logs; default 5")->type_name("N");
  app->footer(
      "Shows the condition as a tree, true or false at each part, and behind a comparison the value that made it so.\n"
      "Example: spoor rules explain rules/whoami.yml Security.evtx --record 4711");
  return [f] { return RunExplain(*f); };
}

}  // namespace spoor
