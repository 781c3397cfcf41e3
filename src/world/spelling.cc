#include "world/spelling.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/text.h"
#include "world/acts.h"

namespace spoor {

bool IsAddress(std::string_view text) {
  if (text.find(':') != std::string_view::npos)
    return text.find_first_not_of("0123456789abcdefABCDEF:.%") == std::string_view::npos;
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::count(text.begin(), text.end(), '.') == 3;
}

std::string MachineName(std::string_view text) {
  while (text.starts_with('\\')) text.remove_prefix(1);
  // The name of a service of Kerberos: "cifs/server.example.com".
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) text.remove_prefix(slash + 1);
  while (text.ends_with('.') || text.ends_with(' ')) text.remove_suffix(1);
  std::string name = Folded(text);
  if (name.starts_with('[')) {  // "[2001:db8::1]:443"
    name.erase(0, 1);
    name.erase(std::min(name.find(']'), name.size()));
  }
  if (name.starts_with("::ffff:")) name.erase(0, 7);
  // "198.51.100.2:443"
  if (const size_t colon = name.find(':'); colon != std::string::npos && IsAddress(name.substr(0, colon)) &&
                                           name.find_first_not_of("0123456789", colon + 1) == std::string::npos) {
    name.erase(colon);
  }
  if (IsAddress(name)) {
    if (name == "::1" || name == "::" || name.starts_with("127.") || name == "0.0.0.0") return {};
    return name;
  }
  if (const size_t dot = name.find('.'); dot != std::string::npos) name.erase(dot);
  if (name == "localhost" || name == "-") return {};
  return name;
}

std::string AccountName(std::string_view name, std::string_view domain, std::string_view host) {
  if (name.empty() || name == "-") return {};
  std::string out = Folded(name);
  if (out.find('@') != std::string::npos) return out;
  std::string of;
  if (const size_t slash = out.find('\\'); slash != std::string::npos) {
    of = out.substr(0, slash);
    out.erase(0, slash + 1);
  } else if (!domain.empty() && domain != "-") {
    of = Folded(domain);
  }
  if (of == ".") {
    of = host;
  } else if (const size_t dot = of.find('.'); dot != std::string::npos) {
    of.erase(dot);
  }
  return of.empty() ? out : of + "\\" + out;
}

std::string MachineDomain(std::string_view text) {
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) text.remove_prefix(slash + 1);
  const size_t dot = text.find('.');
  if (dot == 0 || dot == std::string_view::npos || IsAddress(Folded(text))) return {};
  text.remove_prefix(dot + 1);
  text = text.substr(0, text.find_first_of("/: "));
  while (text.ends_with('.')) text.remove_suffix(1);
  return Folded(text);
}

namespace {

// As a shell of Windows parts them; without their quotes (single ones of PowerShell around a whole word, too).
std::vector<std::string> WordsOf(std::string_view command) {
  constexpr size_t kMost = 64;
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, any = false;
  for (const char c : command) {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && (c == ' ' || c == '\t')) {
      if (any) words.push_back(std::move(word));
      word.clear();
      any = false;
      if (words.size() == kMost) break;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(std::move(word));
  for (std::string& w : words) {
    if (w.size() >= 2 && w.front() == '\'' && w.back() == '\'') w = w.substr(1, w.size() - 2);
  }
  return words;
}

}  // namespace

MadeAccount AccountMadeBy(std::string_view command) {
  const std::vector<std::string> words = WordsOf(command);
  const auto is = [&](size_t i, std::string_view word) { return i < words.size() && Folded(words[i]) == word; };
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string program = Folded(BaseName(words[i]));
    if (is(i + 1, "user") && (program == "net" || program == "net1" || program == "net.exe" || program == "net1.exe")) {
      MadeAccount made;
      bool add = false;
      for (size_t at = i + 2; at < words.size(); ++at) {
        if (!words[at].starts_with('/')) {
          if (made.name.empty()) made.name = words[at];
          continue;
        }
        add |= is(at, "/add");
        made.of_domain |= is(at, "/domain");
      }
      if (add) return made;
    }
    if (program != "new-localuser" && program != "new-aduser") continue;
    MadeAccount made{"", program == "new-aduser"};
    for (size_t at = i + 1; at < words.size(); ++at) {
      const bool named = is(at - 1, "-name") || is(at - 1, "-samaccountname") || at == i + 1;
      if (named && !words[at].starts_with('-')) made.name = words[at];
    }
    return made;
  }
  return {};
}

