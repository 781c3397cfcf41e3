#include "mail/link_shape.h"

#include <algorithm>

#include "base/text.h"

namespace spoor {
namespace {

struct Parts {
  std::string_view host, rest;  // rest: path and query
};

Parts Split(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('#'));
  const size_t slash = std::min(url.find_first_of("/?"), url.size());
  std::string_view host = url.substr(0, slash);
  if (const size_t user = host.rfind('@'); user != std::string_view::npos) host.remove_prefix(user + 1);
  if (!host.starts_with('[')) host = host.substr(0, host.find(':'));
  while (host.ends_with('.')) host.remove_suffix(1);
  return {host, url.substr(slash)};
}

// Words and small numbers with marks between them: "Annual_Report", "report-2026-03".
bool AreWords(std::string_view part) {
  size_t words = 0;
  for (size_t at = 0; at <= part.size(); ++words) {
    const size_t stop = std::min(part.find_first_of("-_.+ %", at), part.size());
    const std::string_view word = part.substr(at, stop - at);
    at = stop + 1;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (word.empty() || (std::all_of(word.begin(), word.end(), digit) && word.size() <= 4)) continue;
    if ((word[0] | 0x20) < 'a' || (word[0] | 0x20) > 'z' || !std::all_of(word.begin() + 1, word.end(), lower)) {
      return false;
    }
  }
  return words > 1;
}

}  // namespace

bool IsToken(std::string_view part) {
  constexpr size_t kLeast = 8;
  if (part.find('@') != std::string_view::npos || part.find("%40") != std::string_view::npos) return true;
  if (part.size() < kLeast) return false;
  size_t digits = 0, lower = 0, upper = 0, changes = 0, hex = 0;
  int last = -1;
  for (const char c : part) {
    const int kind = c >= '0' && c <= '9' ? 0 : c >= 'a' && c <= 'z' ? 1 : c >= 'A' && c <= 'Z' ? 2 : 3;
    digits += kind == 0;
    lower += kind == 1;
    upper += kind == 2;
    hex += kind == 0 || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    changes += kind != last;
    last = kind;
  }
  if (AreWords(part)) return false;
  if (digits + lower + upper < part.size() * 3 / 4) return false;
  if (digits == part.size()) return part.size() >= 10;  // a number of a recipient, no date
  if (hex == part.size() && digits > 0) return true;
  // Letters and digits, or small and capital letters, in turn; "report-2026-03" changes only where words do.
  const bool mixed = (digits > 0 && lower + upper > 0) || (lower > 0 && upper > 1);
  return mixed && changes * 4 >= part.size() && part.size() >= 10;
}

std::string EnvelopeShape(std::string_view address) {
  const size_t sign = address.rfind('@');
  if (sign == std::string_view::npos) return {};
  const std::string_view name = address.substr(0, sign);
  const size_t mark = name.find_first_of("-+=_");
  std::string out(name);
  if (mark != std::string_view::npos && mark + 1 < name.size() &&
      name.find_first_of("0123456789", mark) != std::string_view::npos) {
    out = std::string(name.substr(0, mark + 1)) + '*';
  }
  out += address.substr(sign);
  return AsciiLower(out);
}

std::string HostShape(std::string_view host) {
  const size_t dot = host.find('.');
  const bool below = dot != std::string_view::npos && host.find('.', dot + 1) != std::string_view::npos;
  const bool number = host.find_first_not_of("0123456789.") == std::string_view::npos;
  if (!below || number || !IsToken(host.substr(0, dot))) return std::string(host);
  return '*' + std::string(host.substr(dot));
}

LinkShape ShapeOf(std::string_view url) {
  const Parts parts = Split(url);
  LinkShape out;
  const std::string host = AsciiLower(parts.host);
  out.host = HostShape(host);
  if (out.host != host) out.name = host;
  const auto take = [&](std::string_view part, bool extension) {
    std::string_view name = part, ending;
    if (const size_t dot = part.rfind('.'); extension && dot != std::string_view::npos && part.size() - dot <= 6) {
      name = part.substr(0, dot);
      ending = part.substr(dot);
    }
    if (IsToken(name)) {
      out.token = true;
      out.shape += '*';
      out.shape += ending;
    } else {
      out.shape += part;
    }
  };
  const size_t question = std::min(parts.rest.find('?'), parts.rest.size());
  const std::string_view path = parts.rest.substr(0, question);
  for (size_t at = 0; at < path.size();) {
    const size_t stop = std::min(path.find('/', at), path.size());
    take(path.substr(at, stop - at), true);
    if (stop < path.size()) out.shape += '/';
    at = stop + 1;
  }
  if (question == parts.rest.size()) return out;
  out.shape += '?';
  const std::string_view query = parts.rest.substr(question + 1);
  for (size_t at = 0; at < query.size();) {
    const size_t stop = std::min(query.find('&', at), query.size());
    const std::string_view pair = query.substr(at, stop - at);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      take(pair, false);
    } else {
      out.shape += pair.substr(0, equals + 1);
      take(pair.substr(equals + 1), false);
    }
    if (stop < query.size()) out.shape += '&';
    at = stop + 1;
  }
  return out;
}

std::string Asked(std::string_view url) {
  const Parts parts = Split(url);
  return Asked(parts.host, parts.rest);
}

std::string Asked(std::string_view host, std::string_view path_and_query) {
  std::string out = AsciiLower(host.substr(0, host.starts_with('[') ? host.size() : host.find(':')));
  if (path_and_query.empty() || path_and_query[0] != '/') out += '/';
  out += path_and_query.substr(0, path_and_query.find('#'));
  return out;
}

}  // namespace spoor
