// The debug log of Microsoft's DNS server (dns.log), packets one a line:
//
//     5/6/2024 10:11:12 AM 0E9C PACKET  000002A6 UDP Rcv 192.0.2.5       2a3f   Q [0001   D   NOERROR] A
//     (3)www(7)example(3)com(0)
//
// The columns are explained in the log's own head ("Message logging key"). The date is in the words of the server's
// region: with AM or PM the month is first, otherwise the day is, unless it could not be; with '.' the day, with '-'
// the year is first. Times are the server's local ones (FormatOptions::utc_offset).
//
// Fields: message (the line), query, record_type, src_ip (the other machine; dst_ip where the server sends), protocol,
// direction (Rcv, Snd), query_id, opcode, flags, rcode, response (true for answers). Log source: product windows,
// service dns-server-debug, category dns.
#pragma once

#include "formats/format.h"

namespace spoor::dns_debug {

extern const Format kFormat;

}  // namespace spoor::dns_debug
