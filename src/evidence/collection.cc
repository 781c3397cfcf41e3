#include "evidence/collection.h"

#include <algorithm>

#include "base/text.h"

namespace spoor {
namespace {

using std::string_view;

constexpr string_view kArchiveEndings[] = {".zip", ".tar.gz", ".tgz", ".tar", ".7z"};
constexpr string_view kUacSystems[] = {"aix",    "esxi",      "freebsd", "linux",  "macos",
                                       "netbsd", "netscaler", "openbsd", "solaris"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// `mask`: '0' a digit, all else itself.
bool Matches(string_view text, string_view mask) {
  return text.size() == mask.size() && std::equal(text.begin(), text.end(), mask.begin(),
                                                  [](char c, char m) { return m == '0' ? IsDigit(c) : c == m; });
}

string_view HostOrNone(string_view text) {
  const bool good = !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
                    std::all_of(text.begin(), text.end(),
                                [](char c) { return IsDigit(c) || IsLetter(c) || c == '-' || c == '_' || c == '.'; });
  return good ? text : string_view();
}

// Cuts `text` at the last '-'; empty where there is none.
string_view CutLast(string_view* text) {
  const size_t dash = text->rfind('-');
  if (dash == text->npos) return {};
  const string_view last = text->substr(dash + 1);
  *text = text->substr(0, dash);
  return last;
}

string_view HostOfUac(string_view name) {
  if (!name.starts_with("uac-")) return {};
  name.remove_prefix(4);
  if (!Matches(CutLast(&name), "00000000000000")) return {};
  const string_view system = CutLast(&name);
  if (std::find(std::begin(kUacSystems), std::end(kUacSystems), system) == std::end(kUacSystems)) return {};
  return HostOrNone(name);
}

string_view HostOfVelociraptor(string_view name) {
  constexpr string_view kPrefix = "Collection-", kTime = "-0000-00-00T00_00_00";
  if (!name.starts_with(kPrefix)) return {};
  name.remove_prefix(kPrefix.size());
  for (size_t at = 1; at + kTime.size() <= name.size(); ++at) {
    if (!Matches(name.substr(at, kTime.size()), kTime)) continue;
    // A zone may follow: "Z", "_02_00", with fractions of the second before it.
    const string_view zone = name.substr(at + kTime.size());
    const bool good = zone.size() <= 20 && std::all_of(zone.begin(), zone.end(), [](char c) {
                        return IsDigit(c) || c == 'Z' || c == '_' || c == '.' || c == '-';
                      });
    return good ? HostOrNone(name.substr(0, at)) : string_view();
  }
  return {};
}

// REQUIRES: the folder of a drive is below.
string_view HostOfKape(string_view name) {
  constexpr string_view kTime = "00000000T000000";
  const auto separates = [](char c) { return c == '_' || c == '-'; };
  if (name.size() < kTime.size() + 2) return {};
  const size_t rest = name.size() - kTime.size();
  if (Matches(name.substr(rest), kTime) && separates(name[rest - 1])) return HostOrNone(name.substr(0, rest - 1));
  if (Matches(name.substr(0, kTime.size()), kTime) && separates(name[kTime.size()])) {
    return HostOrNone(name.substr(kTime.size() + 1));
  }
  return {};
}

string_view WithoutArchiveEnding(string_view name) {
  if (name.ends_with('!')) name.remove_suffix(1);
  for (const string_view ending : kArchiveEndings) {
    if (name.size() > ending.size() && EqualsIgnoreAsciiCase(name.substr(name.size() - ending.size()), ending)) {
      return name.substr(0, name.size() - ending.size());
    }
  }
  return name;
}

}  // namespace

std::string HostFromPath(string_view path) {
  string_view below;  // the part after the present one
  while (true) {
    const size_t slash = path.rfind('/');
    const string_view part = slash == path.npos ? path : path.substr(slash + 1);
    const string_view name = WithoutArchiveEnding(part);
    string_view host = HostOfUac(name);
    if (host.empty()) host = HostOfVelociraptor(name);
    if (host.empty() && below.size() == 1 && IsLetter(below[0])) host = HostOfKape(name);
    if (!host.empty()) return std::string(host);
    if (slash == path.npos) return {};
    below = part;
    path = path.substr(0, slash);
  }
}

}  // namespace spoor
