#include "formats/json/key_tree.h"

#include <algorithm>

#include "formats/json/string.h"

namespace spoor::json {
namespace {

constexpr size_t kFewChildren = 8;  // so few are compared one after the other

}  // namespace

KeyTree::KeyTree(const SourceTag& given, const Mappings& mappings)
    : given_(given), mappings_(mappings), root_(std::make_unique<Node>()) {}
KeyTree::~KeyTree() { Clear(); }

// Children are freed from a list, not by recursion: a way may be as long as a line has keys.
void KeyTree::Clear() {
  std::vector<std::unique_ptr<Node>> nodes;
  nodes.push_back(std::move(root_));
  while (!nodes.empty()) {
    const std::unique_ptr<Node> node = std::move(nodes.back());
    nodes.pop_back();
    for (std::unique_ptr<Node>& child : node->children_) nodes.push_back(std::move(child));
  }
  root_ = std::make_unique<Node>();
  memory_ = 0;
}

KeyTree::Node* KeyTree::Next(Node* at, Step step, std::string_view text) {
  Node* child = at->last_;
  if (child != nullptr && child->step_ == step && child->text_ == text) return child;
  if (at->index_.empty()) {
    for (const std::unique_ptr<Node>& known : at->children_) {
      if (known->step_ == step && known->text_ == text) return at->last_ = known.get();
    }
  } else if (const auto it = at->index_.find({static_cast<uint8_t>(step), text}); it != at->index_.end()) {
    return at->last_ = it->second;
  }
  child = at->children_.emplace_back(std::make_unique<Node>()).get();
  child->parent_ = at;
  child->step_ = step;
  child->text_ = text;
  memory_ += sizeof(Node) + text.size();
  if (at->children_.size() > kFewChildren) {
    if (at->index_.empty()) {
      for (const auto& known : at->children_)
        at->index_[{static_cast<uint8_t>(known->step_), known->text_}] = known.get();
    } else {
      at->index_[{static_cast<uint8_t>(step), child->text_}] = child;
    }
  }
  return at->last_ = child;
}

MappedShape& KeyTree::ShapeAt(Node* at) {
  if (at->shape_ != nullptr) return *at->shape_;
  std::vector<const Node*> way;
  for (const Node* node = at; node->parent_ != nullptr; node = node->parent_) way.push_back(node);
  std::vector<std::string> names, objects;
  size_t deciding = SIZE_MAX;
  std::string prefix;
  std::vector<size_t> opened;  // sizes of the prefix before each object that is open
  for (size_t i = way.size(); i-- > 0;) {
    const Node& node = *way[i];
    switch (node.step_) {
      case Step::kInner:
        if (opened.empty()) deciding = std::min(deciding, names.size());
        opened.push_back(prefix.size());
        prefix += node.text_;
        objects.push_back(prefix);
        if (!prefix.empty()) prefix += '.';
        break;
      case Step::kOpen:
        opened.push_back(prefix.size());
        AppendUnescaped(node.text_, &prefix);
        objects.push_back(prefix);
        prefix += '.';
        break;
      case Step::kClose:
        prefix.resize(opened.back());
        opened.pop_back();
        break;
      case Step::kValue:
        AppendUnescaped(node.text_, &names.emplace_back(prefix));
        break;
      case Step::kName:
        names.emplace_back(prefix + node.text_);
        break;
    }
  }
  at->shape_ = std::make_unique<MappedShape>(mappings_.Map(names, deciding, objects), given_, ++shapes_);
  memory_ += at->shape_->memory();
  return *at->shape_;
}

}  // namespace spoor::json
