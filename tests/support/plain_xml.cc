#include "support/plain_xml.h"

#include <cstdlib>

#include "base/text.h"

namespace spoor::test {
namespace {

std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text[at] == '&' ? text.find(';', at) : std::string_view::npos;
    if (end == std::string_view::npos || end - at > 10) {
      out += text[at++];
      continue;
    }
    const std::string name(text.substr(at + 1, end - at - 1));
    at = end + 1;
    if (name == "amp") {
      out += '&';
    } else if (name == "lt") {
      out += '<';
    } else if (name == "gt") {
      out += '>';
    } else if (name == "quot") {
      out += '"';
    } else if (name == "apos") {
      out += '\'';
    } else if (name[0] == '#') {
      const bool hex = name.size() > 1 && name[1] == 'x';
      AppendUtf8(static_cast<char32_t>(std::strtoul(name.c_str() + (hex ? 2 : 1), nullptr, hex ? 16 : 10)), &out);
    } else {
      out += '&' + name + ';';
    }
  }
  return out;
}

constexpr std::string_view kSpace = " \t\r\n";

// The tag at text[at] == '<'; returns the offset behind it. *closed: "/>".
size_t ReadTag(std::string_view text, size_t at, PlainXml* element, bool* closed) {
  size_t end = text.find_first_of(" \t\r\n/>", at + 1);
  element->name = text.substr(at + 1, end - at - 1);
  *closed = false;
  for (at = end; at < text.size();) {
    at = text.find_first_not_of(kSpace, at);
    if (at == std::string_view::npos) break;
    if (text[at] == '>') return at + 1;
    if (text[at] == '/') {
      *closed = true;
      ++at;
      continue;
    }
    const size_t equals = text.find('=', at);
    if (equals == std::string_view::npos || equals + 1 >= text.size()) break;
    const size_t stop = text.find(text[equals + 1], equals + 2);
    if (stop == std::string_view::npos) break;
    element->attributes.emplace_back(text.substr(at, equals - at),
                                     Unescape(text.substr(equals + 2, stop - equals - 2)));
    at = stop + 1;
  }
  return text.size();
}

}  // namespace

std::vector<PlainXml> ParsePlainXml(std::string_view text) {
  PlainXml root;
  std::vector<PlainXml> open{PlainXml()};
  std::vector<size_t> begins{0};
  for (size_t at = 0; at < text.size();) {
    const size_t tag = text.find('<', at);
    open.back().text += Unescape(text.substr(at, tag - at));
    if (tag == std::string_view::npos) break;
    if (text.substr(tag, 9) == "<![CDATA[") {
      const size_t end = text.find("]]>", tag);
      open.back().text += text.substr(tag + 9, end - tag - 9);
      at = end == std::string_view::npos ? text.size() : end + 3;
    } else if (text.substr(tag, 2) == "</") {
      at = text.find('>', tag);
      at = at == std::string_view::npos ? text.size() : at + 1;
      if (open.size() == 1) continue;
      PlainXml done = std::move(open.back());
      open.pop_back();
      if (!done.children.empty()) done.raw = text.substr(begins.back(), tag - begins.back());
      begins.pop_back();
      open.back().children.push_back(std::move(done));
    } else if (text.substr(tag, 2) == "<?" || text.substr(tag, 2) == "<!") {
      at = text.find('>', tag);
      at = at == std::string_view::npos ? text.size() : at + 1;
    } else {
      PlainXml element;
      bool closed;
      at = ReadTag(text, tag, &element, &closed);
      if (closed) {
        open.back().children.push_back(std::move(element));
      } else {
        open.push_back(std::move(element));
        begins.push_back(at);
      }
    }
  }
  while (open.size() > 1) {  // never closed
    PlainXml done = std::move(open.back());
    open.pop_back();
    open.back().children.push_back(std::move(done));
  }
  return std::move(open.front().children);
}

}  // namespace spoor::test
