#include "formats/mail/headers.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/escaping.h"
#include "base/text.h"

namespace spoor::mail {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Word(std::string_view text) {
  size_t begin = 0;
  while (begin < text.size() && IsSpace(text[begin])) ++begin;
  size_t end = begin;
  while (end < text.size() && !IsSpace(text[end]) && text[end] != ';' && text[end] != '(') ++end;
  return text.substr(begin, end - begin);
}

bool FromBase64(std::string_view text, std::string* bytes) {
  return absl::Base64Unescape({text.data(), text.size()}, bytes);
}

// The last two labels of a name: near enough to tell machines of one organisation.
std::string_view Organisation(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  const size_t last = host.rfind('.');
  if (last == std::string_view::npos || last == 0) return host;
  const size_t second = host.rfind('.', last - 1);
  return second == std::string_view::npos ? host : host.substr(second + 1);
}

// The addresses in brackets or parentheses of a hop's "from" part.
std::string AddressIn(std::string_view from) {
  for (size_t at = 0; (at = from.find_first_of("[(", at)) != std::string_view::npos;) {
    ++at;
    std::string_view text = from.substr(at, from.find_first_of("])", at) - at);
    while (!text.empty()) {
      const size_t stop = std::min(text.find_first_of(" [,;\t"), text.size());
      std::string_view word = text.substr(0, stop);
      if (word.size() > 5 && EqualsIgnoreAsciiCase(word.substr(0, 5), "ipv6:")) word.remove_prefix(5);
      if (IsPublicAddress(word)) return AsciiLower(word);
      text.remove_prefix(std::min(stop + 1, text.size()));
    }
  }
  return {};
}

}  // namespace

std::string Unfolded(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (!IsSpace(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string WithJoinedWords(std::string_view value) {
  // An encoded word "=?charset?B?text?=" at `at`.
  struct Word {
    std::string_view charset, text;
    size_t end = 0;
  };
  const auto take = [&](size_t at) {
    Word word;
    const size_t charset = at + 2, encoding = value.find('?', charset);
    if (encoding == std::string_view::npos || encoding - charset > 40 || encoding + 3 >= value.size() ||
        (value[encoding + 1] | 0x20) != 'b' || value[encoding + 2] != '?') {
      return word;
    }
    const size_t text = encoding + 3, end = value.find("?=", text);
    if (end == std::string_view::npos) return word;
    return Word{value.substr(charset, encoding - charset), value.substr(text, end - text), end + 2};
  };
  std::string out;
  for (size_t at = 0; at < value.size();) {
    const size_t open = std::min(value.find("=?", at), value.size());
    out.append(value.substr(at, open - at));
    at = open;
    if (at == value.size()) break;
    Word word = take(at);
    std::string bytes, more;
    if (word.end == 0 || !FromBase64(word.text, &bytes)) {
      const size_t next = std::max(word.end, at + 2);
      out.append(value.substr(at, next - at));
      at = next;
      continue;
    }
    const std::string_view charset = word.charset;
    at = word.end;
    for (;;) {
      const size_t next = value.find_first_not_of(" \t\r\n", at);
      if (next == std::string_view::npos || !value.substr(next).starts_with("=?")) break;
      word = take(next);
      if (word.end == 0 || !EqualsIgnoreAsciiCase(word.charset, charset) || !FromBase64(word.text, &more)) break;
      bytes += more;
      at = word.end;
    }
    out.append("=?")
        .append(charset)
        .append("?B?")
        .append(absl::Base64Escape({bytes.data(), bytes.size()}))
        .append("?=");
  }
  return out;
}

std::string CheckResult(std::string_view results, std::string_view method, std::string* domain) {
  std::string found;
  for (size_t at = 0; at < results.size();) {
    const size_t stop = std::min(results.find(';', at), results.size());
    std::string_view part = results.substr(at, stop - at);
    at = stop + 1;
    while (!part.empty() && IsSpace(part[0])) part.remove_prefix(1);
    if (!EqualsIgnoreAsciiCase(part.substr(0, method.size()), method)) continue;
    part.remove_prefix(method.size());
    if (!part.starts_with('=')) continue;
    const std::string result = AsciiLower(Word(part.substr(1)));
    if (result.empty() || (!found.empty() && (result != "pass" || found == "pass"))) continue;
    found = result;
    if (domain == nullptr) continue;
    domain->clear();
    for (const std::string_view key : {" header.d=", " header.i=@", " header.i="}) {
      const size_t value = part.find(key);
      if (value == std::string_view::npos) continue;
      std::string_view word = Word(part.substr(value + key.size()));
      if (const size_t sign = word.rfind('@'); sign != std::string_view::npos) word.remove_prefix(sign + 1);
      *domain = AsciiLower(word);
      break;
    }
    if (*domain == "none") domain->clear();
  }
  return found;
}

std::string TagValue(std::string_view list, std::string_view tag) {
  for (size_t at = 0; at < list.size();) {
    const size_t stop = std::min(list.find(';', at), list.size());
    const std::string_view part = list.substr(at, stop - at);
    at = stop + 1;
    const size_t equals = part.find('=');
    if (equals != std::string_view::npos && Word(part.substr(0, equals)) == tag) {
      return AsciiLower(Word(part.substr(equals + 1)));
    }
  }
  return {};
}

std::string CheckedAddress(std::string_view header) {
  for (const std::string_view key : {"client-ip=", "sender IP is ", "smtp.remote-ip="}) {
    const size_t at = header.find(key);
    if (at == std::string_view::npos) continue;
    std::string_view word = Word(header.substr(at + key.size()));
    while (!word.empty() && (word.back() == ')' || word.back() == ',' || word.back() == '"')) word.remove_suffix(1);
    while (word.starts_with('"')) word.remove_prefix(1);
    if (IsPublicAddress(word)) return AsciiLower(word);
  }
  return {};
}

std::string OutsideAddress(const std::vector<std::string>& received) {
  for (const std::string& hop : received) {
    const std::string_view text = hop;
    if (!text.starts_with("from ")) continue;
    const size_t by = std::min(FindText(text, " by "), text.size());
    const std::string_view from = text.substr(0, by);
    const std::string_view helo = Word(from.substr(5)), server = by < text.size() ? Word(text.substr(by + 4)) : "";
    if (helo.find('.') != std::string_view::npos && EqualsIgnoreAsciiCase(Organisation(helo), Organisation(server))) {
      continue;
    }
    std::string address = AddressIn(from);
    if (!address.empty()) return address;
  }
  return {};
}

std::string ReceivedForWhom(std::string_view received) {
  const size_t at = received.find(" for ");
  if (at == std::string_view::npos) return {};
  std::string_view word = Word(received.substr(at + 5));
  if (word.starts_with('<') && word.ends_with('>')) word = word.substr(1, word.size() - 2);
  return word.find('@') == std::string_view::npos ? std::string() : std::string(word);
}

bool IsPublicAddress(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof terminated) return false;
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  uint8_t a[16];
  if (inet_pton(AF_INET, terminated, a) == 1) {
    // RFC 1918, 1122, 3927, 6598.
    return !(a[0] == 10 || a[0] == 127 || a[0] == 0 || (a[0] == 172 && (a[1] & 0xf0) == 16) ||
             (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254) || (a[0] == 100 && (a[1] & 0xc0) == 64) ||
             a[0] >= 224);
  }
  if (inet_pton(AF_INET6, terminated, a) != 1) return false;
  const bool low = std::all_of(a, a + 15, [](uint8_t b) { return b == 0; });  // :: and ::1
  return !(low || (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || a[0] == 0xff);
}

}  // namespace spoor::mail
