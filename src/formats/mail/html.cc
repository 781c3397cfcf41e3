#include "formats/mail/html.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace spoor::mail {
namespace {

// A value of href or src as readers take it: without spaces around it and without line ends in it.
std::string AsUrl(std::string_view value) {
  std::string url;
  for (const char c : value.substr(0, 2 * kMaxUrl)) {
    if (c != '\t' && c != '\r' && c != '\n') url += c;
  }
  const size_t begin = url.find_first_not_of(' '), end = url.find_last_not_of(' ');
  if (begin == std::string::npos) return {};
  url = url.substr(begin, end - begin + 1);
  if (url.starts_with("//")) url.insert(0, "http:");
  return HasScheme(url) ? url : std::string();
}

// Character references of HTML that mail has (HTML, "named character references").
struct Entity {
  std::string_view name;
  char32_t c;
};
constexpr Entity kEntities[] = {
    {"amp", '&'},      {"lt", '<'},        {"gt", '>'},       {"quot", '"'},     {"apos", '\''},    {"nbsp", ' '},
    {"copy", 0xa9},    {"reg", 0xae},      {"auml", 0xe4},    {"ouml", 0xf6},    {"uuml", 0xfc},    {"Auml", 0xc4},
    {"Ouml", 0xd6},    {"Uuml", 0xdc},     {"szlig", 0xdf},   {"eacute", 0xe9},  {"egrave", 0xe8},  {"agrave", 0xe0},
    {"ccedil", 0xe7},  {"hellip", 0x2026}, {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019},
    {"ldquo", 0x201c}, {"rdquo", 0x201d},  {"bull", 0x2022},  {"middot", 0xb7},  {"euro", 0x20ac},  {"colon", ':'},
    {"sol", '/'},      {"period", '.'},    {"equals", '='},   {"num", '#'},      {"quest", '?'},    {"percnt", '%'}};

// The character reference at `at` (an ampersand); its size, 0: it is none.
size_t TakeEntity(std::string_view text, size_t at, char32_t* c) {
  std::string_view rest = text.substr(at + 1, 12);
  if (rest.starts_with('#')) {
    const bool hex = rest.size() > 1 && (rest[1] == 'x' || rest[1] == 'X');
    size_t i = hex ? 2 : 1, digits = 0;
    uint32_t number = 0;
    for (; i < rest.size() && digits < 8; ++i, ++digits) {
      const char d = rest[i];
      const int value = d >= '0' && d <= '9'          ? d - '0'
                        : hex && d >= 'a' && d <= 'f' ? d - 'a' + 10
                        : hex && d >= 'A' && d <= 'F' ? d - 'A' + 10
                                                      : -1;
      if (value < 0) break;
      number = number * (hex ? 16 : 10) + static_cast<uint32_t>(value);
      if (number > 0x10ffff) return 0;
    }
    if (digits == 0) return 0;
    const bool surrogate = number >= 0xd800 && number < 0xe000;
    *c = number == 0xa0 ? ' ' : surrogate || number == 0 ? 0xfffd : number;
    return 1 + i + (i < rest.size() && rest[i] == ';');
  }
  size_t end = 0;
  while (end < rest.size() && ((rest[end] | 0x20) >= 'a' && (rest[end] | 0x20) <= 'z')) ++end;
  if (end == rest.size() || rest[end] != ';') return 0;
  for (const Entity& entity : kEntities) {
    if (entity.name != rest.substr(0, end)) continue;
    *c = entity.c;
    return end + 2;
  }
  return 0;
}

std::string Decoded(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    char32_t c = 0;
    const size_t size = text[at] == '&' ? TakeEntity(text, at, &c) : 0;
    if (size == 0) {
      out += text[at++];
      continue;
    }
    AppendUtf8(c, &out);
    at += size;
  }
  return out;
}

// What of a tag's attributes tells something.
struct Tag {
  std::string name;
  std::string href, src, style, width, height, background;
  bool hidden = false;
};

