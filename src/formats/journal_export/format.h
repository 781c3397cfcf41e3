// The systemd journal as `journalctl -o export`, systemd-journal-gatewayd and systemd-journal-upload write it.
//
//     __REALTIME_TIMESTAMP=1772600761123456<LF>
//     _HOSTNAME=web1<LF>
//     MESSAGE<LF><eight bytes: size, little-endian><so many bytes><LF>     a value that is no line of printable text
//     <LF>                                                                 the entry ends
//
// Fields and log sources are those of the journal as JSON: the same mapping is asked (mapping/data/network.yml).
// Source: systemd.io, "Journal Export Formats".
#pragma once

#include "formats/format.h"

namespace spoor::journal_export {

extern const Format kFormat;

}  // namespace spoor::journal_export
