// The log of the Linux audit system (audit.log), and its records in what ausearch --raw or a syslog server keeps of it.
//
// The records of one event are one event (chains.h, event_maker.h). docs/formats/auditd.md tells fields and log
// sources.
#pragma once

#include "formats/format.h"

namespace spoor::auditd {

extern const Format kFormat;

}  // namespace spoor::auditd
