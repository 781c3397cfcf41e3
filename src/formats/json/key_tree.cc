#include "formats/json/key_tree.h"

#include <algorithm>

#include "formats/json/string.h"

namespace spoor::json {
namespace {

constexpr size_t kFewChildren = 8;  // so few are compared one after the other

// Where producers put the time of an event, the one that says when it happened before those that say when it was
// received or written.
constexpr std::string_view kTimeNames[] = {
    "Event.System.TimeCreated.#attributes.SystemTime",  // evtx_dump
    "System.TimeCreated.SystemTime",
    "TimeCreated",
    "UtcTime",     // Sysmon
    "@timestamp",  // Elastic
    "EventTime",   // NXLog
    "eventTime",   // AWS CloudTrail
    "event_time",
    "CreationTime",  // Microsoft 365
    "createdDateTime",
    "activityDateTime",
    "published",  // Okta
    "time",
    "timestamp",
    "Timestamp",
    "TimeGenerated",
    "_time",  // Splunk
    "ts",     // Zeek
    "datetime",
    "date",
    "created_at",
};

}  // namespace

KeyTree::KeyTree(const SourceTag& given) : given_(given), root_(std::make_unique<Node>()) {}
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

const JsonShape& KeyTree::ShapeAt(Node* at) {
  if (at->shape_ != nullptr) return *at->shape_;
  std::vector<const Node*> way;
  for (const Node* node = at; node->parent_ != nullptr; node = node->parent_) way.push_back(node);
  auto made = std::make_unique<JsonShape>();
  Shape& shape = made->shape;
  shape.number = ++shapes_;
  std::string prefix;
  std::vector<size_t> opened;  // sizes of the prefix before each object that is open
  for (size_t i = way.size(); i-- > 0;) {
    const Node& node = *way[i];
    switch (node.step_) {
      case Step::kOpen:
        opened.push_back(prefix.size());
        AppendUnescaped(node.text_, &prefix);
        prefix += '.';
        break;
      case Step::kClose:
        prefix.resize(opened.back());
        opened.pop_back();
        break;
      case Step::kValue:
      case Step::kName: {
        std::string name = prefix;
        if (node.step_ == Step::kValue) {
          AppendUnescaped(node.text_, &name);
        } else {
          name += node.text_;
        }
        memory_ += sizeof(Field) + sizeof(FieldPart) + name.size();
        shape.fields.push_back({std::move(name), {{FieldPart::kValue, shape.value_count++}}});
        break;
      }
    }
  }
  const auto find = [&](std::string_view name) {
    for (size_t i = 0; i < shape.fields.size(); ++i) {
      if (shape.fields[i].name == name) return static_cast<int>(i);
    }
    return -1;
  };
  for (const std::string_view name : kTimeNames) {
    if (const int i = find(name); i >= 0) made->times.push_back(static_cast<uint32_t>(i));
  }
  // An event of a Windows log says so by its channel and event id; then these say what it is.
  const int channel = find("Channel"), event_id = find("EventID");
  if (channel >= 0 && event_id >= 0) {
    shape.key = {channel, find("Provider_Name"), event_id, find("Computer")};
  } else {
    shape.source = given_;
  }
  memory_ += sizeof(JsonShape);
  at->shape_ = std::move(made);
  return *at->shape_;
}

}  // namespace spoor::json
