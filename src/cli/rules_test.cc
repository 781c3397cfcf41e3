// spoor rules test: runs the cases that lie beside rules, for people who keep their own rules under CI.
//
// Two forms. SigmaHQ's: an info.yml that names rules, logs and how often each rule must be found. Our own: NAME.test
// beside NAME.yml, an event a line as JSON, the answer before it and the reason behind it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include "base/text.h"
#include "cli/message.h"
#include "cli/placeholders.h"
#include "cli/verbs.h"
#include "findings/output.h"
#include "formats/json/format.h"
#include "formats/json/text.h"
#include "hunt/hunt.h"
#include "sigma/read_file.h"
#include "sigma/resolve.h"
#include "yaml/yaml_reader.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

struct TestFlags {
  std::vector<std::string> paths, rules;
  std::string placeholders, format = "text";
  bool verbose = false;
};

struct Outcome {
  std::string place, what;  // "rules/a.test:3", "yes {…}"
  bool ok = false;
  std::string problem;  // where it is not
};

// Gives events to the rules of one file and remembers which hold.
class Judge : public Sink, public MatchSink {
 public:
  explicit Judge(const std::vector<sigma::Rule>& rules)
      : engine_(rules, sigma::SourceMap::BuiltIn(), {}), worker_(&engine_, this) {}
  void OnEvent(const Event& event) override {
    ++events;
    worker_.OnEvent(event);
  }
  void OnMatch(const Event&, uint32_t rule, const sigma::Target&, Worker*) override {
    held.push_back(engine_.rules()[rule].title);
  }
  void OnDamage(const Damage& d) override { damage = d.kind; }
  void ShapesDropped() override { worker_.ShapesDropped(); }

  std::vector<std::string> held;
  std::string damage;
  size_t events = 0;

 private:
  Engine engine_;
  Worker worker_;
};

// NAME.test beside NAME.yml.
void RunTextCases(const std::string& path, const sigma::LoadOptions& options, std::vector<Outcome>* outcomes) {
  const auto fail = [&](uint32_t line, std::string problem) {
    outcomes->push_back({line == 0 ? path : fmt::format("{}:{}", path, line), "", false, std::move(problem)});
  };
  std::string text, yaml, rule_path;
  if (const std::string reason = sigma::ReadFile(path, &text); !reason.empty()) return fail(0, reason);
  for (const char* ending : {".yml", ".yaml"}) {
    const std::string candidate = path.substr(0, path.size() - 5) + ending;
    if (rule_path.empty() && fs::exists(candidate)) rule_path = candidate;
  }
  if (rule_path.empty()) return fail(0, "there is no rule file of the same name (.yml) beside it");
  if (const std::string reason = sigma::ReadFile(rule_path, &yaml); !reason.empty()) return fail(0, reason);
  sigma::RuleSet set;
  sigma::ParseRules(yaml, rule_path, options, &set);
  sigma::ResolveReferences(&set);
  for (const sigma::RuleError& e : set.errors) {
    fail(0, fmt::format("{}:{}:{}: {}", e.path, e.line, e.column, e.message));
  }
  if (set.rules.empty()) return fail(0, "the rule file has no rule");
  Judge judge(set.rules);
  FormatOptions format;
  const sigma::LogSource& source = set.rules[0].source;
  format.given = {source.product, source.service, source.category};
  const auto reader = json::kFormat.make_reader(format);
  uint32_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t stop = std::min(text.find('\n', at), text.size());
    const std::string_view line = json::Trimmed(std::string_view(text).substr(at, stop - at));
    at = stop + 1;
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::string_view word = line.substr(0, line.find_first_of(" \t{"));
    const std::string_view rest = json::Trimmed(line.substr(word.size()));
    const size_t end = rest.starts_with('{') ? json::EndOfObject(rest) : 0;
    if ((word != "yes" && word != "no") || end == 0) {
      fail(number, "write: yes or no, the event as JSON on the same line, and if you like the reason behind it");
      continue;
    }
    judge.held.clear();
    judge.damage.clear();
    judge.events = 0;
    ReadText(reader.get(), rest.substr(0, end), &judge);
    Outcome outcome{fmt::format("{}:{}", path, number), fmt::format("{} {}", word, rest), false, ""};
    if (judge.events == 0) {
      outcome.problem = "the event is no JSON (" + judge.damage + ")";
    } else {
      outcome.ok = judge.held.empty() == (word == "no");
      if (!outcome.ok) {
        outcome.problem = judge.held.empty() ? "the rule does not hold" : "the rule holds: " + judge.held[0];
      }
    }
    outcomes->push_back(std::move(outcome));
  }
}

