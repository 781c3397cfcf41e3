#include "sigma/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/message.h"
#include "base/text.h"
#include "sigma/limits.h"
#include "sigma/modifier.h"
#include "sigma/read_file.h"
#include "sigma/suggest.h"
#include "yaml/yaml_reader.h"

namespace spoor::sigma {
namespace {

using Severity = Problem::Severity;

bool IsScalar(const YamlNode* node) { return node != nullptr && node->kind == YamlNode::Kind::kScalar; }
bool IsMap(const YamlNode* node) { return node != nullptr && node->kind == YamlNode::Kind::kMap; }
bool IsList(const YamlNode* node) { return node != nullptr && node->kind == YamlNode::Kind::kSequence; }

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

bool IsDate(std::string_view text) {
  static constexpr std::string_view kForm = "dddd-dd-dd";
  if (text.size() != kForm.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == 'd' ? !isdigit(static_cast<unsigned char>(text[i])) : text[i] != '-') return false;
  }
  return true;
}

// A name with stars against a name.
bool StarMatches(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// Words of a condition: what parentheses and white space leave.
std::vector<std::string_view> Words(std::string_view condition) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < condition.size();) {
    const size_t first = condition.find_first_not_of(" \t\r\n()", at);
    if (first == std::string_view::npos) break;
    at = std::min(condition.find_first_of(" \t\r\n()", first), condition.size());
    words.push_back(condition.substr(first, at - first));
  }
  return words;
}

// Looks at one document.
class DocumentCheck {
 public:
  DocumentCheck(const YamlTree& tree, const std::string& path, const SourceMap& sources, std::vector<Problem>* problems)
      : tree_(tree), root_(*tree.root()), path_(path), sources_(sources), problems_(*problems) {}

  void Run() {
    if (root_.kind != YamlNode::Kind::kMap) return;
    const YamlNode* detection = tree_.Find(root_, "detection");
    const YamlNode* correlation = tree_.Find(root_, "correlation");
    const YamlNode* filter = tree_.Find(root_, "filter");
    if (detection == nullptr && correlation == nullptr && filter == nullptr) return;
    if (const YamlNode* title = tree_.Find(root_, "title"); IsScalar(title)) title_ = title->text;
    Keys();
    Metadata();
    if (correlation != nullptr) return;
    LogSourceNames();
    if (IsMap(detection)) Detection(*detection);
    if (IsMap(filter)) Detection(*filter);
  }

 private:
  void Warn(const YamlNode& at, std::string_view code, std::string message) {
    problems_.push_back({Severity::kWarning, code, path_, at.line, at.column, title_, std::move(message)});
  }

  void Keys() {
    static const std::vector<std::string_view> kKeys = {
        "title",          "id",        "name",       "related",     "taxonomy",   "status",
        "description",    "license",   "references", "author",      "date",       "modified",
        "tags",           "logsource", "detection",  "correlation", "filter",     "fields",
        "falsepositives", "level",     "scope",      "action",      "simulation", "regression_tests_path"};
    for (uint32_t i = 0; i < YamlTree::PairCount(root_); ++i) {
      const YamlNode& key = tree_.Key(root_, i);
      if (std::find(kKeys.begin(), kKeys.end(), key.text) != kKeys.end()) continue;
      const std::string near = DidYouMean(key.text, kKeys);
      if (!near.empty()) Warn(key, "unknown-key", Cat("unknown key '", key.text, "'", near));
    }
  }

  void Metadata() {
    const YamlNode* id = tree_.Find(root_, "id");
    if (!IsScalar(id) || id->text.empty()) {
      Warn(root_, "no-id",
           "the rule has no id, by which findings, filters and exclusions could name it; any new UUID will do");
    } else if (!IsUuid(id->text)) {
      Warn(*id, "id-no-uuid", Cat("the id '", id->text, "' is no UUID (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)"));
    }
    if (tree_.Find(root_, "level") == nullptr && tree_.Find(root_, "filter") == nullptr) {
      Warn(root_, "no-level", "the rule has no level and counts as informational");
    }
    for (const std::string_view key : {"date", "modified"}) {
      const YamlNode* date = tree_.Find(root_, key);
      if (IsScalar(date) && !IsDate(date->text)) {
        Warn(*date, "date-form", Cat(key, " '", date->text, "' should be written YYYY-MM-DD"));
      }
    }
    if (const YamlNode* tags = tree_.Find(root_, "tags"); IsList(tags)) {
      for (uint32_t i = 0; i < tags->count; ++i) {
        const YamlNode& tag = tree_.Child(*tags, i);
        if (!IsScalar(&tag)) continue;
        const size_t dot = tag.text.find('.');
        if (dot == std::string_view::npos || dot == 0 || dot + 1 == tag.text.size()) {
          Warn(tag, "tag-form",
               Cat("the tag '", tag.text, "' has no namespace; write attack.t1059.001, cve.2021-44228 …"));
        } else if (tag.text != AsciiLower(tag.text)) {
          Warn(tag, "tag-form", Cat("the tag '", tag.text, "' should be in lower case"));
        }
      }
    }
  }

