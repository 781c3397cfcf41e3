// The flat tree: a document is two vectors and a few blocks of text, all reused from document to document. Children of
// a collection lie side by side.
#include "yaml/yaml_node.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/message.h"
#include "base/text.h"

namespace spoor {
namespace {

constexpr size_t kBlockBytes = size_t{64} << 10;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// 0x… and 0o…; both without a sign in the core schema.
bool ParsePrefixed(std::string_view text, double* number) {
  if (text.size() < 3 || text[0] != '0' || (text[1] != 'x' && text[1] != 'o')) return false;
  const int base = text[1] == 'x' ? 16 : 8;
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  *number = static_cast<double>(value);
  return true;
}

// [-+]? ( \.[0-9]+ | [0-9]+(\.[0-9]*)? ) ( [eE][-+]?[0-9]+ )?
bool LooksLikeNumber(std::string_view text, bool* integer) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i - from;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  const size_t whole = digits();
  *integer = whole > 0 && i == text.size();
  if (*integer) return true;
  size_t fraction = 0;
  if (i < text.size() && text[i] == '.') {
    ++i;
    fraction = digits();
  }
  if (whole + fraction == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

// A whole number too large for a double is infinite; its digits are what counts.
bool ParseDecimal(std::string_view text, bool integer, double* number) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (integer && error == std::errc::result_out_of_range) {
    *number = text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return true;
  }
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Scalar ResolveScalar(const YamlNode& node) {
  Scalar scalar;
  if (node.as_text) return scalar;
  const std::string_view text = node.text;
  if (text.empty()) {
    scalar.type = ScalarType::kNull;
    return scalar;
  }
  switch (text[0]) {  // most plain scalars are text, and their first letter says so
    case '~':
    case 'n':
    case 'N':
      if (IsOneOf(text, {"~", "null", "Null", "NULL"})) scalar.type = ScalarType::kNull;
      return scalar;
    case 't':
    case 'T':
    case 'f':
    case 'F':
      if (IsOneOf(text, {"true", "True", "TRUE"})) {
        scalar.type = ScalarType::kBool;
        scalar.truth = true;
      } else if (IsOneOf(text, {"false", "False", "FALSE"})) {
        scalar.type = ScalarType::kBool;
      }
      return scalar;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
    case '-':
    case '+':
    case '.':
      break;
    default:
      return scalar;
  }
  bool integer = false;
  if (ParsePrefixed(text, &scalar.number)) {
    scalar.type = ScalarType::kInteger;
  } else if (LooksLikeNumber(text, &integer) && ParseDecimal(text, integer, &scalar.number)) {
    scalar.type = integer ? ScalarType::kInteger : ScalarType::kFloat;
  } else if (IsOneOf(text, {".nan", ".NaN", ".NAN"})) {
    scalar.type = ScalarType::kFloat;
    scalar.number = std::numeric_limits<double>::quiet_NaN();
  } else {
    const std::string_view rest = text[0] == '-' || text[0] == '+' ? text.substr(1) : text;
    if (IsOneOf(rest, {".inf", ".Inf", ".INF"})) {
      scalar.type = ScalarType::kFloat;
      scalar.number =
          text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    }
  }
  return scalar;
}

const char* DescribeKind(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kSequence) return "a list";
  if (node.kind == YamlNode::Kind::kMap) return "a map";
  switch (ResolveScalar(node).type) {
    case ScalarType::kNull:
      return "nothing";
    case ScalarType::kBool:
      return "true or false";
    case ScalarType::kInteger:
    case ScalarType::kFloat:
      return "a number";
    case ScalarType::kText:
      return "text";
  }
  return "text";
}

const YamlNode* YamlTree::Find(const YamlNode& map, std::string_view key) const {
  for (uint32_t i = 0; i < PairCount(map); ++i) {
    if (Key(map, i).text == key) return &Value(map, i);
  }
  return nullptr;
}

void YamlTree::Clear() {
  nodes_.clear();
  children_.clear();
  root_ = kNone;
  problem_.reset();
  block_ = used_ = 0;
}

std::string_view YamlTree::Keep(std::string_view text) {
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < text.size()) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const size_t size = std::max(kBlockBytes, text.size());
    blocks_.push_back({std::make_unique<char[]>(size), size});
  }
  char* at = blocks_[block_].bytes.get() + used_;
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  used_ += text.size();
  return {at, text.size()};
}

uint32_t YamlTree::AddCollection(YamlNode node, const std::vector<uint32_t>& children) {
  node.first = static_cast<uint32_t>(children_.size());
  node.count = static_cast<uint32_t>(children.size());
  node.weight = 1;
  node.height = 0;
  for (const uint32_t child : children) {
    node.weight += nodes_[child].weight;
    node.height = std::max<uint16_t>(node.height, static_cast<uint16_t>(nodes_[child].height + 1));
  }
  children_.insert(children_.end(), children.begin(), children.end());
  nodes_.push_back(node);
  return static_cast<uint32_t>(nodes_.size() - 1);
}

uint32_t YamlTree::Copy(const YamlTree& from, const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar) {
    YamlNode copy = node;
    copy.text = Keep(node.text);
    nodes_.push_back(copy);
    return static_cast<uint32_t>(nodes_.size() - 1);
  }
  std::vector<uint32_t> children;
  children.reserve(node.count);
  for (uint32_t i = 0; i < node.count; ++i) children.push_back(Copy(from, from.Child(node, i)));
  return AddCollection(node, children);
}

uint32_t YamlTree::Join(const YamlTree& base, const YamlNode& base_map, const YamlTree& over, const YamlNode& over_map,
                        std::string_view without) {
  std::vector<uint32_t> children;
  for (uint32_t i = 0; i < PairCount(base_map); ++i) {
    const YamlNode& key = base.Key(base_map, i);
    const YamlNode& value = base.Value(base_map, i);
    if (!without.empty() && key.text == without) continue;
    const YamlNode* other = over.Find(over_map, key.text);
    children.push_back(Copy(base, key));
    if (other == nullptr) {
      children.push_back(Copy(base, value));
    } else if (value.kind == YamlNode::Kind::kMap && other->kind == YamlNode::Kind::kMap) {
      children.push_back(Join(base, value, over, *other, ""));
    } else {
      children.push_back(Copy(over, *other));
    }
  }
  for (uint32_t i = 0; i < PairCount(over_map); ++i) {
    const YamlNode& key = over.Key(over_map, i);
    if ((!without.empty() && key.text == without) || base.Find(base_map, key.text) != nullptr) continue;
    children.push_back(Copy(over, key));
    children.push_back(Copy(over, over.Value(over_map, i)));
  }
  return AddCollection(over_map, children);
}

void YamlTree::Merge(const YamlTree& base, const YamlTree& over, std::string_view without) {
  Clear();
  const YamlNode &base_root = *base.root(), &over_root = *over.root();
  if (uint64_t{base_root.weight} + over_root.weight > kMaxYamlNodes) {
    problem_ = YamlProblem{over_root.line, over_root.column,
                           Cat("this document and those it repeats come to more than ", kMaxYamlNodes, " YAML nodes")};
    return;
  }
  const uint32_t root = Join(base, base_root, over, over_root, without);
  root_ = root;
}

}  // namespace spoor
