// A recursive-descent parser for well-meant XML written by test authors; depth is bounded by kMaxXmlDepth.
#include "support/xml_text.h"

#include <cstdlib>
#include <string>

#include "support/value_text.h"

namespace spoor::test {
namespace {

using Kind = XmlNode::Kind;

class Parser {
 public:
  Parser(std::string_view text, bool terminated) : text_(text), terminated_(terminated) {}

  absl::StatusOr<std::vector<XmlNode>> Run() {
    std::vector<XmlNode> nodes;
    Content("", 0, &nodes);
    if (!error_.empty()) {
      return absl::InvalidArgumentError("XML, character " + std::to_string(at_) + ": " + error_);
    }
    return nodes;
  }

 private:
  bool Done() const { return at_ >= text_.size() || !error_.empty(); }
  bool Take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void Fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }
  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  std::string UpTo(std::string_view end) {
    const size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) {
      Fail("missing " + std::string(end));
      return "";
    }
    std::string out(text_.substr(at_, found - at_));
    at_ = found + end.size();
    return out;
  }
  std::string Name() {
    const size_t start = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n=/><?\"'").find(text_[at_]) == std::string_view::npos) ++at_;
    if (at_ == start) Fail("a name is missing");
    return std::string(text_.substr(start, at_ - start));
  }

  // "%{…}" with balanced braces inside.
  void Substitution(bool optional, std::vector<XmlNode>* out) {
    const size_t start = at_;
    int depth = 1;
    while (at_ < text_.size() && depth > 0) {
      depth += text_[at_] == '{' ? 1 : text_[at_] == '}' ? -1 : 0;
      ++at_;
    }
    if (depth != 0) return Fail("missing } of a value");
    auto parsed = ParseValue(text_.substr(start, at_ - 1 - start), terminated_);
    if (!parsed.ok()) return Fail(std::string(parsed.status().message()));
    XmlNode node = XmlNode::Value(parsed->value, parsed->as_text, optional);
    node.declared = parsed->declared;
    out->push_back(std::move(node));
  }

  void Reference(std::vector<XmlNode>* out) {
    const std::string name = UpTo(";");
    XmlNode node;
    if (!name.empty() && name[0] == '#') {
      const bool hex = name.size() > 1 && (name[1] | 0x20) == 'x';
      node.kind = Kind::kCharRef;
      node.code = static_cast<uint16_t>(std::strtoul(name.c_str() + (hex ? 2 : 1), nullptr, hex ? 16 : 10));
    } else {
      node.kind = Kind::kEntityRef;
      node.text = name;
    }
    out->push_back(std::move(node));
  }

  // Text, references and substitutions up to `end` or a '<'.
  void Characters(char end, std::vector<XmlNode>* out) {
    std::string run;
    auto flush = [&] {
      if (!run.empty()) out->push_back(XmlNode::Text(run));
      run.clear();
    };
    while (!Done() && text_[at_] != end && text_[at_] != '<') {
      if (Take("%%{")) {
        run += "%{";
      } else if (Take("%{")) {
        flush();
        Substitution(false, out);
      } else if (Take("%?{")) {
        flush();
        Substitution(true, out);
      } else if (Take("&")) {
        flush();
        Reference(out);
      } else {
        run.push_back(text_[at_++]);
      }
    }
    flush();
  }

  void Content(std::string_view parent, int depth, std::vector<XmlNode>* out) {
    if (depth > kMaxXmlDepth) return Fail("nested too deeply");
    while (!Done()) {
      const size_t before = at_;
      SkipSpace();
      if (Done()) break;
      if (Take("</")) {
        const std::string name = Name();
        SkipSpace();
        if (!Take(">")) Fail("missing > of </" + name);
        if (name != parent) Fail("</" + name + "> closes <" + std::string(parent) + ">");
        return;
      }
      if (Take("<!--")) {
        UpTo("-->");
      } else if (Take("<![CDATA[")) {
        out->emplace_back();
        out->back().kind = Kind::kCData;
        out->back().text = UpTo("]]>");
      } else if (Take("<?")) {
        XmlNode node;
        node.kind = Kind::kInstruction;
        node.text = Name();
        SkipSpace();
        node.data = UpTo("?>");
        out->push_back(std::move(node));
      } else if (Take("<")) {
        XmlNode child = Element(depth);
        out->push_back(std::move(child));
      } else {
        at_ = before;
        Characters('<', out);
      }
    }
    if (!parent.empty()) Fail("missing </" + std::string(parent) + ">");
  }

  XmlNode Element(int depth) {
    XmlNode node = XmlNode::Element(Name());
    while (!Done()) {
      SkipSpace();
      if (Take("/>")) return node;
      if (Take(">")) {
        Content(node.text, depth + 1, &node.children);
        return node;
      }
      XmlNode::Attribute attribute{Name(), {}};
      SkipSpace();
      if (!Take("=")) Fail("missing = of an attribute");
      SkipSpace();
      const char quote = at_ < text_.size() ? text_[at_] : '\0';
      if (quote != '"' && quote != '\'') Fail("missing quote of an attribute");
      ++at_;
      Characters(quote, &attribute.second);
      ++at_;
      if (attribute.second.empty()) attribute.second.push_back(XmlNode::Text(""));
      node.attributes.push_back(std::move(attribute));
    }
    Fail("missing > of <" + node.text);
    return node;
  }

  std::string_view text_;
  bool terminated_;
  size_t at_ = 0;
  std::string error_;
};

}  // namespace

absl::StatusOr<std::vector<XmlNode>> ParseXml(std::string_view xml, bool terminated_strings) {
  return Parser(xml, terminated_strings).Run();
}

}  // namespace spoor::test
