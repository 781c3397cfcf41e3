// Logs in the extended log file format of the W3C and its kin: lines below "#Fields:", which may change in the file.
//
//     #Software: Microsoft Internet Information Services 10.0
//     #Date: 2026-03-02 08:00:00
//     #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status
//     2026-03-02 08:00:01 192.0.2.80 GET /a.aspx x=1 443 - 203.0.113.9 Mozilla/5.0+(Windows) 200
//
// IIS, Windows Firewall, proxies (Blue Coat, TMG and ISA, Squid) and Exchange (fields apart by commas, with quotes)
// write it. Sources: W3C Working Draft WD-logfile-960323; Microsoft, "W3C Extended Log File Format (IIS 6.0)", "Message
// tracking", "Windows Firewall log file". Names and log sources: mapping/data/w3c.yml. What comes out:
// docs/formats/w3c.md.
#pragma once

#include "formats/format.h"

namespace spoor::w3c {

extern const Format kFormat;

}  // namespace spoor::w3c
