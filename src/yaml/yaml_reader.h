// Reads YAML: the documents of a text, one after the other, each as a flat tree (yaml_node.h).
//
//     YamlReader reader(text);
//     YamlTree tree;
//     while (reader.Next(&tree)) {
//       if (tree.problem()) …            // this document cannot be used, the next ones can
//       else if (tree.root()) …          // nullptr: an empty document
//     }
//
// Anchors and aliases are supported; what they unfold to is bounded (limits.h). Not supported, and said so: merge keys
// (`<<`, no part of YAML 1.2), collections as keys, a key twice in its map. A problem has the line and column where
// what is wrong begins and, where it can be guessed, what the author overlooked.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "yaml/yaml_node.h"

namespace spoor {

// Reads the documents of one text, which must outlive the reader. Text that is no YAML costs the document it
// stands in: reading goes on at the next line that begins a document ("---"). The tree owns what it is given: it may
// outlive reader and text. Not thread-safe.
class YamlReader {
 public:
  explicit YamlReader(std::string_view text);
  ~YamlReader();
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;

  // False when there are no more documents.
  bool Next(YamlTree* tree);

 private:
  struct State;
  void Open(size_t offset);
  bool Recover(const YamlProblem& problem);

  std::string_view text_;
  std::unique_ptr<State> state_;
};

}  // namespace spoor
