#include "formats/mail/links.h"

#include "base/text.h"

namespace spoor::mail {

bool HasScheme(std::string_view text) {
  const auto begins = [&](std::string_view scheme) {
    return text.size() > scheme.size() && EqualsIgnoreAsciiCase(text.substr(0, scheme.size()), scheme);
  };
  return begins("http://") || begins("https://") || begins("ftp://");
}

bool AddLink(Link::Kind kind, std::string url, size_t max, std::vector<Link>* links) {
  if (HostOf(url).empty() || url.size() > kMaxUrl) return true;
  if (links->size() >= max) return false;
  links->push_back({kind, std::move(url)});
  return true;
}

bool FindLinks(std::string_view text, size_t max, std::vector<Link>* links) {
  bool whole = true;
  for (size_t at = 0; (at = text.find("://", at)) != std::string_view::npos;) {
    size_t begin = at;
    while (begin > 0 && at - begin < 5 && (text[begin - 1] | 0x20) >= 'a' && (text[begin - 1] | 0x20) <= 'z') --begin;
    while (begin < at && !HasScheme(text.substr(begin, 10))) ++begin;
    if (begin == at) {
      at += 3;
      continue;
    }
    size_t stop = at + 3;
    int open = 0;  // brackets that belong to the address
    while (stop < text.size() && static_cast<uint8_t>(text[stop]) > 0x20 && text[stop] != '<' && text[stop] != '>' &&
           text[stop] != '"' && text[stop] != 0x7f) {
      open += text[stop] == '(' ? 1 : text[stop] == ')' ? -1 : 0;
      ++stop;
    }
    const size_t next = stop;
    while (stop > at + 3) {
      const char c = text[stop - 1];
      const bool closing = c == ')' && open < 0;
      open += closing ? 1 : 0;
      if (!closing && std::string_view(".,;:!?]}'*|").find(c) == std::string_view::npos) break;
      --stop;
    }
    whole &= AddLink(Link::kLink, std::string(text.substr(begin, stop - begin)), max, links);
    at = next;
  }
  return whole;
}

std::string HostOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (const size_t user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  if (url.starts_with('[')) {
    const size_t end = url.find(']');
    return end == std::string_view::npos ? std::string() : AsciiLower(url.substr(1, end - 1));
  }
  url = url.substr(0, url.find(':'));
  while (url.ends_with('.')) url.remove_suffix(1);
  return AsciiLower(url);
}

std::string Unwrapped(std::string_view url) {
  if (!HostOf(url).ends_with(".safelinks.protection.outlook.com")) return {};
  size_t at = url.find("?url=");
  if (at == std::string_view::npos) at = url.find("&url=");
  if (at == std::string_view::npos) return {};
  url.remove_prefix(at + 5);
  url = url.substr(0, url.find('&'));
  std::string out;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
  };
  for (size_t i = 0; i < url.size(); ++i) {
    if (url[i] == '%' && i + 2 < url.size() && digit(url[i + 1]) >= 0 && digit(url[i + 2]) >= 0) {
      out += static_cast<char>(digit(url[i + 1]) * 16 + digit(url[i + 2]));
      i += 2;
    } else {
      out += url[i];
    }
  }
  return HasScheme(out) ? out : std::string();
}

}  // namespace spoor::mail
