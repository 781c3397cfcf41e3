#include "formats/auditd/record.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

#include "formats/loose_time.h"

namespace spoor::auditd {
namespace {

#include "formats/auditd/syscalls.inc"

struct NumberedType {
  uint16_t number;
  std::string_view name;
};
// linux/audit.h and libaudit.h.
constexpr NumberedType kTypes[] = {{1100, "USER_AUTH"},
                                   {1101, "USER_ACCT"},
                                   {1102, "USER_MGMT"},
                                   {1103, "CRED_ACQ"},
                                   {1104, "CRED_DISP"},
                                   {1105, "USER_START"},
                                   {1106, "USER_END"},
                                   {1107, "USER_AVC"},
                                   {1108, "USER_CHAUTHTOK"},
                                   {1109, "USER_ERR"},
                                   {1110, "CRED_REFR"},
                                   {1112, "USER_LOGIN"},
                                   {1113, "USER_LOGOUT"},
                                   {1114, "ADD_USER"},
                                   {1115, "DEL_USER"},
                                   {1116, "ADD_GROUP"},
                                   {1117, "DEL_GROUP"},
                                   {1123, "USER_CMD"},
                                   {1124, "USER_TTY"},
                                   {1127, "SYSTEM_BOOT"},
                                   {1128, "SYSTEM_SHUTDOWN"},
                                   {1130, "SERVICE_START"},
                                   {1131, "SERVICE_STOP"},
                                   {1300, "SYSCALL"},
                                   {1302, "PATH"},
                                   {1303, "IPC"},
                                   {1304, "SOCKETCALL"},
                                   {1305, "CONFIG_CHANGE"},
                                   {1306, "SOCKADDR"},
                                   {1307, "CWD"},
                                   {1309, "EXECVE"},
                                   {1317, "FD_PAIR"},
                                   {1318, "OBJ_PID"},
                                   {1319, "TTY"},
                                   {1320, "EOE"},
                                   {1321, "BPRM_FCAPS"},
                                   {1322, "CAPSET"},
                                   {1323, "MMAP"},
                                   {1324, "NETFILTER_PKT"},
                                   {1325, "NETFILTER_CFG"},
                                   {1326, "SECCOMP"},
                                   {1327, "PROCTITLE"},
                                   {1330, "KERN_MODULE"},
                                   {1331, "FANOTIFY"},
                                   {1334, "BPF"},
                                   {1335, "EVENT_LISTENER"},
                                   {1336, "URINGOP"},
                                   {1337, "OPENAT2"},
                                   {1400, "AVC"},
                                   {1403, "MAC_POLICY_LOAD"},
                                   {1404, "MAC_STATUS"},
                                   {1700, "ANOM_PROMISCUOUS"},
                                   {1701, "ANOM_ABEND"},
                                   {1702, "ANOM_LINK"}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Appends the bytes as they are. False: no pairs of digits.
bool DecodeBytes(std::string_view digits, std::string* out) {
  if (digits.size() < 2 || digits.size() % 2 != 0) return false;
  const size_t before = out->size();
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int high = HexDigit(digits[i]), low = HexDigit(digits[i + 1]);
    if (high < 0 || low < 0) {
      out->resize(before);
      return false;
    }
    *out += static_cast<char>(high << 4 | low);
  }
  return true;
}

// The value of "name=" in front of the end of `text`: its last word.
std::string_view After(std::string_view text, std::string_view name) {
  const size_t at = text.rfind(name);
  if (at == std::string_view::npos || (at > 0 && text[at - 1] != ' ')) return {};
  const size_t first = at + name.size();
  return text.substr(first, std::min(text.find(' ', first), text.size()) - first);
}

// The time that begins at `at`, up to the colon before the serial number, into *head; returns its size, 0: there is
// none.
size_t StampSize(std::string_view text, size_t at, RecordHead* head) {
  const size_t first = at;
  int64_t seconds = 0;
  while (at < text.size() && IsDigit(text[at]) && at - first < 12) seconds = seconds * 10 + (text[at++] - '0');
  if (at == first || at + 5 >= text.size()) return 0;
  const auto millis_at = [&](size_t point) -> int {
    if (text[point] != '.' || !IsDigit(text[point + 1]) || !IsDigit(text[point + 2]) || !IsDigit(text[point + 3]) ||
        text[point + 4] != ':') {
      return -1;
    }
    return (text[point + 1] - '0') * 100 + (text[point + 2] - '0') * 10 + (text[point + 3] - '0');
  };
  if (const int millis = millis_at(at); millis >= 0) {
    head->time = (seconds * 1000 + millis) * 1000;
    head->interpreted = false;
    return at + 4 - first;
  }
  // "01/02/2026 03:04:05.123", "02.01.2026 …", "2026-01-02 …": the date as strftime's %x writes it in a locale.
  constexpr size_t kMaxStamp = 32;
  const size_t close = text.substr(0, first + kMaxStamp + 24).find(')', first);
  if (close == std::string_view::npos) return 0;
  const size_t colon = text.rfind(':', close);
  if (colon <= first || colon - first > kMaxStamp) return 0;
  const auto time = ParseLooseTime(text.substr(first, colon - first));
  if (!time) return 0;
  head->time = *time;
  head->interpreted = true;
  return colon - first;
}

}  // namespace

bool ReadHead(std::string_view text, RecordHead* head) {
  const size_t found = text.find("audit(");
  if (found == std::string_view::npos) return false;
  const size_t first = found + 6;
  const size_t stamp = StampSize(text, first, head);
  if (stamp == 0) return false;
  size_t at = first + stamp;
  const size_t serial = ++at;
  while (at < text.size() && IsDigit(text[at]) && at - serial < 20) ++at;
  if (at == serial || at >= text.size() || text[at] != ')') return false;
  head->id = text.substr(first, at - first);
  head->serial = text.substr(serial, at - serial);
  ++at;
  while (at < text.size() && (text[at] == ':' || text[at] == ' ')) ++at;
  head->body = text.substr(at);
  std::string_view before = text.substr(0, found);
  if (before.ends_with("msg=")) before.remove_suffix(4);
  head->type = After(before, "type=");
  head->node = After(before, "node=");
  if (head->type.starts_with("UNKNOWN[") && head->type.ends_with(']')) {
    head->type = head->type.substr(8, head->type.size() - 9);
  }
  if (!head->type.empty() && IsDigit(head->type[0])) {
    unsigned number = 0;
    std::from_chars(head->type.data(), head->type.data() + head->type.size(), number);
    for (const NumberedType& type : kTypes) {
      if (type.number == number) head->type = type.name;
    }
  }
  return true;
}

namespace internal {

size_t ValueEnd(std::string_view text, size_t at, char* quote) {
  *quote = 0;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
    const size_t close = text.find(text[at], at + 1);
    if (close != std::string_view::npos) {
      *quote = text[at];
      return close;
    }
  }
  while (at < text.size() && text[at] != ' ' && text[at] != '\x1d' && text[at] != '\'') ++at;
  return at;
}

}  // namespace internal