  void LogSourceNames() {
    const YamlNode* node = tree_.Find(root_, "logsource");
    if (!IsMap(node)) return;
    const YamlNode* last = nullptr;
    for (const auto& [key, target] : {std::pair<std::string_view, std::string*>{"category", &source_.category},
                                      {"product", &source_.product},
                                      {"service", &source_.service}}) {
      const YamlNode* part = tree_.Find(*node, key);
      if (!IsScalar(part)) continue;
      *target = AsciiLower(part->text);
      last = part;
    }
    if (last == nullptr) return;
    const bool windows = source_.product == sources_.product();
    if (windows) {
      for (const auto& [key, value, known] :
           {std::tuple<std::string_view, const std::string*, std::vector<std::string_view>>{
                "category", &source_.category, sources_.CategoryNames()},
            {"service", &source_.service, sources_.ServiceNames()}}) {
        if (value->empty() || std::find(known.begin(), known.end(), *value) != known.end()) continue;
        const YamlNode* part = tree_.Find(*node, key);
        Warn(*part, "unknown-log-source",
             Cat("unknown ", key, " '", *value, "' of product windows: no event is meant by it",
                 DidYouMean(*value, known)));
        return;
      }
    }
    if (windows && sources_.Resolve(source_).empty()) {
      Warn(*last, "unknown-log-source", "no kind of event is of this category and service both");
    }
    if (!windows && !source_.product.empty()) {
      static const std::vector<std::string_view> kProducts = {
          "anti-virus",   "apache",        "aws",      "azure",    "bitbucket",
          "cisco",        "citrix",        "django",   "dns",      "fortios",
          "fortigate",    "gcp",           "github",   "gitlab",   "google_workspace",
          "huawei",       "hpe",           "identity", "juniper",  "jvm",
          "kubernetes",   "linux",         "m365",     "macos",    "modsecurity",
          "nginx",        "nodejs",        "okta",     "onelogin", "opencanary",
          "openssh",      "paloalto",      "proxy",    "python",   "qualys",
          "rpc_firewall", "ruby_on_rails", "spring",   "sql",      "squid",
          "suricata",     "velocity",      "windows",  "zeek"};
      const YamlNode* part = tree_.Find(*node, "product");
      if (std::find(kProducts.begin(), kProducts.end(), source_.product) == kProducts.end()) {
        const std::string near = DidYouMean(source_.product, kProducts);
        if (!near.empty()) Warn(*part, "unknown-log-source", Cat("unknown product '", source_.product, "'", near));
      }
    }
  }

