// An expression becomes the detection of a rule in YAML, one selection for each comparison, and is read as any rule is:
// so values, wildcards and modifiers mean what they mean there.
#include "sigma/search.h"

#include <cctype>

#include "base/message.h"
#include "base/text.h"
#include "sigma/field_kinds.h"
#include "sigma/load.h"

namespace spoor::sigma {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxComparisons = 1000;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // False: see problem().
  bool Read() {
    if (!Or(0, &condition_)) return false;
    Skip();
    return at_ == text_.size() || Wrong("'and', 'or' or the end expected");
  }
  std::string Rule() const {
    std::string rule = "title: ";
    AppendYaml(text_, &rule);
    return Cat(rule, "\nlogsource: {product: '*'}\ndetection:\n", selections_, "    condition: ", condition_, "\n");
  }
  const std::string& problem() const { return problem_; }

 private:
  static void AppendYaml(std::string_view text, std::string* out) {
    // A double-quoted scalar (YAML 1.2.2, section 7.3.1): \ and " are escaped, control characters by number.
    static constexpr char kDigits[] = "0123456789abcdef";
    *out += '"';
    for (const char c : text) {
      const auto byte = static_cast<uint8_t>(c);
      if (c == '"' || c == '\\') {
        *out += '\\';
        *out += c;
      } else if (byte < 0x20 || byte == 0x7f) {
        *out += "\\x";
        *out += kDigits[byte >> 4];
        *out += kDigits[byte & 15];
      } else {
        *out += c;
      }
    }
    *out += '"';
  }

