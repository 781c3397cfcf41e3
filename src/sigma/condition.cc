// Lexer and recursive descent parser of conditions.
//
// Recursion happens at parentheses alone and is bounded by kMaxConditionDepth; a row of `not` is counted,
// since two of them say nothing. What `of` unfolds to is bounded by kMaxConditionReferences, for a condition
// of many `1 of *` over many selections.
#include "sigma/condition.h"

#include <optional>

#include "base/message.h"
#include "base/text.h"
#include "sigma/limits.h"
#include "sigma/suggest.h"

namespace spoor::sigma {
namespace {

using Kind = Expression::Kind;

struct Token {
  enum Type : uint8_t { kEnd, kOpen, kClose, kPipe, kWord } type = kEnd;
  size_t begin = 0;  // bytes
  std::string_view text;
};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::vector<Token> Lex(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (IsSpace(c)) {
      ++i;
    } else if (c == '(' || c == ')' || c == '|') {
      tokens.push_back({c == '(' ? Token::kOpen : c == ')' ? Token::kClose : Token::kPipe, i, text.substr(i, 1)});
      ++i;
    } else {
      const size_t from = i;
      while (i < text.size() && !IsSpace(text[i]) && text[i] != '(' && text[i] != ')' && text[i] != '|') ++i;
      tokens.push_back({Token::kWord, from, text.substr(from, i - from)});
    }
  }
  tokens.push_back({Token::kEnd, text.size(), ""});
  return tokens;
}

// `pattern` with * for any characters. Linear in the product at worst: both are short (names of selections).
bool NameMatches(std::string_view pattern, std::string_view name) {
  size_t p = 0, n = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<Selection>& selections, Expression* expression)
      : text_(text), selections_(selections), expression_(*expression), tokens_(Lex(text)) {}

  ConditionProblem Run(uint32_t* root) {
    if (tokens_.size() == 1) {
      Fail(tokens_[0], "the condition is empty");
    } else if (std::optional<uint32_t> node = Or(0)) {
      *root = *node;
      if (Peek().type != Token::kEnd) Unexpected();
    }
    return std::move(problem_);
  }

 private:
  using Node = std::optional<uint32_t>;  // nothing: problem_ says why

  const Token& Peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool IsWord(const Token& token, std::string_view word) const {
    return token.type == Token::kWord && EqualsIgnoreAsciiCase(token.text, word);
  }
  bool IsOperator(const Token& token) const {
    return IsWord(token, "and") || IsWord(token, "or") || IsWord(token, "not");
  }

  bool IsQuantity(const Token& token) const {
    return IsWord(token, "1") || IsWord(token, "any") || IsWord(token, "all");
  }

  Node Fail(const Token& token, std::string message) {
    if (problem_.message.empty()) {
      for (char c : text_.substr(0, token.begin)) problem_.offset += (c & 0xc0) != 0x80;  // counts characters
      problem_.message = std::move(message);
    }
    return std::nullopt;
  }

  // What Sigma's first version had behind a '|': a function of a field, or `near` and a selection.
  bool IsAggregation() const {
    if (Peek().type != Token::kPipe) return false;
    if (IsWord(Peek(1), "near")) return Peek(2).type == Token::kWord;
    for (std::string_view name : {"count", "min", "max", "avg", "sum"}) {
      if (IsWord(Peek(1), name)) return Peek(2).type == Token::kOpen;
    }
    return false;
  }

  Node Unexpected() {
    const Token& token = Peek();
    switch (token.type) {
      case Token::kPipe:
        if (!IsAggregation()) break;
        return Fail(token, "aggregation expressions (| count() …) were removed from Sigma; write a correlation rule");
      case Token::kClose:
        return Fail(token, "')' without '(' before it");
      case Token::kOpen:
        return Fail(token, "'and' or 'or' is missing before '('");
      case Token::kEnd:
        return Fail(token, "the condition ends where a selection is expected");
      case Token::kWord:
        break;
    }
    return Fail(token, Cat("'and' or 'or' is missing before '", token.text, "'"));
  }

  uint32_t Add(Kind kind, std::vector<uint32_t> children) {
    if (children.size() == 1 && kind != Kind::kNot) return children[0];
    expression_.nodes.push_back({kind, std::move(children)});
    return static_cast<uint32_t>(expression_.nodes.size() - 1);
  }

  Node Or(int depth) { return Chain("or", Kind::kOr, depth); }

  // operand (word operand)*; the operands of `or` are chains of `and`.
  Node Chain(std::string_view word, Kind kind, int depth) {
    std::vector<uint32_t> children;
    do {
      const Node child = kind == Kind::kOr ? Chain("and", Kind::kAnd, depth) : Operand(depth);
      if (!child) return std::nullopt;
      children.push_back(*child);
    } while (IsWord(Peek(), word) && ++at_);
    return Add(kind, std::move(children));
  }

