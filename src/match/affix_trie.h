// Which of many strings a text begins with (or ends with), in one walk.
//
// A radix tree over the strings, reversed for suffixes. A text like C:\Windows\System32\cmd.exe against thousands
// of file names costs a walk of a dozen steps, where a multi-pattern automaton would read all of it and report
// positions in the middle only to have them refused. Immutable after Build.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spoor {

class AffixTrie {
 public:
  enum Direction { kPrefix, kSuffix };

  // `strings` are distinct and not empty; ids are their places in the list.
  void Build(const std::vector<std::string_view>& strings, Direction direction);
  bool empty() const { return nodes_.empty(); }

  // Calls fn(id) for every string that text begins (ends) with, shortest first.
  template <typename Fn>
  void Find(std::string_view text, Fn&& fn) const;

 private:
  struct Node {
    uint32_t label, label_size;  // bytes in labels_, in reading order of the walk
    uint32_t child, children;    // in nodes_; sorted by first label byte
    int32_t id = -1;             // string that ends here
  };
  std::vector<Node> nodes_;
  std::string labels_;
  Direction direction_ = kPrefix;
  std::vector<int32_t> first_;  // root's child by first byte, -1: none
};

template <typename Fn>
void AffixTrie::Find(std::string_view text, Fn&& fn) const {
  if (nodes_.empty() || text.empty()) return;
  const bool prefix = direction_ == kPrefix;
  const size_t size = text.size();
  size_t at = 0;  // bytes of text used, counted from its beginning (end)
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(prefix ? text[i] : text[size - 1 - i]); };
  int32_t next = first_[byte(0)];
  while (next >= 0) {
    const Node& node = nodes_[next];
    if (size - at < node.label_size) return;
    const char* label = labels_.data() + node.label;
    for (uint32_t i = 0; i < node.label_size; ++i) {
      if (static_cast<uint8_t>(label[i]) != byte(at + i)) return;
    }
    at += node.label_size;
    if (node.id >= 0) fn(static_cast<uint32_t>(node.id));
    if (at == size || node.children == 0) return;
    const uint8_t want = byte(at);
    uint32_t low = node.child, high = node.child + node.children;
    while (low < high) {
      const uint32_t middle = (low + high) / 2;
      if (static_cast<uint8_t>(labels_[nodes_[middle].label]) < want) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const bool found = low < node.child + node.children && static_cast<uint8_t>(labels_[nodes_[low].label]) == want;
    next = found ? static_cast<int32_t>(low) : -1;
  }
}

}  // namespace spoor
