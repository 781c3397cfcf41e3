// Shapes of events that name their own fields (key=value): one for each sequence of keys, made when first seen.
//
// The ways through the keys form a tree; logs repeat, so a step is nearly always one comparison: the child taken last
// is tried first. Not thread-safe. Nodes and shapes stay where they are until Clear.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "event/event.h"

namespace spoor {

class KeyShapes {
 public:
  class Node {
    friend class KeyShapes;
    Node* parent_ = nullptr;
    Node* last_ = nullptr;  // the child taken last
    std::string key_;
    std::vector<std::unique_ptr<Node>> children_;
    absl::flat_hash_map<std::string_view, Node*> index_;  // of many children
    std::unique_ptr<Shape> shape_;
  };

  // Where the keys of the events begin that have this number in common.
  Node* Root(uint64_t number);
  // The place one key further.
  Node* Next(Node* at, std::string_view key) {
    Node* const last = at->last_;
    return last != nullptr && last->key_ == key ? last : Find(at, key);
  }
  // The shape of an event whose keys end here. Where it is new, make(&shape, keys) is to fill it in but for its number;
  // `keys`: the keys from the root to here.
  template <typename Make>
  const Shape& ShapeAt(Node* at, Make&& make) {
    if (at->shape_ == nullptr) {
      at->shape_ = std::make_unique<Shape>();
      make(at->shape_.get(), KeysOf(at));
      Count(at->shape_.get());
    }
    return *at->shape_;
  }

  size_t memory() const { return memory_; }  // bytes, roughly
  void Clear();

 private:
  Node* Find(Node* at, std::string_view key);
  static std::vector<std::string> KeysOf(const Node* at);
  void Count(Shape* shape);

  absl::flat_hash_map<uint64_t, std::unique_ptr<Node>> roots_;
  size_t memory_ = 0;
  uint64_t shapes_ = 0;
};

}  // namespace spoor
