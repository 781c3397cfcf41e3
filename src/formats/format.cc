#include "formats/format.h"

#include <algorithm>
#include <cstring>

#include "formats/auditd/format.h"
#include "formats/cisco/format.h"
#include "formats/evtx/format.h"
#include "formats/evtx/reader.h"
#include "formats/json/format.h"
#include "formats/syslog/format.h"

namespace spoor {
namespace {

// Adding a format: its folder, and one line here.
const Format kFormats[] = {
    evtx::kFormat,
    auditd::kFormat,
    cisco::kFormat,
    json::kFormat,
    syslog::kFormat,
};

struct Magic {
  size_t offset;
  const char* bytes;
  size_t size;
  const char* what;
};
// Kinds of files people have beside their logs; told apart only to say more than "unknown".
const Magic kOthers[] = {
    {0, "PK\x03\x04", 4, "a zip archive: unpack it first"},
    {0, "\x1f\x8b", 2, "compressed with gzip: unpack it first"},
    {0, "7z\xbc\xaf\x27\x1c", 6, "a 7z archive: unpack it first"},
    {0,
     "\xfd"
     "7zXZ",
     5, "compressed with xz: unpack it first"},
    {0, "\x28\xb5\x2f\xfd", 4, "compressed with zstd: unpack it first"},
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
    return "looks like JSON, of which spoor reads one object a line; make it so with: jq -c . FILE (an object after "
           "another) or jq -c '.[]' FILE (a list of objects)";
  }
  const bool text = std::none_of(head, head + std::min<size_t>(size, 512), [](uint8_t b) {
    return b == 0 || (b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != 0x1b && b != '\f');
  });
  return text ? "text of no format spoor reads (it reads Windows event logs, .evtx, JSON Lines, and messages of Cisco "
                "IOS)"
              : "of no format spoor reads (it reads Windows event logs, .evtx, JSON Lines, and messages of Cisco IOS)";
}

}  // namespace spoor
