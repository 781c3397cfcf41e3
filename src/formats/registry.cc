#include "formats/registry.h"

#include <algorithm>
#include <cstring>

#include "formats/access/format.h"
#include "formats/auditd/format.h"
#include "formats/cisco/format.h"
#include "formats/csv/format.h"
#include "formats/dns_debug/format.h"
#include "formats/evtx/format.h"
#include "formats/evtx/reader.h"
#include "formats/evtx_xml/format.h"
#include "formats/journal_export/format.h"
#include "formats/json/format.h"
#include "formats/mail/format.h"
#include "formats/nfdump/format.h"
#include "formats/shell_history/format.h"
#include "formats/syslog/format.h"
#include "formats/w3c/format.h"
#include "formats/zeek/format.h"

namespace spoor {
namespace {

// Adding a format: its folder, and one line here.
const Format kFormats[] = {
    evtx::kFormat,      // Windows event logs
    evtx_xml::kFormat,  // … as XML
    zeek::kFormat,      // Zeek
    w3c::kFormat,       // W3C extended logs: IIS, Exchange, proxies
    access::kFormat,    // access logs of web servers
    access::kErrorFormat,
    access::kSquidFormat,
    nfdump::kFormat,          // flows
    auditd::kFormat,          // the Linux audit log
    journal_export::kFormat,  // the systemd journal
    cisco::kFormat,           // messages of Cisco IOS
    json::kFormat,            // JSON of every form
    mail::kFormat,            // messages: EML, mbox, Maildir
    csv::kKnownFormat,        // tables with columns that are known: rows of some look like syslog
    shell_history::kFormat,   // histories of bash and zsh
    syslog::kFormat,          // syslog, and what devices send by it
    dns_debug::kFormat,       // debug log of Microsoft's DNS server
    csv::kFormat,             // tables; what has rows of equal width: the last
};

struct Magic {
  size_t offset;
  const char* bytes;
  size_t size;
  const char* what;
};
// Kinds of files people have beside their logs; told apart only to say more than "unknown".
const Magic kOthers[] = {
    {0, "\xd4\xc3\xb2\xa1", 4, "a network capture: make logs of it with Zeek (zeek -r FILE), and give those"},
    {0, "\xa1\xb2\xc3\xd4", 4, "a network capture: make logs of it with Zeek (zeek -r FILE), and give those"},
    {0, "\x4d\x3c\xb2\xa1", 4, "a network capture: make logs of it with Zeek (zeek -r FILE), and give those"},
    {0, "\x0a\x0d\x0d\x0a", 4, "a network capture: make logs of it with Zeek (zeek -r FILE), and give those"},
    {0, "GMBU", 4,
     "a network capture of Microsoft's tools: make logs of it (convert it to pcap, then Zeek), and give those"},
    {0, "\0\x05\x16\x07", 4, "what macOS keeps beside files (AppleDouble), no log"},
    {0, "SQLite format 3", 15, "an SQLite database"},
    {0, "MZ", 2, "a Windows program"},
    {0,
     "\x7f"
     "ELF",
     4, "a program"},
    {0, "%PDF", 4, "a PDF document"},
    {0, "regf", 4, "a Windows registry hive"},
};

}  // namespace

const Format* Recognise(const uint8_t* head, size_t size) {
  for (const Format& format : kFormats) {
    if (format.recognise(head, size)) return &format;
  }
  return nullptr;
}

std::string WhyUnread(const uint8_t* head, size_t size) {
  if (size == 0) return "empty";
  if (evtx::IsLegacyEventLog(head, size)) {
    return "an event log of Windows before Vista (.evt), which spoor does not read; convert it on a Windows machine: "
           "wevtutil export-log OLD.evt NEW.evtx /lf:true";
  }
  if (std::all_of(head, head + size, [](uint8_t b) { return b == 0; })) return "nothing but zero bytes";
  for (const Magic& m : kOthers) {
    if (size >= m.offset + m.size && std::memcmp(head + m.offset, m.bytes, m.size) == 0) {
      return m.what;
    }
  }
  if (const size_t first = AsText(head, size).find_first_not_of(" \t\r\n");
      first != std::string_view::npos && (head[first] == '{' || head[first] == '[')) {
    return "looks like JSON, of which spoor reads objects: one a line, over many lines, in a list";
  }
  const bool text = std::none_of(head, head + std::min<size_t>(size, 512), [](uint8_t b) {
    return b == 0 || (b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != 0x1b && b != '\f');
  });
  return text ? "text of no format spoor knows (docs/formats.md names those it reads; a mapping file teaches it others)"
              : "of no format spoor knows (docs/formats.md names those it reads)";
}

}  // namespace spoor
