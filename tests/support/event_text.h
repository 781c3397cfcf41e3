// Event logs described in text, for tests and for demonstration evidence: from lines to an EVTX file.
//
//     # A comment. Settings hold for the events after them.
//     log: Microsoft-Windows-Sysmon/Operational
//     provider: Microsoft-Windows-Sysmon {5770385f-c22a-43e0-bf4c-06f5698ffbd9}
//     computer: WS1.acme.example
//
//     event 1  2026-01-02T03:04:05.678901Z  level=4 record=4711
//       Image: C:\Windows\System32\cmd.exe
//       ProcessId: uint32 4242
//       ProcessGuid: guid {11111111-2222-3333-4444-555555555555}
//     event 1  +500ms
//       Image: C:\Windows\System32\whoami.exe
//
// Lines
//   log: CHANNEL
//   provider: NAME [{GUID}] [EVENT SOURCE NAME]
//   computer: NAME
//   user: SID | none
//   form: nested | single | bare | elements | bare-elements | plain
//       how records are stored (Form in binxml.h)
//   system: substituted | literal
//       provider and channel as values (manifest providers) or as constants (classic ones)
//   strings: exact | terminated
//       whether string values include a NUL at their end
//   file: OPTION…
//       dirty, full, header=unwritten, chunks=N (what the header says), records-per-chunk=N, empty-chunks=N
//   event ID TIME [KEY=VALUE…]
//       TIME is RFC 3339 with up to seven digits, or +DURATION after the event before (us, ms, s, m, h, d).
//       Keys: record, recordid (EventRecordID, default record), level, task, opcode, keywords, version,
//       qualifiers, pid, tid, user, activity, related; a key may stand in brackets. VALUE null leaves it out.
//   chunk
//       the next event begins a new chunk
//   slack [gap=BYTES]
//       the events up to the end of the chunk lie behind its free-space offset
//   repeat N … end
//       the lines between, N times. In them {n} is the turn from 0; {n+7}, {n*4}, {n%60}, in a chain from
//       left to right {n%60+1}; {02n} pads with zeros to two digits; {n:a|b|c} takes one of the words, turn
//       by turn. Not nested.
//
// The body of an event is what is indented below it:
//   NAME: VALUE      <Data Name="NAME"> of EventData
//   NAME?: VALUE     the same as an optional substitution: left out where VALUE is null
//   - VALUE          <Data> without a name
//   <…               XML from here to the end of the body, for everything else: <UserData>, <RenderingInfo>,
//                    EventData of its own making. %{VALUE} is a substitution, %?{VALUE} an optional one; all
//                    other text is constant (see xml_text.h). RenderingInfo stays outside the nested value.
//
// VALUE
//   text as it stands, or "quoted" where it would look like something else or has edges, with the escapes
//       \n \r \t \0 \" \\ \u{1f600} (a lone surrogate too)
//   TYPE text: string ansi int8 uint8 int16 uint16 int32 uint32 int64 uint64 float double bool bool8
//       (one byte) binary (hexadecimal) guid size32 size64 filetime systemtime sid hex32 hex64 handle evtxml
//   TYPE[] a, b, c    an array; elements with commas in quotes
//   null [TYPE]       no value, where TYPE is expected
//   const text        no value at all but constant text in the template
//   raw 0x1f 00ff     any type number with any bytes
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "support/evtx_writer.h"

namespace spoor::test {

// The EVTX file that `description` describes. Errors name the line.
absl::StatusOr<std::string> MakeEvtx(std::string_view description);

// The same, as a tree of records for a test that goes on with them.
absl::StatusOr<std::vector<Record>> ParseEvents(std::string_view description);

}  // namespace spoor::test
