#include "formats/syslog/format.h"

#include <algorithm>

#include "formats/auditd/chains.h"
#include "formats/lines.h"
#include "formats/syslog/envelope.h"
#include "formats/syslog/payload.h"
#include "formats/syslog/programs.h"
#include "formats/syslog/reader.h"

namespace spoor::syslog {
namespace {

// CEF or LEEF, perhaps with something before it that is no row of a table.
bool IsCefOrLeef(std::string_view message) {
  const size_t at = FindCefOrLeef(message);
  return at != std::string_view::npos && message.substr(0, at).find_first_of("\",;{") == std::string_view::npos;
}

// At least half of the first lines have a time or a priority and what a program or device writes.
bool IsSyslog(const uint8_t* head, size_t size) {
  std::string_view text = AsText(head, std::min<size_t>(size, kPieceHead));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (const size_t first = text.find_first_not_of(" \t\r\n");
      first == std::string_view::npos || text[first] == '{' || text[first] == '#') {
    return false;
  }
  const YearRule years(0);
  int with = 0, without = 0;
  ForEachHeadLine(head, size, [&](std::string_view line) {
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.starts_with("-- ")) return true;
    const Envelope e = ReadEnvelope(line, years, 0);
    // Zero bytes are no text, but anybody may send them to a syslog server, and a machine that lost power leaves them.
    const bool zeros = line.find('\0') != std::string_view::npos;
    const bool known = zeros ? e.kind == Envelope::kFull
                             : e.kind == Envelope::kFull ||
                                   (e.kind == Envelope::kTag && Programs::Get().Find(e.program) != nullptr) ||
                                   (e.kind == Envelope::kBare && !e.host.empty()) ||
                                   Programs::Get().ByMessage(e.message) != nullptr || IsCefOrLeef(e.message);
    ++(known ? with : without);
    return true;
  });
  return with > 0 && with >= without;
}

}  // namespace

const Format kFormat = {"syslog", IsSyslog, MakeReader, auditd::CutEvents};

}  // namespace spoor::syslog
