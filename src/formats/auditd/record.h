// One record of the Linux audit system: the line that has it, and the fields in it.
//
//     type=SYSCALL msg=audit(1700000000.123:4711): arch=c000003e syscall=59 success=yes … comm="cat"
//     key="x"<1D>ARCH=x86_64 … node=web1 type=EXECVE msg=audit(1700000000.123:4711): argc=2 a0="cat"
//     a1=2F746D702F61206220 audit: type=1400 audit(1700000000.123:45): apparmor="DENIED" …          the kernel's own
//     form, in syslog
//     type=SYSCALL msg=audit(01/02/2026 03:04:05.123:42) : arch=x86_64 …   ausearch -i: interpreted.h
//
// Sources: audit-userspace, "Audit event fields" and auparse/typetab.h (which fields are written in hexadecimal);
// linux/audit.h (numbers of record types); auditd.conf(5), log_format = ENRICHED (what stands behind the byte 1D).
// All functions are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spoor::auditd {

struct RecordHead {
  std::string_view node;    // of node=…; empty: none
  std::string_view type;    // "SYSCALL"; a name for the kernel's numbers where there is one
  std::string_view id;      // "1700000000.123:4711": records that share it are of one event
  std::string_view serial;  // "4711"
  std::string_view body;    // behind "): "
  int64_t time = 0;         // microseconds since 1970 UTC
  // As `ausearch -i` writes it (interpreted.h): the time is the machine's own, here taken as if it were UTC.
  bool interpreted = false;
};

// False: the text has no "audit(time:serial):".
bool ReadHead(std::string_view text, RecordHead* head);

// Calls fn(key, value, quoted) for each field of a body, those within msg='…' and behind the byte 1D included.
template <typename Fn>
void ForEachField(std::string_view body, Fn&& fn);

// True where a value of that name that is not in quotes may be hexadecimal digits of its bytes.
bool MayBeHex(std::string_view type, std::string_view key);
// Appends the bytes that upper-case hexadecimal digits stand for; zero bytes become spaces. False: they are none.
bool Decode(std::string_view digits, std::string* out);
// The name of a system call by SYSCALL's arch and syscall; empty: unknown.
std::string_view SyscallName(std::string_view arch, std::string_view number);

struct SocketAddress {
  std::string family, address, port;  // "inet", "192.0.2.1", "443"; "unix", "/run/x", ""
};
// SOCKADDR's saddr, little-endian machines. False: none of these families, or cut.
bool ReadSocketAddress(std::string_view digits, SocketAddress* address);

namespace internal {
// Where a value that begins at `at` ends: in quotes (their own place in *quote), else at a space, at 1D or the end.
size_t ValueEnd(std::string_view text, size_t at, char* quote);
}  // namespace internal

template <typename Fn>
void ForEachField(std::string_view body, Fn&& fn) {
  size_t at = 0;
  while (at < body.size()) {
    const char c = body[at];
    if (c == ' ' || c == '\x1d' || c == ',' || c == '\'' || c == '}' || c == '{') {
      ++at;
      continue;
    }
    size_t equals = at;
    while (equals < body.size() && body[equals] != '=' && body[equals] != ' ' && body[equals] != '\x1d') ++equals;
    if (equals >= body.size() || body[equals] != '=') {  // a word alone
      at = equals;
      continue;
    }
    const std::string_view key = body.substr(at, equals - at);
    at = equals + 1;
    if (at < body.size() && body[at] == '\'' && key == "msg") {  // fields within: op=login acct="root" …
      ++at;
      continue;
    }
    if (at < body.size() && body[at] == '{') {  // SADDR={ saddr_fam=inet laddr=… }: fields within
      ++at;
      continue;
    }
    char quote = 0;
    const size_t stop = internal::ValueEnd(body, at, &quote);
    const size_t first = quote != 0 ? at + 1 : at;
    if (!key.empty()) fn(key, body.substr(first, stop - first), quote != 0);
    at = quote != 0 && stop < body.size() ? stop + 1 : stop;
  }
}

}  // namespace spoor::auditd
