// Flows as nfdump prints them: -o line, long, extended (and their forms with whole IPv6 addresses, line6, …).
//
//     Date first seen          Duration Proto      Src IP Addr:Port          Dst IP Addr:Port   Packets    Bytes Flows
//     2026-03-02 08:00:01.123     0.512 TCP         192.0.2.7:50000 ->     203.0.113.9:443         12    1.2 M     1
//     Summary: total flows: 1, total bytes: 1.2 M, …
//
// What a row holds is told by the row: with flags behind the addresses it is "long", with seven numbers behind these
// "extended". Fields have the names of nfdump's CSV, so that the same mapping tells what they are (tables.yml).
//
// Source: nfdump(1), "OUTPUT FORMATS"; nfdump's output_fmt.c.
#pragma once

#include "formats/format.h"

namespace spoor::nfdump {

extern const Format kFormat;

}  // namespace spoor::nfdump
