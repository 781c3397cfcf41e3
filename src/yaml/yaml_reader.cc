// Builds flat trees from libyaml's events.
//
// libyaml does the scanning; its own tree ("document") interface and the usual C++ libraries cost several
// times the scan itself, since they allocate per node. Children are collected on a stack until their collection
// ends and are then laid side by side.
//
// An anchor is known only after its node has ended, so aliases make no cycles. What readers of the tree unfold is
// bounded by each node's weight and height, which are summed up here: a document whose unfolded size passes
// kMaxYamlNodes or kMaxYamlDepth is refused before anybody walks it.
#include "yaml/yaml_reader.h"

#include <yaml.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/message.h"
#include "base/text.h"

namespace spoor {
namespace {

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

uint32_t CountLines(std::string_view text) { return static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

struct YamlReader::State {
  // One collection that has begun.
  struct Frame {
    uint32_t node;
    size_t pending;  // where its children begin on `pending`
    std::string anchor;
  };

  yaml_parser_t parser;
  bool open = false;  // parser is initialised
  bool ended = false;
  size_t offset = 0;   // of the parser's first byte in the text
  uint32_t line0 = 0;  // lines before it
  std::vector<Frame> frames;
  std::vector<uint32_t> pending;
  std::unordered_map<std::string, uint32_t> anchors;

  void Close() {
    if (open) yaml_parser_delete(&parser);
    open = false;
  }
  void Fail(YamlTree* tree, uint32_t line, uint32_t column, std::string message) {
    if (!tree->problem_) tree->problem_ = YamlProblem{line, column, std::move(message)};
  }
  void Fail(YamlTree* tree, const yaml_event_t& event, std::string message) {
    Fail(tree, Line(event.start_mark), Column(event.start_mark), std::move(message));
  }
  uint32_t Line(const yaml_mark_t& mark) const { return line0 + static_cast<uint32_t>(mark.line) + 1; }
  static uint32_t Column(const yaml_mark_t& mark) { return static_cast<uint32_t>(mark.column) + 1; }

  void Handle(const yaml_event_t& event, YamlTree* tree);
  void AddScalar(const yaml_event_t& event, YamlTree* tree);
  void Begin(const yaml_event_t& event, YamlTree* tree);
  void End(YamlTree* tree);
  void AddAlias(const yaml_event_t& event, YamlTree* tree);
  void Put(uint32_t node, YamlTree* tree);
  bool Full(const yaml_event_t& event, YamlTree* tree);
  void CheckKeys(const YamlNode& map, YamlTree* tree);
  void SyntaxProblem(std::string_view text, YamlTree* tree);
  std::string_view Before(std::string_view text, const yaml_mark_t& mark) const;
  std::optional<yaml_mark_t> BeginOfProblem() const;
  std::string Hint(std::string_view before, std::string_view at) const;
};

YamlReader::YamlReader(std::string_view text) : text_(text), state_(std::make_unique<State>()) { Open(0); }

YamlReader::~YamlReader() { state_->Close(); }

void YamlReader::Open(size_t offset) {
  State& s = *state_;
  s.Close();
  s.line0 += CountLines(text_.substr(s.offset, offset - s.offset));
  s.offset = offset;
  s.open = yaml_parser_initialize(&s.parser) != 0;
  s.ended = !s.open;
  if (!s.open) return;
  yaml_parser_set_input_string(&s.parser, reinterpret_cast<const unsigned char*>(text_.data()) + offset,
                               text_.size() - offset);
  if (offset > 0) yaml_parser_set_encoding(&s.parser, YAML_UTF8_ENCODING);
}

// After a syntax error: goes to the next document, which may begin in the very line that libyaml complains
// of, when what came before it was not closed. The search begins behind the first line of the present piece,
// so each call moves on.
bool YamlReader::Recover(const YamlProblem& problem) {
  State& s = *state_;
  size_t at = text_.find('\n', s.offset);
  for (uint32_t now = s.line0 + 2; at != std::string_view::npos; ++now) {
    const size_t begin = at + 1;
    const std::string_view rest = text_.substr(begin, 4);
    if ((now > problem.line || (now == problem.line && problem.column == 1)) && rest.starts_with("---") &&
        (rest.size() == 3 || std::strchr(" \t\r\n", rest[3]) != nullptr)) {
      Open(begin);
      return true;
    }
    at = text_.find('\n', begin);
  }
  s.ended = true;
  return false;
}

bool YamlReader::Next(YamlTree* tree) {
  tree->Clear();
  State& s = *state_;
  s.frames.clear();
  s.pending.clear();
  s.anchors.clear();
  while (!s.ended) {
    yaml_event_t event;
    if (!yaml_parser_parse(&s.parser, &event)) {
      s.SyntaxProblem(text_, tree);
      Recover(*tree->problem_);
      return true;
    }
    const yaml_event_type_t type = event.type;
    if (!tree->problem_) s.Handle(event, tree);
    yaml_event_delete(&event);
    if (type == YAML_DOCUMENT_END_EVENT) {
      if (tree->problem_) tree->root_ = YamlTree::kNone;
      return true;
    }
    if (type == YAML_STREAM_END_EVENT) s.ended = true;
  }
  return false;
}

// Says what libyaml found wrong, and where that begins: libyaml stops where it can go on no longer, which for a quote
// that nobody closed is the end of the file.
void YamlReader::State::SyntaxProblem(std::string_view text, YamlTree* tree) {
  yaml_mark_t mark = parser.problem_mark;
  uint32_t line = Line(mark), column = Column(mark);
  const std::string_view problem = parser.problem ? parser.problem : "unknown error";
  const std::string_view context = parser.context ? parser.context : "";
  std::string message = Cat("not valid YAML: ", problem);
  if (!context.empty()) message += Cat(" ", context);
  if (parser.error == YAML_MEMORY_ERROR) {
    message = "not enough memory for this document";
  } else if (parser.error == YAML_READER_ERROR) {  // encoding: libyaml knows the byte, not the line
    const std::string_view before = text.substr(offset, std::min(parser.problem_offset, text.size() - offset));
    line = line0 + CountLines(before) + 1;
    const size_t newline = before.rfind('\n');
    column = static_cast<uint32_t>(newline == std::string_view::npos ? before.size() : before.size() - newline - 1) + 1;
  } else {
    const bool utf8 = parser.encoding == YAML_UTF8_ENCODING;
    const std::string_view before = utf8 ? Before(text, mark) : "";
    const std::string_view at = utf8 ? text.substr(before.size(), 1) : "?";
    if (const std::optional<yaml_mark_t> begin = BeginOfProblem()) {
      if (begin->line < mark.line) message += Cat(" (noticed in line ", line, ")");
      mark = *begin;
    }
    const std::string hint = Hint(before, at);
    if (!hint.empty()) message = Cat("not valid YAML: ", hint);
    line = Line(mark);
    column = Column(mark);
  }
  tree->problem_.reset();  // what libyaml says comes first
  tree->root_ = YamlTree::kNone;
  Fail(tree, line, column, std::move(message));
}

// The text before a mark, whose index counts characters.
std::string_view YamlReader::State::Before(std::string_view text, const yaml_mark_t& mark) const {
  size_t at = offset;
  if (offset == 0 && text.starts_with("\xef\xbb\xbf")) at = 3;  // a byte order mark is not counted
  for (size_t n = 0; n < mark.index && at < text.size(); ++n) DecodeUtf8(text, &at);
  return text.substr(0, std::min(at, text.size()));
}

// Where what libyaml complains of begins, if that is before the place where it noticed: quotes, lists and maps that
// were not closed, keys without a colon, names of aliases and anchors.
std::optional<yaml_mark_t> YamlReader::State::BeginOfProblem() const {
  const std::string_view problem = parser.problem ? parser.problem : "";
  const std::string_view context = parser.context ? parser.context : "";
  if (IsOneOf(context, {"while scanning a quoted scalar", "while scanning a simple key", "while scanning an alias",
                        "while scanning an anchor"})) {
    return parser.context_mark;
  }
  // Within one line, what does not belong into the list says more than where the list begins. The end of the text is in
  // a line of its own.
  if (IsOneOf(context, {"while parsing a flow sequence", "while parsing a flow mapping"}) &&
      parser.context_mark.line < parser.problem_mark.line) {
    return parser.context_mark;
  }
  // An element is missing: of the innermost collection that is open.
  if (context == "while parsing a flow node" && problem == "did not find expected node content" &&
      parser.marks.top != parser.marks.start && parser.marks.top[-1].line < parser.problem_mark.line) {
    return parser.marks.top[-1];
  }
  return std::nullopt;
}

// What a rule's author may have overlooked; "": what libyaml says must do. `at` is the character of the problem, empty
// at the end of the text.
std::string YamlReader::State::Hint(std::string_view before, std::string_view at) const {
  const std::string_view problem = parser.problem ? parser.problem : "";
  const std::string_view context = parser.context ? parser.context : "";
  const auto needs_quotes = [](std::string_view first) {
    return Cat("a text that begins with '", first, "' needs quotes");
  };
  if (context == "while scanning an alias") return needs_quotes("*");
  if (context == "while scanning an anchor") return needs_quotes("&");
  if (at == "\t" || problem.find("a tab character") != std::string_view::npos) {
    return "YAML takes no tabs for indentation; write spaces";
  }
  if (problem == "found character that cannot start any token") return needs_quotes(at);
  const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  if (problem == "mapping values are not allowed in this context" && line.find(": ") != std::string_view::npos &&
      !line.ends_with('\'') && !line.ends_with('"')) {
    return "a value with ': ' in it needs quotes";
  }
  const std::string_view left = line.substr(0, line.find_last_not_of(' ') + 1);
  if (problem == "did not find expected key" && left.ends_with('\'')) {
    return "something stands behind the closing quote; within single quotes, a single quote is written twice";
  }
  if (problem == "did not find expected key" && left.ends_with('"')) {
    return "something stands behind the closing quote";
  }
  return "";
}

void YamlReader::State::Handle(const yaml_event_t& event, YamlTree* tree) {
  switch (event.type) {
    case YAML_SCALAR_EVENT:
      return AddScalar(event, tree);
    case YAML_ALIAS_EVENT:
      return AddAlias(event, tree);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
      return Begin(event, tree);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      return End(tree);
    default:
      return;
  }
}

bool YamlReader::State::Full(const yaml_event_t& event, YamlTree* tree) {
  if (tree->nodes_.size() < kMaxYamlNodes && pending.size() < kMaxYamlNodes) return false;
  Fail(tree, event, Cat("more than ", kMaxYamlNodes, " values"));
  return true;
}

void YamlReader::State::AddScalar(const yaml_event_t& event, YamlTree* tree) {
  if (Full(event, tree)) return;
  const auto& scalar = event.data.scalar;
  YamlNode node;
  node.line = Line(event.start_mark);
  node.column = Column(event.start_mark);
  node.one_line = event.start_mark.line == event.end_mark.line;
  switch (scalar.style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
      node.style = YamlNode::Style::kQuoted;
      break;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
      node.style = YamlNode::Style::kBlock;
      break;
    default:
      break;
  }
  node.as_text = node.style != YamlNode::Style::kPlain;
  if (scalar.tag != nullptr) {
    std::string_view tag = reinterpret_cast<const char*>(scalar.tag);
    if (tag.starts_with(kCoreTag)) tag.remove_prefix(kCoreTag.size());
    if (tag == "!" || tag == "str") {
      node.as_text = true;
    } else if (IsOneOf(tag, {"null", "bool", "int", "float"})) {
      node.as_text = false;
    } else {
      return Fail(tree, event, Cat("unknown YAML tag '", tag, "'"));
    }
  }
  node.text = tree->Keep({reinterpret_cast<const char*>(scalar.value), scalar.length});
  tree->nodes_.push_back(node);
  const auto id = static_cast<uint32_t>(tree->nodes_.size() - 1);
  if (scalar.anchor != nullptr) anchors[reinterpret_cast<const char*>(scalar.anchor)] = id;
  Put(id, tree);
}

void YamlReader::State::Begin(const yaml_event_t& event, YamlTree* tree) {
  if (Full(event, tree)) return;
  if (frames.size() >= kMaxYamlDepth) {
    return Fail(tree, event, Cat("nested deeper than ", kMaxYamlDepth, " levels"));
  }
  const bool map = event.type == YAML_MAPPING_START_EVENT;
  const auto* anchor = map ? event.data.mapping_start.anchor : event.data.sequence_start.anchor;
  YamlNode node;
  node.kind = map ? YamlNode::Kind::kMap : YamlNode::Kind::kSequence;
  node.line = Line(event.start_mark);
  node.column = Column(event.start_mark);
  tree->nodes_.push_back(node);
  frames.push_back({static_cast<uint32_t>(tree->nodes_.size() - 1), pending.size(),
                    anchor ? reinterpret_cast<const char*>(anchor) : std::string()});
}

void YamlReader::State::End(YamlTree* tree) {
  Frame frame = std::move(frames.back());
  frames.pop_back();
  YamlNode& node = tree->nodes_[frame.node];
  node.first = static_cast<uint32_t>(tree->children_.size());
  node.count = static_cast<uint32_t>(pending.size() - frame.pending);
  uint64_t weight = 1;
  uint32_t height = 0;
  for (size_t i = frame.pending; i < pending.size(); ++i) {
    const YamlNode& child = tree->nodes_[pending[i]];
    weight += child.weight;
    height = std::max<uint32_t>(height, child.height + 1u);
    tree->children_.push_back(pending[i]);
  }
  pending.resize(frame.pending);
  if (weight > kMaxYamlNodes) {
    return Fail(tree, node.line, node.column, Cat("more than ", kMaxYamlNodes, " values"));
  }
  if (height + frames.size() > kMaxYamlDepth) {
    return Fail(tree, node.line, node.column, Cat("nested deeper than ", kMaxYamlDepth, " levels"));
  }
  node.weight = static_cast<uint32_t>(weight);
  node.height = static_cast<uint16_t>(height);
  if (node.kind == YamlNode::Kind::kMap) CheckKeys(node, tree);
  if (!frame.anchor.empty()) anchors[frame.anchor] = frame.node;
  Put(frame.node, tree);
}

void YamlReader::State::AddAlias(const yaml_event_t& event, YamlTree* tree) {
  if (Full(event, tree)) return;
  const std::string_view name = reinterpret_cast<const char*>(event.data.alias.anchor);
  const auto found = anchors.find(std::string(name));
  if (found != anchors.end()) return Put(found->second, tree);
  for (const Frame& frame : frames) {
    if (frame.anchor == name) return Fail(tree, event, Cat("alias '*", name, "' stands inside itself"));
  }
  Fail(tree, event,
       Cat("alias '*", name, "' has no anchor '&", name, "' before it; a text that begins with '*' needs quotes"));
}

void YamlReader::State::Put(uint32_t node, YamlTree* tree) {
  if (frames.empty()) {
    tree->root_ = node;
  } else {
    pending.push_back(node);
  }
}

// Keys are scalars and stand once in their map.
void YamlReader::State::CheckKeys(const YamlNode& map, YamlTree* tree) {
  constexpr uint32_t kFew = 24;  // up to here comparing each with each is quicker than a hash table
  const uint32_t pairs = YamlTree::PairCount(map);
  std::unordered_map<std::string_view, uint32_t> seen;
  for (uint32_t i = 0; i < pairs; ++i) {
    const YamlNode& key = tree->Key(map, i);
    if (key.kind != YamlNode::Kind::kScalar) {
      return Fail(tree, key.line, key.column, Cat("a key must be text, not ", DescribeKind(key)));
    }
    if (key.text == "<<" && !key.as_text) {
      return Fail(tree, key.line, key.column, "merge keys ('<<') are no part of YAML 1.2; repeat the entries");
    }
    const YamlNode* first = nullptr;
    if (pairs <= kFew) {
      for (uint32_t j = 0; j < i && first == nullptr; ++j) {
        if (tree->Key(map, j).text == key.text) first = &tree->Key(map, j);
      }
    } else if (auto [at, fresh] = seen.try_emplace(key.text, i); !fresh) {
      first = &tree->Key(map, at->second);
    }
    if (first != nullptr) {
      return Fail(tree, key.line, key.column, Cat("duplicate key '", key.text, "' (first in line ", first->line, ")"));
    }
  }
}

}  // namespace spoor