// The log that a case names, looked for from its folder upwards, and beside it.
std::string FindLog(const std::string& info, const std::string& named) {
  const fs::path whole(named);
  fs::path below;  // without its first folder, which a copy of the data may have under another name
  for (auto part = whole.begin(); part != whole.end(); ++part) {
    if (part != whole.begin()) below /= *part;
  }
  for (fs::path folder = fs::absolute(info).parent_path();; folder = folder.parent_path()) {
    for (const fs::path& tail : {whole, below}) {
      if (!tail.empty() && fs::exists(folder / tail)) return (folder / tail).string();
    }
    if (folder == folder.parent_path()) break;
  }
  const fs::path beside = fs::path(info).parent_path() / whole.filename();
  return fs::exists(beside) ? beside.string() : "";
}

// How often each rule is found in a log, by its id.
std::map<std::string, uint64_t> Count(const std::string& log, const std::vector<sigma::Rule>& rules) {
  std::map<std::string, uint64_t> found;
  const auto evidence = ListEvidence({log}, {});
  if (!evidence.ok()) return found;
  sigma::RuleSet set;
  set.rules = rules;
  HuntOptions options;
  options.digest = false;
  NoOutput output;
  const std::atomic<bool> stop{false};
  const auto renderer = MakeJsonLinesRenderer();
  const HuntResult result =
      Hunt(*evidence, set, sigma::SourceMap::BuiltIn(), options, *renderer, &output, stop, nullptr);
  for (const RuleCount& count : result.summary.rules()) {
    if (count.rule != nullptr) found[count.rule->id] += count.findings;
  }
  return found;
}

void RunInfo(const std::string& path, const std::map<std::string, const sigma::Rule*>& by_id,
             std::vector<Outcome>* outcomes) {
  const auto fail = [&](std::string problem) { outcomes->push_back({path, "", false, std::move(problem)}); };
  std::string text;
  if (const std::string reason = sigma::ReadFile(path, &text); !reason.empty()) return fail(reason);
  YamlReader reader(text);
  YamlTree tree;
  if (!reader.Next(&tree) || tree.root() == nullptr || tree.root()->kind != YamlNode::Kind::kMap) {
    return fail(tree.problem() ? tree.problem()->message : "the file is empty");
  }
  const auto list = [&](std::string_view key) {
    const YamlNode* node = tree.Find(*tree.root(), key);
    return node != nullptr && node->kind == YamlNode::Kind::kSequence ? node : nullptr;
  };
  const auto text_of = [&](const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.kind == YamlNode::Kind::kMap ? tree.Find(map, key) : nullptr;
    return node == nullptr ? std::string() : std::string(node->text);
  };
  const YamlNode* metadata = list("rule_metadata");
  if (metadata == nullptr) return fail("has no rule_metadata: no case of SigmaHQ's form");
  std::vector<sigma::Rule> rules;
  for (uint32_t r = 0; r < metadata->count; ++r) {
    const std::string id = text_of(tree.Child(*metadata, r), "id");
    const auto rule = by_id.find(id);
    if (rule == by_id.end()) {
      fail(fmt::format("no rule of the id {} is loaded; name its folder with --rules", id));
      continue;
    }
    rules.push_back(*rule->second);
    rules.back().silent = false;
  }
  struct Log {
    std::string name, path;
    uint64_t at_least = 1;
  };
  std::vector<Log> logs;
  if (const YamlNode* tests = list("regression_tests_info")) {
    for (uint32_t t = 0; t < tests->count; ++t) {
      const YamlNode& one = tree.Child(*tests, t);
      Log log{text_of(one, "name"), FindLog(path, text_of(one, "path")), 1};
      if (log.path.empty()) fail(fmt::format("the log {} is not there", text_of(one, "path")));
      const std::string count = text_of(one, "match_count");
      if (!count.empty()) log.at_least = std::strtoull(count.c_str(), nullptr, 10);
      if (!log.path.empty()) logs.push_back(std::move(log));
    }
  } else {  // names no log: those that lie beside it
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path(), error)) {
      const std::string ending = entry.path().extension().string();
      if (ending == ".evtx" || ending == ".raw" || ending == ".jsonl") logs.push_back({"", entry.path().string(), 1});
    }
    std::sort(logs.begin(), logs.end(), [](const Log& a, const Log& b) { return a.path < b.path; });
    if (logs.empty()) fail("names no log, and none lies beside it");
  }
  for (const Log& log : logs) {
    const auto found = rules.empty() ? std::map<std::string, uint64_t>() : Count(log.path, rules);
    for (const sigma::Rule& rule : rules) {
      const auto it = found.find(rule.id);
      const uint64_t count = it == found.end() ? 0 : it->second;
      Outcome outcome{path, fmt::format("{}: {} in {}", rule.id, rule.title, log.path), count >= log.at_least, ""};
      if (!outcome.ok) outcome.problem = fmt::format("found {} times, wanted {} at least", count, log.at_least);
      outcomes->push_back(std::move(outcome));
    }
  }
}

