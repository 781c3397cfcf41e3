// A YAML document as a flat tree: nodes, what scalars mean, and laying one tree over another.
//
// Plain scalars are resolved by the core schema of YAML 1.2.2 (section 10.3.2): `yes` and `on` are text,
// `010` is ten. An alias is the node it names once more, so the tree is a graph without cycles; each node's weight
// and height say what it unfolds to, which is bounded. Keys are scalars and unique. Trees come from
// YamlReader (yaml_reader.h); nodes are plain values, valid as long as their tree keeps the document.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spoor {

// Nesting of YAML collections, aliases unfolded. Rules need four.
inline constexpr uint32_t kMaxYamlDepth = 48;
// YAML nodes of one document, where every alias counts as all that it stands for ("billion laughs").
inline constexpr uint32_t kMaxYamlNodes = 1u << 19;

// Something wrong at a place of a file. Line and column count from 1, columns in characters; 0: not known.
struct YamlProblem {
  uint32_t line = 0, column = 0;
  std::string message;
};

struct YamlNode {
  enum class Kind : uint8_t { kScalar, kSequence, kMap };
  enum class Style : uint8_t { kPlain, kQuoted, kBlock };

  Kind kind = Kind::kScalar;
  Style style = Style::kPlain;    // scalars
  bool as_text = false;           // scalars: quoted, or tagged !!str: the schema has no say
  bool one_line = true;           // scalars: start and end on one line of the file
  uint16_t height = 0;            // levels below; 0 for a scalar
  uint32_t line = 0, column = 0;  // from 1
  uint32_t first = 0, count = 0;  // children; a map has keys and values in turn
  uint32_t weight = 1;            // nodes of the subtree, aliases unfolded
  std::string_view text;          // scalars: UTF-8, lives as long as the tree keeps this document
};

enum class ScalarType : uint8_t { kNull, kBool, kInteger, kFloat, kText };

struct Scalar {
  ScalarType type = ScalarType::kText;
  bool truth = false;  // kBool
  double number = 0;   // kInteger, kFloat; a whole number beyond all doubles is infinite
};

// The value of a scalar node by the core schema.
Scalar ResolveScalar(const YamlNode& node);
// "text", "a number", "a list", …: for messages.
const char* DescribeKind(const YamlNode& node);

// One document. Owns all nodes and texts; valid until the next YamlReader::Next into it. Reuse one for many
// documents: it keeps its memory. Not thread-safe.
class YamlTree {
 public:
  const YamlNode* root() const { return root_ == kNone ? nullptr : &nodes_[root_]; }
  const std::optional<YamlProblem>& problem() const { return problem_; }

  // REQUIRES: i < parent.count, respectively i < PairCount(map).
  const YamlNode& Child(const YamlNode& parent, uint32_t i) const { return nodes_[children_[parent.first + i]]; }
  static uint32_t PairCount(const YamlNode& map) { return map.count / 2; }
  const YamlNode& Key(const YamlNode& map, uint32_t i) const { return Child(map, 2 * i); }
  const YamlNode& Value(const YamlNode& map, uint32_t i) const { return Child(map, 2 * i + 1); }
  // The value under a key, nullptr where there is none.
  const YamlNode* Find(const YamlNode& map, std::string_view key) const;

  // Becomes `base` with what `over` says put over it: maps are joined, anything else is replaced. The key `without` of
  // either root is left out. A tree too large for a document becomes a problem. REQUIRES: both have maps as roots and
  // are other trees than this.
  void Merge(const YamlTree& base, const YamlTree& over, std::string_view without);

 private:
  friend class YamlReader;
  static constexpr uint32_t kNone = UINT32_MAX;

  void Clear();
  std::string_view Keep(std::string_view text);
  uint32_t Copy(const YamlTree& from, const YamlNode& node);
  uint32_t Join(const YamlTree& base, const YamlNode& base_map, const YamlTree& over, const YamlNode& over_map,
                std::string_view without);
  uint32_t AddCollection(YamlNode node, const std::vector<uint32_t>& children);

  std::vector<YamlNode> nodes_;
  std::vector<uint32_t> children_;
  uint32_t root_ = kNone;
  std::optional<YamlProblem> problem_;
  // Texts lie in blocks that are reused from document to document.
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t block_ = 0, used_ = 0;
};

}  // namespace spoor
