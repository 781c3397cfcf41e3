// System messages of Cisco IOS, one a line, as a syslog server keeps them:
//
//     172.16.5.10 6705: Feb 17 13:40:03.673: %PARSER-5-CFGLOG_LOGGEDCMD: User:admin  logged command:no aaa new-model
//
// What makes a line one of these is %FACILITY-SEVERITY-MNEMONIC: (Cisco, "Cisco IOS System Message Guide", "System
// message format"). Fields: message (the whole line), facility, severity, mnemonic; of logged commands user and
// command; host, where the line begins with an address or name.
// The time has no year on most devices: such events have no time. Log source: product cisco; service aaa for
// commands, logins and access control, bgp and ldp for these protocols.
#pragma once

#include "formats/format.h"

namespace spoor::cisco {

extern const Format kFormat;

}  // namespace spoor::cisco
