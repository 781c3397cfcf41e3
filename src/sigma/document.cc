// The parts of a rule document besides its detection.
//
// A document without detection, logsource, correlation, filter and action is no Sigma document at all. Of a
// rule are needed: title, logsource, detection. The rest may be missing; what is there must be of the right
// kind where the program acts on it (level, status, log source, taxonomy) and is taken leniently where it is
// for people only.
#include "sigma/document.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/message.h"
#include "base/text.h"
#include "sigma/detection.h"
#include "sigma/suggest.h"

namespace spoor::sigma {
namespace {

class Document {
 public:
  Document(const YamlTree& tree, const std::string& path, const LoadOptions& options)
      : tree_(tree), root_(*tree.root()), options_(options) {
    rule_.path = path;
    rule_.line = root_.line;
  }

  void AddTo(RuleSet* set) {
    if (std::optional<YamlProblem> other = OtherThanRule()) {
      set->not_rules.push_back(Report(*std::move(other)));
      return;
    }
    const bool good = Read();
    for (YamlProblem& warning : problems_.warnings) {
      if (good && !left_out_) set->warnings.push_back(Report(std::move(warning)));
    }
    if (!good) {
      set->errors.push_back(Report(*std::move(problems_.error)));
    } else if (left_out_) {
      ++set->left_out;
      for (const std::string* name : {&rule_.id, &rule_.name}) {
        if (!name->empty()) set->left_out_names.push_back(*name);
      }
    } else if (correlation_) {
      correlation_->rule = std::move(rule_);
      set->correlations.push_back(*std::move(correlation_));
    } else if (filter_) {
      rule_.detection = std::move(filter_->rule.detection);
      filter_->rule = std::move(rule_);
      set->filters.push_back(*std::move(filter_));
    } else {
      set->rules.push_back(std::move(rule_));
    }
  }

 private:
  // Folders of rules hold other YAML too: settings, lists, tests. What lacks all that makes a Sigma document
  // is none, rather than a broken one.
  std::optional<YamlProblem> OtherThanRule() {
    if (root_.kind != YamlNode::Kind::kMap) {
      return YamlProblem{root_.line, root_.column, Cat("not a Sigma rule: it is ", DescribeKind(root_))};
    }
    Name();
    for (std::string_view key : {"detection", "logsource", "correlation", "filter", "action"}) {
      if (tree_.Find(root_, key) != nullptr) return std::nullopt;
    }
    return YamlProblem{root_.line, root_.column, "not a Sigma rule: it has no detection"};
  }

  bool Read() {
    const YamlNode* correlation = tree_.Find(root_, "correlation");
    const YamlNode* filter = tree_.Find(root_, "filter");
    if (const YamlNode* node = tree_.Find(root_, "action")) {
      return problems_.Fail(*node, Cat("unknown action '", node->text, "'; there are global, reset and repeat"));
    }
    if (!Status()) return false;
    if (left_out_) return true;
    for (std::string_view key : {"title", "id", "name"}) {
      Scalar(key);
      if (problems_.error) return false;
    }
    const char* what = correlation != nullptr ? "correlation" : filter != nullptr ? "filter" : "rule";
    if (rule_.title.empty()) return Lacks(what, "title");
    if (!Level() || (correlation == nullptr && !Source(what)) || !Taxonomy()) return false;
    rule_.description = Text("description");
    rule_.author = JoinedText("author");
    rule_.date = Text("date");
    rule_.tags = Texts("tags");
    rule_.references = Texts("references");
    rule_.false_positives = Texts("falsepositives");
    if (correlation != nullptr) {
      return BuildCorrelation(tree_, *correlation, &correlation_.emplace(), &problems_);
    }
    if (filter != nullptr) {
      return BuildFilter(tree_, *filter, options_.placeholders, &filter_.emplace(), &problems_);
    }
    const YamlNode* detection = tree_.Find(root_, "detection");
    if (detection == nullptr) return Lacks(what, "detection");
    return BuildDetection(tree_, *detection, options_.placeholders, &rule_.detection, &problems_);
  }

  // An attribute is needed and not there, unless under a name that is nearly its own.
  bool Lacks(const char* what, std::string_view attribute) {
    std::vector<std::string_view> keys;
    for (uint32_t i = 0; i < YamlTree::PairCount(root_); ++i) {
      if (tree_.Key(root_, i).text != attribute) keys.push_back(tree_.Key(root_, i).text);
    }
    return problems_.Fail(root_, Cat("the ", what, " has no ", attribute, DidYouMeanBy(attribute, keys)));
  }

  void Name() {
    rule_.title = Text("title");
    rule_.id = Text("id");
    rule_.name = Text("name");
  }

