// XML as a row of tokens, without a tree (W3C, Extensible Markup Language 1.0).
//
// For evidence: no document type, no entity but the five of XML and character references, nothing outside the text is
// ever read. Comments, processing instructions and a document type are passed over. Views are into the text.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spoor::evtx_xml {

class Scanner {
 public:
  enum class Token : uint8_t {
    kElement,    // <name
    kAttribute,  // name="text", of the element before
    kContent,    // > : what follows is within the element
    kClosed,     // /> or </name>; name() is that of the element where it was written
    kText,       // text(); to be unescaped
    kCData,      // text(), as it is
    kEnd,        // the text is at its end
    kBroken,     // no XML from here
  };

  explicit Scanner(std::string_view xml) : xml_(xml) {}

  Token Next();
  std::string_view name() const { return name_; }
  std::string_view text() const { return text_; }
  size_t at() const { return at_; }  // behind the token

 private:
  Token Tag();
  Token InTag();
  bool SkipTo(std::string_view end);

  std::string_view xml_, name_, text_;
  size_t at_ = 0;
  bool in_tag_ = false;
};

// Appends a text with its references resolved (&amp; &#65; &#x41;); what is none stays as it is.
void AppendUnescaped(std::string_view text, std::string* out);

}  // namespace spoor::evtx_xml