// Case files below the paths, in order of their names.
std::vector<std::string> CaseFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  const auto is_case = [](const fs::path& path) {
    return path.extension() == ".test" || path.filename() == "info.yml";
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (is_case(path)) files.push_back(path);
      continue;
    }
    std::vector<std::string> below;
    for (fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, error), end;
         !error && at != end; at.increment(error)) {
      if (at->is_regular_file(error) && is_case(at->path())) below.push_back(at->path().string());
    }
    std::sort(below.begin(), below.end());
    files.insert(files.end(), below.begin(), below.end());
  }
  return files;
}

int RunTest(const TestFlags& flags) {
  sigma::LoadOptions options;
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  options.all_statuses = true;
  if (!AddPlaceholders(flags.placeholders, &options.placeholders)) return kCannotStart;
  const std::vector<std::string> files = CaseFiles(flags.paths);
  if (files.empty()) {
    Complain("no case there: neither NAME.test beside NAME.yml nor info.yml");
    return kCannotStart;
  }
  sigma::RuleSet set;
  std::map<std::string, const sigma::Rule*> by_id;
  if (std::any_of(files.begin(), files.end(), [](const std::string& f) { return f.ends_with("info.yml"); })) {
    set = sigma::LoadRules(flags.rules.empty() ? flags.paths : flags.rules, options);
    for (const sigma::Rule& rule : set.rules) by_id.try_emplace(rule.id, &rule);
  }
  std::vector<Outcome> outcomes;
  for (const std::string& file : files) {
    if (file.ends_with(".test")) {
      RunTextCases(file, options, &outcomes);
    } else {
      RunInfo(file, by_id, &outcomes);
    }
  }
  size_t failed = 0;
  std::string out;
  for (const Outcome& o : outcomes) {
    failed += !o.ok;
    if (flags.format == "json") {
      out += fmt::format("{{\"case\":{},\"what\":{},\"ok\":{},\"problem\":{}}}\n", JsonString(o.place),
                         JsonString(o.what), o.ok, JsonString(o.problem));
    } else if (!o.ok || flags.verbose) {
      std::string line = fmt::format("{} {}", o.ok ? "ok    " : "FAILED", o.place);
      if (!o.what.empty()) line += ": " + o.what;
      if (!o.ok) line += "\n       " + o.problem;
      for (size_t at = 0; at <= line.size();) {
        const size_t stop = std::min(line.find('\n', at), line.size());
        AppendVisible(line.substr(at, stop - at), &out);
        out += '\n';
        at = stop + 1;
      }
    }
  }
  Print(out);
  std::fprintf(stderr, "%zu cases: %zu hold, %zu failed\n", outcomes.size(), outcomes.size() - failed, failed);
  return failed > 0 ? kPartly : kDone;
}

}  // namespace

Run AddRulesTest(CLI::App* app) {
  auto f = std::make_shared<TestFlags>();
  app->add_option("PATH", f->paths, "Folders or files of cases")->required();
  app->add_option("-r,--rules", f->rules, "Where the rules are that an info.yml names by id; default: PATH")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app->add_option("--placeholders", f->placeholders, "YAML file with the values of placeholders")->type_name("FILE");
  app->add_option("-f,--format", f->format, "text (default), json (one object a line)")
      ->check(CLI::IsMember({"text", "json"}));
  app->add_flag("-v,--verbose", f->verbose, "Also show the cases that hold");
  app->footer(
      "A case is NAME.test beside NAME.yml, with lines like\n"
      "  yes {\"CommandLine\": \"whoami /all\"}    the reason, for readers\n"
      "  no  {\"CommandLine\": \"whoareyou\"}\n"
      "or an info.yml as SigmaHQ's regression data have it. Events are of the rule's own log source, or of a Windows "
      "log if\n"
      "they have Channel and EventID. Exit codes: 0 all hold; 1 some do not; 2 could not start.");
  return [f] { return RunTest(*f); };
}

}  // namespace spoor