// A length in pixels, "1" or "1px"; nothing: none, or not in pixels.
std::optional<int> Pixels(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin);
  int number = 0;
  size_t digits = 0;
  for (; digits < text.size() && digits < 6 && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    number = number * 10 + (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  if (text.starts_with('%')) return std::nullopt;
  return number;
}

// What a style says of a property, in lower case without spaces; empty: nothing.
std::string StyleOf(std::string_view style, std::string_view property) {
  for (size_t at = 0; at < style.size();) {
    const size_t stop = std::min(style.find(';', at), style.size());
    const std::string_view part = style.substr(at, stop - at);
    at = stop + 1;
    const size_t colon = part.find(':');
    if (colon == std::string_view::npos) continue;
    const auto plain = [](std::string_view text) {
      std::string out = AsciiLower(text);
      std::erase_if(out, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
      return out;
    };
    if (plain(part.substr(0, colon)) == property) return plain(part.substr(colon + 1));
  }
  return {};
}

bool IsUnseen(const Tag& tag) {
  if (tag.hidden || StyleOf(tag.style, "display").starts_with("none") ||
      StyleOf(tag.style, "visibility").starts_with("hidden") || StyleOf(tag.style, "visibility").starts_with("coll")) {
    return true;
  }
  const std::string opacity = StyleOf(tag.style, "opacity");
  if (!opacity.empty() && opacity.find_first_not_of("0.%!important") == std::string::npos) return true;
  const auto size_of = [&](const std::string& attribute, std::string_view property) {
    std::optional<int> pixels = Pixels(StyleOf(tag.style, property));
    return pixels ? pixels : Pixels(attribute);
  };
  const std::optional<int> width = size_of(tag.width, "width"), height = size_of(tag.height, "height");
  if ((width && *width == 0) || (height && *height == 0)) return true;
  if (width && height) return *width <= 3 && *height <= 3;
  return (width && *width <= 1) || (height && *height <= 1);
}

class HtmlReader {
 public:
  HtmlReader(std::string_view html, size_t max, std::vector<Link>* links, std::string* text)
      : html_(html), max_(max), links_(links), text_(text) {}

  bool Read() {
    size_t at = 0;
    while (at < html_.size()) {
      const size_t open = std::min(html_.find('<', at), html_.size());
      Text(html_.substr(at, open - at));
      at = open;
      if (at < html_.size()) at = Markup(at);
    }
    FlushText();
    return whole_;
  }

 private:
  // From '<' on; returns where it goes on.
  size_t Markup(size_t at) {
    const std::string_view rest = html_.substr(at);
    if (rest.starts_with("<!--")) {
      if (rest.starts_with("<!--[if")) return Behind(at, '>');  // its content is shown by some readers
      if (rest.substr(4).starts_with(">") || rest.substr(4).starts_with("->")) return Behind(at, '>');
      const size_t end = no_comment_end_ ? std::string_view::npos : FindText(html_, "-->", at + 4);
      no_comment_end_ |= end == std::string_view::npos;
      return end == std::string_view::npos ? Behind(at, '>') : end + 3;
    }
    if (rest.size() > 1 && (rest[1] == '!' || rest[1] == '?')) return Behind(at, '>');
    const bool end_tag = rest.size() > 1 && rest[1] == '/';
    size_t name = at + 1 + (end_tag ? 1 : 0), stop = name;
    while (stop < html_.size() && IsNameByte(html_[stop])) ++stop;
    if (stop == name) {
      Text(html_.substr(at, 1));
      return at + 1;
    }
    Tag tag;
    tag.name = AsciiLower(html_.substr(name, std::min<size_t>(stop - name, 32)));
    at = Attributes(stop, &tag);
    if (end_tag) {
      EndTag(tag.name);
      return at;
    }
    StartTag(tag);
    return IsOneOf(tag.name, {"style", "script", "title"}) ? SkipRaw(at, tag.name) : at;
  }

  static bool IsNameByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '-';
  }
  static bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

  size_t Behind(size_t at, char c) const {
    const size_t found = html_.find(c, at);
    return found == std::string_view::npos ? html_.size() : found + 1;
  }

  size_t Attributes(size_t at, Tag* tag) {
    while (at < html_.size()) {
      while (at < html_.size() && (IsSpace(html_[at]) || html_[at] == '/')) ++at;
      if (at == html_.size()) break;
      if (html_[at] == '>') return at + 1;
      if (html_[at] == '<') return at;  // the tag never ended
      const size_t name = at;
      while (at < html_.size() && !IsSpace(html_[at]) && html_[at] != '=' && html_[at] != '>' && html_[at] != '<' &&
             (html_[at] != '/' || at == name)) {
        ++at;
      }
      const std::string_view attribute = html_.substr(name, at - name);
      size_t equals = at;
      while (equals < html_.size() && IsSpace(html_[equals])) ++equals;
      if (equals < html_.size() && html_[equals] == '=') {
        at = Value(equals + 1, attribute, tag);
      } else if (EqualsIgnoreAsciiCase(attribute, "hidden")) {
        tag->hidden = true;
      }
      if (at == name) ++at;
    }
    return at;
  }

  size_t Value(size_t at, std::string_view attribute, Tag* tag) {
    while (at < html_.size() && IsSpace(html_[at])) ++at;
    size_t stop = at, next = at;
    const char quote = at < html_.size() ? html_[at] : '\0';
    bool& none = quote == '"' ? no_double_quote_ : no_single_quote_;
    if ((quote == '"' || quote == '\'') && !none) {
      stop = html_.find(quote, at + 1);
      none = stop == std::string_view::npos;
    }
    if ((quote == '"' || quote == '\'') && !none) {
      ++at;
      next = stop + 1;
    } else {  // without quotes, or with one that never closes
      if (quote == '"' || quote == '\'') ++at;
      stop = at;
      while (stop < html_.size() && !IsSpace(html_[stop]) && html_[stop] != '>') ++stop;
      next = stop;
    }
    const std::string name = AsciiLower(attribute.substr(0, 16));
    std::string* to = name == "href"                            ? &tag->href
                      : name == "src" || name == "poster"       ? &tag->src
                      : name == "style"                         ? &tag->style
                      : name == "width"                         ? &tag->width
                      : name == "height"                        ? &tag->height
                      : name == "background"                    ? &tag->background
                      : name == "action" && tag->name == "form" ? &tag->href
                                                                : nullptr;
    if (to != nullptr && to->empty()) *to = Decoded(html_.substr(at, std::min(stop - at, 4 * kMaxUrl)));
    return next;
  }

  void StartTag(const Tag& tag) {
    if (tag.name == "a") {
      FlushText();
      in_link_ = true;
    } else if (IsOneOf(tag.name, {"p", "br", "div", "tr", "td", "li", "h1", "h2", "h3", "h4", "table", "hr", "ul"})) {
      Break(tag.name == "td" ? ' ' : '\n');
    }
    if (!tag.href.empty() && tag.name != "base") {
      Found(tag.name == "link" ? Link::kImage : Link::kLink, AsUrl(tag.href));
    }
    if (!tag.src.empty()) {
      const bool image = tag.name == "img" || tag.name == "input" || tag.name == "image";
      Found(image && IsUnseen(tag) ? Link::kHiddenImage : Link::kImage, AsUrl(tag.src));
    }
    if (!tag.background.empty()) Found(Link::kImage, AsUrl(tag.background));
    StyleUrls(tag.style);
  }

  void EndTag(const std::string& name) {
    if (name == "a") {
      FlushText();
      in_link_ = false;
    } else if (IsOneOf(name, {"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol"})) {
      Break('\n');
    }
  }

  // What is in style, script and title is no text; of styles, url(…) is fetched. Returns where it goes on.
  size_t SkipRaw(size_t at, const std::string& name) {
    bool& none = name == "style" ? no_style_end_ : name == "script" ? no_script_end_ : no_title_end_;
    if (none) return at;
    size_t end = at;
    while ((end = html_.find("</", end)) != std::string_view::npos &&
           !EqualsIgnoreAsciiCase(html_.substr(end + 2, name.size()), name)) {
      end += 2;
    }
    none = end == std::string_view::npos;
    if (none) return at;
    if (name == "style") StyleUrls(html_.substr(at, end - at));
    return end;
  }

  void StyleUrls(std::string_view style) {
    for (size_t at = 0; (at = style.find("url(", at)) != std::string_view::npos;) {
      at += 4;
      const size_t stop = std::min(style.find(')', at), style.size());
      std::string_view url = style.substr(at, stop - at);
      at = stop;
      while (!url.empty() && (url[0] == '\'' || url[0] == '"' || url[0] == ' ')) url.remove_prefix(1);
      while (!url.empty() && (url.back() == '\'' || url.back() == '"' || url.back() == ' ')) url.remove_suffix(1);
      Found(Link::kImage, AsUrl(url));
    }
  }

  void Found(Link::Kind kind, std::string url) {
    if (!url.empty()) whole_ &= AddLink(kind, std::move(url), max_, links_);
  }

  void Text(std::string_view text) { run_ += Decoded(text); }

  void Break(char c) {
    FlushText();
    if (!text_->empty() && text_->back() != '\n' && (c == '\n' || text_->back() != ' ')) *text_ += c;
  }

  // The text since the last link or block: its addresses, and itself with its spaces made one.
  void FlushText() {
    if (!in_link_) whole_ &= FindLinks(run_, max_, links_);
    for (const char c : run_) {
      if (!IsSpace(c)) {
        *text_ += c;
      } else if (!text_->empty() && text_->back() != ' ' && text_->back() != '\n') {
        *text_ += ' ';
      }
    }
    run_.clear();
  }

  const std::string_view html_;
  const size_t max_;
  std::vector<Link>* const links_;
  std::string* const text_;
  std::string run_;
  bool in_link_ = false, whole_ = true;
  // No such byte is in what is left: it need not be looked for again.
  bool no_comment_end_ = false, no_double_quote_ = false, no_single_quote_ = false, no_style_end_ = false,
       no_script_end_ = false, no_title_end_ = false;
};

}  // namespace

bool ReadHtml(std::string_view html, size_t max, std::vector<Link>* links, std::string* text) {
  return HtmlReader(html, max, links, text).Read();
}

}  // namespace spoor::mail
