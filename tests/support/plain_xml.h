// A small reader of XML as programs print it: elements, attributes, text, entities. For test output of other tools
// only; what is not well-formed is taken as it comes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spoor::test {

struct PlainXml {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;  // of the element itself, all pieces joined, as it stands
  std::string raw;   // everything between its tags, untouched; only where there are children
  std::vector<PlainXml> children;
};

// Elements at the top of `text`, whatever stands between them.
std::vector<PlainXml> ParsePlainXml(std::string_view text);

}  // namespace spoor::test
