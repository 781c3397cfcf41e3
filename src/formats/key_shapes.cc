#include "formats/key_shapes.h"

#include <algorithm>

namespace spoor {

constexpr size_t kManyChildren = 8;

KeyShapes::Node* KeyShapes::Root(uint64_t number) {
  std::unique_ptr<Node>& root = roots_[number];
  if (root == nullptr) {
    root = std::make_unique<Node>();
    memory_ += sizeof(Node);
  }
  return root.get();
}

KeyShapes::Node* KeyShapes::Find(Node* at, std::string_view key) {
  if (at->children_.size() > kManyChildren) {
    if (const auto it = at->index_.find(key); it != at->index_.end()) return at->last_ = it->second;
  } else {
    for (const auto& child : at->children_) {
      if (child->key_ == key) return at->last_ = child.get();
    }
  }
  Node* const child = at->children_.emplace_back(std::make_unique<Node>()).get();
  child->parent_ = at;
  child->key_ = std::string(key);
  memory_ += sizeof(Node) + 2 * key.size() + 64;
  if (at->children_.size() > kManyChildren) {
    for (size_t i = at->index_.size(); i < at->children_.size(); ++i) {
      at->index_.emplace(at->children_[i]->key_, at->children_[i].get());
    }
  }
  return at->last_ = child;
}

std::vector<std::string> KeyShapes::KeysOf(const Node* at) {
  std::vector<std::string> keys;
  for (; at->parent_ != nullptr; at = at->parent_) keys.push_back(at->key_);
  std::reverse(keys.begin(), keys.end());
  return keys;
}

void KeyShapes::Count(Shape* shape) {
  shape->number = ++shapes_;
  memory_ += sizeof(Shape) + shape->constant_bytes.size();
  for (const Field& field : shape->fields) memory_ += sizeof(Field) + sizeof(FieldPart) + 32 + field.name.size();
}

void KeyShapes::Clear() {
  roots_.clear();
  memory_ = 0;
}

}  // namespace spoor
