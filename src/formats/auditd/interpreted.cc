#include "formats/auditd/interpreted.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace spoor::auditd {
namespace {

constexpr size_t kMaxPlaces = 256;  // names looked at in a record; more than one has

// In order.
constexpr std::string_view kNames[] = {
    "acct",      "acl",       "action",   "added",     "addr",      "apparmor",   "arch",      "argc",
    "auid",      "banners",   "bool",     "bus",       "cap_fe",    "cap_fi",     "cap_fp",    "cap_frootid",
    "cap_fver",  "cap_pa",    "cap_pe",   "cap_pi",    "cap_pp",    "capability", "category",  "cgroup",
    "changed",   "cipher",    "class",    "cmd",       "code",      "comm",       "compat",    "cwd",
    "daddr",     "data",      "dev",      "device",    "dir",       "direction",  "dmac",      "dport",
    "egid",      "enforcing", "entries",  "errno",     "euid",      "exe",        "exit",      "fam",
    "family",    "fd",        "fe",       "feature",   "fi",        "file",       "flags",     "format",
    "fp",        "fsgid",     "fsuid",    "fver",      "gid",       "grantors",   "grp",       "hook",
    "hostname",  "icmp_type", "id",       "igid",      "inif",      "ino",        "inode",     "inode_gid",
    "inode_uid", "ioctlcmd",  "ip",       "ipid",      "item",      "items",      "iuid",      "key",
    "kind",      "ksize",     "laddr",    "len",       "list",      "lport",      "mac",       "macproto",
    "maj",       "major",     "minor",    "mode",      "model",     "msg",        "name",      "nametype",
    "nargs",     "net",       "new",      "new_gid",   "new_group", "oauid",      "obj",       "obj_gid",
    "obj_uid",   "objtype",   "ocomm",    "ogid",      "old",       "op",         "opid",      "oses",
    "ouid",      "outif",     "parent",   "path",      "per",       "perm",       "perm_mask", "permissive",
    "pfs",       "pid",       "ppid",     "printer",   "proctitle", "prog-id",    "prom",      "proto",
    "qbytes",    "range",     "rdev",     "reason",    "removed",   "res",        "resrc",     "result",
    "role",      "rport",     "saddr",    "saddr_fam", "sauid",     "scontext",   "seperm",    "seqno",
    "seresult",  "ses",       "seuser",   "sgid",      "sig",       "size",       "smac",      "spid",
    "sport",     "state",     "subj",     "success",   "suid",      "syscall",    "table",     "target",
    "tclass",    "tcontext",  "terminal", "tty",       "uid",       "unit",       "uri",       "user",
    "uuid",      "val",       "ver",      "virt",      "vm",        "vm-ctx",     "vm-pid",    "watch",
};
static_assert(std::is_sorted(std::begin(kNames), std::end(kNames)));

// All that these records have. A name of another record in one of them is part of a value.
constexpr std::string_view kPathNames[] = {"item",   "name",   "inode",    "dev",        "mode",     "ouid",
                                           "ogid",   "rdev",   "obj",      "objtype",    "nametype", "cap_fp",
                                           "cap_fi", "cap_fe", "cap_fver", "cap_frootid"};
constexpr std::string_view kSyscallNames[] = {
    "arch", "syscall", "per",  "success", "exit", "a0",   "a1",    "a2",  "a3",  "items", "ppid", "pid",  "auid", "uid",
    "gid",  "euid",    "suid", "fsuid",   "egid", "sgid", "fsgid", "tty", "ses", "comm",  "exe",  "subj", "key"};

// What somebody other than the audit system may have chosen.
constexpr std::string_view kChosen[] = {"acct", "cmd",  "comm",  "cwd",  "data", "dir",  "exe",
                                        "file", "name", "ocomm", "path", "unit", "watch"};

bool In(std::string_view name, const auto& names) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// a0, a1, …; *number: which.
bool IsArgument(std::string_view name, size_t* number) {
  if (name.size() < 2 || name.size() > 6 || name[0] != 'a') return false;
  *number = 0;
  for (const char c : name.substr(1)) {
    if (c < '0' || c > '9') return false;
    *number = *number * 10 + static_cast<size_t>(c - '0');
  }
  return true;
}

struct Place {
  size_t at;  // of the name
  std::string_view name;
};

// Where names of fields stand: at the beginning of a word, before '='.
std::vector<Place> PlacesOf(std::string_view body) {
  std::vector<Place> places;
  for (size_t at = 0; at < body.size() && places.size() < kMaxPlaces;) {
    const size_t equals = body.find('=', at);
    if (equals == std::string_view::npos) break;
    size_t first = equals;
    while (first > at && body[first - 1] != ' ' && body[first - 1] != '\'' && body[first - 1] != '{') --first;
    const std::string_view name = body.substr(first, equals - first);
    size_t number = 0;
    if (std::binary_search(std::begin(kNames), std::end(kNames), name) || IsArgument(name, &number)) {
      places.push_back({first, name});
    }
    at = equals + 1;
    // A value is at least one byte, so that "cmd=a=b" has one name.
    while (at < body.size() && body[at] != ' ' && body[at] != '\'' && body[at] != '{') ++at;
  }
  return places;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

void SplitInterpreted(std::string_view type, std::string_view body,
                      std::vector<std::pair<std::string_view, std::string_view>>* out) {
  body = Trimmed(body);
  // Records that have one field, or arguments by number and nothing else.
  if (type == "PROCTITLE" || type == "CWD") {
    if (const size_t equals = body.find('='); equals != std::string_view::npos) {
      out->emplace_back(body.substr(0, equals), body.substr(equals + 1));
    }
    return;
  }
  std::vector<Place> places = PlacesOf(body);
  if (type == "EXECVE") {
    size_t next = 0;
    std::erase_if(places, [&](const Place& place) {
      size_t number = 0;
      if (IsArgument(place.name, &number) && number == next) {
        ++next;
        return false;
      }
      return place.name != "argc" || next > 0;
    });
  }
  if (type == "PATH") std::erase_if(places, [](const Place& place) { return !In(place.name, kPathNames); });
  if (type == "SYSCALL") std::erase_if(places, [](const Place& place) { return !In(place.name, kSyscallNames); });
  for (size_t i = 0; i < places.size();) {
    const auto [at, name] = places[i];
    size_t next = i + 1;
    if (type != "EXECVE" && In(name, kChosen)) {
      // A name that was there before, or comes again, is in the value.
      const auto again = [&](const Place& place) {
        const auto same = [&](const Place& other) { return other.name == place.name; };
        const auto own = places.begin() + static_cast<ptrdiff_t>(next);
        return std::any_of(places.begin(), places.begin() + static_cast<ptrdiff_t>(i) + 1, same) ||
               std::any_of(own + 1, places.end(), same);
      };
      while (next < places.size() && again(places[next])) ++next;
    }
    const size_t begin = at + name.size() + 1;
    const size_t end = next < places.size() ? places[next].at : body.size();
    std::string_view value = Trimmed(body.substr(begin, end - begin));
    i = next;
    if (name == "msg" || (name == "saddr" && value.starts_with('{'))) continue;  // fields within
    if (value.ends_with(" }")) value = Trimmed(value.substr(0, value.size() - 2));
    if (value.ends_with('\'') && next == places.size()) value.remove_suffix(1);
    out->emplace_back(name, value);
  }
}

}  // namespace spoor::auditd