  bool Wrong(std::string_view what) {
    if (problem_.empty()) problem_ = Cat("at character ", at_ + 1, ": ", what);
    return false;
  }
  void Skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  static bool IsWord(char c) {
    const auto byte = static_cast<uint8_t>(c);
    return std::isalnum(byte) != 0 || byte >= 0x80 ||
           std::string_view("._-#@$|*?:\\/+%{}[]&;").find(c) != std::string_view::npos;
  }
  std::string_view PeekWord() {
    Skip();
    size_t end = at_;
    while (end < text_.size() && IsWord(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool TakeWord(std::string_view word) {
    if (!EqualsIgnoreAsciiCase(PeekWord(), word)) return false;
    at_ += word.size();
    return true;
  }
  bool Take(std::string_view sign) {
    Skip();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  bool Or(int depth, std::string* out) { return List(depth, "or", &Parser::And, out); }
  bool And(int depth, std::string* out) { return List(depth, "and", &Parser::Not, out); }
  bool List(int depth, const char* word, bool (Parser::*part)(int, std::string*), std::string* out) {
    std::string all;
    int parts = 0;
    do {
      std::string one;
      if (!(this->*part)(depth, &one)) return false;
      if (parts++ > 0) all += Cat(" ", word, " ");
      all += one;
    } while (TakeWord(word));
    *out = parts > 1 ? Cat("(", all, ")") : all;
    return true;
  }
  bool Not(int depth, std::string* out) {
    if (depth > kMaxDepth) return Wrong("too many brackets within brackets");
    if (TakeWord("not")) {
      std::string inner;
      if (!Not(depth + 1, &inner)) return false;
      *out = "not " + inner;
      return true;
    }
    if (Take("(")) {
      if (!Or(depth + 1, out)) return false;
      return Take(")") || Wrong("')' expected");
    }
    return Comparison(out);
  }

  // A value; *quoted says how it was written.
  bool Value(std::string* out, bool* quoted) {
    Skip();
    out->clear();
    *quoted = at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'');
    if (!*quoted) {
      const std::string_view word = PeekWord();
      if (word.empty()) return Wrong("a value expected: a word, or a text in quotes");
      out->assign(word);
      at_ += word.size();
      return true;
    }
    const char quote = text_[at_];
    const size_t begin = at_++;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      // Only what ends a text or escapes that is unescaped here: other backslashes are Sigma's.
      if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') ++at_;
      *out += text_[at_];
    }
    if (at_ == text_.size()) {
      at_ = begin;
      return Wrong("this quote is not closed");
    }
    ++at_;
    return true;
  }

  // What stands between a field and its value, as modifiers; *negate for !=.
  bool Operator(std::string* modifiers, bool* negate, bool* exists) {
    static constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
        {"!=", ""}, {"==", ""}, {"<=", "|lte"}, {">=", "|gte"}, {"=", ""}, {"<", "|lt"}, {">", "|gt"}, {"~", "|re"},
    };
    for (const auto& [sign, modifier] : kSigns) {
      if (!Take(sign)) continue;
      *negate = sign == "!=";
      *modifiers += modifier;
      return true;
    }
    for (const std::string_view word : {"contains", "startswith", "endswith", "re", "cidr", "lt", "lte", "gt", "gte"}) {
      if (TakeWord(word)) {
        *modifiers += Cat("|", word);
        return true;
      }
    }
    if (TakeWord("exists")) return *exists = true;
    if (TakeWord("is") || TakeWord("in")) return true;
    return !modifiers->empty();  // the field has its own
  }

  bool Comparison(std::string* out) {
    if (++comparisons_ > kMaxComparisons) return Wrong("too many comparisons");
    Skip();
    std::string name;
    bool quoted = false;
    if (!Value(&name, &quoted)) return false;
    std::string modifiers;
    bool negate = false, exists = false;
    if (const size_t bar = name.find('|'); !quoted && bar != std::string::npos) {
      modifiers = name.substr(bar);
      name.resize(bar);
    }
    if (quoted || !Operator(&modifiers, &negate, &exists)) {
      if (!quoted && at_ < text_.size() && text_[at_] != ')' && !EqualsIgnoreAsciiCase(PeekWord(), "and") &&
          !EqualsIgnoreAsciiCase(PeekWord(), "or") && !PeekWord().empty()) {
        return Wrong(Cat("an operator expected behind '", name,
                         "': =, !=, contains, startswith, endswith, re, cidr, "
                         "<, <=, >, >=, exists"));
      }
      *out = Select({""}, "", {name});
      return true;
    }
    std::vector<std::string> values;
    if (exists) {
      modifiers = "|exists";
      values.push_back("true");
    } else {
      if (TakeWord("any")) TakeWord("of");
      std::string value;
      bool ignored = false;
      if (Take("(")) {
        do {
          if (!Value(&value, &ignored)) return false;
          values.push_back(value);
        } while (Take(","));
        if (!Take(")")) return Wrong("',' or ')' expected");
      } else {
        if (!Value(&value, &ignored)) return false;
        values.push_back(value);
      }
    }
    const std::vector<std::string>* fields = FieldKinds::BuiltIn().FieldsOf(name);
    *out = Select(fields != nullptr ? *fields : std::vector<std::string>{name}, modifiers, values);
    if (negate) *out = "not " + *out;
    return true;
  }

  // Adds a selection; its name. Several fields: one of them must hold. "": keywords.
  std::string Select(const std::vector<std::string>& fields, const std::string& modifiers,
                     const std::vector<std::string>& values) {
    std::string name = Cat("c", comparisons_);
    selections_ += Cat("    ", name, ":\n");
    const bool number = modifiers.starts_with("|lt") || modifiers.starts_with("|gt") || modifiers == "|exists";
    for (const std::string& field : fields) {
      selections_ += "        - ";
      if (!field.empty()) {
        AppendYaml(field + modifiers, &selections_);
        selections_ += ": [";
      }
      for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0) selections_ += ", ";
        if (number) {
          selections_ += values[i];
        } else {
          AppendYaml(values[i], &selections_);
        }
      }
      selections_ += field.empty() ? "\n" : "]\n";
    }
    return name;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string problem_, selections_, condition_;
  size_t comparisons_ = 0;
};

}  // namespace

absl::StatusOr<Rule> ParseSearch(std::string_view expression) {
  Parser parser(expression);
  if (!parser.Read()) return absl::InvalidArgumentError(parser.problem());
  RuleSet set;
  ParseRules(parser.Rule(), "the expression", {}, &set);
  if (!set.errors.empty()) return absl::InvalidArgumentError(set.errors[0].message);
  if (set.rules.size() != 1) return absl::InvalidArgumentError("nothing to look for");
  return std::move(set.rules[0]);
}

}  // namespace spoor::sigma
