#include "match/affix_trie.h"

#include <algorithm>
#include <deque>

namespace spoor {

void AffixTrie::Build(const std::vector<std::string_view>& strings, Direction direction) {
  direction_ = direction;
  nodes_.clear();
  labels_.clear();
  first_.assign(256, -1);
  if (strings.empty()) return;
  std::vector<std::pair<std::string, uint32_t>> sorted;
  for (uint32_t i = 0; i < strings.size(); ++i) {
    std::string s(strings[i]);
    if (direction == kSuffix) std::reverse(s.begin(), s.end());
    sorted.emplace_back(std::move(s), i);
  }
  std::sort(sorted.begin(), sorted.end());
  // Level by level, so that a node's children lie side by side. A job is the range of strings below one node.
  struct Job {
    size_t node, from, to, depth;
  };
  std::deque<Job> jobs;
  const auto add_children = [&](size_t from, size_t to, size_t depth) {
    const auto first = static_cast<uint32_t>(nodes_.size());
    for (size_t i = from; i < to;) {
      size_t j = i + 1;
      while (j < to && sorted[j].first[depth] == sorted[i].first[depth]) ++j;
      // The label is what all of them share; sorted, so the first and the last tell.
      const std::string &a = sorted[i].first, &b = sorted[j - 1].first;
      size_t stop = depth;
      while (stop < a.size() && stop < b.size() && a[stop] == b[stop]) ++stop;
      Node node;
      node.label = static_cast<uint32_t>(labels_.size());
      node.label_size = static_cast<uint32_t>(stop - depth);
      node.child = node.children = 0;
      labels_.append(a, depth, stop - depth);
      jobs.push_back({nodes_.size(), i, j, stop});
      nodes_.push_back(node);
      i = j;
    }
    return first;
  };
  add_children(0, sorted.size(), 0);
  for (size_t i = 0; i < nodes_.size(); ++i) {
    first_[static_cast<uint8_t>(labels_[nodes_[i].label])] = static_cast<int32_t>(i);
  }
  while (!jobs.empty()) {
    Job job = jobs.front();
    jobs.pop_front();
    if (sorted[job.from].first.size() == job.depth) {
      nodes_[job.node].id = static_cast<int32_t>(sorted[job.from].second);
      ++job.from;
    }
    if (job.from == job.to) continue;
    const size_t before = nodes_.size();
    const uint32_t child = add_children(job.from, job.to, job.depth);
    nodes_[job.node].child = child;
    nodes_[job.node].children = static_cast<uint32_t>(nodes_.size() - before);
  }
}

}  // namespace spoor
