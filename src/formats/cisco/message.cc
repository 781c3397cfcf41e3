#include "formats/cisco/message.h"

#include <algorithm>
#include <iterator>

namespace spoor::cisco {

static bool IsName(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
bool FindHeader(std::string_view line, Header* h) {
  for (size_t at = line.find('%'); at != std::string_view::npos; at = line.find('%', at + 1)) {
    size_t stop = at + 1;
    while (stop < line.size() && (IsName(line[stop]) || line[stop] == '-')) ++stop;
    if (stop >= line.size() || line[stop] != ':') continue;
    const std::string_view name = line.substr(at + 1, stop - at - 1);
    const size_t last = name.rfind('-');
    if (last == std::string_view::npos || last < 3 || last + 1 == name.size()) continue;
    if (name[last - 1] < '0' || name[last - 1] > '7' || name[last - 2] != '-') continue;
    *h = {name.substr(0, last - 2), name.substr(last - 1, 1), name.substr(last + 1), line.substr(stop + 1), at};
    return true;
  }
  return false;
}

Service ServiceOf(const Header& h) {
  const auto has = [&](std::string_view part) { return h.text.find(part) != std::string_view::npos; };
  if (h.facility == "BGP" || (h.mnemonic == "BADAUTH" && has(":179"))) return kBgp;
  if (h.facility == "LDP" || (h.mnemonic == "BADAUTH" && has(":646"))) return kLdp;
  static constexpr std::string_view kAccess[] = {"PARSER",  "AAA", "AAAA",   "SEC_LOGIN", "SYS",  "DOT1X",
                                                 "AUTHMGR", "SSH", "RADIUS", "TAC",       "TPLUS"};
  return std::find(std::begin(kAccess), std::end(kAccess), h.facility) != std::end(kAccess) ? kAaa : kOther;
}

bool IsFirewall(const Header& h) {
  return h.facility == "ASA" || h.facility == "FTD" || h.facility == "PIX" || h.facility == "FWSM";
}

}  // namespace spoor::cisco
