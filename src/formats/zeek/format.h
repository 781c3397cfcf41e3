// Logs of Zeek (once Bro) as its ASCII writer makes them: tab-separated values below lines that name them.
//
//     #separator \x09
//     #set_separator	,
//     #empty_field	(empty)
//     #unset_field	-
//     #path	dns
//     #fields	ts	uid	id.orig_h …
//     #types	time	string	addr …
//     1521911720.865716	CqKst53mF3det3eDV9	10.47.1.100	…
//
// Source: Zeek, src/logging/writers/ascii/Ascii.cc and src/threading/formatters/Ascii.cc; "The Book of Zeek", "Zeek Log
// Formats and Inspection". Zeek's JSON logs are read by the JSON reader. Both get their log source and their other
// names from mapping/data/network.yml. What comes out: docs/formats/zeek.md.
#pragma once

#include "formats/format.h"

namespace spoor::zeek {

extern const Format kFormat;

}  // namespace spoor::zeek