  void Detection(const YamlNode& detection) {
    std::vector<std::string_view> words;
    const YamlNode* condition = tree_.Find(detection, "condition");
    if (IsScalar(condition)) words = Words(condition->text);
    if (IsList(condition)) {
      for (uint32_t i = 0; i < condition->count; ++i) {
        const YamlNode& one = tree_.Child(*condition, i);
        if (!IsScalar(&one)) continue;
        const auto more = Words(one.text);
        words.insert(words.end(), more.begin(), more.end());
      }
    }
    for (uint32_t i = 0; i < YamlTree::PairCount(detection); ++i) {
      const YamlNode& key = tree_.Key(detection, i);
      if (key.text == "condition" || key.text == "timeframe" || key.text == "rules") continue;
      const bool used = std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        if (EqualsIgnoreAsciiCase(word, "them")) return !key.text.starts_with('_');
        return StarMatches(word, key.text);
      });
      if (!used && !words.empty()) {
        Warn(key, "unused-selection", Cat("the condition does not use the selection '", key.text, "'"));
      }
      Selection(tree_.Value(detection, i));
    }
  }

  void Selection(const YamlNode& node) {
    if (IsList(&node)) {
      for (uint32_t i = 0; i < node.count; ++i) Selection(tree_.Child(node, i));
      return;
    }
    if (!IsMap(&node)) {
      if (IsScalar(&node)) Value(node, Modifiers());
      return;
    }
    for (uint32_t i = 0; i < YamlTree::PairCount(node); ++i) {
      const YamlNode& key = tree_.Key(node, i);
      const YamlNode& value = tree_.Value(node, i);
      std::string_view field;
      const auto modifiers = ParseFieldKey(key.text, &field);
      if (!modifiers.ok()) continue;  // loading says so
      Field(key, field);
      if (!IsList(&value)) {
        if (IsScalar(&value)) Value(value, *modifiers);
        continue;
      }
      std::map<std::string, uint32_t> seen;
      for (uint32_t v = 0; v < value.count; ++v) {
        const YamlNode& one = tree_.Child(value, v);
        if (!IsScalar(&one)) continue;
        Value(one, *modifiers);
        const bool exact =
            modifiers->cased || !modifiers->rewrites.empty() || modifiers->kind == Modifiers::Kind::kRegex;
        const auto [at, fresh] = seen.try_emplace(exact ? std::string(one.text) : Folded(one.text), one.line);
        if (!fresh) Warn(one, "value-twice", Cat("the value '", one.text, "' is also in line ", at->second));
      }
    }
  }

  void Field(const YamlNode& key, std::string_view field) {
    if (field.empty()) return;
    const std::vector<std::string_view>* fields = sources_.FieldsOf(source_);
    if (fields == nullptr || std::find(fields->begin(), fields->end(), field) != fields->end()) return;
    Warn(key, "unknown-field",
         Cat("events of category ", source_.category, " have no field '", field, "'", DidYouMean(field, *fields)));
  }

  void Value(const YamlNode& value, const Modifiers& modifiers) {
    if (modifiers.kind != Modifiers::Kind::kText || modifiers.part != TimePart::kNone) return;
    const std::string_view text = value.text;
    // A path in which a star is escaped: no file has one in its name.
    size_t backslashes = 0, paths = 0;
    bool escaped = false;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++backslashes;
        continue;
      }
      if (backslashes % 2 == 1 && (text[i] == '*' || text[i] == '?')) {
        escaped = true;
      } else if (backslashes > 0) {
        ++paths;
      }
      backslashes = 0;
    }
    if (escaped && paths > 0) {
      Warn(value, "escaped-wildcard",
           Cat("in '", text,
               "' a wildcard behind a single backslash is the plain character; for a backslash and any text "
               "write \\\\*"));
    }
    const bool any_front = modifiers.place == Modifiers::Place::kAnywhere || modifiers.place == Modifiers::Place::kEnd;
    const bool any_back = modifiers.place == Modifiers::Place::kAnywhere || modifiers.place == Modifiers::Place::kStart;
    if (text.size() > 1 &&
        ((any_front && text.front() == '*') || (any_back && text.back() == '*' && text[text.size() - 2] != '\\'))) {
      Warn(value, "needless-wildcard", Cat("a star at an end of '", text, "' is needless: the modifier says the same"));
    }
  }

  const YamlTree& tree_;
  const YamlNode& root_;
  const std::string& path_;
  const SourceMap& sources_;
  std::vector<Problem>& problems_;
  std::string title_;
  LogSource source_;
};

// Where the condition of a rule is, by its file and the first line of its document.
using ConditionPlaces = std::map<std::pair<std::string_view, uint32_t>, std::pair<uint32_t, uint32_t>>;

void NotePlace(const YamlTree& tree, const std::string& path, ConditionPlaces* places) {
  if (!IsMap(tree.root())) return;
  const YamlNode* detection = tree.Find(*tree.root(), "detection");
  const YamlNode* condition = IsMap(detection) ? tree.Find(*detection, "condition") : nullptr;
  if (condition != nullptr) places->try_emplace({path, tree.root()->line}, condition->line, condition->column);
}

// What an expression comes to whatever the event: true, false, or it depends.
enum class Always : uint8_t { kDepends, kTrue, kFalse };

Always Fold(const Expression& e, uint32_t at) {
  const Expression::Node& node = e.nodes[at];
  switch (node.kind) {
    case Expression::Kind::kTrue:
      return Always::kTrue;
    case Expression::Kind::kFalse:
      return Always::kFalse;
    case Expression::Kind::kItem:
      return Always::kDepends;
    case Expression::Kind::kNot: {
      const Always inner = Fold(e, node.children[0]);
      return inner == Always::kTrue ? Always::kFalse : inner == Always::kFalse ? Always::kTrue : inner;
    }
    case Expression::Kind::kAnd:
    case Expression::Kind::kOr:
      break;
  }
  // A part and its own negation side by side decide, too.
  const bool conjunction = node.kind == Expression::Kind::kAnd;
  const Always decides = conjunction ? Always::kFalse : Always::kTrue;
  std::set<uint32_t> plain, negated;
  bool all_known = true;
  std::vector<uint32_t> open(node.children.begin(), node.children.end());
  while (!open.empty()) {
    const uint32_t child = open.back();
    open.pop_back();
    const Expression::Node& c = e.nodes[child];
    if (c.kind == node.kind) {
      open.insert(open.end(), c.children.begin(), c.children.end());
      plain.insert(child);
      continue;
    }
    const Always known = Fold(e, child);
    if (known == decides) return decides;
    all_known &= known != Always::kDepends;
    if (c.kind == Expression::Kind::kNot) {
      negated.insert(c.children[0]);
    } else {
      plain.insert(child);
    }
  }
  for (const uint32_t child : negated) {
    if (plain.contains(child)) return decides;
  }
  if (!all_known) return Always::kDepends;
  return conjunction ? Always::kTrue : Always::kFalse;
}

