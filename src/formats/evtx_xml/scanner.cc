#include "formats/evtx_xml/scanner.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace spoor::evtx_xml {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kNameEnds = " \t\r\n/>=<\"'";

}  // namespace

bool Scanner::SkipTo(std::string_view end) {
  const size_t stop = xml_.find(end, at_);
  if (stop == std::string_view::npos) return false;
  at_ = stop + end.size();
  return true;
}

Scanner::Token Scanner::Next() {
  if (in_tag_) return InTag();
  while (at_ < xml_.size()) {
    if (xml_[at_] != '<') {
      const size_t stop = std::min(xml_.find('<', at_), xml_.size());
      text_ = xml_.substr(at_, stop - at_);
      at_ = stop;
      return Token::kText;
    }
    const std::string_view rest = xml_.substr(at_);
    if (rest.starts_with("<![CDATA[")) {
      at_ += 9;
      const size_t begin = at_;
      if (!SkipTo("]]>")) return Token::kBroken;
      text_ = xml_.substr(begin, at_ - 3 - begin);
      return Token::kCData;
    }
    if (rest.starts_with("<!--")) {
      at_ += 4;
      if (!SkipTo("-->")) return Token::kBroken;
    } else if (rest.starts_with("<?")) {
      if (!SkipTo("?>")) return Token::kBroken;
    } else if (rest.starts_with("<!")) {
      const size_t inner = rest.find('['), stop = rest.find('>');
      if (!SkipTo(inner < stop ? "]>" : ">")) return Token::kBroken;
    } else {
      return Tag();
    }
  }
  return Token::kEnd;
}

Scanner::Token Scanner::Tag() {
  const bool closing = at_ + 1 < xml_.size() && xml_[at_ + 1] == '/';
  const size_t begin = at_ + 1 + closing;
  const size_t stop = std::min(xml_.find_first_of(kNameEnds, begin), xml_.size());
  if (stop == begin || stop == xml_.size()) return Token::kBroken;
  name_ = xml_.substr(begin, stop - begin);
  at_ = stop;
  if (!closing) {
    in_tag_ = true;
    return Token::kElement;
  }
  at_ = xml_.find_first_not_of(kSpace, at_);
  if (at_ >= xml_.size() || xml_[at_] != '>') return Token::kBroken;
  ++at_;
  return Token::kClosed;
}

Scanner::Token Scanner::InTag() {
  at_ = std::min(xml_.find_first_not_of(kSpace, at_), xml_.size());
  if (at_ == xml_.size()) return Token::kBroken;
  if (xml_[at_] == '>') {
    ++at_;
    in_tag_ = false;
    return Token::kContent;
  }
  if (xml_[at_] == '/') {
    if (at_ + 1 >= xml_.size() || xml_[at_ + 1] != '>') return Token::kBroken;
    at_ += 2;
    in_tag_ = false;
    name_ = {};
    return Token::kClosed;
  }
  const size_t stop = std::min(xml_.find_first_of(kNameEnds, at_), xml_.size());
  if (stop == at_) return Token::kBroken;
  name_ = xml_.substr(at_, stop - at_);
  at_ = std::min(xml_.find_first_not_of(kSpace, stop), xml_.size());
  if (at_ >= xml_.size() || xml_[at_] != '=') return Token::kBroken;
  at_ = std::min(xml_.find_first_not_of(kSpace, at_ + 1), xml_.size());
  if (at_ >= xml_.size() || (xml_[at_] != '"' && xml_[at_] != '\'')) return Token::kBroken;
  const size_t begin = at_ + 1;
  const size_t end = xml_.find(xml_[at_], begin);
  if (end == std::string_view::npos) return Token::kBroken;
  text_ = xml_.substr(begin, end - begin);
  at_ = end + 1;
  return Token::kAttribute;
}

void AppendUnescaped(std::string_view text, std::string* out) {
  constexpr size_t kLongest = 12;  // of a reference, in bytes
  for (size_t at = 0; at < text.size();) {
    const size_t next = std::min(text.find('&', at), text.size());
    out->append(text, at, next - at);
    at = next;
    if (at == text.size()) return;
    const size_t stop = text.substr(0, std::min(text.size(), at + kLongest)).find(';', at);
    std::string_view name = stop == std::string_view::npos ? "" : text.substr(at + 1, stop - at - 1);
    char32_t c = 0;
    if (name == "amp") {
      c = '&';
    } else if (name == "lt") {
      c = '<';
    } else if (name == "gt") {
      c = '>';
    } else if (name == "quot") {
      c = '"';
    } else if (name == "apos") {
      c = '\'';
    } else if (name.starts_with('#')) {
      name.remove_prefix(1);
      const bool hex = name.starts_with('x') || name.starts_with('X');
      if (hex) name.remove_prefix(1);
      uint32_t number = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number, hex ? 16 : 10);
      const bool good = error == std::errc() && end == name.data() + name.size() && !name.empty();
      if (good) c = number == 0 || number > 0x10ffff || (number >= 0xd800 && number < 0xe000) ? 0xfffd : number;
    }
    if (c == 0) {
      *out += text[at++];
      continue;
    }
    AppendUtf8(c, out);
    at = stop + 1;
  }
}

}  // namespace spoor::evtx_xml