bool MayBeHex(std::string_view type, std::string_view key) {
  if (type == "EXECVE") return key.size() >= 2 && key[0] == 'a' && IsDigit(key[1]);
  switch (key.size()) {
    case 2:
      return key == "vm";
    case 3:
      return key == "exe" || key == "cwd" || key == "cmd" || key == "dir" || key == "key";
    case 4:
      return key == "comm" || key == "name" || key == "path" || key == "file" || key == "acct" || key == "data" ||
             key == "root" || key == "ocom";
    case 5:
      return key == "ocomm" || key == "watch";
    default:
      return key == "proctitle" || key == "device" || key == "cgroup" || key == "apparmor" || key == "operation" ||
             key == "denied_mask" || key == "info" || key == "profile" || key == "requested_mask" || key == "subset" ||
             key == "old-chardev" || key == "new-chardev" || key == "old-disk" || key == "new-disk" ||
             key == "old-fs" || key == "new-fs" || key == "old-net" || key == "new-net" || key == "root_dir" ||
             key == "resrc-name" || key == "sw" || key == "grp" || key == "new_group" || key == "invalid_context";
  }
}

bool Decode(std::string_view digits, std::string* out) {
  const size_t before = out->size();
  if (!DecodeBytes(digits, out)) return false;
  while (out->size() > before && out->back() == '\0') out->pop_back();
  std::replace(out->begin() + static_cast<ptrdiff_t>(before), out->end(), '\0', ' ');
  return true;
}

std::string_view SyscallName(std::string_view arch, std::string_view number) {
  unsigned n = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), n).ec != std::errc()) return {};
  const auto in = [n](const auto& names) { return n < std::size(names) ? names[n] : std::string_view(); };
  if (arch == "c000003e") return in(kX86_64);
  if (arch == "40000003") return in(kX86);
  if (arch == "c00000b7" || arch == "c00000f3") return in(kGeneric);  // aarch64, riscv64
  return {};
}

bool ReadSocketAddress(std::string_view digits, SocketAddress* address) {
  std::string b;
  if (digits.size() > 512 || !DecodeBytes(digits, &b) || b.size() < 4) return false;
  const auto byte = [&](size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(b[i])); };
  const unsigned family = byte(0) | byte(1) << 8;
  const std::string port = std::to_string(byte(2) << 8 | byte(3));
  if (family == 1) {  // AF_UNIX; an abstract name begins with a zero byte
    const size_t first = b[2] == '\0' ? 3 : 2;
    *address = {"unix", b.substr(first, std::min(b.find('\0', first), b.size()) - first), ""};
    return true;
  }
  if (family == 2 && b.size() >= 8) {
    std::string text;
    for (size_t i = 4; i < 8; ++i) text += (i > 4 ? "." : "") + std::to_string(byte(i));
    *address = {"inet", text, port};
    return true;
  }
  if (family == 10 && b.size() >= 24) {
    // The longest run of zero groups is left out (RFC 5952).
    unsigned groups[8];
    for (size_t i = 0; i < 8; ++i) groups[i] = byte(8 + 2 * i) << 8 | byte(9 + 2 * i);
    size_t best = 8, length = 1;
    for (size_t i = 0; i < 8; ++i) {
      size_t run = 0;
      while (i + run < 8 && groups[i + run] == 0) ++run;
      if (run > length) best = i, length = run;
    }
    std::string text;
    for (size_t i = 0; i < 8; ++i) {
      if (i == best) {
        text += "::";
        i += length - 1;
        continue;
      }
      char digits_of[8];
      const auto end = std::to_chars(digits_of, digits_of + 8, groups[i], 16).ptr;
      if (!text.empty() && text.back() != ':') text += ':';
      text.append(digits_of, end);
    }
    *address = {"inet6", text, port};
    return true;
  }
  return false;
}

}  // namespace spoor::auditd