bool IsOfMachine(std::string_view account) {
  const size_t slash = account.find('\\');
  const std::string_view domain = slash == std::string_view::npos ? std::string_view() : account.substr(0, slash);
  const std::string_view name = slash == std::string_view::npos ? account : account.substr(slash + 1);
  if (name.ends_with('$')) return true;
  if (domain == "nt authority" || domain == "window manager" || domain == "font driver host" ||
      domain == "nt service" || domain == "iis apppool" || domain == "autorite nt" || domain == "nt-autorität") {
    return true;
  }
  constexpr std::array kNames = {std::string_view("system"),          std::string_view("local service"),
                                 std::string_view("network service"), std::string_view("anonymous logon"),
                                 std::string_view("s-1-5-18"),        std::string_view("s-1-5-19"),
                                 std::string_view("s-1-5-20")};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool IsPrivate(std::string_view a) {
  if (a.find(':') != std::string_view::npos) {
    return a.starts_with("fe80") || a.starts_with("fc") || a.starts_with("fd") || a.starts_with("ff");
  }
  if (a.starts_with("10.") || a.starts_with("192.168.") || a.starts_with("169.254.")) return true;
  const auto second_within = [&](int least, int most) {
    int second = 0;
    size_t at = 4;
    for (; at < a.size() && at < 7 && a[at] >= '0' && a[at] <= '9'; ++at) second = second * 10 + (a[at] - '0');
    return at > 4 && at < a.size() && a[at] == '.' && second >= least && second <= most;
  };
  if (a.starts_with("172.")) return second_within(16, 31);
  if (a.starts_with("100.")) return second_within(64, 127);
  // Multicast, and what is of no use or broadcast.
  const size_t dot = a.find('.');
  return dot == 3 && a.substr(0, 3) >= "224" && a.substr(0, 3) <= "255";
}

bool IsInstalled(std::string_view image) {
  const std::string path = Folded(image);
  return path.find('\\') == std::string::npos || path.find(":\\windows\\system32\\") != std::string::npos ||
         path.find(":\\windows\\syswow64\\") != std::string::npos ||
         path.find(":\\windows\\microsoft.net\\") != std::string::npos ||
         path.find(":\\windows\\winsxs\\") != std::string::npos || path.find(":\\program files") != std::string::npos ||
         path.ends_with("\\explorer.exe");
}

std::string ProgramOf(std::string_view command) {
  std::string path = Folded(command);
  if (path.starts_with('"')) return path.substr(1, path.find('"', 1) - 1);
  const size_t end = path.find(".exe");
  return end == std::string::npos ? path : path.substr(0, end + 4);
}

std::string ScriptShape(std::string_view script) {
  constexpr size_t kLeast = 32, kMost = 240;
  std::string shape;
  for (size_t at = 0; at < script.size();) {
    const size_t begin = script.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) break;
    at = std::min(script.find_first_of(" \t\r\n", begin), script.size());
    const std::string_view word = script.substr(begin, at - begin);
    if (!shape.empty()) shape += ' ';
    const bool place = word.find('\\') != std::string_view::npos || word.find("://") != std::string_view::npos;
    shape += place ? "*" : Folded(word);
  }
  if (shape.size() < kLeast) return {};
  if (shape.size() <= kMost) return shape;
  const std::string hash = fmt::format(" #{:08x}", Fingerprint(shape, true));
  size_t end = kMost;
  while (end > 0 && (static_cast<uint8_t>(shape[end]) & 0xc0) == 0x80) --end;  // no half character
  return shape.substr(0, end) + hash;
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string LogName(std::string_view path) {
  static const RE2* const kept =
      new RE2(R"((.+?)(?:\.(?:log|txt)(?:\.\d{1,3})?|[._-]\d{4}-?\d\d-?\d\d(?:[t_-]\d{4,6})?|\.old))", RE2::Latin1);
  static const RE2* const packed = new RE2(R"((.+)\.(?:gz|bz2|xz|zst|lz4|zip))", RE2::Latin1);
  std::string name = Folded(BaseName(path)), shorter;
  while (RE2::FullMatch(name, *packed, &shorter) || RE2::FullMatch(name, *kept, &shorter)) name = shorter;
  return name;
}

}  // namespace spoor
