// The shapes of JSON events: which keys an event has, in which order.
//
// The ways through the keys of all events so far form a tree. An event is one way down, a step for each key and for
// each end of an object; where it ends stands its shape. Logs repeat, so a step is nearly always one comparison: the
// child taken last is tried first.
//
//     {"a": 1, "b": {"c": 2}}        root -> value "a" -> open "b" -> value "c" -> close     fields: a, b.c
//
// Not thread-safe. Nodes and shapes stay where they are until Clear.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"
#include "formats/mapping/mapped_shape.h"

namespace spoor::json {

class KeyTree {
 public:
  enum class Step : uint8_t {
    kValue,  // a key and its value
    kName,   // the same, with a name made of several keys (what lists of objects hold)
    kOpen,   // a key and the beginning of its object
    kClose,  // the end of an object
    kInner,  // a field whose text is unfolded, up to kClose; what was before it decides on the mapping
  };
  class Node;

  // `given`: what events are that do not say it themselves. REQUIRES: the mappings outlive the tree.
  KeyTree(const SourceTag& given, const Mappings& mappings);
  ~KeyTree();

  Node* root() { return root_.get(); }
  // The place a step further. `text`: the key as written, between its quotes; of kName the name; of kClose empty.
  Node* Next(Node* at, Step step, std::string_view text);
  // The shape of an event that ends here; value i is that of the i-th value step, object i of the i-th kOpen or kInner.
  MappedShape& ShapeAt(Node* at);

  size_t memory() const { return memory_; }  // bytes, roughly
  void Clear();

 private:
  SourceTag given_;
  const Mappings& mappings_;
  std::unique_ptr<Node> root_;
  size_t memory_ = 0;
  uint64_t shapes_ = 0;
};

class KeyTree::Node {
 public:
  // If the child taken last is reached by this step with the key that begins at `key`, that child; `limit`: the end of
  // what may be read.
  Node* Guess(Step step, const uint8_t* key, const uint8_t* limit) const {
    Node* const child = last_;
    if (child == nullptr || child->step_ != step) return nullptr;
    const size_t size = child->text_.size();
    if (static_cast<size_t>(limit - key) <= size) return nullptr;
    return key[size] == '"' && std::memcmp(key, child->text_.data(), size) == 0 ? child : nullptr;
  }

 private:
  friend class KeyTree;
  Node* parent_ = nullptr;
  Node* last_ = nullptr;  // the child taken last
  Step step_ = Step::kOpen;
  std::string text_;
  std::vector<std::unique_ptr<Node>> children_;
  absl::flat_hash_map<std::pair<uint8_t, std::string_view>, Node*> index_;  // of many children
  std::unique_ptr<MappedShape> shape_;
};

}  // namespace spoor::json
