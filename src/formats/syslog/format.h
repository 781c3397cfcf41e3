// Syslog: lines with a time, a machine and a program in front of a message, as rsyslog, syslog-ng, systemd-journald
// (journalctl's short forms), OpenWrt's logread, the kernel's buffer and the devices of most vendors write them.
//
//     Oct 11 22:14:15 web1 sshd[4711]: Failed password for invalid user admin from 192.0.2.7 port 50022 ssh2
//
// What stands around the message is read by envelope.h; what the message says is data: data/programs.yml names the
// programs, their log source in Sigma's words, and the patterns of their messages (pattern.h). Each line is told by its
// own program, so files in which all programs of a machine, or many machines, write are read like any other.
//
// Every line is an event. A line without an envelope (the second line of a message) is one whose message it is.
// docs/formats/syslog.md tells fields, log sources and how the year of a line is found.
#pragma once

#include "formats/format.h"

namespace spoor::syslog {

extern const Format kFormat;

}  // namespace spoor::syslog
