#include "story/notify.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"

namespace spoor {

std::string NotifyCsv(const TraceResult& result, const Redactor* redact) {
  std::string out = "person,organisation,role,kind,name,state,first,last,campaign,why,evidence,related_to\n";
  // What comes from the evidence or the roster, and what are words of the program's own.
  const auto text = [&](const std::string& value) {
    AppendCsvField(redact == nullptr ? value : redact->Text(value), &out);
    out += ',';
  };
  const auto own = [&](std::string_view value) {
    out += value;
    out += ',';
  };
  for (size_t c = 0; c < result.found.campaigns.size(); ++c) {
    for (const Victim& victim : result.found.campaigns[c].victims) {
      text(victim.person);
      text(victim.organisation.empty() ? victim.tenant : victim.organisation);
      text(victim.role);
      own(VictimKindName(victim.kind));
      text(victim.name);
      own(VictimStateName(victim.state));
      own(victim.first == 0 ? "" : FormatTime(victim.first));
      own(victim.last == 0 ? "" : FormatTime(victim.last));
      own(fmt::format("C{}", c + 1));
      text(victim.why);
      text(victim.records.empty() ? ""
                                  : fmt::format("{}#{}", (*result.files)[victim.records.front().file].path,
                                                victim.records.front().record));
      text(victim.related_to);
      out.back() = '\n';
    }
  }
  return out;
}

}  // namespace spoor
