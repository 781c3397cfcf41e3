#include "mail/names_kept.h"

#include <algorithm>
#include <cctype>
#include <tuple>

namespace spoor {
namespace {

// Where the label begins that a domain is known by: "harbourpost" of "img.harbourpost.co.uk" needs a list; near enough
// is the last label but one that is longer than three letters.
size_t LabelAt(std::string_view domain) {
  size_t end = domain.rfind('.');
  while (end != std::string_view::npos && end > 0) {
    const size_t dot = domain.rfind('.', end - 1);
    const size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    if (end - begin > 3 || begin == 0) return begin;
    end = dot;
  }
  return 0;
}

}  // namespace

std::string Squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

std::string LabelOf(std::string_view domain) {
  domain.remove_prefix(LabelAt(domain));
  return Squeezed(domain.substr(0, domain.find('.')));
}

NamesKept::NamesKept(const Kept& kept) {
  const auto add = [&](std::string_view name, int64_t first) {
    by_label_[LabelOf(name)].push_back({name.substr(LabelAt(name)), first});
  };
  for (const auto& [domain, seen] : kept.senders) add(domain, std::min(seen.first, seen.written_to));
  for (const auto& [host, seen] : kept.hosts) {
    add(host, seen.first);
    for (const std::string& address : seen.addresses) ++names_of_[address];
  }
  // Of each domain the first time alone.
  for (auto& [label, all] : by_label_) {
    std::sort(all.begin(), all.end(),
              [](const Known& a, const Known& b) { return std::tie(a.domain, a.first) < std::tie(b.domain, b.first); });
    all.erase(std::unique(all.begin(), all.end(), [](const Known& a, const Known& b) { return a.domain == b.domain; }),
              all.end());
  }
}

std::string_view NamesKept::KnownBefore(std::string_view label, int64_t time) const {
  const auto at = by_label_.find(std::string(label));
  if (at == by_label_.end()) return {};
  const auto known = std::find_if(at->second.begin(), at->second.end(), [&](const Known& k) { return k.first < time; });
  return known == at->second.end() ? std::string_view() : known->domain;
}

size_t NamesKept::NamesOf(std::string_view address) const {
  const auto at = names_of_.find(address);
  return at == names_of_.end() ? 0 : at->second;
}

}  // namespace spoor