  bool Status() {
    const YamlNode* node = Scalar("status");
    if (node == nullptr) return !problems_.error;
    std::vector<std::string_view> names;
    for (int i = 1; i <= static_cast<int>(Status::kUnsupported); ++i) {
      const auto status = static_cast<enum Status>(i);
      names.push_back(StatusName(status));
      if (EqualsIgnoreAsciiCase(node->text, names.back())) rule_.status = status;
    }
    if (rule_.status == Status::kNone) {
      return problems_.Fail(*node, Cat("unknown status '", node->text, "'", DidYouMean(node->text, names)));
    }
    left_out_ = !options_.all_statuses && (rule_.status == Status::kDeprecated || rule_.status == Status::kUnsupported);
    return true;
  }

  bool Level() {
    const YamlNode* node = Scalar("level");
    if (node == nullptr) return !problems_.error;
    if (std::optional<enum Level> level = ParseLevel(std::string(node->text))) {
      rule_.level = *level;
      return true;
    }
    return problems_.Fail(*node, Cat("unknown level '", node->text, "'",
                                     DidYouMean(node->text, {"informational", "low", "medium", "high", "critical"})));
  }

  bool Taxonomy() {
    const YamlNode* node = Scalar("taxonomy");
    if (node == nullptr) return !problems_.error;
    if (EqualsIgnoreAsciiCase(node->text, "sigma")) return true;
    const std::vector<std::string>& known = options_.taxonomies;
    if (std::find(known.begin(), known.end(), node->text) != known.end()) {
      rule_.taxonomy = node->text;
      return true;
    }
    return problems_.Fail(
        *node, Cat("unknown taxonomy '", node->text, "'; a pipeline (--pipeline) that says taxonomy: ", node->text,
                   " can translate it"));
  }

  bool Source(const char* what) {
    const YamlNode* node = tree_.Find(root_, "logsource");
    if (node == nullptr) return Lacks(what, "logsource");
    if (node->kind != YamlNode::Kind::kMap) {
      return problems_.Fail(*node, Cat("logsource must be a map, not ", DescribeKind(*node)));
    }
    const std::pair<std::string_view, std::string*> parts[] = {
        {"category", &rule_.source.category}, {"product", &rule_.source.product}, {"service", &rule_.source.service}};
    for (const auto& [name, target] : parts) {
      const YamlNode* part = tree_.Find(*node, name);
      if (part == nullptr) continue;
      if (part->kind != YamlNode::Kind::kScalar) {
        return problems_.Fail(*part, Cat("logsource: ", name, " must be text, not ", DescribeKind(*part)));
      }
      if (ResolveScalar(*part).type != ScalarType::kNull) *target = AsciiLower(part->text);
    }
    if (rule_.source == LogSource{}) {
      return problems_.Fail(*node, "logsource names no category, product or service");
    }
    return true;
  }

  // A key whose value must be one text; nullptr where there is none or, with an error noted, where it is not.
  const YamlNode* Scalar(std::string_view key) {
    const YamlNode* node = tree_.Find(root_, key);
    if (node == nullptr) return nullptr;
    if (node->kind == YamlNode::Kind::kScalar) return node->text.empty() ? nullptr : node;
    problems_.Fail(*node, Cat(key, " must be text, not ", DescribeKind(*node)));
    return nullptr;
  }

  // For people: taken if it is text.
  std::string Text(std::string_view key) const {
    const YamlNode* node = tree_.Find(root_, key);
    const bool text = node != nullptr && node->kind == YamlNode::Kind::kScalar;
    return text && ResolveScalar(*node).type != ScalarType::kNull ? std::string(node->text) : std::string();
  }

  // A list of texts, or a single one.
  std::vector<std::string> Texts(std::string_view key) const {
    const YamlNode* node = tree_.Find(root_, key);
    std::vector<std::string> texts;
    if (node == nullptr || node->kind == YamlNode::Kind::kMap) return texts;
    if (node->kind == YamlNode::Kind::kScalar) {
      if (!node->text.empty()) texts.emplace_back(node->text);
      return texts;
    }
    texts.reserve(node->count);
    for (uint32_t i = 0; i < node->count; ++i) {
      const YamlNode& one = tree_.Child(*node, i);
      if (one.kind == YamlNode::Kind::kScalar && !one.text.empty()) texts.emplace_back(one.text);
    }
    return texts;
  }

  std::string JoinedText(std::string_view key) const {
    std::string joined;
    for (const std::string& text : Texts(key)) joined += Cat(joined.empty() ? "" : ", ", text);
    return joined;
  }

  RuleError Report(YamlProblem problem) const {
    return {rule_.path, problem.line, problem.column, rule_.title.empty() ? rule_.id : rule_.title,
            std::move(problem.message)};
  }

  const YamlTree& tree_;
  const YamlNode& root_;
  const LoadOptions& options_;
  Rule rule_;
  RuleProblems problems_;
  bool left_out_ = false;
  std::optional<Correlation> correlation_;  // the document is one
  std::optional<Filter> filter_;
};

}  // namespace

void AddDocument(const YamlTree& tree, const std::string& path, const LoadOptions& options, RuleSet* set) {
  Document(tree, path, options).AddTo(set);
}

}  // namespace spoor::sigma