std::string_view CodeOf(const RuleError& error) {
  if (error.message.find("is also that of") != std::string::npos) return "duplicate-id";
  if (error.message.starts_with("filter:")) return "filter";
  if (error.message.find("placeholder %") != std::string::npos) return "placeholder";
  return "loading";
}

}  // namespace

const std::vector<CheckCode>& CheckCodes() {
  static const std::vector<CheckCode> kCodes = {
      {"invalid", "the document cannot be loaded"},
      {"never-holds", "the condition can never hold"},
      {"always-holds", "the condition holds for every event of the log source"},
      {"duplicate-id", "two rules have the same id"},
      {"filter", "a filter that is put on no rule"},
      {"placeholder", "a placeholder without values"},
      {"loading", "something that loading has to say"},
      {"no-rule", "YAML that is no Sigma document"},
      {"no-id", "a rule without id"},
      {"id-no-uuid", "an id that is no UUID"},
      {"no-level", "a rule without level"},
      {"date-form", "a date of another form than YYYY-MM-DD"},
      {"tag-form", "a tag without namespace or not in lower case"},
      {"unknown-key", "a key that looks like a misspelled one"},
      {"unknown-log-source", "a log source that means no event"},
      {"unknown-field", "a field that the events of the log source do not have"},
      {"unused-selection", "a selection that the condition does not use"},
      {"value-twice", "a value that stands twice in its list"},
      {"escaped-wildcard", "a wildcard that is escaped, probably by mistake"},
      {"needless-wildcard", "a wildcard that says what the modifier says already"},
  };
  return kCodes;
}

CheckResult CheckRules(const std::vector<std::string>& paths, const LoadOptions& options, const SourceMap& sources) {
  LoadOptions all = options;
  all.all_statuses = true;  // an old rule should be right, too
  const RuleSet set = LoadRules(paths, all);
  CheckResult result;
  result.files = set.files;
  result.rules = set.rules.size() + set.correlations.size() + set.filters.size();
  const auto add = [&](Severity severity, std::string_view code, const RuleError& e) {
    result.problems.push_back({severity, code, e.path, e.line, e.column, e.rule, e.message});
  };
  for (const RuleError& e : set.errors) add(Severity::kError, "invalid", e);
  for (const RuleError& e : set.warnings) add(Severity::kWarning, CodeOf(e), e);
  for (const RuleError& e : set.not_rules) add(Severity::kWarning, "no-rule", e);
  const std::vector<std::string> files = RuleFiles(paths);
  ConditionPlaces conditions;
  for (const std::string& path : files) {
    std::string text;
    if (!ReadFile(path, &text).empty()) continue;  // loading says so
    YamlReader reader(text);
    YamlTree tree;
    while (reader.Next(&tree)) {
      if (tree.problem() || tree.root() == nullptr) continue;
      DocumentCheck(tree, path, sources, &result.problems).Run();
      NotePlace(tree, path, &conditions);
    }
  }
  for (const Rule& rule : set.rules) {
    const Always always = Fold(rule.detection, rule.detection.root);
    if (always == Always::kDepends) continue;
    // A comparison whose placeholder has no value says so itself.
    const bool told = std::any_of(set.warnings.begin(), set.warnings.end(), [&](const RuleError& e) {
      return e.path == rule.path && e.rule == rule.title && CodeOf(e) == "placeholder";
    });
    if (told) continue;
    const bool never = always == Always::kFalse;
    const auto found = conditions.find({rule.path, rule.line});
    const auto [line, column] = found != conditions.end() ? found->second : std::pair(rule.line, uint32_t{0});
    add(never ? Severity::kError : Severity::kWarning, never ? "never-holds" : "always-holds",
        {rule.path, line, column, rule.title,
         never ? "the condition can never hold: it asks for something and its opposite"
               : "the condition holds for every event of the log source"});
  }
  std::stable_sort(result.problems.begin(), result.problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.path, a.line, a.column, a.code) < std::tie(b.path, b.line, b.column, b.code);
  });
  for (const Problem& p : result.problems) ++(p.severity == Severity::kError ? result.errors : result.warnings);
  return result;
}

}  // namespace spoor::sigma