  Node Operand(int depth) {
    bool negated = false;
    for (; IsWord(Peek(), "not"); ++at_) negated = !negated;
    const Node node = Atom(depth);
    if (!node || !negated) return node;
    return Add(Kind::kNot, {*node});
  }

  Node Atom(int depth) {
    const Token& token = Peek();
    if (token.type == Token::kOpen) return Parentheses(depth);
    if (IsAggregation()) return Unexpected();
    if (token.type != Token::kWord || IsOperator(token)) {
      return Fail(token, token.type == Token::kEnd ? "the condition ends where a selection is expected"
                                                   : Cat("a selection is expected, not '", token.text, "'"));
    }
    if (IsWord(Peek(1), "of")) return Of();
    ++at_;
    return Name(token);
  }

  Node Parentheses(int depth) {
    const Token& open = Peek();
    if (depth + 1 > kMaxConditionDepth) {
      return Fail(open, Cat("more than ", kMaxConditionDepth, " parentheses within one another"));
    }
    ++at_;
    const Node node = Or(depth + 1);
    if (!node) return std::nullopt;
    if (Peek().type == Token::kEnd) return Fail(open, "'(' without ')' behind it");
    if (Peek().type != Token::kClose) return Unexpected();
    ++at_;
    return node;
  }

  Node Name(const Token& token) {
    work_ += selections_.size();
    for (const Selection& selection : selections_) {
      if (selection.name == token.text) return Refer(token, selection.node);
    }
    if (token.text.starts_with('!')) {
      return Fail(token, Cat("there is no selection '", token.text, "'; write 'not' for '!'"));
    }
    if (token.text.find('*') != std::string_view::npos) {
      return Fail(token, Cat("a pattern needs a quantity: '1 of ", token.text, "' or 'all of ", token.text, "'"));
    }
    if (IsWord(token, "of")) return Fail(token, "'of' needs '1', 'any' or 'all' before it");
    if (IsQuantity(token) && Peek().type == Token::kWord && !IsOperator(Peek())) {
      return Fail(token, Cat("'of' is missing behind '", token.text, "'"));
    }
    if (IsWord(token, "them")) return Fail(token, "'them' needs a quantity: '1 of them' or 'all of them'");
    return Fail(token, Cat("there is no selection '", token.text, "'", DidYouMean(token.text, Names())));
  }

  Node Of() {
    const Token& quantity = Peek();
    const Token& of = Peek(1);
    const Token& pattern = Peek(2);
    const bool all = IsWord(quantity, "all");
    if (!IsQuantity(quantity)) {
      return Fail(quantity, Cat("'", quantity.text,
                                " of' does not exist in Sigma: '1 of', 'any of' and "
                                "'all of' do"));
    }
    if (pattern.type != Token::kWord || IsOperator(pattern)) {
      return Fail(of, "'of' must be followed by 'them' or a name");
    }
    at_ += 3;
    const bool them = IsWord(pattern, "them");
    std::vector<uint32_t> children;
    for (const Selection& selection : selections_) {
      work_ += pattern.text.size() * (selection.name.size() + 1);
      if (work_ > kMaxNameWork) return Fail(pattern, "finding the selections of this condition takes too long");
      const bool meant = them ? !selection.name.starts_with('_') : NameMatches(pattern.text, selection.name);
      if (!meant) continue;
      if (!Refer(pattern, selection.node)) return std::nullopt;
      children.push_back(selection.node);
    }
    if (children.empty()) {
      return Fail(pattern, them
                               ? std::string("'them' means no selection: all names begin with '_'")
                               : Cat("no selection is called '", pattern.text, "'", DidYouMean(pattern.text, Names())));
    }
    return Add(all ? Kind::kAnd : Kind::kOr, std::move(children));
  }

  Node Refer(const Token& token, uint32_t node) {
    if (++references_ <= kMaxConditionReferences && work_ <= kMaxNameWork) return node;
    return Fail(token, Cat("the condition unfolds to more than ", kMaxConditionReferences, " selections"));
  }

  std::vector<std::string_view> Names() const {
    std::vector<std::string_view> names;
    for (const Selection& selection : selections_) names.push_back(selection.name);
    return names;
  }

  const std::string_view text_;
  const std::vector<Selection>& selections_;
  Expression& expression_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t references_ = 0, work_ = 0;
  ConditionProblem problem_;
};

}  // namespace

ConditionProblem ParseCondition(std::string_view text, const std::vector<Selection>& selections, Expression* expression,
                                uint32_t* root) {
  if (text.size() > kMaxConditionBytes) {
    return {0, Cat("the condition is longer than ", kMaxConditionBytes, " bytes")};
  }
  return Parser(text, selections, expression).Run(root);
}

}  // namespace spoor::sigma
