// What stands around a message in a line of syslog: when, on which machine, by which program.
//
//     <34>Oct 11 22:14:15 host prog[123]: message            RFC 3164, with or without <PRI>, host, [123], year
//     2024-10-11T22:14:15.123+02:00 host prog[123]: message  rsyslog, systemd ("short-iso")
//     <34>1 2024-10-11T22:14:15Z host prog 123 ID47 [a@1 b="c"] message      RFC 5424
//     Mon Oct 14 10:22:11 2024 daemon.info dnsmasq[1]: message               OpenWrt (logread)
//     Mon 2024-10-14 10:22:11 CEST host prog[123]: message   systemd ("short-full")
//     1728894131.123456 host prog[123]: message              systemd ("short-unix")
//     11-Oct-2024 22:14:15.123 queries: info: message        BIND's own file: program named
//     14.10.24 10:22:11 message                              FRITZ!Box: no program
//     [  123.456789] message                                 the kernel's own buffer (dmesg): no time, program kernel
//     prog[123]: message
//
// In front of these may be a length (RFC 6587 section 3.4.1, octet counting).
#pragma once

#include <cstdint>
#include <string_view>

#include "formats/syslog/stamp.h"

namespace spoor::syslog {

struct Envelope {
  enum Kind : uint8_t {
    kNone,  // nothing of the kind; all of the line is the message
    kTag,   // a program with a number, no time
    kBare,  // a priority or a time, no program
    kFull,  // a program and a time (or a priority)
  };
  Kind kind = kNone;
  int64_t time = 0;                         // microseconds since 1970 UTC; 0: unknown
  bool has_year = true;                     // the line tells the year of its time
  std::string_view facility, severity;      // their names; live for ever
  std::string_view host, program, pid;      // pieces of the line; empty: not there
  std::string_view message_id, structured;  // RFC 5424: MSGID, STRUCTURED-DATA
  std::string_view message;
};

// Takes a line apart. Never fails: what cannot be told apart is message. `utc_offset`: seconds east of UTC of times
// without a zone. Thread-safe.
Envelope ReadEnvelope(std::string_view line, const YearRule& years, int32_t utc_offset);

}  // namespace spoor::syslog
